"""The pool: its deadline, dead and old connections, what each error becomes, and plain Tortoise on top of it."""

# ruff: noqa: PT012 - that the end of a transaction's block raises is what is tested
# ruff: noqa: ASYNC110 - what happens in the server has no asyncio.Event

from __future__ import annotations

import asyncio
import gc
import sys
import traceback
from contextlib import suppress
from datetime import UTC, datetime, timedelta

import asyncpg
import pytest
from tortoise import fields
from tortoise.context import TortoiseContext
from tortoise.exceptions import IntegrityError, OperationalError
from tortoise.expressions import F
from tortoise.models import Model
from tortoise.transactions import in_transaction

from tux.database import engine
from tux.database.embedded import LocalServer
from tux.database.engine import Client, active_client
from tux.database.url import connection_config
from tux.errors import (
    CheckViolation,
    ConnectionLost,
    DatabaseConnectionError,
    ForeignKeyViolation,
    InvalidValue,
    LockNotAvailable,
    NotNullViolation,
    PoolTimeout,
    SettingsError,
    StatementError,
    StatementTimeout,
    TransactionAborted,
    TransactionConflict,
    TransactionMisuse,
    UniqueViolation,
)
from tux.settings import DatabaseSettings, LocalSettings, Settings

OWNER = "INSERT INTO owners (name) VALUES ($1)"
PET = "INSERT INTO pets (owner_id, name) VALUES ($1, $2)"


class Owner(Model):
    id = fields.BigIntField(primary_key=True)
    name = fields.CharField(max_length=20, unique=True)
    age = fields.IntField(null=True)
    made = fields.DatetimeField(null=True)

    class Meta:
        table = "owners"


def client_for(url, **options):
    credentials = connection_config(Settings(), url)["credentials"]
    return Client(connection_name="default", **{**credentials, **options})


async def kill(admin, session):
    pid = (await session.fetch_one("SELECT pg_backend_pid() AS pid"))["pid"]
    assert await admin.fetchval("SELECT pg_terminate_backend($1, 5000)", pid)


# Statements


async def test_statements_return_rows_and_true_counts(service):
    client = active_client()
    assert await client.run(OWNER, ["ann"]) == 1
    assert await client.copy_rows("owners", ["name"], [("bob",), ("cid",)]) == 2
    await client.run_many(OWNER, [["dan"], ["eve"]])
    assert [row["name"] for row in await client.fetch("SELECT name FROM owners ORDER BY id")] == [
        "ann",
        "bob",
        "cid",
        "dan",
        "eve",
    ]
    assert (await client.fetch_row("SELECT count(*) AS n FROM owners"))["n"] == 5
    assert await client.fetch_row("SELECT 1 WHERE false") is None
    assert await client.run("UPDATE owners SET age = 1") == 5
    assert await client.run("CREATE TEMPORARY TABLE t (i int)") == 0
    await client.execute_script("  ")


async def test_a_failed_batch_keeps_nothing(service):
    client = active_client()
    with pytest.raises(UniqueViolation):
        await client.execute_many(OWNER, [["ann"], ["ann"]])
    with pytest.raises(UniqueViolation):
        await client.copy_rows("owners", ["name"], [("bob",), ("bob",)])
    assert await service.fetch("SELECT 1 FROM owners") == []


async def test_observers_see_each_round_trip_once(service):
    seen = []
    engine.observers.append(seen.append)
    try:
        async with service.transaction() as session:
            await session.execute(OWNER, "ann")
            async with service.transaction():
                pass
        await service.fetch("SELECT 1")
    finally:
        engine.observers.remove(seen.append)
    assert [sql.partition(" tux_")[0] for sql in seen] == [
        "BEGIN",
        OWNER,
        "SAVEPOINT",
        "RELEASE SAVEPOINT",
        "COMMIT",
        "SELECT 1",
    ]


