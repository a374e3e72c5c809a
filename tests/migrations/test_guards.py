"""What bare aerich refuses: a plugin that is away or broken, and two runs at once."""

from __future__ import annotations

import asyncio
import shutil

import asyncpg
import pytest

from tux.migrations.lock import LOCK_KEY


@pytest.mark.parametrize("online", [False, True], ids=["offline", "online"])
async def test_a_missing_plugin_stops_migrate_and_no_file_is_written(migrated, online):
    shutil.move(migrated.root / "plugins" / "levels", migrated.root / "away")
    refused = migrated.aerich("migrate", "--no-input", *(() if online else ("--offline",)))
    assert refused.returncode == 1
    assert "plugin 'levels': levels_members" in refused.stderr
    assert "[kept.levels]" in refused.stderr
    assert "Traceback" not in refused.stderr
    assert len(migrated.files) == 1


async def test_a_missing_plugin_stops_an_empty_migration_too(project):
    project.remove("levels")
    refused = project.aerich("migrate", "--offline", "--empty")
    assert (refused.returncode, len(project.files)) == (1, 1)


async def test_a_missing_plugin_that_the_ledger_calls_off_is_still_missing(project):
    (project.root / "migrations" / "plugins.toml").write_text('off = ["levels"]\n')
    assert project.aerich("migrate", "--offline").stdout.strip() == "No changes detected"
    project.remove("levels")
    refused = project.aerich("migrate", "--offline")
    assert (refused.returncode, len(project.files)) == (1, 1)
    assert "levels_members" in refused.stderr


async def test_the_tables_of_a_kept_plugin_stay_and_it_can_come_back_changed(migrated):
    away = migrated.root / "away"
    shutil.move(migrated.root / "plugins" / "levels", away)
    (migrated.root / "migrations" / "plugins.toml").write_text('[kept.levels]\ntables = ["levels_members"]\n')
    assert migrated.aerich("migrate", "--offline").stdout.strip() == "No changes detected"
    migrated.edit(
        "guild", "\n    class Meta", "\n    label: str = fields.CharField(max_length=9, null=True)\n\n    class Meta"
    )
    assert migrated.aerich("migrate", "--offline").returncode == 0
    assert "levels" not in migrated.upgrade_sql(1)
    assert migrated.aerich("upgrade").returncode == 0
    shutil.move(away, migrated.root / "plugins" / "levels")
    (migrated.root / "migrations" / "plugins.toml").unlink()
    assert migrated.aerich("migrate", "--offline").stdout.strip() == "No changes detected"
    migrated.edit("levels", "xp: int", "rank: int = fields.IntField(null=True)\n    xp: int")
    assert migrated.aerich("migrate").returncode == 0
    assert 'ALTER TABLE "levels_members" ADD COLUMN "rank" INT' in migrated.upgrade_sql(2)
    assert "CREATE" not in migrated.upgrade_sql(2)


async def test_the_tables_of_a_kept_plugin_follow_a_key_that_changes_its_type(migrated):
    await migrated.fetch("INSERT INTO guild_guilds (guild_id) VALUES (1)")
    await migrated.fetch("INSERT INTO levels_members (guild_id, xp, name) VALUES (1, 5, '')")
    before = await migrated.catalog()
    away = migrated.root / "away"
    shutil.move(migrated.root / "plugins" / "levels", away)
    (migrated.root / "migrations" / "plugins.toml").write_text('[kept.levels]\ntables = ["levels_members"]\n')
    key = "guild_id: int = fields.BigIntField(primary_key=True, generated=False)"
    migrated.edit("guild", key, "guild_id = fields.CharField(max_length=20, primary_key=True)")
    migrated.change("guild", "guild_guilds", "guild_servers")
    migrated.consent(1)
    done = migrated.aerich("upgrade")
    assert done.returncode == 0, done.stderr
    assert await migrated.names("SELECT guild_id FROM levels_members") == ["1"]
    shutil.move(away, migrated.root / "plugins" / "levels")
    (migrated.root / "migrations" / "plugins.toml").unlink()
    assert migrated.aerich("migrate", "--offline").stdout.strip() == "No changes detected"
    down = migrated.aerich("downgrade", "--yes", TUX_ALLOW_DESTRUCTIVE="1")
    assert down.returncode == 0, down.stderr
    assert await migrated.catalog() == before


