"""Theme 2: fifty callers at once on one key; every count is exact, nobody gets an error, one of them made the row."""

from __future__ import annotations

import asyncio
from collections import Counter
from contextlib import suppress
from datetime import UTC, datetime, timedelta

import pytest

from tests.correctness.scenes import ANN, BOB, GUILD, OTHER, a_case, outside, row_counts, somebody_waits
from tux.testing import at

FIFTY = range(50)
SOON = datetime(2026, 7, 1, 12, tzinfo=UTC)


async def at_once(call, callers=FIFTY):
    """Make a call for each number, all at the same moment, each in a task of its own."""
    start = asyncio.Event()

    async def one(number):
        await start.wait()
        return await call(number)

    tasks = [asyncio.create_task(one(number)) for number in callers]
    await asyncio.sleep(0)
    start.set()
    return await asyncio.gather(*tasks)


@pytest.fixture(params=["unknown guild", "known guild"])
async def guild(request, db):
    """A guild that has a row, or not yet."""
    if request.param == "known guild":
        await db.guild.create(guild_id=GUILD)
    return GUILD


# Cases


async def test_first_cases_of_a_guild_are_numbered_without_gap_or_duplicate(db, guild):
    cases = await at_once(lambda number: db.case.create_case(**a_case(guild_id=guild, case_user_id=number)))
    assert sorted(case.case_number for case in cases) == [*range(1, 51)]
    assert len({case.case_id for case in cases}) == 50
    assert (await db.guild.get_by_id(guild)).case_count == 50
    assert await row_counts(db) == {"guild_guilds": 1, "moderation_case_counters": 1, "moderation_cases": 50}


async def test_cases_in_transactions_that_partly_fail_leave_no_gap(db, guild):
    async def work(number):
        with suppress(ZeroDivisionError):
            async with db.transaction():
                await db.case.create_case(**a_case(guild_id=guild))
                await asyncio.sleep(0)
                return 1 // (number % 3)

    made = sum(each is not None for each in await at_once(work))
    assert made == 33
    assert sorted(case.case_number for case in await db.case.get_all()) == [*range(1, made + 1)]
    assert (await db.guild.get_by_id(guild)).case_count == made


async def test_cases_of_two_guilds_do_not_share_numbers(db):
    await at_once(lambda number: db.case.create_case(**a_case(guild_id=(GUILD, OTHER)[number % 2])))
    for guild_id in (GUILD, OTHER):
        numbers = [case.case_number for case in await db.case.get_cases_by_guild(guild_id)]
        assert numbers == [*range(25, 0, -1)]


async def test_numbers_stay_right_whatever_others_write_to_the_shown_count(db):
    async def work(number):
        if number % 5 == 0:
            return await db.guild.update_by_id(GUILD, case_count=0)
        return await db.case.create_case(**a_case())

    await at_once(work)
    assert sorted(case.case_number for case in await db.case.get_all()) == [*range(1, 41)]


async def test_a_temporary_ban_is_lifted_by_one_of_fifty(db):
    case = await db.case.create_case(**a_case(case_type="TEMPBAN", case_expires_at=SOON))
    lifted = await at_once(lambda _: db.case.set_tempban_expired(case.case_id))
    assert sum(each is not None for each in lifted) == 1


# Rows that are found or made

MAKERS = {
    "get_or_create": lambda db, number: db.guild_config.get_or_create({"mod_log_id": number}, guild_id=GUILD),
    "upsert": lambda db, number: db.guild_config.upsert({"guild_id": GUILD}, {"prefix": "!"}, mod_log_id=number),
    "get_or_create of a guild": lambda db, number: db.guild.get_or_create({"guild_name": str(number)}, guild_id=GUILD),
    "get_or_create of a pair": lambda db, number: db.levels.get_or_create(
        {"xp": number}, member_id=BOB, guild_id=GUILD
    ),
    "upsert of a pair": lambda db, number: db.levels.upsert({"member_id": BOB, "guild_id": GUILD}, level=number),
    "permission set": lambda db, number: db.guild_permissions.upsert(
        {"guild_id": GUILD, "user_id": BOB},
        {"permission_level": "MEMBER"},
        permission_level=("MODERATOR", "ADMIN")[number % 2],
    ),
    "get_or_create in a transaction": lambda db, number: in_a_transaction(
        db, lambda: db.member_status.get_or_create({"status": str(number)}, guild_id=GUILD, user_id=BOB)
    ),
}


