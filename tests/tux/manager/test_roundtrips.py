"""How many statements each operation sends; `pytest -m roundtrips` prints them.

One, unless the operation's docstring says why; BEGIN and COMMIT count, as each is a round trip.
"""

from __future__ import annotations

import inspect
from typing import TYPE_CHECKING

import pytest
from shop_models import Guild, Member, Note
from tortoise.expressions import F, Q

from tux.manager import Manager, bulk
from tux.testing.blocks import max_queries

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

pytestmark = [pytest.mark.usefixtures("shop"), pytest.mark.roundtrips]


class Members(Manager[Member], name="members"):
    """Of the tests."""


class Notes(Manager[Note], name="notes"):
    """Of the tests, with rows that are hidden when they are deleted."""


members, notes = Members(), Notes()
PAIR = {"member_id": 1, "guild_id": 1}
NEW = {"member_id": 2, "guild_id": 2}
MANY = 60  # more than bulk.COPY_ROWS in these tests


def new_rows(count):
    return [{"member_id": number, "guild_id": number} for number in range(3, 3 + count)]


async def stream(**options):
    return [row async for row in members.iterate(**options)]


OPERATIONS: dict[str, tuple[int, Callable[[], Awaitable[object]]]] = {
    "get_by_id": (1, lambda: members.get_by_id(1)),
    "get_by_id_pair": (1, lambda: members.get_by_id((1, 1))),
    "get_by_id_hidden": (1, lambda: notes.with_deleted().get_by_id(1)),
    "get_many": (1, lambda: members.get_many([1, 2, 3])),
    "get_many_pairs": (1, lambda: members.get_many([(1, 1), (2, 2)])),
    "get_all": (1, lambda: members.get_all({"guild_id": 1})),
    "find_one": (1, lambda: members.find_one(PAIR)),
    "find_one_prefetch": (2, lambda: members.find_one(PAIR, prefetch=["guild"])),
    "find_all": (1, lambda: members.find_all({"guild_id": 1}, "-xp", 10)),
    "find_all_prefetch_two_relations": (3, lambda: members.find_all(prefetch=["guild", "notes"])),
    "find_all_across_relation": (1, lambda: members.find_all({"guild__guild_name": "unnamed"})),
    "find_json": (1, lambda: notes.find_json("extra.a", 1)),
    "find_array_contains": (1, lambda: notes.find_array_contains("labels", "a")),
    "search": (1, lambda: notes.search("a word")),
    "exists": (1, lambda: members.exists(PAIR)),
    "count": (1, lambda: members.count(Q(guild_id=1) | Q(xp=1))),
    "paginate": (1, lambda: members.paginate(1, 10, {"guild_id": 1}, "-xp")),
    "paginate_beyond_the_end": (1, lambda: members.paginate(9, 10)),
    "paginate_prefetch": (2, lambda: members.paginate(1, 10, prefetch=["guild"])),
    "page_after": (1, lambda: members.page_after(None, 10, {"guild_id": 1}, "-xp")),
    "page_before": (1, lambda: members.page_before(None, 10, {"guild_id": 1}, "-xp")),
    "iterate_one_batch": (1, lambda: stream(batch_size=10)),
    "iterate_prefetch": (2, lambda: stream(batch_size=10, prefetch=["guild"])),
    "statistics": (1, members.statistics),
    "explain": (1, lambda: members.explain(PAIR, analyze=True)),
    "create": (1, lambda: members.create(member_id=2, guild_id=1)),
    "create_in_unknown_guild": (1, lambda: members.create(**NEW)),
    "update_by_id": (1, lambda: members.update_by_id(1, xp=2)),
    "update_by_id_expression": (1, lambda: members.update_by_id(1, xp=F("xp") + 2)),
    "increment": (1, lambda: members.increment(1, xp=1)),
    "update_where": (1, lambda: members.update_where({"guild_id": 1}, {"xp": 1})),
    "delete_by_id": (1, lambda: members.delete_by_id(1)),
    "delete_by_id_hides": (1, lambda: notes.delete_by_id(1)),
    "delete_where": (1, lambda: members.delete_where({"guild_id": 1})),
    "delete_where_across_relation": (1, lambda: members.delete_where(Member.guild.any(Guild.guild_name == "x"))),
    "restore": (1, lambda: notes.restore(1)),
    "purge": (1, lambda: notes.purge(1)),
    "purge_where": (1, lambda: notes.purge_where(all_rows=True)),
    "upsert_new": (1, lambda: members.upsert(NEW, xp=1)),
    "upsert_existing": (1, lambda: members.upsert(PAIR, xp=1)),
    "get_or_create_hit": (1, lambda: members.get_or_create({"xp": 5}, **PAIR)),
    "get_or_create_miss": (2, lambda: members.get_or_create({"xp": 5}, **NEW)),
    "bulk_create": (1, lambda: members.bulk_create(new_rows(MANY))),
    "bulk_create_keys": (1, lambda: members.bulk_create(new_rows(5), returning="keys")),
    "bulk_create_count": (1, lambda: members.bulk_create(new_rows(5), returning="count")),
    "bulk_create_count_by_copy": (4, lambda: members.bulk_create(new_rows(MANY), returning="count")),
    "bulk_create_keys_by_copy": (4, lambda: members.bulk_create(new_rows(MANY), returning="keys")),
    "bulk_update": (1, lambda: members.bulk_update([{"id": 1, "xp": 3}, {"id": 2, "level": 3}])),
    "bulk_delete": (1, lambda: members.bulk_delete([1, 2, 3])),
    "bulk_delete_hides": (1, lambda: notes.bulk_delete([1, 2, 3])),
    "bulk_upsert": (1, lambda: members.bulk_upsert([PAIR | {"xp": 1}, NEW], ["member_id", "guild_id"], ["xp"])),
}
# What managers of plugins build on: these send what they are given, or what the operations above count.
HELPERS = {"rows", "row", "hydrated", "fetch_relations", "cached_row"}


@pytest.fixture(autouse=True)
def copies_soon(monkeypatch):
    monkeypatch.setattr(bulk, "COPY_ROWS", 50)


@pytest.mark.parametrize("operation", OPERATIONS)
async def test_statements(operation, record_property):
    limit, run = OPERATIONS[operation]
    await members.create(**PAIR)
    await notes.create(guild_id=1, title="a")
    with max_queries(limit) as sent:
        await run()
    assert len(sent) == limit
    record_property("statements", len(sent))


def test_every_operation_is_in_the_table():
    public = {
        name
        for name, member in inspect.getmembers(Manager)
        if not name.startswith("_") and (inspect.iscoroutinefunction(member) or inspect.isasyncgenfunction(member))
    }
    missing = {name for name in public - HELPERS if not any(each.startswith(name) for each in OPERATIONS)}
    assert missing == set()
    assert public >= HELPERS


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
