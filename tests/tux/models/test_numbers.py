"""Integer columns take whole numbers only, from rows in memory and querysets too."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest
from shop_models import Member, Size, Team, Thing

from tux.errors import InvalidValue
from tux.manager import Manager


class Members(Manager[Member], name="members"):
    """Of the tests."""


class Teams(Manager[Team], name="teams"):
    """Of the tests."""


class Things(Manager[Thing], name="things"):
    """Of the tests."""


REFUSED = [
    1.5,
    float(2**53 + 1),  # which is the same float as 2**53
    float(2**60),
    float("inf"),
    float("nan"),
    Decimal("0.5"),
    Decimal("inf"),
    "1.5",
    "x",
    b"1",
    [1],
    object(),
]


@pytest.mark.parametrize("value", REFUSED)
def test_a_row_in_memory_refuses_what_would_be_cut_or_rounded(value):
    with pytest.raises(InvalidValue, match="member_id takes a whole number, exact to the last digit"):
        Member(guild_id=1, member_id=value)


@pytest.mark.parametrize("value", [5, 5.0, Decimal(5), "5", Size(1) + 4, float(2**53 - 1)])
def test_a_whole_number_is_taken_in_any_form(value):
    assert Member(guild_id=1, member_id=value).member_id == int(value)


@pytest.mark.usefixtures("shop")
async def test_querysets_refuse_them_in_filters_and_updates():
    with pytest.raises(InvalidValue, match="member_id"):
        await Member.filter(member_id=float(2**60))
    with pytest.raises(InvalidValue, match="member_id"):
        await Member.filter(member_id__in=[1, 1.5]).delete()
    with pytest.raises(InvalidValue, match="hits"):
        await Team.all().update(hits=1.5)


@pytest.mark.usefixtures("shop")
async def test_enumerated_numbers_stay_members():
    thing = await Thing.create(size=Size.LARGE)
    assert (await Thing.get(id=thing.id)).size is Size.LARGE


LIMITS = [(Members, "member_id", 63), (Members, "level", 31), (Teams, "hits", 15)]


@pytest.mark.usefixtures("shop")
@pytest.mark.parametrize(("manager", "column", "bits"), LIMITS)
async def test_a_column_takes_its_limits_and_names_them_to_what_is_beyond(manager, column, bits):
    given = {"guild_id": 1, "member_id": 1} if manager is Members else {"name": "red"}
    low, high = -(2**bits), 2**bits - 1
    for value in (low, high):
        row = await manager().create(**{**given, "name": str(value)[:3], column: value})
        assert getattr(row, column) == value
        await manager().delete_by_id(row.id)
    for value in (low - 1, high + 1):
        with pytest.raises(InvalidValue, match=f"{column}: {value} is out of range, {low} to {high} fits the column"):
            await manager().create(**{**given, column: value})


@pytest.mark.usefixtures("shop")
async def test_a_span_has_as_many_microseconds_as_fit():
    longest = timedelta(microseconds=2**63 - 1)
    for span in (longest, -longest):
        made = await Things().create(span=span)
        assert (await Things().get_by_id(made.id)).span == span
    with pytest.raises(InvalidValue, match="span"):
        await Things().create(span=longest + timedelta(microseconds=1))
