"""Building guilds, roles and channels, by the narrator of a scene or by the bot's requests."""

from __future__ import annotations

from typing import TYPE_CHECKING

import discord

from tux.offline.happenings import ChannelChanged, RoleChanged
from tux.offline.permissions import ADMINISTRATOR, ALL, EVERYONE
from tux.offline.shapes import Json, new_channel, new_guild, new_member, new_role, without
from tux.offline.state import Channel, Guild

if TYPE_CHECKING:
    from tux.offline.world import World

BOT_PERMISSIONS = ALL & ~ADMINISTRATOR


def guild_json(guild: Guild) -> Json:
    """Return a guild as REST shows it."""
    return guild.data | {"roles": list(guild.roles.values()), "emojis": list(guild.emojis.values())}


def guild_create_json(world: World, guild: Guild, *, with_members: bool) -> Json:
    """Return a guild as GUILD_CREATE shows it: with all members, or with the bot alone."""
    members = list(guild.members.values()) if with_members else [guild.members[world.bot["id"]]]
    return guild_json(guild) | {
        "joined_at": guild.members[world.bot["id"]]["joined_at"],
        "large": not with_members,
        "unavailable": False,
        "member_count": len(guild.members),
        "members": members,
        "channels": [without(channel.data, "guild_id") for channel in guild.channels.values()],
        "threads": [thread.data for thread in guild.threads.values() if not is_archived(thread)],
        **{
            key: []
            for key in ("voice_states", "presences", "stage_instances", "guild_scheduled_events", "soundboard_sounds")
        },
    }


def is_archived(thread: Channel) -> bool:
    """Whether a thread is archived."""
    return bool(thread.data["thread_metadata"]["archived"])


def add_guild(world: World, name: str, *, owner: Json | None = None, bot_permissions: int = BOT_PERMISSIONS) -> Guild:
    """Return a new guild with its owner and the bot, and with a channel #general; the bot is told."""
    guild_id, owner = world.snowflake(), owner or world.owner
    guild = Guild(new_guild(guild_id, name, owner["id"]))
    guild.roles[guild_id] = new_role(guild_id, "@everyone", EVERYONE, 0)
    bot_role = new_role(world.snowflake(), world.bot["username"], bot_permissions, 1)
    bot_role |= {"managed": True, "tags": {"bot_id": world.bot["id"]}}
    guild.roles[bot_role["id"]] = bot_role
    for user in (owner, world.bot):
        guild.members[user["id"]] = new_member(user, world.timestamp())
    guild.members[world.bot["id"]]["roles"].append(bot_role["id"])
    world.guilds[guild_id] = guild
    general = place_channel(world, guild, new_channel(world.snowflake(), guild_id, "general", 0, 0))
    guild.data["system_channel_id"] = general.id
    world.emit("GUILD_CREATE", {}, guild=guild)
    return guild


def remove_guild(world: World, guild: Guild) -> None:
    """Take the bot out of a guild and forget the guild."""
    world.emit("GUILD_DELETE", {"id": guild.id}, guild=guild)
    del world.guilds[guild.id]
    for channel_id in (*guild.channels, *guild.threads):
        world.channels.pop(channel_id, None)
    world.commands.pop(guild.id, None)
    for registry in (world.webhooks, world.invites):
        for key in [key for key, value in registry.items() if value.get("guild_id") == guild.id]:
            del registry[key]


def restore_guild(world: World, guild: Guild) -> None:
    """Bring a guild back that was removed, with all that is in it; the bot is told, as when it is invited again."""
    world.guilds[guild.id] = guild
    world.channels.update({**guild.channels, **guild.threads})
    world.emit("GUILD_CREATE", {}, guild=guild)


def place_channel(world: World, guild: Guild, data: Json) -> Channel:
    """Return a channel made of `data`, known to the world and the guild, without telling anybody."""
    channel = Channel(data, guild)
    guild.channels[channel.id] = world.channels[channel.id] = channel
    return channel


def add_channel(world: World, guild: Guild, name: str, kind: int = 0, **fields: object) -> Channel:
    """Return a new channel of a guild; `fields` are those of Discord's API."""
    data = new_channel(world.snowflake(), guild.id, name, kind, len(guild.channels)) | fields
    channel = place_channel(world, guild, data)
    announce_channel(world, channel, "create")
    return channel


def announce_channel(world: World, channel: Channel, change: str) -> None:
    """Tell everybody that a channel or thread was created, updated or deleted."""
    family = "THREAD" if channel.is_thread else "CHANNEL"
    world.emit(f"{family}_{change.upper()}", channel.data, channel=channel)
    world.tell(ChannelChanged(channel, change))


def drop_channel(world: World, channel: Channel) -> None:
    """Delete a channel with its threads, or a thread; children of a category lose their parent."""
    guild = channel.guild
    if guild is None:
        return
    for thread in [thread for thread in guild.threads.values() if thread.parent is channel]:
        drop_channel(world, thread)
    for child in guild.channels.values():
        if child.data["parent_id"] == channel.id:
            child.data["parent_id"] = None
            announce_channel(world, child, "update")
    (guild.threads if channel.is_thread else guild.channels).pop(channel.id)
    del world.channels[channel.id]
    announce_channel(world, channel, "delete")


def add_role(world: World, guild: Guild, name: str, permissions: int = 0, *, below_bot: bool = False) -> Json:
    """Return a new role at the bottom, as Discord makes it, or directly below the bot's own."""
    role = new_role(world.snowflake(), name, permissions, 1)
    guild.roles[role["id"]] = role
    announce_role(world, guild, role, "create")
    if below_bot:
        top = next(item for item in guild.roles.values() if item.get("tags", {}).get("bot_id") == world.bot["id"])
        role["position"], top["position"] = top["position"], top["position"] + 1
        for changed in (role, top):
            announce_role(world, guild, changed, "update")
    return role


def announce_role(world: World, guild: Guild, role: Json, change: str) -> None:
    """Tell everybody that a role was created, updated or deleted."""
    data: Json = {"guild_id": guild.id} | ({"role_id": role["id"]} if change == "delete" else {"role": role})
    world.emit(f"GUILD_ROLE_{change.upper()}", data, guild=guild)
    world.tell(RoleChanged(guild, role, change))


def drop_role(world: World, guild: Guild, role: Json) -> None:
    """Delete a role and take it from all who have it."""
    del guild.roles[role["id"]]
    for member in guild.members.values():
        if role["id"] in member["roles"]:
            member["roles"] = [key for key in member["roles"] if key != role["id"]]
    announce_role(world, guild, role, "delete")


def find_channel(guild: Guild, name: str) -> Channel | None:
    """Return the guild's first channel or thread of that name."""
    everything = (*guild.channels.values(), *guild.threads.values())
    return next((channel for channel in everything if channel.data["name"] == name), None)


def find_role(guild: Guild, name: str) -> Json | None:
    """Return the guild's first role of that name, whatever the case."""
    return next((role for role in guild.roles.values() if role["name"].lower() == name.lower()), None)


def text_channels(guild: Guild) -> list[Channel]:
    """Return the guild's channels that take messages, in their order."""
    wanted = {discord.ChannelType.text, discord.ChannelType.news}
    chosen = [channel for channel in guild.channels.values() if channel.kind in wanted]
    return sorted(chosen, key=lambda channel: (channel.data["position"], channel.id))
