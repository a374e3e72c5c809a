"""How many statements each operation that every manager has sends, as docs/round-trips.md lists them.

One, unless the operation's docstring says why; BEGIN and COMMIT count, as each is a round trip.
"""

from __future__ import annotations

import pytest
from shop_models import Guild, Member, Note
from tortoise.expressions import F, Q

from tests.counting import Call, calls_of, count, operation_of, operations, unexplained
from tux.manager import Manager, bulk
from tux.testing.blocks import max_queries

pytestmark = [pytest.mark.usefixtures("shop"), pytest.mark.roundtrips]


class Members(Manager[Member], name="members"):
    """Of the tests."""


class Notes(Manager[Note], name="notes"):
    """Of the tests, with rows that are hidden when they are deleted."""


members, notes = Members(), Notes()
PAIR = {"member_id": 1, "guild_id": 1}
NEW = {"member_id": 2, "guild_id": 2}
MANY = 60  # more than bulk.COPY_ROWS in these tests
PREFETCHED = "each relation in `prefetch` takes a further one"
COPIED = "COPY, in a transaction with the statements for missing guilds and for keys"


def new_rows(count):
    return [{"member_id": number, "guild_id": number} for number in range(3, 3 + count)]


async def stream(**options):
    return [row async for row in members.iterate(**options)]


OPERATIONS = {
    "get_by_id": lambda: members.get_by_id(1),
    "get_by_id by a pair of columns": lambda: members.get_by_id((1, 1)),
    "get_by_id among deleted rows": lambda: notes.with_deleted().get_by_id(1),
    "get_many": lambda: members.get_many([1, 2, 3]),
    "get_many by pairs of columns": lambda: members.get_many([(1, 1), (2, 2)]),
    "get_all": lambda: members.get_all({"guild_id": 1}),
    "find_one": lambda: members.find_one(PAIR),
    "find_one with a relation": Call(lambda: members.find_one(PAIR, prefetch=["guild"]), 2, PREFETCHED),
    "find_all": lambda: members.find_all({"guild_id": 1}, "-xp", 10),
    "find_all with two relations": Call(lambda: members.find_all(prefetch=["guild", "notes"]), 3, PREFETCHED),
    "find_all by a column of a relation": lambda: members.find_all({"guild__guild_name": "unnamed"}),
    "find_json": lambda: notes.find_json("extra.a", 1),
    "find_array_contains": lambda: notes.find_array_contains("labels", "a"),
    "search": lambda: notes.search("a word"),
    "exists": lambda: members.exists(PAIR),
    "count": lambda: members.count(Q(guild_id=1) | Q(xp=1)),
    "paginate": lambda: members.paginate(1, 10, {"guild_id": 1}, "-xp"),
    "paginate beyond the end": lambda: members.paginate(9, 10),
    "paginate with a relation": Call(lambda: members.paginate(1, 10, prefetch=["guild"]), 2, PREFETCHED),
    "page_after": lambda: members.page_after(None, 10, {"guild_id": 1}, "-xp"),
    "page_before": lambda: members.page_before(None, 10, {"guild_id": 1}, "-xp"),
    "iterate": lambda: stream(batch_size=10),
    "iterate in two batches": Call(lambda: stream(batch_size=1), 2, "one statement for each `batch_size` rows"),
    "iterate with a relation": Call(lambda: stream(batch_size=10, prefetch=["guild"]), 2, PREFETCHED),
    "statistics": members.statistics,
    "explain": lambda: members.explain(PAIR, analyze=True),
    "create": lambda: members.create(member_id=2, guild_id=1),
    "create in an unknown guild": lambda: members.create(**NEW),
    "update_by_id": lambda: members.update_by_id(1, xp=2),
    "update_by_id to an expression": lambda: members.update_by_id(1, xp=F("xp") + 2),
    "increment": lambda: members.increment(1, xp=1),
    "update_where": lambda: members.update_where({"guild_id": 1}, {"xp": 1}),
    "delete_by_id": lambda: members.delete_by_id(1),
    "delete_by_id of rows that are only hidden": lambda: notes.delete_by_id(1),
    "delete_where": lambda: members.delete_where({"guild_id": 1}),
    "delete_where by a column of a relation": lambda: members.delete_where(Member.guild.any(Guild.guild_name == "x")),
    "restore": lambda: notes.restore(1),
    "purge": lambda: notes.purge(1),
    "purge_where": lambda: notes.purge_where(all_rows=True),
    "upsert of a new row": lambda: members.upsert(NEW, xp=1),
    "upsert": lambda: members.upsert(PAIR, xp=1),
    "get_or_create": lambda: members.get_or_create({"xp": 5}, **PAIR),
    "get_or_create of a missing row": Call(lambda: members.get_or_create({"xp": 5}, **NEW), 2, "two when not"),
    "bulk_create": lambda: members.bulk_create(new_rows(MANY)),
    "bulk_create giving keys": lambda: members.bulk_create(new_rows(5), returning="keys"),
    "bulk_create giving the count": lambda: members.bulk_create(new_rows(5), returning="count"),
    "bulk_create of many, giving the count": Call(
        lambda: members.bulk_create(new_rows(MANY), returning="count"), 4, COPIED
    ),
    "bulk_create of many, giving keys": Call(lambda: members.bulk_create(new_rows(MANY), returning="keys"), 4, COPIED),
    "bulk_update": lambda: members.bulk_update([{"id": 1, "xp": 3}, {"id": 2, "level": 3}]),
    "bulk_delete": lambda: members.bulk_delete([1, 2, 3]),
    "bulk_delete of rows that are only hidden": lambda: notes.bulk_delete([1, 2, 3]),
    "bulk_upsert": lambda: members.bulk_upsert([PAIR | {"xp": 1}, NEW], ["member_id", "guild_id"], ["xp"]),
}
# What managers of plugins build on: these send what they are given, or what the operations above count.
HELPERS = {"rows", "row", "hydrated", "fetch_relations", "cached_row"}


