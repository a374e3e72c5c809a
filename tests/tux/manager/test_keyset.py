from __future__ import annotations

import json
import uuid
from base64 import urlsafe_b64decode
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from functools import cmp_to_key
from weakref import WeakSet

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from shop_models import Guild, Member, Note, Team, Thing

from tux.database.engine import active_client
from tux.errors import InvalidQuery
from tux.manager import CursorPage, Manager
from tux.manager.cursors import Position, read_cursor, write_cursor
from tux.testing.blocks import max_queries

pytestmark = pytest.mark.usefixtures("shop")

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)


class Members(Manager[Member], name="members"):
    """Of the tests."""


class Guilds(Manager[Guild], name="guilds"):
    """Of the tests."""


class Teams(Manager[Team], name="teams"):
    """Of the tests."""


class Things(Manager[Thing], name="things"):
    """Of the tests."""


class Notes(Manager[Note], name="notes"):
    """Of the tests."""


members, guilds, teams, things, notes = Members(), Guilds(), Teams(), Things(), Notes()


async def fill(count, **values):
    return await members.bulk_create([{"member_id": number, "guild_id": 1, **values} for number in range(count)])


def ids(found):
    return [row.member_id for row in found]


async def walk(per_page, *args, forwards=True, **kwargs):
    """Give every page of a list, from its beginning or its end."""
    pages, cursor = [], None
    while True:
        call = members.page_after if forwards else members.page_before
        page = await call(cursor, per_page, *args, **kwargs)
        pages.append(page)
        cursor = page.next_cursor if forwards else page.previous_cursor
        if cursor is None:
            return pages


async def test_pages_follow_each_other_to_the_end():
    await fill(7)
    pages = await walk(3, order_by="member_id")
    assert [ids(page.items) for page in pages] == [[0, 1, 2], [3, 4, 5], [6]]
    assert [(page.has_prev, page.has_next) for page in pages] == [(False, True), (True, True), (True, False)]
    assert all(isinstance(page, CursorPage) for page in pages)


async def test_the_last_full_page_knows_that_it_is_the_last():
    await fill(6)
    assert [ids(page.items) for page in await walk(3, order_by="member_id")] == [[0, 1, 2], [3, 4, 5]]


async def test_pages_lead_back_the_way_they_came():
    await fill(7)
    third = (await walk(3, order_by="member_id"))[2]
    second = await members.page_before(third.previous_cursor, 3, order_by="member_id")
    first = await members.page_before(second.previous_cursor, 3, order_by="member_id")
    assert [ids(second.items), ids(first.items)] == [[3, 4, 5], [0, 1, 2]]
    assert (first.has_prev, first.has_next) == (False, True)
    again = await members.page_after(first.next_cursor, 3, order_by="member_id")
    assert ids(again.items) == [3, 4, 5]


async def test_the_last_page_comes_first_when_going_backwards():
    await fill(7)
    pages = await walk(3, order_by="member_id", forwards=False)
    assert [ids(page.items) for page in pages] == [[4, 5, 6], [1, 2, 3], [0]]
    assert pages[0].has_next is False


async def test_rows_that_come_and_go_between_two_pages_move_nothing():
    await fill(6)
    first = await members.page_after(None, 3, order_by="member_id")
    await members.delete_where({"member_id": {"in": [0, 2]}})
    await members.create(guild_id=1, member_id=-5)
    assert ids((await members.page_after(first.next_cursor, 3, order_by="member_id")).items) == [3, 4, 5]


async def test_an_empty_page_leads_back_to_the_row_that_its_cursor_stands_at():
    await fill(6)
    first = await members.page_after(None, 3, order_by="member_id")
    await members.delete_where({"member_id": {"gt": 2}})
    empty = await members.page_after(first.next_cursor, 3, order_by="member_id")
    assert (empty.items, empty.has_next, empty.has_prev) == ([], False, True)
    back = await members.page_before(empty.previous_cursor, 3, order_by="member_id")
    assert ids(back.items) == [0, 1, 2]
    nothing = await members.page_after(None, 3, {"guild_id": 9})
    assert (nothing.items, nothing.has_next, nothing.has_prev) == ([], False, False)


async def test_filters_hold_on_every_page():
    await fill(6)
    await members.update_where({"member_id": {"in": [0, 2, 4, 5]}}, {"level": 1})
    for filters, equals in (({"level": 1}, {}), (None, {"level": 1}), (Member.level == 1, {})):
        pages = await walk(3, filters, "member_id", **equals)
        assert [ids(page.items) for page in pages] == [[0, 2, 4], [5]]


async def test_the_order_of_the_models_meta_holds():
    for name in ("a", "c", "b"):
        await teams.create(name=name)
    first = await teams.page_after(None, 2)
    second = await teams.page_after(first.next_cursor, 2)
    assert [team.name for team in [*first.items, *second.items]] == ["c", "b", "a"]


