from __future__ import annotations

import asyncio
from contextvars import copy_context
from datetime import UTC, datetime

import pytest
from shop_models import Guild, Member, Rank, Team, Thing
from tortoise.expressions import F

from tux.clock import clock
from tux.database.engine import active_client
from tux.errors import InvalidQuery, InvalidValue, NotNullViolation, UniqueViolation
from tux.manager import Manager, bulk, many

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)

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


async def test_bulk_create_takes_instances_and_values_together():
    await guilds.create(guild_id=1)
    for first, second in ((1, 2), (3, 4)):
        given = [Member(guild_id=1, member_id=first, name="Ann"), row(second, name="Bob")]
        made = await members.bulk_create(given if first == 1 else given[::-1])
        assert {(each.member_id, each.name) for each in made} == {(first, "Ann"), (second, "Bob")}


async def test_bulk_create_of_nothing_does_nothing():
    assert await members.bulk_create([]) == []


async def test_bulk_create_refuses_to_return_what_it_does_not_know():
    with pytest.raises(InvalidQuery, match='"rows", "keys" or "count", not \'ids\''):
        await members.bulk_create([row(1)], returning="ids")
    assert await members.count() == 0


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


async def test_a_key_that_is_given_by_both_of_its_names_is_refused():
    await guilds.create(guild_id=5)
    with pytest.raises(InvalidQuery, match="guild_id is given twice, once as 'id'"):
        await guilds.bulk_update([{"id": 5, "guild_id": 6, "guild_name": "a"}])


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


MANY = 600


@pytest.fixture(autouse=True)
def copies_soon(monkeypatch):
    monkeypatch.setattr(bulk, "COPY_ROWS", 500)


async def test_keys_are_returned_in_the_order_of_the_rows():
    for count in (3, MANY):
        given = [row(number, count, name=f"n{number}") for number in range(count, 0, -1)]
        keys = await members.bulk_create(given, returning="keys")
        found = await members.get_many(keys)
        assert [each.member_id for each in found] == list(range(count, 0, -1))
        assert [each.name for each in found] == [f"n{number}" for number in range(count, 0, -1)]


async def test_keys_that_python_makes_are_returned_too():
    keys = await things.bulk_create([{"code": f"c{number}"} for number in range(MANY)], returning="keys")
    assert [each.code for each in await things.get_many(keys[:3])] == ["c0", "c1", "c2"]
    assert await things.count() == MANY


async def test_a_count_is_all_that_a_large_insert_has_to_tell():
    assert await members.bulk_create([row(number) for number in range(3)], returning="count") == 3
    assert await members.bulk_create([row(number, 2) for number in range(MANY)], returning="count") == MANY
    assert await members.bulk_create([], returning="count") == 0
    assert await guilds.get_many([1, 2]) == await guilds.find_all(order_by="guild_id")


async def test_copied_rows_equal_inserted_ones():
    values = {
        "name": "Änn",
        "xp": 1.5,
        "level": -3,
        "rank": Rank.ADMIN,
        "is_active": False,
        "note": "a\tb\n\\N",
        "seen_at": NOON,
        "extra": {"a": [1, None, "ü"]},
    }
    with clock.freeze(NOON):
        copied = await members.bulk_create([row(number, 1, **values) for number in range(MANY)], returning="keys")
        inserted = await members.create(**row(1, 2, **values))
    ignored = ("id", "guild_id", "member_id")
    [found] = await members.get_many(copied[:1])
    assert found.to_dict(exclude=ignored) == inserted.to_dict(exclude=ignored)
    keys = await things.bulk_create(
        [{"numbers": [number, 2], "price": "1.50", "data": b"\x00", "tags": ["x"]} for number in range(MANY)],
        returning="keys",
    )
    [thing] = await things.get_many(keys[7:8])
    assert (thing.numbers, str(thing.price), thing.data, thing.tags) == ([7, 2], "1.50", b"\x00", ["x"])


async def test_a_large_insert_is_all_or_nothing():
    with pytest.raises(UniqueViolation):
        await members.bulk_create([row(number % 599) for number in range(MANY)], returning="count")
    assert await members.count() == await guilds.count() == 0
    async with active_client().open_transaction():
        await members.create(**row(1))
        assert await members.bulk_create([row(number, 2) for number in range(MANY)], returning="count") == MANY
    assert await members.count() == MANY + 1


async def test_rows_may_come_from_generators(monkeypatch):
    monkeypatch.setattr(many, "BATCH_ROWS", 4)

    async def made_on_the_way():
        for number in range(10):
            yield row(number)

    assert len(await members.bulk_create(made_on_the_way())) == 10
    assert await members.bulk_create((row(number, 2) for number in range(9)), returning="count") == 9
    assert len(await members.bulk_create((row(number, 3) for number in range(3)), returning="keys")) == 3
    keys = [each.id for each in await members.get_all(order_by="id")]
    assert await members.bulk_update({"id": key, "xp": key} for key in [*keys, 999]) == 22
    assert [each.xp for each in await members.get_all(order_by="id")] == keys
    assert await members.bulk_delete(iter([*keys[:10], *keys[:10], 999])) == 10
    assert await members.bulk_delete(iter(())) == 0


