"""Writing, editing, deleting and reacting: what happens to messages, whoever does it."""

from __future__ import annotations

import mimetypes
import re
from dataclasses import dataclass, field
from itertools import count
from typing import TYPE_CHECKING

import discord

from tux.offline.contents import SELECTS, check_message
from tux.offline.happenings import MessageDeleted, MessageEdited, MessageSent, ReactionChanged
from tux.offline.limits import DISTINCT_REACTIONS
from tux.offline.permissions import bits, channel_permissions
from tux.offline.refusals import refuse, unknown
from tux.offline.shapes import Json, items_of, part_of, without
from tux.offline.state import EPHEMERAL, Message, Reaction

if TYPE_CHECKING:
    from collections.abc import Iterable

    from tux.offline.state import Channel, Upload
    from tux.offline.world import World

USER_MENTION = re.compile(r"<@!?(\d+)>")
ROLE_MENTION = re.compile(r"<@&(\d+)>")
EVERYONE_MENTION = re.compile(r"@(everyone|here)\b")
CUSTOM_EMOJI = re.compile(r"(?:<?a?:)?(\w+):(\d+)>?")
CDN = "https://cdn.discordapp.com"
CONTAINER = discord.ComponentType.container.value
EDITABLE = ("content", "embeds", "components", "flags", "allowed_mentions")


@dataclass(frozen=True, slots=True)
class Draft:
    """A message that somebody is about to send; `extra` holds fields that only Discord sets."""

    author: Json
    body: Json
    files: tuple[Upload, ...] = ()
    only_for: str | None = None
    extra: Json = field(default_factory=dict[str, "object"])


def post_message(world: World, channel: Channel, draft: Draft) -> Message:
    """Store and announce a message, or refuse it by the limits."""
    body = draft.body
    check_message(body, has_files=bool(draft.files))
    content = body.get("content") or ""
    message_id = world.snowflake()
    data: Json = {
        "id": message_id,
        "channel_id": channel.id,
        "author": draft.author,
        "content": content,
        "timestamp": world.timestamp(),
        "edited_timestamp": None,
        "tts": bool(body.get("tts")),
        "attachments": [],
        "embeds": [received_embed(embed) for embed in items_of(body, "embeds")],
        "components": numbered(items_of(body, "components")),
        "pinned": False,
        "type": discord.MessageType.default.value,
        "flags": (body.get("flags") or 0) | (EPHEMERAL if draft.only_for else 0),
        **mentions_in(world, channel, draft.author, body),
    }
    if body.get("nonce") is not None:
        data["nonce"] = str(body["nonce"])
    message = Message(data | draft.extra, channel, draft.only_for)
    _attach(world, message, draft.files, items_of(body, "attachments"))
    if reference := part_of(body, "message_reference"):
        _refer(world, message, reference)
    _publish(world, message)
    return message


def _publish(world: World, message: Message) -> None:
    channel = message.channel
    channel.messages[message.id] = message
    if message.only_for is None:
        channel.data["last_message_id"] = message.id
        if channel.is_thread:
            channel.data["message_count"] += 1
            channel.data["total_message_sent"] += 1
        world.emit("MESSAGE_CREATE", gateway_json(world, message), channel=channel)
    world.tell(MessageSent(message))


def received_embed(embed: Json) -> Json:
    """Return an embed as Discord gives it back: with its type, and `inline` told for each field."""
    out: Json = {key: value for key, value in embed.items() if value is not None} | {"type": "rich"}
    if "fields" in out:
        out["fields"] = [{"inline": False} | entry for entry in items_of(out, "fields")]
    for key in ("image", "thumbnail"):
        if key in out:
            image = part_of(out, key)
            out[key] = {"proxy_url": image["url"], "width": 1, "height": 1, "flags": 0} | image
    return out


def numbered(components: list[Json]) -> list[Json]:
    """Return components as Discord gives them back: with numeric ids, without nulls."""
    numbers = count(1)

    def visit(component: Json) -> Json:
        out: Json = {"id": next(numbers)} | {key: value for key, value in component.items() if value is not None}
        if out["type"] in SELECTS:
            out = {"min_values": 1, "max_values": 1} | out
        elif out["type"] == CONTAINER:
            out = {"accent_color": None, "spoiler": False} | out
        if "emoji" in out:
            out["emoji"] = {key: value for key, value in part_of(out, "emoji").items() if value is not None}
        if "components" in out:
            out["components"] = [visit(child) for child in out["components"]]
        for key in ("accessory", "component"):
            if out.get(key):
                out[key] = visit(out[key])
        return out

    return [visit(component) for component in components]


