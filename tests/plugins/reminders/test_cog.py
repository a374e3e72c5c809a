from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta

import pytest

from plugins.reminders import delivery
from tux.clock import now
from tux.testing import at, max_queries

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)  # a Friday
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)


@pytest.fixture
def bob(discord):
    return discord.member("bob")


@pytest.fixture
def alice(discord):
    return discord.member("alice")


@pytest.fixture
def general(discord):
    return discord.guild.channel("general")


async def only(db):
    [reminder] = await db.reminder.get_all()
    return reminder


async def store(db, discord, user, count=1, when=None, **changes):
    values = {
        "reminder_channel_id": discord.guild.channel("general").id,
        "reminder_user_id": user.id,
        "guild_id": discord.guild.id,
        "reminder_expires_at": when or now() - MINUTE,
        **changes,
    }
    return [await db.reminder.create_reminder(reminder_content=f"tea {number}", **values) for number in range(count)]


@pytest.mark.parametrize(
    "line",
    ["!remind tomorrow 9am buy milk", "!remind create tomorrow 9am buy milk", '!remindme "tomorrow 9am" buy milk'],
)
async def test_a_reminder_is_created_by_prefix(discord, db, bob, line):
    with at(NOON):
        reply = await bob.says(line)
    reminder = await only(db)
    assert (reminder.reminder_content, reminder.reminder_expires_at) == (
        "buy milk",
        datetime(2026, 11, 21, 9, tzinfo=UTC),
    )
    assert (reminder.guild_id, reminder.reminder_by_dm) == (discord.guild.id, False)
    assert f"#{reminder.id}" in reply.text
    assert not reply.is_ephemeral


@pytest.mark.parametrize("about", ["here is text", "dm bob the plan"])
@pytest.mark.parametrize("begin", ["!remind 10m", "!remind create 10m", "!remind create tomorrow 9am"])
async def test_no_word_of_a_reminder_by_prefix_is_taken_for_a_place(discord, db, bob, begin, about):
    await bob.says(f"{begin} {about}")
    reminder = await only(db)
    assert (reminder.reminder_content, reminder.reminder_by_dm) == (about, False)


async def test_a_reminder_is_created_by_slash_in_four_statements(discord, db, bob):
    await bob.says("hello")
    with at(NOON), max_queries(4):
        await bob.slash("remind create", when="2h30m", about="tea", place="dm")
    reminder = await only(db)
    assert (reminder.reminder_expires_at, reminder.reminder_by_dm) == (NOON + 2.5 * HOUR, True)


async def test_times_are_read_in_the_zone_of_the_member(discord, db, bob):
    assert "Europe/Berlin" in (await bob.slash("remind zone", zone="europe/berlin")).text
    with at(NOON):
        await bob.says("!remind every day at 9 stand-up")
    reminder = await only(db)
    assert reminder.reminder_expires_at == datetime(2026, 11, 21, 8, tzinfo=UTC)
    assert (reminder.reminder_repeat_seconds, reminder.reminder_zone) == (86400, "Europe/Berlin")
    assert "Europe/Berlin" in (await bob.says("!remind zone")).text


async def test_a_zone_that_does_not_exist_is_refused(bob):
    assert "Europe/Berlin" in (await bob.slash("remind zone", zone="Mars/Base")).text


async def test_zones_are_completed(bob):
    choices = await bob.autocomplete("remind zone", "zone", zone="new yo")
    assert [choice["value"] for choice in choices] == ["America/New_York"]
    assert len(await bob.autocomplete("remind zone", "zone", zone="")) == 25


async def test_times_are_completed_with_how_they_are_understood(bob):
    with at(NOON):
        [choice] = await bob.autocomplete("remind create", "when", when="every day at 9", about="x")
        assert choice["name"] == "every day at 9: Sat 21 Nov 09:00, every day"
        assert "tomorrow 9am" in [
            each["value"] for each in await bob.autocomplete("remind create", "when", when="tom", about="x")
        ]
        assert len(await bob.autocomplete("remind create", "when", when="", about="x")) == 6


@pytest.mark.parametrize(
    ("line", "answer"),
    [
        ("!remind soon tea", "begins with no time"),
        ("!remind today at 9 tea", "has passed"),
        ("!remind 2999-01-01 tea", "ten years"),
        ("!remind every 1m tea", "5 minutes"),
        ("!remind 10m", "Say what"),
        ("!remind 10m " + "x" * 1001, "1000 characters"),
    ],
)
async def test_what_cannot_be_kept_is_refused(db, bob, line, answer):
    with at(NOON):
        assert answer in (await bob.says(line)).text
    assert await db.reminder.count() == 0


