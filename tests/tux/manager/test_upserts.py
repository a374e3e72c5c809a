from __future__ import annotations

import asyncio

import pytest
from shop_models import Guild, GuildSetting, Member, Team, Thing
from tortoise.expressions import Q

from tux.database.engine import active_client
from tux.errors import InvalidQuery, UniqueViolation
from tux.manager import Manager

pytestmark = pytest.mark.usefixtures("shop")


class Members(Manager[Member], name="members"):
    """Of the tests."""


class Guilds(Manager[Guild], name="guilds"):
    """Of the tests."""


class Settings(Manager[GuildSetting], name="settings"):
    """Of the tests."""


class Teams(Manager[Team], name="teams"):
    """Of the tests."""


class Things(Manager[Thing], name="things"):
    """Of the tests."""


members, guilds, settings, teams, things = Members(), Guilds(), Settings(), Teams(), Things()
PAIR = {"member_id": 1, "guild_id": 1}


async def test_get_or_create_uses_the_defaults_only_when_the_row_is_new():
    made, created = await members.get_or_create({"name": "Ann", "xp": 5}, **PAIR)
    assert (created, made.name, made.xp, made.level) == (True, "Ann", 5, 0)
    found, created = await members.get_or_create({"name": "Bob"}, **PAIR)
    assert (created, found.id, found.name) == (False, made.id, "Ann")


async def test_keys_of_get_or_create_win_over_its_defaults():
    made, _ = await members.get_or_create({"guild_id": 9}, **PAIR)
    assert made.guild_id == 1


async def test_keys_are_written_also_where_the_defaults_alone_would_make_a_row():
    made, _ = await things.get_or_create({"size": 2}, code="a")
    assert (made.code, made.size) == ("a", 2)
    made, _ = await things.upsert({"code": "b"}, {"size": 2}, tags=["x"])
    assert (made.code, made.size, made.tags) == ("b", 2, ["x"])


async def test_get_or_create_takes_defaults_by_name():
    guild, created = await guilds.get_or_create(guild_id=3, defaults={"guild_name": "x"})
    assert (guild.guild_name, created) == ("x", True)


async def test_get_or_create_without_keys_is_refused():
    with pytest.raises(InvalidQuery, match="needs keys"):
        await members.get_or_create({"name": "x"})


async def test_get_or_create_that_meets_another_unique_value_says_so():
    await teams.create(id=1, name="red")
    with pytest.raises(UniqueViolation):
        await teams.get_or_create({"name": "red"}, id=2)


@pytest.mark.parametrize("unknown_guild", [True, False])
async def test_of_fifty_concurrent_get_or_create_one_makes_the_row(unknown_guild):
    if not unknown_guild:
        await guilds.create(guild_id=1)
    found = await asyncio.gather(*(members.get_or_create({"xp": number}, **PAIR) for number in range(50)))
    assert sum(created for _, created in found) == 1
    assert len({row.id for row, _ in found}) == len({row.xp for row, _ in found}) == 1


async def test_of_fifty_concurrent_upserts_one_makes_the_row():
    found = await asyncio.gather(*(members.upsert(PAIR, {"name": "new"}, xp=number) for number in range(50)))
    assert sum(created for _, created in found) == 1
    assert {row.id for row, _ in found} == {(await members.find_one(PAIR)).id}
    assert sorted(row.xp for row, _ in found) == list(range(50))
    assert await guilds.count() == 1


async def test_upsert_writes_values_in_either_case_and_defaults_only_at_first():
    made, created = await members.upsert(PAIR, {"name": "Ann", "xp": 1}, xp=2, level=3)
    assert (created, made.name, made.xp, made.level) == (True, "Ann", 2, 3)
    again, created = await members.upsert(PAIR, defaults={"name": "Bob", "note": "n"}, xp=4)
    assert (created, again.id, again.name, again.note, again.xp, again.level) == (False, made.id, "Ann", None, 4, 3)


