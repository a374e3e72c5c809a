"""`tux db` and `tux plugin`: what they say of a database, and what becomes of a plugin's tables."""

from __future__ import annotations

import json
import re

import pytest

from tests.migrations.conftest import Project, clone, make_database
from tux.database.schema import FILES

KEEPING = """
class Note(Model):
    id: int = fields.BigIntField(primary_key=True)
    guild = guild_key(related_name="notes")
    author_id: int = user_column(forget="null")
    text = fields.TextField()

    class Meta(Model.Meta):
        table = "notes_notes"
"""


@pytest.fixture(scope="session")
async def three_plugins(server, written, applied, tmp_path_factory) -> Project:
    """A project with a third plugin, applied, and rows in each table; its tests get copies."""
    project = clone(written, tmp_path_factory.mktemp("noted"), await make_database(server, applied))
    models = KEEPING.replace("class Note", "from tux.models import user_column\n\nclass Note", 1)
    project.plugin("notes", models, 'needs=("guild",)')
    assert project.aerich("migrate", "--offline", "--name", "notes").returncode == 0
    assert project.aerich("upgrade").returncode == 0
    await project.fetch("INSERT INTO guild_guilds (guild_id) VALUES (1)")
    await project.fetch("INSERT INTO levels_members (guild_id, xp, name) VALUES (1, 5, 'anna')")
    await project.fetch(
        "INSERT INTO notes_notes (guild_id, author_id, text) VALUES (1, 7, 'ä \"quoted\"'), (1, NULL, '')"
    )
    return project


@pytest.fixture
async def noted(server, three_plugins, tmp_path) -> Project:
    return clone(three_plugins.root, tmp_path, await make_database(server, three_plugins.database))


async def test_status_says_what_is_to_do_and_its_exit_code_too(migrated):
    settled = migrated.tux("db", "status")
    assert (settled.returncode, "current, 1 applied" in settled.stdout) == (0, True), settled.stderr
    migrated.change("levels", "xp: int", "rank: int = fields.IntField(null=True)\n    xp: int")
    behind = migrated.tux("db", "status")
    assert behind.returncode == 1
    assert f"pending: {migrated.files[1]}" in behind.stdout
    await migrated.fetch("INSERT INTO aerich (version, app, content) VALUES ('9_1_other.py', 'models', '{}')")
    diverged = migrated.tux("db", "status")
    assert diverged.returncode == 1
    assert "diverged" in diverged.stdout
    assert "applied, but without a file here: 9_1_other.py" in diverged.stdout


async def test_check_finds_models_that_differ_and_losses_without_consent(project):
    assert project.tux("db", "check").returncode == 0
    project.edit("levels", '    name: str = fields.CharField(max_length=50, default="")\n', "")
    differing = project.tux("db", "check")
    assert differing.returncode == 1
    assert (
        'the models differ from the newest migration: ALTER TABLE "levels_members" DROP COLUMN "name"'
        in differing.stderr
    )
    assert project.aerich("migrate", "--offline").returncode == 0
    unsaid = project.tux("db", "check")
    assert unsaid.returncode == 1
    assert "drops the column levels_members.name, without the comment" in unsaid.stderr
    project.consent(1)
    done = project.tux("db", "check")
    assert done.returncode == 0, done.stderr
    assert not (project.root / ".tux").exists(), "needs no database"


async def test_check_compares_the_database_with_what_the_migrations_make(migrated):
    assert migrated.tux("db", "check", "--database").returncode == 0
    await migrated.fetch("DROP INDEX levels_members_top")
    await migrated.fetch("ALTER TABLE guild_guilds ADD COLUMN by_hand INT")
    drifted = migrated.tux("db", "check", "--database")
    assert drifted.returncode == 1
    assert re.search(r"the database lacks: index .*levels_members_top", drifted.stderr)
    assert "no migration made: column guild_guilds.by_hand integer" in drifted.stderr
    assert await migrated.names("SELECT datname FROM pg_database WHERE datname LIKE 'tux_check%'") == []


