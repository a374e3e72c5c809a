"""A test per line of CALLS.md, section Entering."""

from __future__ import annotations

import importlib

import discord as discord_py
import pytest
from discord import app_commands
from discord.ext import commands
from support import added

import tux
from tux.coordinator import DatabaseCoordinator
from tux.database.service import DatabaseConnectionError, DatabaseService
from tux.database.translations import NAMES, SESSION_WORDS
from tux.errors import NoEquivalent, TuxError, UnknownName
from tux.settings import find_root, load_settings
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


async def test_a_session_of_the_service_is_one_transaction(url):
    service = DatabaseService()
    await service.connect(url)

    async def fail_in_the_middle():
        async with service.session() as session:
            await session.execute("CREATE TABLE sessions_roll_back (id int)")
            raise LookupError

    try:
        with pytest.raises(LookupError):
            await fail_in_the_middle()
        assert (await service.fetch_one("SELECT to_regclass('sessions_roll_back') AS made"))["made"] is None
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


@pytest.fixture(scope="module")
async def databases(tux_databases):
    """The URLs of three databases, by name."""
    names = ("dev", "prod", "plain")
    yield {name: await tux_databases.clone(f"entering_{name}") for name in names}
    for name in names:
        await tux_databases.drop(f"entering_{name}")


@pytest.mark.parametrize(("environment", "expected"), [("dev", "dev"), ("prod", "prod"), ("", "plain")])
async def test_the_environment_picks_the_database(monkeypatch, databases, environment, expected):
    monkeypatch.delenv("TUX_ENV", raising=False)
    monkeypatch.setenv("DATABASE_URL", databases["plain"])
    monkeypatch.setenv("DEV_DATABASE_URL", databases["dev"])
    monkeypatch.setenv("PROD_DATABASE_URL", databases["prod"])
    if environment:
        monkeypatch.setenv("TUX_ENV", environment)
    async with tux.open_database() as db:
        assert (await db.service.health()).database == f"entering_{expected}"
        await db.guild.get_or_create_guild(1)
    service = DatabaseService(load_settings())
    await service.connect()
    try:
        assert (await service.fetch_one("SELECT count(*) AS n FROM guild_guilds"))["n"] == 1
        assert f"/entering_{expected}" in service.url_label
    finally:
        await service.disconnect()


async def test_without_a_url_of_its_own_the_environment_uses_the_plain_one(monkeypatch, databases):
    monkeypatch.setenv("DATABASE_URL", databases["plain"])
    monkeypatch.delenv("DEV_DATABASE_URL", raising=False)
    monkeypatch.setenv("TUX_ENV", "dev")
    async with tux.open_database() as db:
        assert (await db.service.health()).database == "entering_plain"


@pytest.mark.parametrize("name", ["BaseCog", "Manager", "Plugin", "PaginationResult", "SyncDatabase", "open_database"])
def test_the_public_names_come_from_tux(name):
    assert getattr(tux, name).__module__.startswith("tux.")


async def test_a_manager_has_the_coordinator_as_db(db):
    assert db.case.db is db


async def test_get_db_finds_the_coordinator_of_a_bot_and_of_the_running_service(bot):
    assert tux.get_db(bot) is bot.db
    assert isinstance(tux.get_db(), DatabaseCoordinator)
    assert bot.db_service is bot.db.service


class Asking(tux.BaseCog):
    """A cog as the documents show it."""

    def __init__(self, bot):
        super().__init__(bot)
        self.found = []

    @commands.hybrid_command()
    async def which(self, ctx):
        """Keep what get_db finds for the context of a command."""
        self.found += [tux.get_db(ctx), self.db]
        await ctx.send("kept")

    @app_commands.command()
    async def where(self, interaction: discord_py.Interaction):
        """Keep what get_db finds for an interaction."""
        self.found += [tux.get_db(interaction), interaction.client.db]
        await interaction.response.send_message("kept")


async def test_get_db_finds_it_for_the_context_of_a_command_and_for_an_interaction(discord, bot):
    cog = Asking(bot)
    async with added(bot, cog):
        alice = discord.member("alice")
        assert (await alice.says("!which")).text == "kept"
        assert (await alice.slash("which")).text == "kept"
        assert (await alice.slash("where")).text == "kept"
    assert cog.bot is bot
    assert [found is bot.db for found in cog.found] == [True] * 6


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


@pytest.mark.parametrize("module", ["tux.database", "tux.database.controllers", "tux.database.models"])
@pytest.mark.parametrize("name", NAMES)
def test_an_import_that_has_no_equivalent_says_what_to_use(module, name):
    with pytest.raises(ImportError, match=f"^{name} does not exist here; (use|subclass) tux"):
        exec(f"from {module} import {name}", {})  # noqa: S102 - the statement itself is what is tested


@pytest.mark.usefixtures("db")
@pytest.mark.parametrize(("module", "known"), [("controllers", "CaseController"), ("models", "CaseType")])
def test_a_misspelt_import_lists_what_there_is(module, known):
    with pytest.raises(UnknownName, match=rf"tux.database.{module} has no 'Csae'; it has .*\b{known}\b"):
        exec(f"from tux.database.{module} import Csae", {})  # noqa: S102 - the statement itself is what is tested


@pytest.mark.parametrize("module", ["tux.database", "tux.database.controllers", "tux.database.models"])
def test_what_python_itself_asks_modules_for_is_just_not_there(module):
    assert not hasattr(importlib.import_module(module), "__wrapped__")
    with pytest.raises(ImportError):
        importlib.import_module("tux.database.client")


@pytest.mark.parametrize("word", SESSION_WORDS)
async def test_words_of_sqlalchemy_sessions_are_translated(db, word):
    async with db.session() as session:
        with pytest.raises(NoEquivalent, match=rf"^session\.{word} does not exist here; "):
            getattr(session, word)


async def test_a_statement_that_is_no_text_is_told_apart(db):
    async with db.session() as session:
        for run in (session.execute, session.fetch, session.fetch_one):
            with pytest.raises(NoEquivalent, match="takes SQL as text"):
                await run(db.guild.model.all())


async def test_a_word_that_nobody_has_is_a_plain_attribute_error(db):
    async with db.session() as session:
        with pytest.raises(AttributeError, match="fetch, fetch_one and execute, not 'fetchall'"):
            _ = session.fetchall


def test_the_documentation_has_every_translation():
    text = (find_root() / "docs" / "callers.md").read_text()
    assert [word for word in (*NAMES, *SESSION_WORDS) if f"`{word}`" not in text] == []