async def test_a_slash_command_with_a_wrong_time_answers_only_to_who_asked(bob):
    reply = await bob.slash("remind create", when="whenever", about="tea")
    assert reply.is_ephemeral
    assert "tomorrow 9am" in reply.text


async def test_nobody_has_more_than_a_hundred(discord, db, bob):
    await store(db, discord, bob, 100, now() + HOUR)
    assert "cancel one" in (await bob.says("!remind 10m tea")).text


async def test_a_reminder_comes_in_its_channel_once(discord, db, bot, bob, general):
    await bob.says("!remind 10m water the plants")
    await bot.run_due()
    before = len(general.messages)
    with at(now() + 11 * MINUTE):
        await bot.run_due()
        await bot.run_due()
    assert len(general.messages) == before + 1
    assert general.last.content == bob.mention
    assert "water the plants" in general.last.text


async def test_a_private_reminder_comes_by_direct_message(discord, bot, bob, general):
    reply = await bob.slash("remind create", when="10m", about="secret", place="dm")
    assert reply.is_ephemeral
    before = len(general.messages)
    with at(now() + 11 * MINUTE):
        await bot.run_due()
    assert "secret" in bob.inbox[-1].text
    assert len(general.messages) == before


async def test_closed_direct_messages_send_it_to_the_channel(discord, db, bot, bob, general):
    await store(db, discord, bob, reminder_by_dm=True)
    bob.close_dms()
    await bot.run_due()
    assert "tea 0" in general.last.text
    assert (await only(db)).reminder_sent_at is not None


async def test_a_channel_that_is_gone_or_closed_sends_it_by_direct_message(discord, db, bot, bob):
    await store(db, discord, bob, reminder_channel_id=123)
    await bot.run_due()
    assert "tea 0" in bob.inbox[-1].text


async def test_a_reminder_that_can_go_nowhere_is_given_up(discord, db, bot, bob):
    await store(db, discord, bob, reminder_channel_id=123)
    bob.close_dms()
    await bot.run_due()
    assert (await only(db)).reminder_sent_at is not None


async def test_what_discord_fails_to_take_is_tried_again_later_five_times(discord, db, bot, bob, general):
    await store(db, discord, bob)
    failure = discord.fail("POST", rf"/channels/{general.id}/messages", 400, 50035)
    time = now()
    await bot.run_due()
    assert (await only(db)).reminder_sent_at is None
    for attempt in range(1, 5):
        with at(time + attempt * 2 * delivery.LEASE):
            await bot.run_due()
        assert ((await only(db)).reminder_sent_at is not None) is (attempt == 4)
    failure.times = 0


async def test_a_reminder_of_a_direct_message_comes_there(discord, db, bot, bob):
    await bob.dm("!remind 10m call home")
    assert (await only(db)).guild_id is None
    with at(now() + 11 * MINUTE):
        await bot.run_due()
    assert "call home" in bob.inbox[-1].text


async def test_a_repeating_reminder_comes_again_at_its_time_and_skips_what_was_missed(discord, db, bot, bob, general):
    with at(NOON):
        await bob.says("!remind every day at 9 stand-up")
    with at(NOON + 5 * DAY):
        before = len(general.messages)
        await bot.run_due()
    assert len(general.messages) == before + 1
    assert "Every day" in general.last.text
    assert (await only(db)).reminder_expires_at == datetime(2026, 11, 26, 9, tzinfo=UTC)


async def test_a_reminder_pings_its_user_and_nobody_else(discord, bot, alice, bob, general):
    await bob.says("!remind 10m @alice @everyone hello")
    with at(now() + 11 * MINUTE):
        await bot.run_due()
    assert [user["id"] for user in general.last.data["mentions"]] == [str(bob.id)]
    assert not general.last.data["mention_everyone"]


async def test_a_reminder_is_put_off_by_its_button(discord, db, bot, bob, general):
    await store(db, discord, bob)
    await bot.run_due()
    reply = await bob.clicks(general.last, "In 1 hour")
    assert "Put off" in reply.text
    assert general.last.buttons == []
    assert (await only(db)).reminder_sent_at is None
    with at(now() + 2 * HOUR):
        await bot.run_due()
    assert "tea 0" in general.last.text
    assert "In 1 hour" in general.last.buttons


