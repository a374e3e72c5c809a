"""What happens in the local Discord, written line by line as a person would read it."""

from __future__ import annotations

import asyncio
from contextlib import contextmanager, nullcontext
from typing import TYPE_CHECKING

from rich.text import Text

from tux.offline.buttons import Buttons
from tux.offline.happenings import (
    InteractionFailed,
    MemberLeft,
    MessageDeleted,
    MessageEdited,
    MessageSent,
    ModalOpened,
    RequestRefused,
)
from tux.offline.remarks import farewell, place_of, remarks_on
from tux.offline.render import message_lines, modal_lines
from tux.offline.text import Names, indented, with_names, wrapped

if TYPE_CHECKING:
    from collections.abc import Callable, Generator
    from contextlib import AbstractContextManager

    from tux.offline.cast import Cast
    from tux.offline.happenings import Happening
    from tux.offline.state import Interaction, Message


class Transcript:
    """A watcher of the world that writes what it sees, at most `width` cells wide.

    Lines are written at the end of a turn, or outside of one in the next pass of the event loop: by then Discord's
    audit log tells a kick from a farewell.

    Attributes:
        here: the channel that goes without saying; viewer: the user who "you" is; form: the modal that was opened last.
        aside: makes room for what is written outside of a turn, when a person may be in the middle of a line.
    """

    def __init__(self, cast: Cast, write: Callable[[Text], None], *, width: int, dates: bool) -> None:
        self.world = cast.world
        self.here = cast.channel
        self.viewer = cast.user
        self._write = write
        self._in_turn = False
        self._answered = False
        self.width = width
        self.dates = dates
        self.buttons = Buttons()
        self.form: Interaction | None = None
        self.aside: Callable[[], AbstractContextManager[None]] = nullcontext
        self._waiting: list[tuple[Happening, int]] = []

    def watch(self, happening: Happening) -> None:
        """Take note of what happened."""
        if not self._waiting and not self._in_turn:
            asyncio.get_running_loop().call_soon(self._flush_aside)
        # Discord writes its audit log right after somebody has gone: the entry that comes next says why
        next_entry = len(happening.guild.audit) if isinstance(happening, MemberLeft) else 0
        self._waiting.append((happening, next_entry))

    @contextmanager
    def turn(self) -> Generator[None]:
        """Hold back what happens in the block, and write it at the end; new buttons are numbered from 1."""
        self.buttons.next_turn()
        self._in_turn = True
        try:
            yield
        finally:
            self._in_turn = False
            self.flush()

    def _flush_aside(self) -> None:
        if self._waiting and not self._in_turn:
            with self.aside():
                self.flush()

    def flush(self) -> None:
        """Write what happened until now."""
        waiting, self._waiting = self._waiting, []
        for happening, next_entry in waiting:
            if isinstance(happening, MemberLeft):
                for remark in farewell(happening, next_entry, self.names()):
                    self.note(remark)
            else:
                self.tell(happening)

    def names(self) -> Names:
        """Return what everything is called at this moment."""
        return Names(
            users={key: user["username"] for key, user in self.world.users.items()},
            channels={key: channel.data.get("name", "dm") for key, channel in self.world.channels.items()},
            roles={key: role["name"] for guild in self.world.guilds.values() for key, role in guild.roles.items()},
            now=self.world.now,
            dates=self.dates,
        )

    def write(self, line: Text) -> None:
        """Write one line as it is."""
        self._write(line)
        self._answered = True

    def note(self, text: str, sign: str = "·") -> None:
        """Write a remark that is nobody's message."""
        for line in indented(wrapped(Text(text), self.width - 4), f"  {sign} ", "    ", "dim"):
            self.write(line)

    def echo(self, prompt: str, text: str) -> None:
        """Write a line of a script as if somebody had typed it, set apart from the answer before."""
        if self._answered:
            self.write(Text())
        for line in wrapped(Text.assemble((prompt, "dim"), text), self.width):
            self.write(line)
        self._answered = False

    def heading(self, text: str) -> None:
        """Write a heading over the lines that follow."""
        self.write(Text())
        for line in wrapped(Text(f"── {text} {'─' * max(self.width - len(text) - 4, 3)}", "bold"), self.width):
            self.write(line)
        self._answered = False

    def tell(self, happening: Happening) -> None:
        """Write one happening; what people said themselves they have on their screen already."""
        match happening:
            case MessageSent(message=message):
                if message.data["author"].get("bot"):
                    self._message(message)
            case MessageEdited(message=message):
                self._message(message, "edited")
            case ModalOpened(interaction=interaction):
                self._open_form(interaction)
            case InteractionFailed():
                self.note("The application did not respond", "!")
            case RequestRefused(method="GET"):
                pass  # the bot asked whether something exists, and it does not
            case RequestRefused(method=method, path=path, body=body):
                self.note(with_names(f"Discord refused {method} {path}: {body.get('message')}", self.names()), "!")
            case _:
                if isinstance(happening, MessageDeleted):
                    self.buttons.numbering(happening.message)
                for remark in remarks_on(happening, self.names()):
                    self.note(remark)

    def _open_form(self, interaction: Interaction) -> None:
        if interaction.modal is not None:
            self.form = interaction
            for line in indented(modal_lines(interaction.modal, self.names(), self.width - 4), "    "):
                self.write(line)

    def _message(self, message: Message, *remarks: str) -> None:
        head = self._head(message, *remarks)
        lines = message_lines(message.data, self.names(), self.width - 4, self.buttons.numbering(message))
        if lines and message.data.get("content") and head.cell_len + 3 + lines[0].cell_len <= self.width:
            head = Text.assemble(head, " ", lines.pop(0))
        for line in (*indented([head], "  "), *indented(lines, "    ")):
            self.write(line)

    def _head(self, message: Message, *remarks: str) -> Text:
        place = "" if message.channel is self.here else f"{place_of(message.channel)} · "
        notes = list(remarks)
        if message.only_for is not None:
            who = "you" if message.only_for == self.viewer["id"] else self.names().user(message.only_for)
            notes.append(f"only {who} can see this")
        note = f" ({', '.join(notes)})" if notes else ""
        return Text.assemble((place, "dim"), (message.data["author"]["username"], "bold"), (note, "dim"), ":")