async def in_a_transaction(db, call):
    async with db.transaction():
        return await call()


@pytest.mark.parametrize("make", MAKERS)
async def test_one_row_is_made_and_one_caller_told_so(db, guild, make):
    found = await at_once(lambda number: MAKERS[make](db, number))
    known = make == "get_or_create of a guild" and await db.guild.exists(guild_id=guild, guild_name="")
    assert sum(created for _, created in found) == (0 if known else 1)
    assert len({row.pk for row, _ in found}) == 1
    assert set((await row_counts(db)).values()) == {1}


async def test_values_of_an_upsert_come_from_one_caller_whole(db):
    keys = {"guild_id": GUILD, "user_id": BOB}
    await at_once(lambda number: db.member_status.upsert(keys, status=str(number), changed_at=SOON + timedelta(number)))
    row = await db.member_status.find_one(keys)
    assert row.changed_at == SOON + timedelta(int(row.status))


async def test_a_default_is_written_by_the_caller_who_made_the_row_alone(db):
    found = await at_once(
        lambda number: db.guild.upsert({"guild_id": GUILD}, {"guild_name": str(number)}, case_count=1)
    )
    [maker] = [number for number, (_, created) in enumerate(found) if created]
    assert {row.guild_name for row, _ in found} == {str(maker)}


async def test_different_fields_of_one_row_are_all_kept(db):
    fields = ("mod_log_id", "audit_log_id", "join_log_id", "private_log_id", "report_log_id")
    await at_once(lambda number: db.guild_config.update_config(GUILD, **{fields[number % 5]: number % 5 + 1}))
    config = await db.guild_config.get_by_id(GUILD)
    assert [getattr(config, field) for field in fields] == [1, 2, 3, 4, 5]


async def test_bulk_upserts_of_the_same_rows_in_any_order_do_not_deadlock(db):
    rows = [{"guild_id": GUILD, "user_id": user, "status": "x"} for user in range(20)]

    async def work(number):
        given = rows[number % 20 :] + rows[: number % 20]
        done = await db.member_status.bulk_upsert(given, ["guild_id", "user_id"], ["status"])
        assert [row.user_id for row, _ in done] == [row["user_id"] for row in given]
        return sum(created for _, created in done)

    assert sum(await at_once(work)) == 20
    assert await db.member_status.count() == 20


async def test_role_of_a_level_is_the_last_writers_and_there_is_one(db, guild):
    await at_once(lambda number: db.guild_config.update_perm_level_role(guild, number % 2, number))
    roles = await db.level_role.find_all(order_by="level")
    assert [(row.level, row.role_id % 2) for row in roles] == [(0, 0), (1, 1)]


async def test_permissions_of_members_roles_and_commands_are_one_row_each(db, guild):
    ranks = {0: "MODERATOR", 1: "ADMIN"}

    async def work(number):
        keys = {"guild_id": guild, "user_id": number % 3}
        await db.guild_permissions.upsert(keys, {"permission_level": "MEMBER"}, permission_level=ranks[number % 2])
        await db.permission_assignments.assign_permission_rank(guild, number % 11, 7)
        await db.permission_commands.set_command_permission(guild, "ban", number % 11)
        return await db.permission_assignments.get_user_permission_rank(guild, number % 3, [7])

    assert all(0 <= rank <= 10 for rank in await at_once(work))
    counts = await row_counts(db)
    assert (counts["permissions_members"], counts["permissions_assignments"], counts["permissions_commands"]) == (
        3,
        1,
        1,
    )


# Counters, toggles, states


async def a_snippet(db, name="faq"):
    return await db.snippet.create_snippet(
        snippet_name=name, snippet_content="read it", snippet_created_at=SOON, snippet_user_id=ANN, guild_id=GUILD
    )


