"""Integer columns take whole numbers only, from rows in memory and querysets too."""

from __future__ import annotations

from decimal import Decimal

import pytest
from shop_models import Member, Size, Team, Thing

from tux.errors import InvalidValue

REFUSED = [
    1.5,
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


@pytest.mark.parametrize("value", [5, 5.0, Decimal(5), "5", Size(1) + 4, float(2**53)])
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
