"""The fixtures: one server per run, one database per worker, emptied before each test."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import pytest
import pytest_asyncio
from loguru import logger

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

    from loguru import Message

    from tux.bot import Tux
    from tux.coordinator import DatabaseCoordinator
    from tux.offline.driver import LocalDiscord
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


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def tux_stage(tux_database: tuple[DatabaseCoordinator, str], tux_root: Path) -> AsyncGenerator[LocalDiscord]:
    """The bot of this worker, started once and connected to a local Discord."""
    from tux.bot import Tux
    from tux.offline.driver import LocalDiscord
    from tux.offline.stage import BotError
    from tux.settings import load_settings

    settings = load_settings(tux_root)

    def make_bot(**options: Any) -> Tux:
        return Tux(settings, db=tux_database[0], due_work=False, **options)  # tests call it themselves

    async with LocalDiscord.run(make_bot) as stage:

        def note_error(message: Message) -> None:  # the bot logs what its handlers raise, so it goes no further
            exception = message.record["exception"]
            stage.errors.append(BotError(message.record["message"], exception.value if exception else None))

        sink = logger.add(note_error, level="ERROR")
        try:
            await _leave_guilds(stage)
            yield stage
        finally:
            logger.remove(sink)


@pytest_asyncio.fixture(loop_scope="session")
async def discord(
    db: DatabaseCoordinator,  # noqa: ARG001 - emptied first: the new guild's rows are the test's
    tux_stage: LocalDiscord,
) -> AsyncGenerator[LocalDiscord]:
    """A local Discord with the bot in one new server: `discord.owner`, `discord.member("bob")`.

    The test fails at its end when the bot logged an error, or used a route that the local Discord does not have; a test
    that means it looks at `discord.errors` or `discord.server.unknown` and clears them.
    """
    if tux_stage.bot.is_closed():
        raise pytest.UsageError("an earlier test closed the session's bot; such a test needs LocalDiscord.run")
    await tux_stage.reset()
    yield tux_stage
    if tux_stage.bot.is_closed():
        return
    await tux_stage.settle()
    errors, unknown = tuple(tux_stage.errors), tuple(tux_stage.server.unknown)
    await _leave_guilds(tux_stage)
    if errors:
        report = "\n".join(f"{found.report}: {found.error!r}" for found in errors)
        raise AssertionError(f"the bot logged errors:\n{report}") from errors[0].error
    if unknown:
        raise AssertionError(f"the local Discord has no route for: {', '.join(unknown)}")


async def _leave_guilds(stage: LocalDiscord) -> None:
    """Take the bot out of every guild now, so that what it writes on leaving is not in the next test's database."""
    from tux.offline.building import remove_guild

    for guild in tuple(stage.world.guilds.values()):
        remove_guild(stage.world, guild)
    await stage.settle()


@pytest.fixture
def bot(discord: LocalDiscord) -> Tux:
    """The bot that is connected to `discord`; the same one in every test."""
    return cast("Tux", discord.bot)
