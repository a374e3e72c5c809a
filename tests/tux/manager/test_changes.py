from __future__ import annotations

import asyncio
import uuid
from datetime import UTC, date, datetime, time, timedelta, timezone
from decimal import Decimal

import pytest
from shop_models import Box, Guild, GuildSetting, Member, Rank, Shelf, Size, Team, Thing
from tortoise.expressions import F, Q

from tux.clock import clock
from tux.database.engine import active_client
from tux.errors import (
    CheckViolation,
    ForeignKeyViolation,
    InvalidQuery,
    InvalidValue,
    NotNullViolation,
    UniqueViolation,
)
from tux.manager import Manager

pytestmark = pytest.mark.usefixtures("shop")

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)
LATER = NOON + timedelta(hours=1)


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


class Boxes(Manager[Box], name="boxes"):
    """Of the tests."""


boxes = Boxes()
members, guilds, settings, teams, things = Members(), Guilds(), Settings(), Teams(), Things()


async def make(member_id=1, guild_id=1, **values):
    return await members.create(member_id=member_id, guild_id=guild_id, **values)


async def test_create_returns_the_row_as_tortoise_would_read_it():
    made = await make(name="Ann", xp=1.5, rank="ADMIN", extra={"a": [1]}, seen_at=NOON)
    read = await Member.get(id=made.id)
    assert {name: getattr(made, name) for name in Member._meta.db_fields} == {
        name: getattr(read, name) for name in Member._meta.db_fields
    }
    assert (made.rank, made.level, made.note) == (Rank.ADMIN, 0, None)
    assert made.seen_at.utcoffset() == timedelta()
    assert made._saved_in_db


async def test_create_makes_a_missing_guild_with_the_defaults_of_its_model():
    with clock.freeze(NOON):
        await make(guild_id=5)
    guild = await guilds.get_by_id(5)
    assert (guild.guild_name, guild.joined_at) == ("unnamed", NOON)


async def test_a_missing_row_that_is_no_guild_is_not_made():
    for write in (boxes.create(shelf_id=7), boxes.bulk_create([{"shelf_id": 7}])):
        with pytest.raises(ForeignKeyViolation):
            await write
    assert await Shelf.all().count() == 0


async def test_create_leaves_a_guild_that_exists_alone():
    await guilds.create(guild_id=5, guild_name="mine")
    await make(guild_id=5)
    assert (await guilds.get_by_id(5)).guild_name == "mine"


async def test_a_guild_is_not_left_behind_by_a_row_that_was_refused():
    with pytest.raises(CheckViolation):
        await active_check()
    assert await guilds.count() == 0


async def active_check():
    from tux.database.engine import active_client

    await active_client().run("ALTER TABLE shop_members ADD CONSTRAINT no_debts CHECK (xp >= 0)")
    try:
        await make(guild_id=9, xp=-1)
    finally:
        await active_client().run("ALTER TABLE shop_members DROP CONSTRAINT no_debts")


async def test_create_takes_a_row_for_a_relation():
    guild = await guilds.create(guild_id=3)
    assert (await members.create(guild=guild, member_id=1)).guild_id == 3


async def test_create_of_a_one_to_one_row_uses_the_defaults_of_the_database():
    made = await settings.create(guild_id=4)
    assert (made.pk, made.colour, made.prefix) == (4, "blue", None)
    assert await guilds.exists({"guild_id": 4})


async def test_a_column_may_have_another_name_than_its_field():
    team = await teams.create(name="red")
    assert (await teams.find_one({"name": "red"})).pk == team.pk == 1
    assert (await teams.update_by_id(team.id, name="blue")).name == "blue"


async def test_every_type_of_column_comes_back_as_it_was_written():
    values = {
        "price": Decimal("12.50"),
        "size": Size.LARGE,
        "span": timedelta(days=1, microseconds=5),
        "data": b"\x00\xff",
        "day": date(2026, 2, 3),
        "clock": time(4, 5, tzinfo=UTC),
        "numbers": [3, 1, 2],
        "tags": {"a": ["b", None]},
        "made_at": NOON,
    }
    made = await things.create(**values)
    assert {name: getattr(made, name) for name in values} == values
    assert isinstance(made.id, uuid.UUID)
    read = await Thing.get(id=made.id)
    assert dict(read) == dict(made)
    assert await things.get_by_id(made.id) == await things.get_by_id(str(made.id)) == made