async def test_the_session_time_zone_is_utc_whatever_the_role_says(url, connect, admin):
    await admin.execute("ALTER ROLE postgres SET timezone = 'Asia/Tokyo'")
    try:
        async with connect(url) as service:
            row = await service.fetch_one("SELECT current_setting('timezone') AS zone")
    finally:
        await admin.execute("ALTER ROLE postgres RESET timezone")
    assert row["zone"] == "UTC"


# Errors by kind


async def expect(service, kind, sql, *args):
    with pytest.raises(kind) as caught:
        await service.execute(sql, *args)
    assert type(caught.value) is kind
    return caught.value


async def test_a_taken_value_names_table_columns_and_constraint(service):
    await service.execute(OWNER, "ann")
    error = await expect(service, UniqueViolation, OWNER, "ann")
    assert (error.table, error.column, error.constraint) == ("owners", "name", "owners_name_key")
    assert "(name)=(ann)" in error.detail
    assert "ann" not in str(error)
    assert isinstance(error, IntegrityError)
    assert isinstance(error.__cause__, asyncpg.UniqueViolationError)


async def test_no_traceback_shows_what_a_refused_row_held(service):
    secret = "what ann said"
    await service.execute(OWNER, secret)
    for kind, sql in (
        (UniqueViolation, OWNER),
        (CheckViolation, "INSERT INTO owners (name, age) VALUES ($1 || '!', -1)"),
        (NotNullViolation, "INSERT INTO pets (owner_id, name) SELECT NULL, left($1, 5)"),
    ):
        error = await expect(service, kind, sql, secret)
        assert secret[:5] in error.detail
        assert secret[:5] not in "".join(traceback.format_exception(error))


async def test_a_taken_pair_names_both_columns(service):
    await service.execute(OWNER, "ann")
    await service.execute(PET, 1, "rex")
    error = await expect(service, UniqueViolation, PET, 1, "rex")
    assert (error.table, error.column, error.constraint) == ("pets", "owner_id, name", "pets_twins")


async def test_a_missing_parent_names_the_key(service):
    error = await expect(service, ForeignKeyViolation, PET, 7, "rex")
    assert (error.table, error.column, error.constraint) == ("pets", "owner_id", "pets_owner")


async def test_a_missing_value_names_its_column(service):
    error = await expect(service, NotNullViolation, PET, None, "rex")
    assert (error.table, error.column) == ("pets", "owner_id")


async def test_a_broken_check_names_the_constraint(service):
    error = await expect(service, CheckViolation, "INSERT INTO owners (name, age) VALUES ('ann', -1)")
    assert (error.table, error.constraint) == ("owners", "owners_age_check")


async def test_an_exclusion_is_a_check_violation(service):
    await service.execute(OWNER, "ann")
    stay = "INSERT INTO pets (owner_id, stay) VALUES (1, '[2026-01-01, 2026-02-01)')"
    await service.execute(stay)
    assert (await expect(service, CheckViolation, stay)).constraint == "pets_stay"


@pytest.mark.parametrize(
    ("sql", "args"),
    [
        ("INSERT INTO owners (name) VALUES ($1)", ["n" * 21]),
        ("INSERT INTO owners (name, age) VALUES ('x', 2147483647 + $1::int)", [1]),
        ("INSERT INTO owners (name, age) VALUES ('x', $1)", [2**31]),
        ("INSERT INTO owners (name, age) VALUES ('x', $1)", ["old"]),
        ("SELECT 'abc'::text::int", []),
    ],
)
async def test_a_value_that_does_not_fit_is_an_invalid_value(service, sql, args):
    assert isinstance(await expect(service, InvalidValue, sql, *args), OperationalError)


@pytest.mark.parametrize(
    "sql", ["SELECT * FROM nowhere", "SELECT nothing FROM owners", "SELEC 1", "DO $$ BEGIN RAISE 'no'; END $$"]
)
async def test_any_other_refusal_is_a_statement_error(service, sql):
    assert isinstance(await expect(service, StatementError, sql), OperationalError)


