"""Theme 6: what is not there is None, until it is; a guild takes exactly its rows along; a direct message has no guild."""

# ruff: noqa: PT012 - that the end of a transaction's block raises is what is tested

from __future__ import annotations

import json
from collections import defaultdict

import pytest

from plugins.guild.models import GuildConfig
from tests.correctness.fill import MOMENT, all_models, fill, is_of_guilds
from tests.correctness.scenes import ANN, BOB, GUILD, OTHER, a_case, row_counts, tables
from tux.errors import NotNullViolation
from tux.models.meta import meta_of

# Every question about something that is not there, and the answer.
ABSENT = {
    "case by id": (lambda db: db.case.get_by_id(1), None),
    "case by pair": (lambda db: db.case.get_by_id((GUILD, 1)), None),
    "case by number": (lambda db: db.case.get_case_by_number(1, GUILD), None),
    "latest case": (lambda db: db.case.get_latest_case_by_user(BOB, GUILD), None),
    "cases of a user": (lambda db: db.case.get_cases_by_user(BOB, GUILD), []),
    "recent cases": (lambda db: db.case.get_recent_cases(GUILD), []),
    "restriction": (
        lambda db: db.case.is_user_under_restriction(
            guild_id=GUILD, user_id=BOB, active_restriction_type="JAIL", inactive_restriction_type="UNJAIL"
        ),
        False,
    ),
    "closing a case": (lambda db: db.case.close_case(1), None),
    "deleting a case": (lambda db: db.case.delete_case(1), False),
    "voiding a case": (lambda db: db.case.void(1, "x"), None),
    "guild": (lambda db: db.guild.get_by_id(GUILD), None),
    "configuration": (lambda db: db.guild_config.get_config_by_guild_id(GUILD), None),
    "field of it": (lambda db: db.guild_config.get_config_field(GUILD, "prefix"), None),
    "field with default": (lambda db: db.guild_config.get_config_field(GUILD, "prefix", "!"), "!"),
    "log channel": (lambda db: db.guild_config.get_log_channel(GUILD, "mod"), None),
    "jail": (lambda db: db.guild_config.get_jail_config(GUILD), (None, None)),
    "role of a level": (lambda db: db.guild_config.get_perm_level_role(GUILD, 3), None),
    "rank": (lambda db: db.permission_assignments.get_user_permission_rank(GUILD, BOB, [1, 2]), 0),
    "command's rank": (lambda db: db.permission_commands.get_command_permission(GUILD, "ban"), None),
    "snippet": (lambda db: db.snippet.get_snippet_by_name_and_guild_id("x", GUILD), None),
    "use of a snippet": (lambda db: db.snippet.increment_snippet_uses(1), None),
    "search": (lambda db: db.snippet.search_snippets(GUILD, "x"), []),
    "xp": (lambda db: db.levels.get_xp_and_level(BOB, GUILD), (0.0, 0)),
    "levels of several": (lambda db: db.levels.get_levels_batch([ANN, BOB], GUILD), {}),
    "position": (lambda db: db.levels.get_member_rank(BOB, GUILD), None),
    "blacklist": (lambda db: db.levels.is_blacklisted(BOB, GUILD), False),
    "last message": (lambda db: db.levels.get_last_message_time(BOB, GUILD), None),
    "away": (lambda db: db.afk.is_member_afk(BOB, GUILD), False),
    "entry": (lambda db: db.afk.get_afk_by_member(BOB, GUILD), None),
    "coming back": (lambda db: db.afk.come_back(BOB, GUILD), None),
    "removing an entry": (lambda db: db.afk.remove_member_afk(BOB, GUILD), False),
    "reminders": (lambda db: db.reminder.get_reminders_by_user(BOB), []),
    "deleting a reminder": (lambda db: db.reminder.delete_reminder(1), False),
    "starboard": (lambda db: db.starboard.get_starboard_by_guild(GUILD), None),
    "starred message": (lambda db: db.starboard_message.get_message_by_original(1), None),
    "user": (lambda db: db.user.get_user(1), None),
    "user with cases": (lambda db: db.user.get_user_with_cases(1), None),
    "deleting a user": (lambda db: db.user.delete_user(1), False),
    "giving points": (lambda db: db.user.transfer_points(1, 2, 3), False),
}


