"""Edits that destroy data, in a copy of this repository whose tables all hold rows: tried with the bare `aerich` of the
virtual environment, refused by name, then done with consent, and nothing else is touched."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import asyncpg
import pytest

from tests.migrations.conftest import Project, make_database
from tests.migrations.rows import TableSums, fill_tables, sum_tables
from tux.migrations import upgrade

AERICH = Path(sys.executable).with_name("aerich")
NICKNAME = "    nickname = fields.CharField(max_length=MAX_NICKNAME_LENGTH, null=True)\n"
CONSENT = "-- tux: allow-destructive"


@dataclass(frozen=True)
class Edit:
    """An edit of a plugin's models.py, what is said of it, and what it takes away: a table, or columns of one that stays."""

    plugin: str
    old: str
    new: str
    says: str
    table: str
    columns: tuple[str, ...] = ()
    stays: bool = True
    answer: str = ""


EDITS = {
    "a column is dropped": Edit(
        "afk", NICKNAME, "", "drops the column afk_entries.nickname (3 rows)", "afk_entries", ("nickname",)
    ),
    "a model is dropped": Edit(
        "reminders", r"\nclass UserZone\(.*?(?=\nclass |\Z)", "", "drops the table reminders_user_zones (3 rows)",
        "reminders_user_zones", stays=False,
    ),
    "a type is narrowed": Edit(
        "afk", "MAX_NICKNAME_LENGTH = 32", "MAX_NICKNAME_LENGTH = 8",
        "narrows afk_entries.nickname to VARCHAR(8) (3 rows)", "afk_entries",
    ),
    "a rename is taken for a drop": Edit(
        "afk", "    nickname = ", "    first_name = ", "drops the column afk_entries.nickname (3 rows)", "afk_entries",
        ("nickname", "first_name"), answer="n\n",
    ),
}  # fmt: skip


class Clone(Project):
    """A copy of the repository in which aerich is run as a person does."""

    def bare(self, *arguments: str, answer: str = "") -> subprocess.CompletedProcess[str]:
        cleared = {"DEV_DATABASE_URL", "PROD_DATABASE_URL", "TUX_ENV", "TUX_ROOT"}
        env = {key: value for key, value in os.environ.items() if key not in cleared}
        return subprocess.run(
            [AERICH, *arguments],
            cwd=self.root,
            env=env | {"DATABASE_URL": self.url},
            input=answer,
            capture_output=True,
            text=True,
            check=False,
        )

    async def sums(self, left_out: dict[str, tuple[str, ...]] | None = None) -> TableSums:
        connection = await asyncpg.connect(self.url)
        try:
            return await sum_tables(connection, left_out or {})
        finally:
            await connection.close()

    def refused(self, *arguments: str, answer: str = "") -> str:
        done = self.bare(*arguments, answer=answer)
        assert done.returncode == 1, done.stdout
        assert "Traceback" not in done.stderr
        return done.stderr

    def done(self, *arguments: str, answer: str = "") -> str:
        done = self.bare(*arguments, answer=answer)
        assert done.returncode == 0, done.stderr
        return done.stdout

    def rewrite(self, pattern: str, new: str, path: Path) -> None:
        text, times = re.subn(pattern, lambda _: new, path.read_text(), count=1, flags=re.DOTALL)
        assert times == 1, pattern
        path.write_text(text)

    @property
    def newest(self) -> Path:
        return self.root / "migrations" / "models" / max(self.files, key=lambda name: int(name.partition("_")[0]))


@pytest.fixture(scope="session")
async def stocked(server, copied) -> str:
    """The name of a database at this repository's head in which every table holds rows."""
    await server.create_database("stocked")
    await upgrade(copied, server.url("stocked"))
    connection = await asyncpg.connect(server.url("stocked"))
    try:
        await fill_tables(connection)
        await connection.execute("UPDATE afk_entries SET nickname = 'anna' WHERE id = 1")
        sums = await sum_tables(connection, {})
    finally:
        await connection.close()
    assert [table for table, (rows, _) in sums.items() if not rows] == []
    assert len(sums) > 30
    return "stocked"