async def test_the_button_of_somebody_else_is_refused(discord, db, bot, alice, bob):
    general = discord.guild.channel("general")
    await store(db, discord, bob)
    await bot.run_due()
    reply = await alice.clicks(general.last, "In 10 minutes")
    assert reply.is_ephemeral
    assert "not yours" in reply.text
    assert (await only(db)).reminder_sent_at is not None


async def test_the_buttons_of_an_earlier_run_work_and_take_no_memory(discord, db, bot, bob, general):
    await store(db, discord, bob)
    await bot.run_due()
    assert len(bot.persistent_views) == 0
    cog = await bot.remove_cog("Reminders")
    await bot.add_cog(cog)
    assert "Put off" in (await bob.clicks(general.last, "In 1 day")).text


async def test_the_list_is_for_its_user_alone_and_paged(discord, db, alice, bob):
    assert "You have none" in (await bob.slash("/remind list")).text
    await store(db, discord, bob, 11, now() + HOUR)
    await store(db, discord, alice, 1, now() + HOUR)
    reply = await bob.slash("/remind list")
    assert reply.is_ephemeral
    assert "Reminders (11)" in reply.text
    assert "tea 10" in (await bob.clicks(reply, "Next")).text
    assert "Reminders (1)" in (await alice.says("!remind list")).text


async def test_a_reminder_is_edited_in_time_and_words(discord, db, bob):
    await bob.says("!remind 10m tea")
    key = (await only(db)).id
    with at(NOON):
        assert "coffee" in (await bob.slash("remind edit", reminder=key, when="1h", about="coffee")).text
        reminder = await only(db)
        assert (reminder.reminder_content, reminder.reminder_expires_at) == ("coffee", NOON + HOUR)
        await bob.says(f"!remind edit {key} cocoa with cream")
        await bob.says(f"!remind edit {key} tomorrow 9am")
    reminder = await only(db)
    assert reminder.reminder_content == "cocoa with cream"
    assert reminder.reminder_expires_at == datetime(2026, 11, 21, 9, tzinfo=UTC)


async def test_an_edit_that_says_nothing_or_too_much_is_refused(discord, db, bob):
    [reminder] = await store(db, discord, bob, 1, now() + HOUR)
    assert "what to change" in (await bob.slash("remind edit", reminder=reminder.id)).text
    assert "cancel this one" in (await bob.slash("remind edit", reminder=reminder.id, when="every day at 9")).text
    assert "no time" in (await bob.slash("remind edit", reminder=reminder.id, when="soon")).text


async def test_reminders_of_others_are_neither_edited_nor_cancelled_nor_offered(discord, db, alice, bob):
    [reminder] = await store(db, discord, bob, 1, now() + HOUR)
    assert "no reminder" in (await alice.slash("remind edit", reminder=reminder.id, about="x")).text
    assert "no reminder" in (await alice.says(f"!remind cancel {reminder.id}")).text
    assert await alice.autocomplete("remind cancel", "reminder") == []
    assert (await only(db)).reminder_content == "tea 0"


async def test_a_reminder_is_cancelled_by_the_completed_number(discord, db, bot, bob):
    await bob.says("!remind 10m tea")
    await bob.says("!remind 20m coffee")
    choices = await bob.autocomplete("remind cancel", "reminder", reminder="coff")
    assert [choice["name"].endswith("coffee") for choice in choices] == [True]
    assert "will not come" in (await bob.slash("remind cancel", reminder=choices[0]["value"])).text
    assert (await only(db)).reminder_content == "tea"


async def test_a_guild_that_switched_it_off_hears_nothing_but_the_user_does(discord, db, bot, bob, general):
    await bob.says("!remind 10m tea")
    await discord.owner.slash("plugins disable", plugin="reminders")
    before = len(general.messages)
    with at(now() + 11 * MINUTE):
        await bot.run_due()
    assert len(general.messages) == before
    assert "tea" in bob.inbox[-1].text
    assert "switched off" in (await bob.slash("/remind list")).text
    bob.close_dms()
    await store(db, discord, bob)
    await bot.run_due()
    assert "tea 0" not in general.last.text


