"""A guild that the bot left keeps its data for a while, and has them back when the bot returns."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest
from support import logged

from tux.clock import now
from tux.testing import at, max_queries


@pytest.fixture
async def left(discord, db):
    """A guild with a prefix of its own, which the bot was removed from."""
    other = await discord.join_guild("Short stay")
    await db.guild_config.update_guild_prefix(other.id, "?")
    other.remove_bot()
    await discord.settle()
    return other


async def prefix_of(db, guild):
    config = await db.guild_config.find_one({"guild_id": guild.id})
    return config and config.prefix


async def test_a_guild_that_was_left_is_planned_and_keeps_its_data_until_then(bot, db, left):
    [row] = await db.purges.get_all()
    assert (row.guild_id, row.due_at - row.left_at) == (left.id, timedelta(days=30))
    with at(row.due_at - timedelta(minutes=1)):
        await bot.run_due()
    assert await prefix_of(db, left) == "?"


async def test_a_guild_is_purged_when_it_is_due_and_others_are_not(discord, bot, db, left):
    await db.guild_config.update_guild_prefix(discord.guild.id, "$")
    with at(now() + timedelta(days=31)):
        await bot.run_due()
    assert await prefix_of(db, left) is None
    assert await db.guild.get_by_id(left.id) is None
    assert await db.purges.count() == 0
    assert await prefix_of(db, discord.guild) == "$"


async def test_a_guild_that_invites_the_bot_again_has_everything_back(discord, bot, db):
    other = discord.guild
    await db.guild_config.update_guild_prefix(other.id, "?")
    await db.purges.plan([other.id], timedelta(days=30))
    await bot.get_cog("Purge").cancel_purge(bot.get_guild(other.id))
    assert await db.purges.count() == 0
    with at(now() + timedelta(days=31)):
        await bot.run_due()
    assert "`?`" in (await discord.owner.says("?prefix")).text


async def test_a_guild_that_came_back_while_the_bot_was_away_is_taken_off_the_list(discord, bot, db, left):
    await db.purges.plan([discord.guild.id], timedelta(days=30))
    await bot.get_cog("Purge").cancel_purges()
    assert [row.guild_id for row in await db.purges.get_all()] == [left.id]


async def test_a_guild_that_the_bot_is_in_is_never_purged(discord, bot, db):
    await db.guild_config.update_guild_prefix(discord.guild.id, "?")
    await db.purges.plan([discord.guild.id], timedelta(0))
    await bot.run_due()
    assert await prefix_of(db, discord.guild) == "?"
    assert await db.purges.count() == 0


async def test_a_plan_keeps_its_date(db):
    await db.purges.plan([1], timedelta(days=30))
    [before] = await db.purges.get_all()
    await db.purges.plan([1, 2], timedelta(days=90))
    assert [row.guild_id for row in await db.purges.get_all(order_by="guild_id")] == [1, 2]
    assert (await db.purges.get_by_id(1)).due_at == before.due_at


async def test_two_processes_never_purge_the_same_guild(db):
    await db.purges.plan([1], timedelta(0))
    await db.purges.plan([2], timedelta(seconds=1))
    held, done = asyncio.Event(), asyncio.Event()
    moment = now() + timedelta(hours=1)

    async def claim_and_hold():
        async with db.transaction():
            row = await db.purges.claim_next(moment)
            held.set()
            await done.wait()
            return row.guild_id

    first = asyncio.create_task(claim_and_hold())
    await held.wait()
    async with db.transaction():
        second = await db.purges.claim_next(moment)
        done.set()
    assert (await first, second.guild_id) == (1, 2)


async def test_a_guild_that_cannot_be_purged_is_put_off_and_holds_up_nobody(discord, bot, db, monkeypatch):
    for guild_id in (1, 2):
        await db.guild.get_or_create_guild(guild_id)
    await db.purges.plan([1], timedelta(0))
    await db.purges.plan([2], timedelta(seconds=1))
    await db.service.execute(
        "CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
        "IF OLD.guild_id = 1 THEN RAISE 'no'; END IF; RETURN OLD; END $$"
    )
    await db.service.execute(
        "CREATE TRIGGER refuse BEFORE DELETE ON guild_guilds FOR EACH ROW EXECUTE FUNCTION refuse()"
    )
    try:
        with logged(discord) as lines, at(now() + timedelta(hours=1)):
            await bot.run_due()
    finally:
        await db.service.execute("DROP FUNCTION refuse CASCADE")
    assert any("could not be purged" in line for line in lines)
    assert await db.guild.get_by_id(1) is not None
    assert await db.guild.get_by_id(2) is None
    [row] = await db.purges.get_all()
    assert row.due_at > now() + timedelta(hours=24)


async def test_when_nothing_is_due_a_look_costs_two_statements_and_a_transaction(bot, db):
    with max_queries(4):
        await bot.get_cog("Purge").purge_guilds()