@pytest.fixture(autouse=True)
def copies_soon(monkeypatch):
    monkeypatch.setattr(bulk, "COPY_ROWS", 50)


@pytest.mark.parametrize("name", OPERATIONS, ids=lambda name: name.replace(" ", "_"))
async def test_an_operation_is_one_statement_unless_its_docstring_says_why(name):
    await members.create(**PAIR)
    await notes.create(guild_id=1, title="a")
    await count(calls_of(OPERATIONS)[name])


def test_every_operation_is_in_the_table():
    assert operations(Manager) - HELPERS == {operation_of(name) for name in OPERATIONS}


def test_more_than_one_statement_has_a_reason_that_a_docstring_gives():
    assert unexplained(Members, OPERATIONS) == []


@pytest.mark.parametrize("call", ["page_after", "page_before"])
async def test_a_page_behind_a_cursor_is_one_statement(call):
    await members.bulk_create(new_rows(5))
    for order in (None, "-note", ["xp", "-seen_at"]):
        page = await members.page_after(None, 2, None, order)
        with max_queries(1) as sent:
            await getattr(members, call)(page.next_cursor, 2, None, order)
        assert len(sent) == 1


async def test_a_stream_sends_one_statement_for_each_batch():
    await members.bulk_create(new_rows(25))
    with max_queries(3) as sent:
        assert len(await stream(batch_size=10)) == 25
    assert len(sent) == 3


async def test_a_read_for_one_row_asks_for_one():
    await members.create(**PAIR)
    with max_queries(2) as sent:
        await members.find_one({"guild_id": 1})
        await members.get_or_create(**PAIR)
    assert all(sql.endswith("LIMIT 1") for sql in sent)


async def test_a_list_of_any_length_is_one_statement_text():
    with max_queries(3) as sent:
        for length in (1, 2, 50):
            await members.find_all({"id": {"in": list(range(length))}})
    assert len(set(sent)) == 1
    assert "= ANY($1)" in sent[0]


async def call_every_way(number):
    await members.find_all({"guild_id": number, "xp__gte": number}, "-xp", limit=number)
    await members.upsert({"member_id": number, "guild_id": 1}, xp=number)
    await members.update_by_id(number, xp=number)
    await members.page_after(None, number, {"guild_id": number}, "-xp")
    await notes.find_json("extra.a", number)
    await notes.search(f"word{number}", limit=number)


async def test_a_text_is_built_once_for_each_shape_of_a_call():
    await call_every_way(1)
    before = len(members.table.texts), len(notes.table.texts)
    for number in range(2, 9):
        await call_every_way(number)
    assert (len(members.table.texts), len(notes.table.texts)) == before
