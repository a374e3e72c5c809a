"""Theme 8: each kind of failure happens for real, and says what it is, where, and what Tortoise calls it."""

# ruff: noqa: PT012 - that the end of a transaction's block raises is what is tested

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager, nullcontext
from datetime import UTC, datetime

import asyncpg
import pytest
from tortoise.exceptions import (
    BaseORMException,
    DBConnectionError,
    FieldError,
    IntegrityError,
    OperationalError,
    TransactionManagementError,
)
from tortoise.transactions import in_transaction

from plugins.guild.models import Guild, GuildLevelRole
from plugins.moderation.models import Case
from tests.correctness.scenes import ANN, BOB, GUILD, OTHER, a_case, outside, row_counts
from tux.database.embedded import LocalServer
from tux.database.engine import active_client
from tux.database.mapping import database_error
from tux.database.service import DatabaseService
from tux.errors import (
    CheckViolation,
    ConnectionLost,
    DatabaseConnectionError,
    DatabaseError,
    ForeignKeyViolation,
    InvalidQuery,
    InvalidValue,
    LockNotAvailable,
    NotNullViolation,
    PoolTimeout,
    StatementError,
    StatementTimeout,
    TransactionAborted,
    TransactionConflict,
    TransactionMisuse,
    UniqueViolation,
)
from tux.settings import DatabaseSettings, Settings

CASES, ROLES = "moderation_cases", "guild_level_roles"
RAW_CASE = (
    "INSERT INTO moderation_cases (guild_id, case_number, case_type, case_user_id, case_moderator_id, case_created_at) "
    "VALUES (1001, 1, 'BAN', 1, 1, now())"
)
LEVEL = {"guild_id": GUILD, "level": 1, "role_id": 5}


async def raw(db, sql):
    return await db.service.execute(sql)


def save(row):
    return row.save()


# name: (what fails, the error, Tortoise's kind, table, column, constraint)
VIOLATIONS = {
    "unique pair of create": (
        lambda db: db.level_role.create(**LEVEL),
        (UniqueViolation, IntegrityError, ROLES, "guild_id, level", "uid_guild_level_"),
    ),
    "unique pair of bulk_create": (
        lambda db: db.level_role.bulk_create([{**LEVEL, "level": 2}, LEVEL]),
        (UniqueViolation, IntegrityError, ROLES, "guild_id, level", "uid_guild_level_"),
    ),
    "unique pair of update_where": (
        lambda db: db.level_role.update_where({"level": 3}, {"level": 1}),
        (UniqueViolation, IntegrityError, ROLES, "guild_id, level", "uid_guild_level_"),
    ),
    "unique pair of save": (
        lambda db: save(GuildLevelRole(**LEVEL)),
        (UniqueViolation, IntegrityError, ROLES, "guild_id, level", "uid_guild_level_"),
    ),
    "primary key": (
        lambda db: db.guild.create(guild_id=GUILD),
        (UniqueViolation, IntegrityError, "guild_guilds", "guild_id", "guild_guilds_pkey"),
    ),
    "foreign key of raw SQL": (
        lambda db: raw(db, RAW_CASE.replace("1001", "404")),
        (ForeignKeyViolation, IntegrityError, CASES, "guild_id", f"{CASES}_guild_id_fkey"),
    ),
    "not null before SQL": (
        lambda db: db.case.create_case(**{**a_case(), "case_user_id": None}),
        (NotNullViolation, IntegrityError, CASES, "case_user_id", None),
    ),
    "not null of an update": (
        lambda db: db.level_role.update_where({"level": 1}, {"role_id": None}),
        (NotNullViolation, IntegrityError, ROLES, "role_id", None),
    ),
    "not null of raw SQL": (
        lambda db: raw(db, RAW_CASE.replace("'BAN'", "NULL")),
        (NotNullViolation, IntegrityError, CASES, "case_type", None),
    ),
    "check": (
        lambda db: db.level_role.create(**{**LEVEL, "level": 11}),
        (CheckViolation, IntegrityError, ROLES, None, "guild_level_roles_level_check"),
    ),
    "check of raw SQL": (
        lambda db: raw(db, RAW_CASE.replace(" 1,", " 0,", 1)),
        (CheckViolation, IntegrityError, CASES, None, "moderation_cases_number_check"),
    ),
    "too long before SQL": (
        lambda db: db.guild.update_by_id(GUILD, guild_name="x" * 101),
        (InvalidValue, OperationalError, "guild_guilds", "guild_name", None),
    ),
    "too long in raw SQL": (
        lambda db: raw(db, f"UPDATE guild_guilds SET guild_name = '{'x' * 101}'"),
        (InvalidValue, OperationalError, None, None, None),
    ),
    "out of range before SQL": (
        lambda db: db.level_role.update_where({"level": 1}, {"level": 2**15}),
        (InvalidValue, OperationalError, ROLES, "level", None),
    ),
    "out of range in the database": (
        lambda db: db.level_role.increment((GUILD, 1), level=2**15 - 1),
        (InvalidValue, OperationalError, ROLES, "level", None),
    ),
    "unknown field": (
        lambda db: db.case.update_where({"case_id": 1}, {"reason": "x"}),
        (InvalidQuery, FieldError, CASES, None, None),
    ),
    "unknown table": (
        lambda db: db.service.fetch("SELECT * FROM nowhere"),
        (StatementError, OperationalError, None, None, None),
    ),
    "syntax": (lambda db: db.service.fetch("SELEKT 1"), (StatementError, OperationalError, None, None, None)),
    "wrong type of a parameter": (
        lambda db: db.service.fetch("SELECT $1::bigint", "x"),
        (InvalidValue, OperationalError, None, None, None),
    ),
}


