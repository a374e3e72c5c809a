"""Connections that skip the reset between two statements: only those whose session is as it was."""

from __future__ import annotations

import asyncio
from contextlib import suppress

import pytest

from tux.database import leftovers
from tux.database.engine import active_client
from tux.database.leftovers import leaves_nothing
from tux.errors import DatabaseError, UniqueViolation
from tux.settings import FAST

KEPT = pytest.mark.skipif(not FAST, reason="TUX_FAST=0 keeps no connection")

CLEAN = [
    "SELECT 1",
    "  select id, lower(name) FROM owners WHERE age > $1 AND name = ANY($2) -- set_config('a', 'b', false)",
    "INSERT INTO owners (name) VALUES ($1) ON CONFLICT (name) DO UPDATE SET age = owners.age + 1 RETURNING id",
    'INSERT INTO "owners" ("name") SELECT given.name FROM unnest($1::text[]) WITH ORDINALITY AS given (name, place)',
    "WITH gone AS (DELETE FROM pets WHERE owner_id IN (SELECT 1) RETURNING id) SELECT count(*) FROM gone",
    "UPDATE owners SET name = 'SET x = 1; LISTEN y' WHERE id = $1",
    "SELECT CAST($1 AS varchar(20)), row_number() OVER (PARTITION BY name ORDER BY id) FROM owners",
    "SELECT pg_advisory_xact_lock($1)",
    'COPY "owners" FROM STDIN',
]
UNCLEAR = [
    "",
    "SET work_mem = '1MB'",
    "RESET ALL",
    "LISTEN somebody",
    "BEGIN",
    "DECLARE rows CURSOR WITH HOLD FOR SELECT 1",
    "CREATE TEMPORARY TABLE short (id int)",
    "SELECT 1 AS id INTO TEMPORARY short",
    "WITH one AS (SELECT 1 AS id) SELECT id INTO TEMP short FROM one",
    "PREPARE one AS SELECT 1",
    "DISCARD ALL",
    "DO $$ BEGIN PERFORM 1; END $$",
    "CALL something()",
    "EXPLAIN ANALYZE SELECT 1",
    "SELECT 1; SET work_mem = '1MB'",
    "SELECT set_config('tux.word', 'left', false)",
    'SELECT "set_config"($1, $2, false)',
    "SELECT pg_catalog.set_config($1, $2, false)",
    "SELECT pg_advisory_lock(1)",
    "SELECT a_function_of_a_plugin()",
    "SELECT hidden.lower('x')",
    "INSERT INTO owners (name) VALUES (set_config('tux.word', 'left', false))",
    "SELECT /* ( */ set_config /* ) */ ('tux.word', 'left', false)",
]


@pytest.mark.parametrize("sql", CLEAN)
def test_a_statement_of_known_words_and_functions_leaves_nothing(sql):
    assert leaves_nothing(sql)
    assert leaves_nothing(f"{sql};")


@pytest.mark.parametrize("sql", UNCLEAR)
def test_any_other_statement_may_leave_something(sql):
    assert not leaves_nothing(sql)


def test_what_is_known_of_statements_is_kept_for_a_bounded_number_of_them(monkeypatch):
    monkeypatch.setattr(leftovers, "_answers", {})
    monkeypatch.setattr(leftovers, "KEPT_ANSWERS", 3)
    monkeypatch.setattr(leftovers, "LONGEST_TEXT", 100)
    for number in range(5):
        leaves_nothing(f"SELECT {number}")
    leaves_nothing(f"SELECT '{'x' * 100}'")
    assert [*leftovers._answers] == ["SELECT 3", "SELECT 4"]


@pytest.fixture
async def one(url, connect):
    """A pool of one connection, which everybody gets."""
    async with connect(url, pool_max_size=1, acquire_timeout=5):
        yield active_client()


async def pid(client):
    return (await client.fetch_row("SELECT pg_backend_pid() AS pid"))["pid"]


async def word(client):
    return (await client.fetch_row("SELECT current_setting('tux.word', true) AS word"))["word"] or None


@pytest.mark.parametrize(
    "sql", ["SET tux.word = 'left'", "SELECT set_config('tux.word', 'left', false)", "SET SESSION tux.word TO 'left'"]
)
async def test_a_setting_does_not_reach_the_next_borrower(one, sql):
    await one.fetch(sql)
    assert await word(one) is None


async def test_a_setting_of_a_transaction_does_not_reach_the_next_borrower(one):
    async with one.open_transaction() as transaction:
        await transaction.run("SET tux.word = 'left'")
        await transaction.fetch("SELECT 1")
    assert await word(one) is None


async def test_a_temporary_table_does_not_reach_the_next_borrower(one):
    await one.run("CREATE TEMPORARY TABLE short AS SELECT 1")
    assert (await one.fetch_row("SELECT to_regclass('short') AS found"))["found"] is None


