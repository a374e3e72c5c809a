"""A test per line of CALLS.md that concerns `db.user`, and the relations of `User` and `Guild`."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest

from plugins.guild.models import Guild
from plugins.moderation.models import Case
from plugins.points.models import MAX_POINTS, PointsTransaction, User
from tux.clock import now
from tux.errors import InvalidValue, UniqueViolation

GUILD = 400


async def make_user(db, discord_id, **changes):
    return await db.user.create_user(
        **{"discord_id": discord_id, "guild_id": GUILD, "username": f"user{discord_id}", **changes}
    )


async def make_case(db, user_id, **changes):
    values = {"case_type": "WARN", "case_user_id": user_id, "case_moderator_id": 9, "guild_id": GUILD}
    return await db.case.create_case(**{**values, **changes})


async def test_user_has_the_documented_columns(db):
    seen = now() - timedelta(days=1)
    user = await make_user(db, 41, points=5, message_count=6, is_active=False, last_active=seen)
    stored = await db.user.get_by_id(user.id)
    assert (stored.discord_id, stored.guild_id, stored.username) == (41, GUILD, "user41")
    assert (stored.points, stored.message_count, stored.is_active, stored.last_active) == (5, 6, False, seen)


async def test_user_is_unique_in_a_guild(db):
    user = await make_user(db, 41)
    assert (user.points, user.message_count, user.is_active) == (0, 0, True)
    with pytest.raises(UniqueViolation):
        await make_user(db, 41)
    assert (await make_user(db, 41, guild_id=GUILD + 1)).id != user.id
    assert (await db.user.get_by_id((GUILD, 41))).id == user.id


async def test_relations_user_cases_guild_users_and_guild_cases(db):
    user = await make_user(db, 41)
    case = await make_case(db, 41)
    assert [each.id for each in await db.user.find_all(User.cases.any(Case.case_id == case.case_id))] == [user.id]
    for relation in (Guild.users.any(User.discord_id == 41), Guild.cases.any(Case.case_number == 1)):
        assert [each.guild_id for each in await db.guild.find_all(relation)] == [GUILD]
    guild = await db.guild.find_one({"guild_id": GUILD}, prefetch=["users", "cases"])
    assert ([each.id for each in guild.users], [each.case_id for each in guild.cases]) == ([user.id], [case.case_id])


async def test_get_user_create_user_update_user_and_delete_user(db):
    user = await make_user(db, 41)
    assert (await db.user.get_user(user.id)).username == "user41"
    assert (await db.user.update_user(user.id, username="Bob", points=7)).username == "Bob"
    assert (await db.user.get_user(user.id)).points == 7
    assert await db.user.delete_user(user.id) is True
    assert await db.user.delete_user(user.id) is False
    assert await db.user.get_user(user.id) is None
    assert await db.user.update_user(user.id, points=1) is None


async def test_find_users_by_guild(db):
    users = [await make_user(db, discord_id) for discord_id in (44, 41, 43)]
    await make_user(db, 41, guild_id=GUILD + 1)
    assert [user.id for user in await db.user.find_users_by_guild(GUILD)] == [user.id for user in users]
    assert await db.user.find_users_by_guild(GUILD + 2) == []


async def test_get_top_users_by_activity(db):
    today = now()
    for discord_id, messages, days in ((41, 5, 1), (42, 9, 5), (43, 9, 2), (44, 0, 0)):
        await make_user(db, discord_id, message_count=messages, last_active=today - timedelta(days=days))
    assert [user.discord_id for user in await db.user.get_top_users_by_activity(GUILD)] == [43, 42, 41, 44]
    assert [user.discord_id for user in await db.user.get_top_users_by_activity(GUILD, limit=2)] == [43, 42]


async def test_update_user_stats(db):
    user = await make_user(db, 41)
    moment = now()
    changed = await db.user.update_user_stats(user.id, message_count=12, last_active=moment)
    assert (changed.message_count, changed.last_active) == (12, moment)
    assert await db.user.update_user_stats(user.id + 1, message_count=1) is None


async def test_update_user_points(db):
    user = await make_user(db, 41)
    for points in (0, 10, MAX_POINTS):
        assert (await db.user.update_user_points(user.id, points)).points == points
    for points in (-1, MAX_POINTS + 1):
        with pytest.raises(InvalidValue, match=r"points_users\.points: .*(0|1000000000)"):
            await db.user.update_user_points(user.id, points)
    assert (await db.user.get_user(user.id)).points == MAX_POINTS
    assert await db.user.update_user_points(user.id + 1, 5) is None


async def test_get_user_with_cases(db):
    user = await make_user(db, 41)
    await make_user(db, 41, guild_id=GUILD + 1)
    for guild_id in (GUILD, GUILD + 1, GUILD):
        await make_case(db, 41, guild_id=guild_id)
    await make_case(db, 42)
    found = await db.user.get_user_with_cases(user.id)
    assert [(case.guild_id, case.case_number, case.case_user_id) for case in found.cases] == [
        (GUILD, 1, 41),
        (GUILD, 2, 41),
    ]
    assert await db.user.get_user_with_cases(0) is None


async def test_get_users_with_active_cases(db):
    for discord_id in (41, 42, 43, 44):
        await make_user(db, discord_id)
    await make_user(db, 44, guild_id=GUILD + 1)
    for user_id, stands in ((41, True), (41, True), (42, False), (44, True)):
        await make_case(db, user_id, case_status=stands, guild_id=GUILD + 1 if user_id == 44 else GUILD)
    found = await db.user.get_users_with_active_cases(GUILD)
    assert [(user.discord_id, len(user.cases)) for user in found] == [(41, 2)]


async def test_get_all_users_paginated(db):
    await db.user.bulk_create([{"discord_id": n, "guild_id": GUILD, "username": f"u{n}"} for n in range(1, 61)])
    first = await db.user.get_all_users_paginated(GUILD)
    assert ([user.discord_id for user in first.items], first.total, first.pages) == (list(range(1, 51)), 60, 2)
    second = await db.user.get_all_users_paginated(GUILD, page=2)
    assert [user.discord_id for user in second.items] == list(range(51, 61))


async def test_update_multiple_users(db):
    users = [await make_user(db, discord_id) for discord_id in (41, 42)]
    updates = [{"id": users[0].id, "points": 5}, {"id": users[1].id, "username": "Al"}, {"id": 0, "points": 5}]
    assert await db.user.update_multiple_users(updates) == 2
    assert [(user.username, user.points) for user in await db.user.find_users_by_guild(GUILD)] == [
        ("user41", 5),
        ("Al", 0),
    ]
    assert await db.user.update_multiple_users([]) == 0


async def test_transfer_points(db):
    giver, taker = await make_user(db, 41, points=100), await make_user(db, 42)
    assert await db.user.transfer_points(giver.id, taker.id, 60) is True
    assert await db.user.transfer_points(giver.id, taker.id, 60) is False
    assert [user.points for user in await db.user.find_users_by_guild(GUILD)] == [40, 60]
    [row] = await PointsTransaction.all()
    assert (row.guild_id, row.from_user_id, row.to_user_id, row.amount) == (GUILD, giver.id, taker.id, 60)


async def test_transfer_points_is_atomic(db):
    giver, taker = await make_user(db, 41, points=50), await make_user(db, 42)
    answers = await asyncio.gather(*(db.user.transfer_points(giver.id, taker.id, 1) for _ in range(60)))
    assert sum(answers) == 50
    assert [user.points for user in await db.user.find_users_by_guild(GUILD)] == [0, 50]
