"""The bare commands of aerich on a clean clone."""

from __future__ import annotations

import ast
import sys
from pathlib import Path

import pytest
from support import run_in


async def test_upgrade_heads_and_migrate_agree_that_nothing_is_left(project):
    heads = project.aerich("heads")
    assert heads.stdout.split() == project.files
    assert project.aerich("upgrade").returncode == 0
    assert project.aerich("heads").stdout.strip() == "No available heads."
    assert project.aerich("history").stdout.split() == project.files
    assert project.aerich("upgrade").stdout.strip() == "No upgrade items found"
    assert project.aerich("migrate", "--offline").stdout.strip() == "No changes detected"
    assert project.aerich("migrate").stdout.strip() == "No changes detected"
    assert len(project.files) == 1


async def test_downgrade_of_the_first_migration_drops_every_table_and_upgrade_brings_them_back(migrated):
    before = await migrated.tables()
    down = migrated.aerich("downgrade", "--yes", TUX_ALLOW_DESTRUCTIVE="1")
    assert (down.returncode, await migrated.tables()) == (0, ["aerich"]), down.stderr
    up = migrated.aerich("upgrade")
    assert (up.returncode, await migrated.tables()) == (0, before), up.stderr


async def test_a_downgrade_to_a_number_takes_that_one_back_too_and_deletes_files_when_asked(migrated):
    for number in range(3):
        migrated.change("levels", "xp: int", f"c{number}: int = fields.IntField(null=True)\n    xp: int")
    assert migrated.aerich("upgrade").returncode == 0
    files = migrated.files
    done = migrated.aerich("downgrade", "--version", "2", "--yes", "--delete", TUX_ALLOW_DESTRUCTIVE="1")
    assert done.returncode == 0, done.stderr
    assert migrated.files == files[:2] == await migrated.names("SELECT version FROM aerich")
    columns = {line.split()[1] for line in (await migrated.catalog())["levels_members"] if line.startswith("column ")}
    assert {name for name in columns if ".c" in name} == {"levels_members.c0"}


async def test_downgrade_with_nothing_applied_fails_with_a_message(migrated):
    await migrated.fetch("DELETE FROM aerich")
    refused = migrated.aerich("downgrade", "--yes", TUX_ALLOW_DESTRUCTIVE="1")
    assert refused.returncode == 1
    assert refused.stderr.strip() == "Error: No specified version found"


async def test_init_db_on_a_clone_applies_the_migrations_and_refuses_a_second_time(project):
    done = project.aerich("init-db")
    assert done.returncode == 0, done.stderr
    own = [table for table in await project.tables() if not table.startswith("core_")]
    assert own == ["aerich", "guild_guilds", "levels_members"]
    again = project.aerich("init-db")
    assert again.returncode == 1
    assert "aerich upgrade" in again.stderr
    assert "Traceback" not in again.stderr


async def test_init_db_of_a_project_without_migrations_writes_what_it_makes(project):
    written = project.text(0)
    for path in (project.root / "migrations" / "models").iterdir():
        path.unlink()
    done = project.aerich("init-db", PYTHONHASHSEED="1")
    assert done.returncode == 0, done.stderr
    assert project.text(0) == written
    assert {"levels_members_xp"} <= set(await project.constraints("levels_members"))
    assert "uid_aerich_app_version" in await project.indexes("aerich")
    assert project.aerich("heads").stdout.strip() == "No available heads."


async def test_the_same_version_cannot_be_recorded_twice(migrated):
    with pytest.raises(Exception, match="uid_aerich_app_version"):
        await migrated.fetch("INSERT INTO aerich (version, app, content) SELECT version, app, content FROM aerich")


async def test_offline_commands_start_no_server(project):
    project.url = None
    assert project.aerich("migrate", "--offline").stdout.strip() == "No changes detected"
    project.edit("levels", "xp: int", "rank: int = fields.IntField(null=True)\n    xp: int")
    done = project.aerich("migrate", "--offline", DATABASE_URL="postgresql://nobody@127.0.0.1:1/none")
    assert done.returncode == 0, done.stderr
    assert len(project.files) == 2
    assert not (project.root / ".tux").exists()


