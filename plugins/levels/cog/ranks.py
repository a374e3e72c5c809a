"""`/rank` and `/leaderboard`."""

from __future__ import annotations

import discord
from discord import app_commands
from discord.ext import commands

from plugins.levels.managers import LevelsManager
from plugins.levels.views import Board, rank_embed
from tux.cog import BaseCog, PluginBot, guild_of
from tux.ui import Scroll

Context = commands.Context[PluginBot]


class RanksCog(BaseCog, name="Leaderboard"):
    """What members have earned."""

    def __init__(self, bot: PluginBot) -> None:
        super().__init__(bot)
        self.manager = self.db[LevelsManager]

    @commands.hybrid_command()
    @app_commands.describe(member="Whose; yours when left out")
    @commands.guild_only()
    async def rank(self, ctx: Context, member: discord.Member = commands.Author) -> None:
        """Show level, XP and position of a member."""
        row = await self.manager.get_by_id((member.id, member.guild.id))
        position = await self.manager.get_member_rank(member.id, member.guild.id) if row else None
        await ctx.send(embed=rank_embed(member, row, position))

    @commands.hybrid_command(aliases=["top"])
    @commands.guild_only()
    async def leaderboard(self, ctx: Context) -> None:
        """Show who has the most XP."""
        shown = {"guild_id": guild_of(ctx).id, "blacklisted": False, "xp": {"gt": 0}}
        await Scroll.send(ctx, self.manager, Board(), filters=shown, order_by=["-xp", "-member_id"])
