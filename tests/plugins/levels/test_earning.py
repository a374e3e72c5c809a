from __future__ import annotations

import asyncio
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

import pytest
from support import logged

from plugins.levels.events import LevelChanged
from plugins.levels.settings import LevelSettings
from tux.clock import now
from tux.offline.happenings import MemberChanged
from tux.offline.members import change_member
from tux.testing import at, max_queries

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


@pytest.fixture
async def alice(discord):
    """Somebody in a guild that the bot knows: another one has said something there."""
    alice = discord.member("alice")
    await discord.member("herald").says("hello")
    return alice


async def xp(db, discord, member):
    return await db.levels.get_xp(member.id, discord.guild.id)


async def choose(db, discord, **values):
    await db.settings.change(discord.guild.id, LevelSettings, **values)
    await db.snapshot(discord.guild.id)


async def test_a_message_earns_by_one_statement_and_the_next_within_the_cooldown_costs_none(discord, db, alice):
    with max_queries(1) as sent:
        await alice.says("hello")
    assert len(sent) == 1
    with max_queries(0):
        await alice.says("me again")
    assert await xp(db, discord, alice) == 15


async def test_the_first_message_seen_in_a_guild_costs_the_snapshot_alone_and_earns_a_moment_later(discord, db, bot):
    alice = discord.member("alice")
    await discord.settle()
    db.snapshot.drop(discord.guild.id)
    with max_queries(1):
        await alice.says("hello")
    with max_queries(0):
        await alice.says("me again")
    assert await xp(db, discord, alice) == 0
    await bot.run_due()
    assert await xp(db, discord, alice) == 15
    await bot.run_due()
    assert await xp(db, discord, alice) == 15


async def test_a_member_earns_again_once_the_cooldown_is_over(discord, db, alice):
    for seconds, earned in ((0, 15), (59, 15), (60, 30), (61, 30), (121, 45)):
        with at(NOON + timedelta(seconds=seconds)):
            await alice.says("hello")
        assert await xp(db, discord, alice) == earned


async def test_a_shorter_cooldown_holds_at_once(discord, db, alice):
    with at(NOON):
        await alice.says("hello")
    await choose(db, discord, cooldown_seconds=5)
    with at(NOON + timedelta(seconds=6)):
        await alice.says("hello")
    assert await xp(db, discord, alice) == 30


async def test_ten_messages_at_once_earn_once(discord, db, alice, bot):
    await choose(db, discord, xp_per_message=7)
    channel = bot.get_channel(discord.guild.channel().id)
    message = await channel.fetch_message(discord.guild.channel().last.id)
    message.author = bot.get_guild(discord.guild.id).get_member(alice.id)
    earn = bot.get_cog("Earning").earn
    with max_queries(1):
        await asyncio.gather(*(earn(message) for _ in range(10)))
    assert await xp(db, discord, alice) == 7


async def test_a_member_who_was_refused_by_the_row_rests_as_well(discord, db, alice):
    await db.levels.blacklist_member(alice.id, discord.guild.id)
    await alice.says("hello")
    with max_queries(0):
        await alice.says("hello")
    assert await xp(db, discord, alice) == 0


@pytest.mark.parametrize("text", ["!rank", "!nothing of ours", "! hello"])
async def test_a_command_earns_nothing(discord, db, alice, text):
    await alice.says(text)
    assert await xp(db, discord, alice) == 0


async def test_a_command_by_the_guilds_own_prefix_or_a_mention_earns_nothing(discord, db, alice, bot):
    await db.guild_config.update_guild_prefix(discord.guild.id, "?")
    await alice.says("?rank")
    await alice.says(f"{bot.user.mention} rank")
    assert await xp(db, discord, alice) == 0
    await alice.says("!what a day")
    assert await xp(db, discord, alice) == 15


async def test_direct_messages_earn_nothing(discord, db, alice):
    await alice.dm("hello")
    assert await db.levels.count({"member_id": alice.id}) == 0


