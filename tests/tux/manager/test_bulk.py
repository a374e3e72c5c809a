from __future__ import annotations

import asyncio

import pytest
from shop_models import Guild, Member, Rank, Team, Thing

from tux.errors import InvalidQuery, NotNullViolation, UniqueViolation
from tux.manager import Manager

pytestmark = pytest.mark.usefixtures("shop")


class Members(Manager[Member], name="members"):
    """Of the tests."""


class Guilds(Manager[Guild], name="guilds"):
    """Of the tests."""


class Teams(Manager[Team], name="teams"):
    """Of the tests."""


class Things(Manager[Thing], name="things"):
    """Of the tests."""


members, guilds, teams, things = Members(), Guilds(), Teams(), Things()


def row(member_id, guild_id=1, **values):
    return {"member_id": member_id, "guild_id": guild_id, **values}


async def test_bulk_create_returns_rows_with_keys_in_their_order():
    made = await members.bulk_create([row(number, number % 3) for number in range(200, 0, -1)])
    assert [each.member_id for each in made] == list(range(200, 0, -1))
    assert [each.id for each in made] == list(range(1, 201))
    assert await guilds.count() == 3
    assert await members.count() == 200


async def test_bulk_create_takes_rows_with_different_columns():
    first, second = await members.bulk_create([row(1, xp=5, rank=Rank.ADMIN), row(2, note="n", extra=[1])])
    assert (first.xp, first.rank, first.note) == (5, Rank.ADMIN, None)
    assert (second.xp, second.rank, second.note, second.extra) == (0, Rank.MEMBER, "n", [1])


async def test_bulk_create_takes_instances():
    await guilds.create(guild_id=1)
    made = await members.bulk_create([Member(guild_id=1, member_id=1, name="Ann"), Member(guild_id=1, member_id=2)])
    assert [(each.id, each.name) for each in made] == [(1, "Ann"), (2, "nobody")]
    assert [each.made_at is not None for each in await things.bulk_create([Thing(), Thing()])] == [True, True]


async def test_bulk_create_of_nothing_does_nothing():
    assert await members.bulk_create([]) == []


async def test_bulk_create_is_all_or_nothing():
    with pytest.raises(UniqueViolation):
        await members.bulk_create([row(1), row(2), row(1)])
    with pytest.raises(NotNullViolation):
        await members.bulk_create([row(1), {"guild_id": 1}])
    assert await members.count() == await guilds.count() == 0


async def test_arrays_survive_being_written_in_bulk():
    made = await things.bulk_create([{"numbers": [3, 1, 2]}, {"numbers": None}, {"numbers": []}])
    assert [each.numbers for each in made] == [[3, 1, 2], None, []]
    assert await things.bulk_update([{"id": made[1].id, "numbers": [7]}, {"id": made[0].id, "tags": ["x"]}]) == 2
    assert [each.numbers for each in await things.get_many([each.id for each in made])] == [[3, 1, 2], [7], []]


async def test_a_column_that_the_database_fills_is_given_in_all_rows_or_none():
    with pytest.raises(InvalidQuery, match="every row or in none"):
        await teams.bulk_create([{"id": 7, "name": "a"}, {"name": "b"}])


async def test_bulk_update_changes_each_row_by_its_key_and_counts_those_found():
    made = await members.bulk_create([row(number, note="n") for number in range(4)])
    changes = [{"id": made[0].id, "xp": 1}, {"id": made[1].id, "xp": 2, "note": None}, {"pk": made[2].id, "level": 3}]
    assert await members.bulk_update([*changes, {"id": 999, "xp": 1}]) == 3
    found = [(each.xp, each.level, each.note) for each in await members.find_all(order_by="id")]
    assert found == [(1, 0, "n"), (2, 0, None), (0, 3, "n"), (0, 0, "n")]


async def test_bulk_update_knows_a_key_of_another_name_as_id():
    await guilds.create(guild_id=5)
    assert await guilds.bulk_update([{"id": 5, "guild_name": "a"}]) == 1
    assert await guilds.bulk_update([{"guild_id": 5, "guild_name": "b"}]) == 1


