"""Theme 5: times are points in time, whatever zone anybody lives in, and stamps are true after every write."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from shop_models import Member
from tortoise.expressions import F, Q

from plugins.moderation.models import Case
from tests.correctness.scenes import GUILD, OTHER, a_case
from tux.clock import now
from tux.database.service import DatabaseService
from tux.errors import InvalidValue
from tux.manager import Manager
from tux.testing import at

NEW_YORK = ZoneInfo("America/New_York")
MOMENT = datetime(2026, 7, 1, 12, 0, 0, 123456, tzinfo=UTC)
TICK = timedelta(microseconds=1)
NAIVE = datetime(2026, 7, 1, 12)  # noqa: DTZ001 - what is refused


@pytest.fixture
def process_in_new_york(monkeypatch):
    """A machine whose local time is New York's."""
    monkeypatch.setenv("TZ", "America/New_York")
    time.tzset()
    assert datetime.fromtimestamp(MOMENT.timestamp()).hour == 8  # noqa: DTZ006 - local time is meant
    yield
    monkeypatch.undo()
    time.tzset()


async def stored(db, column="case_expires_at"):
    """Return a time as PostgreSQL has it, in microseconds since 1970."""
    sql = f"SELECT (extract(epoch FROM {column}) * 1000000)::bigint AS us FROM moderation_cases"
    return [row["us"] for row in await db.service.fetch(sql)]


def microseconds(moment):
    return (moment - datetime(1970, 1, 1, tzinfo=UTC)) // TICK


# Zones


@pytest.mark.usefixtures("process_in_new_york")
@pytest.mark.parametrize("given", [MOMENT, MOMENT.astimezone(NEW_YORK), MOMENT.isoformat()])
async def test_a_time_is_the_same_point_in_time_in_a_session_in_new_york(db, given):
    async with db.transaction() as session:
        await session.execute("SET LOCAL TIME ZONE 'America/New_York'")
        case = await db.case.create_case(**a_case(case_type="TEMPBAN", case_expires_at=given))
        assert await stored(db) == [microseconds(MOMENT)]
        assert case.case_expires_at == MOMENT
        assert case.case_expires_at.utcoffset() == timedelta()
        [copy] = await db.case.bulk_create([a_case(case_number=2, case_expires_at=given)])
        assert copy.case_expires_at == MOMENT
        for filters in ({"case_expires_at": given}, Q(case_expires_at=given), Case.case_expires_at == given):
            assert await db.case.count(filters) == 2
        row = await Case.get(case_id=case.case_id)
        row.case_expires_at = given
        await row.save()
        await db.case.update_where({"case_number": 2}, {"case_expires_at": given})
        assert await stored(db) == [microseconds(MOMENT)] * 2
        with at(MOMENT):
            assert len(await db.case.get_expired_tempbans()) == 1
        with at(MOMENT - TICK):
            assert await db.case.get_expired_tempbans() == []


async def test_the_session_of_a_database_in_new_york_is_in_utc(fresh_db, tux_databases):
    database = (await fresh_db.service.health()).database
    await fresh_db.service.execute(f"ALTER DATABASE {database} SET timezone TO 'America/New_York'")
    late = datetime(2026, 7, 1, 23, 30, tzinfo=UTC)
    sql = "SELECT current_setting('timezone'), $1::timestamptz::date, date_trunc('day', $1::timestamptz)"
    async with tux_databases.connected(database) as stranger:
        assert await stranger.fetchval("SHOW timezone") == "America/New_York"
    service = DatabaseService()
    await service.connect(tux_databases.server.url(database))
    try:
        assert tuple(await service.fetch_one(sql, late)) == ("UTC", late.date(), datetime(2026, 7, 1, tzinfo=UTC))
    finally:
        await service.disconnect()


@pytest.mark.usefixtures("process_in_new_york")
async def test_the_clock_and_what_it_stamps_are_in_utc(db):
    case = await db.case.create_case(**a_case())
    assert case.case_created_at.utcoffset() == timedelta()
    assert abs(datetime.now(UTC) - case.case_created_at) < timedelta(minutes=1)
    assert abs((await db.service.fetch_one("SELECT now() AS now"))["now"] - now()) < timedelta(minutes=1)


# Naive times

