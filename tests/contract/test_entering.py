"""A test per line of CALLS.md, section Entering."""

from __future__ import annotations

import importlib

import pytest

import tux
from tux.coordinator import DatabaseCoordinator
from tux.database.service import DatabaseConnectionError, DatabaseService
from tux.errors import TuxError
from tux.settings import load_settings
from tux.testing import scratch_database


@pytest.fixture(scope="module")
async def url():
    async with scratch_database() as address:
        yield address


async def test_a_service_connects_says_so_and_disconnects(url):
    service = DatabaseService()
    assert not service.is_connected()
    await service.connect(url)
    assert service.is_connected()
    await service.disconnect()
    assert not service.is_connected()


async def test_a_session_of_the_service_yields_the_connection(url):
    service = DatabaseService()
    await service.connect(url)
    try:
        async with service.session() as session:
            assert [row["n"] for row in await session.fetch("SELECT generate_series(1, $1::int) AS n", 3)] == [1, 2, 3]
            assert (await session.fetch_one("SELECT $1::text AS word", "hello"))["word"] == "hello"
            await session.execute("CREATE TABLE sessions_make_tables (id int)")
            assert await session.execute("INSERT INTO sessions_make_tables VALUES (1), (2)") == 2
    finally:
        await service.disconnect()


async def test_a_dead_port_is_a_connection_error_without_the_password():
    service = DatabaseService()
    with pytest.raises(DatabaseConnectionError) as caught:
        await service.connect("postgresql://tux:hunter2@127.0.0.1:1/nowhere")
    assert "hunter2" not in str(caught.value)
    assert "127.0.0.1" in str(caught.value)
    assert "nowhere" in str(caught.value)


@pytest.mark.parametrize("scheme", ["postgresql", "postgres", "asyncpg", "postgresql+asyncpg"])
async def test_every_documented_scheme_connects(url, scheme):
    service = DatabaseService()
    await service.connect(f"{scheme}://{url.split('://', 1)[1]}")
    assert service.is_connected()
    await service.disconnect()


async def test_managers_take_part_in_a_transaction_without_being_told(db):
    async def fail_in_the_middle():
        async with db.transaction():
            await db.guild.get_or_create_guild(1)
            await db.guild_config.update_config(1, prefix="?")
            raise LookupError

    with pytest.raises(LookupError):
        await fail_in_the_middle()
    assert not await db.guild.exists({"guild_id": 1})
    assert await db.guild_config.get_config_by_guild_id(1) is None


async def test_with_session_of_a_manager_yields_the_connection(db):
    async with db.case.with_session() as session:
        await db.guild.get_or_create_guild(2)
        assert (await session.fetch_one("SELECT count(*) AS n FROM guild_guilds WHERE guild_id = 2"))["n"] == 1


@pytest.mark.parametrize(
    ("environment", "expected"),
    [
        ({"TUX_ENV": "dev"}, "postgresql://h/dev"),
        ({"TUX_ENV": "prod"}, "postgresql://h/prod"),
        ({}, "postgresql://h/plain"),
    ],
)
def test_the_environment_picks_the_url(monkeypatch, environment, expected):
    monkeypatch.delenv("TUX_ENV", raising=False)
    monkeypatch.setenv("DATABASE_URL", "postgresql://h/plain")
    monkeypatch.setenv("DEV_DATABASE_URL", "postgresql://h/dev")
    monkeypatch.setenv("PROD_DATABASE_URL", "postgresql://h/prod")
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    assert load_settings().database_url == expected


@pytest.mark.parametrize("name", ["BaseCog", "Manager", "Plugin", "PaginationResult", "open_database"])
def test_the_public_names_come_from_tux(name):
    assert getattr(tux, name).__module__.startswith("tux.")


async def test_a_manager_has_the_coordinator_as_db(db):
    assert db.case.db is db


async def test_get_db_finds_the_coordinator_of_a_bot_and_of_the_running_service(bot):
    assert tux.get_db(bot) is bot.db
    assert isinstance(tux.get_db(), DatabaseCoordinator)
    assert bot.db_service is bot.db.service


async def test_cogs_have_bot_and_db(bot):
    cog = bot.get_cog("Moderation")
    assert cog.bot is bot
    assert cog.db is bot.db


def test_a_coordinator_made_by_hand_says_how_to_get_the_one_that_exists():
    with pytest.raises(TuxError, match=r"self\.db"):
        DatabaseCoordinator()


async def test_models_and_managers_have_the_import_paths_of_older_callers(db):
    models = importlib.import_module("tux.database.models")
    controllers = importlib.import_module("tux.database.controllers")
    assert models.Case is db.case.model
    assert models.CaseType.BAN == "BAN"
    assert models.Guild is db.guild.model
    assert controllers.CaseController is controllers.CaseManager is type(db.case)
    assert importlib.import_module("tux.core.base_cog").BaseCog is tux.BaseCog


@pytest.mark.parametrize("name", ["BaseController", "DatabaseManager", "DatabaseClient"])
def test_what_has_no_equivalent_says_what_to_use_instead(name):
    with pytest.raises(AttributeError, match=r"use|subclass"):
        getattr(importlib.import_module("tux.database.controllers"), name)


@pytest.mark.parametrize("word", ["add", "merge", "commit"])
async def test_words_of_sqlalchemy_sessions_are_translated(db, word):
    async with db.session() as session:
        with pytest.raises(TuxError):
            getattr(session, word)