async def test_plan_rehearses_and_leaves_nothing(noted):
    noted.change("levels", "xp: int", "rank: int = fields.IntField(default=3)\n    xp: int")
    noted.change("levels", 'default="")', 'default="", db_index=True)')
    path = noted.root / FILES / noted.files[2]
    path.write_text(
        path.read_text().replace('return """', 'return """\n        UPDATE notes_notes SET text = text;', 1)
    )
    before = await noted.catalog()
    done = noted.tux("db", "plan")
    assert done.returncode == 0, done.stderr
    assert 'ADD COLUMN "rank" INT NOT NULL DEFAULT 3' in done.stdout
    assert "levels_members (1 rows): AccessExclusiveLock, blocks reads and writes" in done.stdout
    assert re.search(r"UPDATE notes_notes SET text = text;\n +\d+\.\d ms; 2 rows\n", done.stdout)
    assert re.search(r"\d\.\d{3} s in all; rolled back", done.stdout)
    assert "rolled back" in done.stdout
    assert await noted.catalog() == before
    assert noted.tux("db", "current").returncode == 1
    told = noted.tux("db", "plan", "--no-rehearse")
    assert "ms" not in told.stdout


async def test_plan_tells_what_would_fail_and_what_needs_consent(noted):
    noted.change("levels", '    name: str = fields.CharField(max_length=50, default="")\n', "")
    refused = noted.tux("db", "plan")
    assert refused.returncode == 1
    assert "it would fail: needs consent: it drops the column levels_members.name (1 rows)" in refused.stdout
    noted.consent(2)
    assert noted.tux("db", "plan").returncode == 0
    noted.change("levels", "xp >= 0", "xp > 100")
    failing = noted.tux("db", "plan")
    assert failing.returncode == 1
    assert re.search(r"it would fail: .*levels_members_xp", failing.stdout)


def run_by_function(project, number, *statements):
    path = project.root / FILES / project.files[number]
    calls = "".join(f'await db.execute_query("{sql}")\n    ' for sql in statements)
    path.write_text(path.read_text().replace('    return """', f'    {calls}return """', 1))


async def test_what_a_function_destroys_needs_consent_in_a_plan_and_a_backup_in_an_upgrade(noted):
    assert noted.aerich("migrate", "--offline", "--empty").returncode == 0
    run_by_function(noted, 2, "TRUNCATE levels_members")
    refused = noted.tux("db", "plan")
    assert refused.returncode == 1
    assert "it would fail: needs consent: it empties the table levels_members" in refused.stdout
    noted.consent(2)
    assert noted.tux("db", "plan").returncode == 0
    assert len(await noted.fetch("SELECT * FROM levels_members")) == 1
    done = noted.tux("db", "upgrade")
    assert done.returncode == 0, done.stderr
    assert "wrote" in done.stdout, "a backup comes first"


async def test_a_function_that_needs_the_file_before_it_is_planned_and_applied(noted):
    noted.change("levels", "xp: int", "rank: int = fields.IntField(default=3)\n    xp: int")
    assert noted.aerich("migrate", "--offline", "--empty").returncode == 0
    run_by_function(noted, 3, "UPDATE levels_members SET rank = 4")
    unseen = noted.tux("db", "plan", "--no-rehearse")
    assert unseen.returncode == 0, unseen.stderr
    assert "-- what its function runs, only a rehearsal shows" in unseen.stdout
    planned = noted.tux("db", "plan")
    assert planned.returncode == 0, planned.stderr
    done = noted.tux("db", "upgrade")
    assert done.returncode == 0, done.stderr
    assert (await noted.fetch("SELECT rank FROM levels_members"))[0][0] == 4


async def test_a_function_that_fails_is_what_a_plan_says(noted):
    assert noted.aerich("migrate", "--offline", "--empty").returncode == 0
    run_by_function(noted, 2, "UPDATE levels_members SET nothing = 4")
    failing = noted.tux("db", "plan")
    assert failing.returncode == 1
    assert 'it would fail: column "nothing" of relation "levels_members" does not exist' in failing.stdout


async def test_tables_and_queries_are_listed(noted):
    listed = noted.tux("db", "tables")
    assert listed.returncode == 0, listed.stderr
    assert "levels_members" in listed.stdout
    queries = noted.tux("db", "queries", "--all")
    assert queries.returncode == 0, queries.stderr
    assert "application" in queries.stdout


