"""One conversation with the bot: who speaks where, what words mean, and what becomes of a line."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, cast

from tux.clock import clock
from tux.errors import UserError
from tux.offline.actors import Actor
from tux.offline.contents import CONTENT_LENGTH
from tux.offline.permissions import can_see
from tux.offline.places import ChannelHandle
from tux.offline.script import CHANNEL, MENTIONABLE, ROLE, USER, bind_options, find_call, one_of
from tux.offline.slash import visible_commands
from tux.offline.text import with_names

if TYPE_CHECKING:
    from tux.bot import Tux
    from tux.offline.cast import Cast
    from tux.offline.driver import LocalDiscord
    from tux.offline.shapes import Json
    from tux.offline.state import Channel
    from tux.offline.transcript import Transcript

_WHAT = {USER: "user", CHANNEL: "channel", ROLE: "role"}


class Conversation:
    """What the console remembers: speaker, channel, typed lines, and how many of them could not be carried out."""

    def __init__(self, local: LocalDiscord, start: Cast, transcript: Transcript) -> None:
        self.local = local
        self.world = start.world
        self.guild = start.guild
        self.channel = start.channel
        self.user = start.user
        self.transcript = transcript
        self.typed: list[str] = []
        self.failures = 0
        self.skipped = timedelta()
        self.is_over = False

    @property
    def bot(self) -> Tux:
        """Return the bot on stage."""
        return cast("Tux", self.local.bot)

    @property
    def prompt(self) -> str:
        """Return who speaks and where, `alice #general> `."""
        return f"{self.user['username']} #{self.channel.data['name']}> "

    @property
    def actor(self) -> Actor:
        """Return who speaks."""
        return self.speaker(self.user)

    @property
    def commands(self) -> list[Json]:
        """Return the commands that Discord offers the speaker here."""
        return visible_commands(self.world, self.channel, self.user["id"])

    def speaker(self, user: Json) -> Actor:
        """Return a user as somebody who can act in the server."""
        return Actor(self.local, user, self.local.guild)

    async def say(self, text: str) -> None:
        """Say something in the channel.

        Raises:
            UserError: it is longer than Discord takes.
        """
        if len(text) > CONTENT_LENGTH:
            raise UserError(f"Discord takes at most {CONTENT_LENGTH} characters, this has {len(text)}")
        await self.actor.says(text, ChannelHandle(self.world, self.channel))

    async def use(self, text: str) -> None:
        """Use a slash command as typed, without its slash.

        Raises:
            UserError: there is no such command here, or it takes something else.
        """
        call = find_call(self.commands, text)
        values = bind_options(call, lambda word, kind: self.find(word, kind)["id"])
        await self.actor.slash(" ".join(call.path), ChannelHandle(self.world, self.channel), **values)

    def become(self, user: Json) -> None:
        """Speak as somebody else.

        Raises:
            UserError: it is the bot, which speaks for itself.
        """
        if user.get("bot"):
            raise UserError(f"{user['username']} is the bot and speaks for itself")
        self.user = self.transcript.viewer = user

    def move_to(self, channel: Channel) -> None:
        """Speak in another channel.

        Raises:
            UserError: the speaker does not see it.
        """
        if not can_see(self.world, channel, self.user["id"]):
            raise UserError(f"{self.user['username']} does not see #{channel.data['name']}; :as changes who you are")
        self.channel = self.transcript.here = channel

    def find(self, word: str, kind: int) -> Json:
        """Return the user, role or channel that a word means, with its sign or without.

        Raises:
            UserError: there is none; names the nearest one.
        """
        name = word.strip('"').lstrip("@#&").lower()
        if kind == MENTIONABLE:
            kind = USER if name in self.names_of(USER) else ROLE
        known = self.names_of(kind)
        return known[one_of(name, known, _WHAT[kind], ":who lists people, channels and roles")]

    def names_of(self, kind: int) -> dict[str, Json]:
        """Return everything of a kind by name in lower case; a name that two have means the older one."""
        places = [*self.guild.channels.values(), *self.guild.threads.values()]
        things = {
            USER: [(user["username"], user) for user in self.world.users.values()],
            CHANNEL: [(place.data["name"], place.data) for place in places],
            ROLE: [(role["name"].removeprefix("@"), role) for role in self.guild.roles.values()],
        }[kind]
        return {name.lower(): thing for name, thing in reversed(things)}

    def skip(self, span: timedelta) -> None:
        """Move the clock forward.

        Raises:
            UserError: beyond the end of all clocks.
        """
        try:
            _ = clock.now() + span
        except OverflowError:
            raise UserError("the clock ends in the year 9999, and that is beyond it") from None
        clock.shift(span)
        self.skipped += span

    def save(self, file_name: str) -> int:
        """Write what was typed into a new file, and return how many lines it has.

        Raises:
            UserError: the file exists, or cannot be written.
        """
        path = Path(file_name).expanduser()
        try:
            with path.open("x", encoding="utf-8") as file:
                file.writelines(f"{line}\n" for line in self.typed)
        except FileExistsError:
            raise UserError(f"{path} exists; choose another name") from None
        except OSError as error:
            raise UserError(f"{path} cannot be written: {error.strerror}") from None
        return len(self.typed)

    def requests(self, count: int) -> list[str]:
        """Return the last requests of the bot, oldest first, ids as names."""
        names = self.transcript.names()
        recent = list(self.local.requests)[-count:] if count else []
        return [f"{request.method} {with_names(request.path, names)} → {request.status}" for request in recent]
