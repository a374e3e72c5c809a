"""Two branches of migrations: upstream ships N+1, and the deployment has an N+1 of its own."""

from __future__ import annotations

import shutil

import pytest

from tests.migrations.conftest import clone
from tux.database.schema import FILES


@pytest.fixture
def upstream(written, tmp_path, url):
    return clone(written, tmp_path / "upstream", url)


def pull(project, upstream):
    """Take over upstream's files and models, as `git pull` does."""
    for name in upstream.files:
        shutil.copy(upstream.root / FILES / name, project.root / FILES / name)
    shutil.copy(upstream.root / "plugins" / "guild" / "models.py", project.root / "plugins" / "guild" / "models.py")


def ship(upstream, name, line):
    upstream.change("guild", "\n    class Meta", f"\n    {line}\n\n    class Meta", name)


async def test_upstream_and_the_deployment_both_ship_a_next_file_and_merge_joins_them(migrated, upstream):
    migrated.change("levels", "xp: int", "rank: int = fields.IntField(null=True)\n    xp: int", "own")
    assert migrated.aerich("upgrade").returncode == 0
    await migrated.fetch("INSERT INTO guild_guilds (guild_id) VALUES (1)")
    ship(upstream, "theirs", "label = fields.CharField(max_length=9, null=True)")
    pull(migrated, upstream)
    for command in (["migrate", "--offline"], ["upgrade"]):
        refused = migrated.aerich(*command)
        assert refused.returncode == 1
        assert "run `tux db merge`" in refused.stderr
    assert migrated.tux("db", "check").returncode == 1
    merged = migrated.tux("db", "merge")
    assert merged.returncode == 0, merged.stderr
    assert migrated.files[3].endswith("_merge.py")
    assert migrated.tux("db", "check").returncode == 0
    assert migrated.aerich("migrate", "--offline").stdout.strip() == "No changes detected"
    done = migrated.aerich("upgrade")
    assert done.returncode == 0, done.stderr
    assert [tuple(row) for row in await migrated.fetch("SELECT guild_id, label FROM guild_guilds")] == [(1, None)]
    assert migrated.tux("db", "merge").stdout.strip() == "there is nothing to join"


async def test_a_fresh_database_takes_both_branches_and_goes_back(migrated, upstream, url):
    migrated.change("levels", "xp: int", "rank: int = fields.IntField(null=True)\n    xp: int", "own")
    ship(upstream, "theirs", "label = fields.CharField(max_length=9, null=True)")
    ship(upstream, "more", "colour = fields.IntField(null=True)")
    declared = 'ddl = (Check("guild_id > 0", name="guild_guilds_positive"),)\n\n    class Meta(Model.Meta):\n'
    upstream.change("guild", "class Meta(Model.Meta):\n", declared, "declared")
    pull(migrated, upstream)
    assert migrated.tux("db", "merge").returncode == 0
    assert migrated.aerich("migrate", "--offline").stdout.strip() == "No changes detected"
    ship(upstream, "later", "shade = fields.IntField(null=True)")
    pull(migrated, upstream)
    again = migrated.tux("db", "merge")
    assert again.returncode == 0, again.stderr
    migrated.url = url
    for command, applied in (
        (["upgrade"], migrated.files),
        (["downgrade", "--version", "1", "--yes"], migrated.files[:1]),
        (["upgrade"], migrated.files),
    ):
        done = migrated.aerich(*command, TUX_ALLOW_DESTRUCTIVE="1")
        assert done.returncode == 0, done.stderr
        assert await migrated.names("SELECT version FROM aerich") == applied
    assert "guild_guilds_positive" in await migrated.constraints("guild_guilds")
    assert migrated.aerich("migrate", "--offline").stdout.strip() == "No changes detected"
    columns = (
        "SELECT attname FROM pg_attribute WHERE attrelid = 'guild_guilds'::regclass AND attnum > 0 AND NOT attisdropped"
    )
    assert await migrated.names(columns) == ["colour", "guild_id", "label", "shade"]


@pytest.mark.parametrize(
    ("own", "theirs", "says"),
    [
        ("label = fields.CharField(max_length=9, null=True)", "label = fields.CharField(max_length=9, null=True)", "guild_guilds.label"),
        ("label = fields.CharField(max_length=9, null=True)", "label = fields.CharField(max_length=12, null=True)", "guild_guilds.label"),
        ("label = fields.CharField(max_length=9, null=True)", "label = fields.TextField(null=True)", "guild_guilds.label"),
    ],
)  # fmt: skip
async def test_branches_that_contradict_each_other_are_refused_by_name(project, upstream, own, theirs, says):
    ship(project, "own", own)
    ship(upstream, "theirs", theirs)
    for name in upstream.files:
        shutil.copy(upstream.root / FILES / name, project.root / FILES / name)
    before = project.files
    refused = project.tux("db", "merge")
    assert refused.returncode == 1
    assert says in refused.stderr
    assert "both change" in refused.stderr
    assert project.files == before