@pytest.mark.parametrize("failure", VIOLATIONS)
async def test_a_refused_row_is_named_with_table_column_and_constraint(db, failure):
    await db.guild.create(guild_id=GUILD)
    await db.level_role.bulk_create([LEVEL, {**LEVEL, "level": 3}])
    before = await row_counts(db)
    call, (error, kind, table, column, constraint) = VIOLATIONS[failure]
    with pytest.raises(DatabaseError) as caught:
        await call(db)
    assert type(caught.value) is error
    assert isinstance(caught.value, kind)
    assert isinstance(caught.value, BaseORMException)
    assert (caught.value.table, caught.value.column) == (table, column)
    if constraint is None or not constraint.endswith("_"):
        assert caught.value.constraint == constraint
    else:  # Tortoise ends the names of unique pairs with a digest
        assert caught.value.constraint.startswith(constraint)
    assert await row_counts(db) == before


async def test_a_row_that_others_refer_to_is_not_deleted_where_nothing_cascades(db):
    await db.guild.create(guild_id=GUILD)
    await db.service.execute("CREATE TEMP TABLE kept (guild_id bigint)")
    async with db.transaction() as session:
        await session.execute("CREATE TABLE keepers (guild_id bigint CONSTRAINT keepers_guild REFERENCES guild_guilds)")
        await session.execute("INSERT INTO keepers VALUES ($1)", GUILD)
        with pytest.raises(ForeignKeyViolation) as caught:
            async with db.transaction():
                await db.guild.delete_by_id(GUILD)
        assert (caught.value.table, caught.value.constraint) == ("keepers", "keepers_guild")
        await session.execute("DROP TABLE keepers")
    assert await db.guild.exists(guild_id=GUILD)


async def test_an_overlap_is_a_violation_of_its_exclusion(db):
    async with db.transaction() as session:
        await session.execute(
            "CREATE TEMP TABLE stays (during tstzrange, CONSTRAINT stays_apart EXCLUDE USING gist (during WITH &&)) "
            "ON COMMIT DROP"
        )
        stay = "INSERT INTO stays VALUES (tstzrange($1, NULL))"
        await session.execute(stay, datetime(2026, 1, 1, tzinfo=UTC))
        with pytest.raises(CheckViolation) as caught:
            async with db.transaction() as inner:
                await inner.execute(stay, datetime(2027, 1, 1, tzinfo=UTC))
        assert (caught.value.table, caught.value.constraint) == ("stays", "stays_apart")
        assert isinstance(caught.value, IntegrityError)


# Locks, time and order


@asynccontextmanager
async def held(tux_databases, db, sql):
    """Hold what a statement locks, on a stranger's connection."""
    name = (await db.service.health()).database
    async with tux_databases.connected(name) as stranger, stranger.transaction():
        await stranger.execute(sql)
        yield stranger


async def test_a_lock_that_somebody_else_holds_is_not_waited_for_longer_than_allowed(db, tux_databases):
    case = await db.case.create_case(**a_case())
    async with held(tux_databases, db, "SELECT 1 FROM moderation_cases FOR UPDATE"):
        with pytest.raises(LockNotAvailable) as caught:
            async with db.transaction() as session:
                await session.execute("SET LOCAL lock_timeout = '30ms'")
                await db.case.update_by_id(case.case_id, case_reason="x")
        with pytest.raises(LockNotAvailable):
            await db.service.fetch("SELECT 1 FROM moderation_cases FOR UPDATE NOWAIT")
        assert await db.case.count({"case_reason": None}) == 1
    assert isinstance(caught.value, OperationalError)
    assert (await db.case.update_by_id(case.case_id, case_reason="x")).case_reason == "x"


