"""`/config`: the one group for all that administrators choose; plugins put their own commands into it."""

from __future__ import annotations

from typing import Any

from discord.ext import commands

from tux.cog import BaseCog, requires_rank
from tux.ui import info

ADMINISTRATOR_RANK = 7


class ConfigCog(BaseCog, name="Config"):
    """The group `/config`, with the settings of plugins."""

    @commands.hybrid_group(fallback="panel")
    @commands.guild_only()
    @requires_rank(ADMINISTRATOR_RANK)
    async def config(self, ctx: commands.Context[Any]) -> None:
        """Show the settings of the plugins in this server."""
        await ctx.send(embed=info("Settings"))