async def test_relations_are_prefetched():
    await fill(3)
    with max_queries(2):
        page = await members.page_after(None, 2, prefetch=("guild",))
    with max_queries(0):
        assert [row.guild.guild_id for row in page.items] == [1, 1]
    with max_queries(2):
        assert (await members.page_before(None, 2, prefetch="guild")).items[0].guild.guild_id == 1


VALUES = st.lists(
    st.tuples(
        st.integers(0, 2),
        st.sampled_from([0.0, 1.5, float("inf")]),
        st.sampled_from([None, "a", "b", ""]),
        st.sampled_from([None, NOON, NOON + timedelta(microseconds=1)]),
    ),
    max_size=14,
)
ORDERS = st.lists(
    st.sampled_from(["level", "-level", "xp", "-xp", "note", "-note", "seen_at", "-seen_at", "id", "-id"]), max_size=3
)


def expected_order(rows, order):
    """Sort as PostgreSQL does: NULL is greater than everything, ties come in the order of the key."""

    def compare(one, other):
        for name in [*order, "id"]:
            first, second = (getattr(row, name.removeprefix("-")) for row in (one, other))
            key, other_key = ((value is None, value) for value in (first, second))
            if key != other_key and not (first is None and second is None):
                less = key[0] < other_key[0] if key[0] != other_key[0] else first < second
                return (-1 if less else 1) * (-1 if name[0] == "-" else 1)
        return 0

    return [row.id for row in sorted(rows, key=cmp_to_key(compare))]


