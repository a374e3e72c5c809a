"""Theme 4: a pair identifies one row in every operation, and one row of very many costs what one of few does."""

# ruff: noqa: PT012 - that the end of a transaction's block raises is what is tested

from __future__ import annotations

import asyncio
import json
from typing import NamedTuple

import pytest

from tests.correctness.scenes import ANN, BOB, GUILD, OTHER, a_case
from tux.database.engine import active_client
from tux.errors import InvalidQuery

PAIR = (BOB, GUILD)
KEYS = {"member_id": BOB, "guild_id": GUILD}
DECOYS = {(BOB, OTHER): 2.0, (ANN, GUILD): 3.0, (GUILD, BOB): 4.0}


@pytest.fixture
async def levels(db):
    """The row of one pair, and others that share a half of it, or have it the wrong way round."""
    rows = {PAIR: 1.0, **DECOYS}
    await db.levels.bulk_create([{"member_id": pair[0], "guild_id": pair[1], "xp": xp} for pair, xp in rows.items()])
    return db.levels


async def xp_of(levels):
    return {(row.member_id, row.guild_id): row.xp for row in await levels.get_all()}


ONE = {
    "get_by_id": (lambda m: m.get_by_id(PAIR), 1.0),
    "update_by_id": (lambda m: m.update_by_id(PAIR, xp=9), 9.0),
    "increment": (lambda m: m.increment(PAIR, xp=8), 9.0),
    "get_many": (lambda m: first(m.get_many([PAIR])), 1.0),
    "find_one": (lambda m: m.find_one(KEYS), 1.0),
    "find_all": (lambda m: first(m.find_all(KEYS)), 1.0),
    "get_all": (lambda m: first(m.get_all(KEYS)), 1.0),
    "upsert": (lambda m: first(m.upsert(KEYS, xp=9)), 9.0),
    "upsert with defaults": (lambda m: first(m.upsert(KEYS, {"xp": 5}, level=1)), 1.0),
    "get_or_create": (lambda m: first(m.get_or_create({"xp": 5}, **KEYS)), 1.0),
    "bulk_upsert": (lambda m: first_pair(m.bulk_upsert([{**KEYS, "xp": 9}], ["member_id", "guild_id"], ["xp"])), 9.0),
    "paginate": (lambda m: first_item(m.paginate(filters=KEYS)), 1.0),
}


async def first(call):
    return (await call)[0]


async def first_pair(call):
    [(row, _)] = await call
    return row


async def first_item(call):
    [row] = (await call).items
    return row


@pytest.mark.parametrize("operation", ONE)
async def test_a_pair_identifies_one_row_in_every_operation(levels, operation):
    call, xp = ONE[operation]
    row = await call(levels)
    assert (row.member_id, row.guild_id, row.xp) == (*PAIR, xp)
    assert await xp_of(levels) == {PAIR: xp, **DECOYS}


async def test_a_pair_is_counted_changed_and_deleted_alone(levels):
    assert await levels.exists(KEYS)
    assert await levels.count(KEYS) == 1
    assert await levels.update_where(KEYS, {"xp": 9}) == 1
    assert await xp_of(levels) == {PAIR: 9.0, **DECOYS}
    assert await levels.delete_by_id(PAIR) is True
    assert await xp_of(levels) == DECOYS
    assert not await levels.exists(KEYS)
    assert await levels.get_by_id(PAIR) is None
    assert await levels.delete_where(KEYS) == await levels.bulk_delete([PAIR]) == 0
    assert await levels.update_by_id(PAIR, xp=1) is None
    assert await xp_of(levels) == DECOYS


async def test_a_missing_pair_is_made_beside_the_others(levels):
    row, created = await levels.upsert({"member_id": OTHER, "guild_id": OTHER}, xp=7)
    assert (row.member_id, row.guild_id, created) == (OTHER, OTHER, True)
    _, created = await levels.get_or_create({"xp": 6}, member_id=ANN, guild_id=OTHER)
    assert created
    assert await xp_of(levels) == {PAIR: 1.0, **DECOYS, (OTHER, OTHER): 7.0, (ANN, OTHER): 6.0}


async def test_several_pairs_are_not_mixed(levels):
    wanted = [(ANN, GUILD), (BOB, OTHER)]  # not (BOB, GUILD), although both halves occur
    found = await levels.get_many([*wanted, (OTHER, ANN), wanted[0]])
    assert [(row.member_id, row.guild_id) for row in found] == wanted
    assert await levels.bulk_delete([*wanted, (ANN, OTHER)]) == 2
    assert await xp_of(levels) == {PAIR: 1.0, (GUILD, BOB): 4.0}


@pytest.mark.parametrize("wrong", [(BOB,), (BOB, GUILD, 1), (), (BOB, None), (None, GUILD), (True, GUILD), None, True])
async def test_what_identifies_no_row_is_refused(levels, wrong):
    for call in (levels.get_by_id, levels.delete_by_id, lambda key: levels.update_by_id(key, xp=0)):
        with pytest.raises(InvalidQuery):
            await call(wrong)
    for many in (levels.get_many, levels.bulk_delete):
        with pytest.raises(InvalidQuery):
            await many([PAIR, wrong])
    assert await xp_of(levels) == {PAIR: 1.0, **DECOYS}


async def test_a_key_that_is_a_relation_identifies_its_row(db):
    await db.guild_config.bulk_create([{"guild_id": GUILD, "prefix": "a"}, {"guild_id": OTHER, "prefix": "b"}])
    assert (await db.guild_config.get_by_id(OTHER)).prefix == "b"
    assert (await db.guild_config.find_one({"guild": OTHER})).prefix == "b"
    assert await db.guild_config.bulk_update([{"guild_id": OTHER, "prefix": "c"}]) == 1
    assert [row.prefix for row in await db.guild_config.get_many([OTHER, GUILD])] == ["c", "a"]
    assert await db.guild_config.delete_by_id(GUILD)
    assert [row.guild_id for row in await db.guild_config.get_all()] == [OTHER]


