from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from plugins.levels.formula import MAX_XP, level_of
from tux.clock import now
from tux.errors import CheckViolation, InvalidQuery, InvalidValue
from tux.testing import at, max_queries

BOB, ALICE, GUILD = 33, 34, 931
MINUTE = timedelta(minutes=1)
NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


async def fill(db, count, guild_id=GUILD):
    """Give many members points, ten of them the same number each, and let PostgreSQL look at them."""
    await db.guild.get_or_create_guild(guild_id)
    await db.service.execute(
        "INSERT INTO levels_member_levels (guild_id, member_id, xp, created_at, updated_at)"
        " SELECT $1, n, n / 10, $3, $3 FROM generate_series(1, $2::int) AS n",
        guild_id,
        count,
        now(),
    )
    for _ in range(10):  # the test server commits without a flush; VACUUM trusts only what is flushed and seen by all
        await db.service.execute("CHECKPOINT")
        await db.service.execute("VACUUM ANALYZE levels_member_levels")
        seen = "SELECT relallvisible > 0.9 * relpages AS most FROM pg_class WHERE relname = 'levels_member_levels'"
        if (await db.service.fetch(seen))[0]["most"]:
            return
        await asyncio.sleep(0.05)


async def plan(db, sql, *args):
    """Return the plan of a statement that was run, in the words of PostgreSQL."""
    rows = await db.service.fetch(f"EXPLAIN (ANALYZE, COSTS OFF, TIMING OFF, SUMMARY OFF) {sql}", *args)
    return "\n".join(row[0] for row in rows)


async def test_fifty_concurrent_additions_of_a_stranger_in_an_unknown_guild_are_all_there(db):
    rows = await asyncio.gather(*(db.levels.add_xp(BOB, GUILD, 2) for _ in range(50)))
    assert sorted(row.xp for row in rows) == [2.0 * count for count in range(1, 51)]
    assert await db.levels.get_xp_and_level(BOB, GUILD) == (100.0, 2)
    assert await db.levels.count() == 1


async def test_of_fifty_concurrent_additions_one_sees_each_level_begin(db):
    rows = await asyncio.gather(*(db.levels.add_xp(BOB, GUILD, 2) for _ in range(50)))
    assert sorted(row.level for row in rows if row.level > level_of(row.xp - 2)) == [1, 2]


async def test_of_fifty_messages_at_once_one_earns(db):
    rows = await asyncio.gather(*(db.levels.add_xp(BOB, GUILD, 5, cooldown=MINUTE) for _ in range(50)))
    assert sum(row is not None for row in rows) == 1
    assert await db.levels.get_xp(BOB, GUILD) == 5


async def test_a_message_earns_again_exactly_when_the_cooldown_is_over(db):
    earned = []
    for seconds in (0, 59, 60, 119, 121):
        with at(NOON + timedelta(seconds=seconds)):
            earned.append(await db.levels.add_xp(BOB, GUILD, 5, cooldown=MINUTE) is not None)
    assert earned == [True, False, True, False, True]
    row = await db.levels.get_by_id((BOB, GUILD))
    assert (row.xp, row.last_message) == (15.0, NOON + timedelta(seconds=121))
    assert row.updated_at == row.last_message


async def test_a_message_that_earns_nothing_writes_nothing(db):
    await db.levels.add_xp(BOB, GUILD, 5, cooldown=MINUTE)
    before = await db.service.fetch_one("SELECT ctid::text AS place, xmin::text AS writer FROM levels_member_levels")
    assert await db.levels.add_xp(BOB, GUILD, 5, cooldown=MINUTE) is None
    row = await db.service.fetch_one("SELECT ctid::text AS place, xmin::text AS writer FROM levels_member_levels")
    assert tuple(row) == tuple(before)


async def test_each_member_and_guild_has_a_cooldown_of_its_own(db):
    for member_id, guild_id in ((BOB, GUILD), (ALICE, GUILD), (BOB, GUILD + 1)):
        assert await db.levels.add_xp(member_id, guild_id, 5, cooldown=MINUTE) is not None


