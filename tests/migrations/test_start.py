"""What the program does when it starts: behind, ahead, diverged, edited, with data steps due."""

from __future__ import annotations

import pytest

from tests.migrations.test_steps import STEPS, write

OPEN = """
import asyncio, sys, tux
from tux.errors import TuxError

async def main():
    async with tux.open_database() as db:
        print({name: str(record.state) for name, record in db.registry.records.items()})

try:
    asyncio.run(main())
except TuxError as error:
    sys.exit(f"refused: {error}")
"""
BLOCKING = OPEN.replace(
    "tux.open_database()", "tux.runtime.open_runtime(tux.settings.load_settings(), refuse_old_schema=False)"
).replace("import asyncio, sys, tux", "import asyncio, sys, tux, tux.runtime, tux.settings")
RANK = ("xp: int", "rank: int = fields.IntField(null=True)\n    xp: int")


def start(project, program=OPEN, **environment):
    path = project.root / "start.py"
    path.write_text(program)
    return project.script(path, **environment)


async def test_behind_is_refused_by_a_script_and_blocks_the_plugin_in_a_bot(migrated):
    migrated.change("levels", *RANK)
    refused = start(migrated)
    assert refused.returncode == 1
    assert f"refused: the schema is behind by {migrated.files[1]}; run `tux db upgrade`" in refused.stderr
    blocked = start(migrated, BLOCKING)
    assert blocked.returncode == 0, blocked.stderr
    assert "'levels': 'blocked'" in blocked.stdout
    assert "'guild': 'ready'" in blocked.stdout
    assert "levels_members.rank is missing" in blocked.stderr


async def test_behind_is_upgraded_when_the_settings_say_so_with_its_data_steps(migrated):
    migrated.change("levels", *RANK)
    write(migrated, STEPS)
    done = start(migrated, TUX_DATABASE__AUTO_UPGRADE="true")
    assert done.returncode == 0, done.stderr
    assert f"Applied migration {migrated.files[1]}" in done.stderr
    assert len(await migrated.fetch("SELECT * FROM core_steps WHERE finished_at IS NOT NULL")) == 2
    again = start(migrated, TUX_DATABASE__AUTO_UPGRADE="true")
    assert "Applied" not in again.stderr


async def test_due_steps_and_edited_files_are_warned_of(migrated):
    migrated.change("levels", *RANK)
    assert migrated.aerich("upgrade").returncode == 0
    write(migrated, STEPS)
    path = migrated.root / "migrations" / "models" / migrated.files[0]
    path.write_text(path.read_text() + "# edited\n")
    done = start(migrated)
    assert done.returncode == 0, done.stderr
    assert "The data steps levels.fill_rank, levels.second did not run here yet" in done.stderr
    assert f"The migration {migrated.files[0]} was edited after it was applied here" in done.stderr


@pytest.mark.parametrize(
    ("pending", "says"), [(False, "has newer migrations than this project: 9_9_other.py"), (True, "refused: ")]
)
async def test_ahead_is_warned_of_and_diverged_is_refused_by_name(migrated, pending, says):
    await migrated.fetch("INSERT INTO aerich (version, app, content) VALUES ('9_9_other.py', 'models', '{}')")
    if pending:
        migrated.change("levels", *RANK)
    for each in (migrated.aerich("upgrade"), migrated.tux("db", "upgrade")):
        assert each.returncode == int(pending), each.stderr
        assert "9_9_other.py" in each.stderr
    done = start(migrated, TUX_DATABASE__AUTO_UPGRADE="true")
    assert done.returncode == int(pending), done.stderr
    assert says in done.stderr
    assert "9_9_other.py" in done.stderr


async def test_broken_steps_stop_their_plugin_only(migrated):
    write(migrated, "import nothing_here")
    done = start(migrated)
    assert done.returncode == 0, done.stderr
    assert "'levels': 'failed'" in done.stdout
    assert "'guild': 'ready'" in done.stdout