# Plans

MANY, FEW = 100_000, 10
FILL = """
INSERT INTO moderation_cases (guild_id, case_number, case_type, case_user_id, case_moderator_id, case_created_at)
SELECT $1, number, 'WARN', $2, $3, now() FROM generate_series(1, $4::int) AS number
"""
FILL_LEVELS = """
INSERT INTO levels_member_levels (guild_id, member_id, xp, level, created_at, updated_at)
SELECT $1, number, number, 0, now(), now() FROM generate_series(1, $2::int) AS number
"""
EMPTY = "TRUNCATE moderation_cases, levels_member_levels"
QUESTIONS = {
    "find_one": lambda db, guild: db.case.find_one({"guild_id": guild}),
    "find_one by user": lambda db, guild: db.case.find_one({"guild_id": guild, "case_user_id": BOB}),
    "find_one in order": lambda db, guild: db.case.find_one({"guild_id": guild}, "-case_number"),
    "find_one of a Q": lambda db, guild: db.case.find_one(
        [{"guild_id": guild}, db.case.model.case_number > 0], "case_number"
    ),
    "exists": lambda db, guild: db.case.exists({"guild_id": guild}),
    "exists by user": lambda db, guild: db.case.exists({"guild_id": guild, "case_user_id": BOB}),
    "latest of a user": lambda db, guild: db.case.get_latest_case_by_user(BOB, guild),
    "recent": lambda db, guild: db.case.get_recent_cases(guild, 5),
    "by number": lambda db, guild: db.case.get_case_by_number(7, guild),
    "restriction": lambda db, guild: db.case.is_user_under_restriction(
        guild_id=guild, user_id=BOB, active_restriction_type="WARN", inactive_restriction_type="KICK"
    ),
    "next number": lambda db, guild: db.case.create_case(**a_case(guild_id=guild)),
    "first page": lambda db, guild: db.case.find_all({"guild_id": guild}, "-case_number", 5),
    "top members": lambda db, guild: db.levels.get_top_members(guild, 5),
    "one member": lambda db, guild: db.levels.get_xp_and_level(7, guild),
    "more xp": lambda db, guild: db.levels.add_xp(7, guild, 1),
}


class Cost(NamedTuple):
    """What a call's statements touched: rows that any node of their plans saw, and pages."""

    rows: float
    pages: int


async def cost_of(db, call):
    """Return what a call costs, from the plans of its statements run once more; nothing of it is kept."""
    sent = []
    total = Cost(0, 0)
    with pytest.raises(ZeroDivisionError):
        async with db.transaction():
            connection = active_client().lent
            with connection.query_logger(sent.append):
                await call()
                await asyncio.sleep(0)  # asyncpg tells a turn of the loop later
            assert sent
            for each in sent:
                explain = f"EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) {each.query}"
                [explained] = json.loads(await connection.fetchval(explain, *each.args))
                total = Cost(total.rows + rows_of(explained["Plan"]), total.pages + pages_of(explained["Plan"]))
            raise ZeroDivisionError
    return total


def rows_of(plan):
    own = (plan["Actual Rows"] + plan.get("Rows Removed by Filter", 0)) * plan["Actual Loops"]
    return own + sum(rows_of(each) for each in plan.get("Plans", ()))


def pages_of(plan):
    return plan["Shared Hit Blocks"] + plan["Shared Read Blocks"]


async def test_one_row_of_a_hundred_thousand_costs_what_one_of_ten_does(db):
    await db.guild.sync_guilds({GUILD: "many", OTHER: "few"})
    await db.service.execute(EMPTY)  # pages that other tests left empty would be read too
    async with db.transaction() as session:
        await session.execute("SET LOCAL session_replication_role = replica")  # no checks of foreign keys
        for guild, rows in ((GUILD, MANY), (OTHER, FEW)):
            await session.execute(FILL, guild, BOB, ANN, rows)
            await session.execute(FILL_LEVELS, guild, rows)
    try:
        for table in ("moderation_cases", "levels_member_levels"):
            await db.service.execute(f"VACUUM ANALYZE {table}")
        for name, ask in QUESTIONS.items():
            many, few = [await cost_of(db, lambda ask=ask, guild=guild: ask(db, guild)) for guild in (GUILD, OTHER)]
            assert many.rows <= few.rows + FEW, (name, many, few)
            assert many.pages <= few.pages + 8, (name, many, few)  # the height of an index, a page of overflow
        await compare_depths(db)
    finally:
        await db.service.execute(EMPTY)


async def compare_depths(db):
    """A page costs the same wherever it is: the second one, and the last but one of ten thousand."""
    listing = {"per_page": 10, "filters": {"guild_id": GUILD}, "order_by": "case_number"}
    first, last = await db.case.page_after(**listing), await db.case.page_before(**listing)
    second, deep = [], []
    at_the_top = await cost_of(db, lambda: noted(second, db.case.page_after(first.next_cursor, **listing)))
    at_the_end = await cost_of(db, lambda: noted(deep, db.case.page_before(last.previous_cursor, **listing)))
    assert [case.case_number for case in second] == [*range(11, 21)]
    assert [case.case_number for case in deep] == [*range(MANY - 19, MANY - 9)]
    assert at_the_end.rows <= at_the_top.rows + 1
    assert at_the_end.pages <= at_the_top.pages + 8


async def noted(found, page):
    found += (await page).items
