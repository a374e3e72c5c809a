"""Statements on the short way to asyncpg's protocol: what asyncpg's own way looks after still holds."""

from __future__ import annotations

import asyncio
import runpy

import asyncpg
import pytest

from tux import settings
from tux.database import direct
from tux.database.engine import Client, active_client
from tux.database.url import connection_config
from tux.errors import StatementTimeout, TransactionConflict, UniqueViolation
from tux.settings import FAST, Settings


@pytest.fixture
def client_for():
    """Make a client of its own: `client_for(url, command_timeout=0.2)`."""

    def make(url, **options):
        return Client(connection_name="default", **{**connection_config(Settings(), url)["credentials"], **options})

    return make


@pytest.fixture
async def one(url, connect):
    """A pool of one connection, which has prepared what it was asked before."""
    async with connect(url, pool_max_size=1, acquire_timeout=5):
        yield active_client()


def test_the_installed_asyncpg_is_the_one_that_is_known():
    assert direct.IS_ON is FAST


@pytest.mark.parametrize(("is_wanted", "is_known"), [(True, True), (True, False), (False, True), (False, False)])
def test_the_short_way_is_taken_only_where_it_is_wanted_and_does_what_asyncpg_does(monkeypatch, is_wanted, is_known):
    monkeypatch.setattr(settings, "FAST", is_wanted)
    if not is_known:
        monkeypatch.setattr(asyncpg.Connection, "_do_execute", asyncpg.Connection.execute)
    assert runpy.run_path(direct.__file__)["IS_ON"] is (is_wanted and is_known)


async def test_who_listens_to_a_connection_hears_of_statements_that_are_prepared_already(one):
    heard = []
    await one.fetch("SELECT 1 AS prepared")
    async with one.acquire_connection() as raw:
        raw._con.add_query_logger(lambda query: heard.append(query.query))
    heard.clear()
    for _ in range(2):
        await one.fetch("SELECT 1 AS prepared")
    await asyncio.sleep(0)  # asyncpg tells who listens a moment later
    assert heard.count("SELECT 1 AS prepared") == 2


async def test_a_statement_prepared_before_the_table_changed_is_prepared_anew(one, admin):
    await admin.execute("CREATE TABLE changing (id int); INSERT INTO changing VALUES (1)")
    try:
        for _ in range(2):
            assert [dict(row) for row in await one.fetch("SELECT * FROM changing")] == [{"id": 1}]
        await admin.execute("ALTER TABLE changing ADD COLUMN name text DEFAULT 'ann'")
        assert [dict(row) for row in await one.fetch("SELECT * FROM changing")] == [{"id": 1, "name": "ann"}]
        assert dict(await one.fetch_row("SELECT * FROM changing")) == {"id": 1, "name": "ann"}
    finally:
        await admin.execute("DROP TABLE changing")


async def test_a_composite_type_that_changed_is_read_anew(one, admin):
    await admin.execute("CREATE TYPE pair AS (a int, b int)")
    try:
        for _ in range(2):
            assert tuple((await one.fetch_row("SELECT ROW(1, 2)::pair AS found"))["found"]) == (1, 2)
        await admin.execute("ALTER TYPE pair ADD ATTRIBUTE c text")
        sql = "SELECT ROW(1, 2, 'x')::pair AS found"
        with pytest.raises(TransactionConflict):  # it ran, so it may not run again unasked
            await one.fetch(sql)
        assert tuple((await one.fetch_row(sql))["found"]) == (1, 2, "x")
    finally:
        await admin.execute("DROP TYPE pair")


async def test_counts_and_errors_are_the_same_the_second_time(one):
    for name in ("ann", "bob"):
        assert await one.run("INSERT INTO owners (name) VALUES ($1)", [name]) == 1
    assert await one.run("UPDATE owners SET age = $1", [3]) == 2
    assert await one.run("UPDATE owners SET age = $1", [4]) == 2
    for _ in range(3):
        with pytest.raises(UniqueViolation):
            await one.run("INSERT INTO owners (name) VALUES ($1)", ["bob"])
    assert [row["age"] for row in await one.fetch("SELECT age FROM owners WHERE age = $1", [4])] == [4, 4]


async def test_a_limit_of_one_row_leaves_the_connection_usable(one):
    for _ in range(3):
        assert (await one.fetch_row("SELECT * FROM generate_series(1, 5) AS number"))["number"] == 1
        assert len(await one.fetch("SELECT * FROM generate_series(1, 5) AS number")) == 5


@pytest.mark.parametrize("server_limit", ["60s", ""])
async def test_a_server_that_stays_silent_is_cut_the_second_time_too(url, client_for, server_limit):
    settings = {"statement_timeout": server_limit} if server_limit else {}
    client: Client = client_for(url, command_timeout=0.2, server_settings=settings)
    sql = "SELECT pg_sleep($1)"
    for seconds in (0.0, 0.0):
        await client.fetch(sql, [seconds])
    for _ in range(2):
        with pytest.raises(StatementTimeout):
            await client.fetch(sql, [5.0])
        assert await client.fetch(sql, [0.0])
    assert client.pool_state().waiting == 0
    await client.close()


async def test_the_guard_leaves_alone_what_is_idle_or_fast(url, client_for):
    client: Client = client_for(url, command_timeout=0.2, server_settings={"statement_timeout": "60s"})
    first = (await client.fetch_row("SELECT pg_backend_pid() AS pid"))["pid"]
    for _ in range(4):
        await asyncio.sleep(0.12)
        assert (await client.fetch_row("SELECT pg_backend_pid() AS pid"))["pid"] == first or not FAST
    async with client.acquire_connection() as raw:
        await asyncio.sleep(0.3)
        assert await raw.fetchval("SELECT 1") == 1
    await client.close()


async def test_asyncpgs_own_way_gives_the_same(one, monkeypatch):
    monkeypatch.setattr(direct, "IS_ON", False)
    for _ in range(2):
        assert [tuple(row) for row in await one.fetch("SELECT $1::int, 'x'", [5])] == [(5, "x")]
    assert await one.run("UPDATE owners SET age = $1", [4]) == 0