@pytest.mark.parametrize("question", ABSENT)
async def test_what_is_not_there_is_none_false_or_empty_and_asking_makes_nothing(db, question):
    ask, answer = ABSENT[question]
    for _ in range(2):
        assert await ask(db) == answer
    async with db.transaction():
        assert await ask(db) == answer
    assert await row_counts(db) == {}


# Each is asked, written by somebody else, and asked again.
APPEARING = {
    "configuration": (
        lambda db: db.guild_config.get_config_field(GUILD, "prefix"),
        "INSERT INTO guild_configs (guild_id, prefix) VALUES (1001, '?')",
        "?",
    ),
    "guild": (lambda db: db.guild.exists(guild_id=GUILD), "SELECT 1", True),
    "role of a level": (
        lambda db: db.guild_config.get_perm_level_role(GUILD, 3),
        "INSERT INTO guild_level_roles (guild_id, level, role_id) VALUES (1001, 3, 7)",
        7,
    ),
    "rank": (
        lambda db: db.permission_assignments.get_user_permission_rank(GUILD, BOB, [7]),
        "INSERT INTO guild_level_roles (guild_id, level, role_id) VALUES (1001, 3, 7)",
        3,
    ),
    "xp": (
        lambda db: db.levels.get_xp(BOB, GUILD),
        "INSERT INTO levels_member_levels (guild_id, member_id, xp, created_at, updated_at) VALUES (1001, 22, 5, now(), now())",
        5.0,
    ),
    "away": (
        lambda db: db.afk.is_member_afk(BOB, GUILD),
        "INSERT INTO afk_entries (guild_id, user_id, afk_message) VALUES (1001, 22, 'x')",
        True,
    ),
}


@pytest.mark.parametrize("question", APPEARING)
async def test_an_absence_is_never_remembered_past_its_end(db, question):
    ask, sql, answer = APPEARING[question]
    absent = await ask(db)
    assert absent != answer
    await db.guild.create(guild_id=GUILD)
    await db.service.execute(sql)
    assert await ask(db) == answer
    await db.guild.delete_by_id(GUILD)
    assert await ask(db) == absent


async def test_an_absence_seen_in_a_transaction_that_wrote_and_failed_is_right_again(db):
    with pytest.raises(ZeroDivisionError):
        async with db.transaction():
            assert await db.guild_config.get_config_field(GUILD, "prefix") is None
            await db.guild_config.update_guild_prefix(GUILD, "?")
            assert await db.guild_config.get_config_field(GUILD, "prefix") == "?"
            raise ZeroDivisionError
    assert await db.guild_config.get_config_field(GUILD, "prefix") is None
    await db.guild_config.update_guild_prefix(GUILD, "!")
    assert await db.guild_config.get_config_field(GUILD, "prefix") == "!"
    await db.guild_config.delete_guild_prefix(GUILD)
    assert await db.guild_config.get_config_field(GUILD, "prefix") is None


async def test_an_absence_of_a_cached_row_ends_with_the_write_that_ends_it(db):
    assert db.guild_config.cache is not None
    for guild_id in (GUILD, OTHER):
        assert await db.guild_config.get_by_id(guild_id) is None
    before = db.guild_config.cache_statistics()
    assert await db.guild_config.get_by_id(GUILD) is None
    assert db.guild_config.cache_statistics().hits == before.hits + 1
    await db.guild_config.create(guild_id=GUILD, prefix="?")
    assert (await db.guild_config.get_by_id(GUILD)).prefix == "?"
    assert await db.guild_config.get_by_id(OTHER) is None
    await db.guild_config.bulk_create([{"guild_id": OTHER, "prefix": "!"}])
    assert (await db.guild_config.get_by_id(OTHER)).prefix == "!"
    await db.guild.delete_by_id(GUILD)
    assert await db.guild_config.get_by_id(GUILD) is None


async def test_active_records_end_an_absence_and_begin_it(db):
    assert await db.guild_config.get_mod_log_id(GUILD) is None
    await GuildConfig.create(guild_id=GUILD, mod_log_id=5)
    assert await db.guild_config.get_mod_log_id(GUILD) == 5
    row = await GuildConfig.get(guild_id=GUILD)
    row.mod_log_id = 6
    await row.save()
    assert await db.guild_config.get_mod_log_id(GUILD) == 6
    await GuildConfig.filter(guild_id=GUILD).update(mod_log_id=7)
    assert await db.guild_config.get_mod_log_id(GUILD) == 7
    await row.delete()
    assert await db.guild_config.get_mod_log_id(GUILD) is None


