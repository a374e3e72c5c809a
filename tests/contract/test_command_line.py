"""A test per line of CALLS.md, section Command line: each word on a copy of the project, as a maintainer types it."""

from __future__ import annotations

import re
import shutil
import sys
from pathlib import Path

import pytest
import pytest_asyncio
from support import REPOSITORY, copy_project, run_in

from tests.migrations.conftest import Project
from tux.testing import scratch_database

BIN = Path(sys.executable).parent
PLUGINS = sorted(path.parent.name for path in (REPOSITORY / "plugins").glob("*/models.py"))
COLUMN = "    guild_name = fields.CharField("


@pytest.fixture(scope="module")
def pristine(tmp_path_factory):
    """A copy of this project, and another whose guilds have a motto, with the migration of `tux db revision -m`."""
    plain = copy_project(tmp_path_factory.mktemp("plain") / "project", plugins=PLUGINS)
    changed = tmp_path_factory.mktemp("changed") / "project"
    shutil.copytree(plain, changed)
    add_a_motto(changed)
    done = Project(changed, None).tux("db", "revision", "-m", "motto")
    assert done.returncode == 0, done.stderr
    return plain, changed


@pytest_asyncio.fixture(loop_scope="session")
async def url(tux_databases):
    async with scratch_database() as made:
        yield made


@pytest.fixture
def changed(pristine, tmp_path, url):
    return Project(shutil.copytree(pristine[1], tmp_path / "project"), url)


def add_a_motto(root):
    path = root / "plugins/guild/models.py"
    text = path.read_text()
    assert text.count(COLUMN) == 1
    path.write_text(text.replace(COLUMN, f"    motto: int = fields.IntField(null=True)\n{COLUMN}"))


async def columns(project):
    return await project.names("SELECT column_name FROM information_schema.columns WHERE table_name = 'guild_guilds'")


async def test_revision_is_written_under_its_message_and_upgrade_applies_it(changed):
    second = changed.files[1]
    assert re.fullmatch(r"1_\d+_motto\.py", second)
    assert changed.tux("db", "health").returncode == 1
    done = changed.tux("db", "upgrade")
    assert (done.returncode, done.stdout) == (0, f"applied {second}\n"), done.stderr
    assert "motto" in await columns(changed)
    healthy = changed.tux("db", "health")
    assert healthy.returncode == 0
    assert re.search(r"^schema +current$", healthy.stdout, re.MULTILINE)


async def test_downgrade_takes_one_back_unless_more_are_asked_for_and_current_and_history_tell(changed):
    first, second = changed.files
    assert changed.tux("db", "upgrade").returncode == 0
    assert changed.tux("db", "current").stdout == f"current: {second}\n"
    done = changed.tux("db", "downgrade", "--yes", "--no-backup")
    assert (done.returncode, done.stdout) == (0, f"took back {second}\n"), done.stderr
    assert "guild_name" in await columns(changed)
    assert "motto" not in await columns(changed)
    behind = changed.tux("db", "current")
    assert (behind.returncode, behind.stdout) == (1, f"behind: {first}\n  pending {second}\n")
    assert changed.tux("db", "history").stdout == f"applied  {first}\npending  {second}\n"


async def test_reset_asks_and_leaves_an_empty_database_with_our_tables(changed):
    await changed.fetch("INSERT INTO guild_guilds (guild_id) VALUES (1)")
    assert changed.tux("db", "reset", "--no-backup").returncode == 1
    assert len(await changed.fetch("SELECT FROM guild_guilds")) == 1
    done = changed.tux("db", "reset", "--yes", "--no-backup")
    assert done.returncode == 0, done.stderr
    assert await changed.fetch("SELECT FROM guild_guilds") == []
    assert changed.tux("db", "current").returncode == 0


async def test_the_script_db_knows_the_older_words(pristine, tmp_path, url):
    project = Project(shutil.copytree(pristine[0], tmp_path / "project"), url)
    add_a_motto(project.root)

    def types(*words):
        done = run_in(project.root, BIN / "db", *words, DATABASE_URL=url)
        assert done.returncode == 0, done.stderr
        return done.stdout

    types("migrate-generate", "a motto of each guild")
    assert re.fullmatch(r"1_\d+_a_motto_of_each_guild\.py", project.files[1])
    assert f"applied {project.files[1]}" in types("migrate-push")
    assert "motto" in await columns(project)
    assert "PostgreSQL" in types("health")
