"""Runs the due work of cogs: the methods that they marked with `tux.cog.every`."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import TYPE_CHECKING

from loguru import logger

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from tux.cog import BaseCog

    Work = Callable[[], Awaitable[object]]


class DueWork:
    """One task for each marked method of each cog, from `start` to `stop`."""

    def __init__(self) -> None:
        self._tasks: dict[BaseCog, list[asyncio.Task[None]]] = {}

    def start(self, cog: BaseCog, ready: Work) -> None:
        """Begin a cog's work once `ready` returns."""
        tasks = [
            asyncio.create_task(
                _repeat(cog, seconds, work, ready), name=f"due work: {getattr(work, '__qualname__', '')}"
            )
            for seconds, work in cog.due_work()
        ]
        if tasks:
            self._tasks[cog] = tasks

    async def stop(self, cog: BaseCog) -> None:
        """End a cog's work; what is under way is cancelled, and its transaction gives back what it had claimed."""
        tasks = [task for task in self._tasks.pop(cog, ()) if task is not asyncio.current_task()]
        for task in tasks:
            task.cancel()
        if tasks:
            await asyncio.wait(tasks)


async def run_work(cog: BaseCog, work: Work) -> None:
    """Run a piece of work once; what it raises is logged."""
    try:
        await work()
    except Exception:  # noqa: BLE001 - due work of one plugin must not end, nor stop that of others
        name = getattr(work, "__qualname__", "")
        logger.bind(plugin=cog.plugin).opt(exception=True).error("Due work {} failed", name)


async def _repeat(cog: BaseCog, seconds: float, work: Work, ready: Work) -> None:
    with suppress(asyncio.CancelledError):
        await ready()
        while True:
            await run_work(cog, work)
            await asyncio.sleep(seconds)
