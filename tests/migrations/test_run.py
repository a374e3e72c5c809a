"""The functions behind `tux db`, which run bare aerich, and what they read of the database."""

from __future__ import annotations

import asyncio
import os
from pathlib import Path

import asyncpg
import pytest

from tux.database import engine
from tux.database.schema import migration_files, read_schema
from tux.errors import DatabaseConnectionError, MigrationError
from tux.migrations import downgrade, revision, upgrade
from tux.migrations.connection import migration_connection, open_client
from tux.migrations.lock import LOCK_KEY
from tux.settings import load_settings


@pytest.fixture(autouse=True)
def _no_database_in_the_environment(monkeypatch):
    for name in ("DATABASE_URL", "DEV_DATABASE_URL", "PROD_DATABASE_URL", "TUX_ENV"):
        monkeypatch.delenv(name, raising=False)


async def schema_of(project):
    async with open_client(migration_connection(load_settings(project.root), project.url)) as client:
        return await read_schema(client)


async def test_upgrade_and_downgrade_name_the_files_that_they_ran(project):
    assert await upgrade(project.root, project.url) == project.files
    assert await upgrade(project.root, project.url) == []
    assert await downgrade(project.root, project.url, consent=True) == project.files
    assert (await schema_of(project)).applied == ()


async def test_upgrade_with_nothing_pending_does_not_run_aerich(migrated):
    (migrated.root / "config" / "orm.py").write_text("raise SystemExit(3)")
    assert await upgrade(migrated.root, migrated.url) == []


async def test_upgrade_takes_the_url_of_its_caller_whatever_the_environment_says(project, monkeypatch):
    monkeypatch.setenv("TUX_ENV", "prod")
    monkeypatch.setenv("PROD_DATABASE_URL", "postgresql://nobody@127.0.0.1:1/none")
    assert await upgrade(project.root, project.url) == project.files


async def test_two_steps_back_revert_the_last_two(migrated):
    migrated.edit("levels", "xp: int", "rank: int = fields.IntField(null=True)\n    xp: int")
    name = await revision(migrated.root, "Add a rank, by season!")
    assert name == migrated.files[1]
    assert name.endswith("_add_a_rank_by_season.py")
    assert await upgrade(migrated.root, migrated.url) == [name]
    assert await downgrade(migrated.root, migrated.url, 2, consent=True) == [name, migrated.files[0]]


async def test_more_steps_back_than_there_are_is_refused(migrated):
    with pytest.raises(MigrationError, match="cannot revert 2 migration"):
        await downgrade(migrated.root, migrated.url, 2)
    assert len((await schema_of(migrated)).applied) == 1


async def test_revision_without_a_change_writes_nothing(project):
    assert await revision(project.root) is None


async def test_what_a_guard_refuses_is_raised_with_its_words(project):
    project.remove("levels")
    with pytest.raises(MigrationError, match=r"^no migration was written, because it would drop the tables"):
        await revision(project.root)


async def test_a_question_that_nobody_can_answer_is_an_error(migrated, monkeypatch):
    migrated.edit("levels", "xp: int", "points: int")
    migrated.edit("levels", "xp >= 0", "points >= 0")
    migrated.edit("levels", '"-xp"', '"-points"')
    with Path(os.devnull).open() as not_a_terminal:  # noqa: ASYNC230 - it never blocks
        monkeypatch.setattr("sys.stdin", not_a_terminal)
        with pytest.raises(MigrationError, match="Rename xp to points"):
            await revision(migrated.root)
    assert len(migrated.files) == 1


async def test_a_dead_database_is_a_connection_error(project):
    with pytest.raises(DatabaseConnectionError):
        await upgrade(project.root, "postgresql://nobody@127.0.0.1:1/none")


async def test_a_cancelled_upgrade_gives_the_lock_back_and_leaves_nothing(project):
    holder = await asyncpg.connect(project.url)
    try:
        await holder.execute("SELECT pg_advisory_lock($1)", LOCK_KEY)
        running = asyncio.create_task(upgrade(project.root, project.url))
        await asyncio.sleep(0.3)
        running.cancel()
        with pytest.raises(asyncio.CancelledError):
            await running
    finally:
        await holder.close()
    assert await project.tables() == []
    assert await upgrade(project.root, project.url) == project.files


async def test_a_downgrade_without_consent_reverts_nothing(migrated):
    with pytest.raises(MigrationError, match="drops the table levels_members"):
        await downgrade(migrated.root, migrated.url)
    assert len((await schema_of(migrated)).applied) == 1


async def test_the_schema_is_read_in_one_round_trip(migrated):
    statements = []
    async with open_client(migration_connection(load_settings(migrated.root), migrated.url)) as client:
        engine.observers.append(statements.append)
        try:
            schema = await read_schema(client)
        finally:
            engine.observers.remove(statements.append)
    assert len(statements) == 1
    assert schema.applied == tuple(migrated.files)
    assert schema.status(migration_files(migrated.root)) == "current"
    assert schema.tables["levels_members"] == {"id", "guild_id", "xp", "name"}


async def test_the_schema_of_an_empty_database_is_empty(project):
    schema = await schema_of(project)
    assert (schema.applied, schema.tables) == ((), {})
    assert schema.status(migration_files(project.root)) == "empty"