WRITES = {
    "create": lambda db, case: db.case.create_case(**a_case(case_expires_at=NAIVE)),
    "iso text": lambda db, case: db.case.create_case(**a_case(case_expires_at="2026-07-01T12:00:00")),
    "update_by_id": lambda db, case: db.case.update_by_id(case.case_id, case_expires_at=NAIVE),
    "update_where": lambda db, case: db.case.update_where({"case_number": 1}, {"case_expires_at": NAIVE}),
    "upsert values": lambda db, case: db.case.upsert(
        {"guild_id": GUILD, "case_number": 1}, a_case(), case_expires_at=NAIVE
    ),
    "upsert defaults": lambda db, case: db.case.upsert(
        {"guild_id": GUILD, "case_number": 2}, a_case(case_expires_at=NAIVE), case_type="BAN"
    ),
    "get_or_create": lambda db, case: db.case.get_or_create(
        a_case(case_expires_at=NAIVE), guild_id=GUILD, case_number=2
    ),
    "bulk_create": lambda db, case: db.case.bulk_create([a_case(case_number=2, case_expires_at=NAIVE)]),
    "bulk_update": lambda db, case: db.case.bulk_update([{"id": case.case_id, "case_expires_at": NAIVE}]),
    "bulk_upsert": lambda db, case: db.case.bulk_upsert(
        [a_case(case_number=1, case_expires_at=NAIVE)], ["guild_id", "case_number"], ["case_expires_at"]
    ),
    "queryset": lambda db, case: Case.filter(case_id=case.case_id).update(case_expires_at=NAIVE),
    "row": lambda db, case: set_and_save(case, NAIVE),
    "filter": lambda db, case: db.case.delete_where({"case_created_at": {"lt": NAIVE}}),
    "filter in a list": lambda db, case: db.case.delete_where({"case_created_at": {"not_in": [MOMENT, NAIVE]}}),
    "range": lambda db, case: db.case.delete_where(case_created_at__range=(NAIVE, MOMENT)),
    "Q": lambda db, case: db.case.find_all(Q(case_created_at__gt=NAIVE)),
    "column": lambda db, case: db.case.find_all(Case.case_created_at > NAIVE),
    "queryset filter": lambda db, case: Case.filter(case_created_at__gt=NAIVE).delete(),
}


async def set_and_save(case, moment):
    case.case_expires_at = moment
    await case.save()


@pytest.mark.usefixtures("process_in_new_york")
@pytest.mark.parametrize("write", WRITES)
async def test_a_naive_time_is_refused_by_name_and_nothing_is_written(db, write):
    case = await db.case.create_case(**a_case())
    with pytest.raises(InvalidValue, match=r"(case_expires_at|case_created_at).*(aware|naive)"):
        await WRITES[write](db, case)
    assert [case.case_expires_at for case in await db.case.get_all()] == [None]


def test_a_row_in_memory_refuses_a_naive_time():
    with pytest.raises(InvalidValue, match="naive"):
        Case(**a_case(case_number=1, case_expires_at=NAIVE))


# Expiry and the hours that happen twice or never


async def test_a_ban_is_over_at_its_microsecond_and_not_before(db):
    for number, guild_id in enumerate((GUILD, OTHER)):
        expires = MOMENT + number * TICK
        await db.case.create_case(**a_case(case_type="TEMPBAN", guild_id=guild_id, case_expires_at=expires))
    for moment, over in ((MOMENT - TICK, []), (MOMENT, [GUILD]), (MOMENT + TICK, [GUILD, OTHER])):
        with at(moment):
            assert [case.guild_id for case in await db.case.get_expired_tempbans()] == over


async def test_the_hour_that_happens_twice_is_two_hours(db):
    first = datetime(2026, 11, 1, 1, 30, tzinfo=NEW_YORK)
    second = first.replace(fold=1)
    assert first == second  # to Python: same zone, same clock face
    await db.case.create_case(**a_case(case_type="TEMPBAN", case_expires_at=second))
    await db.case.create_case(**a_case(case_type="TEMPBAN", case_expires_at=first))
    low, high = sorted(await stored(db))
    assert high - low == timedelta(hours=1) // TICK
    assert [case.case_number for case in await db.case.find_all(order_by="case_expires_at")] == [2, 1]
    assert [case.case_number for case in await db.case.find_all({"case_expires_at": second})] == [1]
    with at(first):
        assert [case.case_number for case in await db.case.get_expired_tempbans()] == [2]


async def test_a_day_across_the_change_of_clocks_is_24_hours(db):
    with at(datetime(2026, 3, 7, 17, tzinfo=UTC)):  # noon in New York; the night to come has no 02:30
        case = await db.case.create_case(**a_case(case_type="TEMPBAN", case_expires_at=now() + timedelta(days=1)))
    assert case.case_expires_at - case.case_created_at == timedelta(hours=24)
    assert case.case_expires_at.astimezone(NEW_YORK).hour == 13
    missing = datetime(2026, 3, 8, 2, 30, tzinfo=NEW_YORK)
    row = await db.case.update_by_id(case.case_id, case_expires_at=missing)
    assert row.case_expires_at == datetime(2026, 3, 8, 7, 30, tzinfo=UTC)


