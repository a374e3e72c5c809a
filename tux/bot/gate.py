"""Keeps a plugin silent in the guilds that switched it off: its listeners here, its commands by `is_silent`."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from functools import partial
from typing import TYPE_CHECKING, Any

import discord
from discord.ext import commands

from tux.cog import BaseCog, PluginBot
from tux.core import SWITCHES
from tux.errors import TuxError
from tux.registry import REQUIRED
from tux.snapshot import first_sight

if TYPE_CHECKING:
    import asyncio

Listener = Callable[..., Coroutine[Any, Any, Any]]
ALWAYS_ON = frozenset({"", *REQUIRED})

# discord.py offers no public point between an event and one listener; a changed name must not open the gate unseen
if not hasattr(discord.Client, "_schedule_event"):
    raise TuxError("discord.py has no Client._schedule_event any more; tux.bot.gate must learn its new name")


class SwitchGate(PluginBot):
    """A bot that knows which plugins are off in which guilds, from the snapshots in memory."""

    def is_silent(self, plugin: str, guild_id: int | None) -> bool:
        """Return whether a plugin is switched off in a guild, whose snapshot is in memory; nothing is off in a DM."""
        if guild_id is None or plugin in ALWAYS_ON:
            return False
        snapshot = self.db.snapshot.peek(guild_id)
        decided = None if snapshot is None else SWITCHES.of(snapshot).get(plugin)
        if decided is not None:
            return not decided
        record = self.registry.records.get(plugin)
        return record is not None and record.plugin is not None and not record.plugin.default_on

    def plugin_of(self, code: object, owner: object) -> str:
        """Return the plugin that a listener or command belongs to: that of its cog, else that of its module."""
        if isinstance(owner, BaseCog):
            return owner.plugin
        return self.registry.plugin_of(getattr(code, "__module__", ""))

    def _schedule_event(self, coro: Listener, event_name: str, *args: Any, **kwargs: Any) -> asyncio.Task[Any]:
        cog = getattr(coro, "__self__", None)
        if isinstance(cog, commands.Cog):
            coro = self._gated(coro, self.plugin_of(coro, cog), _guild_id(args))
        client: Any = super()
        task: asyncio.Task[Any] = client._schedule_event(coro, event_name, *args, **kwargs)  # noqa: SLF001 - as checked above
        return task

    def _gated(self, listener: Listener, plugin: str, guild_id: int | None) -> Listener:
        """Return the listener, or what takes its place where its plugin is off, or where that is not known yet."""
        if guild_id is None or plugin in ALWAYS_ON:
            return listener
        if self.db.snapshot.peek(guild_id) is None:
            return partial(self._on_first_sight, listener, plugin, guild_id)
        return _nothing if self.is_silent(plugin, guild_id) else listener

    async def _on_first_sight(self, listener: Listener, plugin: str, guild_id: int, *args: Any, **kwargs: Any) -> None:
        await self.db.snapshot(guild_id)
        if not self.is_silent(plugin, guild_id):
            first_sight.set(True)  # in the listener's own task
            await listener(*args, **kwargs)


async def _nothing(*_args: object, **_kwargs: object) -> None:
    """Take the place of a silenced listener."""


def _guild_id(args: tuple[Any, ...]) -> int | None:
    """Return the guild that an event is about: its first argument is it, is in it, or carries its id."""
    subject: Any = args[0] if args else None
    if args and isinstance(args[0], list):  # messages that were deleted together
        subject = subject[0] if subject else None
    if isinstance(subject, discord.Reaction):
        subject = subject.message
    if isinstance(subject, discord.Guild):
        return subject.id
    guild: Any = getattr(subject, "guild", None)
    return getattr(guild, "id", None) or getattr(subject, "guild_id", None)