async def test_snippet_uses_are_counted_exactly(db):
    snippet = await a_snippet(db)
    counted = await at_once(lambda _: db.snippet.increment_snippet_uses(snippet.snippet_id))
    assert sorted(row.uses for row in counted) == [*range(1, 51)]
    by_name = await at_once(lambda _: db.snippet.use_snippet("faq", GUILD))
    assert sorted(row.uses for row in by_name) == [*range(51, 101)]


async def test_a_snippet_of_a_name_is_made_once(db, guild):
    async def make(_):
        try:
            return await a_snippet(db)
        except Exception as error:  # noqa: BLE001 - its kind is what is looked at
            return error

    made = await at_once(make)
    kinds = Counter(type(each).__name__ for each in made)
    assert kinds == {"Snippet": 1, "UniqueViolation": 49}


async def test_xp_is_added_exactly(db, guild):
    rows = await at_once(lambda number: db.levels.add_xp(BOB, guild, number))
    assert (await db.levels.get_xp(BOB, guild)) == sum(FIFTY)
    assert len({row.id for row in rows}) == 1
    await at_once(lambda _: db.levels.add_xp(BOB, guild, -25))
    assert (await db.levels.get_xp(BOB, guild)) == 0  # 1225 - 1250, and never below 0
    assert await db.levels.count() == 1


async def test_of_fifty_messages_within_the_cooldown_one_earns_xp(db, guild):
    with at(SOON):
        earned = await at_once(lambda _: db.levels.add_xp(BOB, guild, 10, cooldown=timedelta(seconds=30)))
    assert sum(row is not None for row in earned) == 1
    with at(SOON + timedelta(seconds=30)):
        again = await at_once(lambda _: db.levels.add_xp(BOB, guild, 10, cooldown=timedelta(seconds=30)))
    assert sum(row is not None for row in again) == 1
    assert await db.levels.get_xp(BOB, guild) == 20


async def test_a_message_that_waited_for_another_sees_the_cooldown_that_one_began(db):
    cooldown = timedelta(seconds=30)
    with at(SOON):
        await db.levels.add_xp(BOB, GUILD, 10, cooldown=cooldown)
    with at(SOON + 2 * cooldown):
        async with db.transaction():
            assert (await db.levels.add_xp(BOB, GUILD, 10, cooldown=cooldown)).xp == 20
            second = asyncio.create_task(outside(db.levels.add_xp, BOB, GUILD, 10, cooldown=cooldown))
            await somebody_waits(db)
        assert await second is None
    assert await db.levels.get_xp(BOB, GUILD) == 20


async def test_xp_and_blacklist_of_one_member_do_not_undo_each_other(db, guild):
    async def work(number):
        return await (db.levels.toggle_blacklist(BOB, guild) if number % 2 else db.levels.set_xp(BOB, guild, 100))

    states = [state for number, state in enumerate(await at_once(work)) if number % 2]
    assert Counter(states) == {True: 13, False: 12}
    assert await db.levels.is_blacklisted(BOB, guild)
    assert await db.levels.get_xp(BOB, guild) == 100


async def test_toggles_take_turns(db, guild):
    states = await at_once(lambda _: db.levels.toggle_blacklist(BOB, guild))
    assert Counter(states) == {True: 25, False: 25}
    assert not await db.levels.is_blacklisted(BOB, guild)
    snippet = await a_snippet(db)
    locked = await at_once(lambda _: db.snippet.toggle_snippet_lock_by_id(snippet.snippet_id))
    assert Counter(row.locked for row in locked) == {True: 25, False: 25}


async def test_a_member_is_away_once_and_comes_back_once(db, guild):
    entries = await at_once(lambda number: db.afk.set_member_afk(BOB, guild, f"lunch {number}"))
    assert len({entry.id for entry in entries}) == 1
    assert (await db.afk.get_afk_by_member(BOB, guild)).afk_message in {f"lunch {number}" for number in FIFTY}
    back = await at_once(lambda _: db.afk.come_back(BOB, guild))
    assert sum(entry is not None for entry in back) == 1
    assert not await db.afk.is_member_afk(BOB, guild)


