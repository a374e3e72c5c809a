"""What is broken off half way: a killed process, a file that fails, an index that was built concurrently, an edited file."""

from __future__ import annotations

import asyncio
import os
import signal

import asyncpg
import pytest

from tux.database.schema import FILES
from tux.migrations.lock import LOCK_KEY

INDEX = '    class Meta(Model.Meta):\n        table = "levels_members"'
BY_XP = f'{INDEX}\n        indexes = (("xp", "name"),)'


async def until(project, sql):
    """Wait until there is a row; asked on a connection of its own, because a transaction sees one moment only."""
    async with asyncio.timeout(20):
        while not await project.fetch(sql):  # noqa: ASYNC110 - only the server knows
            await asyncio.sleep(0.05)


async def until_it_waits_for_a_lock(project):
    await until(
        project, "SELECT 1 FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()"
    )


@pytest.mark.parametrize(
    "place",
    ["LOCK TABLE guild_guilds IN ACCESS EXCLUSIVE MODE", "LOCK TABLE aerich IN SHARE ROW EXCLUSIVE MODE"],
    ids=["between two statements", "before it is recorded"],
)
async def test_a_process_killed_half_way_leaves_nothing_and_the_next_run_does_it_all(migrated, place):
    migrated.change("levels", "xp: int", "rank: int = fields.IntField(null=True)\n    xp: int")
    migrated.change("guild", "\n    class Meta", "\n    label = fields.TextField(null=True)\n\n    class Meta")
    before = await migrated.catalog()
    path = migrated.root / FILES / migrated.files[1]
    path.write_text(path.read_text().replace('"rank" INT;', '"rank" INT;\n        LOCK TABLE guild_guilds;'))
    holder = await asyncpg.connect(migrated.url)
    try:
        transaction = holder.transaction()
        await transaction.start()
        await holder.execute(place)
        running = migrated.start("upgrade")
        await until_it_waits_for_a_lock(migrated)
        os.kill(running.process.pid, signal.SIGKILL)
        killed = await asyncio.to_thread(running.finish)
        assert killed.returncode == -signal.SIGKILL
        await transaction.rollback()
    finally:
        await holder.close()
    assert await migrated.catalog() == before
    assert len(await migrated.fetch("SELECT * FROM aerich")) == 1
    done = migrated.aerich("upgrade")
    assert done.returncode == 0, done.stderr
    assert len(await migrated.fetch("SELECT * FROM aerich")) == 3


async def test_a_file_that_fails_in_the_middle_leaves_the_files_before_it(migrated):
    for number in range(3):
        migrated.change("levels", "xp: int", f"c{number}: int = fields.IntField(null=True)\n    xp: int")
    path = migrated.root / FILES / migrated.files[2]
    path.write_text(path.read_text().replace('"c1" INT;', '"c1" INT;\n        SELECT 1/0;'))
    failed = migrated.aerich("upgrade")
    assert failed.returncode == 1
    assert f"{migrated.files[2]} was not applied: division by zero" in failed.stderr
    assert await migrated.names("SELECT version FROM aerich") == migrated.files[:2]
    assert not any("c1" in line for line in (await migrated.catalog())["levels_members"])


@pytest.fixture
async def concurrent(migrated):
    """A migration that builds an index while others write, and rows."""
    await migrated.fetch("INSERT INTO guild_guilds (guild_id) VALUES (1)")
    await migrated.fetch(
        "INSERT INTO levels_members (guild_id, xp, name) SELECT 1, n, n::text FROM generate_series(1, 500) n"
    )
    migrated.edit("levels", INDEX, BY_XP)
    done = migrated.tux("db", "revision", "--concurrently")
    assert done.returncode == 0, done.stderr
    assert "RUN_IN_TRANSACTION = False" in migrated.text(1)
    return migrated