async def test_a_wrong_number_of_parameters_is_a_statement_error(service):
    await expect(service, StatementError, "SELECT $1::int", 1, 2)


async def test_a_slow_statement_is_cut_by_the_server(url, connect):
    async with connect(url, statement_timeout=0.05) as service:
        await expect(service, StatementTimeout, "SELECT pg_sleep(5)")
        assert await service.fetch("SELECT 1")


async def test_a_server_that_stays_silent_is_cut_by_the_client(url):
    client = client_for(url, command_timeout=0.05, server_settings={})
    with pytest.raises(StatementTimeout):
        await client.fetch("SELECT pg_sleep(5)")
    assert await client.fetch("SELECT 1")
    await client.close()


async def test_a_held_lock_is_lock_not_available(url, connect, admin):
    async with connect(url, lock_timeout=0.05) as service, admin.transaction():
        await admin.execute("LOCK TABLE owners")
        await expect(service, LockNotAvailable, OWNER, "ann")
        await expect(service, LockNotAvailable, "SELECT * FROM owners FOR UPDATE NOWAIT")


async def test_a_serialization_failure_is_a_conflict(service, admin):
    await service.execute(OWNER, "ann")
    with pytest.raises(TransactionConflict):
        async with service.transaction(isolation="repeatable read") as session:
            await session.fetch("SELECT * FROM owners")
            await admin.execute("UPDATE owners SET age = 1")
            await session.execute("UPDATE owners SET age = 2")


async def test_a_deadlock_is_a_conflict_for_one_of_the_two(service):
    await service.execute("INSERT INTO owners (name) VALUES ('ann'), ('bob')")
    both_in = asyncio.Barrier(2)

    async def lock(first, second):
        async with service.transaction() as session:
            await session.execute("SET LOCAL deadlock_timeout = '50ms'")
            await session.execute("UPDATE owners SET age = 1 WHERE name = $1", first)
            await both_in.wait()
            await session.execute("UPDATE owners SET age = 1 WHERE name = $1", second)

    results = await asyncio.gather(lock("ann", "bob"), lock("bob", "ann"), return_exceptions=True)
    assert sorted(type(result).__name__ for result in results) == ["NoneType", "TransactionConflict"]


async def test_a_write_in_a_read_only_transaction_is_misuse(service):
    with pytest.raises(TransactionMisuse):
        async with service.transaction(read_only=True) as session:
            await session.execute(OWNER, "ann")


async def test_a_prepared_statement_survives_a_changed_table(service, admin):
    await admin.execute("DROP TABLE IF EXISTS shape; CREATE TABLE shape (a int)")
    await service.fetch("SELECT * FROM shape")
    await admin.execute("ALTER TABLE shape ADD b int")
    with pytest.raises(TransactionConflict):
        async with service.transaction() as session:
            await session.fetch("SELECT * FROM shape")
    await service.fetch("SELECT * FROM shape")
    await admin.execute("DROP TABLE shape")


# The pool


async def test_a_busy_pool_is_an_error_after_the_acquire_timeout(url, connect):
    async with connect(url, pool_max_size=2, acquire_timeout=0.1) as service:
        async with asyncio.timeout(10), asyncio.TaskGroup() as group:
            done = asyncio.Event()

            async def hold():
                async with service.transaction():
                    await done.wait()

            group.create_task(hold())
            group.create_task(hold())
            await asyncio.sleep(0.05)
            with pytest.raises(PoolTimeout, match="2 of 2 in use"):
                await service.fetch("SELECT 1")
            with pytest.raises(PoolTimeout):
                async with service.transaction():
                    pytest.fail("nobody gave a connection back")
            done.set()
        assert await service.fetch("SELECT 1")


