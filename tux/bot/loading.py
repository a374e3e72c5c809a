"""Loads the cogs of plugins; one that raises or hangs stops nothing but itself and what needs it."""

from __future__ import annotations

import asyncio
import importlib
import inspect
from pathlib import Path
from typing import TYPE_CHECKING, Any

from discord.ext import commands
from loguru import logger

from tux.bot.groups import find_group
from tux.cog import BaseCog, PluginBot, group_of
from tux.errors import PluginError
from tux.registry import PluginRecord, State

if TYPE_CHECKING:
    from collections.abc import Coroutine
    from types import FrameType

WARN_SECONDS = 10.0
FAIL_SECONDS = 60.0
CANCEL_SECONDS = 1.0


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
    before, loaded = set(bot.cogs), False
    try:
        await _add_cogs(bot, record, name)
        loaded = True
    except SystemExit as error:  # asyncio would end the whole bot
        raise PluginError(record.name, "called sys.exit() while it was loaded") from error
    finally:
        for added in () if loaded else bot.cogs.keys() - before:
            await bot.remove_cog(added)


async def _add_cogs(bot: PluginBot, record: PluginRecord, name: str) -> None:
    """Call the module's `setup` as discord.py would, else add each cog that it defines.

    `load_extension` would execute the module a second time, and its classes would be others than the imported ones.
    """
    module = importlib.import_module(name)
    if setup := getattr(module, "setup", None):
        await setup(bot)
        return
    members = (member for _, member in inspect.getmembers_static(module, inspect.isclass))
    cogs = [m for m in members if issubclass(m, BaseCog) and f"{m.__module__}.".startswith(f"{name}.")]
    if not cogs:
        raise PluginError(record.name, f"{name} has neither a subclass of BaseCog nor `async def setup(bot)`; add one")
    for cog in cogs:
        await bot.add_cog(cog(bot))


def check_names(bot: PluginBot, cog: commands.Cog) -> None:
    """Refuse a cog whose commands would clash, before discord.py adds the first of them and leaves half of it there.

    Raises:
        PluginError: names the command and both sides, or the group that is not there.
    """
    for contributed in cog.contributed if isinstance(cog, BaseCog) else ():
        group = find_group(bot, contributed)
        if group is None:
            reason = (
                f"its command {contributed.name!r} goes into the group {group_of(contributed)!r}, which is not there"
            )
            raise PluginError(getattr(cog, "plugin", "") or cog.qualified_name, reason)
        for name in (contributed.name, *contributed.aliases):
            _check_name(cog, name, group.all_commands.get(name))
    for command in cog.get_commands():
        if group_of(command) is not None:
            continue
        for name in (command.name, *command.aliases):
            _check_name(cog, name, bot.all_commands.get(name))
        if isinstance(command, commands.HybridCommand | commands.HybridGroup) and command.app_command:
            _check_name(cog, command.app_command.name, bot.tree.get_command(command.app_command.name))
    for slash in cog.get_app_commands():
        _check_name(cog, slash.name, bot.tree.get_command(slash.name))


def _check_name(cog: commands.Cog, name: str, other: Any) -> None:
    if other is not None:
        owner: Any = getattr(other, "cog", None) or getattr(other, "binding", None)
        label = getattr(owner, "plugin", "") or getattr(owner, "qualified_name", "the bot itself")
        mine = getattr(cog, "plugin", "") or cog.qualified_name
        raise PluginError(mine, f"its command {name!r} is also in {label!r}; rename one of them")


async def _within_time(record: PluginRecord, loading: Coroutine[None, None, None]) -> None:
    task = asyncio.create_task(loading, name=f"load {record.name}")
    try:
        done, _ = await asyncio.wait({task}, timeout=WARN_SECONDS)
        if not done:
            log = logger.bind(plugin=record.name)
            log.warning("Loading takes over {:g} s; it is in {}", WARN_SECONDS, _place(task, record.path))
            done, _ = await asyncio.wait({task}, timeout=FAIL_SECONDS - WARN_SECONDS)
        if not done:
            place = _place(task, record.path)
            task.cancel()
            await asyncio.wait({task}, timeout=CANCEL_SECONDS)
            raise PluginError(record.name, f"did not finish loading within {FAIL_SECONDS:g} s; it hung in {place}")
        if task.cancelled():
            raise PluginError(record.name, "cancelled its own loading")
        task.result()
    finally:
        task.cancel()  # when the start itself was cancelled; nothing once it is done


def _place(task: asyncio.Task[None], folder: Path) -> str:
    """Return where a task waits: the innermost line of its coroutines in the plugin's folder, else anywhere."""
    waiting: Any = task.get_coro()
    frames: list[FrameType] = []
    while waiting is not None:
        if frame := getattr(waiting, "cr_frame", None):
            frames.append(frame)
        waiting = getattr(waiting, "cr_await", None)
    own = [frame for frame in frames if Path(frame.f_code.co_filename).is_relative_to(folder)]
    for frame in (own or frames)[-1:]:
        return f"{frame.f_code.co_filename}, line {frame.f_lineno}"
    return "an unknown place"