async def test_a_concurrent_index_is_built_while_others_write(concurrent):
    writer = await asyncpg.connect(concurrent.url)
    try:
        transaction = writer.transaction()
        await transaction.start()
        await writer.execute("UPDATE levels_members SET xp = xp + 1 WHERE id = 1")
        running = concurrent.start("upgrade")
        await until_it_waits_for_a_lock(concurrent)
        await writer.execute("UPDATE levels_members SET xp = xp + 1 WHERE id = 2")
        await transaction.commit()
    finally:
        await writer.close()
    done = await asyncio.to_thread(running.finish)
    assert done.returncode == 0, done.stderr
    assert any("(xp, name)" in line for line in (await concurrent.catalog())["levels_members"])
    assert concurrent.aerich("migrate", "--offline").stdout.strip() == "No changes detected"


async def test_a_concurrent_index_that_was_broken_off_is_built_anew(concurrent):
    writer = await asyncpg.connect(concurrent.url)
    try:
        transaction = writer.transaction()
        await transaction.start()
        await writer.execute("UPDATE levels_members SET xp = xp + 1 WHERE id = 1")
        running = concurrent.start("upgrade")
        await until_it_waits_for_a_lock(concurrent)
        os.kill(running.process.pid, signal.SIGKILL)
        await asyncio.to_thread(running.finish)
        await writer.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query LIKE 'CREATE INDEX CONCURRENTLY%'"
        )
        await transaction.rollback()
    finally:
        await writer.close()
    broken = [line for line in (await concurrent.catalog())["levels_members"] if "(unusable)" in line]
    assert len(broken) == 1
    done = concurrent.aerich("upgrade")
    assert done.returncode == 0, done.stderr
    assert not any("(unusable)" in line for line in (await concurrent.catalog())["levels_members"])
    back = concurrent.aerich("downgrade", "--yes")
    assert back.returncode == 0, back.stderr


async def test_only_indexes_are_made_concurrently(project):
    project.edit("levels", "xp: int", "rank: int = fields.IntField(null=True, db_index=True)\n    xp: int")
    refused = project.tux("db", "revision", "--concurrently")
    assert refused.returncode == 1
    assert "only indexes can be made concurrently" in refused.stderr
    assert len(project.files) == 1


async def test_a_file_that_was_edited_after_it_was_applied_is_noticed(migrated):
    path = migrated.root / FILES / migrated.files[0]
    path.write_bytes(path.read_bytes().replace(b"\n", b"\r\n"))
    assert migrated.tux("db", "status").returncode == 0
    path.write_text(path.read_text() + "# looks harmless\n")
    status = migrated.tux("db", "status")
    assert status.returncode == 1
    assert f"edited after it was applied: {migrated.files[0]}" in status.stdout
    assert "was edited after it was applied here" in migrated.aerich("upgrade").stderr


async def test_a_file_that_was_taken_back_may_be_edited(migrated):
    migrated.change("levels", "xp: int", "rank: int = fields.IntField(null=True)\n    xp: int")
    assert migrated.aerich("upgrade").returncode == 0
    assert migrated.aerich("downgrade", "--yes", TUX_ALLOW_DESTRUCTIVE="1").returncode == 0
    path = migrated.root / FILES / migrated.files[1]
    path.write_text(path.read_text() + "# another thought\n")
    for _ in range(2):
        assert "edited after" not in migrated.tux("db", "status").stdout
        done = migrated.aerich("upgrade")
        assert (done.returncode, done.stderr) == (0, "")


async def test_two_upgraders_that_wait_together_share_the_work(migrated):
    for number in range(2):
        migrated.change("levels", "xp: int", f"c{number}: int = fields.IntField(null=True)\n    xp: int")
    holder = await asyncpg.connect(migrated.url)
    try:
        await holder.execute("SELECT pg_advisory_lock($1)", LOCK_KEY)
        started = [migrated.start("upgrade") for _ in range(2)]
        asking = (
            "FROM pg_stat_activity WHERE query LIKE 'SELECT pg_try_advisory_lock%' AND datname = current_database()"
        )
        await until(migrated, f"SELECT count(*) {asking} HAVING count(*) = 2")
    finally:
        await holder.close()
    done = [await asyncio.to_thread(running.finish) for running in started]
    assert [each.returncode for each in done] == [0, 0], [each.stderr for each in done]
    assert sum(each.stdout.count("Success upgrading") for each in done) == 2


