"""The fixtures: one server per run, one database per worker, emptied before each test."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import pytest_asyncio

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

    from tux.coordinator import DatabaseCoordinator
    from tux.testing.databases import Databases

WORKER = os.environ.get("PYTEST_XDIST_WORKER", "main")


@pytest.fixture(scope="session")
def tux_root(pytestconfig: pytest.Config) -> Path:
    """The folder of the project under test."""
    return Path(pytestconfig.rootpath, pytestconfig.getini("tux_root")).resolve()


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def tux_databases(pytestconfig: pytest.Config, tux_root: Path) -> AsyncGenerator[Databases]:
    """The databases of this run, on a server in memory that the workers share."""
    from tux.testing.databases import FOLDER_VARIABLE, Databases, make_folder, sweep

    sweep()
    folder = make_folder(getattr(pytestconfig, "workerinput", {}).get("testrunuid"))
    async with Databases(tux_root, folder) as databases:
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv(FOLDER_VARIABLE, str(folder))  # for scratch_database, here and in processes of the tests
            yield databases


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def tux_database(tux_databases: Databases) -> AsyncGenerator[tuple[DatabaseCoordinator, str]]:
    """The coordinator of this worker's database, and the statement that empties it."""
    from tux.runtime import open_database
    from tux.testing.cleaning import cleaning_sql, filled_tables

    name = f"worker_{WORKER}"
    url = await tux_databases.clone(name)
    async with tux_databases.connected(name) as connection:
        kept = await filled_tables(connection)
    async with open_database(url, root=tux_databases.root) as db:
        yield db, cleaning_sql(kept)


@pytest_asyncio.fixture(loop_scope="session")
async def db(tux_database: tuple[DatabaseCoordinator, str]) -> DatabaseCoordinator:
    """The coordinator over a database at head, without rows but those that migrations put there."""
    coordinator, clean = tux_database
    await coordinator.service.execute(clean)
    return coordinator


@pytest_asyncio.fixture(loop_scope="session")
async def fresh_db(request: pytest.FixtureRequest, tux_databases: Databases) -> AsyncGenerator[DatabaseCoordinator]:
    """The coordinator over a database for this test alone, for tests that change tables."""
    from tux.runtime import open_database

    if "db" in request.fixturenames:  # managers use the database of their task, whichever coordinator they come from
        raise pytest.UsageError(f"{request.node.nodeid}: use either db (and bot) or fresh_db, a test has one database")
    name = f"fresh_{WORKER}"
    url = await tux_databases.clone(name)
    async with open_database(url, root=tux_databases.root) as db:
        yield db
    await tux_databases.drop(name)
