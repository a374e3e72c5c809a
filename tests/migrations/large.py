"""Ten million rows in one table; run by `make test-large`, which prints how long each part took."""

from __future__ import annotations

import asyncio
import os
import signal
import tempfile
import time
from contextlib import contextmanager
from pathlib import Path

import asyncpg
import pytest

from tests.migrations.conftest import clone
from tux.database.embedded import LocalServer
from tux.migrations import upgrade

ROWS = int(os.environ.get("TUX_LARGE_ROWS", "10_000_000"))
GUILDS = 5_000
STEP = """\
from tux.migrations.steps import StepRun, step

BATCH = 50_000

@step(total="SELECT count(*) FROM levels_members")
async def count_once(run: StepRun) -> int | None:
    first = run.position or 0
    rows = await run.execute(
        "UPDATE levels_members SET seen = coalesce(seen, 0) + 1 WHERE id > $1 AND id <= $2", first, first + BATCH
    )
    return run.done(rows, first + BATCH if rows else None)
"""
INDEX = '    class Meta(Model.Meta):\n        table = "levels_members"'


@contextmanager
def timed(what):
    started = time.perf_counter()
    yield
    print(f"  {what}: {time.perf_counter() - started:.1f} s")


@pytest.fixture(scope="module")
async def big(written, tmp_path_factory):
    """A project whose table `levels_members` holds ten million rows, on disk."""
    with tempfile.TemporaryDirectory() as folder, LocalServer(Path(folder), test=True) as server:
        await server.create_database("big")
        project = clone(written, tmp_path_factory.mktemp("big"), server.url("big"))
        await upgrade(project.root, project.url)
        connection = await asyncpg.connect(project.url)
        print()
        with timed(f"{ROWS:,} rows inserted"):
            await connection.execute("SET session_replication_role = replica")  # the guilds are there: no need to ask
            await connection.execute(
                "INSERT INTO guild_guilds (guild_id) SELECT generate_series(1, $1::bigint)".replace("$1", str(GUILDS))
            )
            await connection.execute(
                f"INSERT INTO levels_members (guild_id, xp, name) SELECT 1 + n % {GUILDS}, n % 1000, '' FROM generate_series(1, {ROWS}) n"
            )
            await connection.execute("ANALYZE levels_members")
        await connection.close()
        yield project


async def write_until(project, done):
    """Update a row again and again, and return the longest time that took."""
    longest = 0.0
    connection = await asyncpg.connect(project.url)
    while not done.is_set():
        started = time.perf_counter()
        await connection.execute("UPDATE levels_members SET xp = xp + 1 WHERE id = 1")
        longest = max(longest, time.perf_counter() - started)
        await asyncio.sleep(0.01)
    await connection.close()
    return longest


async def test_an_index_is_built_while_others_write(big):
    big.edit("levels", INDEX, f'{INDEX}\n        indexes = (("xp", "name"),)')
    assert big.tux("db", "revision", "--concurrently").returncode == 0
    done = asyncio.Event()
    writing = asyncio.create_task(write_until(big, done))
    with timed("the index, built concurrently"):
        built = await asyncio.to_thread(big.tux, "db", "upgrade")
    done.set()
    longest = await writing
    print(f"  the longest write meanwhile: {longest:.3f} s")
    assert built.returncode == 0, built.stderr
    assert longest < 5
    assert any("(xp, name)" in line for line in (await big.catalog())["levels_members"])


async def rows_done(project):
    rows = await project.fetch("SELECT rows_done FROM core_steps WHERE name = 'count_once'")
    return rows[0][0] if rows else 0


async def test_a_backfill_is_killed_and_resumed_and_does_each_row_once(big):
    big.change("levels", "xp: int", "seen: int = fields.IntField(null=True)\n    xp: int", "seen")
    (big.root / "plugins" / "levels" / "steps.py").write_text(STEP)
    running = big.start("db", "upgrade", program="tux")
    with timed("the first third of the backfill, then kill -9"):
        async with asyncio.timeout(600):
            while await rows_done(big) < ROWS / 3:  # noqa: ASYNC110 - only the database knows
                await asyncio.sleep(0.2)
    os.kill(running.process.pid, signal.SIGKILL)
    await asyncio.to_thread(running.finish)
    before = await rows_done(big)
    print(f"  kept: {before:,} rows")
    assert ROWS / 3 <= before < ROWS
    with timed("the rest, resumed"):
        resumed = await asyncio.to_thread(big.tux, "db", "upgrade")
    assert resumed.returncode == 0, resumed.stderr
    assert await rows_done(big) == ROWS
    assert [tuple(row) for row in await big.fetch("SELECT seen, count(*) FROM levels_members GROUP BY seen")] == [
        (1, ROWS)
    ]
    lines = [line for line in resumed.stderr.splitlines() if "count_once" in line]
    print("\n".join(f"  {line}" for line in lines))
    assert any(f"of {ROWS}" in line for line in lines), "it says how far it is"


async def test_a_backup_of_it_is_made_and_verified(big, tmp_path):
    with timed("the backup, with checksums"):
        made = big.tux("db", "backup", str(tmp_path / "big.dump"))
    assert made.returncode == 0, made.stderr
    with timed("the proof that it restores"):
        verified = big.tux("db", "verify", str(tmp_path / "big.dump"))
    assert verified.returncode == 0, verified.stderr
    assert str(ROWS + GUILDS)[:4] in verified.stdout