def mentions_in(world: World, channel: Channel, author: Json, body: Json) -> Json:
    """Return the mention fields of a message; `allowed_mentions` and rights decide what counts."""
    content: str = body.get("content") or ""
    named = part_of(body, "allowed_mentions")
    everything = body.get("allowed_mentions") is None
    kinds: list[str] = ["users", "roles", "everyone"] if everything else named.get("parse") or []

    def kept(found: Iterable[str], kind: str) -> list[str]:
        chosen = {str(item) for item in named.get(kind) or ()}
        return [item for item in dict.fromkeys(found) if kind in kinds or item in chosen]

    roles = channel.guild.roles if channel.guild is not None else {}
    users = [user_id for user_id in kept(USER_MENTION.findall(content), "users") if user_id in world.users]
    may = channel_permissions(world, channel, author["id"]) if author["id"] in world.users else 0
    return {
        "mentions": [world.users[user_id] for user_id in users],
        "mention_roles": [role for role in kept(ROLE_MENTION.findall(content), "roles") if role in roles],
        "mention_everyone": bool(
            "everyone" in kinds and EVERYONE_MENTION.search(content) and may & bits("mention_everyone")
        ),
    }


def _attach(world: World, message: Message, files: Iterable[Upload], described: list[Json]) -> None:
    notes = {str(item.get("id")): item for item in described}
    for upload in files:
        note = notes.get(upload.field_name.removeprefix("files[").removesuffix("]"), {})
        attachment_id = world.snowflake()
        path = f"/attachments/{message.channel.id}/{attachment_id}/{upload.filename}"
        kind = mimetypes.guess_type(upload.filename)[0] or "application/octet-stream"
        attachment: Json = {
            "id": attachment_id,
            "filename": upload.filename,
            "size": len(upload.content),
            "url": CDN + path,
            "proxy_url": "https://media.discordapp.net" + path,
            "content_type": kind,
        }
        if note.get("description"):
            attachment["description"] = note["description"]
        message.data["attachments"].append(attachment)
        world.assets.append((path, upload.content))


def _refer(world: World, message: Message, reference: Json) -> None:
    channel = message.channel
    target_channel = world.channels.get(str(reference.get("channel_id") or channel.id), channel)
    target = target_channel.messages.get(str(reference["message_id"]))
    if target is None:
        if reference.get("fail_if_not_exists", True):
            raise refuse(400, 50035, "Invalid Form Body")
        return
    message.data |= {
        "type": discord.MessageType.reply.value,
        "message_reference": {"type": 0, "message_id": target.id, "channel_id": target_channel.id}
        | ({"guild_id": channel.guild.id} if channel.guild is not None else {}),
        "referenced_message": without(message_json(world, target), "referenced_message"),
    }


def message_json(world: World, message: Message) -> Json:
    """Return a message as REST shows it to the bot."""
    reactions: list[Json] = [
        {
            "emoji": reaction.emoji,
            "count": len(reaction.users),
            "count_details": {"burst": len(reaction.burst), "normal": len(reaction.users) - len(reaction.burst)},
            "burst_colors": [],
            "me": world.bot["id"] in reaction.users,
            "me_burst": world.bot["id"] in reaction.burst,
        }
        for reaction in message.reactions.values()
    ]
    return message.data | ({"reactions": reactions} if reactions else {})


def gateway_json(world: World, message: Message) -> Json:
    """Return a message as the gateway shows it: with the guild and the author as its member."""
    data, guild = message_json(world, message), message.channel.guild
    if guild is None:
        return data
    member = guild.members.get(message.author_id)
    return data | {"guild_id": guild.id} | ({"member": without(member, "user")} if member is not None else {})


