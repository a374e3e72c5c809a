"""Rows of the driver, in the order of a manager's columns or in any other, are those that Tortoise makes."""

from __future__ import annotations

import asyncio
import gc
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal

import pytest
from shop_models import Member, Rank, Size, Thing

from tux.database.engine import active_client
from tux.manager import Manager
from tux.models.hydrate import SLICE_ROWS, rows_of, rows_reader_of

pytestmark = pytest.mark.usefixtures("shop")


class Members(Manager[Member], name="members"):
    """Of the tests."""


class Things(Manager[Thing], name="things"):
    """Of the tests."""


members, things = Members(), Things()
THING = {
    "code": "c",
    "price": Decimal("12.50"),
    "size": Size.LARGE,
    "span": timedelta(seconds=1.5),
    "data": b"\0x",
    "day": date(2026, 1, 2),
    "clock": time(12, 30, tzinfo=UTC),
    "numbers": [1, 2],
    "tags": ["a", {"b": None}],
}
MEMBER = {
    "rank": Rank.ADMIN,
    "note": "n",
    "seen_at": datetime(2026, 5, 1, 12, 30, 15, 7, UTC),
    "extra": {"a": [1.5, None]},
}


@pytest.fixture
async def filled(shop):
    await things.create(**THING)
    await things.create()
    await members.create(guild_id=1, member_id=1, **MEMBER)
    await members.create(guild_id=1, member_id=2)


def attributes(rows):
    return [
        [(name, type(each), each, type(getattr(each, "tzinfo", None))) for name, each in vars(row).items()]
        for row in rows
    ]


@pytest.mark.parametrize("manager", [members, things])
async def test_each_kind_of_column_is_read_as_tortoise_reads_it(filled, manager):
    table = manager.table
    columns = [field.column for field in table.fields.values()]
    for order in (columns, columns[::-1], [*columns, "1 AS more"]):
        records = await active_client().fetch(
            f"SELECT {', '.join(order)} FROM {table.name} ORDER BY {table.key.column}"
        )
        wanted = [manager.model._init_from_db(**record) for record in records]
        made = rows_reader_of(manager.model)(records)
        assert [type(row) for row in made] == [manager.model] * 2
        assert attributes(made) == attributes(wanted)


async def test_rows_without_some_columns_are_partial(filled):
    [row, _] = rows_reader_of(Member)(await active_client().fetch("SELECT id, name FROM shop_members"))
    assert row._partial
    assert "level" not in vars(row)
    assert rows_reader_of(Member)([]) == []


async def test_other_tasks_get_their_turn_while_many_rows_are_made(filled):
    records = (await active_client().fetch(f"SELECT {members.columns()} FROM shop_members")) * SLICE_ROWS
    turns = []

    async def others():
        while True:
            turns.append(gc.isenabled())
            await asyncio.sleep(0)

    task = asyncio.create_task(others())
    await asyncio.sleep(0)
    turns.clear()
    rows = await rows_of(Member, records)
    task.cancel()
    assert len(rows) == len(records) == 2 * SLICE_ROWS
    assert turns == [True]  # between the two slices, and the collector runs then
    assert gc.isenabled()


async def test_an_instance_can_be_changed_and_saved(filled):
    row = await members.find_one(member_id=1)
    row.name, row.level = "new", 7
    row.own = "an attribute that is no field"
    await row.save()
    assert (await members.find_one(member_id=1, level=7)).name == "new"