async def test_a_file_that_was_edited_after_it_was_applied_is_not_taken_back_unless_that_is_meant(migrated):
    for number in range(2):
        migrated.change("levels", "xp: int", f"c{number}: int = fields.IntField(null=True)\n    xp: int")
    migrated.change("levels", "default=0", "default=0, null=True")
    assert migrated.aerich("upgrade").returncode == 0
    before = await migrated.catalog()
    path = migrated.root / FILES / migrated.files[2]
    path.write_text(path.read_text().replace('ALTER TABLE "levels_members" DROP COLUMN "c1"', "SELECT 1"))
    refused = migrated.aerich("downgrade", "--version", "2", "--yes")
    assert refused.returncode == 1
    assert f"{migrated.files[2]} was edited after it was applied here" in refused.stderr
    assert "nothing was reverted" in refused.stderr
    assert "Traceback" not in refused.stderr
    assert await migrated.catalog() == before
    newest = migrated.aerich("downgrade", "--yes")
    assert (newest.returncode, newest.stderr) == (0, "")
    done = migrated.aerich("downgrade", "--yes", TUX_ALLOW_DESTRUCTIVE="1")
    assert done.returncode == 0, done.stderr
    assert f"{migrated.files[2]} was edited after it was applied here" in done.stderr


WRONG = {
    "an unknown name": ("    text = nothing_of_this_name\n", "NameError: name 'nothing_of_this_name' is not defined"),
    "after a statement": (
        '    await db.execute_script("UPDATE guild_guilds SET guild_id = 2")\n    1 / 0\n',
        "ZeroDivisionError: division by zero",
    ),
    "a wrong value": (
        '    await db.execute_query("UPDATE guild_guilds SET guild_id = $1", ["two"])\n',
        "invalid input for query argument $1",
    ),
    "no SQL": ("    return None\n", "it returned NoneType instead of SQL"),
}


@pytest.mark.parametrize("back", [False, True], ids=["upgrade", "downgrade"])
@pytest.mark.parametrize(("line", "says"), WRONG.values(), ids=WRONG)
async def test_an_error_in_a_files_function_is_one_message_and_leaves_nothing(migrated, line, says, back):
    await migrated.fetch("INSERT INTO guild_guilds (guild_id) VALUES (1)")
    migrated.change("levels", "xp: int", "rank: int = fields.IntField(null=True)\n    xp: int")
    word = "downgrade" if back else "upgrade"
    path = migrated.root / FILES / migrated.files[1]
    head = f"async def {word}(db: BaseDBAsyncClient) -> str:\n"
    path.write_text(path.read_text().replace(head, head + line))
    if back:
        assert migrated.aerich("upgrade").returncode == 0
    before = await migrated.catalog()
    failed = migrated.aerich(word, *(["--yes"] if back else []), TUX_ALLOW_DESTRUCTIVE="1")
    assert failed.returncode == 1
    assert "Traceback" not in failed.stderr
    assert f"{migrated.files[1]} was not {'reverted' if back else 'applied'}" in failed.stderr
    assert says in failed.stderr
    if "Error: " in says:
        number = path.read_text().splitlines().index(line.splitlines()[-1]) + 1
        assert f"line {number}: {says}" in failed.stderr
    assert await migrated.catalog() == before
    assert await migrated.names("SELECT guild_id::text FROM guild_guilds") == ["1"]
    assert len(await migrated.fetch("SELECT * FROM aerich")) == 1 + back
    if not back:
        plan = migrated.tux("db", "plan")
        assert plan.returncode == 1
        assert "Traceback" not in plan.stderr


async def test_check_names_an_error_in_a_files_function(migrated):
    migrated.change("levels", "xp: int", "rank: int = fields.IntField(null=True)\n    xp: int")
    path = migrated.root / FILES / migrated.files[1]
    head = "async def upgrade(db: BaseDBAsyncClient) -> str:\n"
    path.write_text(path.read_text().replace(head, f"{head}    text = nothing_of_this_name\n"))
    found = migrated.tux("db", "check")
    assert found.returncode == 1
    assert "NameError: name 'nothing_of_this_name' is not defined" in found.stderr
