"""Backups: of one moment, verified by restoring them, restored all or nothing, and made before data is destroyed."""

from __future__ import annotations

import json
import os
import re
import sys
from datetime import UTC, datetime

import pytest

from tux import clock
from tux.database.embedded import tools as embedded_tools
from tux.migrations.backup import backup_path

ROWS = (
    "INSERT INTO guild_guilds (guild_id) VALUES (1), (2)",
    "INSERT INTO levels_members (guild_id, xp, name) VALUES (1, 5, 'anna'), (2, 6, 'it''s \"bo\"')",
)
LATE = """\
#!{python}
import asyncio, os, sys, asyncpg

async def main(url):
    connection = await asyncpg.connect(url)
    await connection.execute("INSERT INTO guild_guilds VALUES (3)")
    await connection.close()

if "--version" not in sys.argv:
    {write}
os.execv("{real}", ["{real}", *sys.argv[1:]])
"""
CONTENT = "SELECT string_agg(m::text, '|' ORDER BY id) FROM levels_members m"


@pytest.fixture
async def filled(migrated):
    await migrated.fetch("CREATE EXTENSION btree_gist")
    for sql in ROWS:
        await migrated.fetch(sql)
    return migrated


@pytest.fixture
def backup(filled, tmp_path):
    path = tmp_path / "backups" / "a.dump"
    done = filled.tux("db", "backup", str(path))
    assert done.returncode == 0, done.stderr
    return path


async def content(project):
    return (await project.fetch(CONTENT))[0][0]


async def databases(project):
    return await project.names("SELECT datname FROM pg_database WHERE datname LIKE 'tux_%'")


async def test_a_backup_is_verified_in_a_database_that_is_gone_afterwards(filled, backup):
    manifest = json.loads(backup.with_name("a.dump.json").read_text())
    assert manifest["tables"]["levels_members"]["rows"] == 2
    assert manifest["migrations"] == filled.files
    await filled.fetch("DELETE FROM levels_members")
    done = filled.tux("db", "verify", str(backup))
    assert done.returncode == 0, done.stderr
    assert "the backup restores" in done.stdout
    assert await databases(filled) == []
    assert await content(filled) is None, "the project's own database is not touched"


async def test_a_backup_takes_nobodys_place(filled, backup, tmp_path):
    before = backup.read_bytes(), (tmp_path / "backups" / "a.dump.json").read_bytes()
    refused = filled.tux("db", "backup", str(backup))
    assert refused.returncode == 1
    assert f"{backup} is there already" in refused.stderr
    assert (backup.read_bytes(), (tmp_path / "backups" / "a.dump.json").read_bytes()) == before
    (tmp_path / "folder").mkdir()
    refused = filled.tux("db", "backup", str(tmp_path / "folder"))
    assert (refused.returncode, "folder is there already" in refused.stderr) == (1, True)
    assert sorted(path.name for path in tmp_path.iterdir() if path.name.startswith("folder")) == ["folder"]


def test_two_backups_of_one_second_have_two_names(tmp_path, monkeypatch):
    monkeypatch.setattr(clock, "now", lambda: datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC))
    names = []
    for _ in range(3):
        path = backup_path(tmp_path, "tux")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
        names.append(path.name)
    assert names == ["tux-20260102-030405.dump", "tux-20260102-030405-2.dump", "tux-20260102-030405-3.dump"]


async def test_a_backup_shows_one_moment_though_rows_come_while_it_is_made(filled, tmp_path):
    """A pg_dump that begins with a row of somebody else's: neither the dump nor its sums may have it."""
    real = embedded_tools() / "pg_dump"
    late = tmp_path / "late" / "pg_dump"
    late.parent.mkdir()
    write = f"asyncio.run(main({filled.url!r}))"
    late.write_text(LATE.format(python=sys.executable, real=real, write=write))
    late.chmod(0o755)
    path = tmp_path / "moment.dump"
    done = filled.tux("db", "backup", str(path), PATH=f"{late.parent}:{os.environ['PATH']}")
    assert done.returncode == 0, done.stderr
    assert len(await filled.fetch("SELECT * FROM guild_guilds")) == 3
    assert json.loads(path.with_name("moment.dump.json").read_text())["tables"]["guild_guilds"]["rows"] == 2
    verified = filled.tux("db", "verify", str(path))
    assert verified.returncode == 0, verified.stderr


