"""Threads: opening them, joining and leaving them, changing them."""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING

import discord

from tux.offline.audit import Deed, Doer, differences, record
from tux.offline.building import announce_channel
from tux.offline.happenings import ChannelChanged
from tux.offline.permissions import require_in
from tux.offline.refusals import missing_permissions
from tux.offline.shapes import Json, new_thread
from tux.offline.state import Channel

if TYPE_CHECKING:
    from tux.offline.world import World

META = ("archived", "locked", "auto_archive_duration", "invitable")
EDITABLE = ("name", "rate_limit_per_user", "applied_tags", "flags")
PRIVATE = discord.ChannelType.private_thread.value


def open_thread(world: World, parent: Channel, body: Json, doer: Doer, thread_id: str | None = None) -> Channel:
    """Return a new thread that the bot has joined; one that starts from a message has the message's id."""
    name = body["name"]
    data = new_thread(thread_id or world.snowflake(), parent.data, name, world.bot["id"], world.timestamp())
    if body.get("type") == PRIVATE:
        data["type"] = PRIVATE
    data["rate_limit_per_user"] = body.get("rate_limit_per_user") or 0
    data["thread_metadata"]["auto_archive_duration"] = body.get("auto_archive_duration") or 1440
    if body.get("applied_tags"):
        data["applied_tags"] = [str(tag) for tag in body["applied_tags"]]
    thread = Channel(data, parent.guild, parent)
    world.channels[thread.id] = thread
    if parent.guild is not None:
        parent.guild.threads[thread.id] = thread
    member = join_thread(world, thread, world.bot["id"], quiet=True)
    world.emit("THREAD_CREATE", data | {"newly_created": True, "member": member}, channel=thread)
    world.tell(ChannelChanged(thread, "create"))
    if parent.guild is not None:
        changes = differences({}, data, ("name", "type"))
        record(world, parent.guild, Deed(discord.AuditLogAction.thread_create, thread.id, doer, changes))
    return thread


def join_thread(world: World, thread: Channel, user_id: str, *, quiet: bool = False) -> Json:
    """Return the thread's member of that id, added when absent; all are told unless `quiet`."""
    if user_id in thread.members:
        return thread.members[user_id]
    member: Json = {"id": thread.id, "user_id": user_id, "join_timestamp": world.timestamp(), "flags": 0}
    thread.members[user_id] = member
    thread.data["member_count"] = len(thread.members)
    if not quiet:
        _announce(world, thread, {"added_members": [_full(thread, member)]})
    return member


def leave_thread(world: World, thread: Channel, user_id: str) -> None:
    """Take somebody out of a thread."""
    if thread.members.pop(user_id, None) is not None:
        thread.data["member_count"] = len(thread.members)
        _announce(world, thread, {"removed_member_ids": [user_id]})


def _full(thread: Channel, member: Json) -> Json:
    guild_member = thread.guild.members.get(member["user_id"]) if thread.guild is not None else None
    return member | ({"member": guild_member, "presence": None} if guild_member is not None else {})


def _announce(world: World, thread: Channel, change: Json) -> None:
    place = {"id": thread.id, "guild_id": thread.data["guild_id"], "member_count": len(thread.members)}
    world.emit("THREAD_MEMBERS_UPDATE", place | change, channel=thread)


def edit_thread(world: World, thread: Channel, body: Json, doer: Doer) -> Json:
    """Change a thread; its owner may rename and archive it, only moderators may lock it.

    Raises:
        DiscordRefusal: 50013 without the right, 50083 when the thread is archived and stays so.
    """
    is_owner = thread.data["owner_id"] == world.bot["id"]
    if not is_owner or "locked" in body:
        require_in(world, thread, "manage_threads")
    elif thread.data["thread_metadata"]["locked"]:
        raise missing_permissions()
    meta, before = thread.data["thread_metadata"], copy.copy(thread.data)
    was_archived = meta["archived"]
    meta |= {key: body[key] for key in META if key in body}
    if meta["archived"] != was_archived:
        meta["archive_timestamp"] = world.timestamp()
    thread.data |= {key: body[key] for key in EDITABLE if key in body}
    announce_channel(world, thread, "update")
    if thread.guild is not None:
        changes = differences(before, thread.data, ("name", "rate_limit_per_user"))
        record(world, thread.guild, Deed(discord.AuditLogAction.thread_update, thread.id, doer, changes))
    return thread.data
