from __future__ import annotations

import asyncio
from collections import defaultdict
from contextlib import asynccontextmanager

import pytest

from plugins.moderation.managers.numbering import insert_cases
from tests.correctness.scenes import outside, somebody_waits
from tux.database.engine import active_client
from tux.errors import StatementError
from tux.manager.writing import new_row
from tux.settings import FAST
from tux.testing import max_queries

GUILDS = (881, 882, 883)


def a_case(number, **changes):
    return {
        "case_type": "WARN",
        "case_user_id": number,
        "case_moderator_id": 8,
        "guild_id": GUILDS[number % len(GUILDS)],
        "case_reason": f"reason {number}",
        "case_user_roles": [number],
        **changes,
    }


async def numbers(db):
    found = defaultdict(list)
    for case in await db.case.find_all(order_by="case_number"):
        found[case.guild_id].append(case.case_number)
    return dict(found)


@asynccontextmanager
async def refused(db, reason):
    """Let the table refuse cases of a reason."""
    await db.service.execute(
        "CREATE FUNCTION refuse_case() RETURNS trigger LANGUAGE plpgsql AS"
        f" $$ BEGIN IF NEW.case_reason = '{reason}' THEN RAISE 'refused'; END IF; RETURN NEW; END $$"
    )
    await db.service.execute(
        "CREATE TRIGGER refuse_case BEFORE INSERT ON moderation_cases FOR EACH ROW EXECUTE FUNCTION refuse_case()"
    )
    try:
        yield
    finally:
        await db.service.execute("DROP FUNCTION refuse_case CASCADE")


async def test_two_hundred_cases_at_once_are_numbered_in_each_guild_and_each_caller_has_his_own(db):
    with max_queries(3 if FAST else 200):
        made = await asyncio.gather(*(db.case.create_case(**a_case(number)) for number in range(200)))
    assert [(case.case_user_id, case.case_reason, case.case_user_roles) for case in made] == [
        (number, f"reason {number}", [number]) for number in range(200)
    ]
    assert await numbers(db) == {881: [*range(1, 68)], 882: [*range(1, 68)], 883: [*range(1, 67)]}
    assert [guild.case_count for guild in await db.guild.find_all(order_by="guild_id")] == [67, 67, 66]


async def test_a_group_follows_the_order_of_the_calls(db):
    made = await asyncio.gather(*(db.case.create_case(**a_case(number, guild_id=881)) for number in range(50)))
    if FAST:
        assert [case.case_number for case in made] == [*range(1, 51)]
    assert sorted(case.case_number for case in made) == [*range(1, 51)]


async def test_a_case_that_the_table_refuses_costs_no_number_and_stops_no_other(db):
    async with refused(db, "reason 20"):
        calls = [db.case.create_case(**a_case(number, guild_id=881)) for number in range(50)]
        made = await asyncio.gather(*calls, return_exceptions=True)
    assert isinstance(made.pop(20), StatementError)
    assert sorted(case.case_number for case in made) == [*range(1, 50)]
    assert await numbers(db) == {881: [*range(1, 50)]}


async def test_cases_with_different_columns_at_once(db):
    made = await asyncio.gather(
        *(
            db.case.create_case(**a_case(n, guild_id=881, **({"case_metadata": {"n": n}} if n % 2 else {})))
            for n in range(40)
        )
    )
    assert [case.case_metadata for case in made] == [{"n": n} if n % 2 else None for n in range(40)]
    assert sorted(case.case_number for case in made) == [*range(1, 41)]


async def test_a_counter_behind_the_rows_is_healed_by_a_group_too(db):
    await db.case.create_case(**a_case(0, guild_id=881))
    await db.case.bulk_create([a_case(1, guild_id=881, case_number=70)])
    rows = [new_row(db.case.table, a_case(n, guild_id=881, case_number=0)) for n in range(3)]
    for row in rows:
        del row["case_number"]
    made = await insert_cases(active_client(), rows)
    assert [row["case_number"] for row in made] == [71, 72, 73]
    made = await asyncio.gather(*(db.case.create_case(**a_case(n, guild_id=881)) for n in range(30)))
    assert sorted(case.case_number for case in made) == [*range(74, 104)]


async def test_a_group_that_waited_for_a_transaction_counts_on_from_what_that_one_made(db):
    await db.case.create_case(**a_case(0, guild_id=881))
    async with db.transaction():
        await db.case.create_case(**a_case(1, guild_id=881))
        group = asyncio.gather(*(outside(db.case.create_case, **a_case(n, guild_id=881)) for n in range(4)))
        await somebody_waits(db, 2 if FAST else 4)  # the first call by itself, and the group of the others
    await group
    assert await numbers(db) == {881: [*range(1, 7)]}
    assert (await db.guild.get_by_id(881)).case_count == 6


async def test_transactions_that_roll_back_beside_a_group_leave_no_gap(db):
    async def undone(number):
        async with db.transaction():
            await db.case.create_case(**a_case(number, guild_id=881))
            raise KeyError(number)

    calls = [undone(n) if n % 5 == 0 else db.case.create_case(**a_case(n, guild_id=881)) for n in range(50)]
    made = await asyncio.gather(*calls, return_exceptions=True)
    assert sum(isinstance(each, KeyError) for each in made) == 10
    assert await numbers(db) == {881: [*range(1, 41)]}


@pytest.mark.parametrize("number", [0, 3, 17])
async def test_a_cancelled_caller_leaves_no_gap_and_stops_no_other(db, number):
    tasks = [asyncio.ensure_future(db.case.create_case(**a_case(n, guild_id=881))) for n in range(30)]
    await asyncio.sleep(0)
    tasks[number].cancel()
    made = await asyncio.gather(*tasks, return_exceptions=True)
    assert isinstance(made.pop(number), asyncio.CancelledError)
    assert all(case.case_number for case in made)
    found = (await numbers(db))[881]
    assert found == [*range(1, len(found) + 1)]
    assert len(found) in {29, 30}


async def test_cases_in_transactions_of_their_own_are_numbered_without_gap_or_duplicate(db):
    async def apart(number):
        async with db.transaction():
            return await db.case.create_case(**a_case(number, guild_id=881))

    await asyncio.gather(*(apart(number) for number in range(30)))
    assert await numbers(db) == {881: [*range(1, 31)]}
    assert (await db.guild.get_by_id(881)).case_count == 30


async def test_groups_and_transactions_share_the_numbers(db):
    async def apart(number):
        async with db.transaction():
            return await db.case.create_case(**a_case(number))

    groups = [db.case.create_case(**a_case(number)) for number in range(60)]
    await asyncio.gather(*(call for number, group in enumerate(groups) for call in (group, apart(number))))
    assert await numbers(db) == {guild_id: [*range(1, 41)] for guild_id in GUILDS}
    assert [guild.case_count for guild in await db.guild.find_all(order_by="guild_id")] == [40, 40, 40]
