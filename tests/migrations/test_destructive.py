"""What destroys data is refused by name on the bare commands, then done with consent; what would fail is refused in words."""

from __future__ import annotations

import pytest

from tests.migrations.conftest import Project, clone, make_database

ROWS = (
    "INSERT INTO guild_guilds (guild_id) VALUES (1), (2)",
    "INSERT INTO levels_members (guild_id, xp, name) VALUES (1, 5, 'anna'), (2, 6, 'bo')",
)
OTHER = """
class Season(Model):
    id: int = fields.BigIntField(primary_key=True)
    title: str = fields.CharField(max_length=9)

    class Meta(Model.Meta):
        table = "levels_seasons"
"""
EDITS = {
    "column": ('    name: str = fields.CharField(max_length=50, default="")\n', "", "drops the column levels_members.name (2 rows)"),
    "narrower": ("max_length=50", "max_length=4", "narrows levels_members.name to VARCHAR(4) (2 rows)"),
    "retyped": ("xp: int = fields.IntField(default=0)", "xp: float = fields.SmallIntField(default=0)", "narrows levels_members.xp to SMALLINT (2 rows)"),
    "model": (OTHER, "", "drops the table levels_seasons (1 rows)"),
    "replaced": ('name: str = fields.CharField(max_length=50, default="")', "mail = fields.JSONField(default=dict)", "drops the column levels_members.name (2 rows)"),
}  # fmt: skip


@pytest.fixture(scope="session")
async def with_rows(server, written, applied, tmp_path_factory) -> Project:
    """A project of two migrations, applied, with rows; its tests get copies."""
    project = clone(written, tmp_path_factory.mktemp("seasons"), await make_database(server, applied))
    path = project.root / "plugins" / "levels" / "models.py"
    path.write_text(path.read_text() + OTHER)
    assert project.aerich("migrate", "--offline", "--name", "seasons").returncode == 0
    done = project.aerich("upgrade")
    assert done.returncode == 0, done.stderr
    for sql in (*ROWS, "INSERT INTO levels_seasons (title) VALUES ('spring')"):
        await project.fetch(sql)
    return project


@pytest.fixture
async def seasoned(server, with_rows, tmp_path) -> Project:
    return clone(with_rows.root, tmp_path, await make_database(server, with_rows.database))


@pytest.mark.parametrize(("old", "new", "says"), EDITS.values(), ids=EDITS)
async def test_a_destructive_edit_is_refused_by_name_and_done_with_consent(seasoned, old, new, says):
    seasoned.change("levels", old, new)
    before = await seasoned.catalog()
    refused = seasoned.aerich("upgrade")
    assert refused.returncode == 1
    assert says in refused.stderr
    assert seasoned.files[2] in refused.stderr
    assert "-- tux: allow-destructive" in refused.stderr
    assert "Traceback" not in refused.stderr
    assert await seasoned.catalog() == before
    still = seasoned.aerich("upgrade", TUX_ALLOW_DESTRUCTIVE="1")
    assert still.returncode == 1, "the variable is for downgrades; an upgrade's consent is reviewed with its file"
    seasoned.consent(2)
    done = seasoned.aerich("upgrade")
    assert done.returncode == 0, done.stderr
    rows = await seasoned.fetch("SELECT guild_id, xp FROM levels_members ORDER BY guild_id")
    assert [tuple(row) for row in rows] == [(1, 5), (2, 6)]
    assert (await seasoned.fetch("SELECT count(*) FROM guild_guilds"))[0][0] == 2


async def test_narrowing_with_consent_fails_on_a_value_that_does_not_fit_instead_of_cutting_it(seasoned):
    seasoned.change("levels", "max_length=50", "max_length=3")
    seasoned.consent(2)
    failed = seasoned.aerich("upgrade")
    assert failed.returncode == 1
    assert "value too long" in failed.stderr
    assert await seasoned.names("SELECT name FROM levels_members") == ["anna", "bo"]


ROUNDED = {
    "a float": ("FloatField(null=True", "IntField(null=True", "1.5", "2"),
    "a decimal": ("DecimalField(max_digits=9, decimal_places=2, null=True", "DecimalField(max_digits=9, decimal_places=1, null=True", "1.25", "1.5"),
    "a moment": ("DatetimeField(null=True", "DateField(null=True", "2026-01-02T10:00:00Z", "2026-01-02"),
}  # fmt: skip


@pytest.mark.parametrize(("old", "new", "value", "fits"), ROUNDED.values(), ids=ROUNDED)
async def test_narrowing_with_consent_fails_on_a_value_that_would_be_rounded(migrated, old, new, value, fits):
    migrated.change("guild", "\n    class Meta", f"\n    amount = fields.{old})\n\n    class Meta")
    assert migrated.aerich("upgrade").returncode == 0
    await migrated.fetch(f"INSERT INTO guild_guilds (guild_id, amount) VALUES (1, '{value}'), (2, NULL)")
    migrated.change("guild", old, new)
    migrated.consent(2)
    failed = migrated.aerich("upgrade")
    assert failed.returncode == 1
    assert "values of guild_guilds.amount would be rounded" in failed.stderr
    assert "Traceback" not in failed.stderr
    await migrated.fetch(f"UPDATE guild_guilds SET amount = '{fits}' WHERE guild_id = 1")
    done = migrated.aerich("upgrade")
    assert done.returncode == 0, done.stderr
    assert migrated.aerich("downgrade", "--yes", TUX_ALLOW_DESTRUCTIVE="1").returncode == 0


