"""Tables that refer to each other in a circle, and keys whose type changes below what refers to them."""

from __future__ import annotations

import pytest

from tests.migrations.conftest import clone, make_database
from tux.database.schema import FILES

TEAM = """
class Team(Model):
    id: int = fields.BigIntField(primary_key=True)
    name: str = fields.CharField(max_length=9)
    leader = fields.ForeignKeyField("models.Player", null=True, related_name="leads", on_delete=fields.SET_NULL)

    class Meta(Model.Meta):
        table = "sport_teams"
"""
PLAYER = """
class Player(Model):
    id: int = fields.BigIntField(primary_key=True)
    team = fields.ForeignKeyField("models.Team", related_name="players")

    class Meta(Model.Meta):
        table = "sport_players"
"""
LEADER = (
    '    leader = fields.ForeignKeyField("models.Player", null=True, related_name="leads", on_delete=fields.SET_NULL)\n'
)
CODE = """
class Room(Model):
    code: {python} = fields.{field}(primary_key=True{more})
    tags = fields.ManyToManyField("models.Tag", related_name="rooms", through="house_room_tags")

    class Meta(Model.Meta):
        table = "house_rooms"


class Tag(Model):
    id: int = fields.BigIntField(primary_key=True)

    class Meta(Model.Meta):
        table = "house_tags"


class Door(Model):
    id: int = fields.BigIntField(primary_key=True)
    room = fields.ForeignKeyField("models.Room", related_name="doors")
    beyond = fields.ForeignKeyField("models.Room", null=True, related_name="entries", db_index=True)

    class Meta(Model.Meta):
        table = "house_doors"
"""
NUMBER = CODE.format(python="int", field="IntField", more=", generated=False")
WORD = CODE.format(python="str", field="CharField", more=", max_length=20")


def start_over(project):
    for path in (project.root / FILES).glob("*.py"):
        path.unlink()
    done = project.aerich("init-migrations")
    assert done.returncode == 0, done.stderr


async def fresh_catalog(project, server, folder):
    """Return what the first migration of the same models makes."""
    fresh = clone(project.root, folder / "fresh", await make_database(server, "template0"))
    start_over(fresh)
    done = fresh.aerich("upgrade")
    assert done.returncode == 0, done.stderr
    return await fresh.catalog()


async def apply(project, *words):
    done = project.aerich(*words, TUX_ALLOW_DESTRUCTIVE="1")
    assert done.returncode == 0, done.stderr
    assert "Traceback" not in done.stderr
    return await project.catalog()


@pytest.mark.parametrize("at_once", [True, False], ids=["made at once", "closed later"])
async def test_a_circle_of_foreign_keys_is_made_and_taken_back(migrated, server, tmp_path, at_once):
    before = await migrated.catalog()
    if not at_once:
        migrated.plugin("sport", TEAM.replace(LEADER, "") + PLAYER)
        assert migrated.aerich("migrate", "--offline").returncode == 0
    migrated.plugin("sport", TEAM + PLAYER)
    assert migrated.aerich("migrate", "--offline").returncode == 0
    made = await apply(migrated, "upgrade")
    await migrated.fetch("INSERT INTO sport_teams (id, name) VALUES (1, 'reds')")
    await migrated.fetch("INSERT INTO sport_players (id, team_id) VALUES (2, 1)")
    await migrated.fetch("UPDATE sport_teams SET leader_id = 2")
    assert migrated.aerich("migrate", "--offline").stdout.strip() == "No changes detected"
    assert migrated.tux("db", "check", "--database").returncode == 0
    assert await apply(migrated, "downgrade", "--version", "1", "--yes") == before
    assert await apply(migrated, "upgrade") == made
    assert await fresh_catalog(migrated, server, tmp_path) == made


async def test_a_first_migration_holds_a_circle_and_goes_back(project):
    project.plugin("sport", TEAM + PLAYER)
    start_over(project)
    made = await apply(project, "upgrade")
    assert {"sport_teams_leader_id_fkey", "sport_players_team_id_fkey"} <= {
        name for table in ("sport_teams", "sport_players") for name in await project.constraints(table)
    }
    await apply(project, "downgrade", "--yes")
    assert await project.tables() == ["aerich"]
    assert await apply(project, "upgrade") == made


async def test_a_circle_that_is_dropped_comes_back_with_the_downgrade(project):
    project.plugin("sport", TEAM + PLAYER)
    start_over(project)
    made = await apply(project, "upgrade")
    project.plugin("sport", "")
    assert project.aerich("migrate", "--offline").returncode == 0
    project.consent(1)
    await apply(project, "upgrade")
    assert not any(name.startswith("sport_") for name in await project.tables())
    assert await apply(project, "downgrade", "--yes") == made


@pytest.mark.parametrize("renamed", [False, True], ids=["alone", "and a key is renamed"])
async def test_a_primary_key_changes_its_type_with_all_that_refers_to_it(migrated, server, tmp_path, renamed):
    migrated.plugin("house", NUMBER)
    assert migrated.aerich("migrate", "--offline").returncode == 0
    before = await apply(migrated, "upgrade")
    for sql in (
        "INSERT INTO house_rooms VALUES (7), (8)",
        "INSERT INTO house_tags VALUES (1)",
        "INSERT INTO house_doors (room_id, beyond_id) VALUES (7, 8), (8, NULL)",
        "INSERT INTO house_room_tags VALUES (7, 1)",
    ):
        await migrated.fetch(sql)
    migrated.plugin("house", WORD.replace("beyond", "behind") if renamed else WORD)
    rename = {"TUX_RENAME": "house_doors.beyond_id=behind_id"} if renamed else {}
    written = migrated.aerich("migrate", "--offline", "--no-input", **rename)
    assert written.returncode == 0, written.stderr
    migrated.consent(2)
    after = await apply(migrated, "upgrade")
    column = "behind_id" if renamed else "beyond_id"
    doors = f"SELECT room_id, {column} FROM house_doors ORDER BY id"
    assert [tuple(row) for row in await migrated.fetch(doors)] == [("7", "8"), ("8", None)]
    assert [tuple(row) for row in await migrated.fetch("SELECT * FROM house_room_tags")] == [("7", 1)]
    assert await apply(migrated, "downgrade", "--yes") == before
    rows = await migrated.fetch("SELECT room_id, beyond_id FROM house_doors ORDER BY id")
    assert [tuple(row) for row in rows] == [(7, 8), (8, None)]
    assert await apply(migrated, "upgrade") == after
    assert await fresh_catalog(migrated, server, tmp_path) == after


async def test_two_relations_may_share_a_table(project):
    both = """
class Left(Model):
    id: int = fields.BigIntField(primary_key=True)
    rights = fields.ManyToManyField("models.Right", related_name="of", through="sport_pairs", backward_key="l", forward_key="r")

    class Meta(Model.Meta):
        table = "sport_lefts"


class Right(Model):
    id: int = fields.BigIntField(primary_key=True)
    lefts = fields.ManyToManyField("models.Left", related_name="of", through="sport_pairs", backward_key="r", forward_key="l")

    class Meta(Model.Meta):
        table = "sport_rights"
"""
    project.plugin("sport", both)
    start_over(project)
    await apply(project, "upgrade")
    assert {"sport_lefts", "sport_pairs", "sport_rights"} <= set(await project.tables())
    assert project.aerich("migrate", "--offline").stdout.strip() == "No changes detected"
