"""Deletes the data of guilds that the bot left, after a while in which it may come back."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from discord.ext import commands
from loguru import logger

from tux.clock import now
from tux.cog import BaseCog, PluginBot, every
from tux.core.managers import PurgesManager
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
        await self.queue.plan([guild.id], timedelta(days=self.bot.settings.bot.purge_after_days))

    @commands.Cog.listener("on_guild_join")
    async def cancel_purge(self, guild: discord.Guild) -> None:
        """Keep the data of a guild that invited the bot again."""
        await self.queue.cancel([guild.id])

    @commands.Cog.listener("on_ready")
    async def cancel_purges(self) -> None:
        """Keep the data of the guilds that invited the bot again while it was not running."""
        await self.queue.cancel([guild.id for guild in self.bot.guilds])

    @every(PAUSE_SECONDS)
    async def purge_guilds(self) -> None:
        """Delete the data of all guilds that are due; one that fails is put off and does not hold up the others."""
        tables = (await data_map(self.db)).guilds
        while await self._purge_next(tables):
            continue

    async def _purge_next(self, tables: tuple[GuildTable, ...]) -> bool:
        row = None
        try:
            async with self.db.transaction():
                row = await self.queue.claim_next(now())
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