async def test_three_hundred_that_are_due_at_once_come_once_each_while_commands_are_answered(discord, db, bot, bob):
    users = [discord.member(f"user{number}") for number in range(10)]
    for user in users:
        await store(db, discord, user, 30, reminder_by_dm=True)
    cog = bot.get_cog("Reminders")
    work = [asyncio.create_task(cog.deliver_due()) for _ in range(2)]  # as two processes would
    assert "You have none" in (await bob.slash("/remind list")).text
    assert not all(task.done() for task in work)
    await asyncio.gather(*work)
    for user in users:
        assert sorted(message.embeds[0]["description"] for message in user.inbox) == sorted(
            f"tea {n}" for n in range(30)
        )


async def test_work_that_is_stopped_notes_what_was_told_and_frees_the_rest(discord, db, bob):
    await store(db, discord, bob, 20)
    told = []
    stop = asyncio.Event()

    async def tell(reminder):
        if len(told) == 5:
            stop.set()
            await asyncio.Event().wait()
        told.append(reminder.id)
        return True

    work = asyncio.create_task(delivery.deliver_due(db.reminder, tell))
    await stop.wait()
    work.cancel()
    await asyncio.wait([work])
    assert await db.reminder.count({"reminder_sent_at": {"isnull": False}}) == 5
    left = await db.reminder.claim_due()
    assert {reminder.id for reminder in left}.isdisjoint(told)
    assert len(left) == 15


async def test_an_unexpected_error_of_one_reminder_leaves_the_others_alone(discord, db, bob):
    await store(db, discord, bob, 5)

    async def tell(reminder):
        if reminder.reminder_content == "tea 2":
            raise LookupError
        return True

    assert await delivery.deliver_due(db.reminder, tell) == 4
    assert [type(found.error) for found in discord.errors] == [LookupError]
    discord.errors.clear()


async def test_nothing_due_costs_one_statement(bot, discord):
    with max_queries(1):
        await bot.get_cog("Reminders").deliver_due()


async def test_what_was_told_a_week_ago_is_deleted(discord, db, bot, bob):
    await store(db, discord, bob)
    await bot.run_due()
    with at(now() + 8 * DAY):
        await store(db, discord, bob, 1, now() + HOUR)
        await bot.run_due()
    assert (await only(db)).reminder_sent_at is None


@pytest.mark.parametrize("place", ["channel", "direct message"])
async def test_a_reminder_whose_process_was_killed_after_it_was_told_is_not_told_again(  # noqa: PLR0917 - fixtures
    discord, db, bot, bob, general, place
):
    await store(db, discord, bob, **({"reminder_by_dm": True} if place == "direct message" else {}))
    await db.service.execute(
        "ALTER TABLE reminders_reminders ADD CONSTRAINT dead CHECK (reminder_sent_at IS NULL) NOT VALID"
    )
    try:
        await bot.run_due()  # told, and then nothing can be noted: so dies a process
    finally:
        await db.service.execute("ALTER TABLE reminders_reminders DROP CONSTRAINT dead")
    discord.errors.clear()
    told = len(general.messages) + len(bob.inbox)
    assert told == 1
    with at(now() + 2 * delivery.LEASE):
        await bot.run_due()
    assert (await only(db)).reminder_sent_at is not None
    assert len(general.messages) + len(bob.inbox) == told


async def test_a_repeating_reminder_that_is_tried_again_is_told_though_an_earlier_one_was(
    discord, db, bot, bob, general
):
    await store(db, discord, bob, reminder_repeat_seconds=3600)
    await bot.run_due()
    assert len(general.messages) == 1
    failure = discord.fail("POST", rf"/channels/{general.id}/messages", 400, 50035, times=1)
    with at(now() + timedelta(hours=1, minutes=2)):
        await bot.run_due()
    assert failure.times == 0
    with at(now() + timedelta(hours=1, minutes=20)):
        await bot.run_due()
    assert len(general.messages) == 2


async def test_what_was_under_way_when_the_work_was_stopped_is_known_to_have_been_tried(discord, db, bob):
    await store(db, discord, bob, 20)
    begun, full = [], asyncio.Event()

    async def tell(reminder):
        begun.append(reminder.id)
        if len(begun) == delivery.PARALLEL:
            full.set()
        await asyncio.Event().wait()

    work = asyncio.create_task(delivery.deliver_due(db.reminder, tell))
    await full.wait()
    work.cancel()
    await asyncio.wait([work])
    tried = await db.reminder.find_all({"reminder_attempts": 1})
    assert {reminder.id for reminder in tried} == set(begun)
    assert await db.reminder.count({"reminder_claimed_until": None}) == 20
