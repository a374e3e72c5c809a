"""Who may do what: Discord's permission algorithm (channel overwrites, time-outs, hierarchy of roles)."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

import discord

from tux.offline.refusals import missing_access, missing_permissions, unknown

if TYPE_CHECKING:
    from collections.abc import Iterable

    from tux.offline.shapes import Json
    from tux.offline.state import Channel, Guild
    from tux.offline.world import World

ALL = discord.Permissions.all().value
ADMINISTRATOR = discord.Permissions(administrator=True).value
VIEW = discord.Permissions(view_channel=True).value
SEND = discord.Permissions(send_messages=True).value
TIMED_OUT = discord.Permissions(view_channel=True, read_message_history=True).value
NEEDS_SEND = discord.Permissions(
    mention_everyone=True, send_tts_messages=True, attach_files=True, embed_links=True
).value
EVERYONE = discord.Permissions(
    view_channel=True,
    send_messages=True,
    send_messages_in_threads=True,
    create_public_threads=True,
    create_private_threads=True,
    embed_links=True,
    attach_files=True,
    add_reactions=True,
    external_emojis=True,
    read_message_history=True,
    use_application_commands=True,
    change_nickname=True,
    create_instant_invite=True,
    connect=True,
    speak=True,
).value


def bits(*names: str) -> int:
    """Return the permissions called by discord.py's names as one number.

    Raises:
        TypeError: there is no permission of that name.
    """
    return discord.Permissions(**dict.fromkeys(names, True)).value


def guild_permissions(guild: Guild, user_id: str) -> int:
    """Return what the roles of a member give, before any channel; nothing for a stranger."""
    if guild.data["owner_id"] == user_id:
        return ALL
    member = guild.members.get(user_id)
    if member is None:
        return 0
    total = 0
    for role_id in (guild.id, *member["roles"]):
        total |= int(guild.roles[role_id]["permissions"])
    return ALL if total & ADMINISTRATOR else total


def channel_permissions(world: World, channel: Channel, user_id: str) -> int:
    """Return what a user may do in a channel; a thread has the overwrites of its parent."""
    guild = channel.guild
    if guild is None:
        return ALL & ~bits("manage_messages", "manage_channels", "manage_roles")
    total = guild_permissions(guild, user_id)
    member = guild.members.get(user_id)
    if total == ALL or member is None:
        return total
    total = _overwritten(total, (channel.parent or channel).data, guild.id, member)
    if not total & VIEW:
        return 0
    if not total & SEND and not channel.is_thread:
        total &= ~NEEDS_SEND
    return total & TIMED_OUT if is_timed_out(world, member) else total


def _overwritten(total: int, channel: Json, everyone_id: str, member: Json) -> int:
    overwrites = {str(entry["id"]): entry for entry in channel.get("permission_overwrites", ())}
    for group in ((everyone_id,), tuple(member["roles"]), (member["user"]["id"],)):
        chosen = [overwrites[key] for key in group if key in overwrites]
        for entry in chosen:
            total &= ~int(entry["deny"])
        for entry in chosen:
            total |= int(entry["allow"])
    return total


def is_timed_out(world: World, member: Json) -> bool:
    """Whether a time-out of the member is still running."""
    until = member["communication_disabled_until"]
    return until is not None and datetime.fromisoformat(until) > world.now()


def can_see(world: World, channel: Channel, user_id: str) -> bool:
    """Whether a user sees the channel; a direct-message channel is seen by its two people."""
    if channel.guild is None:
        return user_id in {world.bot["id"], channel.data["recipients"][0]["id"]}
    return bool(channel_permissions(world, channel, user_id) & VIEW)


def rank_of_role(role: Json) -> tuple[int, int]:
    """Return what orders roles: the higher position, then the older one, is above."""
    return (int(role["position"]), -int(role["id"]))


def top_rank(guild: Guild, user_id: str) -> tuple[int, int]:
    """Return the rank of a member's highest role."""
    member = guild.members.get(user_id)
    held: Iterable[str] = member["roles"] if member is not None else ()
    return max((rank_of_role(guild.roles[key]) for key in held), default=(0, 0))


def outranks(guild: Guild, actor_id: str, target_id: str) -> bool:
    """Whether the actor stands above the target: the guild's owner above all, equals not above each other."""
    if guild.data["owner_id"] == target_id:
        return False
    return guild.data["owner_id"] == actor_id or top_rank(guild, actor_id) > top_rank(guild, target_id)


def require(world: World, guild: Guild, *names: str) -> None:
    """Refuse with 50013 unless the bot has all these permissions in the guild."""
    needed = bits(*names)
    if guild_permissions(guild, world.bot["id"]) & needed != needed:
        raise missing_permissions()


def require_in(world: World, channel: Channel, *names: str) -> None:
    """Refuse with 50001 when the bot cannot see the channel, with 50013 when it lacks a permission there."""
    have = channel_permissions(world, channel, world.bot["id"])
    if not have & VIEW:
        raise missing_access()
    needed = bits(*names)
    if have & needed != needed:
        raise missing_permissions()


def require_above(world: World, guild: Guild, user_id: str) -> None:
    """Refuse with 50013 unless the bot stands above the member."""
    if user_id in guild.members and not outranks(guild, world.bot["id"], user_id):
        raise missing_permissions()


def require_role_below(world: World, guild: Guild, role_id: str) -> Json:
    """Return the role, or refuse with 50013 unless it is below the bot's highest.

    Raises:
        DiscordRefusal: 10011 when there is no such role.
    """
    role = guild.roles.get(role_id)
    if role is None:
        raise unknown("Role")
    bot_id = world.bot["id"]
    if role["managed"] or (guild.data["owner_id"] != bot_id and rank_of_role(role) >= top_rank(guild, bot_id)):
        raise missing_permissions()
    return role
