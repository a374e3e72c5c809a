"""The fixtures as an author of plugins uses them: in a project and a pytest of its own."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

from tux.testing.databases import make_folder, sweep

pytest_plugins = "pytester"


def is_gone(folder: Path) -> bool:
    deadline = time.monotonic() + 5
    while folder.exists() and time.monotonic() < deadline:
        time.sleep(0.05)
    return not folder.exists()


def run(project, *options, mode="auto"):
    """Run the project's tests; whatever becomes of them, their server's folder is gone soon after."""
    result = project.runpytest_subprocess("-o", f"asyncio_mode={mode}", *options)
    folder = Path((project.path / "folder").read_text())
    assert folder.name.startswith("tux-test-")
    assert is_gone(folder)
    return result


ISOLATION = """
import asyncio
import pytest


async def test_a_writes_rows(db):
    assert (await db.pet.create(name="Tom")).id == 1
    await db.pet.create(name="Kit")
    assert await db.pet.count() == 2


async def test_b_finds_none_and_starts_at_one_again(db):
    assert await db.pet.count() == 0
    assert (await db.pet.create(name="Rex")).id == 1


async def test_c_keeps_what_migrations_filled(db):
    assert [kind.name for kind in await db.kind.get_all(order_by="id")] == ["cat", "dog"]
    assert (await db.kind.create(name="fox")).id == 3


async def test_d_may_commit_and_gather(db):
    async with db.transaction():
        await db.pet.create(name="Tom")
    await asyncio.gather(*(db.pet.create(name="x") for _ in range(5)))
    assert await db.pet.count() == 6


async def test_e_changes_tables_in_a_database_of_its_own(fresh_db):
    await fresh_db.service.execute("ALTER TABLE pets_pets ADD COLUMN age int")
    assert "age" in (await fresh_db.service.fetch("SELECT * FROM (SELECT 1) x LEFT JOIN pets_pets ON true"))[0]
    await fresh_db.pet.create(name="Tom")
    assert await fresh_db.pet.count() == 1


async def test_f_does_not_see_that(db):
    rows = await db.service.fetch("SELECT * FROM (SELECT 1) x LEFT JOIN pets_pets ON true")
    assert "age" not in rows[0]
    assert await db.pet.count() == 0


def test_a_test_that_is_not_async_may_use_them_too(db):
    assert db.find("pet") is db.pet


async def test_g_has_one_database_only(db, fresh_db):
    pass
"""


def test_each_test_starts_with_the_rows_of_the_migrations_only_and_needs_no_mark(project):
    project.makepyfile(ISOLATION)
    result = run(project, mode="strict")
    result.assert_outcomes(passed=7, errors=1)
    result.stdout.fnmatch_lines(["*test_g_has_one_database_only: use either db (and bot) or fresh_db*"])


def test_workers_share_a_server_and_have_a_database_each(project):
    project.makepyfile(
        """
        import os
        import pytest

        @pytest.mark.parametrize("number", range(4))
        async def test_it(db, number):
            await db.pet.create(name="x")
            assert await db.pet.count() == 1
            row = await db.service.fetch_one("SELECT current_database() AS name, pg_postmaster_start_time() AS started")
            with open(os.environ["SEEN"], "a") as file:
                file.write(f"{row['name']} {row['started'].timestamp()}\\n")
        """
    )
    project._monkeypatch.setenv("SEEN", str(project.path / "seen"))
    run(project, "-n", "2").assert_outcomes(passed=4)
    seen = [line.split() for line in (project.path / "seen").read_text().splitlines()]
    assert {name for name, _ in seen} == {"worker_gw0", "worker_gw1"}
    assert len({started for _, started in seen}) == 1


def test_another_loop_is_refused_by_name(project):
    project.makepyfile(
        """
        import pytest

        @pytest.mark.asyncio(loop_scope="function")
        async def test_it(db):
            pass
        """
    )
    result = project.runpytest_subprocess("--collect-only")
    result.stdout.fnmatch_lines(
        ["*test_it: the fixtures of Tux live on the session's event loop; remove loop_scope='function'*"]
    )


def test_a_failing_migration_fails_the_tests_with_its_message(project):
    (file,) = (project.path / "migrations" / "models").glob("0_*.py")
    file.write_text(file.read_text().replace("INSERT INTO pets_kinds", "INSERT INTO nowhere"))
    project.makepyfile("async def test_it(db): pass")
    result = run(project)
    result.assert_outcomes(errors=1)
    assert "nowhere" in result.stdout.str()


def test_a_project_without_tux_notices_nothing(pytester):
    pytester.makepyfile(
        """
        import sys

        def test_it():
            heavy = {"tortoise", "asyncpg", "discord", "aerich", "pydantic", "tux.database.engine"}
            assert not heavy & sys.modules.keys()
        """
    )
    pytester.runpytest_subprocess().assert_outcomes(passed=1)
    result = pytester.runpytest_subprocess("-p", "no:asyncio", "--fixtures")
    assert "fresh_db" not in result.stdout.str()


def test_a_scratch_database_is_at_head_and_gone_afterwards_without_pytest(written):
    script = """
import asyncio, asyncpg
from tux.testing import scratch_database

async def main():
    async with scratch_database() as url:
        connection = await asyncpg.connect(url)
        print(await connection.fetchval("SELECT count(*) FROM pets_kinds"))
        await connection.close()
    print(url)

asyncio.run(main())
"""
    env = {**os.environ, "TUX_TEST_FOLDER": ""}
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=written, capture_output=True, text=True, check=False, env=env
    )
    assert done.returncode == 0, done.stderr
    count, url = done.stdout.split()
    assert count == "2"
    assert re.fullmatch(r"postgresql://postgres@/scratch_\\w+\\?host=.*".replace("\\\\", "\\"), url)
    assert is_gone(Path(url.partition("host=")[2]).parents[1])


def test_what_a_killed_run_left_is_swept_but_nothing_that_is_used(tmp_path):
    from tux.database.embedded import LocalServer

    old = time.time() - 3600
    dead, young, used = make_folder(), make_folder(), make_folder()
    (dead / "postgres").mkdir()
    (dead / "postgres" / "lease").touch()
    try:
        with LocalServer(used, test=True, remove=True):
            for folder in (dead, used):
                os.utime(folder, (old, old))
            swept = sweep()
            assert dead in swept
            assert used.exists()
            assert young.exists()
    finally:
        for folder in (dead, young):
            if folder.exists():
                os.utime(folder, (old, old))
        sweep()
    assert not dead.exists()
    assert not young.exists()


def test_a_killed_run_leaves_no_server(project):
    project.makepyfile(
        """
        import os, signal

        async def test_it(db):
            os.kill(os.getpid(), signal.SIGKILL)
        """
    )
    assert run(project).ret == -signal.SIGKILL