# Guilds and their rows


async def contents(db):
    """Return every row of every table as text, by table."""
    found = {}
    for model in all_models(db):
        table = meta_of(model).db_table
        rows = await db.service.fetch(f'SELECT to_jsonb(t)::text AS row FROM "{table}" AS t')
        found[table] = {row["row"] for row in rows}
    return found


def guild_of(made, model, row):
    """Return the guild for which `fill` made a row, by its key."""
    data = json.loads(row)
    column = meta_of(model).db_pk_column
    [owner] = [guild for guild, rows in made.items() if any(str(each.pk) == str(data[column]) for each in rows[model])]
    return owner


async def test_every_plugin_runs_and_every_table_can_be_filled(db):
    assert {name: record.state for name, record in db.registry.records.items() if record.state != "ready"} == {}
    await fill(db, GUILD)
    assert [*await row_counts(db)] == tables(db)


async def test_deleting_a_guild_takes_exactly_its_rows_over_all_plugins(db):
    made = {guild_id: await fill(db, guild_id) for guild_id in (GUILD, OTHER)}
    before = await contents(db)
    expected = defaultdict(set)
    for model in all_models(db):
        table = meta_of(model).db_table
        assert before[table], table
        goes = is_of_guilds(model)
        expected[table] = {row for row in before[table] if not goes or guild_of(made, model, row) == OTHER}
        assert not goes or expected[table] < before[table]
    assert await db.guild.delete_by_id(GUILD) is True
    assert await contents(db) == expected
    assert await db.guild.delete_by_id(GUILD) is False
    assert await contents(db) == expected


async def test_a_guild_that_comes_back_starts_from_nothing(db):
    await fill(db, GUILD)
    await db.guild.delete_by_id(GUILD)
    assert (await db.case.create_case(**a_case())).case_number == 1
    assert (await db.guild.get_by_id(GUILD)).case_count == 1
    assert await db.levels.get_xp_and_level(BOB, GUILD) == (0.0, 0)
    assert await db.guild_config.get_config_by_guild_id(GUILD) is None


async def test_a_deletion_of_a_guild_that_is_rolled_back_takes_nothing(db):
    await fill(db, GUILD)
    before = await contents(db)
    with pytest.raises(ZeroDivisionError):
        async with db.transaction():
            await db.guild.delete_by_id(GUILD)
            raise ZeroDivisionError
    assert await contents(db) == before


# Direct messages


async def test_a_reminder_of_a_direct_message_makes_no_guild_and_outlives_all(db):
    values = {"reminder_content": "tea", "reminder_channel_id": 1, "reminder_user_id": BOB}
    alone = await db.reminder.create_reminder(**values, reminder_expires_at=MOMENT)
    assert alone.guild_id is None
    assert await row_counts(db) == {"reminders_reminders": 1}
    await db.reminder.create_reminder(**values, reminder_expires_at=MOMENT, guild_id=GUILD)
    assert await row_counts(db) == {"guild_guilds": 1, "reminders_reminders": 2}
    await db.guild.delete_by_id(GUILD)
    assert [row.id for row in await db.reminder.get_reminders_by_user(BOB)] == [alone.id]
    assert [row.id for row in await db.reminder.find_all({"guild_id": None})] == [alone.id]
    assert [row.id for row in await db.reminder.claim_due()] == [alone.id]


@pytest.mark.parametrize(
    "write",
    [
        lambda db: db.case.create_case(**a_case(guild_id=None)),
        lambda db: db.guild_config.create(prefix="!"),
        lambda db: db.levels.create(member_id=BOB),
        lambda db: db.afk.create(user_id=BOB, afk_message="x", guild_id=None),
        lambda db: db.levels.bulk_create([{"member_id": BOB, "guild_id": None}]),
    ],
)
async def test_what_belongs_to_a_guild_is_refused_without_one(db, write):
    with pytest.raises(NotNullViolation, match="guild_id"):
        await write(db)
    assert await row_counts(db) == {}