async def test_what_the_tables_of_a_kept_plugin_refer_to_cannot_go(project):
    project.remove("levels")
    (project.root / "migrations" / "plugins.toml").write_text('[kept.levels]\ntables = ["levels_members"]\n')
    project.plugin("guild", "")
    refused = project.aerich("migrate", "--offline")
    assert refused.returncode == 1
    assert (
        "the table levels_members of a kept plugin refers to guild_guilds.guild_id, which would be gone"
        in refused.stderr
    )
    assert "`tux db retire levels`" in refused.stderr
    assert len(project.files) == 1


async def test_the_tables_of_a_retired_plugin_are_dropped(migrated):
    migrated.remove("levels")
    (migrated.root / "migrations" / "plugins.toml").write_text('retired = ["levels"]\n')
    assert migrated.aerich("migrate", "--offline").returncode == 0
    assert 'DROP TABLE IF EXISTS "levels_members"' in migrated.upgrade_sql(1)
    migrated.consent(1)
    done = migrated.aerich("upgrade")
    assert done.returncode == 0, done.stderr
    assert "levels_members" not in await migrated.tables()


async def test_a_wrong_ledger_stops_every_command_with_its_mistake(project):
    (project.root / "migrations" / "plugins.toml").write_text('of = ["levels"]\n')
    refused = project.aerich("upgrade")
    assert refused.returncode == 1
    assert "of: unknown key; known here: kept, off, retired" in refused.stderr


@pytest.mark.parametrize(
    ("mistake", "shown"),
    [("import nothing_of_this_name", "nothing_of_this_name"), ("def broken(:", "SyntaxError")],
    ids=["missing module", "syntax error"],
)
async def test_a_broken_plugin_stops_migrate_with_its_traceback(project, mistake, shown):
    path = project.root / "plugins" / "levels" / "models.py"
    path.write_text(f"{mistake}\n{path.read_text()}")
    refused = project.aerich("migrate", "--offline")
    assert refused.returncode == 1
    assert "plugin 'levels' is failed in models" in refused.stderr
    assert shown in refused.stderr
    assert str(path) in refused.stderr
    assert len(project.files) == 1


async def test_a_plugin_that_is_refused_stops_migrate_in_one_sentence(project):
    project.edit("levels", 'table = "levels_members"', 'table = "members"')
    refused = project.aerich("migrate", "--offline")
    assert refused.returncode == 1
    assert refused.stderr.count("plugin 'levels'") == 1
    assert "Traceback" not in refused.stderr


async def test_a_plugin_that_needs_a_broken_one_stops_migrate_too(project):
    path = project.root / "plugins" / "guild" / "models.py"
    path.write_text("import nothing_of_this_name\n" + path.read_text())
    refused = project.aerich("migrate", "--offline")
    assert refused.returncode == 1
    assert "plugin 'guild' is failed" in refused.stderr
    assert "plugin 'levels' is blocked" in refused.stderr


async def test_a_broken_plugin_does_not_stop_upgrade(project):
    (project.root / "plugins" / "levels" / "models.py").write_text("import nothing_of_this_name\n")
    done = project.aerich("upgrade")
    assert done.returncode == 0, done.stderr
    assert "levels_members" in await project.tables()


async def test_eight_upgrades_at_once_apply_the_migration_once(project):
    done = [running.finish() for running in [project.start("upgrade") for _ in range(8)]]
    assert [each.returncode for each in done] == [0] * 8, [each.stderr for each in done]
    assert sum("Success upgrading" in each.stdout for each in done) == 1
    assert await project.names("SELECT version FROM aerich") == project.files


async def test_upgrade_and_init_db_at_once_apply_the_migration_once(project):
    running = [project.start("init-db"), project.start("upgrade")]
    done = [each.finish() for each in running]
    assert "Traceback" not in done[0].stderr + done[1].stderr
    assert done[1].returncode == 0
    assert await project.names("SELECT version FROM aerich") == project.files


