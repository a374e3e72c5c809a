"""Deletes the data of guilds that the bot left, after a while in which it may come back."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from discord.ext import commands
from loguru import logger

from tux.clock import now
from tux.cog import BaseCog, PluginBot, every
from tux.core.managers import PurgesManager, Shards
from tux.core.userdata import data_map
from tux.errors import DatabaseError
from tux.privacy import purge_guild

if TYPE_CHECKING:
    import discord

    from tux.privacy import GuildTable

PAUSE_SECONDS = 3600.0
POSTPONED = timedelta(days=1)

log = logger.bind(plugin="core")


class PurgeCog(BaseCog, name="Purge"):
    """Keeps the queue of guilds to purge, and works it off."""

    def __init__(self, bot: PluginBot) -> None:
        super().__init__(bot)
        self.queue = self.db[PurgesManager]

    @commands.Cog.listener("on_guild_remove")
    async def plan_purge(self, guild: discord.Guild) -> None:
        """Let the data of a guild that the bot left go after the time of grace."""
        self.db.snapshot.drop(guild.id)
        await self.queue.plan([guild.id], self._grace())

    @commands.Cog.listener("on_guild_join")
    async def cancel_purge(self, guild: discord.Guild) -> None:
        """Keep the data of a guild that invited the bot again."""
        await self.queue.cancel([guild.id])

    @commands.Cog.listener("on_ready")
    async def catch_up(self) -> None:
        """Do the same for the guilds that removed or invited the bot while it was not running.

        Discord names every guild of the bot at the start, also those that an outage keeps away.
        """
        present = [guild.id for guild in self.bot.guilds]
        await self.queue.cancel(present)
        missing = await self.queue.plan_missing(present, self._shards(), self._grace())
        if missing:
            log.info("{} guilds were left while the bot was not running; their data go in {}", missing, self._grace())

    @every(PAUSE_SECONDS)
    async def purge_guilds(self) -> None:
        """Delete the data of all guilds that are due; one that fails is put off and does not hold up the others."""
        tables = (await data_map(self.db)).guilds
        while await self._purge_next(tables):
            continue

    def _grace(self) -> timedelta:
        return timedelta(days=self.bot.settings.bot.purge_after_days)

    def _shards(self) -> Shards:
        """Return the shards of this process: it knows of no other one's guilds whether the bot is in them."""
        total = self.bot.shard_count or 1
        return Shards(total, tuple(range(total)) if self.bot.shard_id is None else (self.bot.shard_id,))

    async def _purge_next(self, tables: tuple[GuildTable, ...]) -> bool:
        row = None
        try:
            async with self.db.transaction():
                row = await self.queue.claim_next(now(), self._shards())
                if row is not None and self.bot.get_guild(row.guild_id) is not None:
                    await self.queue.cancel([row.guild_id])
                elif row is not None:
                    purged = await purge_guild(tables, row.guild_id)
                    log.info("Purged {} rows of a guild that was left", sum(purged.values()))
        except DatabaseError:
            if row is None:
                raise
            log.opt(exception=True).error("The data of guild {} could not be purged", row.guild_id)
            await self.queue.update_by_id(row.guild_id, due_at=now() + POSTPONED)
        return row is not None