async def test_where_the_plugin_is_off_messages_earn_nothing(discord, db, alice, bot):
    await db.switches.turn(discord.guild.id, "levels", enabled=False)
    await alice.says("hello")
    await bot.run_due()
    assert await xp(db, discord, alice) == 0
    assert (await alice.says("!rank")).messages == []
    await db.switches.turn(discord.guild.id, "levels", enabled=True)
    await discord.member("herald").says("hello")
    await alice.says("hello")
    assert await xp(db, discord, alice) == 15


async def test_what_waited_to_earn_is_dropped_when_the_plugin_was_switched_off_meanwhile(discord, db, bot):
    alice = discord.member("alice")
    await discord.settle()
    db.snapshot.drop(discord.guild.id)
    await alice.says("hello")
    await db.switches.turn(discord.guild.id, "levels", enabled=False)
    await bot.run_due()
    assert await xp(db, discord, alice) == 0


async def test_roles_channels_and_threads_multiply(discord, db, alice):
    role = discord.guild.role("Booster")
    busy, off_topic = discord.guild.channel("busy"), discord.guild.channel("off-topic")
    await choose(db, discord, role_factors={role.id: 2}, channel_factors={busy.id: 3, off_topic.id: 0})
    await alice.says("hello", busy)
    assert await xp(db, discord, alice) == 45
    bob = discord.member("bob", roles=[role])
    with max_queries(0):
        await bob.says("hello", off_topic)
    await bob.says("hello", busy)
    assert await xp(db, discord, bob) == 90


async def test_messages_earn_up_to_the_cap_and_no_further(discord, db, alice):
    await choose(db, discord, max_level=1, xp_per_message=15, cooldown_seconds=0)
    for earned, told in ((15, 0), (20, 1), (20, 0)):
        reply = await alice.says("hello")
        assert (await xp(db, discord, alice), len(reply.messages)) == (earned, told)
    await db.levels.set_xp(alice.id, discord.guild.id, 300)
    await alice.says("hello")
    assert await xp(db, discord, alice) == 300


async def test_a_new_level_is_told_where_the_guild_wants_it(discord, db, alice):
    await choose(db, discord, xp_per_message=20, cooldown_seconds=0)
    reply = await alice.says("hello")
    assert "@alice reached level 1" in reply.text
    assert (await alice.says("hello")).messages == []
    await choose(db, discord, notice="direct", xp_per_message=40)
    reply = await alice.says("hello")
    assert "reached level 2" in reply.private[0].text
    await choose(db, discord, notice="off", xp_per_message=1000)
    assert (await alice.says("hello")).messages == []


async def test_a_closed_channel_or_inbox_stops_nothing(discord, db, alice):
    await choose(db, discord, xp_per_message=20, notice="direct")
    alice.close_dms()
    assert (await alice.says("hello")).messages == []
    assert await xp(db, discord, alice) == 20


async def test_a_message_that_the_database_refused_leaves_nobody_resting(discord, db, alice, monkeypatch):
    async def fail(*_, **__):
        raise LookupError("no database")

    with logged(discord), monkeypatch.context() as broken:
        broken.setattr(type(db.levels), "add_xp", fail)
        await alice.says("hello")
    await alice.says("hello")
    assert await xp(db, discord, alice) == 15


async def test_levels_bring_roles_and_take_them_as_the_level_moves(discord, db, alice):
    low, high = discord.guild.role("Regular"), discord.guild.role("Veteran")
    await choose(db, discord, rewards={1: low.id, 5: high.id}, xp_per_message=20)
    assert "gets @Regular" in (await alice.says("hello")).text
    assert alice.roles == ["Regular"]
    await discord.owner.slash("levels set", member=alice, level=6)
    assert sorted(alice.roles) == ["Regular", "Veteran"]
    await discord.owner.slash("levels set-xp", member=alice, xp=100)
    assert alice.roles == ["Regular"]
    await discord.owner.says("!levels reset @alice")
    assert alice.roles == []


async def test_levels_that_move_while_roles_are_given_leave_the_roles_of_the_last(discord, db, alice):
    role = discord.guild.role("Regular")
    await choose(db, discord, rewards={5: role.id})
    await db.levels.set_level(alice.id, discord.guild.id, 0)
    for last in (0, 10):
        await db.levels.update_where({"member_id": alice.id}, {"level": last})
        moves = [LevelChanged(discord.guild.id, alice.id, level) for level in (10 - last, last)]
        await asyncio.gather(*map(db.emit, moves))
        await discord.settle()
        assert alice.roles == (["Regular"] if last else [])


