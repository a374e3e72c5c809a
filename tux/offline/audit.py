"""The audit log of a guild: who did what to whom, with which reason and which changes."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    import discord

    from tux.offline.shapes import Json
    from tux.offline.state import Guild
    from tux.offline.world import World


@dataclass(frozen=True, slots=True)
class Doer:
    """Who does something to a guild (the bot when None), and the reason given."""

    user_id: str | None = None
    reason: str | None = None


BOT = Doer()


@dataclass(frozen=True, slots=True)
class Deed:
    """One thing done to a guild."""

    action: discord.AuditLogAction
    target_id: str | None
    doer: Doer = BOT
    changes: list[Json] = field(default_factory=list["Json"])
    options: Json | None = None


def record(world: World, guild: Guild, deed: Deed) -> None:
    """Write a deed into the guild's audit log and announce it to sessions with the intent."""
    entry: Json = {
        "id": world.snowflake(),
        "user_id": deed.doer.user_id or world.bot["id"],
        "target_id": deed.target_id,
        "action_type": deed.action.value,
    }
    if deed.changes:
        entry["changes"] = deed.changes
    if deed.options:
        entry["options"] = deed.options
    if deed.doer.reason:
        entry["reason"] = deed.doer.reason
    guild.audit.append(entry)
    world.emit("GUILD_AUDIT_LOG_ENTRY_CREATE", entry | {"guild_id": guild.id}, guild=guild)


def differences(before: Mapping[str, object], after: Mapping[str, object], keys: Iterable[str]) -> list[Json]:
    """Return the changes between two states of an object in the audit log's form."""
    return [
        {"key": key, "old_value": before.get(key), "new_value": after.get(key)}
        for key in keys
        if before.get(key) != after.get(key)
    ]


def role_difference(guild: Guild, before: Iterable[str], after: Iterable[str]) -> list[Json]:
    """Return the audit log's changes `$add` and `$remove` of a member's roles."""
    old, new = set(before), set(after)
    changes: list[Json] = []
    for key, ids in (("$add", new - old), ("$remove", old - new)):
        if ids:
            roles = [{"id": role_id, "name": guild.roles[role_id]["name"]} for role_id in sorted(ids)]
            changes.append({"key": key, "new_value": roles})
    return changes