async def test_a_default_of_the_database_is_used_when_no_value_is_given():
    assert (await things.create()).made_at.tzinfo is not None


async def test_a_mutable_default_is_never_shared():
    first, second = await things.create(), await things.create()
    first.tags.append("x")
    assert second.tags == []


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"name": "x" * 13}, r"shop_members\.name: 13 characters, at most 12"),
        ({"name": "a\0b"}, "NUL"),
        ({"name": ["a"]}, "text is needed, not list"),
        ({"xp": "many"}, r"shop_members\.xp"),
        ({"level": 2**31}, r"shop_members\.level: 2147483648 is out of range"),
        ({"level": 1.5}, "whole number"),
        ({"level": float("inf")}, r"shop_members\.level"),
        ({"member_id": 2**63}, r"member_id: 9223372036854775808 is out of range"),
        ({"rank": "KING"}, r"'KING' is not one of MEMBER, ADMIN"),
        ({"rank": 5}, r"is not one of"),
        ({"is_active": "yes"}, "True or False"),
        ({"seen_at": datetime(2026, 1, 1)}, "naive"),  # noqa: DTZ001
        ({"seen_at": "2026-01-01T00:00"}, "naive"),
        ({"seen_at": 5}, "aware datetime"),
        ({"extra": object()}, r"shop_members\.extra"),
        ({"extra": "{"}, r"shop_members\.extra"),
        ({"note": "x\0"}, "NUL"),
    ],
)
async def test_a_value_is_refused_before_any_statement_with_field_and_limit(values, said):
    row = await make()
    new = {"guild_id": 1, "member_id": 2} | values
    for write in (
        lambda: members.create(**new),
        lambda: members.get_or_create(values, guild_id=1, name="new"),
        lambda: members.upsert({"guild_id": 1, "member_id": new["member_id"]}, **values),
        lambda: members.update_by_id(row.id, **values),
        lambda: members.update_where({"id": row.id}, values),
        lambda: members.bulk_create([new]),
        lambda: members.bulk_update([{"id": row.id} | values]),
        lambda: members.bulk_upsert([new], ["member_id", "guild_id"], ["name"]),
    ):
        with pytest.raises(InvalidValue, match=said) as caught:
            await write()
        assert caught.value.column in values
    assert await members.count() == 1


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"price": Decimal(10000)}, "price"),
        ({"size": 9}, "size"),
        ({"price": "NaN"}, "price"),
        ({"day": "soon"}, "day"),
    ],
)
async def test_decimals_enums_and_dates_are_checked_too(values, field):
    with pytest.raises(InvalidValue, match=rf"shop_things\.{field}"):
        await things.create(**values)


async def test_a_missing_value_is_refused_before_any_statement():
    with pytest.raises(NotNullViolation, match=r"shop_members\.member_id needs a value") as caught:
        await members.create(guild_id=1)
    assert (caught.value.table, caught.value.column) == ("shop_members", "member_id")
    with pytest.raises(NotNullViolation, match=r"shop_members\.name needs a value"):
        await make(name=None)


@pytest.mark.parametrize("name", ["nmae", "teams", "xp; --", 'xp" = 1, "level'])
async def test_an_unknown_field_is_refused_by_name(name):
    row = await make()
    for write in (
        lambda: make(2, **{name: 1}),
        lambda: members.update_by_id(row.id, **{name: 1}),
        lambda: members.update_where({"id": 1}, {name: 1}),
        lambda: members.increment(row.id, **{name: 1}),
        lambda: members.upsert({"member_id": 1, "guild_id": 1}, **{name: 1}),
        lambda: members.get_or_create(**{name: 1}),
        lambda: members.bulk_update([{"id": 1, name: 1}]),
    ):
        with pytest.raises(InvalidQuery, match="has no field"):
            await write()