@pytest.mark.parametrize(
    "body",
    [
        'await db.execute_script("DROP TABLE levels_members")\\n    return "SELECT 1"',
        "return \"DO $$ BEGIN EXECUTE 'DROP TABLE levels_members'; END $$\"",
        'return "TRUNCATE levels_members"',
        'return "DELETE FROM levels_members"',
        'return "DROP SCHEMA public CASCADE"',
    ],
)
async def test_data_cannot_be_destroyed_by_another_way_either(seasoned, body):
    assert seasoned.aerich("migrate", "--empty", "--offline").returncode == 0
    path = seasoned.root / "migrations" / "models" / seasoned.files[2]
    text = path.read_text()
    head, _, tail = text.partition("async def upgrade(db: BaseDBAsyncClient) -> str:\n    ")
    _, _, rest = tail.partition("\n\n\nasync def downgrade")
    body = body.replace("\\n", "\n")
    path.write_text(
        f"{head}async def upgrade(db: BaseDBAsyncClient) -> str:\n    {body}\n\n\nasync def downgrade{rest}"
    )
    refused = seasoned.aerich("upgrade")
    assert refused.returncode == 1
    assert "it destroys data" in refused.stderr
    assert len(await seasoned.fetch("SELECT * FROM levels_members")) == 2


async def test_consent_counts_in_the_upgrade_only(seasoned):
    seasoned.change("levels", "max_length=50", "max_length=4")
    path = seasoned.root / "migrations" / "models" / seasoned.files[2]
    up, down, rest = path.read_text().partition("async def downgrade")
    path.write_text(
        "# -- tux: allow-destructive\n" + up + down + rest.replace('"""', '"""\n        -- tux: allow-destructive', 1)
    )
    refused = seasoned.aerich("upgrade")
    assert refused.returncode == 1
    assert "narrows levels_members.name to VARCHAR(4)" in refused.stderr


async def test_a_downgrade_that_destroys_needs_the_variable(seasoned):
    refused = seasoned.aerich("downgrade", "--yes")
    assert refused.returncode == 1
    assert "drops the table levels_seasons (1 rows)" in refused.stderr
    assert "TUX_ALLOW_DESTRUCTIVE=1" in refused.stderr
    assert seasoned.aerich("downgrade", "--yes", TUX_ALLOW_DESTRUCTIVE="1").returncode == 0
    assert "levels_seasons" not in await seasoned.tables()
    assert len(await seasoned.fetch("SELECT * FROM levels_members")) == 2


async def test_a_downgrade_that_rows_do_not_fit_says_where_to_change_them(seasoned):
    seasoned.change("levels", "max_length=9)", "max_length=9, unique=True)")
    seasoned.change("levels", "max_length=9, unique=True)", "max_length=9)")
    assert seasoned.aerich("upgrade").returncode == 0
    await seasoned.fetch("INSERT INTO levels_seasons (title) VALUES ('spring')")
    failed = seasoned.aerich("downgrade", "--yes")
    assert failed.returncode == 1
    assert f"{seasoned.files[3]} was not reverted: could not create unique index" in failed.stderr
    assert "change them first, in the SQL of downgrade() above that statement" in failed.stderr
    assert "upgrade()" not in failed.stderr


async def test_widening_and_generated_columns_need_no_consent(seasoned):
    seasoned.change("levels", "max_length=50", "max_length=60")
    done = seasoned.aerich("upgrade")
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("xp: int", "rank: int = fields.IntField()\n    xp: int", "levels_members.rank cannot be added: it may not be NULL and has no value"),
        ("xp: int", "code: int = fields.IntField(default=1, unique=True)\n    xp: int", "would be the same in all rows"),
        ("xp: int", 'season = fields.ForeignKeyField("models.Guild", related_name="seasons")\n    xp: int', "levels_members.season_id cannot be added"),
        ("xp: int = fields.IntField(default=0)", "xp = fields.DatetimeField(null=True)", "levels_members.xp cannot become TIMESTAMPTZ"),
        ("id: int = fields.BigIntField(primary_key=True)", "number: int = fields.BigIntField(primary_key=True, generated=False)", "the primary key of levels_members would become another"),
    ],
    ids=["required", "unique", "reference", "impossible", "key"],
)  # fmt: skip
async def test_what_would_fail_on_rows_is_refused_with_the_remedy_and_writes_no_file(project, old, new, says):
    project.edit(
        "levels",
        'ddl = (Check("xp >= 0", name="levels_members_xp"), Index("guild_id", "-xp", name="levels_members_top"))',
        "ddl = ()",
    )
    project.edit("levels", old, new)
    refused = project.aerich("migrate", "--offline", "--no-input")
    assert refused.returncode == 1
    assert says in refused.stderr
    assert "data step" in refused.stderr
    assert "Traceback" not in refused.stderr
    assert len(project.files) == 1


async def test_a_rename_with_another_type_can_be_said_beforehand_and_keeps_the_rows(seasoned):
    seasoned.edit("levels", "xp: int = fields.IntField(default=0)", "points: int = fields.BigIntField(default=0)")
    seasoned.edit("levels", "xp >= 0", "points >= 0")
    seasoned.edit("levels", '"-xp"', '"-points"')
    done = seasoned.tux("db", "revision", "--rename", "levels_members.xp=points")
    assert done.returncode == 0, done.stderr
    upgraded = seasoned.aerich("upgrade")
    assert upgraded.returncode == 0, upgraded.stderr
    assert await seasoned.names("SELECT points FROM levels_members") == [5, 6]


async def test_a_rename_of_what_is_not_there_is_refused(project):
    refused = project.aerich("migrate", "--offline", TUX_RENAME="levels_members.nothing=points")
    assert refused.returncode == 1
    assert "TUX_RENAME says levels_members.nothing=points, but there is no such change" in refused.stderr