@contextmanager
def gateway_lags(discord):
    """Let the bot hear of what happens only at the end."""
    sinks, late = discord.world.sinks, []
    told, sinks[:] = list(sinks), [late.append]
    try:
        yield
    finally:
        sinks[:] = told
        for event in late:
            for sink in told:
                sink(event)


async def test_a_second_move_goes_on_from_the_first_before_discord_has_told_of_it(discord, db, alice):
    low, high = discord.guild.role("Regular"), discord.guild.role("Veteran")
    await choose(db, discord, rewards={1: low.id, 5: high.id}, keep_rewards=False)
    with gateway_lags(discord):
        await db.levels.set_level(alice.id, discord.guild.id, 1)
        await discord.settle()
        await db.levels.set_level(alice.id, discord.guild.id, 5)
        await discord.settle()
    assert alice.roles == ["Veteran"]
    with gateway_lags(discord):
        await db.levels.set_level(alice.id, discord.guild.id, 1)
        await discord.settle()
        await db.levels.set_level(alice.id, discord.guild.id, 0)
        await discord.settle()
    assert alice.roles == []


async def test_roles_that_somebody_took_after_a_move_come_again_with_the_next(discord, db, alice):
    role = discord.guild.role("Regular")
    await choose(db, discord, rewards={1: role.id})
    with gateway_lags(discord):
        await db.levels.set_level(alice.id, discord.guild.id, 1)
        await discord.settle()
    await discord.settle()
    await discord.owner.changes(alice, roles=[])
    await db.levels.set_level(alice.id, discord.guild.id, 2)
    await discord.settle()
    assert alice.roles == ["Regular"]


async def test_a_role_that_somebody_took_while_it_was_given_comes_again_with_the_next_move(discord, db, alice):
    role = discord.guild.role("Regular")
    await choose(db, discord, rewards={1: role.id})
    given = discord.watch(lambda it: isinstance(it, MemberChanged) and take(it))

    def take(_):  # by somebody who was there before Discord has answered the bot
        given()
        change_member(discord.world, discord.guild.state, discord.guild.state.members[str(alice.id)], {"roles": []})

    await db.levels.set_level(alice.id, discord.guild.id, 1)
    await discord.settle()
    assert alice.roles == []
    await db.levels.set_level(alice.id, discord.guild.id, 2)
    await discord.settle()
    assert alice.roles == ["Regular"]


async def test_who_leaves_before_discord_told_of_their_roles_gets_them_when_they_come_back(discord, db, alice):
    role = discord.guild.role("Regular")
    await choose(db, discord, rewards={1: role.id})
    with gateway_lags(discord):
        await db.levels.set_level(alice.id, discord.guild.id, 1)
        await discord.settle()
        await alice.leaves()
    await discord.settle()
    await alice.joins()
    assert alice.roles == ["Regular"]


async def test_a_level_that_a_caller_stores_brings_its_roles(discord, db, alice):
    role = discord.guild.role("Regular")
    await choose(db, discord, rewards={5: role.id})
    await db.levels.update_xp_and_level(alice.id, discord.guild.id, 1000, 7, NOON)
    await discord.settle()
    assert alice.roles == ["Regular"]
    await db.levels.update_xp_and_level(alice.id, discord.guild.id, 20, 1, NOON)
    await discord.settle()
    assert alice.roles == []


async def test_with_the_highest_role_alone_the_one_below_goes(discord, db, alice):
    low, high = discord.guild.role("Regular"), discord.guild.role("Veteran")
    other = discord.guild.role("Artist")
    alice = discord.member("alice", roles=[other])
    await choose(db, discord, rewards={1: low.id, 5: high.id}, keep_rewards=False)
    await db.levels.set_level(alice.id, discord.guild.id, 1)
    await discord.settle()
    assert sorted(alice.roles) == ["Artist", "Regular"]
    await db.levels.set_level(alice.id, discord.guild.id, 5)
    await discord.settle()
    assert sorted(alice.roles) == ["Artist", "Veteran"]