async def test_a_plugin_that_is_off_keeps_its_models_in_the_migrations(noted):
    done = noted.tux("plugin", "off", "notes")
    assert done.returncode == 0, done.stderr
    assert "notes" in [
        json.loads(line)["name"]
        for line in noted.tux("plugin", "list", "--json").stdout.splitlines()
        if '"off"' in line
    ]
    assert noted.aerich("migrate", "--offline").stdout.strip() == "No changes detected"
    assert noted.tux("plugin", "on", "notes").returncode == 0
    assert '"off"' not in noted.tux("plugin", "list", "--json").stdout
    assert "notes was not off, kept or retired" in noted.tux("plugin", "on", "notes").stdout
    unknown = noted.tux("plugin", "on", "nots")
    assert (unknown.returncode, unknown.stdout) == (1, "")
    assert "'nots': is not here; there are: " in unknown.stderr
    refused = noted.tux("plugin", "off", "guild")
    assert refused.returncode == 1
    assert "is needed by everything and stays" in refused.stderr


async def test_a_kept_plugin_leaves_its_rows_and_what_is_known_of_its_users(noted):
    done = noted.tux("plugin", "keep", "notes", "--yes")
    assert done.returncode == 0, done.stderr
    archive = re.search(r"moved the code to (\S+?);", done.stdout)[1]
    assert not (noted.root / "plugins" / "notes").exists()
    ledger = (noted.root / "migrations" / "plugins.toml").read_text()
    assert 'tables = ["notes_notes"]' in ledger
    assert 'column = "author_id"' in ledger
    assert 'forget = "null"' in ledger
    assert noted.aerich("migrate", "--offline").stdout.strip() == "No changes detected"
    assert noted.tux("db", "check").returncode == 0
    assert len(await noted.fetch("SELECT * FROM notes_notes")) == 2
    early = noted.tux("plugin", "on", "notes")
    assert early.returncode == 1
    assert "is kept, and its code is not back; copy it from .tux/archive to " in early.stderr
    assert (noted.root / "migrations" / "plugins.toml").read_text() == ledger
    (noted.root / "plugins" / "notes").mkdir()
    for path in (noted.root / archive).glob("*.py"):
        (noted.root / "plugins" / "notes" / path.name).write_text(path.read_text())
    assert noted.tux("plugin", "on", "notes").returncode == 0
    assert noted.aerich("migrate", "--offline").stdout.strip() == "No changes detected"


async def test_a_kept_table_refers_to_a_renamed_one_by_its_new_name(noted):
    assert noted.tux("plugin", "keep", "notes", "--yes").returncode == 0
    noted.edit("guild", 'table = "guild_guilds"', 'table = "guild_servers"')
    noted.change(
        "guild", "guild_id: int", "server_id: int = fields.BigIntField(primary_key=True, generated=False)  # was "
    )
    for command in ("upgrade", "downgrade", "upgrade"):
        done = noted.aerich(command, *(["--yes"] if command == "downgrade" else []))
        assert done.returncode == 0, done.stderr
    assert noted.tux("db", "check").returncode == 0
    assert len(await noted.fetch("SELECT * FROM notes_notes JOIN guild_servers ON guild_id = server_id")) == 2
    await noted.fetch("DELETE FROM guild_servers")
    assert await noted.fetch("SELECT * FROM notes_notes") == []


async def test_check_asks_no_consent_for_a_column_that_is_worked_out(noted):
    noted.edit(
        "levels", "import fields\n", "import fields\nfrom tortoise.contrib.postgres.fields import TSVectorField\n"
    )
    made = 'words = TSVectorField(source_fields=["name"], config="simple", null=True)'
    noted.change("levels", "xp: int", f"{made}\n    xp: int")
    assert noted.aerich("upgrade").returncode == 0
    noted.change("levels", f"{made}\n    xp: int", "xp: int")
    checked = noted.tux("db", "check")
    assert checked.returncode == 0, checked.stdout + checked.stderr
    done = noted.aerich("upgrade")
    assert done.returncode == 0, done.stderr


async def test_a_plugin_is_in_one_list_whatever_came_before(noted):
    ledger = noted.root / "migrations" / "plugins.toml"
    assert noted.tux("plugin", "off", "notes").returncode == 0
    kept = noted.tux("plugin", "keep", "notes", "--yes")
    assert kept.returncode == 0, kept.stderr
    assert "off = []\n" in ledger.read_text()
    assert "[kept.notes]\n" in ledger.read_text()
    (archive,) = (noted.root / ".tux" / "archive").glob("notes-*")
    archive.rename(noted.root / "plugins" / "notes")
    off = noted.tux("plugin", "off", "notes")
    assert off.returncode == 0, off.stderr
    assert 'off = ["notes"]\n' in ledger.read_text()
    assert "[kept." not in ledger.read_text()


