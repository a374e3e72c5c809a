"""Data steps: once, in order, in batches, resumable."""

from __future__ import annotations

import pytest

from tux.database.schema import FILES

STEPS = """\
from tux import StepRun, step

@step(total="SELECT count(*) FROM levels_members")
async def fill_rank(run: StepRun):
    rows = await run.fetch(
        "UPDATE levels_members SET rank = xp / 10 WHERE id IN"
        " (SELECT id FROM levels_members WHERE id > $1 ORDER BY id LIMIT 10) RETURNING id", run.position or 0
    )
    last = max((row["id"] for row in rows), default=None)
    return run.done(rows, last)

@step()
async def second(run: StepRun):
    assert await run.fetch("SELECT 1 FROM core_steps WHERE name = 'fill_rank' AND finished_at IS NOT NULL")
    return run.done(await run.execute("UPDATE levels_members SET name = 'x' WHERE xp = 1"), None)
"""


@pytest.fixture
async def stepped(migrated):
    """A project with 35 rows and a nullable column to fill, whose migration is written and not applied."""
    await migrated.fetch("INSERT INTO guild_guilds (guild_id) VALUES (1)")
    await migrated.fetch(
        "INSERT INTO levels_members (guild_id, xp, name) SELECT 1, n, '' FROM generate_series(1, 35) n"
    )
    migrated.change("levels", "xp: int", "rank: int = fields.IntField(null=True)\n    xp: int")
    write(migrated, STEPS)
    return migrated


def write(project, text):
    (project.root / "plugins" / "levels" / "steps.py").write_text(text)


async def steps(project):
    rows = await project.fetch("SELECT name, rows_done, finished_at IS NOT NULL FROM core_steps ORDER BY id")
    return [tuple(row) for row in rows]


@pytest.mark.parametrize("command", [("aerich", "upgrade"), ("tux", "db", "upgrade")], ids=["aerich", "tux"])
async def test_steps_run_once_and_in_order_after_the_upgrade(stepped, command):
    program, *words = command
    for expected in ([("fill_rank", 35, True), ("second", 1, True)],) * 2:
        done = getattr(stepped, program)(*words)
        assert done.returncode == 0, done.stderr
        assert await steps(stepped) == expected
    assert (await stepped.fetch("SELECT count(*) FROM levels_members WHERE rank = xp / 10"))[0][0] == 35
    assert await stepped.names("SELECT name FROM levels_members WHERE xp = 1") == ["x"]


async def test_a_step_that_fails_is_resumed_where_it_was(stepped):
    write(
        stepped,
        STEPS.replace("    last = max", "    if run.position == 20: await run.execute('SELECT 1/0')\n    last = max"),
    )
    failed = stepped.aerich("upgrade")
    assert failed.returncode == 1
    assert "the data step levels.fill_rank failed and is resumed next time: division by zero" in failed.stderr
    assert await steps(stepped) == [("fill_rank", 20, False)]
    assert (await stepped.fetch("SELECT count(*) FROM levels_members WHERE rank IS NOT NULL"))[0][0] == 20
    status = stepped.tux("db", "status")
    assert status.returncode == 1
    assert "data step to run: levels.fill_rank" in status.stdout
    await stepped.fetch("UPDATE levels_members SET rank = -1 WHERE id <= 20")
    write(stepped, STEPS)
    assert stepped.aerich("upgrade").returncode == 0
    assert await steps(stepped) == [("fill_rank", 35, True), ("second", 1, True)]
    assert (await stepped.fetch("SELECT count(*) FROM levels_members WHERE rank = -1"))[0][0] == 20, "not done again"


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        ("nothing_of_this_name", "steps.py, line 9: NameError: name 'nothing_of_this_name' is not defined"),
        ("return object()", "steps.py: TypeError: Object of type object is not JSON serializable"),
    ],
)
async def test_an_error_in_the_python_of_a_step_is_one_message_and_it_is_resumed(stepped, wrong, says):
    write(stepped, STEPS.replace("    last = max", f"    if run.position == 20: {wrong}\n    last = max"))
    failed = stepped.aerich("upgrade")
    assert failed.returncode == 1
    assert f"the data step levels.fill_rank failed in its plugin's {says}" in failed.stderr
    assert "Traceback" not in failed.stderr
    assert await steps(stepped) == [("fill_rank", 20, False)]
    assert (await stepped.fetch("SELECT count(*) FROM levels_members WHERE rank IS NOT NULL"))[0][0] == 20
    write(stepped, STEPS)
    assert stepped.aerich("upgrade").returncode == 0
    assert await steps(stepped) == [("fill_rank", 35, True), ("second", 1, True)]


async def test_a_file_waits_for_the_step_that_fills_its_column(stepped):
    stepped.change("levels", "rank: int = fields.IntField(null=True)", "rank: int = fields.IntField()")
    path = stepped.root / FILES / stepped.files[2]
    refused = stepped.tux("db", "upgrade")
    assert refused.returncode == 1
    assert 'column "rank" of relation "levels_members" contains null values' in refused.stderr
    path.write_text(path.read_text() + 'AFTER_STEPS = ("levels.fill_rank",)\n')
    assert stepped.tux("db", "check").returncode == 0
    plan = stepped.tux("db", "plan")
    assert plan.returncode == 0, "it fails without the step only"
    assert "after the data steps levels.fill_rank: not rehearsed, nor what follows" in plan.stdout
    assert 'ALTER COLUMN "rank" SET NOT NULL;\n' in plan.stdout
    assert " ms" not in plan.stdout
    done = stepped.aerich("upgrade")
    assert done.returncode == 0, done.stderr
    assert "column levels_members.rank integer NOT NULL" in (await stepped.catalog())["levels_members"]
    path.write_text(path.read_text().replace("fill_rank", "nothing"))
    checked = stepped.tux("db", "check")
    assert checked.returncode == 1
    assert "waits for the data step levels.nothing, which no plugin has" in checked.stderr


async def test_a_step_that_gets_nowhere_is_stopped(stepped):
    write(stepped, STEPS.replace("return run.done(rows, last)", "return 7"))
    failed = stepped.aerich("upgrade")
    assert failed.returncode == 1
    assert "levels.fill_rank returned 7 twice and would never end" in failed.stderr


@pytest.mark.parametrize(
    ("text", "says"), [("import nothing_here", "nothing_here"), (STEPS.replace("async def second", "def second").replace("await ", "") , "must be an async function")]
)  # fmt: skip
async def test_broken_steps_are_named_and_what_was_applied_stays(stepped, text, says):
    write(stepped, text)
    failed = stepped.aerich("upgrade")
    assert failed.returncode == 1
    assert "the data steps of 'levels' cannot be read" in failed.stderr
    assert says in failed.stderr
    assert len(await stepped.fetch("SELECT * FROM aerich")) == 2


async def test_the_steps_of_a_plugin_that_is_off_wait_for_it(stepped):
    assert stepped.tux("plugin", "off", "levels").returncode == 0
    assert stepped.aerich("upgrade").returncode == 0
    assert await steps(stepped) == []
    assert stepped.tux("plugin", "on", "levels").returncode == 0
    assert stepped.tux("db", "upgrade").returncode == 0
    assert len(await steps(stepped)) == 2
