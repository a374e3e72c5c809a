"""The stage: one world, its server, the bot that is connected to it, and the errors that its handlers raised."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from typing import TYPE_CHECKING, Self

from tux.offline.happenings import InteractionFailed
from tux.offline.interactions import Gesture, open_interaction
from tux.offline.settle import Settler

if TYPE_CHECKING:
    import discord

    from tux.offline.server import Server
    from tux.offline.state import Interaction
    from tux.offline.world import World

SETTLE_SECONDS = 30.0


@dataclass(frozen=True, slots=True)
class BotError:
    """An error that escaped a handler of the bot, as discord.py reported it."""

    report: str
    error: BaseException | None


class ErrorCollector(logging.Handler):
    """Collects what discord.py and asyncio log as errors: all that escapes a bot's handlers ends there."""

    LOGGERS = ("discord", "asyncio")

    def __init__(self, errors: list[BotError]) -> None:
        super().__init__(logging.ERROR)
        self.errors = errors

    def emit(self, record: logging.LogRecord) -> None:
        """Keep one report."""
        error = record.exc_info[1] if record.exc_info else None
        self.errors.append(BotError(record.getMessage(), error))

    def __enter__(self) -> Self:
        for name in self.LOGGERS:
            logging.getLogger(name).addHandler(self)
        return self

    def __exit__(self, *_: object) -> None:
        for name in self.LOGGERS:
            logging.getLogger(name).removeHandler(self)


class Stage:
    """What actors act on."""

    def __init__(self, world: World, server: Server, bot: discord.Client) -> None:
        self.world = world
        self.server = server
        self.bot = bot
        self.errors: list[BotError] = []
        self.settler = Settler(server, bot)
        self.settle_seconds = SETTLE_SECONDS
        self._open: list[Interaction] = []

    def open(self, gesture: Gesture) -> Interaction:
        """Send the bot an interaction."""
        interaction = open_interaction(self.world, gesture)
        self._open.append(interaction)
        return interaction

    async def settle(self, within_seconds: float | None = None) -> None:
        """Wait until the bot has done all that it is going to do; tell who got no answer.

        Raises:
            Unsettled: it was still at work when the time was up.
        """
        await self.settler.settle(within_seconds or self.settle_seconds)
        opened, self._open = self._open, []
        for interaction in opened:
            if interaction.acked is None:
                self.world.tell(InteractionFailed(interaction))
