from __future__ import annotations

import asyncio
from contextvars import Context
from datetime import UTC, datetime, timedelta
from time import monotonic
from zoneinfo import ZoneInfo

import pytest

from plugins.reminders.delivery import deliver_due
from tux.clock import now
from tux.errors import CheckViolation, InvalidQuery, InvalidValue, NotNullViolation
from tux.testing import at, max_queries

BOB, ALICE, GUILD, CHANNEL = 53, 54, 951, 6
NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)


async def remind(db, when=NOON, content="tea", **changes):
    values = {"reminder_channel_id": CHANNEL, "reminder_user_id": BOB, "guild_id": GUILD}
    return await db.reminder.create_reminder(
        reminder_content=content, reminder_expires_at=when, **{**values, **changes}
    )


async def fill(db, count, when=NOON):
    """Store many reminders that are due at once, and let PostgreSQL look at them."""
    await db.service.execute(
        "INSERT INTO reminders_reminders"
        " (reminder_user_id, reminder_channel_id, reminder_content, reminder_expires_at)"
        " SELECT n, 1, 'x', $2::timestamptz + n * interval '1 ms' FROM generate_series(1, $1::int) AS n",
        count,
        when,
    )
    await db.service.execute("ANALYZE reminders_reminders")


async def plan(db, sql, *args):
    """Return the plan of a statement that was run, in the words of PostgreSQL."""
    rows = await db.service.fetch(f"EXPLAIN (ANALYZE, COSTS OFF, TIMING OFF, SUMMARY OFF) {sql}", *args)
    return "\n".join(row[0] for row in rows)


async def test_workers_that_claim_at_once_get_each_reminder_once(db):
    await fill(db, 400)
    told = []

    async def work():
        while claimed := await db.reminder.claim_due(limit=17):
            told.extend(reminder.id for reminder in claimed)
            assert await db.reminder.finish_reminders(claimed) == len(claimed)

    await asyncio.gather(*(work() for _ in range(8)))
    left = await db.reminder.claim_due(limit=1000)  # a worker may stop while another holds the last ones
    told.extend(reminder.id for reminder in left)
    assert len(told) == len(set(told)) == 400


async def test_a_claim_passes_over_what_another_transaction_holds_without_waiting(db):
    for minutes in (3, 2, 1):
        await remind(db, NOON - minutes * MINUTE, str(minutes))
    async with db.transaction():
        assert [each.reminder_content for each in await db.reminder.claim_due(limit=1)] == ["3"]
        async with asyncio.timeout(5):
            other = await asyncio.create_task(db.reminder.claim_due(), context=Context())
        assert [each.reminder_content for each in other] == ["2", "1"]


async def test_due_reminders_are_claimed_in_order_and_exactly_when_they_are_due(db):
    for minutes in (2, 1, 3):
        await remind(db, NOON + minutes * MINUTE, str(minutes))
    with at(NOON + 2 * MINUTE - timedelta(microseconds=1)):
        assert [each.reminder_content for each in await db.reminder.claim_due()] == ["1"]
    with at(NOON + 3 * MINUTE):
        assert [each.reminder_content for each in await db.reminder.claim_due(lease=HOUR)] == ["1", "2", "3"]
        assert await db.reminder.claim_due() == []


async def test_a_reminder_whose_process_died_is_claimed_again_when_the_lease_ends(db):
    await remind(db)
    with at(NOON):
        [first] = await db.reminder.claim_due(lease=HOUR)
        assert await db.reminder.get_expired_reminders() == []
    with at(NOON + HOUR - timedelta(microseconds=1)):
        assert await db.reminder.claim_due() == []
    with at(NOON + HOUR):
        [second] = await db.reminder.claim_due()
        assert (first.reminder_attempts, second.reminder_attempts) == (1, 2)
        assert await db.reminder.finish_reminders([first]) == 0
        assert await db.reminder.finish_reminders([second]) == 1
    with at(NOON + DAY):
        assert await db.reminder.claim_due() == []


