"""Everything but Discord: opened together, closed together, and refused with a sentence."""

from __future__ import annotations

import asyncio
import json
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import asyncpg
import pytest
from support import clean_environment, copy_project, logged, run_in

from tux.coordinator import DatabaseCoordinator
from tux.errors import DatabaseConnectionError, MigrationError, SettingsError
from tux.runtime import open_database
from tux.testing import scratch_database


@pytest.fixture
async def url(tux_databases):
    async with scratch_database() as made:
        yield made


async def change(url, sql):
    connection = await asyncpg.connect(url)
    try:
        await connection.execute(sql)
    finally:
        await connection.close()


async def test_open_database_yields_the_coordinator_and_closes_all(url):
    async with open_database(url) as db:
        assert DatabaseCoordinator.running[-1] is db
        await db.guild.get_or_create_guild(1)
        assert await db.guild.count() == 1
    assert db not in DatabaseCoordinator.running
    assert not db.service.is_connected()


async def test_an_error_inside_closes_it_too(url):
    with pytest.raises(LookupError):
        async with open_database(url) as db:
            raise LookupError
    assert not db.service.is_connected()


async def test_a_database_that_was_never_migrated_is_refused_and_stays_empty(tux_databases):
    await tux_databases.server.create_database("never_migrated")
    empty = tux_databases.server.url("never_migrated")
    with pytest.raises(MigrationError, match=r"the schema is behind by 0_\d+_init\.py.*run `tux db upgrade`"):
        async with open_database(empty):
            pytest.fail("it opened")
    connection = await asyncpg.connect(empty)
    assert await connection.fetchval("SELECT count(*) FROM pg_tables WHERE schemaname = 'public'") == 0
    await connection.close()
    await tux_databases.drop("never_migrated")


async def test_a_database_with_other_migrations_is_refused_by_name(url):
    await change(url, "UPDATE aerich SET version = '0_20200101000000_theirs.py'")
    with pytest.raises(MigrationError, match=r"0_20200101000000_theirs\.py"):
        async with open_database(url):
            pytest.fail("it opened")


async def test_a_database_that_is_ahead_opens_with_a_warning(url):
    await change(url, "INSERT INTO aerich (version, app, content) VALUES ('9_20300101000000_next.py', 'models', '{}')")
    with logged() as lines:
        async with open_database(url) as db:
            assert await db.guild.count() == 0
    assert any("newer migrations" in line and "9_20300101000000_next.py" in line for line in lines)


async def test_a_dead_database_is_refused_by_host_port_and_database():
    with pytest.raises(DatabaseConnectionError, match=r"127\.0\.0\.1:1/nowhere") as caught:
        async with open_database("postgresql://tux:hunter2@127.0.0.1:1/nowhere"):
            pytest.fail("it opened")
    assert "hunter2" not in str(caught.value)


async def test_outside_of_a_project_it_says_so(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("TUX_ROOT", raising=False)
    with pytest.raises(SettingsError, match=r"no config/tux\.toml"):
        async with open_database():
            pytest.fail("it opened")


OFF = """
import asyncio
from tux import open_database
from tux.errors import PluginUnavailable

async def main():
    async with open_database() as db:
        record = db.registry.records["moderation"]
        print(record.state, record.tables, db.find("case"), sep="\\n")
        try:
            db.case
        except PluginUnavailable as error:
            print(error)

asyncio.run(main())
"""


async def test_a_plugin_that_is_switched_off_keeps_its_models_and_has_no_managers(url, tmp_path):
    root = copy_project(tmp_path / "project")
    (root / "migrations" / "plugins.toml").write_text('off = ["moderation"]\n')
    done = await asyncio.to_thread(run_in, root, sys.executable, "-c", OFF, DATABASE_URL=url)
    assert done.returncode == 0, done.stderr
    state, tables, found, refusal = done.stdout.splitlines()
    assert (state, found) == ("off", "None")
    assert "moderation_cases" in tables
    assert refusal == "plugin 'moderation': is off: switched off in migrations/plugins.toml"


@pytest.fixture
def local_project():
    """A project with a local PostgreSQL of its own, in memory."""
    memory = Path("/dev/shm")  # noqa: S108 - a folder of a private name is made in it
    place = memory if memory.is_dir() else None
    with tempfile.TemporaryDirectory(dir=place, prefix="tux-kill-", ignore_cleanup_errors=True) as folder:
        yield copy_project(Path(folder) / "project")
        wait_for_end(folder)


BOT = """
import asyncio, sys
from tux.bot import Tux
from tux.offline.driver import LocalDiscord
from tux.settings import load_settings

async def main():
    async with LocalDiscord.run(lambda **options: Tux(load_settings(), **options)) as discord:
        discord.member("bob")
        print(discord.guild.id, flush=True)
        number = 0
        while True:
            number += 1
            await discord.owner.says(f"!warn @bob number {number}")
            print("committed", number, flush=True)

asyncio.run(main())
"""


LOOK = """
import asyncio
from tux import open_database

async def main():
    async with open_database() as db:
        await db.case.create_case(guild_id={0}, case_type="WARN", case_user_id=1, case_moderator_id=2)
        print([case.case_number for case in await db.case.find_all({{"guild_id": {0}}}, order_by="case_number")])

asyncio.run(main())
"""


def servers_in(folder):
    """Return the process ids of PostgreSQL servers and keepers whose command names the folder."""
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                command = (entry / "cmdline").read_bytes().decode(errors="replace")
                where = str((entry / "cwd").readlink())
            except OSError:
                continue
            if (str(folder) in command or where.startswith(str(folder))) and "postgres" in command + where:
                found.append(int(entry.name))
    return found


def wait_for_end(folder, seconds=30.0):
    """Wait until no server is left in a folder: a fifth of a second, and longer on a machine that has much else to do."""
    deadline = time.monotonic() + seconds
    while servers_in(folder) and time.monotonic() < deadline:
        time.sleep(0.05)


async def wait_for_line(stream, words):
    while True:
        line = (await stream.readline()).decode()
        assert line, "the bot ended"
        if line.strip() == words:
            return


@pytest.mark.skipif(not Path("/proc/self/cwd").exists(), reason="looks for processes in /proc")
async def test_after_kill_9_no_server_is_left_and_the_next_start_has_every_committed_row(local_project):
    (local_project / "bot.py").write_text(BOT)
    bot = await asyncio.create_subprocess_exec(
        sys.executable,
        "bot.py",
        cwd=local_project,
        env=clean_environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    )
    guild_id = int(await bot.stdout.readline())
    await wait_for_line(bot.stdout, "committed 5")
    assert servers_in(local_project)
    bot.send_signal(signal.SIGKILL)
    rest, _ = await bot.communicate()
    committed = max(
        [5, *(int(line.split()[1]) for line in rest.decode().splitlines() if line.startswith("committed "))]
    )
    await asyncio.to_thread(wait_for_end, local_project)
    assert servers_in(local_project) == []
    done = await asyncio.to_thread(run_in, local_project, sys.executable, "-c", LOOK.format(guild_id))
    assert done.returncode == 0, done.stderr
    numbers = json.loads(done.stdout)
    assert numbers == list(range(1, len(numbers) + 1))
    # the last may have been committed and not yet told
    assert len(numbers) - 1 in {committed, committed + 1}
