"""Keeps a plugin silent in the guilds that switched it off: its listeners here, its commands by `is_silent`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

import discord

from tux.cog import BaseCog, PluginBot
from tux.errors import TuxError

if TYPE_CHECKING:
    import asyncio
    from collections.abc import Callable, Coroutine

# discord.py offers no public point between an event and one listener; a changed name must not open the gate unseen
if not hasattr(discord.Client, "_schedule_event"):
    raise TuxError("discord.py has no Client._schedule_event any more; tux.bot.gate must learn its new name")


class SwitchGate(PluginBot):
    """A bot that knows which plugins are off in which guilds, from memory."""

    _switches: dict[tuple[int, str], bool]

    async def load_switches(self) -> None:
        """Read the decisions of all guilds, in one statement."""
        self._switches = await self.db.switches.list_all()

    def note_switch(self, guild_id: int, plugin: str, *, enabled: bool) -> None:
        """Remember a decision that has just been stored."""
        self._switches[guild_id, plugin] = enabled

    def is_silent(self, plugin: str, guild_id: int | None) -> bool:
        """Return whether a plugin is switched off in a guild; nothing is off in direct messages."""
        if guild_id is None or plugin in {"", "core"}:
            return False
        decided = self._switches.get((guild_id, plugin))
        if decided is not None:
            return not decided
        record = self.registry.records.get(plugin)
        return record is not None and record.plugin is not None and not record.plugin.default_on

    def _schedule_event(
        self, coro: Callable[..., Coroutine[Any, Any, Any]], event_name: str, *args: Any, **kwargs: Any
    ) -> asyncio.Task[Any]:
        cog = getattr(coro, "__self__", None)
        if isinstance(cog, BaseCog) and self.is_silent(cog.plugin, _guild_id(args)):
            coro = _nothing
        task: asyncio.Task[Any] = cast("Any", super())._schedule_event(coro, event_name, *args, **kwargs)
        return task


async def _nothing(*_args: object, **_kwargs: object) -> None:
    """Take the place of a silenced listener."""


def _guild_id(args: tuple[Any, ...]) -> int | None:
    """Return the guild that an event is about: its first argument is it, is in it, or carries its id."""
    for subject in args[:1]:
        if isinstance(subject, discord.Guild):
            return subject.id
        guild = getattr(subject, "guild", None)
        return guild.id if isinstance(guild, discord.Guild) else getattr(subject, "guild_id", None)
    return None
