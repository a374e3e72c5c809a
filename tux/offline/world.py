"""The world of the local Discord: who and what exists, and who is told when it changes."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import discord

from tux.clock import clock
from tux.offline.refusals import unknown
from tux.offline.shapes import Json, new_private, new_user
from tux.offline.state import Channel, Guild, Interaction, Message

if TYPE_CHECKING:
    from collections.abc import Callable

    from tux.offline.happenings import Happening

DISCORD_EPOCH_MS = 1_420_070_400_000
TIMESTAMP_SHIFT = 22
PRIVILEGED = ("members", "presences", "message_content")


@dataclass(frozen=True, slots=True)
class Event:
    """A gateway event on its way to the bot's sessions."""

    name: str
    data: Json
    guild: Guild | None = None
    channel: Channel | None = None


class World:
    """All users, guilds, channels, messages and commands; tells the gateway and the watchers what happens.

    Attributes:
        now: the clock for everything that is stored or compared.
        privileged: the privileged intents enabled for the application.
        sinks: what gets each gateway event; watchers: what gets each happening.
    """

    def __init__(self, bot_name: str = "Tux", now: Callable[[], datetime] = clock.now) -> None:
        self.now = now
        self.token = "offline"  # noqa: S105 - only the local Discord takes it
        self.privileged: frozenset[str] = frozenset(PRIVILEGED)
        self.users: dict[str, Json] = {}
        self.guilds: dict[str, Guild] = {}
        self.channels: dict[str, Channel] = {}
        self.private: dict[str, Channel] = {}
        self.closed_dms: set[str] = set()
        self.commands: dict[str | None, dict[str, Json]] = {None: {}}
        self.interactions: dict[str, Interaction] = {}
        self.webhooks: dict[str, Json] = {}
        self.invites: dict[str, Json] = {}
        self.sinks: list[Callable[[Event], None]] = []
        self.watchers: list[Callable[[Happening], None]] = []
        self.assets: deque[tuple[str, bytes]] = deque(maxlen=200)
        self._last_id = 0
        self.bot = self.add_user(bot_name, bot=True)
        self.owner = self.add_user("owner")

    @property
    def app_id(self) -> str:
        """The application's snowflake, the same as its bot user's."""
        return str(self.bot["id"])

    def snowflake(self, at: datetime | None = None) -> str:
        """Return a new id, above all before it even when the clock went back."""
        moment = int((at or self.now()).timestamp() * 1000) - DISCORD_EPOCH_MS
        self._last_id = max(self._last_id + 1, moment << TIMESTAMP_SHIFT)
        return str(self._last_id)

    def timestamp(self) -> str:
        """Return the time in Discord's form."""
        return self.now().astimezone(UTC).isoformat()

    def add_user(self, name: str, *, bot: bool = False) -> Json:
        """Return a new user who is in no guild yet."""
        user = new_user(self.snowflake(), name, bot=bot)
        self.users[user["id"]] = user
        return user

    def user(self, user_id: str) -> Json:
        """Return the user, or refuse with 10013."""
        if user_id not in self.users:
            raise unknown("User")
        return self.users[user_id]

    def guild(self, guild_id: str) -> Guild:
        """Return the guild that the bot is in, or refuse with 10004."""
        guild = self.guilds.get(guild_id)
        if guild is None or self.bot["id"] not in guild.members:
            raise unknown("Guild")
        return guild

    def channel(self, channel_id: str) -> Channel:
        """Return the channel, thread or direct-message channel, or refuse with 10003."""
        if channel_id not in self.channels:
            raise unknown("Channel")
        return self.channels[channel_id]

    def message(self, channel: Channel, message_id: str) -> Message:
        """Return the message, or refuse with 10008."""
        if message_id not in channel.messages:
            raise unknown("Message")
        return channel.messages[message_id]

    def private_channel(self, user_id: str) -> Channel:
        """Return the bot's direct-message channel with a user, opened on first use."""
        if user_id not in self.private:
            channel = Channel(new_private(self.snowflake(), self.user(user_id)))
            self.private[user_id] = self.channels[channel.id] = channel
        return self.private[user_id]

    def forget(self) -> None:
        """Forget everybody but the bot and the owner, and every private word; global commands stay."""
        self.users = {user["id"]: user for user in (self.bot, self.owner)}
        self.commands = {None: self.commands[None]}
        for registry in (self.channels, self.private, self.interactions, self.webhooks, self.invites):
            registry.clear()
        self.closed_dms.clear()
        self.assets.clear()

    def emit(self, name: str, data: Json, *, guild: Guild | None = None, channel: Channel | None = None) -> None:
        """Send a gateway event to the sessions that are meant to see it; it is copied at once."""
        event = Event(name, data, guild or (channel.guild if channel is not None else None), channel)
        for sink in self.sinks:
            sink(event)

    def tell(self, happening: Happening) -> None:
        """Tell the watchers what a person could notice."""
        for watcher in tuple(self.watchers):
            watcher(happening)

    def has_intent(self, name: str) -> bool:
        """Whether the application may use a privileged intent."""
        return name in self.privileged

    def application_flags(self) -> int:
        """Return the application's flags, which tell the privileged intents it may use."""
        flags = discord.ApplicationFlags()
        flags.gateway_guild_members_limited = "members" in self.privileged
        flags.gateway_presence_limited = "presences" in self.privileged
        flags.gateway_message_content_limited = "message_content" in self.privileged
        return flags.value
