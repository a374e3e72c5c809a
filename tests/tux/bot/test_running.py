"""What `tux start` says when it cannot start, and how a signal stops it."""

from __future__ import annotations

import asyncio
import os
import re
import signal
from contextlib import asynccontextmanager

import aiohttp
import asyncpg
import pytest
from aiohttp import web
from loguru import logger
from pydantic import SecretStr
from support import logged

from tux.bot.running import run_bot
from tux.errors import DatabaseConnectionError, DiscordUnreachable, MigrationError, PluginError, SettingsError
from tux.offline.server import Server
from tux.offline.world import World
from tux.settings import load_settings
from tux.testing import scratch_database


@pytest.fixture
async def discord_socket(tmp_path):
    """A local Discord without a bot: its world, and the options that lead a client there."""
    world = World()
    world.token = "good"
    server = Server(world)
    path = tmp_path / "discord.sock"
    await server.start(path)
    yield world, lambda: {"connector": aiohttp.UnixConnector(path=str(path)), "guild_ready_timeout": 0.1}
    await server.stop()


def settings_for(url):
    return load_settings().model_copy(update={"default_url": SecretStr(url), "environment": None})


@pytest.fixture
async def url(tux_databases):
    async with scratch_database() as made:
        yield made


DEAD = "postgresql://tux:hunter2@127.0.0.1:1/nowhere"


async def test_a_token_that_discord_refuses_is_one_sentence(discord_socket):
    _, options = discord_socket
    with pytest.raises(SettingsError, match="does not accept the token in DISCORD_TOKEN; make a new one") as caught:
        await run_bot(settings_for(DEAD), "bad", **options())
    assert "bad" not in str(caught.value)


@pytest.mark.parametrize("token", ["go\nod", "good\x00"])
async def test_a_token_that_no_request_can_hold_is_refused_before_one_is_sent(discord_socket, token):
    _, options = discord_socket
    with pytest.raises(SettingsError, match="DISCORD_TOKEN holds a line break or another control character"):
        await run_bot(settings_for(DEAD), token, **options())


@pytest.mark.parametrize(
    ("text", "kind", "reason"),
    [
        ('{"message": "Slow down", "code": 0}', "application/json", "Slow down"),
        ("<html>\nBlocked", "text/html", "no reason given"),
        ("", "text/plain", "no reason given"),
    ],
)
async def test_a_start_that_discord_refuses_is_one_sentence(tmp_path, text, kind, reason):
    async def refuse(_request):
        return web.Response(body=text.encode(), content_type=kind, status=403)

    app = web.Application()
    app.router.add_route("*", "/{rest:.*}", refuse)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.UnixSite(runner, str(tmp_path / "shut.sock")).start()
    try:
        with pytest.raises(DiscordUnreachable, match=f"refused the start with 403: {reason}; try again"):
            await run_bot(settings_for(DEAD), "good", connector=aiohttp.UnixConnector(str(tmp_path / "shut.sock")))
    finally:
        await runner.cleanup()


async def test_a_token_that_is_reset_while_the_bot_starts_is_one_sentence(discord_socket, url):
    world, options = discord_socket
    sink = logger.add(lambda message: "Started with" in message and setattr(world, "token", "another"))
    try:
        with pytest.raises(DiscordUnreachable, match="ended the connection with 4004: it does not accept the token"):
            await run_bot(settings_for(url), "good", **options())
    finally:
        logger.remove(sink)


async def test_a_bot_that_nobody_can_see_says_how_it_is_invited(discord_socket, url):
    _, options = discord_socket
    with logged() as lines:
        await stop_after(0.0, settings_for(url), "good", text="invite it with", **options())
    text = "".join(lines)
    assert re.search(r"Connected to Discord as \S+, in 0 servers", text)
    assert re.search(r"invite it with https://discord\.com/oauth2/authorize\?client_id=\d+&scope=bot", text)


async def test_intents_that_are_not_enabled_are_named(discord_socket, url):
    world, options = discord_socket
    world.privileged = frozenset()
    with pytest.raises(SettingsError, match="enable Server Members and Message Content"):
        await run_bot(settings_for(url), "good", **options())


async def test_a_discord_that_does_not_answer_is_one_sentence(tmp_path):
    connector = aiohttp.UnixConnector(path=str(tmp_path / "nobody.sock"))
    with pytest.raises(DiscordUnreachable, match="Discord does not answer; check the network"):
        await run_bot(settings_for(DEAD), "good", connector=connector)


