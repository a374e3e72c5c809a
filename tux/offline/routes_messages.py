"""Messages: writing, reading, editing, deleting, pinning, reacting."""

from __future__ import annotations

from bisect import bisect_left
from datetime import timedelta
from typing import TYPE_CHECKING

import discord

from tux.offline.audit import Deed, record
from tux.offline.building import announce_channel
from tux.offline.happenings import MessageDeleted, TypingStarted
from tux.offline.limits import BULK_DELETE, BULK_DELETE_DAYS, PINS, Form, newest_first, query_number
from tux.offline.messages import (
    Draft,
    add_reaction,
    clear_reactions,
    delete_message,
    edit_message,
    gateway_json,
    message_json,
    parse_emoji,
    post_message,
    remove_reaction,
)
from tux.offline.permissions import bits, channel_permissions, require_in
from tux.offline.refusals import missing_permissions, refuse, unknown
from tux.offline.routing import Call, Routes
from tux.offline.state import EPHEMERAL
from tux.offline.visibility import withheld

if TYPE_CHECKING:
    from tux.offline.shapes import Json
    from tux.offline.state import Channel, Message
    from tux.offline.world import World

routes = Routes()
CHANNEL = "/channels/{channel}"
MESSAGE = CHANNEL + "/messages/{message}"
REACTIONS = MESSAGE + "/reactions"
PINNED_TYPE = discord.MessageType.pins_add.value
PAGE = 100
USELESS_FLAGS = EPHEMERAL


def readable(world: World, message: Message) -> Json:
    """Return a message as the bot may read it: without content when that intent is not enabled for it."""
    data = message_json(world, message)
    return data if world.has_intent("message_content") or message.channel.guild is None else withheld(world, data)


def in_order(channel: Channel) -> list[Message]:
    """Return the channel's messages that everybody sees, oldest first."""
    return [message for message in channel.messages.values() if message.only_for is None]


def require_sending(call: Call, channel: Channel) -> None:
    """Refuse unless the bot may send what it wants to send into the channel."""
    if channel.guild is None:
        recipient = channel.data["recipients"][0]["id"]
        bot_guilds = [guild for guild in call.world.guilds.values() if call.world.bot["id"] in guild.members]
        if recipient in call.world.closed_dms or not any(recipient in guild.members for guild in bot_guilds):
            raise refuse(403, 50007, "Cannot send messages to this user")
        return
    if channel.kind in {discord.ChannelType.category, discord.ChannelType.forum}:
        raise refuse(400, 50008, "Cannot send messages in a non-text channel")
    require_in(call.world, channel, "send_messages_in_threads" if channel.is_thread else "send_messages")
    if call.body.get("embeds"):
        require_in(call.world, channel, "embed_links")
    if call.files:
        require_in(call.world, channel, "attach_files")
    if call.body.get("message_reference"):
        require_in(call.world, channel, "read_message_history")


@routes.add("POST", CHANNEL + "/typing")
def start_typing(call: Call) -> object:
    """Show that the bot is typing."""
    require_sending(call, call.channel)
    call.world.tell(TypingStarted(call.channel))
    return None


@routes.add("POST", CHANNEL + "/messages")
def send_message(call: Call) -> object:
    """Send a message; only interactions may send ephemeral ones."""
    channel = call.channel
    require_sending(call, channel)
    body = call.body | {"flags": (call.body.get("flags") or 0) & ~USELESS_FLAGS}
    if channel.is_thread and channel.data["thread_metadata"]["archived"]:
        if channel.data["thread_metadata"]["locked"]:
            require_in(call.world, channel, "manage_threads")
        channel.data["thread_metadata"]["archived"] = False
        announce_channel(call.world, channel, "update")
    return message_json(call.world, post_message(call.world, channel, Draft(call.world.bot, body, call.files)))


