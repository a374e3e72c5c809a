from __future__ import annotations

import asyncio
import re

import pytest

from plugins.points.errors import TooFewPoints, TooManyPoints
from plugins.points.managers import Person
from plugins.points.models import MAX_POINTS
from tux.testing import max_queries


@pytest.fixture
def alice(discord):
    return discord.member("alice")


@pytest.fixture
def bob(discord):
    return discord.member("bob")


async def rich(db, discord, member, points):
    await db.user.create_user(guild_id=discord.guild.id, discord_id=member.id, username=member.name, points=points)


async def points_of(db, discord, member):
    row = await db.user.get_by_id((discord.guild.id, member.id))
    return row.points if row else None


async def test_a_balance_is_shown_to_everybody(discord, db, alice, bob):
    await rich(db, discord, bob, 1234)
    assert "@alice has **0** points" in (await alice.says("!points")).text
    for line in ("!points @bob", "!points balance @bob"):
        assert "@bob has **1,234** points" in (await alice.says(line)).text
    with max_queries(1):
        reply = await alice.slash("points balance", member=bob)
    assert "1,234" in reply.text
    assert await db.user.count() == 1
    assert "nobody" in (await alice.says("!points nobody")).text


async def test_points_are_given_by_slash_and_prefix(discord, db, alice, bob):
    await rich(db, discord, alice, 100)
    await alice.says("hello")
    with max_queries(3):
        reply = await alice.slash("points give", member=bob, amount=30)
    assert "@bob has 30 more points; you have 70 left" in reply.text
    assert "you have 50 left" in (await alice.says("!points give @bob 20")).text
    assert [await points_of(db, discord, member) for member in (alice, bob)] == [50, 50]
    given = await db.points_transaction.get_all(order_by="id")
    assert [row.amount for row in given] == [30, 20]


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("@bob 101", "You have 100 points"),
        ("@alice 5", "to yourself"),
        ("@Tux 5", "is a bot"),
        ("@bob 0", "I did not understand"),
        ("@bob -5", "I did not understand"),
        ("@bob 1.5", "I did not understand"),
        ("@nobody 5", "I did not understand"),
        ("@bob", "I did not understand"),
    ],
)
async def test_what_cannot_be_given_is_refused_and_nothing_moves(discord, db, alice, bob, line, said):  # noqa: PLR0917 - fixtures
    await rich(db, discord, alice, 100)
    assert said in (await alice.says(f"!points give {line}")).text
    assert await points_of(db, discord, alice) == 100
    assert await db.user.count() == 1
    assert await db.points_transaction.count() == 0


async def test_who_has_nothing_gives_nothing_and_leaves_no_row(discord, db, alice, bob):
    reply = await alice.slash("points give", member=bob, amount=1)
    assert "You have 0 points" in reply.text
    assert reply.is_ephemeral
    assert await db.user.count() == 0


async def test_nobody_is_given_more_than_fits(discord, db, alice, bob):
    await rich(db, discord, alice, 100)
    await rich(db, discord, bob, MAX_POINTS - 50)
    assert "Nobody can have more" in (await alice.slash("points give", member=bob, amount=51)).text
    assert "you have 50 left" in (await alice.slash("points give", member=bob, amount=50)).text


async def test_of_gifts_at_once_those_that_are_covered_arrive_and_the_sum_stays(discord, db, alice, bob):
    await rich(db, discord, alice, 100)
    people = Person(alice.id, "alice"), Person(bob.id, "bob")
    results = await asyncio.gather(
        *(db.user.give(discord.guild.id, *people, 9) for _ in range(30)), return_exceptions=True
    )
    refused = [result for result in results if isinstance(result, BaseException)]
    assert (len(results) - len(refused), {type(error) for error in refused}) == (11, {TooFewPoints})
    told = [result for result in results if not isinstance(result, BaseException)]
    assert sorted(told) == list(range(1, 100, 9)), "each is told the balance that their gift left"
    assert [await points_of(db, discord, member) for member in (alice, bob)] == [1, 99]


async def test_the_balance_of_another_server_does_not_count(discord, db, alice, bob):
    await db.user.create_user(guild_id=1, discord_id=alice.id, username="alice", points=100)
    with pytest.raises(TooFewPoints):
        await db.user.give(discord.guild.id, Person(alice.id, "alice"), Person(bob.id, "bob"), 5)
    await rich(db, discord, bob, MAX_POINTS)
    with pytest.raises(TooManyPoints):
        await db.user.give(
            discord.guild.id, Person(bob.id, "bob"), Person((await fill(db, discord)).discord_id, "full"), 5
        )


async def fill(db, discord):
    return await db.user.create_user(guild_id=discord.guild.id, discord_id=77, username="full", points=MAX_POINTS)


async def test_the_richest_are_paged_by_buttons(discord, db, alice):
    assert "Nobody has any" in (await alice.says("!points top")).text
    for number in range(13):
        await db.user.create_user(
            guild_id=discord.guild.id, discord_id=number + 1, username="member", points=number // 2 * 10
        )
    await db.user.create_user(guild_id=1, discord_id=99, username="elsewhere", points=9000)
    reply = await alice.slash("/points top")
    shown = [reply.text]
    with max_queries(1):
        shown.append((await alice.clicks(reply, "Next")).text)
    members = [int(found) for text in shown for found in re.findall(r"<@(\d+)>", text)]
    assert members == [13, 11, 12, 9, 10, 7, 8, 5, 6, 3, 4]
    assert "**11.** <@4>: 10" in shown[1]


async def test_administrators_set_points_and_the_audit_log_knows(discord, db, alice, bob):
    assert "rank 7" in (await alice.slash("points set", member=bob, amount=5)).text
    assert await db.user.count() == 0
    with max_queries(6):  # BEGIN, the points, SAVEPOINT, the audit row, RELEASE, COMMIT
        reply = await discord.owner.says("!points set @bob 500")
    assert "@bob has 500 points now" in reply.text
    await discord.owner.slash("points set", member=bob, amount=0)
    assert await points_of(db, discord, bob) == 0
    noted = await db.audit.get_all(order_by="id")
    assert [(row.action, row.actor_id, row.target_id) for row in noted] == [
        ("points.set", discord.owner.id, bob.id)
    ] * 2
    assert "I did not understand" in (await discord.owner.says("!points set @bob -1")).text


async def test_points_are_set_though_the_audit_log_cannot_be_written(discord, db, bob):
    await db.service.execute("ALTER TABLE audit_entries RENAME TO audit_lost")
    try:
        await discord.owner.slash("points set", member=bob, amount=5)
    finally:
        await db.service.execute("ALTER TABLE audit_lost RENAME TO audit_entries")
    discord.errors.clear()
    assert (await db.user.get_by_id((discord.guild.id, bob.id))).points == 5


async def test_points_that_could_not_be_set_are_not_in_the_audit_log(discord, db, bob):
    reply = await discord.owner.says(f"!points set @bob {MAX_POINTS + 1}")
    assert "I did not understand" in reply.text
    assert await db.audit.count() == 0


async def test_where_the_plugin_is_off_its_commands_are_silent(discord, db, alice):
    await db.switches.turn(discord.guild.id, "points", enabled=False)
    assert (await alice.says("!points")).messages == []
    assert "switched off" in (await alice.slash("/points balance")).text
