"""What is kept about a user over all plugins: exported, deleted, anonymised, kept; plugins ready, off or kept."""

from __future__ import annotations

import pytest

from plugins.permissions import MEMBERS
from tux.clock import now
from tux.errors import DatabaseError
from tux.privacy import TableReport, UserColumn, export_user, forget_user, map_data
from tux.registry import State
from tux.testing import max_queries

ALICE, BOB, GUILD = 11, 22, 900


@pytest.fixture
async def users(db):
    return (await map_data(db.registry)).users


async def fill(db, user_id):
    """Write what alice would leave behind in four plugins and two guilds."""
    await db.afk.set_member_afk(user_id=user_id, guild_id=GUILD, afk_message="asleep")
    await db.levels.add_xp(user_id, GUILD, 5)
    await db.levels.add_xp(user_id, GUILD + 1, 7)
    await db.snippet.create_snippet(
        snippet_name=f"s{user_id}",
        snippet_content="x",
        snippet_created_at=now(),
        snippet_user_id=user_id,
        guild_id=GUILD,
    )
    await db.case.create_case(case_type="WARN", case_user_id=user_id, case_moderator_id=BOB, guild_id=GUILD)


async def test_every_mark_of_every_plugin_is_found(db, users):
    marked = {(each.table, each.column): each for each in users}
    assert marked["afk_entries", "user_id"].forget == "delete"
    assert marked["snippets_snippets", "snippet_user_id"].forget == "null"
    assert marked["moderation_cases", "case_user_id"].forget == "keep"
    assert all(each.reason for each in users if each.forget == "keep")
    assert {each.plugin for each in users} >= {"afk", "audit", "levels", "moderation", "notes", "permissions", "points"}


async def test_an_export_has_all_rows_about_a_user_and_nobody_elses(db, users):
    await fill(db, ALICE)
    await fill(db, BOB)
    with max_queries(1):
        found = await export_user(users, ALICE)
    assert {table: len(rows) for table, rows in found.items()} == {
        "afk_entries": 1,
        "levels_member_levels": 2,
        "moderation_cases": 1,
        "snippets_snippets": 1,
    }
    assert {row["guild_id"] for row in found["levels_member_levels"]} == {GUILD, GUILD + 1}


async def test_an_export_leaves_out_the_ids_of_others(db, users):
    await fill(db, ALICE)
    [case] = (await export_user(users, ALICE))["moderation_cases"]
    assert (case["case_user_id"], case["case_moderator_id"]) == (ALICE, "(somebody else)")
    assert case["case_voided_by"] is None
    [case] = (await export_user(users, BOB))["moderation_cases"]
    assert (case["case_user_id"], case["case_moderator_id"]) == ("(somebody else)", BOB)


async def test_forgetting_deletes_anonymises_and_keeps_as_each_column_says(db, users):
    await fill(db, ALICE)
    await fill(db, BOB)
    report = {each.table: each for each in await forget_user(db.service, users, ALICE)}
    kept = report.pop("moderation_cases")
    assert (kept.deleted, kept.anonymised, kept.kept) == (0, 0, 1)
    assert kept.reasons
    assert report == {
        "afk_entries": TableReport("afk", "afk_entries", deleted=1),
        "levels_member_levels": TableReport("levels", "levels_member_levels", deleted=2),
        "snippets_snippets": TableReport("snippets", "snippets_snippets", anonymised=1),
    }
    assert list(await export_user(users, ALICE)) == ["moderation_cases"]
    assert await db.snippet.count({"snippet_user_id": None}) == 1
    others = await export_user(users, BOB)
    assert {table: len(rows) for table, rows in others.items()} == {
        "afk_entries": 1,
        "levels_member_levels": 2,
        "moderation_cases": 2,
        "snippets_snippets": 1,
    }


async def test_a_row_of_which_only_one_column_is_the_users_keeps_the_other(db, users):
    case = await db.case.create_case(case_type="WARN", case_user_id=BOB, case_moderator_id=BOB, guild_id=GUILD)
    await db.case.update_by_id(case.case_id, case_voided_by=ALICE)
    report = await forget_user(db.service, users, ALICE)
    assert [(each.table, each.anonymised) for each in report] == [("moderation_cases", 1)]
    case = await db.case.get_by_id(case.case_id)
    assert (case.case_user_id, case.case_voided_by) == (BOB, None)