async def test_batches_of_a_generator_are_all_or_nothing(monkeypatch):
    monkeypatch.setattr(many, "BATCH_ROWS", 4)
    with pytest.raises(UniqueViolation):
        await members.bulk_create((row(number % 9) for number in range(10)), returning="count")
    assert await members.count() == 0


async def test_a_generator_of_any_length_is_never_in_memory_as_a_whole(monkeypatch):
    monkeypatch.setattr(many, "BATCH_ROWS", 600)
    alive = 0
    most = 0

    class Row(dict):
        def __init__(self, **values):
            nonlocal alive, most
            super().__init__(values)
            alive += 1
            most = max(most, alive)

        def __del__(self):
            nonlocal alive
            alive -= 1

    assert await members.bulk_create((Row(**row(number)) for number in range(6000)), returning="count") == 6000
    assert most <= 1800


async def test_bulk_writes_of_the_same_rows_in_any_order_do_not_deadlock():
    keys = await members.bulk_create([row(number) for number in range(300)], returning="keys")

    async def update(order):
        assert await members.bulk_update([{"id": key, "xp": 1} for key in order]) == len(keys)

    await asyncio.gather(*(update(order) for order in [keys, keys[::-1], keys[150:] + keys[:150]] * 4))
    counts = await asyncio.gather(*(members.bulk_delete(order) for order in [keys, keys[::-1]] * 3))
    assert sum(counts) == 300


@pytest.mark.parametrize("count", [3, 400])
@pytest.mark.parametrize(
    "write", [lambda keys: members.bulk_update([{"id": key, "xp": 1} for key in keys]), members.bulk_delete]
)
async def test_rows_are_locked_in_the_order_of_their_keys(count, write):
    keys = await members.bulk_create([row(number) for number in range(400)], returning="keys")
    for key in reversed(keys[::40]):  # the table's own order is another one now
        await members.update_by_id(key, level=1)
    wanted, outside = keys[-1 : -count - 1 : -1], copy_context()
    async with active_client().open_transaction() as holder:
        await holder.fetch("SELECT FROM shop_members WHERE id = $1 FOR UPDATE", [min(wanted)])
        waiting = asyncio.create_task(write(wanted), context=outside)
        while not await holder.fetch("SELECT FROM pg_locks WHERE NOT granted"):  # noqa: ASYNC110 - the server has no event
            await asyncio.sleep(0.01)
        free = await holder.fetch("SELECT id FROM shop_members ORDER BY id FOR UPDATE SKIP LOCKED")
        assert len(free) == 400
    assert await waiting == count


async def test_a_row_is_checked_before_anything_is_written():
    class Checked(Manager[Member], name="checked"):
        def check(self, values):
            seen.append(dict(values))
            if values.get("name") == "bad":
                raise InvalidValue("no bad names")

    seen = []
    checked = Checked()
    for rows in ([row(1), row(2, name="bad")], [Member(**row(2, name="bad"))]):
        with pytest.raises(InvalidValue, match="no bad names"):
            await checked.bulk_create(rows)
    with pytest.raises(InvalidValue, match="no bad names"):
        await checked.bulk_upsert([row(1, name="bad")], ["member_id", "guild_id"], ["name"])
    with pytest.raises(InvalidValue, match="no bad names"):
        await checked.bulk_update([{"id": 1, "name": "bad"}])
    assert await members.count() == 0
    assert {"member_id", "guild_id"} <= seen[0].keys()
    assert seen[-1] == {"id": 1, "name": "bad"}


async def test_rows_of_another_kind_are_refused_before_any_is_written():
    for wrong in (Guild(guild_id=1), None, "x", 5):
        with pytest.raises(InvalidQuery, match="takes values or Member"):
            await members.bulk_create([{"guild_id": 1, "member_id": 1}, wrong])
        with pytest.raises(InvalidQuery, match="takes values or Member"):
            await members.bulk_create([wrong, {"guild_id": 1, "member_id": 1}])
        with pytest.raises(InvalidQuery, match="takes a dict for each row"):
            await members.bulk_update([wrong])
    assert await members.count() == 0


async def test_bulk_update_takes_no_expressions():
    made = await members.create(guild_id=1, member_id=1)
    with pytest.raises(InvalidQuery, match=r"level.*update_where"):
        await members.bulk_update([{"id": made.id, "level": F("level") + 1}])


async def test_bulk_upsert_does_not_pass_over_a_row_that_another_unique_key_refuses():
    await teams.create(id=1, name="red")
    for update in ([], ["hits"]):
        with pytest.raises(UniqueViolation):
            await teams.bulk_upsert([{"id": 1, "name": "red"}, {"id": 2, "name": "red"}], ["id"], update)
    assert await teams.bulk_upsert([{"id": 1, "name": "red"}], ["id"], []) == []


async def test_bulk_upsert_takes_one_name_as_text_and_never_one_row():
    [(made, created)] = await teams.bulk_upsert([{"name": "blue", "hits": 3}], "name", "hits")
    assert (made.hits, created) == (3, True)
    for given in ({"name": "blue"}, "blue", None):
        with pytest.raises(InvalidQuery, match="a list is needed"):
            await teams.bulk_upsert(given, ["name"], ["hits"])