PRIZE = """class Prize(Model):
    id: int = fields.BigIntField(primary_key=True)
    guild = guild_key(related_name="prizes")

    class Meta(Model.Meta):
        table = "levels_prizes"


"""
KEY = "guild_id: int = fields.BigIntField(primary_key=True, generated=False)"
TABLE = 'table = "levels_members"'
NAME = '    name: str = fields.CharField(max_length=50, default="")\n'
# what is edited here (plugin, old, new), there, and the place where they meet
LOST_GROUND = {
    "column renamed twice": (
        [("levels", "name: str", "label: str")],
        [("levels", "name: str", "title: str")],
        "levels_members.name",
    ),
    "column dropped twice": ([("levels", NAME, "")], [("levels", NAME, "")], "levels_members.name"),
    "column renamed, and checked": (
        [("levels", "name: str", "label: str")],
        [("levels", "ddl = (", """ddl = (Check("name <> 'x'"), """)],
        "levels_members.name",
    ),
    "column renamed, and indexed": (
        [("levels", "name: str", "label: str")],
        [("levels", TABLE, f'{TABLE}\n        indexes = (("xp", "name"),)')],
        "levels_members.name",
    ),
    "column dropped, and made unique": (
        [("levels", NAME, "")],
        [("levels", TABLE, f'{TABLE}\n        unique_together = (("xp", "name"),)')],
        "levels_members.name",
    ),
    "key retyped, and referred to": (
        [("guild", KEY, "guild_id = fields.CharField(max_length=20, primary_key=True)")],
        [("levels", "class Member", f"{PRIZE}class Member")],
        "guild_guilds.guild_id",
    ),
    "table renamed, and referred to": (
        [("guild", "guild_guilds", "guild_servers")],
        [("levels", "class Member", f"{PRIZE}class Member")],
        "guild_guilds",
    ),
}


@pytest.mark.parametrize("case", LOST_GROUND.values(), ids=LOST_GROUND)
@pytest.mark.parametrize("name", ["own", "zz"], ids=["the first one takes away", "the second one does"])
async def test_a_branch_that_builds_on_what_the_other_one_takes_away_is_refused(project, upstream, case, name):
    own, theirs, place = case
    for here, edits, message in ((project, own, name), (upstream, theirs, "theirs")):
        for plugin, old, new in edits:
            here.edit(plugin, old, new)
        done = here.aerich("migrate", "--offline", "--no-input", "--name", message)
        assert done.returncode == 0, done.stderr
    for file in upstream.files:
        shutil.copy(upstream.root / FILES / file, project.root / FILES / file)
    before = project.files
    refused = project.tux("db", "merge")
    assert refused.returncode == 1
    assert f"both change {place}, so they cannot be joined" in refused.stderr
    assert project.files == before


async def test_a_default_that_is_another_each_day_is_no_contradiction(project, upstream):
    dated = "import os\n\nfrom tortoise import fields\n"
    for here, day in ((project, "monday"), (upstream, "tuesday")):
        here.edit("guild", "from tortoise import fields\n", dated)
        here.edit(
            "guild",
            "\n    class Meta",
            '\n    day = fields.TextField(default=lambda: os.environ["DAY"])\n\n    class Meta',
        )
        if here is project:
            assert here.aerich("migrate", "--offline", DAY="sunday").returncode == 0
            shutil.copy(here.root / FILES / here.files[1], upstream.root / FILES / here.files[1])
        here.edit("guild", "\n    class Meta", f"\n    {day} = fields.IntField(null=True)\n\n    class Meta")
        done = here.aerich("migrate", "--offline", "--name", day, DAY=day)
        assert done.returncode == 0, done.stderr
    pull(project, upstream)
    merged = project.tux("db", "merge")
    assert merged.returncode == 0, merged.stderr


async def test_a_database_that_others_migrated_in_another_direction_is_left_alone_by_every_upgrade(migrated, upstream):
    migrated.change("levels", "xp: int", "rank: int = fields.IntField(null=True)\n    xp: int", "own")
    assert migrated.aerich("upgrade").returncode == 0
    before = await migrated.catalog()
    ship(upstream, "theirs", "label = fields.CharField(max_length=9, null=True)")
    upstream.url = migrated.url
    for refused in (upstream.aerich("upgrade"), upstream.tux("db", "upgrade")):
        assert refused.returncode == 1
        assert (
            f"the database has migrations that this project lacks, and lacks some of its: {migrated.files[1]};"
            in refused.stderr
        )
    assert await migrated.catalog() == before
    assert len(await migrated.fetch("SELECT * FROM aerich")) == 2


async def test_a_file_whose_predecessor_is_gone_is_named(project):
    project.change("levels", "xp: int", "rank: int = fields.IntField(null=True)\n    xp: int")
    (project.root / FILES / project.files[0]).unlink()
    refused = project.aerich("upgrade")
    assert refused.returncode == 1
    assert "which is not in migrations/models" in refused.stderr