async def test_the_later_of_two_changes_of_a_row_wins():
    made = await members.create(**row(1))
    assert await members.bulk_update([{"id": made.id, "xp": 1, "level": 1}, {"id": made.id, "xp": 2}]) == 1
    found = await members.get_by_id(made.id)
    assert (found.xp, found.level) == (2, 1)


@pytest.mark.parametrize("rows", [[], [{"id": 1}]])
async def test_bulk_update_of_nothing_touches_nothing(rows):
    await members.create(**row(1))
    assert await members.bulk_update(rows) == 0


async def test_bulk_update_without_a_key_is_refused():
    with pytest.raises(InvalidQuery, match="lacks 'id'"):
        await members.bulk_update([{"xp": 1}])


async def test_bulk_delete_counts_exactly():
    made = await members.bulk_create([row(number) for number in range(4)])
    assert await members.bulk_delete([made[0].id, made[1].id, made[1].id, 999]) == 2
    assert await members.bulk_delete([(2, 1), (2, 9)]) == 1
    assert await members.bulk_delete([]) == 0
    assert [each.member_id for each in await members.get_all()] == [3]


async def test_get_many_keeps_the_order_and_leaves_out_what_is_not_there():
    made = await members.bulk_create([row(number) for number in range(4)])
    found = await members.get_many([made[3].id, 999, made[0].id, made[3].id])
    assert [each.member_id for each in found] == [3, 0]
    assert [each.member_id for each in await members.get_many([(2, 1), (9, 9), (0, 1)])] == [2, 0]
    assert await members.get_many([]) == []
    with pytest.raises(InvalidQuery, match="not both"):
        await members.get_many([1, (2, 1)])


async def test_bulk_upsert_says_of_each_row_whether_it_was_made():
    await members.create(**row(1, xp=1, note="old"))
    found = await members.bulk_upsert(
        [row(2, xp=2), row(1, xp=5, note="new"), row(3)], conflict=["member_id", "guild_id"], update=["xp"]
    )
    assert [(each.member_id, each.xp, each.note, created) for each, created in found] == [
        (2, 2, None, True),
        (1, 5, "old", False),
        (3, 0, None, True),
    ]


async def test_of_two_rows_with_one_key_the_later_is_upserted():
    found = await members.bulk_upsert([row(1, xp=1), row(1, xp=2)], ["member_id", "guild_id"], ["xp"])
    assert [each.xp for each, _ in found] == [2]


async def test_bulk_upsert_that_updates_nothing_leaves_rows_as_they_are():
    await members.create(**row(1, xp=1))
    found = await members.bulk_upsert([row(1, xp=9), row(2)], ["member_id", "guild_id"], [])
    assert [(each.member_id, created) for each, created in found] == [(2, True)]
    assert (await members.get_by_id((1, 1))).xp == 1


@pytest.mark.parametrize(
    ("conflict", "update"), [(["xp"], ["level"]), (["nope"], []), (["member_id", "guild_id"], ["nope"])]
)
async def test_bulk_upsert_of_unknown_names_or_keys_is_refused(conflict, update):
    with pytest.raises(InvalidQuery):
        await members.bulk_upsert([row(1)], conflict, update)


async def test_concurrent_bulk_upserts_make_each_row_once():
    batches = await asyncio.gather(
        *(
            members.bulk_upsert([row(number, xp=turn) for number in range(10)], ["member_id", "guild_id"], ["xp"])
            for turn in range(10)
        )
    )
    assert sum(created for batch in batches for _, created in batch) == 10
    assert await members.count() == 10


async def test_concurrent_bulk_upserts_in_different_orders_do_not_wait_for_each_other():
    orders = [range(40), range(39, -1, -1)] * 5
    batches = await asyncio.gather(
        *(
            members.bulk_upsert([row(number, number, xp=1) for number in order], ["member_id", "guild_id"], ["xp"])
            for order in orders
        )
    )
    for order, batch in zip(orders, batches, strict=True):
        assert [each.member_id for each, _ in batch] == list(order)
    assert await members.count() == 40