async def test_points_that_are_given_neither_wait_for_the_cooldown_nor_start_it(db):
    await db.levels.add_xp(BOB, GUILD, 5)
    with at(NOON):
        assert await db.levels.add_xp(BOB, GUILD, 5, cooldown=MINUTE) is not None
        row = await db.levels.add_xp(BOB, GUILD, 5)
    assert (row.xp, row.last_message) == (15.0, NOON)


async def test_points_are_taken_down_to_nothing_and_the_level_with_them(db):
    await db.levels.set_xp(BOB, GUILD, 100)
    row = await db.levels.add_xp(BOB, GUILD, -30)
    assert (row.xp, row.level) == (70.0, 1)
    row = await db.levels.add_xp(BOB, GUILD, -500)
    assert (row.xp, row.level) == (0.0, 0)
    assert (await db.levels.add_xp(ALICE, GUILD, -5)).xp == 0


async def test_a_blacklisted_member_earns_nothing_and_keeps_what_there_is(db):
    await db.levels.set_xp(BOB, GUILD, 100)
    await db.levels.blacklist_member(BOB, GUILD)
    assert await db.levels.add_xp(BOB, GUILD, 50, cooldown=MINUTE) is None
    row = await db.levels.add_xp(BOB, GUILD, 50)
    assert (row.xp, row.level, row.last_message, row.blacklisted) == (100.0, 2, None, True)
    assert (await db.levels.set_xp(BOB, GUILD, 500)).level == 5


async def test_a_blacklisted_member_is_on_no_leaderboard(db):
    for member_id, xp in ((1, 30), (2, 20), (3, 10)):
        await db.levels.set_xp(member_id, GUILD, xp)
    await db.levels.toggle_blacklist(1, GUILD)
    assert [row.member_id for row in await db.levels.get_top_members(GUILD)] == [2, 3]
    assert [await db.levels.get_member_rank(member_id, GUILD) for member_id in (1, 2, 3)] == [None, 1, 2]


async def test_fifty_concurrent_toggles_leave_a_stranger_as_they_were(db):
    answers = await asyncio.gather(*(db.levels.toggle_blacklist(BOB, GUILD) for _ in range(50)))
    assert sum(answers) == 25
    assert await db.levels.is_blacklisted(BOB, GUILD) is False


async def test_pages_of_the_leaderboard_follow_each_other_without_gap_or_repetition(db):
    await db.levels.bulk_create({"member_id": n, "guild_id": GUILD, "xp": n * 37 % 10} for n in range(95))
    await db.levels.set_xp(1, GUILD + 1, 5)
    seen, after = [], None
    while page := await db.levels.get_top_members(GUILD, 10, after=after):
        seen += [(row.xp, row.member_id) for row in page]
        after = page[-1]
    assert seen == sorted(((n * 37 % 10, n) for n in range(95)), reverse=True)


async def test_a_deep_page_reads_no_more_rows_than_it_shows(db):
    await fill(db, 20_000)
    last = (await db.levels.get_top_members(GUILD, 1))[0]
    deep = db.levels.model(xp=5.0, member_id=55)
    for after in (last, deep):
        with max_queries(1) as sent:
            page = await db.levels.get_top_members(GUILD, 10, after=after)
        found = await plan(db, sent[0], GUILD, 10, after.xp, after.member_id)
        assert len(page) == 10
        assert "levels_member_levels_board" in found
        assert "Rows Removed" not in found
        assert "Sort" not in found


async def test_a_rank_is_counted_within_the_index(db):
    await fill(db, 20_000)
    assert await db.levels.get_member_rank(20_000, GUILD) == 1
    with max_queries(1) as sent:
        assert await db.levels.get_member_rank(19_995, GUILD) == 2
    assert "Index Only Scan" in await plan(db, sent[0], 19_995, GUILD)
    assert await db.levels.get_member_rank(10, GUILD) == 20_000 - 19 + 1
    assert await db.levels.get_member_rank(19, GUILD) == 20_000 - 19 + 1
    assert await db.levels.get_member_rank(9, GUILD) == 20_000 - 9 + 1