async def test_a_field_given_twice_is_refused():
    with pytest.raises(InvalidQuery, match="given twice"):
        await members.create(guild=1, guild_id=2, member_id=1)


async def test_a_second_row_of_a_unique_pair_is_a_unique_violation():
    await make()
    with pytest.raises(UniqueViolation):
        await make()


async def test_update_by_id_returns_the_changed_row_or_none():
    row = await make(extra={"a": 1})
    changed = await members.update_by_id(row.id, name="Ann", note="hi")
    assert (changed.name, changed.note, changed.extra, changed.member_id) == ("Ann", "hi", {"a": 1}, 1)
    assert await members.update_by_id(row.id + 1, name="x") is None
    assert (await members.update_by_id(row.id, note=None)).note is None


async def test_a_second_change_of_the_same_columns_keeps_every_promise_of_the_first():
    with clock.freeze(NOON):
        row = await make(name="Ann", xp=1)
        await members.update_by_id(row.id, name="Bea", xp=2)
    with clock.freeze(LATER):
        again = await members.update_by_id(row.id, name="Cid", xp=3)
    assert (again.name, again.xp, again.created_at, again.updated_at) == ("Cid", 3, NOON, LATER)
    computed = await members.update_by_id(row.id, name="Dan", xp=F("xp") + 1)
    assert (computed.name, computed.xp) == ("Dan", 4)
    with pytest.raises(InvalidValue, match="at most"):
        await members.update_by_id(row.id, name="x" * 1000, xp=5)
    with pytest.raises(InvalidQuery, match="identifies no row"):
        await members.update_by_id(True, name="Eve", xp=6)
    assert await members.update_by_id(-1, name="Eve", xp=6) is None
    paired = await members.update_by_id((1, 1), xp=7, name="Fay")
    assert (paired.id, paired.name, paired.xp) == (row.id, "Fay", 7)
    assert (await members.get_by_id(row.id)).name == "Fay"


async def test_a_second_change_to_another_guild_makes_that_guild_too():
    row = await make()
    for guild_id in (51, 52):
        assert (await members.update_by_id(row.id, guild_id=guild_id)).guild_id == guild_id
        assert await guilds.exists(guild_id=guild_id)


async def test_a_managers_own_check_sees_every_change():
    seen = []

    class Checking(Manager[Member], name="checking"):
        def check(self, values):
            seen.append(dict(values))

    row = await make()
    for xp in (1, 2):
        await Checking().update_by_id(row.id, xp=xp)
    assert seen == [{"xp": 1}, {"xp": 2}]


async def test_a_pair_identifies_a_row_in_the_order_of_unique_together():
    row = await make(member_id=7, guild_id=8)
    assert await members.get_by_id((7, 8)) == row
    assert await members.get_by_id((8, 7)) is None
    assert (await members.update_by_id((7, 8), xp=3)).xp == 3
    assert (await members.increment((7, 8), xp=3)).xp == 6
    assert await members.delete_by_id((7, 8)) is True


async def test_of_several_unique_pairs_the_first_identifies():
    await Shelf.create(id=1)
    light, heavy = [await boxes.create(shelf_id=1, place=place, weight=3 - place) for place in (1, 2)]
    assert (await boxes.get_by_id((1, 1))).id == light.id
    assert (await boxes.update_by_id((1, 2), weight=9)).id == heavy.id


@pytest.mark.parametrize("identity", [(1,), (1, 2, 3), None, (1, None), True, (), [1, 2], {"id": 1}])
async def test_what_identifies_no_row_is_refused(identity):
    with pytest.raises((InvalidQuery, InvalidValue)):
        await members.get_by_id(identity)


async def test_a_pair_is_refused_where_nothing_is_unique_together():
    with pytest.raises(InvalidQuery, match="identified by guild_id"):
        await guilds.get_by_id((1, 2))


async def test_an_update_without_values_is_refused():
    with pytest.raises(InvalidQuery, match="at least one value"):
        await members.update_by_id(1)


async def test_an_update_to_another_guild_makes_that_guild():
    row = await make(guild_id=1)
    assert (await members.update_by_id(row.id, guild_id=2)).guild_id == 2
    assert await guilds.exists(guild_id=2)