async def test_a_statement_that_takes_too_long_is_cancelled_with_its_transaction(db, tux_databases):
    case = await db.case.create_case(**a_case())
    async with held(tux_databases, db, "SELECT 1 FROM moderation_cases FOR UPDATE"):
        with pytest.raises(StatementTimeout) as caught:
            async with db.transaction() as session:
                await db.guild.create(guild_id=OTHER)
                await session.execute("SET LOCAL statement_timeout = '30ms'")
                await db.case.update_where({"case_id": case.case_id}, {"case_reason": "x"})
    assert isinstance(caught.value, OperationalError)
    assert not await db.guild.exists(guild_id=OTHER)


async def write_skew(db, isolation, barrier, mine, theirs):
    """Give a level to one role when nobody has the other's: safe in series only."""
    async with db.transaction(isolation=isolation):
        found = await db.level_role.count({"level": theirs})
        await barrier.wait()
        await db.level_role.create(guild_id=GUILD, level=mine, role_id=found)
        await barrier.wait()


async def test_transactions_that_no_order_explains_are_a_conflict(db):
    await db.guild.create(guild_id=GUILD)
    barrier = asyncio.Barrier(2)
    work = (write_skew(db, "serializable", barrier, 1, 2), write_skew(db, "serializable", barrier, 2, 1))
    failed = [each for each in await asyncio.gather(*work, return_exceptions=True) if each is not None]
    assert [type(each) for each in failed] == [TransactionConflict]
    assert isinstance(failed[0], OperationalError)
    assert await db.level_role.count() == 1


async def test_a_row_that_changed_under_a_snapshot_is_a_conflict_and_retried_whole(db):
    await db.guild.create(guild_id=GUILD, case_count=1)
    attempts = []

    async def double():
        count = (await db.guild.get_by_id(GUILD)).case_count
        if not attempts:
            await asyncio.create_task(outside(db.guild.increment, GUILD, case_count=10))
        attempts.append(count)
        await db.guild.update_where({"guild_id": GUILD}, {"case_count": count * 2})

    await db.service.retry(double, isolation="repeatable read")
    assert attempts == [1, 11]
    assert (await db.guild.get_by_id(GUILD)).case_count == 22


async def test_a_deadlock_is_a_conflict_for_one_of_the_two(db):
    await db.guild.sync_guilds({GUILD: "a", OTHER: "b"})
    barrier = asyncio.Barrier(2)

    async def lock_both(first, second):
        async with db.transaction() as session:
            await session.execute("SET LOCAL deadlock_timeout = '20ms'")
            await db.guild.update_by_id(first, guild_name=str(first))
            await barrier.wait()
            await db.guild.update_by_id(second, guild_name=str(first))

    done = await asyncio.gather(lock_both(GUILD, OTHER), lock_both(OTHER, GUILD), return_exceptions=True)
    assert sorted(type(each).__name__ for each in done) == ["NoneType", "TransactionConflict"]
    assert len({guild.guild_name for guild in await db.guild.get_all()}) == 1


# Connections


async def end_connection(db, session):
    pid = (await session.fetch_one("SELECT pg_backend_pid() AS pid"))["pid"]
    await outside(db.service.fetch, "SELECT pg_terminate_backend($1, 5000)", pid)


async def break_connection(db):
    """Open a transaction that writes, loses its connection, and writes again."""
    async with db.transaction() as session:
        await db.case.create_case(**a_case())
        await end_connection(db, session)
        await db.case.create_case(**a_case())


async def test_a_connection_that_breaks_in_a_transaction_is_lost_and_nothing_is_kept(db):
    with pytest.raises(ConnectionLost) as caught:
        await break_connection(db)
    assert isinstance(caught.value, OperationalError)
    assert await row_counts(db) == {}
    assert (await db.case.create_case(**a_case())).case_number == 1