async def test_a_plugin_whose_models_do_not_load_is_not_kept_out_of_reach(noted):
    (noted.root / "plugins" / "notes" / "models.py").write_text("def x(:\n")
    refused = noted.tux("plugin", "keep", "notes", "--yes")
    assert refused.returncode == 1
    assert "could not be kept reachable, because it is failed: syntax error" in refused.stderr
    assert (noted.root / "plugins" / "notes").is_dir()
    assert not (noted.root / "migrations" / "plugins.toml").exists()


async def test_a_dropped_plugin_is_exported_and_its_tables_go_with_the_next_upgrade(noted):
    done = noted.tux("plugin", "drop", "notes", "--yes")
    assert done.returncode == 0, done.stderr
    export = re.search(r"exported the rows to (\S+)", done.stdout)[1]
    lines = (noted.root / export / "notes_notes.jsonl").read_text().splitlines()
    assert [json.loads(line)["text"] for line in lines] == ['ä "quoted"', ""]
    assert len(await noted.fetch("SELECT * FROM notes_notes")) == 2, "nothing is dropped before the upgrade"
    assert 'DROP TABLE IF EXISTS "notes_notes"' in noted.upgrade_sql(2)
    assert noted.tux("db", "check").returncode == 0
    upgraded = noted.tux("db", "upgrade")
    assert upgraded.returncode == 0, upgraded.stderr
    assert "wrote" in upgraded.stdout, "a backup comes first"
    assert "notes_notes" not in await noted.tables()
    assert len(await noted.fetch("SELECT * FROM levels_members")) == 1
    down = noted.tux("db", "downgrade", "--yes")
    assert down.returncode == 0, down.stderr
    assert "notes_notes" in await noted.tables()


async def test_a_plugin_that_others_need_is_not_taken_away(noted):
    noted.plugin("extra", "", 'needs=("notes",)')
    for word in ("keep", "drop"):
        refused = noted.tux("plugin", word, "notes", "--yes")
        assert refused.returncode == 1
        assert "is needed by extra" in refused.stderr
    assert (noted.root / "plugins" / "notes").is_dir()
    assert len(noted.files) == 2


async def test_retire_drops_the_tables_of_a_plugin_whose_folder_is_gone(noted):
    refused = noted.tux("db", "retire", "notes")
    assert refused.returncode == 1
    assert "tux plugin drop notes" in refused.stderr
    noted.remove("notes")
    done = noted.tux("db", "retire", "notes")
    assert done.returncode == 0, done.stderr
    assert "no upgrade applies it before" in done.stdout
    assert noted.tux("db", "upgrade").returncode == 1
    assert len(await noted.fetch("SELECT * FROM notes_notes")) == 2
    noted.consent(2)
    assert noted.tux("db", "upgrade").returncode == 0
    assert "notes_notes" not in await noted.tables()


async def test_a_name_without_tables_is_not_retired_and_a_plugin_without_tables_is_just_put_away(noted):
    ledger = noted.root / "migrations" / "plugins.toml"
    refused = noted.tux("db", "retire", "ntoes", "--yes")
    assert refused.returncode == 1
    assert "has no table in the migrations; those with tables: core, guild, levels, notes" in refused.stderr
    needed = noted.tux("db", "retire", "core", "--yes")
    assert needed.returncode == 1
    assert "'core': is needed by everything and stays" in needed.stderr
    assert not ledger.exists()
    folder = noted.plugin("bare", "")
    (folder / "models.py").unlink()
    done = noted.tux("plugin", "drop", "bare", "--yes")
    assert done.returncode == 0, done.stderr
    assert (folder.exists(), len(noted.files)) == (False, 2)


async def test_a_model_that_moves_to_another_plugin_keeps_its_rows(noted):
    noted.remove("notes")
    noted.plugin(
        "memo",
        KEEPING.replace("notes_notes", "memo_notes").replace(
            "class Note", "from tux.models import user_column\n\nclass Note", 1
        ),
        'needs=("guild",)',
    )
    done = noted.aerich("migrate", "--offline", "--no-input")
    assert done.returncode == 0, done.stderr
    upgraded = noted.aerich("upgrade")
    assert upgraded.returncode == 0, upgraded.stderr
    assert len(await noted.fetch("SELECT * FROM memo_notes")) == 2
    down = noted.aerich("downgrade", "--yes")
    assert down.returncode == 0, down.stderr
    assert len(await noted.fetch("SELECT * FROM notes_notes")) == 2


