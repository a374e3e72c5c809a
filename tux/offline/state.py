"""What the world remembers: API-shaped dicts, held together by a few small classes."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import discord

if TYPE_CHECKING:
    from datetime import datetime

    from tux.offline.shapes import Json

EPHEMERAL = 1 << 6
"""The message flag that shows a message to one person only."""
COMPONENTS_V2 = 1 << 15
"""The message flag under which a message consists of components alone."""
THREAD_KINDS = frozenset({10, 11, 12})
VOICE_KINDS = frozenset({2, 13})


@dataclass(slots=True)
class Upload:
    """A file that came with a request."""

    field_name: str
    filename: str
    content: bytes


@dataclass(slots=True, eq=False)
class Guild:
    """A guild; members, roles and channels are keyed by id."""

    data: Json
    roles: dict[str, Json] = field(default_factory=dict[str, "Json"])
    members: dict[str, Json] = field(default_factory=dict[str, "Json"])
    channels: dict[str, Channel] = field(default_factory=dict[str, "Channel"])
    threads: dict[str, Channel] = field(default_factory=dict[str, "Channel"])
    emojis: dict[str, Json] = field(default_factory=dict[str, "Json"])
    bans: dict[str, Json] = field(default_factory=dict[str, "Json"])
    audit: list[Json] = field(default_factory=list["Json"])

    @property
    def id(self) -> str:
        """The guild's snowflake, which is also the id of its role @everyone."""
        return str(self.data["id"])


@dataclass(slots=True, eq=False)
class Channel:
    """A channel, thread (with `parent`) or direct-message channel (without `guild`)."""

    data: Json
    guild: Guild | None = None
    parent: Channel | None = None
    messages: dict[str, Message] = field(default_factory=dict[str, "Message"])
    members: dict[str, Json] = field(default_factory=dict[str, "Json"])

    @property
    def id(self) -> str:
        """The channel's snowflake."""
        return str(self.data["id"])

    @property
    def kind(self) -> discord.ChannelType:
        """The channel's type."""
        return discord.ChannelType(self.data["type"])

    @property
    def is_thread(self) -> bool:
        """Whether it is a thread."""
        return self.data["type"] in THREAD_KINDS


@dataclass(slots=True, eq=False)
class Reaction:
    """One emoji under a message, and who chose it in order; `burst` are those of them whose reaction is a super one."""

    emoji: Json
    users: list[str] = field(default_factory=list[str])
    burst: set[str] = field(default_factory=set[str])


@dataclass(slots=True, eq=False)
class Message:
    """A message; `only_for` is the id of the one person who sees an ephemeral one."""

    data: Json
    channel: Channel
    only_for: str | None = None
    reactions: dict[str, Reaction] = field(default_factory=dict[str, "Reaction"])
    files: dict[str, bytes] = field(default_factory=dict[str, bytes])

    @property
    def id(self) -> str:
        """The message's snowflake."""
        return str(self.data["id"])

    @property
    def author_id(self) -> str:
        """The snowflake of the user or webhook that wrote it."""
        return str(self.data["author"]["id"])


@dataclass(slots=True, eq=False)
class Interaction:
    """A slash command, click, choice or modal on its way; `acked` is the type of the bot's first answer."""

    id: str
    token: str
    kind: int
    user: Json
    channel: Channel
    opened_at: datetime
    metadata: Json = field(default_factory=dict[str, "object"])
    message: Message | None = None
    acked: int | None = None
    ephemeral: bool = False
    original: Message | None = None
    modal: Json | None = None
    choices: list[Json] | None = None
