"""Threads and forum posts: opening, listing, joining and leaving."""

from __future__ import annotations

from typing import TYPE_CHECKING

import discord

from tux.offline.building import is_archived
from tux.offline.contents import check_message
from tux.offline.limits import CHANNEL_NAME_LENGTH, Form
from tux.offline.messages import Draft, gateway_json, message_json, post_message
from tux.offline.permissions import can_see, require_in
from tux.offline.refusals import refuse, unknown
from tux.offline.routing import Call, Routes
from tux.offline.shapes import Json, part_of
from tux.offline.threads import PRIVATE, join_thread, leave_thread, open_thread

if TYPE_CHECKING:
    from tux.offline.state import Channel

routes = Routes()
CHANNEL = "/channels/{channel}"
MEMBERS = CHANNEL + "/thread-members"
HAS_THREAD = 1 << 5


def _check_name(call: Call) -> None:
    form = Form()
    form.length(("name",), call.body.get("name"), CHANNEL_NAME_LENGTH, 1)
    form.refuse()


@routes.add("POST", CHANNEL + "/messages/{message}/threads", status=201)
def thread_of_message(call: Call) -> object:
    """Open a thread from a message, once."""
    _, channel = call.guild_channel
    message = call.message
    require_in(call.world, channel, "create_public_threads")
    _check_name(call)
    if message.id in call.world.channels:
        raise refuse(400, 160004, "A thread has already been created for this message")
    thread = open_thread(call.world, channel, call.body, call.doer, message.id)
    message.data["flags"] |= HAS_THREAD
    message.data["thread"] = thread.data
    call.world.emit("MESSAGE_UPDATE", gateway_json(call.world, message), channel=channel)
    return thread.data


@routes.add("POST", CHANNEL + "/threads", status=201)
def create_thread(call: Call) -> object:
    """Open a thread without a message, or a forum's post with its first one."""
    _, channel = call.guild_channel
    _check_name(call)
    if channel.kind is discord.ChannelType.forum:
        return _forum_post(call, channel)
    require_in(call.world, channel, f"create_{'private' if call.body.get('type') == PRIVATE else 'public'}_threads")
    return open_thread(call.world, channel, call.body, call.doer).data


def _forum_post(call: Call, channel: Channel) -> Json:
    require_in(call.world, channel, "send_messages")
    body = part_of(call.body, "message")
    check_message(body, has_files=bool(call.files))
    number = call.world.snowflake()
    thread = open_thread(call.world, channel, call.body, call.doer, number)
    message = post_message(call.world, thread, Draft(call.world.bot, body, call.files, extra={"id": number}))
    return thread.data | {"message": message_json(call.world, message)}


@routes.add("GET", "/guilds/{guild}/threads/active")
def list_active(call: Call) -> object:
    """Return the guild's threads that are not archived, newest first."""
    found = [thread for thread in call.guild.threads.values() if not is_archived(thread)]
    visible = [thread for thread in found if can_see(call.world, thread, call.world.bot["id"])]
    return _page(call, visible)


@routes.add("GET", CHANNEL + "/threads/archived/public")
def list_archived(call: Call) -> object:
    """Return a channel's archived public threads."""
    return _archived(call, private=False)


@routes.add("GET", CHANNEL + "/threads/archived/private")
def list_private(call: Call) -> object:
    """Return a channel's archived private threads."""
    require_in(call.world, call.channel, "manage_threads")
    return _archived(call, private=True)


def _archived(call: Call, *, private: bool) -> Json:
    guild, channel = call.guild_channel
    mine = [thread for thread in guild.threads.values() if thread.parent is channel and is_archived(thread)]
    return _page(call, [thread for thread in mine if (thread.data["type"] == PRIVATE) is private])


def _page(call: Call, threads: list[Channel]) -> Json:
    ordered = sorted(threads, key=lambda thread: -int(thread.id))
    mine = [thread.members.get(call.world.bot["id"]) for thread in ordered]
    members = [member for member in mine if member is not None]
    return {"threads": [thread.data for thread in ordered], "members": members, "has_more": False}


def _thread(call: Call) -> Channel:
    channel = call.channel
    if not channel.is_thread:
        raise refuse(400, 50024, "Cannot execute action on this channel type")
    return channel


@routes.add("GET", MEMBERS)
def list_members(call: Call) -> object:
    """Return who is in a thread."""
    return list(_thread(call).members.values())


@routes.add("GET", MEMBERS + "/{user}")
def get_member(call: Call) -> object:
    """Return somebody as the thread's member, or refuse with 10007."""
    member = _thread(call).members.get(call.params["user"])
    if member is None:
        raise unknown("Member")
    return member


@routes.add("PUT", MEMBERS + "/@me")
def join(call: Call) -> object:
    """Let the bot join a thread."""
    join_thread(call.world, _thread(call), call.world.bot["id"])
    return None


@routes.add("DELETE", MEMBERS + "/@me")
def leave(call: Call) -> object:
    """Let the bot leave a thread."""
    leave_thread(call.world, _thread(call), call.world.bot["id"])
    return None


@routes.add("PUT", MEMBERS + "/{user}")
def add_member(call: Call) -> object:
    """Add a member of the guild to a thread."""
    guild, _ = call.guild_channel
    if call.params["user"] not in guild.members:
        raise unknown("Member")
    join_thread(call.world, _thread(call), call.params["user"])
    return None


@routes.add("DELETE", MEMBERS + "/{user}")
def remove_member(call: Call) -> object:
    """Remove somebody from a thread."""
    require_in(call.world, _thread(call), "manage_threads")
    leave_thread(call.world, _thread(call), call.params["user"])
    return None