async def test_a_dead_database_is_named_without_its_password(discord_socket):
    _, options = discord_socket
    with pytest.raises(DatabaseConnectionError, match=r"127\.0\.0\.1:1/nowhere") as caught:
        await run_bot(settings_for(DEAD), "good", **options())
    assert "hunter2" not in str(caught.value)


@pytest.fixture
async def locked_url(tux_databases, url):
    """The URL of the database for a user with a password, made with a wrong one."""
    async with tux_databases.connected() as connection:
        await connection.execute("DROP ROLE IF EXISTS locked; CREATE ROLE locked LOGIN PASSWORD 'sesame'")
        hba = await connection.fetchval("SELECT pg_read_file('pg_hba.conf')")
        path = await connection.fetchval("SHOW hba_file")
        if "local all locked" not in hba:
            with open(path, "w", encoding="utf-8") as file:  # noqa: ASYNC230, PTH123 - a file of four lines
                file.write(f"local all locked scram-sha-256\n{hba}")
            await connection.execute("SELECT pg_reload_conf()")
    return url.replace("postgres@", "locked:open-says-me@")


async def test_a_wrong_password_is_one_sentence_without_it(discord_socket, locked_url):
    _, options = discord_socket
    with pytest.raises(DatabaseConnectionError, match="user 'locked' was refused") as caught:
        await run_bot(settings_for(locked_url), "good", **options())
    assert "open-says-me" not in str(caught.value)


async def test_a_schema_that_is_behind_blocks_the_plugins_that_lack_parts(discord_socket, url):
    _, options = discord_socket
    connection = await asyncpg.connect(url)
    await connection.execute("DROP TABLE moderation_case_counters")
    await connection.close()
    with logged() as lines:
        await stop_after(0.0, settings_for(url), "good", **options())
    text = "".join(lines)
    assert "Plugin is blocked: its schema is behind (moderation_case_counters is missing); run `tux db upgrade`" in text
    assert "Started with" in text


async def test_without_the_tables_of_guild_nothing_starts_and_the_sentence_says_what_to_run(discord_socket, url):
    _, options = discord_socket
    connection = await asyncpg.connect(url)
    await connection.execute("DROP TABLE guild_member_statuses")
    await connection.close()
    with pytest.raises(PluginError, match=r"nothing starts without it: its schema is behind.*tux db upgrade"):
        await run_bot(settings_for(url), "good", **options())


async def test_a_database_with_other_migrations_is_refused_with_their_names(discord_socket, url):
    _, options = discord_socket
    connection = await asyncpg.connect(url)
    await connection.execute("UPDATE aerich SET version = '0_20200101000000_theirs.py'")
    await connection.close()
    with pytest.raises(MigrationError, match="0_20200101000000_theirs"):
        await run_bot(settings_for(url), "good", **options())


async def stop_after(seconds, *arguments, text="Started with", **options):
    """Run the bot until it has logged the text, then send this process the signal that stops it."""
    started = asyncio.Event()
    sink = logger.add(lambda message: text in message and started.set())
    try:
        running = asyncio.create_task(run_bot(*arguments, **options))
        await asyncio.wait({running, asyncio.create_task(started.wait())}, return_when=asyncio.FIRST_COMPLETED)
    finally:
        logger.remove(sink)
    await asyncio.sleep(seconds)
    if not running.done():
        os.kill(os.getpid(), signal.SIGTERM)
    return await running


async def test_what_is_beside_the_bot_is_open_as_long_as_it_runs(discord_socket, url):
    _, options = discord_socket
    seen = []

    @asynccontextmanager
    async def beside(bot):
        seen.append(bot.is_closed())
        try:
            yield
        finally:
            seen.append(bot.is_closed())

    assert await stop_after(0.1, settings_for(url), "good", beside=beside, **options()) is False
    assert seen == [False, True]


async def test_a_signal_stops_the_bot_and_closes_the_database(discord_socket, url):
    _, options = discord_socket
    with logged() as lines:
        async with asyncio.timeout(60):
            assert await stop_after(0.1, settings_for(url), "good", **options()) is False
    assert any("Disconnected from" in line for line in lines)
    connection = await asyncpg.connect(url)
    others = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
    left = await connection.fetchval(others)
    await connection.close()
    assert left == 0
