from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta, timezone
from decimal import Decimal
from uuid import UUID

import pytest
from shop_models import Member, Note, Rank, Size, Thing

from tux.errors import DatabaseError, InvalidValue, NotNullViolation
from tux.manager import Manager, bulk
from tux.manager.columns import SLICE_ROWS, given_columns, new_columns
from tux.manager.table import table_of
from tux.testing import at

pytestmark = pytest.mark.usefixtures("shop")

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
ODD = [
    None, True, 0, 1, -1, 2**15, 2**31, 2**63, -(2**63), 1.5, float("nan"), float("inf"), "", "a", "ä", "x" * 13, "a\0b", "\ud800",
    "1", "2026-03-01T12:00:00+00:00", Rank.ADMIN, "ADMIN", Size.LARGE, 2, Decimal("1.25"), NOON, NOON.replace(tzinfo=None),
    NOON.astimezone(timezone(timedelta(hours=2))), timedelta(1), date(2026, 3, 1), time(12, tzinfo=UTC), UUID(int=1), [], [1], ["a"], {"a": 1}, b"x", object(),
]  # fmt: skip


class Members(Manager[Member], name="members"):
    """Of the tests."""


class Notes(Manager[Note], name="notes"):
    """Of the tests."""


class Careful(Manager[Member], name="careful"):
    """Has a rule of its own."""

    def check(self, values):
        checked.append(dict(values))
        if values.get("name") == "bad":
            raise InvalidValue("bad")


checked: list[dict[str, object]] = []
members, notes, careful = Members(), Notes(), Careful()


def row(member_id, **values):
    return {"member_id": member_id, "guild_id": 1, **values}


def outcome(call, *args):
    try:
        return [(type(value), repr(value)) for value in call(*args)]
    except DatabaseError as error:
        return type(error), str(error)


@pytest.mark.parametrize("model", [Member, Note, Thing])
def test_many_values_are_encoded_as_each_by_itself(model):
    for field in table_of(model).fields.values():
        codec = field.codec

        def one_by_one(values, codec=codec):
            return [codec.write(value) for value in values]

        good = [value for value in ODD if not isinstance(outcome(one_by_one, [value]), tuple)]
        assert good
        for values in ([value] * 3 for value in ODD):
            assert outcome(codec.write_all, values) == outcome(one_by_one, values)
        for value in ODD:
            for values in ([*good, value], [value, *good], [good[0], value, good[-1]]):
                assert outcome(codec.write_all, values) == outcome(one_by_one, values)


async def test_rows_of_one_shape_become_columns_with_their_defaults():
    with at(NOON):
        columns = await new_columns(
            table_of(Member), [row(number, xp=0.5) for number in range(2 * SLICE_ROWS + 1)], None
        )
    assert columns["member_id"] == [*range(2 * SLICE_ROWS + 1)]
    assert {name: {*values} for name, values in columns.items() if name != "member_id"} == {
        "guild_id": {1},
        "xp": {0.5},
        "name": {"nobody"},
        "level": {0},
        "rank": {"MEMBER"},
        "is_active": {True},
        "created_at": {NOON},
        "updated_at": {NOON},
    }


@pytest.mark.parametrize(
    "second",
    [
        row(2, xp=1),
        {"member_id": 2},
        {"member_id": 2, "xp": 1},
        {"member_id": 2, "guild_id": "many"},
        {"member_id": 2, "guild_id": None},
        [("member_id", 2), ("guild_id", 1)],
    ],
)
async def test_rows_of_different_shapes_or_with_a_bad_value_are_left_to_be_made_one_by_one(second):
    assert await given_columns(table_of(Member), [row(1), second], None) is None


async def test_the_first_bad_row_is_named_as_before():
    with pytest.raises(InvalidValue, match="13 characters"):
        await members.bulk_create([row(1, name="ok"), row(2, name="x" * 13), row("no", name="ok")])
    with pytest.raises(NotNullViolation, match="guild_id"):
        await members.bulk_create([{"member_id": 1}, {"member_id": 2}])
    assert await members.count() == 0


async def test_a_check_sees_each_row_once_by_the_names_of_its_fields():
    checked.clear()
    keys = await careful.bulk_create([row(1, name="a"), row(2, name="b")], returning="keys")
    assert checked == [row(1, name="a"), row(2, name="b")]
    checked.clear()
    await careful.bulk_update([{"id": key, "name": "c"} for key in keys])
    assert checked == [{"id": key, "name": "c"} for key in keys]


@pytest.mark.parametrize("copied", [False, True])
async def test_a_row_that_the_check_refuses_is_not_written_nor_any_other(monkeypatch, copied):
    monkeypatch.setattr(bulk, "COPY_ROWS", 1 if copied else 100)
    with pytest.raises(InvalidValue, match="bad"):
        await careful.bulk_create([row(1, name="ok"), row(2, name="bad")], returning="count")
    assert await members.count() == 0


async def test_an_update_of_many_rows_stamps_them_unless_the_stamp_is_given():
    keys = await members.bulk_create([row(number) for number in range(3)], returning="keys")
    with at(NOON):
        assert await members.bulk_update([{"id": key, "xp": key} for key in keys]) == 3
    assert [(member.xp, member.updated_at) for member in await members.find_all(order_by="id")] == [
        (float(key), NOON) for key in keys
    ]
    later = NOON + timedelta(days=1)
    await members.bulk_update([{"id": keys[0], "updated_at": later}, {"id": keys[1], "xp": 7}])
    found = await members.find_all(order_by="id")
    assert found[0].updated_at == later
    assert found[1].updated_at > NOON
    assert found[2].updated_at == NOON


async def test_hidden_rows_are_changed_by_a_manager_that_sees_them():
    first, second = await notes.bulk_create(
        [{"guild_id": 1, "title": "a"}, {"guild_id": 1, "title": "b"}], returning="keys"
    )
    await notes.delete_by_id(first)
    changes = [{"id": first, "title": "c"}, {"id": second, "title": "d"}]
    assert await notes.bulk_update(changes) == 1
    assert await notes.with_deleted().bulk_update(changes) == 2
    assert [note.title for note in await notes.with_deleted().find_all(order_by="id")] == ["c", "d"]
