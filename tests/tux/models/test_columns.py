from __future__ import annotations

import pytest
from shop_models import Guild, Member, Team
from tortoise.expressions import Q

from tux.errors import InvalidQuery
from tux.models import Column, column, relation


@pytest.mark.parametrize(
    ("made", "filters"),
    [
        (Member.xp == 5, {"xp": 5}),
        (Member.xp != 5, {"xp__not": 5}),
        (Member.xp < 5, {"xp__lt": 5}),
        (Member.xp <= 5, {"xp__lte": 5}),
        (Member.xp > 5, {"xp__gt": 5}),
        (Member.xp >= 5, {"xp__gte": 5}),
        (Member.note == None, {"note__isnull": True}),  # noqa: E711
        (Member.note != None, {"note__isnull": False}),  # noqa: E711
        (Member.note.is_null(), {"note__isnull": True}),
        (Member.xp.in_(n for n in (1, 2)), {"xp__in": [1, 2]}),
        (Member.xp.not_in({1}), {"xp__not_in": [1]}),
        (Member.xp.between(1, 2), {"xp__range": (1, 2)}),
        (Member.name.contains("a"), {"name__contains": "a"}),
        (Member.name.icontains("a"), {"name__icontains": "a"}),
        (Member.name.startswith("a"), {"name__startswith": "a"}),
    ],
)
def test_comparing_a_column_makes_a_q(made, filters):
    assert isinstance(made, Q)
    assert made.filters == filters


def test_ordering_a_column_makes_a_name():
    assert (Member.xp.desc(), Member.xp.asc()) == ("-xp", "xp")


def test_conditions_join_as_qs_do():
    made = (Member.xp == 1) & ~(Member.level == 2) | (Member.name == "x")
    assert (made.join_type, len(made.children)) == ("OR", 2)


def test_the_key_of_a_relation_is_a_column_before_the_database_is_connected():
    assert isinstance(Member.guild_id, Column)


def test_a_column_is_neither_true_nor_false():
    with pytest.raises(InvalidQuery, match="neither true nor false"):
        bool(Member.xp)


@pytest.mark.usefixtures("shop")
async def test_a_column_is_compared_with_another_of_the_same_row():
    await Guild.create(guild_id=1)
    for number in (1, 2, 3):
        await Member.create(guild_id=1, member_id=number, xp=2, level=number)
    found = await Member.filter(Member.xp > Member.level).values_list("member_id", flat=True)
    assert found == [1]


def test_a_name_that_is_no_field_is_an_attribute_error():
    with pytest.raises(AttributeError, match=r"'Member' has no attribute 'nope'"):
        Member.nope  # noqa: B018
    assert not hasattr(Member, "_saved_in_db")


def test_column_and_relation_are_for_checkers_and_refuse_anything_else():
    assert column(Member.xp).name == "xp"
    for wrong in (5, "xp", None):
        with pytest.raises(InvalidQuery, match=r"column\(\) takes"):
            column(wrong)
        with pytest.raises(InvalidQuery, match=r"relation\(\) takes"):
            relation(wrong)


@pytest.mark.usefixtures("shop")
async def test_relations_of_a_class_take_any():
    assert relation(Guild.members).name == "members"
    assert repr(Member.teams) == "<relation Member.teams>"
    with pytest.raises(InvalidQuery, match="conditions on columns"):
        Guild.members.any(True)
    made = Guild.members.any(xp=1)
    assert made == Guild.members.any(xp=1)
    assert made != Guild.members.any(xp=2)


@pytest.mark.parametrize(
    "written",
    [
        lambda: Member.xp == 1 and Member.level == 2,
        lambda: Member.xp == 1 or Member.level == 2,
        lambda: not Member.xp == 1,  # noqa: SIM201 - what is tested
        lambda: 1 < Member.xp < 5,
        lambda: Member.xp in [1, 2],
        lambda: (Member.xp == 1) & (Member.level == 2) and Member.name == "x",
        lambda: ~(Member.xp == 1) or Member.name == "x",
        lambda: (Q(xp=1) | (Member.xp == 2)) and Member.name == "x",
        lambda: Guild.members.any(xp=1) and Guild.guild_id == 1,
        lambda: not ~Guild.members.any(),
    ],
)
@pytest.mark.usefixtures("shop")
async def test_python_cannot_drop_a_condition_unseen(written):
    with pytest.raises(InvalidQuery, match="join conditions with & and"):
        written()


@pytest.mark.usefixtures("shop")
async def test_relations_of_a_row_stay_tortoises():
    guild = await Guild.create(guild_id=1)
    member = await Member.create(guild=guild, member_id=1)
    team = await Team.create(name="red")
    await member.teams.add(team)
    assert await guild.members.all() == [member]
    assert await member.guild == guild
    assert await member.teams.all() == [team]
    member.guild = await Guild.create(guild_id=2)
    assert member.guild_id == 2