async def test_a_restored_backup_is_what_was_there(filled, backup):
    catalog, rows = await filled.catalog(), await content(filled)
    await filled.fetch("UPDATE levels_members SET name = 'lost'")
    await filled.fetch("DROP TABLE core_settings")
    await filled.fetch("CREATE TABLE strange (id INT)")
    refused = filled.tux("db", "restore", str(backup))
    assert refused.returncode == 1
    assert "lost" in await content(filled)
    for _ in range(2):  # a restored database can be restored again
        done = filled.tux("db", "restore", str(backup), "--yes")
        assert done.returncode == 0, done.stderr
        assert await content(filled) == rows
        assert await filled.catalog() == catalog
    row = (await filled.fetch("INSERT INTO levels_members (guild_id, xp, name) VALUES (1, 1, '') RETURNING id"))[0]
    assert row["id"] == 3, "sequences go on where they were"
    again = backup.with_name("b.dump")
    assert filled.tux("db", "backup", str(again)).returncode == 0
    assert filled.tux("db", "verify", str(again)).returncode == 0


async def test_a_backup_that_was_changed_is_refused(filled, backup):
    backup.write_bytes(backup.read_bytes()[:-10])
    for command in (["verify"], ["restore", "--yes"]):
        refused = filled.tux("db", *command, str(backup))
        assert refused.returncode == 1
        assert "was changed or cut since it was made" in refused.stderr
    assert await content(filled) is not None


async def test_a_backup_that_holds_something_else_is_noticed_and_the_database_stays_as_it_was(filled, backup):
    path = backup.with_name("a.dump.json")
    manifest = json.loads(path.read_text())
    manifest["tables"]["levels_members"] = {"rows": 2, "checksum": "1"}
    path.write_text(json.dumps(manifest))
    await filled.fetch("UPDATE levels_members SET name = 'since then'")
    catalog, rows = await filled.catalog(), await content(filled)
    for command in (["verify"], ["restore", "--yes"]):
        refused = filled.tux("db", *command, str(backup))
        assert refused.returncode == 1
        assert "levels_members has 2 rows instead of 2, or their contents differ" in refused.stderr
    assert (await filled.catalog(), await content(filled)) == (catalog, rows)
    assert await databases(filled) == []


async def test_a_missing_file_is_one_message(filled, tmp_path):
    refused = filled.tux("db", "verify", str(tmp_path / "none.dump"))
    assert refused.returncode == 1
    assert "a backup is two files" in refused.stderr
    assert "Traceback" not in refused.stderr


async def test_an_upgrade_that_destroys_with_consent_makes_a_backup_first(filled):
    filled.change("levels", '    name: str = fields.CharField(max_length=50, default="")\n', "")
    filled.consent(1)
    rows = await content(filled)
    done = filled.tux("db", "upgrade")
    assert done.returncode == 0, done.stderr
    path = re.search(r"wrote (\S+\.dump)", done.stdout)[1]
    assert "anna" not in await content(filled)
    assert filled.tux("db", "restore", path, "--yes").returncode == 0
    assert await content(filled) == rows


async def test_a_harmless_upgrade_makes_none(filled):
    filled.change("levels", "xp: int", "rank: int = fields.IntField(null=True)\n    xp: int")
    done = filled.tux("db", "upgrade")
    assert done.returncode == 0, done.stderr
    assert not (filled.root / ".tux" / "backups").exists()


async def test_reset_makes_a_backup_and_an_empty_database_at_head(filled):
    refused = filled.tux("db", "reset")
    assert refused.returncode == 1
    assert await content(filled) is not None
    done = filled.tux("db", "reset", "--yes")
    assert done.returncode == 0, done.stderr
    assert await content(filled) is None
    assert filled.tux("db", "status").returncode == 0
    path = re.search(r"wrote (\S+\.dump)", done.stdout)[1]
    assert filled.tux("db", "verify", path).returncode == 0