@given(VALUES, ORDERS, st.integers(1, 5))
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
async def test_every_order_gives_each_row_once_forwards_backwards_and_by_number(values, order, per_page):
    await members.delete_where(all_rows=True)
    rows = await members.bulk_create(
        [
            {"member_id": number, "guild_id": 1, "level": level, "xp": xp, "note": note, "seen_at": seen}
            for number, (level, xp, note, seen) in enumerate(values)
        ]
    )
    wanted = expected_order(rows, order)
    forwards = [row.id for page in await walk(per_page, None, order) for row in page.items]
    assert forwards == wanted
    pages = await walk(per_page, None, order, forwards=False)
    assert [row.id for page in reversed(pages) for row in page.items] == wanted
    numbered = [
        await members.paginate(page + 1, per_page, order_by=order) for page in range(len(values) // per_page + 1)
    ]
    assert [row.id for page in numbered for row in page.items] == wanted
    assert [row.id async for row in members.iterate(order_by=order, batch_size=per_page)] == (
        wanted if order else sorted(wanted)
    )


@pytest.mark.parametrize(
    "values",
    [
        {"price": Decimal("1.50")},
        {"day": NOON.date()},
        {"clock": NOON.timetz()},
        {"span": timedelta(days=1, microseconds=3)},
        {"made_at": NOON},
        {"size": 2},
    ],
    ids=lambda values: next(iter(values)),
)
async def test_columns_of_every_ordered_type_have_cursors(values):
    [name] = values
    await things.bulk_create([values, values, {}] if name != "made_at" else [values, values])
    seen, cursor = [], None
    while True:
        page = await things.page_after(cursor, 1, order_by=name)
        seen += page.items
        cursor = page.next_cursor
        if cursor is None:
            break
    assert seen == await things.find_all(order_by=[name, "id"])


@pytest.mark.parametrize("order", ["tags", "numbers", "data"])
async def test_a_column_that_no_cursor_can_hold_is_refused_by_name(order):
    await things.bulk_create([{"data": b"x", "numbers": [1]}] * 2)
    with pytest.raises(InvalidQuery, match="order"):
        await things.page_after(None, 1, order_by=order)


@pytest.mark.parametrize("cursor", ["", "x", "%%%", "ä", "AAAA", "A" * 200, 5, "\0"])
async def test_a_text_that_is_no_cursor_is_refused(cursor):
    with pytest.raises(InvalidQuery, match="cursor"):
        await members.page_after(cursor, 3)


async def test_a_cursor_that_was_changed_is_refused():
    await fill(4)
    cursor = (await members.page_after(None, 2)).next_cursor
    for position in range(len(cursor)):
        other = "A" if cursor[position] != "A" else "B"
        changed = cursor[:position] + other + cursor[position + 1 :]
        if urlsafe_b64decode(changed + "==") == urlsafe_b64decode(cursor + "=="):
            continue  # the last letter has bits that mean nothing
        with pytest.raises(InvalidQuery, match="changed"):
            await members.page_after(changed, 2)


async def test_a_cursor_of_another_list_is_refused():
    await fill(4)
    cursor = (await members.page_after(None, 2, {"guild_id": 1}, "-xp")).next_cursor
    assert len((await members.page_after(cursor, 3, {"guild_id": 2}, "-xp")).items) == 0
    for filters, order in (
        ({"guild_id": 1}, "xp"),
        ({"guild_id": 1}, None),
        (None, "-xp"),
        ({"guild_id__gt": 1}, "-xp"),
        ({"guild_id": 1, "level": 0}, "-xp"),
    ):
        with pytest.raises(InvalidQuery, match="another list"):
            await members.page_after(cursor, 2, filters, order)
    with pytest.raises(InvalidQuery, match="another list"):
        await guilds.page_after(cursor, 2)


def test_a_cursor_fits_where_urls_and_buttons_keep_texts():
    for values in [(2**62, 2**62), (NOON, 1), (None, uuid.UUID(int=1))]:
        text = write_cursor(Position(values), "shape")
        assert read_cursor(text, "shape") == Position(values)
        assert len(text) <= 100
        assert json.dumps(text) == f'"{text}"'


async def test_nothing_is_ordered_behind_the_key():
    with max_queries(1) as sent:
        await members.page_after(None, 2, order_by=["level", "id", "xp"])
    assert 'ORDER BY "level", "id" LIMIT' in sent[0]


@pytest.mark.parametrize("per_page", [0, -1, "5", 1.5, None, True])
async def test_a_page_without_a_size_is_refused(per_page):
    with pytest.raises(InvalidQuery, match="per_page is a whole number from 1"):
        await members.page_after(None, per_page)


async def test_the_cost_of_a_page_does_not_grow_with_its_depth():
    await notes.bulk_create(
        [
            {"guild_id": number % 2, "title": f"t{number}", "stars": number // 5, "author_id": None}
            for number in range(20_000)
        ],
        returning="count",
    )
    await active_client().run("ANALYZE shop_notes")
    for order in ("-stars", ["-stars", "-id"], ["-stars", "id"], "id"):
        query = notes._query({"guild_id": 1}, {}, order)
        for depth in (100, 9_000):
            [row] = await notes.find_all(
                {"guild_id": 1}, [*([order] if isinstance(order, str) else order), "id"][:2], 1, depth
            )
            position = notes._position(row, query.order)
            sql = notes._behind_sql(position, query)
            plan = await active_client().fetch(
                f"EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) {sql}", [*query.values, 20, *position.values]
            )
            root = json.loads(plan[0][0])[0]["Plan"]
            assert root["Actual Rows"] == 20
            assert root["Shared Hit Blocks"] + root["Shared Read Blocks"] < 200, (order, depth)


async def test_a_stream_gives_every_row_in_the_order_of_the_key():
    await fill(25)
    with max_queries(3) as sent:
        assert ids([row async for row in members.iterate(batch_size=10)]) == list(range(25))
    assert all("LIMIT" in sql for sql in sent)
    assert ids([row async for row in members.iterate({"member_id": {"gt": 20}}, "-member_id", 2)]) == [24, 23, 22, 21]
    assert [row async for row in members.iterate(level=5)] == []


async def test_a_stream_of_any_length_is_in_memory_a_batch_at_a_time():
    await fill(300)
    alive, most = WeakSet(), 0
    async for row in members.iterate(batch_size=10):
        alive.add(row)
        del row
        most = max(most, len(alive))
    assert 1 <= most <= 20


@pytest.mark.parametrize("prefetch", [["guild"], "guild", lambda: Member.guild, ("guild",)])
async def test_a_stream_prefetches_batch_by_batch(prefetch):
    await fill(4)
    with max_queries(6):
        names = prefetch() if callable(prefetch) else prefetch
        found = [row async for row in members.iterate(batch_size=3, prefetch=names)]
    with max_queries(0):
        assert {row.guild.guild_id for row in found} == {1}


async def test_a_stream_that_is_left_early_holds_nothing():
    await fill(10)
    async for _ in members.iterate(batch_size=3):
        state = active_client().pool_state()
        assert state.free == state.size
        break
    async with active_client().open_transaction():
        async for row in members.iterate(batch_size=3):
            await members.update_by_id(row.id, level=1)
            if row.member_id == 5:
                break
    assert await members.count(level=1) == 6


async def test_a_stream_goes_on_behind_the_row_as_it_was_read_whatever_its_consumer_makes_of_it():
    await members.bulk_create([{"member_id": number, "guild_id": 1, "level": number} for number in range(10)])
    found = []
    async for row in members.iterate(order_by="-level", batch_size=3):
        found.append(row.member_id)
        row.level = 0
    assert found == [*range(9, -1, -1)]


async def test_a_stream_over_rows_that_its_consumer_deletes_reaches_all():
    await fill(10)
    async for row in members.iterate(batch_size=3):
        await members.delete_by_id(row.id)
    assert await members.count() == 0


@pytest.mark.parametrize("batch_size", [0, "5", None])
async def test_a_stream_without_a_batch_is_refused(batch_size):
    with pytest.raises(InvalidQuery, match="batch_size is a whole number from 1"):
        await anext(members.iterate(batch_size=batch_size))