async def test_a_reminder_that_was_told_stays_and_is_due_no_more(db):
    made = await remind(db)
    with at(NOON + MINUTE):
        assert await db.reminder.finish_reminders(await db.reminder.claim_due()) == 1
        assert await db.reminder.claim_due() == []
        assert await db.reminder.get_expired_reminders() == []
    assert await db.reminder.get_reminders_by_user(BOB) == []
    row = await db.reminder.get_by_id(made.id)
    assert (row.reminder_sent_at, row.reminder_claimed_until, row.reminder_attempts) == (NOON + MINUTE, None, 0)
    assert await db.reminder.finish_reminders([made]) == 0
    assert await db.reminder.finish_reminders([]) == 0


async def test_a_repeating_reminder_waits_for_its_next_time(db):
    made = await remind(db, reminder_repeat_seconds=3600)
    for hours, due in ((0, 1), (1, 2), (5.5, 6)):
        with at(NOON + hours * HOUR):
            assert await db.reminder.finish_reminders(await db.reminder.claim_due()) == 1
            row = await db.reminder.get_by_id(made.id)
            assert (row.reminder_expires_at, row.reminder_sent_at) == (NOON + due * HOUR, None)
            assert (row.reminder_repeat_from, row.reminder_claimed_until, row.reminder_attempts) == (NOON, None, 0)


async def test_a_daily_reminder_keeps_its_hour_over_a_change_of_clocks(db):
    zone = ZoneInfo("Europe/Berlin")
    await remind(
        db,
        datetime(2026, 3, 28, 2, 30, tzinfo=zone),
        reminder_repeat_seconds=86_400,
        reminder_zone="Europe/Berlin",
    )
    told = []
    for _ in range(3):
        [due] = await db.reminder.find_all({"reminder_sent_at": None})
        with at(due.reminder_expires_at):
            claimed = await db.reminder.claim_due()
            told += [each.reminder_expires_at.astimezone(zone).strftime("%d %H:%M") for each in claimed]
            await db.reminder.finish_reminders(claimed)
    assert told == ["28 02:30", "29 03:30", "30 02:30"]


async def test_a_reminder_that_is_given_back_can_be_claimed_at_once(db):
    await remind(db)
    with at(NOON):
        claimed = await db.reminder.claim_due(lease=HOUR)
        assert await db.reminder.release_reminders(claimed) == 1
        assert await db.reminder.release_reminders(claimed) == 0
        [again] = await db.reminder.claim_due()
    assert again.reminder_attempts == 1


async def test_a_snoozed_reminder_comes_again_told_or_not(db):
    made = await remind(db)
    with at(NOON):
        await db.reminder.finish_reminders(await db.reminder.claim_due())
        moved = await db.reminder.snooze_reminder(made.id, BOB, NOON + HOUR)
        assert (moved.id, moved.reminder_expires_at, moved.reminder_sent_at) == (made.id, NOON + HOUR, None)
        assert await db.reminder.claim_due() == []
        assert (await db.reminder.snooze_reminder(made.id, BOB, NOON + 2 * HOUR)).id == made.id
    with at(NOON + 2 * HOUR):
        assert [each.id for each in await db.reminder.claim_due()] == [made.id]
    assert await db.reminder.count() == 1


async def test_a_snoozed_repeating_reminder_is_told_once_more_and_goes_on_as_before(db):
    made = await remind(db, reminder_repeat_seconds=86_400, reminder_by_dm=True, reminder_zone="Europe/Berlin")
    with at(NOON):
        await db.reminder.finish_reminders(await db.reminder.claim_due())
        copy = await db.reminder.snooze_reminder(made.id, BOB, NOON + HOUR)
    series = await db.reminder.get_by_id(made.id)
    assert (series.reminder_expires_at, series.reminder_repeat_seconds) == (NOON + DAY, 86_400)
    assert copy.id != made.id
    assert (copy.reminder_expires_at, copy.reminder_repeat_seconds, copy.reminder_created_at) == (
        NOON + HOUR,
        None,
        NOON,
    )
    kept = (
        "guild_id",
        "reminder_user_id",
        "reminder_channel_id",
        "reminder_by_dm",
        "reminder_content",
        "reminder_zone",
    )
    assert [getattr(copy, name) for name in kept] == [getattr(series, name) for name in kept]


