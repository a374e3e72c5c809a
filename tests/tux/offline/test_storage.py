from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager

import asyncpg
import pytest
import pytest_asyncio
from pydantic import SecretStr

from tux.errors import DatabaseConnectionError
from tux.offline import storage
from tux.offline.storage import console_database, is_blank
from tux.settings import load_settings


@pytest_asyncio.fixture(loop_scope="session")
async def project(tux_databases, tux_root):
    """Settings whose DATABASE_URL is a database called `mine`, with a table that has a row."""
    await tux_databases.server.create_database("mine")
    async with tux_databases.connected("mine") as connection:
        await connection.execute("CREATE TABLE things (id serial PRIMARY KEY); INSERT INTO things DEFAULT VALUES")
    url = tux_databases.server.url("mine")
    yield load_settings(tux_root).model_copy(update={"default_url": SecretStr(url)})
    for name in ("mine", "mine_script", "mine_console"):
        await tux_databases.drop(name)


@asynccontextmanager
async def opened(settings, *, scripted):
    async with console_database(settings, scripted=scripted) as url:
        connection = await asyncpg.connect(url)
        try:
            yield url, connection
        finally:
            await connection.close()


async def add_row(connection):
    await connection.execute('CREATE TABLE IF NOT EXISTS "My things" (id serial PRIMARY KEY)')
    return await connection.fetchval('INSERT INTO "My things" DEFAULT VALUES RETURNING id')


async def test_a_script_finds_its_database_empty_with_sequences_at_their_start(project):
    for _ in range(2):
        async with opened(project, scripted=True) as (url, connection):
            assert await is_blank(url)
            assert await add_row(connection) == 1
            assert not await is_blank(url)


async def test_a_person_finds_the_rows_of_before(project):
    numbers = []
    for _ in range(2):
        async with opened(project, scripted=False) as (_, connection):
            numbers.append(await add_row(connection))
    assert numbers == [1, 2]


async def test_the_database_of_the_url_is_never_written_to(project, tux_databases):
    for scripted in (True, False):
        async with opened(project, scripted=scripted) as (url, connection):
            assert (
                await connection.fetchval("SELECT current_database()") == f"mine_{'script' if scripted else 'console'}"
            )
            assert url != project.database_url
    async with tux_databases.connected("mine") as connection:
        assert await connection.fetchval("SELECT count(*) FROM things") == 1


async def test_a_second_script_waits_for_the_first(project):
    async def play():
        async with console_database(project, scripted=True):
            pass

    async with console_database(project, scripted=True):
        second = asyncio.create_task(play())
        done, _ = await asyncio.wait({second}, timeout=0.3)
        assert not done
    await asyncio.wait_for(second, 10)


async def test_a_script_that_waits_too_long_is_told_why(project, monkeypatch):
    monkeypatch.setattr(storage, "LOCK_SECONDS", 0.1)
    async with console_database(project, scripted=True):
        with pytest.raises(DatabaseConnectionError, match="another script has been playing"):
            async with console_database(project, scripted=True):
                pass


async def test_without_the_right_to_create_it_the_database_is_named(project, tux_databases):
    async with tux_databases.connected() as connection:
        await connection.execute("CREATE ROLE poor LOGIN")
    url = project.database_url.replace("postgres@", "poor@")
    poor = project.model_copy(update={"default_url": SecretStr(url)})
    try:
        with pytest.raises(DatabaseConnectionError, match="a database of its own, mine_script, and this user may not"):
            async with console_database(poor, scripted=True):
                pass
    finally:
        async with tux_databases.connected() as connection:
            await connection.execute("DROP ROLE poor")


async def test_a_server_that_does_not_answer_is_named_without_the_password(project):
    dead = project.model_copy(update={"default_url": SecretStr("postgresql://me:secret@127.0.0.1:1/mine")})
    with pytest.raises(
        DatabaseConnectionError, match=r"cannot connect to 127\.0\.0\.1:1/mine: nobody listens there; start"
    ) as caught:
        async with console_database(dead, scripted=True):
            pass
    assert "secret" not in str(caught.value)


async def test_a_database_that_is_not_there_is_named_with_what_to_do(project):
    url = project.database_url.replace("/mine", "/nowhere")
    lost = project.model_copy(update={"default_url": SecretStr(url)})
    with pytest.raises(DatabaseConnectionError, match="/nowhere: the database does not exist; create it"):
        async with console_database(lost, scripted=True):
            pass
