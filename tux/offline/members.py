"""Joining, leaving, being changed, banned and unbanned: what happens to the members of a guild."""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING

import discord

from tux.offline.audit import BOT, Deed, Doer, differences, record, role_difference
from tux.offline.happenings import BanChanged, MemberChanged, MemberJoined, MemberLeft
from tux.offline.refusals import unknown
from tux.offline.shapes import Json, new_member

if TYPE_CHECKING:
    from tux.offline.state import Guild
    from tux.offline.world import World


def find_member(guild: Guild, user_id: str) -> Json:
    """Return the member, or refuse with 10007."""
    if user_id not in guild.members:
        raise unknown("Member")
    return guild.members[user_id]


def add_member(world: World, guild: Guild, user: Json, role_ids: list[str]) -> Json:
    """Let a user join a guild; all are told."""
    member = new_member(user, world.timestamp()) | {"roles": role_ids}
    guild.members[user["id"]] = member
    world.emit("GUILD_MEMBER_ADD", member | {"guild_id": guild.id}, guild=guild)
    world.tell(MemberJoined(guild, user))
    return member


def remove_member(world: World, guild: Guild, user_id: str) -> None:
    """Take a member out of a guild; all are told."""
    member = find_member(guild, user_id)
    world.emit("GUILD_MEMBER_REMOVE", {"guild_id": guild.id, "user": member["user"]}, guild=guild)
    del guild.members[user_id]
    world.tell(MemberLeft(guild, member["user"]))


def change_member(world: World, guild: Guild, member: Json, fields: Json, doer: Doer = BOT) -> None:
    """Set fields of a member; write the audit log as Discord does, in two entries when roles change too."""
    before = copy.copy(member)
    member.update(fields)
    user_id = member["user"]["id"]
    changes = differences(before, member, ("nick", "communication_disabled_until", "mute", "deaf"))
    roles = role_difference(guild, before["roles"], member["roles"])
    if not changes and not roles:
        return
    world.emit("GUILD_MEMBER_UPDATE", member | {"guild_id": guild.id}, guild=guild)
    world.tell(MemberChanged(guild, before, copy.copy(member)))
    if changes:
        record(world, guild, Deed(discord.AuditLogAction.member_update, user_id, doer, changes))
    if roles:
        record(world, guild, Deed(discord.AuditLogAction.member_role_update, user_id, doer, roles))


def kick_member(world: World, guild: Guild, user_id: str, doer: Doer = BOT) -> None:
    """Kick a member."""
    remove_member(world, guild, user_id)
    record(world, guild, Deed(discord.AuditLogAction.kick, user_id, doer))


def ban_user(world: World, guild: Guild, user_id: str, doer: Doer = BOT) -> None:
    """Ban a user, member or not; a second ban changes nothing."""
    user = world.user(user_id)
    if user_id in guild.bans:
        return
    guild.bans[user_id] = {"user": user, "reason": doer.reason}
    world.emit("GUILD_BAN_ADD", {"guild_id": guild.id, "user": user}, guild=guild)
    if user_id in guild.members:
        remove_member(world, guild, user_id)
    record(world, guild, Deed(discord.AuditLogAction.ban, user_id, doer))
    world.tell(BanChanged(guild, user, banned=True, reason=doer.reason))


def unban_user(world: World, guild: Guild, user_id: str, doer: Doer = BOT) -> None:
    """Lift a ban, or refuse with 10026."""
    ban = guild.bans.pop(user_id, None)
    if ban is None:
        raise unknown("Ban")
    world.emit("GUILD_BAN_REMOVE", {"guild_id": guild.id, "user": ban["user"]}, guild=guild)
    record(world, guild, Deed(discord.AuditLogAction.unban, user_id, doer))
    world.tell(BanChanged(guild, ban["user"], banned=False, reason=doer.reason))