async def test_a_batch_is_read_by_the_index_in_one_statement_of_one_text(db):
    await fill(db, 20_000)
    with max_queries(2) as sent:
        assert len(await db.levels.get_levels_batch(range(1, 101), GUILD)) == 100
        assert await db.levels.get_levels_batch([10**9], GUILD) == {}
    assert len(set(sent)) == 1
    found = await plan(db, sent[0], list(range(1, 101)), GUILD)
    assert "Index Cond: ((member_id = ANY" in found


async def test_levels_are_derived_anew_where_they_are_wrong(db):
    await db.levels.update_xp_and_level(BOB, GUILD, 100, 9, NOON)
    await db.levels.update_xp_and_level(BOB, GUILD + 1, 100, 9, NOON)
    await db.levels.set_xp(ALICE, GUILD, 100)
    assert await db.levels.recompute_levels(GUILD) == 1
    assert await db.levels.recompute_levels(GUILD) == 0
    assert (await db.levels.get_level(BOB, GUILD), await db.levels.get_level(BOB, GUILD + 1)) == (2, 9)


@pytest.mark.parametrize("xp", [-1, float("nan"), float("inf"), MAX_XP * 2])
async def test_points_that_are_none_are_refused_on_every_path(db, xp):
    with pytest.raises(InvalidValue, match="out of range"):
        await db.levels.set_xp(BOB, GUILD, xp)
    with pytest.raises((CheckViolation, InvalidValue)):
        await db.levels.update_xp_and_level(BOB, GUILD, xp, 1, NOON)
    if xp != -1:
        with pytest.raises(InvalidValue, match="at most 1000000000000000"):
            await db.levels.add_xp(BOB, GUILD, xp)
    assert await db.levels.count() == 0


@pytest.mark.parametrize("amount", [None, "lots", b"1", [1]])
async def test_an_amount_that_is_no_number_is_refused_by_name_and_nothing_is_stored(db, amount):
    with pytest.raises(InvalidValue, match=r"levels_member_levels\.xp"):
        await db.levels.add_xp(BOB, GUILD, amount)
    assert await db.levels.count() == await db.guild.count() == 0


async def test_an_amount_is_a_number_of_any_kind(db):
    assert (await db.levels.add_xp(BOB, GUILD, Decimal("1.5"))).xp == 1.5
    assert (await db.levels.add_xp(BOB, GUILD, "2")).xp == 3.5


async def test_a_level_below_nothing_is_refused(db):
    with pytest.raises(CheckViolation, match="level"):
        await db.levels.set_level(BOB, GUILD, -1)


async def test_a_naive_time_and_a_wrong_limit_are_refused(db):
    with pytest.raises(InvalidValue, match="naive"):
        await db.levels.update_xp_and_level(BOB, GUILD, 1, 1, datetime(2026, 1, 1))  # noqa: DTZ001 - refused
    with pytest.raises(InvalidQuery, match="limit"):
        await db.levels.get_top_members(GUILD, -1)


async def test_levels_go_with_their_guild_and_no_other(db):
    await db.levels.add_xp(BOB, GUILD, 1)
    await db.levels.add_xp(BOB, GUILD + 1, 1)
    await db.guild.delete_by_id(GUILD)
    assert [row.guild_id for row in await db.levels.get_all()] == [GUILD + 1]


async def test_points_of_a_rolled_back_transaction_are_not_there(db):
    async def add_and_fail():
        async with db.transaction():
            await db.levels.add_xp(BOB, GUILD, 5)
            await db.levels.toggle_blacklist(ALICE, GUILD)
            raise LookupError

    with pytest.raises(LookupError):
        await add_and_fail()
    assert await db.levels.count() == 0
    assert not await db.guild.exists({"guild_id": GUILD})
