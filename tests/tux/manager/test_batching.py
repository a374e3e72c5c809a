from __future__ import annotations

import asyncio
from contextvars import ContextVar

import pytest
from shop_models import Member, Note, Thing

from tux.database.engine import active_client, observers
from tux.errors import InvalidValue, StatementError
from tux.manager import Manager
from tux.manager.batching import SINGLE_READS
from tux.testing.blocks import max_queries

pytestmark = pytest.mark.usefixtures("shop")


class Members(Manager[Member], name="members"):
    """Of the tests."""


class Things(Manager[Thing], name="things"):
    """Of the tests."""


class Notes(Manager[Note], name="notes"):
    """Of the tests."""


members, things, notes = Members(), Things(), Notes()


@pytest.fixture
async def keys(shop):
    return await members.bulk_create([{"member_id": number, "guild_id": 1} for number in range(50)], returning="keys")


async def test_a_burst_of_reads_by_key_is_few_statements(keys):
    asked = [*keys, *keys, *range(1000, 1050)]
    limit = SINGLE_READS + 1
    with max_queries(limit) as sent:
        found = await asyncio.gather(*(members.get_by_id(key) for key in asked))
    assert len(sent) == limit
    assert [row and row.id for row in found] == [*keys, *keys, *[None] * 50]


async def test_each_caller_has_an_instance_of_its_own(keys):
    found = await asyncio.gather(*(members.get_by_id(keys[0]) for _ in range(40)))
    assert len({id(row) for row in found}) == 40


async def test_a_few_reads_go_out_by_themselves(keys):
    with max_queries(SINGLE_READS) as sent:
        await asyncio.gather(*(members.get_by_id(key) for key in keys[:SINGLE_READS]))
    assert all("LIMIT 1" in sql for sql in sent)


async def test_keys_of_other_types_find_their_rows():
    made = await things.bulk_create([{"code": f"c{number}"} for number in range(40)])
    found = await asyncio.gather(*(things.get_by_id(str(row.id)) for row in made))
    assert [row.code for row in found] == [row.code for row in made]


async def test_hidden_rows_stay_hidden_unless_asked_for():
    made = await notes.bulk_create([{"guild_id": 1, "title": f"t{number}"} for number in range(40)])
    await notes.bulk_delete([row.id for row in made[20:]])
    seeing = notes.with_deleted()
    found = await asyncio.gather(
        *(notes.get_by_id(row.id) for row in made), *(seeing.get_by_id(row.id) for row in made)
    )
    assert [row is not None for row in found] == [True] * 20 + [False] * 20 + [True] * 40


async def test_inside_a_transaction_each_read_is_the_transactions_own(keys):
    async with active_client().open_transaction():
        row = await members.create(guild_id=1, member_id=99)
        with max_queries(30):
            found = await asyncio.gather(*(members.get_by_id(row.id) for _ in range(30)))
        assert [each.member_id for each in found] == [99] * 30
        await members.delete_by_id(row.id)


async def test_a_batch_inherits_no_callers_context(keys):
    asking = ContextVar("asking", default=None)
    seen = {}

    def note(sql):
        seen.setdefault("ANY" in sql, set()).add(asking.get())

    async def ask(key):
        asking.set(key)
        await members.get_by_id(key)

    observers.append(note)
    try:
        await asyncio.gather(*(ask(key) for key in keys))
    finally:
        observers.remove(note)
    assert seen[True] == {None}
    assert len(seen[False]) == SINGLE_READS


async def test_a_caller_that_is_cancelled_takes_nothing_from_the_others(keys):
    tasks = [asyncio.create_task(members.get_by_id(key)) for key in keys]
    await asyncio.sleep(0)
    for task in tasks[20:30]:
        task.cancel()
    found = await asyncio.gather(*tasks, return_exceptions=True)
    assert all(isinstance(row, asyncio.CancelledError) for row in found[20:30])
    assert [row.id for row in [*found[:20], *found[30:]]] == [*keys[:20], *keys[30:]]


async def test_a_failing_batch_gives_each_caller_an_error_of_its_own(keys):
    await active_client().run("ALTER TABLE shop_members RENAME TO shop_gone")
    try:
        found = await asyncio.gather(*(members.get_by_id(key) for key in keys), return_exceptions=True)
    finally:
        await active_client().run("ALTER TABLE shop_gone RENAME TO shop_members")
    assert all(isinstance(error, StatementError) and "shop_members" in str(error) for error in found)
    assert len({id(error) for error in found}) == 50
    assert len(await asyncio.gather(*(members.get_by_id(key) for key in keys))) == 50


async def test_a_wrong_key_fails_its_caller_alone(keys):
    found = await asyncio.gather(*(members.get_by_id(key) for key in [*keys, "x", 2**70]), return_exceptions=True)
    assert [row.id for row in found[:-2]] == keys
    assert all(isinstance(error, InvalidValue) for error in found[-2:])
