from __future__ import annotations

import asyncio
import random

import pytest

from plugins.moderation.models import Case
from plugins.points.errors import InvalidTransfer
from plugins.points.models import MAX_POINTS, PointsTransaction, User
from tux.errors import CheckViolation, InvalidQuery, InvalidValue, NotNullViolation, UserError
from tux.testing import max_queries

GUILD = 410


async def make_users(db, *points, guild_id=GUILD):
    """Return the ids of new members with these points."""
    return [
        (await db.user.create_user(discord_id=n, guild_id=guild_id, username=f"u{n}", points=each)).id
        for n, each in enumerate(points, 1)
    ]


async def points_of(db, guild_id=GUILD):
    return [user.points for user in await db.user.find_users_by_guild(guild_id)]


async def make_case(db, user_id, **changes):
    values = {"case_type": "WARN", "case_user_id": user_id, "case_moderator_id": 9, "guild_id": GUILD}
    return await db.case.create_case(**{**values, **changes})


async def test_a_thousand_concurrent_transfers_keep_the_sum_and_never_go_below_zero(db):
    ids = await make_users(db, *[20] * 8)
    pick = random.Random(8)  # noqa: S311 - a test's moves are the same each time
    moves = [(*pick.sample(ids, 2), pick.randint(1, 15)) for _ in range(1000)]
    answers = await asyncio.gather(*(db.user.transfer_points(*move) for move in moves))
    left = await points_of(db)
    assert sum(left) == 160
    assert min(left) >= 0
    assert 0 < sum(answers) < 1000
    assert await PointsTransaction.all().count() == sum(answers)
    balance = dict.fromkeys(ids, 20)
    for row in await PointsTransaction.all():
        balance[row.from_user_id] -= row.amount
        balance[row.to_user_id] += row.amount
    assert list(balance.values()) == left


async def test_transfers_in_opposite_directions_do_not_deadlock(db):
    one, two = await make_users(db, 1000, 1000)
    both = [db.user.transfer_points(one, two, 1), db.user.transfer_points(two, one, 1)]
    both += [db.user.transfer_points(*pair, 1) for _ in range(100) for pair in ((one, two), (two, one))]
    assert all(await asyncio.gather(*both))
    assert await points_of(db) == [1000, 1000]


async def test_a_transfer_locks_the_lower_id_first_wherever_the_rows_lie(db):
    one, two = await make_users(db, 10, 10)
    await db.user.update_user(one, message_count=1)  # its newest version now lies behind that of the other
    held, free = asyncio.Event(), asyncio.Event()

    async def hold():
        async with db.transaction():
            await db.service.fetch("SELECT FROM points_users WHERE id = $1 FOR UPDATE", one)
            held.set()
            await free.wait()

    holding = asyncio.create_task(hold())
    await held.wait()
    transfer = asyncio.create_task(db.user.transfer_points(two, one, 1))
    done, _ = await asyncio.wait([transfer], timeout=0.1)
    untouched = await db.service.fetch("SELECT FROM points_users WHERE id = $1 FOR UPDATE SKIP LOCKED", two)
    free.set()
    await holding
    assert await transfer is True
    assert (not done, len(untouched)) == (True, 1)


async def test_a_transfer_is_refused_when_the_giver_is_short_by_one(db):
    one, two = await make_users(db, 10, 5)
    before = await db.user.get_user(one)
    assert await db.user.transfer_points(one, two, 11) is False
    assert await db.user.transfer_points(one, two, MAX_POINTS + 1) is False
    assert await db.user.transfer_points(one, two, 2**70) is False
    assert await points_of(db) == [10, 5]
    assert (await db.user.get_user(one)).updated_at == before.updated_at
    assert await PointsTransaction.all().count() == 0
    assert await db.user.transfer_points(one, two, 10) is True
    assert (await db.user.get_user(one)).updated_at > before.updated_at


async def test_nobody_receives_more_than_the_most_there_may_be(db):
    one, two = await make_users(db, 10, MAX_POINTS - 5)
    assert await db.user.transfer_points(one, two, 6) is False
    assert await db.user.transfer_points(one, two, 5) is True
    assert await points_of(db) == [5, MAX_POINTS]


async def test_points_move_neither_from_nor_to_strangers_nor_between_guilds(db):
    [one] = await make_users(db, 10)
    [far] = await make_users(db, 10, guild_id=GUILD + 1)
    for giver, taker in ((one, 0), (0, one), (one, far), (far, one)):
        assert await db.user.transfer_points(giver, taker, 1) is False
    assert (await points_of(db), await points_of(db, GUILD + 1)) == ([10], [10])


@pytest.mark.parametrize("amount", [0, -5, 1.5, True, "3", None])
async def test_an_amount_that_is_no_positive_number_is_refused(db, amount):
    one, two = await make_users(db, 10, 0)
    with pytest.raises(InvalidTransfer, match="the least is 1") as refused:
        await db.user.transfer_points(one, two, amount)
    assert isinstance(refused.value, UserError)
    assert await points_of(db) == [10, 0]


async def test_nobody_gives_points_to_themselves(db):
    [one] = await make_users(db, 10)
    with pytest.raises(InvalidTransfer, match="themselves"):
        await db.user.transfer_points(one, one, 5)