async def test_an_edit_of_nothing_changes_nothing(db):
    made = await remind(db, reminder_repeat_seconds=60)
    with at(NOON):
        [claimed] = await db.reminder.claim_due()
    edited = await db.reminder.edit_reminder(made.id, BOB)
    assert dict(edited) == dict(claimed)


async def test_a_reminder_is_snoozed_and_edited_by_its_user_only(db):
    made = await remind(db)
    assert await db.reminder.snooze_reminder(made.id, ALICE, NOON + HOUR) is None
    assert await db.reminder.snooze_reminder(made.id + 1, BOB, NOON + HOUR) is None
    assert await db.reminder.edit_reminder(made.id, ALICE, content="x") is None
    assert await db.reminder.edit_reminder(made.id + 1, BOB, content="x") is None
    row = await db.reminder.get_by_id(made.id)
    assert (row.reminder_expires_at, row.reminder_content) == (NOON, "tea")


async def test_an_edited_time_starts_a_series_anew(db):
    made = await remind(db, reminder_repeat_seconds=86_400)
    with at(NOON):
        await db.reminder.finish_reminders(await db.reminder.claim_due())
    edited = await db.reminder.edit_reminder(made.id, BOB, expires_at=NOON + 5 * DAY + HOUR)
    assert (edited.reminder_repeat_from, edited.reminder_content) == (None, "tea")
    with at(NOON + 6 * DAY):
        await db.reminder.finish_reminders(await db.reminder.claim_due())
    assert (await db.reminder.get_by_id(made.id)).reminder_expires_at == NOON + 6 * DAY + HOUR


async def test_a_reminder_whose_time_is_edited_while_it_is_told_is_told_at_that_time_too(db):
    made = await remind(db)
    with at(NOON):
        claimed = await db.reminder.claim_due()
        await db.reminder.edit_reminder(made.id, BOB, expires_at=NOON + HOUR)
        assert await db.reminder.finish_reminders(claimed) == 0
    with at(NOON + HOUR):
        assert [each.id for each in await db.reminder.claim_due()] == [made.id]


async def test_an_edited_text_leaves_the_claim_as_it_is(db):
    made = await remind(db)
    with at(NOON):
        claimed = await db.reminder.claim_due()
        assert (await db.reminder.edit_reminder(made.id, BOB, content="coffee")).reminder_content == "coffee"
        assert await db.reminder.finish_reminders(claimed) == 1
    assert await db.reminder.edit_reminder(made.id, BOB, content="late") is None


async def test_a_claim_among_ten_thousand_reads_what_it_gives_from_the_index(db):
    await fill(db, 10_000)
    await fill(db, 1000, NOON + DAY)
    with at(NOON + HOUR), max_queries(1) as sent:
        assert len(await db.reminder.claim_due(limit=20)) == 20
    found = await plan(db, sent[0], NOON + HOUR, 20, NOON + 2 * HOUR)
    assert "Index Scan using reminders_reminders_due" in found
    assert "Seq Scan" not in found
    with max_queries(1) as sent:
        await db.reminder.get_reminders_by_user(77)
    assert "reminders_reminders_user" in await plan(db, sent[0], 77)


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"reminder_zone": "Europe/Atlantis"}, InvalidValue),
        ({"when": datetime(2026, 1, 1)}, InvalidValue),  # noqa: DTZ001 - refused
        ({"content": None}, NotNullViolation),
        ({"content": "nul\0"}, InvalidValue),
        ({"reminder_repeat_seconds": 0}, CheckViolation),
        ({"reminder_repeat_seconds": -60}, CheckViolation),
        ({"reminder_user_id": 2**63}, InvalidValue),
    ],
)
async def test_wrong_values_are_refused(db, changes, error):
    with pytest.raises(error):
        await remind(db, **changes)
    assert await db.reminder.count() == 0