async def test_a_model_that_moves_under_another_name_takes_its_relations_along_when_that_is_said(noted):
    marked = (
        "class Mark(Model):\n    id: int = fields.BigIntField(primary_key=True)\n\n"
        '    class Meta(Model.Meta):\n        table = "notes_marks"\n\n\n'
        + KEEPING.replace(
            "    text =", '    marks = fields.ManyToManyField("models.Mark", through="notes_marked")\n    text ='
        )
    ).replace("class Note", "from tux.models import user_column\n\nclass Note", 1)
    noted.plugin("notes", marked, 'needs=("guild",)')
    assert noted.aerich("migrate", "--offline").returncode == 0
    assert noted.aerich("upgrade").returncode == 0
    await noted.fetch("INSERT INTO notes_marks DEFAULT VALUES")
    await noted.fetch("INSERT INTO notes_marked (notes_notes_id, mark_id) SELECT id, 1 FROM notes_notes")
    noted.remove("notes")
    noted.plugin(
        "memo",
        marked.replace("notes_notes", "memo_memos").replace("notes_", "memo_").replace("class Note", "class Memo"),
        'needs=("guild",)',
    )
    refused = noted.aerich("migrate", "--offline", "--no-input")
    assert refused.returncode == 1
    assert "plugin 'notes': notes_marked, notes_notes" in refused.stderr
    assert "say TUX_RENAME=notes_marked=<its new name>" in refused.stderr
    done = noted.aerich("migrate", "--offline", "--no-input", TUX_RENAME="notes_notes=memo_memos")
    assert done.returncode == 0, done.stderr
    upgraded = noted.aerich("upgrade")
    assert upgraded.returncode == 0, upgraded.stderr
    assert len(await noted.fetch("SELECT * FROM memo_marked JOIN memo_memos ON memo_memos_id = memo_memos.id")) == 2
    assert noted.aerich("downgrade", "--yes").returncode == 0
    assert len(await noted.fetch("SELECT * FROM notes_marked JOIN notes_notes ON notes_notes_id = notes_notes.id")) == 2


async def test_models_that_exchange_their_tables_are_asked_about_and_noted(noted):
    path = noted.root / "plugins" / "notes" / "models.py"
    second = (
        path.read_text()
        .partition("class Note")[2]
        .replace("notes_notes", "notes_others")
        .replace('="notes"', '="others"')
    )
    path.write_text(f"{path.read_text()}\n\nclass Other{second}")
    assert noted.aerich("migrate", "--offline").returncode == 0
    path.write_text(
        path.read_text()
        .replace("notes_notes", "x")
        .replace("notes_others", "notes_notes")
        .replace('"x"', '"notes_others"')
    )
    refused = noted.aerich("migrate", "--offline")
    assert refused.returncode == 1
    assert "the model Note is in notes_others now, and notes_notes is the table of Other" in refused.stderr
    done = noted.aerich("migrate", "--offline", TUX_RENAME="notes_notes=,notes_others=")
    assert done.returncode == 0, done.stderr
    assert "SELECT 1;" in noted.upgrade_sql(3)
    assert noted.aerich("migrate", "--offline").stdout.strip() == "No changes detected"
    assert noted.aerich("upgrade").returncode == 0
    assert len(await noted.fetch("SELECT * FROM notes_notes")) == 2


async def test_a_model_that_is_split_gets_its_rows_by_sql_in_the_file(noted):
    split = (
        KEEPING.replace("    text = fields.TextField()\n", "")
        + """
class Text(Model):
    id: int = fields.BigIntField(primary_key=True)
    note = fields.OneToOneField("models.Note", related_name="body")
    text = fields.TextField()

    class Meta(Model.Meta):
        table = "notes_texts"
"""
    )
    noted.plugin(
        "notes", split.replace("class Note", "from tux.models import user_column\n\nclass Note", 1), 'needs=("guild",)'
    )
    assert noted.aerich("migrate", "--offline").returncode == 0
    path = noted.root / FILES / noted.files[2]
    moved = "INSERT INTO notes_texts (note_id, text) SELECT id, text FROM notes_notes;\n        "
    drop = 'ALTER TABLE "notes_notes" DROP COLUMN "text"'
    path.write_text(path.read_text().replace(drop, moved + drop, 1))
    noted.consent(2)
    done = noted.aerich("upgrade")
    assert done.returncode == 0, done.stderr
    assert await noted.names("SELECT text FROM notes_texts") == ["", 'ä "quoted"']
    assert noted.aerich("migrate", "--offline").stdout.strip() == "No changes detected"
