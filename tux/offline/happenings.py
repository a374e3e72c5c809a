"""What a watcher of the world is told: one frozen class for each thing that a person could notice."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from tux.offline.shapes import Json
    from tux.offline.state import Channel, Guild, Interaction, Message


@dataclass(frozen=True, slots=True)
class MessageSent:
    """A message appeared, ephemeral ones included."""

    message: Message


@dataclass(frozen=True, slots=True)
class MessageEdited:
    """A message changed."""

    message: Message


@dataclass(frozen=True, slots=True)
class MessageDeleted:
    """A message vanished."""

    message: Message


@dataclass(frozen=True, slots=True)
class ReactionChanged:
    """Somebody added (or took back) a reaction."""

    message: Message
    user: Json
    emoji: Json
    added: bool


@dataclass(frozen=True, slots=True)
class MemberJoined:
    """Somebody joined a guild."""

    guild: Guild
    user: Json


@dataclass(frozen=True, slots=True)
class MemberLeft:
    """Somebody left a guild, or was kicked or banned."""

    guild: Guild
    user: Json


@dataclass(frozen=True, slots=True)
class MemberChanged:
    """A member's nick, roles or time-out changed; `before` is the member as it was."""

    guild: Guild
    before: Json
    after: Json


@dataclass(frozen=True, slots=True)
class BanChanged:
    """Somebody was banned (or unbanned)."""

    guild: Guild
    user: Json
    banned: bool
    reason: str | None


@dataclass(frozen=True, slots=True)
class ChannelChanged:
    """A channel or thread was created, updated or deleted (`change` says which)."""

    channel: Channel
    change: str


@dataclass(frozen=True, slots=True)
class RoleChanged:
    """A role was created, updated or deleted (`change` says which)."""

    guild: Guild
    role: Json
    change: str


@dataclass(frozen=True, slots=True)
class ModalOpened:
    """The bot answered an interaction with a form."""

    interaction: Interaction


@dataclass(frozen=True, slots=True)
class InteractionFailed:
    """The bot did not answer an interaction in time: Discord shows "The application did not respond"."""

    interaction: Interaction


@dataclass(frozen=True, slots=True)
class TypingStarted:
    """The bot shows that it is typing."""

    channel: Channel


@dataclass(frozen=True, slots=True)
class RequestRefused:
    """The local Discord refused a request of the bot."""

    method: str
    path: str
    status: int
    body: Json


Happening: TypeAlias = (
    MessageSent
    | MessageEdited
    | MessageDeleted
    | ReactionChanged
    | MemberJoined
    | MemberLeft
    | MemberChanged
    | BanChanged
    | ChannelChanged
    | RoleChanged
    | ModalOpened
    | InteractionFailed
    | TypingStarted
    | RequestRefused
)