async def test_roles_that_the_bot_cannot_give_stop_nothing(discord, db, alice):
    role = discord.guild.role("Regular")
    await choose(db, discord, rewards={1: role.id, 2: 404}, xp_per_message=100)
    failure = discord.fail("PUT", r"/guilds/\d+/members/\d+/roles/\d+")
    assert "reached level 2" in (await alice.says("hello")).text
    failure.times = 0
    assert alice.roles == []
    discord.bot_permissions("send_messages", "embed_links", "view_channel")
    await discord.settle()
    sent = len(discord.requests)
    await db.levels.set_level(alice.id, discord.guild.id, 1)
    await discord.settle()
    assert not [each for each in list(discord.requests)[sent:] if each.method == "PUT"]


async def test_a_member_who_comes_back_gets_the_roles_of_their_level(discord, db, alice):
    role = discord.guild.role("Regular")
    await choose(db, discord, rewards={1: role.id})
    await db.levels.set_level(alice.id, discord.guild.id, 3)
    await alice.leaves()
    await alice.joins()
    assert alice.roles == ["Regular"]


async def test_where_levels_bring_no_roles_a_join_costs_nothing(discord, alice, bot):
    member = bot.get_guild(discord.guild.id).get_member(alice.id)
    with max_queries(0):
        await bot.get_cog("Earning").welcome_back(member)


async def test_who_writes_at_the_cap_is_not_silent(discord, db, alice, bot):
    await choose(db, discord, max_level=1, xp_per_message=20, decay_percent=10, decay_after_days=3)
    for day in range(8):
        with at(NOON + timedelta(days=day)):
            await alice.says("hello")
            with max_queries(0):
                await alice.says("me again")
            await bot.run_due()
    assert await xp(db, discord, alice) == 20
    with at(NOON + timedelta(days=11)):
        await bot.run_due()
    assert await xp(db, discord, alice) == 18


async def test_silence_takes_its_part_each_day_once_the_guild_wants_it(discord, db, alice, bot):
    role = discord.guild.role("Regular")
    await choose(db, discord, rewards={2: role.id}, xp_per_message=100)
    with at(NOON):
        await alice.says("hello")
    assert alice.roles == ["Regular"]
    with at(NOON + timedelta(days=40)):
        await bot.run_due()
    assert await xp(db, discord, alice) == 100
    await choose(db, discord, decay_percent=10, decay_after_days=10)
    for day, left in ((10, 100), (10.9, 100), (11, 90), (11.5, 90), (12, 81), (14, 65)):
        with at(NOON + timedelta(days=day)):
            await bot.run_due()
        assert await xp(db, discord, alice) == left
    await discord.settle()
    assert alice.roles == []
    await db.switches.turn(discord.guild.id, "levels", enabled=False)
    with at(NOON + timedelta(days=30)):
        await bot.run_due()
    assert await xp(db, discord, alice) == 65


@pytest.mark.parametrize("lift", ["toggle_blacklist", "unblacklist_member"])
async def test_silence_takes_nothing_for_days_on_the_blacklist(discord, db, alice, bot, lift):
    await choose(db, discord, xp_per_message=100, decay_percent=10, decay_after_days=10)
    with at(NOON):
        await alice.says("hello")
    await db.levels.blacklist_member(alice.id, discord.guild.id)
    with at(NOON + timedelta(days=30)):
        await bot.run_due()
        assert await xp(db, discord, alice) == 100
        await getattr(db.levels, lift)(alice.id, discord.guild.id)
    with at(NOON + timedelta(days=30.5)):
        await bot.run_due()
    assert await xp(db, discord, alice) == 100
    with at(NOON + timedelta(days=31)):
        await bot.run_due()
    assert await xp(db, discord, alice) == 90


async def test_who_never_wrote_is_not_silent_after_the_blacklist_either(discord, db, alice, bot):
    await choose(db, discord, decay_percent=10, decay_after_days=10)
    await db.levels.set_xp(alice.id, discord.guild.id, 100)
    for _ in range(2):
        await db.levels.toggle_blacklist(alice.id, discord.guild.id)
    with at(now() + timedelta(days=30)):
        await bot.run_due()
    assert await xp(db, discord, alice) == 100
