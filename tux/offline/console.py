"""`tux console`: the real bot, a local Discord, and a person (or a script) in a terminal."""

from __future__ import annotations

import asyncio
import logging
import sys
from contextlib import AsyncExitStack, asynccontextmanager
from functools import partial
from typing import TYPE_CHECKING

from tux.bot import Tux
from tux.clock import clock
from tux.errors import TuxError
from tux.log import configure_logging
from tux.offline.cast import MODERATOR_LEVEL, MODERATORS, build_cast
from tux.offline.completion import Vocabulary
from tux.offline.conversation import Conversation
from tux.offline.driver import LocalDiscord
from tux.offline.orders import ORDERS, carry_out
from tux.offline.script import Kind, Line, check_text, read_line
from tux.offline.storage import console_database, is_blank
from tux.offline.terminal import (
    KEPT_BYTES,
    Lines,
    ScriptLines,
    TypedLines,
    is_typed,
    keyboard,
    make_screen,
    open_input,
    read_pipe,
)
from tux.offline.transcript import Transcript

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator
    from pathlib import Path

    from rich.console import Console as Screen

    from tux.settings import Settings

HISTORY = "console_history"
_INTERRUPTED = 130


def run_console(settings: Settings, script: Path | None = None, *, database: str | None = None) -> int:
    """Talk to the bot until the end of the lines, `:quit` or Ctrl-C; return the exit code.

    Lines come from `script`, else from standard input. A script (or a pipe) plays in a database that was emptied, a
    person's rows are kept; with `database`, a URL, that one is used as it is. The exit code is 1 when a line of a
    script could not be carried out.

    Raises:
        TuxError: the database or the bot did not start; the message says why.
    """
    interactive = script is None and is_typed()
    # what the bot does is on the screen already: its log shows what went wrong, unless more is asked for
    if settings.log.level == "INFO":
        configure_logging(settings.log.model_copy(update={"level": "WARNING"}))
        logging.getLogger("discord.client").setLevel(logging.ERROR)  # it warns that there will be no voice
    try:
        return asyncio.run(_hold(settings, script, database, interactive=interactive))
    except KeyboardInterrupt:
        print(file=sys.stderr)  # noqa: T201 - ends the line that was being typed
        return 0 if interactive else _INTERRUPTED


async def _hold(settings: Settings, script: Path | None, database: str | None, *, interactive: bool) -> int:
    """Open everything that a conversation needs, and hold it."""
    async with AsyncExitStack() as stack:
        url = database
        if url is None:
            url = await stack.enter_async_context(console_database(settings, scripted=not interactive))
        screen = make_screen(scripted=not interactive)
        talk = await stack.enter_async_context(open_conversation(settings, url, screen, live=interactive))
        if interactive:
            history = settings.path(settings.local.folder) / HISTORY
            stack.enter_context(keyboard(history, lambda: vocabulary(talk)))
        lines = _lines(script, interactive=interactive)
        if interactive and isinstance(lines, TypedLines):
            talk.transcript.aside = lines.aside
        await converse(talk, lines, echo=not interactive)
        if interactive and not talk.is_over:
            screen.print()  # the shell's prompt must not follow ours
        return 0 if interactive else int(talk.failures > 0)


@asynccontextmanager
async def open_conversation(
    settings: Settings, url: str, screen: Screen, *, live: bool = False
) -> AsyncGenerator[Conversation]:
    """Start the bot on the database at `url` and a local Discord, and yield a conversation that is shown on the screen.

    Missing migrations are applied. `live`, for a person who types, shows points in time as dates instead of words, and
    what is due happens by itself; in a script it happens when the script moves the clock. At the end the clock is set
    back by what the conversation skipped.
    """
    blank = await is_blank(url)
    start = build_cast()
    transcript = Transcript(start, partial(screen.print, soft_wrap=True), width=screen.width, dates=live)
    async with LocalDiscord.run(partial(Tux, _upgrading(settings), url=url, due_work=live), world=start.world) as local:
        talk = Conversation(local, start, transcript)
        if blank:
            await _set_stage(talk)
        local.watch(transcript.watch)
        try:
            yield talk
        finally:
            clock.shift(-talk.skipped)


def _upgrading(settings: Settings) -> Settings:
    """The settings with `auto_upgrade`: the console's database is nobody's production."""
    return settings.model_copy(update={"database": settings.database.model_copy(update={"auto_upgrade": True})})


def _lines(script: Path | None, *, interactive: bool) -> Lines:
    if script is not None:
        return ScriptLines(script.read_text(encoding="utf-8-sig", errors=KEPT_BYTES))
    open_input(piped=not interactive)
    return TypedLines(input if interactive else read_pipe)


async def _set_stage(talk: Conversation) -> None:
    """Let the owner give the moderators their level, once, before anybody watches."""
    if any(command["name"] == "config" for command in talk.commands):
        await talk.local.owner.slash("config level", level=MODERATOR_LEVEL, role=MODERATORS)


async def converse(talk: Conversation, lines: Lines, *, echo: bool) -> None:
    """Take lines until they end or somebody leaves; with `echo` each is written after its prompt, as if typed."""
    transcript = talk.transcript
    transcript.note(
        f"{talk.world.bot['username']} is online in {talk.guild.data['name']}; "
        f"you are {talk.user['username']}, a moderator (:help)"
    )
    while not talk.is_over:
        raw = await lines.next(talk.prompt)
        if raw is None:
            return
        line = read_line(raw)
        if line.kind is Kind.BLANK:
            continue
        if line.kind is Kind.HEADING:
            transcript.heading(line.text)
        elif echo:
            transcript.echo(talk.prompt, raw.strip())
        await take_line(talk, line)
        if not (line.kind is Kind.ORDER and line.name in {"save", "quit"}):
            talk.typed.append(raw.rstrip())


async def take_line(talk: Conversation, line: Line) -> None:
    """Carry out one line; what cannot be carried out is one sentence and one failure."""
    try:
        with talk.transcript.turn():
            check_text(line.text)
            if line.kind is Kind.SLASH:
                await talk.use(line.text)
            elif line.kind is Kind.ORDER:
                await carry_out(talk, line.name, line.text)
            elif line.kind is Kind.SAY:
                await talk.say(line.text)
    except TuxError as refusal:
        talk.failures += 1
        sentence = str(refusal)
        talk.transcript.note(sentence if sentence.endswith((".", "?", "!")) else f"{sentence}.", "!")


def vocabulary(talk: Conversation) -> Vocabulary:
    """Return what Tab can offer at this moment."""
    users = [user["username"] for user in talk.world.users.values()]
    channels = [channel.data["name"] for channel in talk.guild.channels.values()]
    offers = {"@": users, "#": [f"#{name}" for name in channels]}
    return Vocabulary(
        commands=talk.commands,
        orders={name: offers.get(found.offers, []) for name, found in ORDERS.items()},
        users=users,
        channels=channels,
        roles=[role["name"].removeprefix("@") for role in talk.guild.roles.values()],
    )