async def test_waiting_tasks_are_served_when_connections_come_back(url, connect):
    async with connect(url, pool_max_size=2) as service:
        rows = await asyncio.gather(*(service.fetch_one("SELECT $1::int AS i, pg_sleep(0.001)", i) for i in range(50)))
        assert [row["i"] for row in rows] == list(range(50))
        assert (await service.health()).pool_size == 2


async def test_tasks_that_come_first_together_share_one_pool(url, admin):
    client = client_for(url, minsize=1, maxsize=3, application_name="together")
    await asyncio.gather(*(client.fetch("SELECT 1") for _ in range(20)))
    sessions = await admin.fetchval("SELECT count(*) FROM pg_stat_activity WHERE application_name = 'together'")
    assert sessions == client.pool_state().size <= 3
    await client.close()


async def test_a_first_task_that_is_cancelled_does_not_spoil_the_pool_for_the_second(url):
    client = client_for(url)
    first = asyncio.create_task(client.fetch("SELECT 1"))
    await asyncio.sleep(0)
    second = asyncio.create_task(client.fetch("SELECT 2 AS two"))
    await asyncio.sleep(0)
    first.cancel()
    assert (await second)[0]["two"] == 2
    with pytest.raises(asyncio.CancelledError):
        await first
    await client.close()