@pytest.mark.parametrize("opened", ["transaction", "alone"])
async def test_a_copy_whose_connection_breaks_is_lost_and_not_waited_for(db, tux_databases, opened):
    others = (
        "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE datname = $1 AND pid <> pg_backend_pid()"
    )
    database = (await db.service.health()).database

    async def end_others():
        async with tux_databases.connected(database) as stranger:
            await stranger.fetch(others, database)

    def rows():
        for number in range(100_000):  # more than the buffers on the way take
            if number == 10_000:  # in the middle of the sending, while the loop waits for this row
                with ThreadPoolExecutor() as threads:
                    threads.submit(asyncio.run, end_others()).result()
            yield number, "x" * 100, 0, datetime(2026, 1, 1, tzinfo=UTC)

    columns = ["guild_id", "guild_name", "case_count", "joined_at"]
    with pytest.raises(ConnectionLost):
        async with asyncio.timeout(30), db.transaction() if opened == "transaction" else nullcontext():
            await active_client().copy_rows("guild_guilds", columns, rows())
    assert await row_counts(db) == {}


def test_a_driver_that_lost_its_place_has_lost_the_connection():
    error = database_error(
        asyncpg.InternalClientError("cannot switch to state 21; another operation (2) is in progress")
    )
    assert type(error) is ConnectionLost


async def test_a_loss_that_is_caught_inside_does_not_pass_for_a_commit(db):
    with pytest.raises((ConnectionLost, TransactionAborted)):
        async with db.transaction() as session:
            await db.case.create_case(**a_case())
            await end_connection(db, session)
            with pytest.raises(ConnectionLost):
                await db.case.create_case(**a_case())
    assert await row_counts(db) == {}


async def test_a_pool_that_is_used_up_is_an_error_and_no_hang(fresh_db, tux_databases):
    name = (await fresh_db.service.health()).database
    service = DatabaseService(Settings(database=DatabaseSettings(pool_max_size=2, acquire_timeout=0.1)))
    await service.connect(tux_databases.server.url(name))
    try:
        async with asyncio.timeout(10), service.transaction():
            other = asyncio.create_task(hold_one(service))
            await asyncio.sleep(0.02)
            with pytest.raises(PoolTimeout, match="2 of 2 in use") as caught:
                await asyncio.create_task(from_the_pool(service))
            await other
        assert isinstance(caught.value, OperationalError)
        assert (await service.fetch_one("SELECT 1 AS one"))["one"] == 1
    finally:
        await service.disconnect()


async def hold_one(service):
    return await outside(service.fetch, "SELECT pg_sleep(0.3)")


async def from_the_pool(service):
    return await outside(service.fetch, "SELECT 1")


async def test_a_server_that_stops_is_told_and_its_return_needs_no_restart(short_path):
    server = LocalServer(short_path / "data", test=True)
    await asyncio.to_thread(server.start)
    await server.create_database("tux")
    url = server.url("tux")
    service = DatabaseService(Settings(database=DatabaseSettings(acquire_timeout=5)))
    try:
        await service.connect(url)
        await service.execute("CREATE TABLE things (id int PRIMARY KEY)")
        with pytest.raises(ConnectionLost) as caught:
            async with service.transaction() as session:
                await session.execute("INSERT INTO things VALUES (1)")
                server.stop()
                async with asyncio.timeout(10):
                    while True:  # the server ends soon after its last user
                        await session.execute("INSERT INTO things VALUES (2) ON CONFLICT DO NOTHING")
                        await asyncio.sleep(0.01)
        assert isinstance(caught.value, OperationalError)
        with pytest.raises(DatabaseConnectionError) as caught:
            await service.fetch("SELECT 1")
        assert isinstance(caught.value, DBConnectionError)
        assert "tux" in str(caught.value)
        await asyncio.to_thread(server.start)
        assert await service.fetch("SELECT * FROM things") == []
        assert await service.execute("INSERT INTO things VALUES (3)") == 1
    finally:
        await service.disconnect()
        await asyncio.to_thread(server.stop)


async def test_what_is_over_or_not_allowed_says_so(db):
    async with db.transaction() as session:
        await db.case.create_case(**a_case())
    with pytest.raises(TransactionMisuse, match="over"):
        await session.fetch("SELECT 1")
    with pytest.raises(TransactionMisuse, match="read-only") as caught:
        async with db.transaction(read_only=True):
            await db.case.create_case(**a_case())
    assert isinstance(caught.value, TransactionManagementError)
    assert await db.case.count() == 1


async def test_what_tortoise_code_catches_it_goes_on_catching(db):
    await Guild.create(guild_id=GUILD)
    with pytest.raises(IntegrityError):
        await Guild.create(guild_id=GUILD)
    with pytest.raises(IntegrityError):
        async with in_transaction():
            await Case.create(**a_case(case_number=1, case_user_id=ANN))
            await Case.create(**a_case(case_number=1, case_user_id=BOB))
    assert await Case.all().count() == 0