async def test_upgrade_waits_for_the_lock_and_then_finds_nothing_to_do(project):
    holder = await asyncpg.connect(project.url)
    try:
        await holder.execute("SELECT pg_advisory_lock($1)", LOCK_KEY)
        running = project.start("upgrade")
        await asyncio.sleep(1.5)
        assert running.process.is_alive()
        assert await project.tables() == []
    finally:
        await holder.close()
    done = await asyncio.to_thread(running.finish)
    assert done.returncode == 0, done.stderr


async def test_a_lock_that_stays_taken_is_a_message_that_names_its_holder(project):
    holder = await asyncpg.connect(project.url, server_settings={"application_name": "another bot"})
    try:
        await holder.execute("SELECT pg_advisory_lock($1)", LOCK_KEY)
        refused = await asyncio.to_thread(project.aerich, "upgrade", TUX_DATABASE__MIGRATION_LOCK_SECONDS="0.2")
    finally:
        await holder.close()
    assert refused.returncode == 1
    assert "another bot" in refused.stderr
    assert "Traceback" not in refused.stderr
    assert await project.tables() == []


NOTE = """
class Note(Model):
    id: int = fields.BigIntField(primary_key=True)
    text: str = fields.TextField()

    class Meta(Model.Meta):
        table = "notes_notes"
"""


@pytest.mark.parametrize("kind", ["TABLE", "VIEW"])
async def test_a_table_of_another_program_is_not_taken_for_ours(migrated, kind):
    made = "(text int)" if kind == "TABLE" else "AS SELECT 5 AS text"
    await migrated.fetch(f"CREATE {kind} notes_notes {made}")
    before = await migrated.catalog()
    migrated.plugin("notes", NOTE)
    assert migrated.aerich("migrate", "--offline", "--name", "notes").returncode == 0
    refused = migrated.aerich("upgrade")
    assert refused.returncode == 1
    assert f"{migrated.files[1]} was not applied: the database has a {kind.lower()} notes_notes" in refused.stderr
    assert "Traceback" not in refused.stderr
    assert await migrated.catalog() == before
    assert await migrated.names("SELECT version FROM aerich") == migrated.files[:1]
    plan = migrated.tux("db", "plan")
    assert plan.returncode == 1
    assert "notes_notes already" in " ".join(plan.stdout.split())


async def test_the_first_migration_takes_no_table_of_another_program_either(project):
    await project.fetch("CREATE TABLE levels_members (text int)")
    for command in ("upgrade", "init-db"):
        refused = project.aerich(command)
        assert refused.returncode == 1
        assert "has a table levels_members already" in refused.stderr
        assert await project.tables() == ["levels_members"]


async def test_a_table_is_taken_over_by_a_migration_that_is_recorded_without_running_it(migrated):
    await migrated.fetch("CREATE TABLE notes_notes (id BIGSERIAL NOT NULL PRIMARY KEY, text TEXT NOT NULL)")
    await migrated.fetch("INSERT INTO notes_notes (text) VALUES ('old')")
    migrated.plugin("notes", NOTE)
    assert migrated.aerich("migrate", "--offline").returncode == 0
    done = migrated.aerich("upgrade", "--fake")
    assert done.returncode == 0, done.stderr
    assert await migrated.names("SELECT text FROM notes_notes") == ["old"]
    assert migrated.tux("db", "check", "--database").returncode == 0


async def test_a_table_that_the_same_file_moves_out_of_the_way_is_not_taken(migrated):
    await migrated.fetch("CREATE TABLE notes_notes (text int)")
    migrated.plugin("notes", NOTE)
    assert migrated.aerich("migrate", "--offline").returncode == 0
    path = migrated.root / "migrations" / "models" / migrated.files[1]
    moved = 'return """\n        ALTER TABLE notes_notes RENAME TO others_notes;'
    path.write_text(path.read_text().replace('return """', moved, 1))
    done = migrated.aerich("upgrade")
    assert done.returncode == 0, done.stderr
    assert {"notes_notes", "others_notes"} <= set(await migrated.tables())