async def test_a_rolled_back_transfer_leaves_nothing(db):
    one, two = await make_users(db, 10, 0)

    async def fail():
        async with db.transaction():
            assert await db.user.transfer_points(one, two, 10)
            raise LookupError

    with pytest.raises(LookupError):
        await fail()
    assert await points_of(db) == [10, 0]
    assert await PointsTransaction.all().count() == 0


async def test_transactions_of_a_member_come_newest_first_and_outlive_the_other(db):
    one, two, three = await make_users(db, 10, 10, 10)
    for giver, taker, amount in ((one, two, 1), (two, one, 2), (two, three, 3)):
        await db.user.transfer_points(giver, taker, amount)
    assert [row.amount for row in await db.points_transaction.list_transactions(one)] == [2, 1]
    assert [row.amount for row in await db.points_transaction.list_transactions(two, limit=2)] == [3, 2]
    await db.user.delete_user(one)
    rows = await db.points_transaction.list_transactions(two)
    assert [(row.amount, row.from_user_id, row.to_user_id) for row in rows] == [
        (3, two, three),
        (2, two, None),
        (1, None, two),
    ]


async def test_a_name_loses_outer_spaces_and_is_never_blank(db):
    user = await db.user.create_user(discord_id=1, guild_id=GUILD, username="  Bob Builder\n")
    assert user.username == "Bob Builder"
    assert (await db.user.update_user(user.id, username=" Al ")).username == "Al"
    for write in (
        db.user.update_user(user.id, username="  "),
        db.user.create_user(discord_id=2, guild_id=GUILD, username=""),
        db.user.upsert({"guild_id": GUILD, "discord_id": 1}, username="\t"),
        db.user.update_multiple_users([{"id": user.id, "username": " "}]),
        db.user.bulk_create([{"discord_id": 3, "guild_id": GUILD, "username": " "}]),
    ):
        with pytest.raises(InvalidValue, match=r"points_users\.username: must not be blank"):
            await write
    with pytest.raises(NotNullViolation, match="username"):
        await db.user.create_user(discord_id=2, guild_id=GUILD)
    with pytest.raises(InvalidValue, match="at most 100"):
        await db.user.update_user(user.id, username="x" * 101)
    with pytest.raises(CheckViolation, match="points_users_username_check"):
        await db.service.execute("UPDATE points_users SET username = ' '")
    assert [each.username for each in await db.user.get_all()] == ["Al"]


async def test_points_out_of_range_are_refused_on_every_path(db):
    [one] = await make_users(db, 10)
    for points in (-1, MAX_POINTS + 1, 2**40):
        for write in (
            db.user.update_user(one, points=points),
            db.user.create_user(discord_id=2, guild_id=GUILD, username="x", points=points),
            db.user.update_multiple_users([{"id": one, "points": points}]),
            db.user.upsert({"guild_id": GUILD, "discord_id": 1}, points=points, username="u1"),
        ):
            with pytest.raises(InvalidValue, match="points"):
                await write
    for amount in (-11, MAX_POINTS):
        with pytest.raises(CheckViolation) as refused:
            await db.user.increment(one, points=amount)
        assert refused.value.constraint == "points_users_points_check"
    with pytest.raises(InvalidValue, match="message_count"):
        await db.user.update_user_stats(one, message_count=-1)
    with pytest.raises(InvalidQuery, match="colour"):
        await db.user.update_user_stats(one, colour=1)
    assert await points_of(db) == [10]


async def test_five_hundred_users_are_changed_in_one_statement(db):
    rows = await db.user.bulk_create([{"discord_id": n, "guild_id": GUILD, "username": f"u{n}"} for n in range(500)])
    with max_queries(1):
        assert await db.user.update_multiple_users([{"id": row.id, "points": 7} for row in rows]) == 500
    assert set(await points_of(db)) == {7}


async def test_a_member_comes_with_all_cases(db):
    [one] = await make_users(db, 0)
    for _ in range(3):
        await make_case(db, 1)
    with max_queries(2):
        assert len((await db.user.get_user_with_cases(one)).cases) == 3


async def test_members_with_active_cases_come_with_all_their_cases(db):
    await make_users(db, *[0] * 20)
    for user_id in range(1, 16):
        await make_case(db, user_id, case_status=user_id % 3 != 0)
        await make_case(db, user_id, case_status=False)
    with max_queries(2):
        found = await db.user.get_users_with_active_cases(GUILD)
    assert [user.discord_id for user in found] == [n for n in range(1, 16) if n % 3]
    assert {len(user.cases) for user in found} == {2}


async def test_a_member_without_cases_has_an_empty_list(db):
    [one] = await make_users(db, 0)
    assert (await db.user.get_user_with_cases(one)).cases == []
    assert await db.user.get_users_with_active_cases(GUILD) == []
    assert await db.user.find_all(User.cases.any()) == []


async def test_cases_of_the_same_user_in_another_guild_do_not_count(db):
    await make_users(db, 0)
    await make_case(db, 1, guild_id=GUILD + 1)
    assert await db.user.find_all(User.cases.any(Case.case_status == True)) == []  # noqa: E712
    assert await db.user.get_users_with_active_cases(GUILD) == []


async def test_members_go_with_their_guild(db):
    one, two = await make_users(db, 10, 0)
    await db.user.transfer_points(one, two, 1)
    await db.guild.delete_by_id(GUILD)
    assert (await db.user.count(), await db.points_transaction.count()) == (0, 0)
