"""Optional arguments that are written wrongly."""

from __future__ import annotations

from typing import Literal

import discord as discord_py  # noqa: TC002 - discord.py reads the annotations
import pytest
from discord.ext import commands
from support import added

from tux.cog import BaseCog


class Picky(BaseCog):
    """Commands with arguments that may be left out."""

    @commands.hybrid_command()
    async def pick(self, ctx, colour: Literal["red", "blue"] | None = None):
        """Pick a colour."""
        await ctx.send(f"picked {colour}")

    @commands.hybrid_command()
    async def pair(self, ctx, member: discord_py.Member | None = None, number: int | None = None):
        """Pair a member with a number."""
        await ctx.send(f"paired {member} with {number}")

    @commands.hybrid_group(fallback="show")
    async def shelf(self, ctx, row: commands.Range[int, 1, 9] | None = None):
        """Show a shelf."""
        await ctx.send(f"shelf {row}")


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("pick", "picked None"),
        ("pick red", "picked red"),
        ("pick rde", "`rde` is none of: red, blue."),
        ("pair", "paired None with None"),
        ("pair 5", "paired None with 5"),
        ("pair @alice 5", "with 5"),
        ("pair @alcie", "`number` must be a whole number."),
        ("shelf", "shelf None"),
        ("shelf 3", "shelf 3"),
        ("shelf 12", "12"),
        ("shelf shwo", "must be a whole number"),
    ],
)
async def test_an_optional_argument_may_be_left_out_but_not_be_wrong(discord, bot, line, said):
    discord.member("alice")
    async with added(bot, Picky(bot)):
        reply = await discord.owner.says(f"!{line}")
    assert said in reply.text
    assert "shelf None" not in reply.text or line == "shelf"


async def test_slash_commands_take_them_as_before(discord, bot):
    async with added(bot, Picky(bot)):
        await bot.tree.sync()
        assert "picked None" in (await discord.owner.slash("/pick")).text
        assert "picked blue" in (await discord.owner.slash("pick", colour="blue")).text
        assert "with 4" in (await discord.owner.slash("pair", number=4)).text
        assert "shelf 2" in (await discord.owner.slash("shelf show", row=2)).text
