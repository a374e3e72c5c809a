"""Channels: reading, creating, changing, moving, deleting, and what they allow to whom."""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING

import discord

from tux.offline.audit import Deed, differences, record
from tux.offline.building import add_channel, announce_channel, drop_channel
from tux.offline.limits import CHANNEL_NAME_LENGTH, CHANNEL_TOPIC_LENGTH, SLOWMODE_SECONDS, Form
from tux.offline.permissions import channel_permissions, require, require_in
from tux.offline.refusals import missing_permissions, refuse, unknown
from tux.offline.routing import Call, Routes
from tux.offline.shapes import Json, items_of, part_of
from tux.offline.threads import edit_thread

if TYPE_CHECKING:
    from collections.abc import Iterable

    from tux.offline.state import Channel, Guild

routes = Routes()
CHANNEL = "/channels/{channel}"
CHANNELS = "/guilds/{guild}/channels"
CHANNELS_IN_ALL = 500
INVITE_AGE_SECONDS = 604_800
EDITABLE = (
    "name",
    "topic",
    "nsfw",
    "position",
    "parent_id",
    "rate_limit_per_user",
    "default_auto_archive_duration",
    "bitrate",
    "user_limit",
    "available_tags",
    "permission_overwrites",
)


@routes.add("GET", CHANNEL)
def get_channel(call: Call) -> object:
    """Return a channel, thread or direct-message channel."""
    return call.channel.data


@routes.add("GET", CHANNELS)
def list_channels(call: Call) -> object:
    """Return a guild's channels, without threads."""
    return [channel.data for channel in call.guild.channels.values()]


@routes.add("POST", CHANNELS, status=201)
def create_channel(call: Call) -> object:
    """Create a channel."""
    guild = call.guild
    require(call.world, guild, "manage_channels")
    if len(guild.channels) >= CHANNELS_IN_ALL:
        raise refuse(400, 30013, f"Maximum number of guild channels reached ({CHANNELS_IN_ALL})")
    form = Form()
    form.length(("name",), call.body.get("name"), CHANNEL_NAME_LENGTH, 1)
    _check(form, call.body)
    form.refuse()
    fields = _fields(call, guild)
    channel = add_channel(call.world, guild, fields.pop("name"), int(call.body.get("type") or 0), **fields)
    changes = differences({}, channel.data, ("name", "type"))
    record(call.world, guild, Deed(discord.AuditLogAction.channel_create, channel.id, call.doer, changes))
    return channel.data


def _check(form: Form, body: Json) -> None:
    form.length(("topic",), body.get("topic"), CHANNEL_TOPIC_LENGTH)
    form.number(("rate_limit_per_user",), body.get("rate_limit_per_user") or 0, 0, SLOWMODE_SECONDS)


def _fields(call: Call, guild: Guild) -> Json:
    fields: Json = {key: call.body[key] for key in EDITABLE if key in call.body}
    if "permission_overwrites" in fields:
        fields["permission_overwrites"] = [overwrite(item) for item in items_of(fields, "permission_overwrites")]
    if fields.get("parent_id") is not None:
        fields["parent_id"] = str(fields["parent_id"])
        if fields["parent_id"] not in guild.channels:
            raise unknown("Channel")
    if "name" in fields and int(call.body.get("type") or 0) in {0, 5, 15}:
        fields["name"] = "-".join(str(fields["name"]).lower().split())
    return fields


def overwrite(item: Json) -> Json:
    """Return a permission overwrite as Discord keeps it."""
    return {
        "id": str(item["id"]),
        "type": int(item.get("type") or 0),
        "allow": str(item.get("allow") or 0),
        "deny": str(item.get("deny") or 0),
    }


@routes.add("PATCH", CHANNELS)
def move_channels(call: Call) -> object:
    """Give channels new positions."""
    require(call.world, call.guild, "manage_channels")
    for item in call.rows:
        channel = call.guild.channels.get(str(item["id"]))
        if channel is None:
            raise unknown("Channel")
        channel.data |= {key: item[key] for key in ("position", "parent_id") if item.get(key) is not None}
        announce_channel(call.world, channel, "update")
    return None


@routes.add("PATCH", CHANNEL)
def edit_channel(call: Call) -> object:
    """Change a channel or thread."""
    guild, channel = call.guild_channel
    form = Form()
    if "name" in call.body:
        form.length(("name",), call.body["name"], CHANNEL_NAME_LENGTH, 1)
    _check(form, call.body)
    form.refuse()
    if channel.is_thread:
        return edit_thread(call.world, channel, call.body, call.doer)
    require_in(call.world, channel, "manage_channels")
    before = copy.copy(channel.data)
    channel.data |= _fields(call, guild)
    announce_channel(call.world, channel, "update")
    changes = differences(before, channel.data, ("name", "topic", "rate_limit_per_user", "nsfw"))
    record(call.world, guild, Deed(discord.AuditLogAction.channel_update, channel.id, call.doer, changes))
    return channel.data