@pytest.fixture
async def cloned(server, copied, stocked, tmp_path) -> Clone:
    root = tmp_path / "clone"
    shutil.copytree(copied, root)
    return Clone(root, await make_database(server, stocked))


@pytest.mark.parametrize("edit", EDITS.values(), ids=EDITS)
async def test_a_destructive_edit_is_refused_by_name_then_done_with_consent_and_all_other_rows_stay(cloned, edit):
    left_out = {edit.table: edit.columns}
    before, elsewhere = await cloned.sums(), await cloned.sums(left_out)
    pattern = edit.old if edit.old.startswith(r"\n") else re.escape(edit.old)
    cloned.rewrite(pattern, edit.new, cloned.root / "plugins" / edit.plugin / "models.py")
    cloned.done("migrate", "--name", "edit", answer=edit.answer)
    refused = cloned.refused("upgrade")
    assert edit.says in refused
    assert f"put the line `{CONSENT}` into the SQL of upgrade() in migrations/models/{cloned.newest.name}" in refused
    assert await cloned.sums() == before
    cloned.consent(-1)
    assert f"Success upgrading to {cloned.newest.name}" in cloned.done("upgrade")
    after = await cloned.sums(left_out)
    assert (edit.table in after) == edit.stays
    if not edit.stays:
        del elsewhere[edit.table]
    assert after | {"aerich": elsewhere["aerich"], "core_migrations": elsewhere["core_migrations"]} == elsewhere


async def test_a_plugin_without_its_folder_is_refused_by_name_then_retired_with_consent(cloned):
    before = await cloned.sums()
    shutil.rmtree(cloned.root / "plugins" / "notes")
    files = cloned.files
    refused = cloned.refused("migrate", "--no-input")
    assert "would drop the tables of a plugin that is not here:\n  plugin 'notes': notes_notes\n" in refused
    assert "run `tux db retire notes`" in refused
    assert (cloned.files, await cloned.sums()) == (files, before)
    assert cloned.tux("db", "retire", "notes").returncode == 0
    assert "drops the table notes_notes (3 rows)" in cloned.refused("upgrade")
    assert await cloned.sums() == before
    cloned.consent(-1)
    cloned.done("upgrade")
    after = await cloned.sums()
    changed = {"aerich", "core_migrations", "notes_notes"}
    assert "notes_notes" not in after
    assert {table: after[table] for table in before if table not in changed} == {
        table: sums for table, sums in before.items() if table not in changed
    }


async def test_a_column_made_required_is_refused_while_rows_have_none_and_done_when_they_got_one(cloned):
    before = await cloned.sums()
    cloned.rewrite(
        re.escape(", null=True)\n    # A process"), ")\n    # A process", cloned.root / "plugins/afk/models.py"
    )
    cloned.done("migrate", "--name", "required")
    refused = cloned.refused("upgrade")
    assert 'column "nickname" of relation "afk_entries" contains null values' in refused
    assert "change them first" in refused
    assert await cloned.sums() == before
    fill = "UPDATE afk_entries SET nickname = '' WHERE nickname IS NULL;\n        ALTER TABLE"
    cloned.rewrite("ALTER TABLE", fill, cloned.newest)
    cloned.done("upgrade")
    left_out = {name: ("nickname",) if name == "afk_entries" else () for name in before}
    assert (await cloned.sums(left_out))["afk_entries"][0] == 3
    assert await cloned.names("SELECT nickname FROM afk_entries") == ["", "", "anna"]


async def test_rows_survive_a_rename_that_is_said(cloned):
    cloned.rewrite("    nickname = ", "    first_name = ", cloned.root / "plugins/afk/models.py")
    unanswered = cloned.aerich("migrate")
    assert unanswered.returncode == 1
    assert "nobody was there to answer: (afk_entries) Rename nickname to first_name?" in unanswered.stderr
    written = cloned.aerich("migrate", TUX_RENAME="afk_entries.nickname=first_name")
    assert written.returncode == 0, written.stderr
    done = cloned.aerich("upgrade")
    assert done.returncode == 0, done.stderr
    assert await cloned.names("SELECT first_name FROM afk_entries WHERE first_name IS NOT NULL") == ["anna"]