async def test_a_cursor_does_not_reach_the_next_borrower(one):
    async with one.open_transaction() as transaction:
        await transaction.run("DECLARE left_open CURSOR WITH HOLD FOR SELECT 1")
    assert await one.fetch("SELECT name FROM pg_cursors WHERE name = 'left_open'") == []


async def test_a_channel_is_not_heard_by_the_next_borrower(one):
    await one.run("LISTEN somebody")
    assert await one.fetch("SELECT * FROM pg_listening_channels()") == []


async def test_an_advisory_lock_is_given_back(one, admin):
    await one.fetch("SELECT pg_advisory_lock(4711)")
    await one.fetch("SELECT 1")
    assert await admin.fetchval("SELECT pg_try_advisory_lock(4711)")
    await admin.execute("SELECT pg_advisory_unlock(4711)")


async def test_a_function_of_somebody_is_followed_by_a_reset(one, admin):
    await admin.execute(
        "CREATE OR REPLACE FUNCTION leave_word() RETURNS text LANGUAGE sql"
        " AS $$ SELECT set_config('tux.word', 'left', false) $$"
    )
    try:
        await one.fetch("SELECT leave_word()")
        assert await word(one) is None
    finally:
        await admin.execute("DROP FUNCTION leave_word()")


async def test_what_a_borrower_did_on_the_raw_connection_is_reset(one):
    async with one.acquire_connection() as raw:
        await raw.execute("SET tux.word = 'left'")
    assert await word(one) is None


async def test_an_aborted_transaction_does_not_reach_the_next_borrower(one):
    with suppress(DatabaseError):
        async with one.open_transaction() as transaction:
            with suppress(DatabaseError):
                await transaction.fetch("SELECT 1 / 0")
    assert [row[0] for row in await one.fetch("SELECT 1")] == [1]


async def test_an_error_is_followed_by_a_reset(one):
    await one.run("INSERT INTO owners (name) VALUES ('ann')")
    with pytest.raises(UniqueViolation):
        await one.run("INSERT INTO owners (name) VALUES ('ann')")
    assert one.kept.free == []
    assert await one.fetch("SELECT 1")


async def test_a_cancelled_statement_does_not_disturb_the_next_borrower(one):
    task = asyncio.create_task(one.fetch("SELECT pg_sleep(30)"))
    await asyncio.sleep(0.05)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert [row[0] for row in await one.fetch("SELECT 1")] == [1]


@KEPT
async def test_clean_statements_pay_for_no_reset(one):
    seen = []
    async with one.acquire_connection() as raw:
        raw._con.add_query_logger(lambda query: seen.append(query.query))
    seen.clear()
    for _ in range(3):
        await one.fetch("SELECT 1")
        async with one.open_transaction() as transaction:
            await transaction.fetch("SELECT 1")
    assert not [sql for sql in seen if "RESET ALL" in sql]
    await one.run("SET tux.word = 'left'")
    assert [sql for sql in seen if "RESET ALL" in sql]


@KEPT
async def test_a_clean_connection_stays_at_hand_after_a_transaction_too(one):
    async with one.open_transaction() as transaction:
        await transaction.fetch("SELECT 1")
    assert len(one.kept.free) == 1
    async with one.open_transaction() as transaction:
        await transaction.run("SET tux.word = 'left'")
    assert len(one.kept.free) == 0


@KEPT
async def test_tasks_that_wait_are_handed_the_connection_in_their_order(one):
    order = []

    async def ask(number):
        await one.fetch("SELECT $1::int", [number])
        order.append(number)

    await asyncio.gather(*(ask(number) for number in range(20)))
    assert order == list(range(20))


async def test_a_task_cancelled_while_it_waits_loses_no_connection(url, connect):
    async with connect(url, pool_max_size=2, acquire_timeout=5):
        client = active_client()
        for delay in range(30):
            tasks = [asyncio.create_task(client.fetch("SELECT 1")) for _ in range(6)]
            for _ in range(delay % 10):
                await asyncio.sleep(0)
            for task in tasks[::2]:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
        state = client.pool_state()
        assert state.size - state.free == 0
        assert len([await client.lend() for _ in range(2)]) == 2


async def test_a_task_cancelled_in_the_moment_its_time_is_up_is_cancelled(one):
    async with one.acquire_connection():
        task = asyncio.create_task(one.fetch("SELECT 1"))
        await asyncio.sleep(0)
        [(_, waiter)] = one.kept.waiters
        waiter.set_exception(TimeoutError())
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task


async def test_a_connection_that_died_while_kept_is_replaced(one, admin):
    await admin.fetchval("SELECT pg_terminate_backend($1, 5000)", await pid(one))
    await asyncio.sleep(0.05)
    assert await pid(one)


async def test_closing_gives_the_kept_connections_back(url, connect):
    async with connect(url, pool_max_size=3) as service:
        client = active_client()
        await asyncio.gather(*(client.fetch("SELECT 1") for _ in range(9)))
        async with asyncio.timeout(3):
            await service.disconnect()
        assert client.kept.free == []
        assert client.kept.out == 0
