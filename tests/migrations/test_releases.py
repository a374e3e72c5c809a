"""From every released version to the newest migration, on tables with rows; and nobody edits what was released."""

from __future__ import annotations

import asyncpg
import pytest

from tests.migrations.conftest import REPOSITORY, make_database
from tests.migrations.rows import fill_tables
from tux.database.schema import FILES
from tux.migrations import upgrade
from tux.migrations.apply import Runner
from tux.migrations.connection import migration_connection
from tux.migrations.files import load_file, load_files
from tux.migrations.releases import RELEASES, chain, read_releases
from tux.settings import load_settings

RANK = ("xp: int", "rank: int = fields.IntField(null=True)\n    xp: int")
LABEL = ("\n    class Meta", "\n    label: str = fields.CharField(max_length=9, default='')\n\n    class Meta")


async def go_to_head(project, head, fresh_url):
    """Bring the project's empty database to a released file, fill every table, and upgrade; compare with a fresh one."""
    names = [file.name for file in chain(load_files(project.root), load_file(project.root, head))]
    await Runner(project.root, migration_connection(load_settings(project.root), project.url), 0).replay(names)
    connection = await asyncpg.connect(project.url)
    try:
        await fill_tables(connection)
    finally:
        await connection.close()
    done = project.tux("db", "upgrade", "--no-backup")
    assert done.returncode == 0, done.stderr
    assert project.tux("db", "current").returncode == 0
    found = await project.catalog()
    await upgrade(project.root, fresh_url)
    project.url = fresh_url
    assert found == await project.catalog()


BASE = load_files(REPOSITORY)[0].name
HEADS = {"the first migration": BASE} | {each.version: each.head for each in read_releases(REPOSITORY)}


@pytest.mark.parametrize("head", HEADS.values(), ids=HEADS)
async def test_every_released_head_of_this_repository_goes_to_the_newest(repository, server, head):
    await go_to_head(repository, head, await make_database(server, "template0"))


@pytest.fixture
def released(project):
    """A project with two releases, and a migration after them."""
    for version, plugin, change in (("1.0.0", "levels", RANK), ("1.1.0", "guild", LABEL)):
        noted = project.tux("db", "release", version)
        assert noted.returncode == 0, noted.stderr
        assert noted.stdout.strip() == f"{version} ends with {project.files[-1]}"
        project.change(plugin, *change)
    return project


@pytest.mark.parametrize("number", [0, 1])
async def test_a_released_head_is_where_an_upgrade_starts_from(released, server, number):
    release = read_releases(released.root)[number]
    assert release.head == released.files[number]
    await go_to_head(released, release.head, await make_database(server, "template0"))


async def test_an_upgrade_that_fails_on_the_rows_of_a_release_is_noticed(released, server):
    path = released.root / FILES / released.files[2]
    path.write_text(path.read_text().replace("DEFAULT ''", ""))
    with pytest.raises(AssertionError, match="contains null values"):
        await go_to_head(released, released.files[0], await make_database(server, "template0"))


async def test_check_names_the_release_whose_files_were_edited_or_taken_out(released):
    assert released.tux("db", "check").returncode == 0
    path = released.root / FILES / released.files[1]
    text = path.read_text()
    path.write_text(text + "# tidied\n")
    edited = released.tux("db", "check")
    assert edited.returncode == 1
    assert "a migration that 1.1.0 was released with was edited or taken out" in edited.stderr
    assert "1.0.0" not in edited.stderr
    path.write_text(text)
    (released.root / FILES / released.files[2]).unlink()
    path.unlink()
    gone = released.tux("db", "check")
    assert f"1.1.0 was released with {path.name}, which is not here" in gone.stderr


@pytest.mark.parametrize(
    ("version", "says"), [("1.0.0", "1.0.0 was released before"), ("next one", "'next one' is no version")]
)
async def test_a_version_is_released_once_and_is_a_version(released, version, says):
    before = (released.root / RELEASES).read_text()
    refused = released.tux("db", "release", version)
    assert refused.returncode == 1
    assert says in refused.stderr
    assert (released.root / RELEASES).read_text() == before


async def test_a_wrong_file_of_releases_is_one_message(project):
    (project.root / RELEASES).write_text('[[release]]\nversion = "1.0.0"\n')
    refused = project.tux("db", "check")
    assert refused.returncode == 1
    assert "migrations/releases.toml is wrong: release.0.head: Field required" in refused.stderr