async def test_a_pool_that_cannot_be_made_when_nobody_waits_for_it_any_more_is_no_complaint():
    complaints, left = [], asyncio.Event()
    loop = asyncio.get_running_loop()

    async def hang_up(reader, writer):
        await left.wait()
        writer.close()

    async with await asyncio.start_server(hang_up, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        client = client_for(f"postgresql://someone@127.0.0.1:{port}/x?sslmode=disable")
        loop.set_exception_handler(lambda _loop, context: complaints.append(context["message"]))
        try:
            asked = asyncio.create_task(client.fetch("SELECT 1"))
            while client._opening is None:
                await asyncio.sleep(0)
            asked.cancel()
            await asyncio.wait({asked})
            left.set()
            while client._opening is not None:
                await asyncio.sleep(0.01)
            gc.collect()
        finally:
            loop.set_exception_handler(None)
        await client.close()
    assert complaints == []


async def test_a_server_that_accepts_but_never_speaks_is_a_pool_timeout():
    async def listen(reader, writer):
        await reader.read()
        writer.close()

    async with await asyncio.start_server(listen, "127.0.0.1", 0) as silent:
        port = silent.sockets[0].getsockname()[1]
        client = client_for(
            f"postgresql://someone@127.0.0.1:{port}/x?sslmode=disable", acquire_timeout=0.1, timeout=0.3
        )
        started = asyncio.get_running_loop().time()
        results = await asyncio.gather(*(client.fetch("SELECT 1") for _ in range(5)), return_exceptions=True)
        assert asyncio.get_running_loop().time() - started < 0.3
        assert {type(result) for result in results} == {PoolTimeout}
        await client.close()


async def test_the_connection_that_died_idle_is_replaced(service, admin):
    await kill(admin, service)
    await asyncio.sleep(0.05)
    assert await service.fetch("SELECT 1")


async def test_the_connection_that_dies_in_a_statement_is_reported_lost(service, admin, pool):
    async def interrupted():
        return await service.fetch("SELECT pg_sleep(5)")

    task = asyncio.create_task(interrupted())
    while not (pids := await admin.fetch("SELECT pid FROM pg_stat_activity WHERE query LIKE 'SELECT pg_sleep(5)%'")):
        await asyncio.sleep(0.01)
    await admin.execute("SELECT pg_terminate_backend($1)", pids[0]["pid"])
    with pytest.raises(ConnectionLost):
        await task
    assert await pool.is_whole()


async def test_an_old_connection_is_replaced_before_its_next_statement(url, connect):
    async with connect(url, recycle_after=0.2) as service:
        pid = "SELECT pg_backend_pid() AS pid"
        first = (await service.fetch_one(pid))["pid"]
        assert (await service.fetch_one(pid))["pid"] == first
        await asyncio.sleep(0.25)
        assert (await service.fetch_one(pid))["pid"] != first


async def test_a_restart_of_the_server_is_survived(short_path, connect):
    with LocalServer(short_path, test=True) as server:
        await server.create_database("again")
        url = server.url("again")
        async with connect(url) as service:
            await service.execute("CREATE TABLE kept (i int)")
            server.stop()
            async with asyncio.timeout(10):
                while True:
                    try:
                        await service.fetch("SELECT 1")
                    except (ConnectionLost, DatabaseConnectionError):
                        break
                    await asyncio.sleep(0.05)
            await asyncio.to_thread(server.start)
            assert await service.fetch("SELECT * FROM kept") == []


async def test_a_closed_client_is_not_opened_by_a_late_statement(url):
    client = client_for(url)
    await client.fetch("SELECT 1")
    await client.close()
    await client.close()
    with pytest.raises(DatabaseConnectionError, match="closed"):
        await client.fetch("SELECT 1")
    await client.create_connection(with_db=True)
    assert await client.fetch("SELECT 1")
    await client.close()


async def test_a_misspelt_option_is_refused_before_the_first_query(url):
    with pytest.raises(SettingsError, match="pool_size"):
        client_for(url, pool_size=3)


async def test_the_local_server_starts_with_the_first_connection_and_goes_with_the_last(tmp_path):
    settings = Settings(root=tmp_path, local=LocalSettings(database="own"), database=DatabaseSettings())
    config = connection_config(settings, None)
    client = Client(connection_name="default", **config["credentials"])
    assert not (tmp_path / ".tux").exists()
    row = await client.fetch_row("SELECT current_database()::text AS name")
    assert row["name"] == "own"
    await client.close()
    folder = tmp_path / ".tux" / "postgres"
    async with asyncio.timeout(10):
        while (folder / "socket" / ".s.PGSQL.5432").exists():
            await asyncio.sleep(0.05)


async def test_active_client_without_a_database_says_what_to_do():
    with TortoiseContext(), pytest.raises(DatabaseConnectionError, match="connect"):
        active_client()


# Plain Tortoise


async def test_plain_tortoise_works_on_the_engine(url, connect):
    async with connect(url, [sys.modules[__name__]]):
        made = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
        ann = await Owner.create(name="ann", age=4, made=made)
        assert await Owner.get(id=ann.id) == ann
        assert (await Owner.get(name="ann")).made == made
        assert (await Owner.get(name="ann")).made.utcoffset() == timedelta(0)
        assert await Owner.filter(id=ann.id).update(age=F("age") + 1) == 1
        await Owner.bulk_create([Owner(name=f"o{i}") for i in range(20)])
        assert await Owner.all().count() == 21
        assert (await Owner.get_or_create(name="ann"))[1] is False
        assert await Owner.filter(name__startswith="o").delete() == 20
        with pytest.raises(IntegrityError):
            await Owner.create(name="ann")
        assert await Owner.all().values_list("age", flat=True) == [5]


async def test_plain_tortoise_transactions_work_on_the_engine(url, connect):
    async with connect(url, [sys.modules[__name__]]):
        async with in_transaction() as outer:
            await Owner.create(name="kept")
            with pytest.raises(ZeroDivisionError):
                async with in_transaction():
                    await Owner.create(name="undone")
                    raise ZeroDivisionError
            await Owner.create(name="explicit", using_db=outer)
        assert await Owner.all().order_by("id").values_list("name", flat=True) == ["kept", "explicit"]
        async with in_transaction() as outer:
            await Owner.create(name="thrown")
            await outer.rollback()
        assert await Owner.filter(name="thrown").exists() is False
        with pytest.raises(TransactionAborted):
            async with in_transaction():
                with suppress(IntegrityError):
                    await Owner.create(name="kept")