async def test_forgetting_takes_three_statements_in_one_transaction(db, users):
    await fill(db, ALICE)
    with max_queries(5) as sent:
        await forget_user(db.service, users, ALICE)
    assert (sent[0], sent[-1]) == ("BEGIN", "COMMIT")


async def test_what_is_in_memory_of_the_user_goes_too(db, users):
    await db.guild_permissions.upsert({"guild_id": GUILD, "user_id": ALICE}, permission_level="ADMIN")
    assert MEMBERS.of(await db.snapshot(GUILD)) == {ALICE: "ADMIN"}
    await forget_user(db.service, users, ALICE)
    assert MEMBERS.of(await db.snapshot(GUILD)) == {}


async def test_a_user_of_whom_nothing_is_known_has_an_empty_report(db, users):
    assert await export_user(users, ALICE) == {}
    assert await forget_user(db.service, users, ALICE) == []
    assert await export_user((), ALICE) == {}
    assert await forget_user(db.service, (), ALICE) == []


async def test_a_failure_forgets_nothing(db, users):
    await fill(db, ALICE)
    broken = UserColumn("afk", "snippets_snippets", "snippet_name", "null")  # a text, which no user's id equals
    with pytest.raises(DatabaseError):
        await forget_user(db.service, (*users, broken), ALICE)
    assert len(await export_user(users, ALICE)) == 4


async def test_a_plugin_that_is_off_is_reached(db, monkeypatch):
    await db.afk.set_member_afk(user_id=ALICE, guild_id=GUILD, afk_message="asleep")
    monkeypatch.setattr(db.registry.records["afk"], "state", State.OFF)
    found = await map_data(db.registry)
    assert [each.table for each in await forget_user(db.service, found.users, ALICE)] == ["afk_entries"]


async def test_the_tables_of_a_plugin_without_code_are_reached(fresh_db):
    await fresh_db.service.execute("CREATE TABLE zoo_visits (id int, visitor bigint, guild_id bigint)")
    await fresh_db.service.execute("INSERT INTO zoo_visits VALUES (1, 11, 900), (2, 22, 900)")
    columns = [
        UserColumn("zoo", "zoo_visits", "visitor", "delete"),
        UserColumn("zoo", "zoo_gone", "visitor", "delete"),
        UserColumn("zoo", "zoo_visits", "gone", "delete"),
    ]
    found = await map_data(fresh_db.registry, left_columns=columns, left_tables=["zoo_visits", "zoo_gone"])
    assert [each for each in found.users if each.plugin == "zoo"] == columns[:1]
    assert await export_user(found.users, ALICE) == {"zoo_visits": [{"id": 1, "visitor": 11, "guild_id": 900}]}
    assert await forget_user(fresh_db.service, found.users, ALICE) == [TableReport("zoo", "zoo_visits", deleted=1)]
    assert ("zoo_visits", "guild_id") in found.guilds
    assert await fresh_db.service.fetch_one("SELECT count(*) FROM zoo_visits") == (1,)


async def test_of_two_users_in_a_row_only_the_one_who_asked_is_made_anonymous(fresh_db):
    await fresh_db.service.execute("CREATE TABLE zoo_pairs (first bigint, second bigint)")
    await fresh_db.service.execute("INSERT INTO zoo_pairs VALUES (11, 22), (22, 11), (11, 11), (22, 22)")
    columns = [UserColumn("zoo", "zoo_pairs", name, "null") for name in ("first", "second")]
    [report] = await forget_user(fresh_db.service, columns, ALICE)
    assert report.anonymised == 3
    rows = await fresh_db.service.fetch("SELECT first, second FROM zoo_pairs ORDER BY 1, 2")
    assert [tuple(row) for row in rows] == [(22, 22), (22, None), (None, 22), (None, None)]


async def test_a_plugin_whose_models_cannot_be_imported_is_named(db, monkeypatch):
    record = db.registry.records["afk"]
    assert (await map_data(db.registry)).unreadable == ()
    monkeypatch.setattr(record, "state", State.FAILED)
    monkeypatch.setattr(record, "models", ())
    monkeypatch.setattr(record, "phase", "models")
    assert (await map_data(db.registry)).unreadable == ("afk",)
