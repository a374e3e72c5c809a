"""Due work: what a cog marks with `every`."""

from __future__ import annotations

import asyncio

import pytest
from support import added, logged

from tux.bot.due import DueWork
from tux.cog import BaseCog, every
from tux.errors import TuxError


class Clerk(BaseCog):
    """Counts its rounds; the first of the second method fails."""

    def __init__(self, bot):
        super().__init__(bot)
        self.rounds = 0
        self.stumbles = 0
        self.done = asyncio.Event()

    @every(0.001)
    async def work(self):
        self.rounds += 1

    @every(0.001)
    async def stumble(self):
        self.stumbles += 1
        if self.stumbles == 1:
            raise LookupError("the first round")
        self.done.set()


async def at_once():
    """Be ready."""


async def test_work_goes_on_after_a_round_that_failed_and_ends_with_its_cog(bot):
    clerk, due = Clerk(bot), DueWork()
    with logged() as lines:
        due.start(clerk, at_once)
        await asyncio.wait_for(clerk.done.wait(), 5)
        await due.stop(clerk)
    rounds = clerk.rounds
    assert rounds > 0
    await asyncio.sleep(0.01)
    assert (clerk.rounds, clerk.stumbles >= 2) == (rounds, True)
    assert sum("the first round" in line for line in lines) == 1
    bot_errors = [line for line in lines if line.startswith("ERROR")]
    assert "Due work Clerk.stumble failed" in bot_errors[0]


@pytest.fixture(autouse=True)
def forgiven(discord):
    """The failing round is what the test wants."""
    yield
    discord.errors.clear()


async def test_nothing_begins_before_the_bot_is_ready(bot):
    clerk, due, ready = Clerk(bot), DueWork(), asyncio.Event()
    due.start(clerk, ready.wait)
    await asyncio.sleep(0.01)
    assert clerk.rounds == 0
    ready.set()
    await asyncio.wait_for(clerk.done.wait(), 5)
    await due.stop(clerk)
    await due.stop(clerk)


async def test_tests_and_moved_clocks_run_it_by_hand(bot):
    clerk = Clerk(bot)
    async with added(bot, clerk):
        await bot.run_due()
        await bot.run_due()
        assert (clerk.rounds, clerk.stumbles) == (2, 2)


def test_a_pause_of_nothing_is_refused():
    with pytest.raises(TuxError, match="more than 0"):
        every(0)