async def test_delete_by_id_says_whether_there_was_a_row():
    row = await make()
    assert await members.delete_by_id(row.id) is True
    assert await members.delete_by_id(row.id) is False


async def test_increment_adds_in_the_database_and_counts_null_as_zero():
    row = await make(xp=1)
    changed = await members.increment(row.id, xp=2.5, level=3)
    assert (changed.xp, changed.level) == (3.5, 3)
    thing = await things.create()
    assert (await things.increment(thing.id, price=Decimal("1.25"))).price == Decimal("1.25")
    assert await members.increment(row.id + 1, xp=1) is None


async def test_fifty_concurrent_increments_lose_nothing():
    row = await make()
    await asyncio.gather(*(members.increment(row.id, level=1, xp=2) for _ in range(50)))
    found = await members.get_by_id(row.id)
    assert (found.level, found.xp) == (50, 100)


@pytest.mark.parametrize(
    ("amounts", "error"),
    [
        ({}, InvalidQuery),
        ({"xp": "1"}, InvalidValue),
        ({"level": True}, InvalidValue),
        ({"level": 2**40}, InvalidValue),
        ({"level": 0.5}, InvalidValue),
    ],
)
async def test_an_increment_by_no_amount_is_refused(amounts, error):
    row = await make()
    with pytest.raises(error):
        await members.increment(row.id, **amounts)


async def test_a_sum_that_does_not_fit_is_an_invalid_value():
    team = await teams.create(name="red", hits=32767)
    with pytest.raises(InvalidValue, match=r"shop_teams\.hits: the sum does not fit") as caught:
        await teams.increment(team.id, hits=1)
    assert (caught.value.table, caught.value.column) == ("shop_teams", "hits")


async def test_update_where_counts_exactly_and_may_compute():
    for number in range(5):
        await make(number, xp=number)
    assert await members.update_where({"xp__gte": 2}, {"xp": F("xp") * 10, "note": "rich"}) == 3
    assert [row.xp for row in await members.find_all(order_by="member_id")] == [0, 1, 20, 30, 40]
    assert await members.update_where({"xp": 999}, {"note": "x"}) == 0
    assert (await members.update_by_id((1, 1), level=F("level") + 7, note="n")).level == 7


async def test_a_computed_value_may_only_use_columns_of_the_model():
    with pytest.raises(InvalidQuery):
        await members.update_where({"xp": 1}, {"xp": F("nothing") + 1})


async def test_delete_where_counts_exactly():
    for number in range(5):
        await make(number, xp=number)
    assert await members.delete_where(Member.xp >= 3) == 2
    assert await members.delete_where({"guild__guild_name": "unnamed"}, xp=0) == 1
    assert await members.delete_where({"xp": 99}) == 0
    assert await members.count() == 2


@pytest.mark.parametrize("empty", [None, {}, [], [{}], Q(), Q(Q()), ~Q(), Q() | Q()])
async def test_an_empty_filter_reaches_every_row_only_when_asked(empty):
    await make(1)
    await make(2)
    with pytest.raises(InvalidQuery, match="all_rows=True"):
        await members.delete_where(empty)
    with pytest.raises(InvalidQuery, match="all_rows=True"):
        await members.update_where(empty, {"xp": 1})
    assert await members.count(xp=0) == 2
    assert await members.update_where(empty, {"xp": 1}, all_rows=True) == 2
    assert await members.delete_where(empty, all_rows=True) == 2


async def test_a_limit_on_a_deletion_is_refused():
    await make()
    with pytest.raises(InvalidQuery, match="no field 'limit'"):
        await members.delete_where({"xp": 0}, limit=1)
    with pytest.raises(TypeError):
        await members.update_where({"xp": 0}, {"xp": 1}, limit=1)


