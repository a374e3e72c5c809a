"""A test per call of CALLS.md that concerns `db.reminder`."""

from __future__ import annotations

from datetime import timedelta

from tux.clock import now

BOB, ALICE, GUILD, CHANNEL = 51, 52, 950, 5


def new_reminder(minutes=10, **changes):
    values = {
        "reminder_content": "tea",
        "reminder_expires_at": now() + timedelta(minutes=minutes),
        "reminder_channel_id": CHANNEL,
        "reminder_user_id": BOB,
        "guild_id": GUILD,
    }
    return {**values, **changes}


async def test_create_reminder_takes_every_documented_keyword(db):
    values = new_reminder()
    made = await db.reminder.create_reminder(**values)
    row = await db.reminder.get_by_id(made.id)
    assert {name: getattr(row, name) for name in values} == values


async def test_create_reminder_of_a_direct_message_has_no_guild(db):
    values = new_reminder()
    del values["guild_id"]
    made = await db.reminder.create_reminder(**values)
    assert (await db.reminder.get_by_id(made.id)).guild_id is None


async def test_insert_reminder_is_the_same(db):
    made = await db.reminder.insert_reminder(**new_reminder())
    assert (await db.reminder.get_by_id(made.id)).reminder_content == "tea"


async def test_get_reminders_by_user_comes_by_time(db):
    for minutes in (30, 10, 20):
        await db.reminder.create_reminder(**new_reminder(minutes, reminder_content=str(minutes)))
    await db.reminder.create_reminder(**new_reminder(reminder_user_id=ALICE))
    assert [row.reminder_content for row in await db.reminder.get_reminders_by_user(BOB)] == ["10", "20", "30"]
    assert await db.reminder.get_reminders_by_user(99) == []


async def test_get_expired_reminders_are_those_that_are_due(db):
    for minutes in (-1, -5, 5):
        await db.reminder.create_reminder(**new_reminder(minutes, reminder_content=str(minutes)))
    assert [row.reminder_content for row in await db.reminder.get_expired_reminders()] == ["-5", "-1"]


async def test_delete_reminder_says_whether_there_was_one(db):
    made = await db.reminder.create_reminder(**new_reminder())
    assert await db.reminder.delete_reminder(made.id) is True
    assert await db.reminder.delete_reminder(made.id) is False
