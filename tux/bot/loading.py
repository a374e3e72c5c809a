"""Loads the cogs of plugins; one that raises or hangs stops nothing but itself and what needs it."""

from __future__ import annotations

import asyncio
import importlib
import inspect
from typing import TYPE_CHECKING, Any

from loguru import logger

from tux.cog import BaseCog, PluginBot
from tux.errors import PluginError
from tux.registry import PluginRecord, State

if TYPE_CHECKING:
    from collections.abc import Coroutine
    from types import FrameType

WARN_SECONDS = 10.0
FAIL_SECONDS = 60.0


async def load_cogs(bot: PluginBot) -> None:
    """Load the cog of every ready plugin, in order; the outcome is in the records."""
    for record in bot.registry.records.values():
        if record.state is not State.READY or record.cog_module is None:
            continue
        if reason := _hindrance(bot, record):
            bot.registry.block(record.name, reason)
        else:
            with record.loading("cog"):
                await _within_time(record, _load(bot, record, record.cog_module))
            bot.registry.block_dependents(record)


def _hindrance(bot: PluginBot, record: PluginRecord) -> str:
    enabled = dict(bot.intents)
    for intent in record.plugin.intents if record.plugin else ():
        if intent not in enabled:
            return f"asks for an intent {intent!r}, which discord.py does not know"
        if not enabled[intent]:
            return f"needs the intent {intent!r}; enable it in the bot and in Discord's developer portal"
    return ""


async def _load(bot: PluginBot, record: PluginRecord, name: str) -> None:
    module = importlib.import_module(name)
    members = (member for _, member in inspect.getmembers_static(module, inspect.isclass))
    cogs = [m for m in members if issubclass(m, BaseCog) and f"{m.__module__}.".startswith(f"{name}.")]
    for cog in cogs:
        cog.plugin = record.name
    if hasattr(module, "setup"):
        await bot.load_extension(name)
        return
    added: list[str] = []
    try:
        for cog in cogs:
            instance = cog(bot)
            await bot.add_cog(instance)
            added.append(instance.qualified_name)
    except BaseException:
        for qualified_name in added:
            await bot.remove_cog(qualified_name)
        raise


async def _within_time(record: PluginRecord, loading: Coroutine[None, None, None]) -> None:
    task = asyncio.create_task(loading, name=f"load {record.name}")
    done, _ = await asyncio.wait({task}, timeout=WARN_SECONDS)
    if not done:
        logger.bind(plugin=record.name).warning("Loading takes over {:.0f} s; it is in {}", WARN_SECONDS, _place(task))
        done, _ = await asyncio.wait({task}, timeout=FAIL_SECONDS - WARN_SECONDS)
    if not done:
        place = _place(task)
        task.cancel()
        await asyncio.wait({task}, timeout=1)
        raise PluginError(record.name, f"did not finish loading within {FAIL_SECONDS:.0f} s; it hung in {place}")
    await task


def _place(task: asyncio.Task[None]) -> str:
    """Return where a task waits: the innermost frame of its own coroutines."""
    waiting: Any = task.get_coro()
    frame: FrameType | None = None
    while waiting is not None:
        frame = getattr(waiting, "cr_frame", None) or frame
        waiting = getattr(waiting, "cr_await", None)
    return f"{frame.f_code.co_filename}, line {frame.f_lineno}" if frame else "an unknown place"