@routes.add("GET", CHANNEL + "/messages")
def list_messages(call: Call) -> object:
    """Return a page of history, newest first."""
    channel = call.channel
    limit = query_number(call.query, "limit", 50, PAGE)
    if channel.guild is not None and not channel_permissions(call.world, channel, call.world.bot["id"]) & bits(
        "read_message_history"
    ):
        return []
    found = [readable(call.world, message) for message in in_order(channel)]
    if "around" in call.query:
        ids = [int(item["id"]) for item in found]
        first = max(0, bisect_left(ids, int(call.query["around"])) - limit // 2)
        return found[first : first + limit][::-1]
    page = newest_first(found, call.query, lambda item: int(item["id"]), limit)
    return sorted(page, key=lambda item: -int(item["id"]))


@routes.add("POST", CHANNEL + "/messages/bulk-delete")
def bulk_delete(call: Call) -> object:
    """Delete 2 to 100 messages, none older than 14 days."""
    guild, channel = call.guild_channel
    require_in(call.world, channel, "manage_messages")
    form = Form()
    form.length(("messages",), call.body.get("messages"), BULK_DELETE[1], BULK_DELETE[0])
    form.refuse()
    ids = [str(item) for item in call.body["messages"]]
    oldest = call.world.now() - timedelta(days=BULK_DELETE_DAYS)
    if any(discord.utils.snowflake_time(int(item)) < oldest for item in ids):
        raise refuse(400, 50034, "A message provided was too old to bulk delete")
    found = [channel.messages[item] for item in ids if item in channel.messages]
    for message in found:
        del channel.messages[message.id]
        call.world.tell(MessageDeleted(message))
    gone = {"ids": [message.id for message in found], "channel_id": channel.id, "guild_id": guild.id}
    call.world.emit("MESSAGE_DELETE_BULK", gone, channel=channel)
    options = {"count": str(len(found))}
    record(call.world, guild, Deed(discord.AuditLogAction.message_bulk_delete, channel.id, call.doer, options=options))
    return None


@routes.add("GET", CHANNEL + "/messages/pins")
def list_pins(call: Call) -> object:
    """Return the pinned messages, the last pinned first."""
    pinned = [message for message in in_order(call.channel) if message.data["pinned"]]
    items = [
        {"message": readable(call.world, message), "pinned_at": message.data["timestamp"]} for message in pinned[::-1]
    ]
    return {"items": items, "has_more": False}


@routes.add("GET", CHANNEL + "/pins")
def list_old_pins(call: Call) -> object:
    """Return the pinned messages, by the older route."""
    return [readable(call.world, message) for message in in_order(call.channel)[::-1] if message.data["pinned"]]


@routes.add("PUT", CHANNEL + "/messages/pins/{message}")
@routes.add("PUT", CHANNEL + "/pins/{message}")
def pin_message(call: Call) -> object:
    """Pin a message, at most 50 in a channel; the channel is told by a message."""
    world, channel, message = call.world, call.channel, call.message
    if channel.guild is not None:
        require_in(world, channel, "pin_messages")
    if message.data["pinned"]:
        return None
    if sum(item.data["pinned"] for item in in_order(channel)) >= PINS:
        raise refuse(400, 30003, f"Maximum number of pins reached ({PINS})")
    _set_pinned(call, message, pinned=True)
    reference = {"type": 0, "message_id": message.id, "channel_id": channel.id}
    extra: Json = {"type": PINNED_TYPE, "message_reference": reference, "content": ""}
    post_message(world, channel, Draft(world.bot, {"content": "pinned"}, extra=extra))
    return None


@routes.add("DELETE", CHANNEL + "/messages/pins/{message}")
@routes.add("DELETE", CHANNEL + "/pins/{message}")
def unpin_message(call: Call) -> object:
    """Unpin a message."""
    if call.channel.guild is not None:
        require_in(call.world, call.channel, "pin_messages")
    if call.message.data["pinned"]:
        _set_pinned(call, call.message, pinned=False)
    return None


def _set_pinned(call: Call, message: Message, *, pinned: bool) -> None:
    world, channel = call.world, message.channel
    message.data["pinned"] = pinned
    world.emit("MESSAGE_UPDATE", gateway_json(world, message), channel=channel)
    place: Json = {"channel_id": channel.id, "last_pin_timestamp": world.timestamp()}
    if channel.guild is None:
        world.emit("CHANNEL_PINS_UPDATE", place, channel=channel)
        return
    world.emit("CHANNEL_PINS_UPDATE", place | {"guild_id": channel.guild.id}, channel=channel)
    action = discord.AuditLogAction.message_pin if pinned else discord.AuditLogAction.message_unpin
    options = {"channel_id": channel.id, "message_id": message.id}
    record(world, channel.guild, Deed(action, message.author_id, call.doer, options=options))


@routes.add("GET", MESSAGE)
def get_message(call: Call) -> object:
    """Return one message."""
    if call.channel.guild is not None:
        require_in(call.world, call.channel, "read_message_history")
    return readable(call.world, call.message)


@routes.add("PATCH", MESSAGE)
def change_message(call: Call) -> object:
    """Edit a message of the bot; of others' only the flags, with the right to manage messages."""
    message = call.message
    if message.author_id != call.world.bot["id"]:
        if call.body.keys() & {"content", "embeds", "components"}:
            raise refuse(403, 50005, "Cannot edit a message authored by another user")
        require_in(call.world, call.channel, "manage_messages")
    edit_message(call.world, message, call.body, call.files)
    return message_json(call.world, message)


@routes.add("DELETE", MESSAGE)
def remove_message(call: Call) -> object:
    """Delete a message; others' need the right to manage messages and enter the audit log."""
    message, channel = call.message, call.channel
    if message.author_id != call.world.bot["id"]:
        if channel.guild is None:
            raise refuse(403, 50003, "Cannot execute action on a DM channel")
        require_in(call.world, channel, "manage_messages")
    delete_message(call.world, message)
    if message.author_id != call.world.bot["id"] and channel.guild is not None:
        options = {"channel_id": channel.id, "count": "1"}
        action = discord.AuditLogAction.message_delete
        record(call.world, channel.guild, Deed(action, message.author_id, call.doer, options=options))
    return None


@routes.add("PUT", REACTIONS + "/{emoji}/@me")
def react(call: Call) -> object:
    """Add the bot's reaction."""
    message = call.message
    emoji = parse_emoji(call.world, call.params["emoji"])
    if call.channel.guild is not None:
        require_in(call.world, call.channel, "read_message_history")
        if str(emoji["id"] or emoji["name"]) not in message.reactions:
            require_in(call.world, call.channel, "add_reactions")
    add_reaction(call.world, message, emoji, call.world.bot)
    return None


@routes.add("DELETE", REACTIONS + "/{emoji}/@me")
def unreact(call: Call) -> object:
    """Take the bot's reaction back."""
    remove_reaction(call.world, call.message, parse_emoji(call.world, call.params["emoji"]), call.world.bot)
    return None


@routes.add("DELETE", REACTIONS + "/{emoji}/{user}")
def remove_other(call: Call) -> object:
    """Remove somebody's reaction."""
    if call.channel.guild is None:
        raise missing_permissions()
    require_in(call.world, call.channel, "manage_messages")
    user = call.world.user(call.params["user"])
    remove_reaction(call.world, call.message, parse_emoji(call.world, call.params["emoji"]), user)
    return None


@routes.add("GET", REACTIONS + "/{emoji}")
def list_reactors(call: Call) -> object:
    """Return who reacted with an emoji, by id, after `after`: with a super reaction for `type=1`, else with a normal one."""
    emoji = parse_emoji(call.world, call.params["emoji"])
    reaction = call.message.reactions.get(str(emoji["id"] or emoji["name"]))
    if reaction is None:
        raise unknown("Emoji")
    after, burst = int(call.query.get("after", "0")), call.query.get("type") == "1"
    chosen = (user_id for user_id in reaction.users if (user_id in reaction.burst) == burst)
    ids = sorted(int(user_id) for user_id in chosen if int(user_id) > after)
    return [call.world.users[str(item)] for item in ids[: query_number(call.query, "limit", 25, PAGE)]]


@routes.add("DELETE", REACTIONS)
def remove_all(call: Call) -> object:
    """Remove all reactions of a message."""
    require_in(call.world, call.channel, "manage_messages")
    clear_reactions(call.world, call.message)
    return None


@routes.add("DELETE", REACTIONS + "/{emoji}")
def remove_emoji(call: Call) -> object:
    """Remove all reactions with one emoji."""
    require_in(call.world, call.channel, "manage_messages")
    clear_reactions(call.world, call.message, parse_emoji(call.world, call.params["emoji"]))
    return None
