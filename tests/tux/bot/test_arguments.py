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

    @commands.command()
    async def count(self, ctx, sheep: int, pen: commands.Range[int, 1] = 1):
        """Count sheep."""
        await ctx.send(f"counted {sheep} in {pen}")

    @commands.command()
    async def greet(self, ctx, who: discord_py.Member):
        """Greet a member."""
        await ctx.send(f"greeted {who}")

    @commands.command()
    async def write(self, ctx, to: discord_py.User | None, *, text: str):
        """Write to a user."""
        await ctx.send(f"wrote {text} to {to}")


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


BEYOND = "9" * 20  # Discord's ids have 64 bits, and discord.py would ask for anything of 15 to 20 digits


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("count many", "`sheep` must be a whole number."),
        ("count 9223372036854775807", "counted 9223372036854775807 in 1"),
        ("count -9223372036854775808", "`sheep` is too large a number."),
        (f"count {BEYOND}", "`sheep` is too large a number."),
        (f"count {'9' * 1900}", "`sheep` is too large a number."),
        (f"count 1 {BEYOND}", "between 1 and 9223372036854775807"),
        (f"greet {BEYOND}", f'Member "{BEYOND}" not found.'),
        (f"greet <@!{BEYOND}>", "not found."),
        ("greet 123456789012345678", 'Member "123456789012345678" not found.'),
        ("greet @alice", "greeted alice"),
        (f"write {BEYOND} hello", f"wrote {BEYOND} hello to None"),
        ("write @alice hello", "wrote hello to alice"),
    ],
)
async def test_a_number_that_nothing_can_hold_is_refused_as_what_it_is(discord, bot, line, said):
    discord.member("alice")
    async with added(bot, Picky(bot)):
        reply = await discord.owner.says(f"!{line}")
    assert said in reply.text
    assert "reference" not in reply.text


async def test_slash_commands_take_them_as_before(discord, bot):
    async with added(bot, Picky(bot)):
        await bot.tree.sync()
        assert "picked None" in (await discord.owner.slash("/pick")).text
        assert "picked blue" in (await discord.owner.slash("pick", colour="blue")).text
        assert "with 4" in (await discord.owner.slash("pair", number=4)).text
        assert "shelf 2" in (await discord.owner.slash("shelf show", row=2)).text