async def test_without_a_url_upgrade_uses_the_local_server(project):
    project.url = None
    done = project.aerich("upgrade")
    assert done.returncode == 0, done.stderr
    assert (project.root / ".tux").is_dir()
    assert project.aerich("heads").stdout.strip() == "No available heads."


async def test_a_dead_database_is_one_message(project):
    project.url = "postgresql://tux:hidden-word@127.0.0.1:1/none"
    done = project.aerich("upgrade")
    assert done.returncode == 1
    assert "127.0.0.1" in done.stderr
    assert "Traceback" not in done.stderr
    assert "hidden-word" not in done.stderr


async def test_a_wrong_setting_is_one_message(project):
    (project.root / "config" / "tux.toml").write_text("[database]\npool_size = 3\n")
    done = project.aerich("upgrade")
    assert done.returncode == 1
    assert "database.pool_size: unknown setting" in done.stderr
    assert "Traceback" not in done.stderr


async def test_a_file_that_fails_is_named_and_leaves_nothing(migrated):
    await migrated.fetch("INSERT INTO guild_guilds (guild_id) VALUES (1)")
    await migrated.fetch("INSERT INTO levels_members (guild_id, xp, name) VALUES (1, 5, '')")
    migrated.edit("levels", 'Check("xp >= 0", name="levels_members_xp")', 'Check("xp >= 10", name="levels_members_xp")')
    assert migrated.aerich("migrate", "--offline").returncode == 0
    done = migrated.aerich("upgrade")
    assert done.returncode == 1
    assert migrated.files[1] in done.stderr
    assert "levels_members_xp" in done.stderr
    assert "Traceback" not in done.stderr
    assert "levels_members_xp" in await migrated.constraints("levels_members")
    assert migrated.aerich("heads").stdout.split() == [migrated.files[1]]


async def test_the_sql_does_not_depend_on_the_hash_seed(project):
    change = "".join(f"    c{n}: int = fields.IntField(null=True)\n" for n in range(8))
    project.edit("levels", "    xp: int", f"{change}    xp: int")
    texts = set()
    for seed in ("1", "2"):
        # a fork of this process would have its seed
        done = run_in(
            project.root, Path(sys.executable).with_name("aerich"), "migrate", "--offline", PYTHONHASHSEED=seed
        )
        assert done.returncode == 0, done.stderr
        texts.add(project.text(1))
        (project.root / "migrations" / "models" / project.files[1]).unlink()
    assert len(texts) == 1


async def test_an_empty_migration_keeps_the_last_state_and_can_be_applied(migrated):
    migrated.edit("levels", "xp: int", "rank: int = fields.IntField(null=True)\n    xp: int")
    assert migrated.aerich("migrate", "--empty", "--offline", "--name", "data").returncode == 0
    done = migrated.aerich("upgrade")
    assert done.returncode == 0, done.stderr
    assert migrated.aerich("migrate", "--offline").returncode == 0
    assert 'ADD COLUMN "rank" INT' in migrated.upgrade_sql(2)


async def test_online_migrate_refuses_while_files_are_pending_instead_of_deleting_them(migrated):
    migrated.edit("levels", "xp: int", "rank: int = fields.IntField(null=True)\n    xp: int")
    assert migrated.aerich("migrate", "--offline").returncode == 0
    migrated.edit("levels", "xp: int", "wins: int = fields.IntField(null=True)\n    xp: int")
    refused = migrated.aerich("migrate", "--no-input")
    assert refused.returncode == 1
    assert migrated.files[1] in refused.stderr
    assert len(migrated.files) == 2