def edit_message(world: World, message: Message, body: Json, files: Iterable[Upload] = ()) -> None:
    """Change a message and announce it, or refuse the result by the limits."""
    data, files = message.data, tuple(files)
    wanted = {key: data[key] for key in ("content", "embeds", "components")}
    wanted |= {key: body[key] for key in EDITABLE if key in body}
    kept = data["attachments"]
    if body.get("attachments") is not None:
        ids = {str(item["id"]) for item in items_of(body, "attachments")}
        kept = [item for item in kept if item["id"] in ids]
    check_message(wanted | {"flags": wanted.get("flags") or data["flags"]}, has_files=bool(files or kept))
    data |= {
        "content": wanted["content"] or "",
        "embeds": [received_embed(embed) for embed in items_of(wanted, "embeds")],
        "components": numbered(items_of(wanted, "components")),
        "attachments": kept,
        "flags": (wanted.get("flags") or 0) | (data["flags"] & EPHEMERAL) if "flags" in wanted else data["flags"],
        "edited_timestamp": world.timestamp(),
    }
    data |= mentions_in(world, message.channel, data["author"], wanted)
    _attach(world, message, files, items_of(body, "attachments"))
    if message.only_for is None:
        world.emit("MESSAGE_UPDATE", gateway_json(world, message), channel=message.channel)
    world.tell(MessageEdited(message))


def delete_message(world: World, message: Message) -> None:
    """Delete a message and announce it."""
    channel = message.channel
    del channel.messages[message.id]
    if message.only_for is None:
        place = {"guild_id": channel.guild.id} if channel.guild is not None else {}
        world.emit("MESSAGE_DELETE", {"id": message.id, "channel_id": channel.id} | place, channel=channel)
    world.tell(MessageDeleted(message))


def parse_emoji(world: World, text: str) -> Json:
    """Return the emoji that a text names, or refuse with 10014: `⭐`, `name:id` or `<:name:id>`."""
    custom = CUSTOM_EMOJI.fullmatch(text)
    if custom is None:
        if not text or text.isascii():
            raise unknown("Emoji")
        return {"id": None, "name": text}
    for guild in world.guilds.values():
        if custom[2] in guild.emojis:
            emoji = guild.emojis[custom[2]]
            return {"id": emoji["id"], "name": emoji["name"], "animated": emoji["animated"]}
    raise unknown("Emoji")


def add_reaction(world: World, message: Message, emoji: Json, user: Json, *, burst: bool = False) -> None:
    """Add a person's reaction, or refuse the 21st different one with 30010; a second time changes nothing."""
    key = str(emoji["id"] or emoji["name"])
    if key not in message.reactions and len(message.reactions) >= DISTINCT_REACTIONS:
        raise refuse(400, 30010, f"Maximum number of reactions reached ({DISTINCT_REACTIONS})")
    reaction = message.reactions.setdefault(key, Reaction(emoji))
    if user["id"] in reaction.users:
        return
    reaction.users.append(user["id"])
    if burst:
        reaction.burst.add(user["id"])
    data = _reaction_place(message) | {"user_id": user["id"], "emoji": emoji, "burst": burst, "type": int(burst)}
    data["message_author_id"] = message.author_id
    guild = message.channel.guild
    if guild is not None and user["id"] in guild.members:
        data["member"] = guild.members[user["id"]]
    world.emit("MESSAGE_REACTION_ADD", data, channel=message.channel)
    world.tell(ReactionChanged(message, user, emoji, added=True))


def remove_reaction(world: World, message: Message, emoji: Json, user: Json) -> None:
    """Take a person's reaction back; one that is not there changes nothing."""
    key = str(emoji["id"] or emoji["name"])
    reaction = message.reactions.get(key)
    if reaction is None or user["id"] not in reaction.users:
        return
    reaction.users.remove(user["id"])
    burst = user["id"] in reaction.burst
    reaction.burst.discard(user["id"])
    if not reaction.users:
        del message.reactions[key]
    data = _reaction_place(message) | {"user_id": user["id"], "emoji": emoji, "burst": burst, "type": int(burst)}
    world.emit("MESSAGE_REACTION_REMOVE", data, channel=message.channel)
    world.tell(ReactionChanged(message, user, emoji, added=False))


def clear_reactions(world: World, message: Message, emoji: Json | None = None) -> None:
    """Remove all reactions, or all of one emoji."""
    place = _reaction_place(message)
    if emoji is None:
        message.reactions.clear()
        world.emit("MESSAGE_REACTION_REMOVE_ALL", place, channel=message.channel)
    elif message.reactions.pop(str(emoji["id"] or emoji["name"]), None) is not None:
        world.emit("MESSAGE_REACTION_REMOVE_EMOJI", place | {"emoji": emoji}, channel=message.channel)


def _reaction_place(message: Message) -> Json:
    guild = message.channel.guild
    place: Json = {"channel_id": message.channel.id, "message_id": message.id}
    return place | ({"guild_id": guild.id} if guild is not None else {})