async def test_upsert_without_values_finds_or_makes():
    made, created = await settings.upsert({"guild_id": 1}, {"prefix": "!"})
    assert (created, made.prefix) == (True, "!")
    again, created = await settings.upsert({"guild_id": 1}, {"prefix": "?"})
    assert (created, again.prefix) == (False, "!")


async def test_upsert_takes_a_key_again_among_the_values_in_any_form():
    guild = await guilds.create(guild_id=1)
    for again in ({"guild_id": "1"}, {"guild": guild}, {"member_id": 1.0}):
        row, _ = await members.upsert({"guild_id": 1, "member_id": "1"}, **again, xp=1)
        assert (row.guild_id, row.member_id) == (1, 1)
    assert await members.count() == 1


@pytest.mark.parametrize(
    "filters",
    [
        {"guild_id": 1, "member_id": 1},
        {"guild": 1, "member_id": 1},
        {"guild": Guild(guild_id=1), "member_id": 1},
        Q(guild_id=1, member_id=1),
        (Member.guild_id == 1) & (Member.member_id == 1),
        [{"guild_id": 1}, Member.member_id == 1],
    ],
)
async def test_upsert_takes_equalities_in_every_form(filters):
    assert (await members.upsert(filters, xp=1))[1] is True
    row, created = await members.upsert(filters, xp=2)
    assert (row.xp, created) == (2, False)


@pytest.mark.parametrize(
    ("filters", "values"),
    [
        ({"guild_id": 1}, {"xp": 1}),
        ({"member_id": 1, "guild_id": 1, "xp": 1}, {"level": 1}),
        ({"member_id": 1, "guild_id": {"in": [1]}}, {"xp": 1}),
        ({"member_id__gt": 1, "guild_id": 1}, {"xp": 1}),
        (Q(member_id=1) | Q(guild_id=1), {"xp": 1}),
        (~Q(member_id=1, guild_id=1), {"xp": 1}),
        ({}, {"xp": 1}),
        (None, {"xp": 1}),
        (True, {"xp": 1}),
        ([], {"xp": 1}),
        (PAIR, {"guild_id": 2}),
    ],
)
async def test_upsert_by_what_is_no_unique_key_is_refused(filters, values):
    with pytest.raises(InvalidQuery):
        await members.upsert(filters, **values)
    assert await members.count() == 0


async def test_the_refusal_lists_the_unique_keys():
    with pytest.raises(
        InvalidQuery, match=r'xp is no unique key of shop_members; there are: "id"; .*"guild_id", "member_id"'
    ):
        await members.upsert({"xp": 1}, level=2)


async def test_a_unique_index_declared_in_ddl_is_a_key():
    await active_client().run('CREATE UNIQUE INDEX names ON "shop_members" (name)')
    before = Member.ddl
    from tux.manager.table import _tables
    from tux.models import Index

    Member.ddl = (*before, Index("name", unique=True))
    _tables.pop(Member)
    try:
        row, created = await members.upsert({"name": "Ann"}, {**PAIR}, xp=1)
        assert created
        assert await members.upsert({"name": "Ann"}, {"member_id": 5, "guild_id": 5}, xp=2) == (row, False)
    finally:
        Member.ddl = before
        _tables.pop(Member)
        await active_client().run("DROP INDEX names")


async def test_upsert_with_none_in_its_key_is_refused_because_null_equals_no_row():
    with pytest.raises(InvalidQuery, match="None in a key"):
        await things.upsert({"code": None}, tags=["x"])
    assert (await things.upsert({"code": "a"}, tags=["x"]))[1] is True
    assert (await things.upsert({"code": "a"}, tags=["y"]))[1] is False


async def test_created_is_true_even_inside_a_transaction_that_updates_its_own_row():
    async with active_client()._in_transaction():
        assert (await members.upsert(PAIR, xp=1))[1] is True
        assert (await members.upsert(PAIR, xp=2))[1] is False
        assert (await members.upsert(PAIR, xp=3))[1] is False
    await members.delete_by_id((1, 1))
    assert (await members.upsert(PAIR, xp=4))[1] is True
