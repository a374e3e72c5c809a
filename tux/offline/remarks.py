"""What happens to members, messages, channels and roles, each in one sentence."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

import discord

from tux.offline.happenings import (
    BanChanged,
    ChannelChanged,
    MemberChanged,
    MemberJoined,
    MemberLeft,
    MessageDeleted,
    ReactionChanged,
    RoleChanged,
)
from tux.offline.text import styled, with_names

if TYPE_CHECKING:
    from tux.offline.happenings import Happening
    from tux.offline.shapes import Json
    from tux.offline.state import Channel, Message
    from tux.offline.text import Names

_EXCERPT_CELLS = 40
_CHANGES = {"create": "opened", "update": "changed", "delete": "deleted"}


def remarks_on(happening: Happening, names: Names) -> list[str]:
    """Return the sentences for a happening; none for what a person would not notice, or sees as a message."""
    sentences: list[str] = []
    match happening:
        case MemberJoined(user=user):
            sentences = [f"{user['username']} joined the server"]
        case MemberChanged():
            sentences = _member_changes(happening, names)
        case BanChanged(user=user, banned=banned, reason=reason):
            sentences = [f"{user['username']} was {'banned' if banned else 'unbanned'}{_because(reason, names)}"]
        case ReactionChanged(message=message, user=user, emoji=emoji, added=added):
            deed = f"reacted with {emoji['name']} to" if added else f"took {emoji['name']} back from"
            sentences = [f"{user['username']} {deed} {_excerpt(message, names)}"]
        case MessageDeleted(message=message):
            sentences = [f"{_excerpt(message, names)} was deleted"]
        case ChannelChanged(channel=channel, change=change):
            kind = "thread" if channel.is_thread else "channel"
            sentences = [f"{kind} {place_of(channel)} was {_CHANGES[change]}"]
        case RoleChanged(role=role, change=change):
            sentences = [f"role @{role['name'].removeprefix('@')} was {_CHANGES[change]}"]
        case _:
            pass
    return sentences


def place_of(channel: Channel) -> str:
    """Return `#general`, or `DM to bob` for a direct-message channel."""
    if channel.guild is None:
        return f"DM to {channel.data['recipients'][0]['username']}"
    return f"#{channel.data['name']}"


def farewell(happening: MemberLeft, next_entry: int, names: Names) -> list[str]:
    """Return how somebody left; nothing after a ban, which is told by itself.

    `next_entry` is how many entries the guild's audit log had at that moment.
    """
    user = happening.user
    entries = [entry for entry in happening.guild.audit[next_entry:] if entry["target_id"] == user["id"]]
    action = entries[0]["action_type"] if entries else None
    if action == discord.AuditLogAction.ban.value:
        return []
    if action == discord.AuditLogAction.kick.value:
        return [f"{user['username']} was kicked{_because(entries[0].get('reason'), names)}"]
    return [f"{user['username']} left the server"]


def _member_changes(happening: MemberChanged, names: Names) -> list[str]:
    before, after = happening.before, happening.after
    changes: list[str] = []
    if before["nick"] != after["nick"]:
        changes.append(f"is now called {after['nick']}" if after["nick"] else "lost the nickname")
    changes += [f"got the role {names.role(key)}" for key in after["roles"] if key not in before["roles"]]
    changes += [f"lost the role {names.role(key)}" for key in before["roles"] if key not in after["roles"]]
    until = after["communication_disabled_until"]
    if before["communication_disabled_until"] != until:
        end = names.moment(datetime.fromisoformat(until), "f") if until else ""
        changes.append(f"is timed out, which ends {end}" if until else "is no longer timed out")
    return [f"{after['user']['username']} {change}" for change in changes]


def _excerpt(message: Message, names: Names) -> str:
    embeds: list[Json] = message.data["embeds"]
    text = message.data["content"] or next((embed["title"] for embed in embeds if embed.get("title")), "")
    quoted = styled(text.partition("\n")[0], names)
    quoted.truncate(_EXCERPT_CELLS, overflow="ellipsis")
    origin = f"the message of {message.data['author']['username']} in {place_of(message.channel)}"
    return f'{origin} "{quoted.plain}"' if text else origin


def _because(reason: str | None, names: Names) -> str:
    return f" (reason: {with_names(reason, names)})" if reason else ""