async def test_wrong_arguments_are_refused(db):
    made = await remind(db)
    naive = datetime(2026, 1, 1)  # noqa: DTZ001 - refused
    with pytest.raises(InvalidValue, match="naive"):
        await db.reminder.snooze_reminder(made.id, BOB, naive)
    with pytest.raises(InvalidValue, match="naive"):
        await db.reminder.edit_reminder(made.id, BOB, expires_at=naive)
    with pytest.raises(InvalidValue, match="NUL"):
        await db.reminder.edit_reminder(made.id, BOB, content="nul\0")
    with pytest.raises(InvalidQuery, match="limit"):
        await db.reminder.claim_due(limit=-1)


async def test_reminders_go_with_their_guild_and_those_of_direct_messages_stay(db):
    for guild_id in (GUILD, GUILD + 1, None):
        await remind(db, guild_id=guild_id)
    await db.guild.delete_by_id(GUILD)
    assert [each.guild_id for each in await db.reminder.get_all(order_by="id")] == [GUILD + 1, None]


async def test_a_zone_is_utc_until_a_user_chooses_one(db):
    assert await db.reminder_zone.get_zone(BOB) is UTC
    assert (await db.reminder_zone.set_zone(BOB, "Europe/Berlin")).zone == "Europe/Berlin"
    await db.reminder_zone.set_zone(BOB, "Asia/Tokyo")
    assert await db.reminder_zone.get_zone(BOB) == ZoneInfo("Asia/Tokyo")
    with pytest.raises(InvalidValue, match="no time zone"):
        await db.reminder_zone.set_zone(BOB, "Europe/Atlantis")
    assert await db.reminder_zone.get_zone(ALICE) is UTC


async def test_fifty_concurrent_choices_of_a_zone_leave_one_row(db):
    await asyncio.gather(*(db.reminder_zone.set_zone(BOB, "Asia/Tokyo") for _ in range(50)))
    assert await db.reminder_zone.count() == 1


async def test_a_zone_that_the_database_of_zones_lost_counts_as_utc(db):
    made = await remind(db, reminder_repeat_seconds=86_400)
    await db.reminder_zone.set_zone(BOB, "Asia/Tokyo")
    await db.service.execute("UPDATE reminders_reminders SET reminder_zone = 'Old/Zone'")
    await db.service.execute("UPDATE reminders_user_zones SET zone = 'Old/Zone'")
    with at(NOON):
        assert await db.reminder.finish_reminders(await db.reminder.claim_due()) == 1
    assert (await db.reminder.get_by_id(made.id)).reminder_expires_at == NOON + DAY
    assert await db.reminder_zone.get_zone(BOB) is UTC


async def test_a_hundred_thousand_that_are_due_at_once_are_worked_off_without_stalling_the_bot(db):
    count = 100_000
    await db.service.execute(
        "INSERT INTO reminders_reminders (reminder_user_id, reminder_channel_id, reminder_content, reminder_created_at,"
        " reminder_expires_at) SELECT n, n, 'x', $1, $1 FROM generate_series(1, $2::int) AS n",
        now() - HOUR,
        count,
    )
    told, gaps = set(), []

    async def tell(reminder):
        await asyncio.sleep(0)
        told.add(reminder.id)
        return True

    async def beat():
        """Note how long everything else has to wait, and that other statements are answered meanwhile."""
        while True:
            begin = monotonic()
            await asyncio.sleep(0.01)
            gaps.append(monotonic() - begin)
            await db.reminder.count_open(1)

    beating = asyncio.create_task(beat())
    try:
        assert await deliver_due(db.reminder, tell) == count
    finally:
        beating.cancel()
    assert len(told) == count
    assert len(gaps) > 100
    assert sorted(gaps)[int(len(gaps) * 0.99)] < 0.25
    assert await db.reminder.count({"reminder_sent_at": None}) == 0
