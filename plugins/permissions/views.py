"""How ranks look."""

from __future__ import annotations

from typing import TYPE_CHECKING

from plugins.permissions import COMMANDS, MEMBERS, ROLES
from plugins.permissions.models import MAX_RANK, PermissionLevel
from plugins.permissions.ranks import rank_name
from tux.ui import danger, info, success

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    import discord

    from plugins.permissions.models import PermissionRank
    from plugins.permissions.ranks import AskedRank, Reason
    from tux.plugin import Snapshot


def ranks_embed(snapshot: Snapshot, named: Iterable[PermissionRank]) -> discord.Embed:
    """Return the eleven ranks, highest first, each with its roles."""
    described = {rank.rank: rank.description for rank in named if rank.description}
    roles: dict[int, list[str]] = {}
    for role_id, rank in ROLES.of(snapshot).items():
        roles.setdefault(rank, []).append(f"<@&{role_id}>")
    lines = [
        " ".join(
            (
                f"**{rank}** {rank_name(snapshot, rank)}",
                *sorted(roles.get(rank, ())),
                *((f"— {described[rank]}",) if rank in described else ()),
            )
        )
        for rank in range(MAX_RANK, -1, -1)
    ]
    return info("Ranks", "\n".join(lines))


def roles_embed(snapshot: Snapshot) -> discord.Embed:
    """Return the roles that have a rank, highest first."""
    pairs = sorted(ROLES.of(snapshot).items(), key=lambda pair: (-pair[1], pair[0]))
    lines = [f"<@&{role_id}>: {_called(snapshot, rank)}" for role_id, rank in pairs]
    return info("Ranks of roles", "\n".join(lines) or "None yet. Give one: `/config roles set`.")


def members_embed(snapshot: Snapshot) -> discord.Embed:
    """Return the members that have a level of their own, highest first."""
    ranks = {user_id: PermissionLevel(level).rank for user_id, level in MEMBERS.of(snapshot).items()}
    pairs = sorted(ranks.items(), key=lambda pair: (-pair[1], pair[0]))
    lines = [f"<@{user_id}>: {_called(snapshot, rank)}" for user_id, rank in pairs]
    return info("Ranks of members", "\n".join(lines) or "None yet. Give one: `/config members set`.")


def commands_embed(snapshot: Snapshot, own: Mapping[str, int]) -> discord.Embed:
    """Return the ranks that commands ask for: what the guild decided, and what they ask for by themselves."""
    asked = COMMANDS.of(snapshot)
    lines = [f"`{name}`: {_called(snapshot, rank)}" for name, rank in sorted(asked.items())]
    embed = info("Ranks of commands", "\n".join(lines) or "This server has not changed any: `/config commands set`.")
    by_rank: dict[int, list[str]] = {}
    for name, rank in sorted(own.items()):
        by_rank.setdefault(rank, []).append(f"`{name}`")
    for rank, names in sorted(by_rank.items()):
        embed.add_field(name=f"By default {_called(snapshot, rank)}", value=_fitting(names), inline=False)
    return embed


def why_embed(who: str, command: str, verdict: bool, lines: Iterable[str]) -> discord.Embed:
    """Return why somebody may or may not use a command."""
    make, word = (success, "may") if verdict else (danger, "may not")
    return make(f"{who} {word} use {command}", "\n".join(lines))


def reason_lines(snapshot: Snapshot, reasons: Iterable[Reason]) -> list[str]:
    """Return what gives a member a rank, one line each; the first counts."""
    words = {"member": "their own level", "role": "the role", "level role": "the level of the role"}
    return [
        f"- {words[reason.source]}{f' <@&{reason.role_id}>' if reason.role_id else ''}: {_called(snapshot, reason.rank)}"
        for reason in reasons
    ]


def asked_line(snapshot: Snapshot, command: str, asked: AskedRank | None, own: int | None) -> str:
    """Return which rank a command asks for, and who decided that."""
    if asked is not None:
        by = "" if asked.name == command else f", by its parent `{asked.name}`"
        return f"This server asks for {_called(snapshot, asked.rank)}{by} (`/config commands`)."
    if own is not None:
        return f"The command asks for {_called(snapshot, own)} by itself."
    return "The command is for everybody."


def _called(snapshot: Snapshot, rank: int) -> str:
    return f"rank {rank} ({rank_name(snapshot, rank)})"


def _fitting(names: list[str], limit: int = 1024) -> str:
    """Return names as they fit into a field of an embed; how many are left out is said."""
    text = ", ".join(names)
    shown = len(names)
    while len(text) > limit:
        shown -= 1
        text = f"{', '.join(names[:shown])} and {len(names) - shown} more"
    return text