@pytest.mark.parametrize("moment", [datetime(1, 1, 2, tzinfo=UTC), datetime(9999, 12, 30, tzinfo=UTC)])
async def test_far_times_come_back_as_they_went(db, moment):
    case = await db.case.create_case(**a_case(case_expires_at=moment))
    assert (await db.case.get_by_id(case.case_id)).case_expires_at == moment


# Stamps


class Members(Manager[Member], name="members"):
    """Of the tests."""


members = Members()
PAIR = {"member_id": 1, "guild_id": 1}
MADE, WRITTEN = MOMENT, MOMENT + timedelta(hours=1)


async def save(row, fields=None):
    row.xp = 5
    await row.save(update_fields=fields)


async def bulk_save(row):
    row.xp = 5
    await Member.bulk_update([row], ["xp"])


CHANGES = {
    "update_by_id": lambda row: members.update_by_id(row.id, xp=5),
    "update_by_id of a pair": lambda row: members.update_by_id((1, 1), xp=5),
    "increment": lambda row: members.increment(row.id, xp=5),
    "update_where": lambda row: members.update_where({"member_id": 1}, {"xp": 5}),
    "update_where with F": lambda row: members.update_where({"member_id": 1}, {"xp": F("xp") + 5}),
    "upsert": lambda row: members.upsert(PAIR, xp=5),
    "bulk_update": lambda row: members.bulk_update([{"id": row.id, "xp": 5}]),
    "bulk_update of different columns": lambda row: members.bulk_update(
        [{"id": row.id, "xp": 5}, {"id": 99, "name": "x"}]
    ),
    "bulk_upsert": lambda row: members.bulk_upsert([{**PAIR, "xp": 5}], ["member_id", "guild_id"], ["xp"]),
    "save": save,
    "save of some fields": lambda row: save(row, ["xp"]),
    "queryset": lambda row: Member.filter(id=row.id).update(xp=5),
    "queryset of all": lambda row: Member.all().update(xp=5),
    "bulk_update of a queryset": bulk_save,
    "bulk_create of a queryset on conflict": lambda row: Member.bulk_create(
        [Member(member_id=1, guild_id=1, xp=5)], on_conflict=["member_id", "guild_id"], update_fields=["xp"]
    ),
    "update_or_create": lambda row: Member.update_or_create({"xp": 5}, **PAIR),
    "update_from_dict": lambda row: row.update_from_dict({"xp": 5}).save(),
}


@pytest.mark.usefixtures("shop")
@pytest.mark.parametrize("change", CHANGES)
async def test_stamps_are_true_after_every_change(change):
    with at(MADE):
        row = await members.create(**PAIR)
        await members.create(member_id=2, guild_id=1)
    with at(WRITTEN):
        await CHANGES[change](row)
    found = await members.get_by_id(row.id)
    assert (found.xp, found.created_at, found.updated_at) == (5, MADE, WRITTEN)
    if change != "queryset of all":
        other = await members.find_one(member_id=2)
        assert (other.created_at, other.updated_at) == (MADE, MADE)


CREATIONS = {
    "create": lambda: members.create(**PAIR),
    "get_or_create": lambda: members.get_or_create(**PAIR),
    "upsert": lambda: members.upsert(PAIR, xp=1),
    "bulk_create": lambda: members.bulk_create([PAIR]),
    "bulk_create of instances": lambda: members.bulk_create([Member(**PAIR)]),
    "bulk_upsert": lambda: members.bulk_upsert([PAIR], ["member_id", "guild_id"], ["xp"]),
    "save": lambda: Member(**PAIR).save(),
    "active record": lambda: Member.create(**PAIR),
    "active bulk_create": lambda: Member.bulk_create([Member(**PAIR)]),
}


@pytest.mark.usefixtures("shop")
@pytest.mark.parametrize("creation", CREATIONS)
async def test_stamps_are_true_after_every_creation(creation):
    with at(MADE):
        await make_guild()
        await CREATIONS[creation]()
    found = await members.find_one(PAIR)
    assert (found.created_at, found.updated_at) == (MADE, MADE)


async def make_guild():
    """Active records do not make the guild's row."""
    await members.create(member_id=9, guild_id=1)


@pytest.mark.usefixtures("shop")
async def test_reads_and_writes_that_reach_nothing_leave_stamps_alone():
    with at(MADE):
        row = await members.create(**PAIR)
    with at(WRITTEN):
        await members.get_or_create({"xp": 5}, **PAIR)
        await members.update_where({"member_id": 2}, {"xp": 5})
        await members.bulk_upsert([{**PAIR, "xp": 5}], ["member_id", "guild_id"], [])
    found = await members.get_by_id(row.id)
    assert (found.xp, found.created_at, found.updated_at) == (0, MADE, MADE)
