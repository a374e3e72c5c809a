"""`aerich inspectdb`: what it prints is a plugin's models.py, and makes the same database again."""

from __future__ import annotations

import re

import pytest

from tests.migrations.conftest import clone, make_database
from tux.migrations import upgrade

# A database that Tux has not made, with names of its own.
FOREIGN = """
CREATE TABLE old_users (id BIGINT PRIMARY KEY, name VARCHAR(40) NOT NULL DEFAULT 'it''s', mail TEXT UNIQUE);
COMMENT ON COLUMN old_users.name IS 'what others call them';
COMMENT ON TABLE old_users IS 'Members';
CREATE TABLE old_cases (
  id BIGSERIAL PRIMARY KEY,
  owner_id BIGINT NOT NULL REFERENCES old_users ON DELETE CASCADE,
  judge BIGINT REFERENCES old_users ON DELETE SET NULL,
  mail_id TEXT REFERENCES old_users (mail) ON DELETE RESTRICT,
  number INT NOT NULL DEFAULT -1,
  ratio DOUBLE PRECISION,
  price NUMERIC(10,2) NOT NULL DEFAULT 2.50,
  small SMALLINT,
  open BOOLEAN NOT NULL DEFAULT true,
  made TIMESTAMPTZ NOT NULL DEFAULT now(),
  day DATE,
  roles BIGINT[] NOT NULL DEFAULT '{}',
  extra JSONB NOT NULL DEFAULT '{"a": 1}',
  token UUID DEFAULT gen_random_uuid(),
  data BYTEA,
  lasts INTERVAL NOT NULL DEFAULT '1 day',
  twice INT GENERATED ALWAYS AS (number * 2) STORED,
  UNIQUE (owner_id, number),
  CHECK (number <> 0 AND ratio > 0.5),
  EXCLUDE USING btree (small WITH =)
);
CREATE INDEX ON old_cases (day);
CREATE INDEX ON old_cases (owner_id, number);
CREATE INDEX old_late ON old_cases (made DESC) WHERE open;
CREATE TABLE old_one (id SMALLINT PRIMARY KEY, case_id BIGINT NOT NULL UNIQUE REFERENCES old_cases);
"""


def without_names(lines):
    """Return catalog lines without the names of constraints and indexes, and columns of tables that are not Tux's."""
    lines = {re.sub(r"^(constraint \w+)\.\w+", r"\1", line) for line in lines}
    return {re.sub(r"^(index CREATE (?:UNIQUE )?INDEX) \w+", r"\1", line) for line in lines}


async def test_the_printed_models_make_the_same_database_again(written, server, tmp_path):
    foreign = clone(written, tmp_path, await make_database(server, "template0"))
    for statement in filter(None, map(str.strip, FOREIGN.split(";\n"))):
        await foreign.fetch(statement)
    printed = foreign.aerich("inspectdb")
    assert printed.returncode == 0, printed.stderr
    wanted = await foreign.catalog()
    fresh = clone(written, tmp_path / "fresh", await make_database(server, "template0"))
    folder = fresh.plugin("old", "")
    (folder / "models.py").write_text(printed.stdout)
    done = fresh.aerich("migrate", "--offline", "--name", "old")
    assert done.returncode == 0, done.stderr
    await upgrade(fresh.root, fresh.url)
    found = await fresh.catalog()
    for table in ("old_users", "old_cases", "old_one"):
        assert without_names(found[table]) == without_names(wanted[table])
    assert fresh.aerich("migrate", "--offline").stdout.strip() == "No changes detected"


async def test_every_column_is_printed_once_and_aerichs_own_table_not_at_all(migrated):
    printed = migrated.aerich("inspectdb")
    assert printed.returncode == 0, printed.stderr
    compile(printed.stdout, "models.py", "exec")
    for table, columns in {"LevelsMembers": ["id", "xp", "name", "guild"], "GuildGuilds": ["guild_id"]}.items():
        body = printed.stdout.partition(f"class {table}(Model):")[2].partition("class Meta")[0]
        assert re.findall(r"^    (\w+) = ", body, re.MULTILINE) == columns
    assert 'Check("(xp >= 0)", name="levels_members_xp")' in printed.stdout
    assert "class Aerich(" not in printed.stdout


@pytest.mark.parametrize(("words", "classes"), [(("-t", "guild_guilds"), ["GuildGuilds"]), (("-t", "no_such"), [])])
async def test_only_the_tables_asked_for_are_printed(migrated, words, classes):
    printed = migrated.aerich("inspectdb", *words)
    assert printed.returncode == 0, printed.stderr
    assert re.findall(r"^class (\w+)\(", printed.stdout, re.MULTILINE) == classes
