from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta

from plugins.levels.events import LevelChanged
from plugins.levels.formula import MAX_XP, level_of, xp_of
from tux.errors import CheckViolation, InvalidValue
from tux.settings import FAST
from tux.testing import at, max_queries

GUILD = 941
MINUTE = timedelta(minutes=1)
NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


async def xp(db):
    return {(row.member_id, row.guild_id): row.xp for row in await db.levels.get_all()}


async def test_two_hundred_members_of_many_guilds_at_once_get_their_own_points(db):
    await asyncio.gather(*(db.levels.add_xp(member, GUILD + member % 7, 1) for member in range(0, 200, 2)))
    with max_queries(3 if FAST else 200):
        rows = await asyncio.gather(*(db.levels.add_xp(member, GUILD + member % 7, member) for member in range(200)))
    wanted = {(member, GUILD + member % 7): member + (member + 1) % 2 for member in range(200)}
    assert {(row.member_id, row.guild_id): row.xp for row in rows} == await xp(db) == wanted
    assert [row.level for row in rows] == [level_of(row.xp) for row in rows]
    assert [row.member_id for row in rows] == [*range(200)]


async def test_amounts_that_the_table_or_the_driver_refuses_concern_their_callers_alone(db):
    await db.levels.set_xp(7, GUILD, MAX_XP)
    amounts = [1.0] * 40
    amounts[8], amounts[9], amounts[23] = 2.0 * MAX_XP, float("nan"), "many"
    rows = await asyncio.gather(
        *(db.levels.add_xp(member, GUILD, amount) for member, amount in enumerate(amounts)), return_exceptions=True
    )
    assert [type(rows[number]) for number in (7, 8, 9, 23)] == [CheckViolation, *[InvalidValue] * 3]
    others = {(member, GUILD): 1.0 for member in range(40) if member not in {7, 8, 9, 23}}
    assert await xp(db) == {(7, GUILD): MAX_XP, **others}


async def test_points_are_taken_beside_those_that_are_given(db):
    await asyncio.gather(*(db.levels.add_xp(member, GUILD, 10) for member in range(20)))
    await asyncio.gather(*(db.levels.add_xp(member, GUILD, 5 if member % 2 else -15) for member in range(20)))
    assert await xp(db) == {(member, GUILD): 15.0 if member % 2 else 0.0 for member in range(20)}


async def test_of_two_messages_of_each_member_at_once_one_earns(db):
    with at(NOON):
        calls = [db.levels.add_xp(member, GUILD, 5, cooldown=MINUTE) for member in range(30) for _ in range(2)]
        rows = await asyncio.gather(*calls)
    assert [(rows[n] is None) + (rows[n + 1] is None) for n in range(0, 60, 2)] == [1] * 30
    assert await xp(db) == {(member, GUILD): 5.0 for member in range(30)}
    assert {row.last_message for row in await db.levels.get_all()} == {NOON}


async def test_messages_of_guilds_with_different_limits_at_once(db):
    await db.levels.set_xp(1, GUILD, xp_of(3) - 1)
    rows = await asyncio.gather(
        *(db.levels.add_xp(1, GUILD + n % 2, 5, cooldown=MINUTE, max_level=3 if n < 1 else 0) for n in range(2)),
        *(db.levels.add_xp(n, GUILD, 5, cooldown=MINUTE, max_level=3) for n in range(2, 20)),
    )
    assert [row.xp for row in rows] == [xp_of(3), *[5.0] * 19]


async def test_a_blacklisted_member_gets_nothing_in_a_group(db):
    await db.levels.blacklist_member(3, GUILD)
    rows = await asyncio.gather(*(db.levels.add_xp(member, GUILD, 5) for member in range(10)))
    assert [row.xp for row in rows] == [0.0 if member == 3 else 5.0 for member in range(10)]
    assert [row.blacklisted for row in rows] == [member == 3 for member in range(10)]


async def test_each_level_that_a_group_reaches_is_told_once_and_kept_by_then(db):
    heard = []

    async def listen(event):
        row = await db.levels.get_by_id((event.member_id, event.guild_id))
        heard.append((event.member_id, event.level, row.level))

    db.events.subscribe(LevelChanged, listen, plugin="levels")
    try:
        await asyncio.gather(*(db.levels.add_xp(member, GUILD, 20 if member % 2 else 19) for member in range(20)))
    finally:
        db.events.unsubscribe(listen)
    assert sorted(heard) == [(member, 1, 1) for member in range(1, 20, 2)]


async def test_points_given_in_transactions_of_their_own_beside_groups_are_all_there(db):
    async def apart(member, **options):
        async with db.transaction():
            return await db.levels.add_xp(member, GUILD, 2, **options)

    await asyncio.gather(*(call for n in range(40) for call in (apart(n % 2), db.levels.add_xp(n % 2, GUILD, 3))))
    assert await xp(db) == {(member, GUILD): 100.0 for member in range(2)}


async def test_of_messages_in_transactions_of_their_own_one_earns(db):
    async def apart():
        async with db.transaction():
            return await db.levels.add_xp(1, GUILD, 5, cooldown=MINUTE)

    rows = await asyncio.gather(*(apart() for _ in range(10)))
    assert sum(row is not None for row in rows) == 1
