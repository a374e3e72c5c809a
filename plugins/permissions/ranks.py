"""What the guild's snapshot says of ranks: which one a member has and why, and which one a command asks for."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, NamedTuple

from plugins.guild import LEVELS
from plugins.permissions import COMMANDS, MEMBERS, NAMES, ROLES
from plugins.permissions.models import PermissionLevel

if TYPE_CHECKING:
    from collections.abc import Iterable

    from tux.plugin import Snapshot

OWNER_RANK = PermissionLevel.OWNER.rank


@dataclass(frozen=True, slots=True)
class Reason:
    """One thing that gives a member a rank: their own level, or a role by its rank or its level of `/config level`."""

    rank: int
    source: Literal["member", "role", "level role"]
    role_id: int | None = None


class AskedRank(NamedTuple):
    """The rank that a guild asks for a command, and the name, the command's or a parent's, under which it did so."""

    name: str
    rank: int


def reasons_for(snapshot: Snapshot, user_id: int, role_ids: Iterable[int]) -> list[Reason]:
    """Return all that gives a member a rank, highest first."""
    found: list[Reason] = []
    level = MEMBERS.of(snapshot).get(user_id)
    if level is not None:
        found.append(Reason(PermissionLevel(level).rank, "member"))
    ranks, levels = ROLES.of(snapshot), LEVELS.of(snapshot)
    for role_id in role_ids:
        if role_id in ranks:
            found.append(Reason(ranks[role_id], "role", role_id))
        if role_id in levels:
            found.append(Reason(levels[role_id], "level role", role_id))
    return sorted(found, key=lambda reason: -reason.rank)


def effective_rank(snapshot: Snapshot, user_id: int, role_ids: Iterable[int]) -> int:
    """Return a member's rank: the highest of their level and of their roles, 0 without any."""
    return max((reason.rank for reason in reasons_for(snapshot, user_id, role_ids)), default=0)


def asked_rank(snapshot: Snapshot, command: str) -> AskedRank | None:
    """Return what the guild asks for a command, else for its nearest parent; None: the command's own rank holds."""
    asked = COMMANDS.of(snapshot)
    words = command.split()
    for length in range(len(words), 0, -1):
        name = " ".join(words[:length])
        if name in asked:
            return AskedRank(name, asked[name])
    return None


def rank_name(snapshot: Snapshot, rank: int) -> str:
    """Return what the guild calls a rank, else the bot's name of it."""
    return NAMES.of(snapshot).get(rank) or default_name(rank)


def default_name(rank: int) -> str:
    """Return what the bot calls a rank: the name of its level."""
    return list(PermissionLevel)[rank].replace("_", " ").capitalize()
