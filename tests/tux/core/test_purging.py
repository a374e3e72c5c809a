"""A guild that the bot left keeps its data for a while, and has them back when the bot returns."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest
from support import logged

from tux.bot import Tux
from tux.clock import now
from tux.core.managers import Shards
from tux.core.userdata import data_map
from tux.offline.building import add_guild
from tux.offline.driver import LocalDiscord
from tux.offline.places import GuildHandle
from tux.offline.world import World
from tux.settings import load_settings
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


async def fill(discord, db, guild):
    """Give a guild rows in many tables, by its members' own words where that is quick."""
    bob = discord.member("bob")
    values = {"case_type": "WARN", "case_user_id": bob.id, "case_moderator_id": discord.owner.id}
    await db.guild_config.update_guild_prefix(guild.id, "?")
    await db.case.create_case(guild_id=guild.id, **values)
    await db.levels.add_xp(bob.id, guild.id, 120)
    await db.note.add_note(guild_id=guild.id, user_id=bob.id, author_id=discord.owner.id, content="kept")
    await db.switches.turn(guild.id, "polls", enabled=False)
    await db.audit.log_action(guild_id=guild.id, actor_id=bob.id, action="case.create")


async def rows_of(db, guild_id):
    """Count a guild's rows in every table that holds guilds' rows."""
    tables = (await data_map(db)).guilds
    counts = {
        table: await db.service.fetch_one(f'SELECT count(*) FROM "{table}" WHERE "{column}" = $1', guild_id)
        for table, column in tables
    }
    return {table: row[0] for table, row in counts.items() if row[0] and table != "core_purges"}


async def test_a_guild_that_invites_the_bot_again_has_everything_back(discord, bot, db):
    other = discord.guild
    await fill(discord, db, other)
    before = await rows_of(db, other.id)
    assert len(before) >= 7
    other.remove_bot()
    await discord.settle()
    with at(now() + timedelta(days=29)):
        await bot.run_due()
        other.invite_bot()
        await discord.settle()
        assert await db.purges.count() == 0
    with at(now() + timedelta(days=60)):
        await bot.run_due()
        assert "`?`" in (await discord.owner.says("?prefix")).text
        assert "off in this server" in (await discord.owner.says("?plugins")).text
    assert await rows_of(db, other.id) == before
    assert (await db.guild.get_by_id(other.id)).left_at is None


async def test_when_the_grace_is_over_exactly_its_rows_are_gone(discord, bot, db):
    other = await discord.join_guild("Short stay")
    for guild in (discord.guild, other):
        await fill(discord, db, guild)
    before = await rows_of(db, discord.guild.id)
    other.remove_bot()
    await discord.settle()
    with at(now() + timedelta(days=30, minutes=1)):
        await bot.run_due()
    assert await rows_of(db, other.id) == {}
    assert await rows_of(db, discord.guild.id) == before
    with at(now() + timedelta(days=31)):
        other.invite_bot()
        await discord.settle()
    assert await prefix_of(db, other) is None, "it begins anew"


async def test_a_guild_that_was_left_while_the_bot_was_away_is_planned_at_the_next_start(db):
    world = World()
    add_guild(world, "Home")
    gone = GuildHandle(world, add_guild(world, "Gone"))

    def make_bot(**options):
        return Tux(load_settings(), db=db, due_work=False, **options)

    async with LocalDiscord.run(make_bot, world=world) as discord:
        await fill(discord, db, gone)
    gone.remove_bot()
    async with LocalDiscord.run(make_bot, world=world) as discord:
        [row] = await db.purges.get_all()
        assert (row.guild_id, row.due_at - row.left_at) == (gone.id, timedelta(days=30))
        await discord.bot.run_due()
    gone.invite_bot()
    async with LocalDiscord.run(make_bot, world=world):
        assert await db.purges.count() == 0
    gone.remove_bot()
    async with LocalDiscord.run(make_bot, world=world) as discord:
        with at(now() + timedelta(days=31)):
            await discord.bot.run_due()
    assert await rows_of(db, gone.id) == {}


async def test_a_guild_that_an_outage_keeps_away_is_not_taken_for_left(discord, bot, db):
    await fill(discord, db, discord.guild)
    discord.world.emit("GUILD_DELETE", {"id": str(discord.guild.id), "unavailable": True}, guild=discord.guild.state)
    await discord.settle()
    assert bot.get_guild(discord.guild.id).unavailable
    await bot.get_cog("Purge").catch_up()
    assert await db.purges.count() == 0


async def test_guilds_of_other_shards_are_left_to_their_processes(db):
    here, there, elsewhere = (number << 22 for number in (4, 5, 6))
    for guild_id in (here, there, elsewhere):
        await db.guild.get_or_create_guild(guild_id)
    with max_queries(1):
        assert await db.purges.plan_missing([here], Shards(2, (0,)), timedelta(days=1)) == 1
    assert [row.guild_id for row in await db.purges.get_all()] == [elsewhere]
    later = now() + timedelta(days=2)
    async with db.transaction():
        assert await db.purges.claim_next(later, Shards(2, (1,))) is None
        assert (await db.purges.claim_next(later, Shards(2, (0,)))).guild_id == elsewhere


async def test_a_guild_that_is_planned_keeps_its_date_when_it_is_missing_again(db):
    await db.guild.get_or_create_guild(1)
    await db.purges.plan([1], timedelta(days=3))
    [before] = await db.purges.get_all()
    assert await db.purges.plan_missing([], Shards(1, (0,)), timedelta(days=30)) == 0
    assert [row.due_at for row in await db.purges.get_all()] == [before.due_at]


async def test_a_guild_that_came_back_while_the_bot_was_away_is_taken_off_the_list(discord, bot, db, left):
    await db.purges.plan([discord.guild.id], timedelta(days=30))
    await bot.get_cog("Purge").catch_up()
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