async def test_counters_of_several_columns_move_together(db):
    user = await db.user.create_user(discord_id=BOB, guild_id=GUILD, username="bob")
    await at_once(lambda _: db.user.increment(user.id, points=2, message_count=1))
    row = await db.user.get_user(user.id)
    assert (row.points, row.message_count) == (100, 50)


# Work that is shared out


async def test_points_are_neither_made_nor_lost_nor_owed(db):
    users = [
        await db.user.create_user(discord_id=who, guild_id=GUILD, username=f"u{who}", points=10) for who in range(4)
    ]
    keys = [user.id for user in users]

    async def work(number):
        giver, taker = number % 4, (number + 1 + number // 4 % 3) % 4
        if giver == taker:
            return False
        return await db.user.transfer_points(keys[giver], keys[taker], 3)

    done = sum(await at_once(work))
    points = [user.points for user in await db.user.get_all(order_by="id")]
    assert sum(points) == 40
    assert min(points) >= 0
    assert await db.points_transaction.count() == done > 0


async def test_the_last_points_are_given_once(db):
    giver = await db.user.create_user(discord_id=ANN, guild_id=GUILD, username="ann", points=3)
    taker = await db.user.create_user(discord_id=BOB, guild_id=GUILD, username="bob")
    assert sum(await at_once(lambda _: db.user.transfer_points(giver.id, taker.id, 3))) == 1
    assert (await db.user.get_user(taker.id)).points == 3


async def test_a_transfer_that_waited_for_another_sees_what_that_one_left(db):
    giver = await db.user.create_user(discord_id=ANN, guild_id=GUILD, username="ann", points=3)
    taker = await db.user.create_user(discord_id=BOB, guild_id=GUILD, username="bob")
    async with db.transaction():
        assert await db.user.transfer_points(giver.id, taker.id, 3)
        second = asyncio.create_task(outside(db.user.transfer_points, giver.id, taker.id, 3))
        await somebody_waits(db)
    assert await second is False
    assert [(await db.user.get_user(each.id)).points for each in (giver, taker)] == [0, 3]
    assert await db.points_transaction.count() == 1


async def test_due_reminders_are_claimed_by_one_caller_each(db):
    for _ in range(20):
        await db.reminder.create_reminder(
            reminder_content="tea", reminder_expires_at=SOON, reminder_channel_id=1, reminder_user_id=BOB
        )
    claimed = await at_once(lambda _: db.reminder.claim_due(3))
    keys = [row.id for rows in claimed for row in rows]
    assert len(keys) == len(set(keys)) == 20
    finished = await at_once(lambda number: db.reminder.finish_reminders(claimed[number]))
    assert sum(finished) == 20
    assert await db.reminder.claim_due() == []


async def test_a_claim_passes_over_what_another_is_claiming_without_waiting(db):
    for _ in range(5):
        await db.reminder.create_reminder(
            reminder_content="tea", reminder_expires_at=SOON, reminder_channel_id=1, reminder_user_id=BOB
        )
    with at(SOON):
        async with db.transaction():
            mine = await db.reminder.claim_due(3)
            others = await asyncio.wait_for(outside(db.reminder.claim_due, 3), timeout=5)
        assert await db.reminder.claim_due() == []
    assert (len(mine), len(others)) == (3, 2)
    assert not {row.id for row in mine} & {row.id for row in others}


async def test_a_starred_message_is_posted_by_one_caller(db):
    await db.starboard.create_or_update_starboard(GUILD, channel_id=1, emoji="*", threshold=1)
    stars = await at_once(
        lambda number: db.starboard_message.note_stars(
            guild_id=GUILD, channel_id=2, message_id=3, author_id=BOB, count=number + 1
        )
    )
    assert sum(each.claim is not None for each in stars) == 1
    assert await db.starboard_message.count() == 1


async def test_members_that_are_back_are_claimed_by_one_caller_each(db):
    with at(SOON - timedelta(hours=1)):
        for user in range(20):
            await db.afk.set_member_afk(user, GUILD, "nap", until=SOON)
    claimed = await at_once(lambda _: db.afk.claim_expired(3))
    keys = [row.id for rows in claimed for row in rows]
    assert len(keys) == len(set(keys)) == 20