async def test_stamps_are_true_after_every_write():
    with clock.freeze(NOON):
        row = await make()
        assert (row.created_at, row.updated_at) == (NOON, NOON)
    writes = [
        lambda: members.update_by_id(row.id, xp=1),
        lambda: members.update_where({"id": row.id}, {"xp": 2}),
        lambda: members.increment(row.id, xp=1),
        lambda: members.upsert({"member_id": 1, "guild_id": 1}, xp=3),
        lambda: members.bulk_update([{"id": row.id, "xp": 4}]),
        lambda: members.bulk_upsert([{"member_id": 1, "guild_id": 1, "xp": 5}], ["member_id", "guild_id"], ["xp"]),
        lambda: Member.filter(id=row.id).update(xp=6),
        row.save,
        lambda: row.save(update_fields=["xp"]),
        lambda: Member.bulk_update([row], ["xp"]),
    ]
    for number, write in enumerate(writes, start=1):
        with clock.freeze(NOON + timedelta(hours=number)):
            await write()
        found = await members.get_by_id(row.id)
        assert (found.created_at, found.updated_at) == (NOON, NOON + timedelta(hours=number))


async def test_stamps_that_are_given_are_kept():
    row = await make(created_at=NOON, updated_at=LATER)
    assert (row.created_at, row.updated_at) == (NOON, LATER)
    assert (await members.update_by_id(row.id, updated_at=NOON)).updated_at == NOON


async def test_a_time_in_another_zone_comes_back_in_utc():
    row = await make(seen_at=NOON.astimezone(timezone(timedelta(hours=5))))
    assert (row.seen_at, row.seen_at.utcoffset()) == (NOON, timedelta())


async def test_writes_take_part_in_the_open_transaction():
    from tux.database.engine import active_client

    async def fail_after_writing():
        async with active_client()._in_transaction():
            await make()
            await members.upsert({"member_id": 2, "guild_id": 1}, xp=1)
            assert await members.count() == 2
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await fail_after_writing()
    assert await members.count() == await guilds.count() == 0


async def test_only_numbers_that_are_no_keys_are_incremented():
    made = await members.create(guild_id=1, member_id=1)
    for name in ("id", "guild_id", "guild", "name", "extra", "seen_at"):
        with pytest.raises(InvalidValue, match="only a column that holds a number"):
            await members.increment(made.id, **{name: 1})


@pytest.fixture
async def stock(shop):
    """The key of a row whose points PostgreSQL keeps from becoming negative."""
    await active_client().run("ALTER TABLE shop_members ADD CONSTRAINT enough CHECK (xp >= 0)")
    yield (await members.create(member_id=1, guild_id=1)).id
    await active_client().run("ALTER TABLE shop_members DROP CONSTRAINT enough")


async def changed_at_once(key, amounts):
    """Add amounts at the same moment, and return how many were refused."""
    answers = await asyncio.gather(*(members.increment(key, xp=amount) for amount in amounts), return_exceptions=True)
    refused = [answer for answer in answers if isinstance(answer, CheckViolation)]
    assert all(isinstance(answer, Member) for answer in answers if answer not in refused)
    return len(refused)


async def test_of_fifty_takers_at_once_as_many_are_refused_as_find_nothing(stock):
    await members.update_by_id(stock, xp=45)
    assert await changed_at_once(stock, [-1] * 50) == 5
    assert (await members.get_by_id(stock)).xp == 0


async def test_takers_and_givers_at_once_are_never_refused_what_is_there_in_any_order(stock):
    await members.update_by_id(stock, xp=25)
    for _ in range(5):
        assert await changed_at_once(stock, [-1, 1] * 25) == 0
        assert (await members.get_by_id(stock)).xp == 25


async def test_takers_who_come_too_early_are_refused_and_the_sum_is_exact(stock):
    refused = await changed_at_once(stock, [-1, 1] * 25)
    assert (await members.get_by_id(stock)).xp == refused


async def test_a_taker_is_refused_by_what_is_committed_when_he_comes(stock):
    async with active_client().acquire_connection() as connection, connection.transaction():
        await connection.execute("UPDATE shop_members SET xp = xp + 5 WHERE id = $1", stock)
        with pytest.raises(CheckViolation):  # at once, not after waiting for the row: nothing is there yet
            await asyncio.wait_for(members.increment(stock, xp=-1), 5)
    assert (await members.increment(stock, xp=-1)).xp == 4