async def test_added_columns_take_their_defaults_for_the_rows_that_are_there(migrated):
    await migrated.fetch("INSERT INTO guild_guilds (guild_id) VALUES (1)")
    columns = """
    flags: list = fields.JSONField(default=list)
    options: dict = fields.JSONField(default=dict)
    wins: int = fields.IntField(default=1, db_default=7)
    seen_at = fields.DatetimeField(auto_now=True)
    made_at = fields.DatetimeField(auto_now_add=True)
"""
    migrated.edit("guild", "\n    class Meta", f"{columns}\n    class Meta")
    assert migrated.aerich("migrate", "--offline").returncode == 0
    done = migrated.aerich("upgrade")
    assert done.returncode == 0, done.stderr
    row = (await migrated.fetch("SELECT * FROM guild_guilds"))[0]
    assert (row["flags"], row["options"], row["wins"]) == ("[]", "{}", 7)
    assert row["seen_at"] is not None
    assert row["made_at"] is not None


async def test_a_default_that_tortoise_would_write_as_broken_sql_is_refused_with_the_way_to_write_it(project):
    project.edit("levels", 'default=""', '''db_default="it's"''')
    refused = project.aerich("migrate", "--offline")
    assert refused.returncode == 1
    assert "levels_members.name has a quote in its db_default" in refused.stderr
    assert """db_default=SqlDefault("'it''s'")""" in refused.stderr


async def test_a_database_default_that_is_no_finite_number_is_refused_with_the_way_to_write_it(project):
    project.edit("levels", "xp: int", 'bound: float = fields.FloatField(db_default=float("-inf"))\n    xp: int')
    refused = project.aerich("migrate", "--offline")
    assert refused.returncode == 1
    assert "levels_members.bound has -inf as its db_default" in refused.stderr
    assert """db_default=SqlDefault("'-inf'")""" in refused.stderr


async def test_a_foreign_key_that_came_with_its_table_is_dropped_by_its_real_name(migrated):
    assert "levels_members_guild_id_fkey" in await migrated.constraints("levels_members")
    migrated.edit("levels", 'guild = guild_key(related_name="members")', "guild_id: int = fields.BigIntField()")
    assert migrated.aerich("migrate", "--offline").returncode == 0
    done = migrated.aerich("upgrade")
    assert done.returncode == 0, done.stderr
    assert "levels_members_guild_id_fkey" not in await migrated.constraints("levels_members")


async def test_every_migration_file_is_python_that_ends_with_its_declarations(project):
    tree = ast.parse(project.text(0))
    assert isinstance(tree.body[-1], ast.Assign)
    assert ast.unparse(tree.body[-1].targets[0]) == "DDL_STATE"


IMPORTS = "from decimal import Decimal\nfrom tortoise.fields.db_defaults import SqlDefault\n"
NOT_FINITE = """
    high: float = fields.FloatField(default=float("inf"))
    low: float = fields.FloatField(db_default=SqlDefault("'-inf'"))
    none: float = fields.FloatField(default=float("nan"))
    made: float = fields.FloatField(default=lambda: float("nan"))
    price = fields.DecimalField(max_digits=9, decimal_places=2, default=Decimal("NaN"))
"""


async def test_a_default_that_is_no_finite_number_is_kept_and_read_again(migrated):
    await migrated.fetch("INSERT INTO guild_guilds (guild_id) VALUES (1)")
    migrated.edit("guild", "from tortoise import fields", f"{IMPORTS}from tortoise import fields")
    migrated.edit("guild", "\n    class Meta", f"{NOT_FINITE}\n    class Meta")
    written = migrated.aerich("migrate", "--offline")
    assert written.returncode == 0, written.stderr
    done = migrated.aerich("upgrade")
    assert done.returncode == 0, done.stderr
    row = (await migrated.fetch("SELECT high, low, none, made, price FROM guild_guilds"))[0]
    assert [str(value) for value in row] == ["inf", "-inf", "nan", "nan", "NaN"]
    assert migrated.aerich("migrate", "--offline").stdout.strip() == "No changes detected"
    assert migrated.aerich("history").stdout.split() == migrated.files
    assert migrated.tux("db", "check", "--database").returncode == 0
    down = migrated.aerich("downgrade", "--yes", TUX_ALLOW_DESTRUCTIVE="1")
    assert down.returncode == 0, down.stderr
