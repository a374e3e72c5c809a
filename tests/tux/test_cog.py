"""The way to `db`, and the marks of commands."""

from __future__ import annotations

import pytest
from discord.ext import commands

from tux.bot import Tux
from tux.cog import get_db, required_rank, requires_rank
from tux.coordinator import DatabaseCoordinator
from tux.errors import TuxError
from tux.settings import load_settings


async def test_without_an_argument_the_running_database_is_found(db):
    assert get_db() is DatabaseCoordinator.running[-1]


async def test_a_bot_that_has_not_started_leads_to_the_running_database(db):
    bot = Tux(load_settings())
    assert get_db(bot) is DatabaseCoordinator.running[-1]


def test_without_any_database_the_error_says_how_to_open_one(monkeypatch):
    monkeypatch.setattr(DatabaseCoordinator, "running", [])
    with pytest.raises(TuxError, match=r"no database is open: start the bot, or use `async with tux\.open_database"):
        get_db()


def test_a_mark_holds_above_and_below_the_commands_decorator():
    @requires_rank(3)
    @commands.command()
    async def above(ctx):
        pass

    @commands.command()
    @requires_rank(4)
    async def below(ctx):
        pass

    @commands.command()
    async def neither(ctx):
        pass

    assert [required_rank(command) for command in (above, below, neither)] == [3, 4, None]


def test_the_nearest_mark_counts():
    @commands.group()
    @requires_rank(3)
    async def top(ctx):
        pass

    @top.group()
    async def middle(ctx):
        pass

    @middle.command()
    async def leaf(ctx):
        pass

    @middle.command()
    @requires_rank(0)
    async def free(ctx):
        pass

    assert [required_rank(command) for command in (top, middle, leaf, free)] == [3, 3, 3, 0]
