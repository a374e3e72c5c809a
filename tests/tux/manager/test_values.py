"""What a manager accepts, the database keeps; what it refuses, it refuses by name and before any statement."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from shop_models import Member, Note, Rank, Size, Thing
from tortoise.contrib.postgres.fields import ArrayField

from tux.database.engine import observers
from tux.errors import InvalidValue, NotNullViolation
from tux.manager import Manager
from tux.manager.converters import converter_of

pytestmark = pytest.mark.usefixtures("shop")


class Things(Manager[Thing], name="things"):
    """Of the tests."""


class Members(Manager[Member], name="members"):
    """Of the tests."""


class Notes(Manager[Note], name="notes"):
    """Of the tests."""


things, members, notes = Things(), Members(), Notes()

ANYTHING = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(2**70), 2**70),
    st.floats(),
    st.decimals(),
    st.text(max_size=15),
    st.text(st.characters(codec=None), max_size=6),
    st.binary(max_size=4),
    st.datetimes(),
    st.datetimes(timezones=st.just(UTC)),
    st.dates(),
    st.times(),
    st.timedeltas(),
    st.uuids(),
    st.sampled_from([Rank.ADMIN, Size.LARGE, "ADMIN", "x" * 200, 2**15, 9999.995, Decimal("9999.995"), object()]),
    st.lists(st.one_of(st.integers(-(2**40), 2**40), st.text(max_size=3), st.none(), st.floats()), max_size=3),
    st.dictionaries(st.text(max_size=3), st.one_of(st.none(), st.text(max_size=3), st.floats()), max_size=2),
    st.sets(st.integers(), max_size=2),
)
THING = st.sampled_from(["code", "price", "size", "span", "data", "day", "clock", "numbers", "tags", "made_at", "id"])
MEMBER = st.sampled_from(["member_id", "name", "xp", "level", "rank", "is_active", "note", "seen_at", "extra"])
QUICK = settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


async def is_kept_or_refused(manager, name, value, **others):
    sent = []
    observers.append(sent.append)
    refused = row = None
    try:
        row = await manager.create(**others, **{name: value})
    except (InvalidValue, NotNullViolation) as error:
        refused = error
    finally:
        observers.remove(sent.append)
    if refused is None:
        assert await manager.get_many([row.pk]) == [row]
        await manager.delete_by_id(row.pk)
        return
    assert sent == []
    assert refused.column == name
    assert f"{manager.table.label}.{name}" in str(refused)


@given(THING, ANYTHING)
@QUICK
async def test_any_value_of_any_column_is_kept_or_refused_by_name(name, value):
    await is_kept_or_refused(things, name, value)


@given(MEMBER, ANYTHING)
@QUICK
async def test_any_value_of_a_members_column_is_kept_or_refused_by_name(name, value):
    others = {"guild_id": 1} if name == "member_id" else {"guild_id": 1, "member_id": 1}
    await is_kept_or_refused(members, name, value, **others)


@given(st.sampled_from(["labels", "extra", "title"]), ANYTHING)
@QUICK
async def test_any_value_of_a_notes_column_is_kept_or_refused_by_name(name, value):
    others = {"guild_id": 1} if name == "title" else {"guild_id": 1, "title": "a"}
    await is_kept_or_refused(notes, name, value, **others)


@pytest.mark.parametrize(
    ("name", "value", "kept"),
    [
        ("price", "1.005", Decimal("1.01")),
        ("price", 9999.994, Decimal("9999.99")),
        ("size", 2, Size.LARGE),
        ("span", timedelta(days=-1, microseconds=1), timedelta(days=-1, microseconds=1)),
        ("data", bytearray(b"\x00a"), b"\x00a"),
        ("data", memoryview(b"x"), b"x"),
        ("day", datetime(2026, 1, 2, 3, tzinfo=UTC), date(2026, 1, 2)),
        ("day", "2026-01-02", date(2026, 1, 2)),
        ("clock", "12:30:00+00:00", time(12, 30, tzinfo=UTC)),
        ("numbers", (1, None, 2), [1, None, 2]),
        ("tags", {"a": "\\u0000"}, {"a": "\\u0000"}),
        ("id", "00000000-0000-0000-0000-000000000001", UUID(int=1)),
    ],
)
async def test_a_value_in_another_form_is_kept_as_its_column_has_it(name, value, kept):
    row = await things.create(**{name: value})
    assert getattr(row, name) == kept


async def test_a_new_row_has_one_time_in_all_its_stamps():
    for row in (
        await members.create(guild_id=1, member_id=1),
        *await members.bulk_create([{"guild_id": 1, "member_id": 2}]),
    ):
        assert row.created_at == row.updated_at


@pytest.mark.parametrize(
    ("name", "value", "why"),
    [
        ("price", 9999.995, "at most 4 digits"),
        ("code", "x" * 9, "9 characters, at most 8"),
        ("code", "\ud800", "does not fit"),
        ("code", "a\0", "NUL"),
        ("size", 3, "not one of 1, 2"),
        ("span", 5, "a timedelta is needed"),
        ("data", "text", "bytes are needed"),
        ("numbers", 5, "a list is needed"),
        ("numbers", [2**31], "whole number from"),
        ("tags", {"a": "\0"}, "NUL"),
        ("tags", {"\0": 1}, "NUL"),
        ("made_at", datetime(2026, 1, 1), "aware"),  # noqa: DTZ001
    ],
)
async def test_a_refusal_names_field_and_limit(name, value, why):
    for write in (
        lambda: things.create(**{name: value}),
        lambda: things.update_by_id(UUID(int=1), **{name: value}),
        lambda: things.bulk_create([{name: value}]),
        lambda: things.update_where({"code": "x"}, {name: value}),
    ):
        with pytest.raises(InvalidValue, match=why) as caught:
            await write()
        assert caught.value.column == name


@pytest.mark.parametrize("end", [datetime.min, datetime.max])  # noqa: DTZ901 - made aware below
async def test_the_first_and_the_last_moment_come_back_although_postgresql_has_them_as_infinity(end):
    moment = end.replace(tzinfo=UTC)
    made = await members.create(guild_id=1, member_id=1, seen_at=moment)
    assert made.seen_at == moment
    assert [row.seen_at for row in (*await members.find_all(), *await Member.all())] == [moment, moment]
    assert await members.count(seen_at=moment) == 1


@pytest.mark.parametrize("value", [float("nan"), [float("inf")], {"a": [None, float("-inf")]}])
async def test_a_number_that_json_lacks_is_refused_and_not_kept_as_null(value):
    with pytest.raises(InvalidValue, match=r"shop_members\.extra: takes what JSON can hold"):
        await members.create(guild_id=1, member_id=1, extra=value)
    with pytest.raises(InvalidValue, match="extra takes what JSON can hold"):
        await Member(guild_id=1, member_id=1, extra=value).save()
    with pytest.raises(InvalidValue, match="extra takes what JSON can hold"):
        await Member.filter(member_id=1).update(extra=value)
    made = await members.create(guild_id=1, member_id=1, extra={"null": [None, "nan"]})
    assert made.extra == {"null": [None, "nan"]}


async def test_json_that_is_too_deep_is_refused():
    deep: list[object] = []
    for _ in range(5_000):
        deep = [deep]
    with pytest.raises(InvalidValue, match="extra"):
        await members.create(guild_id=1, member_id=1, extra=deep)


@pytest.mark.parametrize(("kind", "bits"), [("smallint", 15), ("int", 31), ("bigint", 63), ("int8", 63)])
def test_elements_of_an_array_are_whole_numbers_that_fit(kind, bits):
    field = ArrayField(element_type=kind)
    most = 2**bits - 1
    assert converter_of(field)(field, [most, -most - 1, None]) == [most, -most - 1, None]
    for wrong in (most + 1, -most - 2, 1.0, True):
        with pytest.raises(ValueError, match=f"no whole number from {-most - 1} to {most}"):
            converter_of(field)(field, [wrong])