@routes.add("DELETE", CHANNEL)
def delete_channel(call: Call) -> object:
    """Delete a channel or thread, or close a direct-message channel."""
    channel = call.channel
    if channel.guild is None:
        return channel.data
    require_in(call.world, channel, "manage_threads" if channel.is_thread else "manage_channels")
    drop_channel(call.world, channel)
    action = discord.AuditLogAction.thread_delete if channel.is_thread else discord.AuditLogAction.channel_delete
    changes = [{"key": "name", "old_value": channel.data["name"]}]
    record(call.world, channel.guild, Deed(action, channel.id, call.doer, changes))
    return channel.data


@routes.add("PUT", CHANNEL + "/permissions/{target}")
def set_overwrite(call: Call) -> object:
    """Set what a role or member may do in a channel, within what the bot may do there."""
    guild, channel = call.guild_channel
    require_in(call.world, channel, "manage_roles")
    entry = overwrite(call.body | {"id": call.params["target"]})
    have = channel_permissions(call.world, channel, call.world.bot["id"])
    if (int(entry["allow"]) | int(entry["deny"])) & ~have:
        raise missing_permissions()
    kept = [item for item in channel.data["permission_overwrites"] if item["id"] != entry["id"]]
    _overwrite(call, channel, [*kept, entry])
    options = {"id": entry["id"], "type": str(entry["type"])}
    action = discord.AuditLogAction.overwrite_update
    record(call.world, guild, Deed(action, channel.id, call.doer, options=options))
    return None


@routes.add("DELETE", CHANNEL + "/permissions/{target}")
def delete_overwrite(call: Call) -> object:
    """Remove what is said about a role or member, or refuse with 10009."""
    _, channel = call.guild_channel
    require_in(call.world, channel, "manage_roles")
    kept = [item for item in channel.data["permission_overwrites"] if item["id"] != call.params["target"]]
    if len(kept) == len(channel.data["permission_overwrites"]):
        raise unknown("Overwrite")
    _overwrite(call, channel, kept)
    return None


def _overwrite(call: Call, channel: Channel, entries: Iterable[Json]) -> None:
    channel.data["permission_overwrites"] = list(entries)
    announce_channel(call.world, channel, "update")


def invite_json(call: Call, channel: Channel, body: Json) -> Json:
    """Return a new invitation to a channel, known to the world."""
    world, guild = call.world, channel.guild
    code = f"invite{len(world.invites) + 1}"
    max_age = body.get("max_age")
    invite: Json = {
        "type": 0,
        "code": code,
        "expires_at": None,
        "guild_id": channel.data["guild_id"],
        "guild": part_of({"guild": guild.data if guild is not None else None}, "guild"),
        "channel": {key: channel.data[key] for key in ("id", "name", "type")},
        "inviter": world.bot,
        "max_age": INVITE_AGE_SECONDS if max_age is None else max_age,
        "max_uses": body.get("max_uses") or 0,
        "temporary": bool(body.get("temporary")),
        "uses": 0,
        "flags": 0,
        "created_at": world.timestamp(),
    }
    world.invites[code] = invite
    return invite


@routes.add("POST", CHANNEL + "/invites")
def create_invite(call: Call) -> object:
    """Invite to a channel."""
    guild, channel = call.guild_channel
    require_in(call.world, channel, "create_instant_invite")
    invite = invite_json(call, channel, call.body)
    told = {"channel_id": channel.id, "guild_id": guild.id}
    call.world.emit("INVITE_CREATE", {key: invite[key] for key in invite if key != "guild"} | told, guild=guild)
    return invite


@routes.add("GET", CHANNEL + "/invites")
def list_invites(call: Call) -> object:
    """Return the invitations to a channel."""
    _, channel = call.guild_channel
    require_in(call.world, channel, "manage_channels")
    return [item for item in call.world.invites.values() if item["channel"]["id"] == channel.id]


@routes.add("GET", "/guilds/{guild}/invites")
def list_guild_invites(call: Call) -> object:
    """Return the invitations to a guild."""
    require(call.world, call.guild, "manage_guild")
    return [item for item in call.world.invites.values() if item["guild_id"] == call.guild.id]


@routes.add("GET", "/invites/{code}")
def get_invite(call: Call) -> object:
    """Return an invitation, or refuse with 10006."""
    if call.params["code"] not in call.world.invites:
        raise unknown("Invite")
    return call.world.invites[call.params["code"]]


@routes.add("DELETE", "/invites/{code}")
def delete_invite(call: Call) -> object:
    """Withdraw an invitation."""
    invite = call.world.invites.get(call.params["code"])
    if invite is None:
        raise unknown("Invite")
    require(call.world, call.world.guild(invite["guild_id"]), "manage_guild")
    del call.world.invites[invite["code"]]
    place = {"channel_id": invite["channel"]["id"], "guild_id": invite["guild_id"], "code": invite["code"]}
    call.world.emit("INVITE_DELETE", place, guild=call.world.guild(invite["guild_id"]))
    return invite
