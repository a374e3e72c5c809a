"""`/points`: what members have, and give each other."""

from __future__ import annotations

import discord
from discord import app_commands
from discord.ext import commands

from plugins.points.errors import CannotGive
from plugins.points.managers import Person, UserManager
from plugins.points.models import MAX_POINTS  # noqa: TC001 - discord.py reads the annotations
from plugins.points.views import balance_embed, page_embed
from tux.cog import BaseCog, PluginBot, guild_of, requires_rank
from tux.ui import Scroll, success

ADMINISTRATOR = 7

Context = commands.Context[PluginBot]


class PointsCog(BaseCog, name="Points"):
    """Points of members."""

    def __init__(self, bot: PluginBot) -> None:
        super().__init__(bot)
        self.manager = self.db[UserManager]

    @commands.hybrid_group()
    @commands.guild_only()
    async def points(self, ctx: Context, member: discord.Member = commands.Author) -> None:
        """Show how many points a member has."""
        await self._show(ctx, member)

    @points.command()
    @app_commands.describe(member="Whose; yours when left out")
    @commands.guild_only()
    async def balance(self, ctx: Context, member: discord.Member = commands.Author) -> None:
        """Show how many points a member has."""
        await self._show(ctx, member)

    @points.command()
    @app_commands.describe(member="Who gets them", amount="How many of yours")
    @commands.guild_only()
    async def give(self, ctx: Context, member: discord.Member, amount: commands.Range[int, 1, MAX_POINTS]) -> None:
        """Give some of your points to another member."""
        if member.id == ctx.author.id:
            raise CannotGive("You cannot give points to yourself.")
        if member.bot:
            raise CannotGive(f"{member.mention} is a bot and has no use for points.")
        kept = await self.manager.give(member.guild.id, _person(ctx.author), _person(member), amount)
        await ctx.send(embed=success("Given", f"{member.mention} has {amount:,} more points; you have {kept:,} left."))

    @points.command()
    @commands.guild_only()
    async def top(self, ctx: Context) -> None:
        """Show who has the most points."""
        filters = {"guild_id": guild_of(ctx).id, "points": {"gt": 0}}
        await Scroll.send(ctx, self.manager, page_embed, filters=filters, order_by="-points")

    @points.command(name="set")
    @app_commands.describe(member="Whose", amount="How many they have from now on")
    @commands.guild_only()
    @requires_rank(ADMINISTRATOR)
    async def set_points(
        self, ctx: Context, member: discord.Member, amount: commands.Range[int, 0, MAX_POINTS]
    ) -> None:
        """Set how many points a member has."""
        await self.manager.set_points(member.guild.id, _person(member), amount, actor_id=ctx.author.id)
        await ctx.send(embed=success("Points set", f"{member.mention} has {amount:,} points now."))

    async def _show(self, ctx: Context, member: discord.Member) -> None:
        row = await self.manager.get_by_id((member.guild.id, member.id))
        await ctx.send(embed=balance_embed(member, row))


def _person(member: discord.Member | discord.User) -> Person:
    return Person(member.id, member.name)
