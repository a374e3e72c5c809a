"""How many statements each operation sends; `pytest -m roundtrips` prints them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from shop_models import Guild, Member
from tortoise.expressions import Q

from tux.manager import Manager
from tux.testing.blocks import max_queries

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

pytestmark = [pytest.mark.usefixtures("shop"), pytest.mark.roundtrips]


class Members(Manager[Member], name="members"):
    """Of the tests."""


members = Members()
PAIR = {"member_id": 1, "guild_id": 1}
NEW = {"member_id": 2, "guild_id": 2}
OPERATIONS: dict[str, tuple[int, Callable[[], Awaitable[object]]]] = {
    "get_by_id": (1, lambda: members.get_by_id(1)),
    "get_by_id_pair": (1, lambda: members.get_by_id((1, 1))),
    "find_one": (1, lambda: members.find_one(PAIR)),
    "find_all": (1, lambda: members.find_all({"guild_id": 1}, "-xp", 10)),
    "find_all_across_relation": (1, lambda: members.find_all({"guild__guild_name": "unnamed"})),
    "get_many": (1, lambda: members.get_many([1, 2, 3])),
    "exists": (1, lambda: members.exists(PAIR)),
    "count": (1, lambda: members.count(Q(guild_id=1) | Q(xp=1))),
    "paginate": (1, lambda: members.paginate(1, 10, {"guild_id": 1}, "-xp")),
    "paginate_beyond_the_end": (1, lambda: members.paginate(9, 10)),
    "create_in_unknown_guild": (1, lambda: members.create(**NEW)),
    "update_by_id": (1, lambda: members.update_by_id(1, xp=2)),
    "delete_by_id": (1, lambda: members.delete_by_id(1)),
    "increment": (1, lambda: members.increment(1, xp=1)),
    "update_where": (1, lambda: members.update_where({"guild_id": 1}, {"xp": 1})),
    "delete_where": (1, lambda: members.delete_where({"guild_id": 1})),
    "delete_where_across_relation": (1, lambda: members.delete_where(Member.guild.any(Guild.guild_name == "x"))),
    "upsert_new": (1, lambda: members.upsert(NEW, xp=1)),
    "upsert_existing": (1, lambda: members.upsert(PAIR, xp=1)),
    "get_or_create_hit": (1, lambda: members.get_or_create({"xp": 5}, **PAIR)),
    "get_or_create_miss": (2, lambda: members.get_or_create({"xp": 5}, **NEW)),
    "bulk_create": (1, lambda: members.bulk_create([{"member_id": n, "guild_id": n} for n in range(3, 50)])),
    "bulk_update": (1, lambda: members.bulk_update([{"id": 1, "xp": 3}, {"id": 2, "level": 3}])),
    "bulk_delete": (1, lambda: members.bulk_delete([1, 2, 3])),
    "bulk_upsert": (1, lambda: members.bulk_upsert([PAIR | {"xp": 1}, NEW], ["member_id", "guild_id"], ["xp"])),
}


@pytest.mark.parametrize("operation", OPERATIONS)
async def test_statements(operation, record_property):
    limit, run = OPERATIONS[operation]
    await members.create(**PAIR)
    with max_queries(limit) as sent:
        await run()
    assert len(sent) == limit
    record_property("statements", len(sent))


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


async def test_a_text_is_built_once_for_each_shape_of_a_call():
    for number in range(3):
        await members.find_all({"guild_id": number, "xp__gte": number}, "-xp", limit=number)
        await members.upsert({"member_id": number, "guild_id": 1}, xp=number)
        await members.update_by_id(number, xp=number)
    before = len(members.table.texts)
    for number in range(3, 9):
        await members.find_all({"guild_id": number, "xp__gte": number}, "-xp", limit=number)
        await members.upsert({"member_id": number, "guild_id": 1}, xp=number)
        await members.update_by_id(number, xp=number)
    assert len(members.table.texts) == before
