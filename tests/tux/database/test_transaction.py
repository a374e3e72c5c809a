"""Transactions under every misfortune: cancelled anywhere, broken, swallowed, outlived, shared between tasks."""

# ruff: noqa: PT012 - that the end of a transaction's block raises is what is tested

from __future__ import annotations

import asyncio
import random
import types
from contextlib import contextmanager

import pytest

from tests.ticks import each_tick, run_cancelled
from tux.database.engine import active_client, observers
from tux.database.service import DatabaseService
from tux.database.transaction import TransactionScope
from tux.errors import (
    ConnectionLost,
    ForeignKeyViolation,
    PoolTimeout,
    TransactionAborted,
    TransactionConflict,
    TransactionMisuse,
    UniqueViolation,
)
from tux.events import after_commit, current_outbox
from tux.settings import DatabaseSettings, Settings

OWNER = "INSERT INTO owners (name) VALUES ($1)"


async def names(service):
    return [row["name"] for row in await service.fetch("SELECT name FROM owners ORDER BY name")]


# Cancellation


@pytest.mark.parametrize("late", [False, True])
async def test_a_transaction_cancelled_at_any_await_keeps_all_or_nothing_and_the_pool_whole(service, pool, late):
    delivered = []

    async def transfer(name):
        async with service.transaction() as session:
            await session.execute(OWNER, f"{name} a")
            await after_commit(lambda: delivered.append(name))
            async with service.transaction():
                await session.execute(OWNER, f"{name} b")
            await session.execute("UPDATE owners SET age = 1 WHERE name = $1", f"{name} a")

    async for tick, _ in each_tick(lambda tick: transfer(str(tick)), late=late):  # noqa: B007 - used behind it
        assert active_client() is pool.client
        assert current_outbox.get() is None
    assert tick > 8
    assert await pool.is_whole()
    kept = await names(service)
    committed = {name.partition(" ")[0] for name in kept}
    assert sorted(kept) == sorted(f"{name} {part}" for name in committed for part in "ab")
    assert sorted(delivered) == sorted(committed)
    assert str(tick) in committed


@pytest.mark.parametrize("late", [False, True])
async def test_a_savepoint_cancelled_at_any_await_leaves_the_outer_transaction_whole(service, late):
    async def step(name):
        async with service.transaction() as session:
            await session.execute(OWNER, name)

    tick, cancelled = 0, True
    while cancelled:
        tick += 1
        async with service.transaction():
            await service.execute(OWNER, f"{tick} before")
            cancelled = await run_cancelled(step(f"{tick} inside"), tick, late=late)
            await service.execute(OWNER, f"{tick} after")
    assert tick > 3
    kept = await names(service)
    assert {f"{number} {part}" for number in range(1, tick + 1) for part in ("before", "after")} <= {*kept}
    assert f"{tick} inside" in kept


@pytest.mark.parametrize("late", [False, True])
async def test_a_rollback_cancelled_at_any_await_leaves_the_pool_whole(service, pool, late):
    async def failing():
        with pytest.raises(ZeroDivisionError):
            async with service.transaction() as session:
                await session.execute(OWNER, "ann")
                raise ZeroDivisionError

    tick = 0
    while await run_cancelled(failing(), tick := tick + 1, late=late):
        pass
    assert tick > 3
    assert await pool.is_whole()
    assert await names(service) == []


@contextmanager
def cancelled_during(word):
    """Cancel the task that sends a word of transaction control while it waits for the answer."""
    loop = asyncio.get_running_loop()
    tasks = []

    def observer(sql):
        if sql == word:
            loop.call_soon(tasks[0].cancel)

    observers.append(observer)
    try:
        yield tasks.append
    finally:
        observers.remove(observer)


async def test_a_commit_that_was_sent_is_finished_and_its_outbox_delivered(service, pool):
    heard = []
    with cancelled_during("COMMIT") as watch:

        async def work():
            async with service.transaction() as session:
                await session.execute(OWNER, "ann")
                await after_commit(lambda: heard.append("ann"))

        task = asyncio.create_task(work())
        watch(task)
        with pytest.raises(asyncio.CancelledError):
            await task
    await asyncio.sleep(0)
    assert await names(service) == heard == ["ann"]
    assert await pool.is_whole()


async def test_a_rollback_that_was_sent_is_finished_and_its_connection_kept(service):
    pid = "SELECT pg_backend_pid() AS pid"
    used = []
    with cancelled_during("ROLLBACK") as watch:

        async def work():
            async with service.transaction() as session:
                used.append((await session.fetch_one(pid))["pid"])
                raise ZeroDivisionError

        task = asyncio.create_task(work())
        watch(task)
        with pytest.raises(asyncio.CancelledError):
            await task
    assert [(await service.fetch_one(pid))["pid"]] == used


async def test_three_hundred_transactions_cancelled_at_random_leave_the_pool_whole(service, pool):
    chance = random.Random(7)  # noqa: S311 - the same every time

    async def work(number):
        async with service.transaction() as session:
            await session.execute(OWNER, f"{number} a")
            await session.execute(OWNER, f"{number} b")

    for first in range(0, 300, 6):
        tasks = [asyncio.create_task(work(number)) for number in range(first, first + 6)]
        for task in tasks:
            for _ in range(chance.randint(0, 12)):
                await asyncio.sleep(0)
            if chance.random() < 0.5:
                await asyncio.sleep(chance.random() * 0.002)
            task.cancel()
        for result in await asyncio.gather(*tasks, return_exceptions=True):
            assert result is None or isinstance(result, asyncio.CancelledError)
    assert await pool.is_whole()
    kept = await names(service)
    committed = {name.partition(" ")[0] for name in kept}
    assert len(kept) == 2 * len(committed)


async def test_a_statement_cancelled_inside_and_swallowed_aborts_the_transaction(service, pool):
    with pytest.raises(TransactionAborted):
        async with service.transaction() as session:
            await session.execute(OWNER, "ann")
            with pytest.raises(TimeoutError):
                async with asyncio.timeout(0.05):
                    await session.fetch("SELECT pg_sleep(5)")
    assert await names(service) == []
    assert await pool.is_whole()


async def test_a_savepoint_around_a_cancelled_statement_saves_the_transaction(service):
    async with service.transaction() as session:
        await session.execute(OWNER, "ann")
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.05), service.transaction():
                await session.fetch("SELECT pg_sleep(5)")
        await session.execute(OWNER, "bob")
    assert await names(service) == ["ann", "bob"]


# Errors


async def test_a_swallowed_error_raises_at_the_end_and_keeps_nothing(service, pool):
    await service.execute(OWNER, "ann")
    with pytest.raises(TransactionAborted):
        async with service.transaction() as session:
            await session.execute(OWNER, "bob")
            with pytest.raises(UniqueViolation):
                await session.execute(OWNER, "ann")
    assert await names(service) == ["ann"]
    assert await pool.is_whole()


async def test_a_statement_after_a_swallowed_error_says_that_the_transaction_is_lost(service):
    await service.execute(OWNER, "ann")
    with pytest.raises(TransactionAborted, match="earlier error"):
        async with service.transaction() as session:
            with pytest.raises(UniqueViolation):
                await session.execute(OWNER, "ann")
            await session.execute(OWNER, "bob")


async def test_a_swallowed_error_in_a_savepoint_raises_at_its_end_and_the_outer_goes_on(service):
    async with service.transaction() as session:
        await session.execute(OWNER, "ann")
        with pytest.raises(TransactionAborted):
            async with service.transaction():
                await session.execute(OWNER, "bob")
                with pytest.raises(UniqueViolation):
                    await session.execute(OWNER, "ann")
        await session.execute(OWNER, "cid")
    assert await names(service) == ["ann", "cid"]


async def test_an_error_in_a_savepoint_leaves_the_outer_whole(service):
    async with service.transaction() as session:
        await session.execute(OWNER, "ann")
        with pytest.raises(UniqueViolation):
            async with service.transaction():
                await session.execute(OWNER, "bob")
                await session.execute(OWNER, "ann")
        async with service.transaction(), service.transaction():
            await session.execute(OWNER, "cid")
    assert await names(service) == ["ann", "cid"]


async def test_an_error_at_commit_is_mapped(service, pool):
    with pytest.raises(ForeignKeyViolation) as caught:
        async with service.transaction() as session:
            await session.execute("INSERT INTO owners (name, boss_id) VALUES ('ann', 99)")
    assert (caught.value.table, caught.value.constraint) == ("owners", "owners_boss")
    assert await pool.is_whole()
    assert await names(service) == []


async def test_what_was_due_after_a_commit_that_failed_is_dropped(service):
    heard = []
    with pytest.raises(ForeignKeyViolation):
        async with service.transaction() as session:
            await after_commit(lambda: heard.append("ann"))
            await session.execute("INSERT INTO owners (name, boss_id) VALUES ('ann', 99)")
    await asyncio.sleep(0.01)
    assert heard == []


async def end_session(admin, session):
    pid = (await session.fetch_one("SELECT pg_backend_pid() AS pid"))["pid"]
    assert await admin.fetchval("SELECT pg_terminate_backend($1, 5000)", pid)


async def test_a_connection_killed_inside_is_reported_lost_and_replaced(service, pool, admin):
    with pytest.raises(ConnectionLost):
        async with service.transaction() as session:
            await session.execute(OWNER, "ann")
            await end_session(admin, session)
            await session.execute(OWNER, "bob")
    assert await pool.is_whole()
    assert await names(service) == []


async def test_a_failing_rollback_does_not_hide_the_error(service, pool, admin):
    with pytest.raises(ZeroDivisionError):
        async with service.transaction() as session:
            await end_session(admin, session)
            raise ZeroDivisionError
    assert await pool.is_whole()


async def test_a_connection_killed_before_the_commit_is_reported_lost(service, pool, admin):
    with pytest.raises(ConnectionLost):
        async with service.transaction() as session:
            await session.execute(OWNER, "ann")
            await end_session(admin, session)
    assert await pool.is_whole()
    assert await names(service) == []


async def test_a_server_that_tires_of_an_idle_transaction_loses_it_clearly(url, connect):
    async with connect(url, idle_in_transaction_timeout=0.05) as service:
        with pytest.raises(ConnectionLost):
            async with service.transaction() as session:
                await session.execute(OWNER, "ann")
                await asyncio.sleep(0.15)
                await session.execute(OWNER, "bob")
        assert await names(service) == []


# Tasks


async def test_tasks_with_transactions_of_their_own_do_not_mix(service):
    both = asyncio.Barrier(2)

    async def work(name, fail):
        async with service.transaction() as session:
            await session.execute(OWNER, name)
            await both.wait()
            assert await names(service) == [name]
            await both.wait()
            if fail:
                raise ZeroDivisionError

    results = await asyncio.gather(work("ann", fail=False), work("bob", fail=True), return_exceptions=True)
    assert [type(result) for result in results] == [types.NoneType, ZeroDivisionError]
    assert await names(service) == ["ann"]


async def test_tasks_inside_a_transaction_share_it(service):
    async with service.transaction():
        await asyncio.gather(*(service.execute(OWNER, str(number)) for number in range(10)))
        assert len(await names(service)) == 10
    assert len(await names(service)) == 10


async def test_nested_transactions_of_concurrent_tasks_take_turns(service):
    async def work(number):
        async with service.transaction() as session:
            await session.execute(OWNER, f"{number} a")
            await asyncio.sleep(0.001)
            await session.execute(OWNER, f"{number} b")
            if number % 2:
                raise ZeroDivisionError

    async with service.transaction():
        results = await asyncio.gather(*(work(number) for number in range(6)), return_exceptions=True)
    assert [isinstance(result, ZeroDivisionError) for result in results] == [False, True] * 3
    assert await names(service) == [f"{number} {part}" for number in (0, 2, 4) for part in "ab"]


async def test_a_sibling_is_not_rolled_back_with_somebody_elses_savepoint(service):
    inside = asyncio.Event()

    async def undone():
        async with service.transaction() as session:
            await session.execute(OWNER, "undone")
            inside.set()
            await asyncio.sleep(0.02)
            raise ZeroDivisionError

    async def kept():
        await inside.wait()
        await service.execute(OWNER, "kept")

    async with service.transaction():
        await asyncio.gather(undone(), kept(), return_exceptions=True)
    assert await names(service) == ["kept"]


async def test_waiting_for_a_sibling_from_inside_a_savepoint_ends_in_a_clear_error(url, connect):
    async with connect(url, acquire_timeout=0.1) as service, service.transaction():
        go = asyncio.Event()

        async def sibling():
            await go.wait()
            await service.execute(OWNER, "ann")

        task = asyncio.create_task(sibling())
        async with service.transaction():
            go.set()
            with pytest.raises(PoolTimeout, match="savepoint"):
                await task


async def test_the_outer_transaction_used_inside_its_savepoint_does_not_wait_for_itself(service):
    async with service.transaction() as outer, service.transaction():
        async with asyncio.timeout(2):
            await outer.execute(OWNER, "ann")
            async with TransactionScope(outer._transaction) as third:
                await third.run(OWNER, ["bob"])
    assert await names(service) == ["ann", "bob"]


async def test_a_task_that_outlives_its_transaction_goes_on_with_the_pool(service, pool):
    ended = asyncio.Event()
    notes = []

    async def survivor():
        await service.execute(OWNER, "inside")
        await ended.wait()
        assert active_client() is pool.client
        await service.execute(OWNER, "after")
        await after_commit(lambda: notes.append("at once"))
        assert notes == ["at once"]
        async with service.transaction() as session:
            await session.execute(OWNER, "own")

    with pytest.raises(ZeroDivisionError):
        async with service.transaction():
            task = asyncio.create_task(survivor())
            await asyncio.sleep(0.02)
            assert await names(service) == ["inside"]
            raise ZeroDivisionError
    ended.set()
    await task
    assert await names(service) == ["after", "own"]
    assert await pool.is_whole()


async def test_a_task_that_outlives_a_savepoint_goes_on_with_the_transaction_around_it(service):
    async with service.transaction():
        with pytest.raises(ZeroDivisionError):
            async with service.transaction():
                ended = asyncio.Event()

                async def survivor():
                    await ended.wait()
                    await service.execute(OWNER, "ann")

                task = asyncio.create_task(survivor())
                raise ZeroDivisionError
        ended.set()
        await task
        await service.execute(OWNER, "bob")
    assert await names(service) == ["ann", "bob"]


async def test_a_task_whose_statement_runs_at_the_end_is_waited_for(service):
    async with service.transaction():
        task = asyncio.create_task(service.fetch("SELECT pg_sleep(0.05)"))
        await asyncio.sleep(0.01)
        await service.execute(OWNER, "ann")
    await task
    assert await names(service) == ["ann"]


async def test_a_savepoint_that_outlives_its_transaction_is_not_committed_by_half(service, pool):
    go_on = asyncio.Event()
    inside = asyncio.Event()

    async def work():
        async with service.transaction() as session:
            await session.execute(OWNER, "half")
            inside.set()
            await go_on.wait()
            with pytest.raises(TransactionMisuse, match="ended first"):
                await session.execute(OWNER, "rest")

    async with service.transaction() as session:
        task = asyncio.create_task(work())
        await inside.wait()
        with pytest.raises(PoolTimeout):
            pool.client.acquire_timeout = 0.05
            await session.execute(OWNER, "sibling")
        pool.client.acquire_timeout = 5
    go_on.set()
    with pytest.raises(TransactionAborted, match="ended first"):
        await task
    assert await names(service) == []
    assert await pool.is_whole()


async def test_an_async_generator_may_leave_its_transaction_in_another_task(service, pool):
    async def rows():
        async with service.transaction() as session:
            await session.execute(OWNER, "ann")
            yield 1
            yield 2

    generator = rows()
    assert await asyncio.create_task(anext(generator)) == 1
    await generator.aclose()
    assert await names(service) == []
    assert await pool.is_whole()


async def test_a_service_closes_though_a_generator_was_left_in_mid_transaction(url):
    service = DatabaseService(Settings(database=DatabaseSettings(pool_max_size=2)))
    await service.connect(url)

    async def rows():
        async with service.transaction() as session:
            await session.execute(OWNER, "ann")
            yield 1
            yield 2

    async for _ in rows():
        break
    await asyncio.sleep(0.05)  # the loop closes the generator in a context of its own
    assert await names(service) == []
    await service.disconnect()
    assert not service.is_connected()


# Isolation, and ending by hand


@pytest.mark.parametrize("word", ["COMMIT", "ROLLBACK", "END", "ABORT"])
async def test_sql_that_ends_the_transaction_does_not_go_unnoticed(service, pool, word):
    with pytest.raises(TransactionMisuse, match="leave COMMIT and ROLLBACK to the block"):
        async with service.transaction() as session:
            await session.execute(OWNER, "ann")
            await session.execute(word)
    assert await names(service) == (["ann"] if word in {"COMMIT", "END"} else [])
    assert await pool.is_whole()


async def test_isolation_and_read_only_reach_the_server(service):
    async with service.transaction(isolation="serializable", read_only=True) as session:
        row = await session.fetch_one(
            "SELECT current_setting('transaction_isolation') AS level, current_setting('transaction_read_only') AS ro"
        )
    assert (row["level"], row["ro"]) == ("serializable", "on")


async def test_isolation_of_a_savepoint_is_refused(service):
    async with service.transaction() as session:
        with pytest.raises(TransactionMisuse, match="outermost"):
            async with service.transaction(isolation="serializable"):
                pytest.fail("a savepoint cannot have an isolation of its own")
        await session.execute(OWNER, "ann")
    assert await names(service) == ["ann"]


async def test_an_unknown_isolation_is_refused(service, pool):
    with pytest.raises(TransactionMisuse, match="repeatable read"):
        async with service.transaction(isolation="serialisable; DROP TABLE owners"):
            pytest.fail("there is no such level")


async def test_a_transaction_ended_by_hand_is_not_ended_again(service, pool):
    async with active_client().open_transaction() as transaction:
        await transaction.run(OWNER, ["ann"])
        await transaction.commit()
        with pytest.raises(TransactionMisuse):
            await transaction.rollback()
    async with active_client().open_transaction() as transaction:
        await transaction.run(OWNER, ["bob"])
        await transaction.rollback()
    assert await names(service) == ["ann"]
    assert await pool.is_whole()


async def test_retry_runs_a_conflicting_transaction_again(service):
    await service.execute("INSERT INTO owners (name, age) VALUES ('ann', 0)")

    async def add_one():
        age = (await service.fetch_one("SELECT age FROM owners"))["age"]
        await asyncio.sleep(0.005)
        await service.execute("UPDATE owners SET age = $1", age + 1)

    await asyncio.gather(*(service.retry(add_one, attempts=20, isolation="serializable") for _ in range(4)))
    assert (await service.fetch_one("SELECT age FROM owners"))["age"] == 4


async def test_retry_gives_up_after_its_attempts(service):
    calls = []

    async def never():
        calls.append(1)
        await service.execute("DO $$ BEGIN RAISE SQLSTATE '40001'; END $$")

    with pytest.raises(TransactionConflict):
        await service.retry(never, attempts=3)
    assert len(calls) == 3


async def test_retry_inside_a_transaction_is_refused(service):
    async def work():
        pytest.fail("it could not be repeated")

    async with service.transaction():
        with pytest.raises(TransactionMisuse):
            await service.retry(work)


# The outbox


async def test_the_outbox_is_delivered_after_the_commit_and_outside_of_it(service, pool):
    heard = []

    async def handler():
        heard.append((await names(service), active_client() is pool.client))
        async with service.transaction() as session:
            await session.execute(OWNER, "from the handler")

    async with service.transaction() as session:
        await session.execute(OWNER, "ann")
        await after_commit(handler)
        assert heard == []
    assert heard == [(["ann"], True)]
    assert await names(service) == ["ann", "from the handler"]


async def test_the_outbox_is_dropped_on_rollback(service):
    heard = []
    with pytest.raises(ZeroDivisionError):
        async with service.transaction():
            await after_commit(lambda: heard.append(1))
            raise ZeroDivisionError
    with pytest.raises(ForeignKeyViolation):
        async with service.transaction() as session:
            await session.execute("INSERT INTO owners (name, boss_id) VALUES ('ann', 99)")
            await after_commit(lambda: heard.append(2))
    assert heard == []


async def test_a_savepoint_hands_its_outbox_to_the_outer_only_when_it_is_kept(service):
    heard = []
    async with service.transaction():
        await after_commit(lambda: heard.append("before"))
        async with service.transaction():
            await after_commit(lambda: heard.append("kept"))
        with pytest.raises(ZeroDivisionError):
            async with service.transaction():
                await after_commit(lambda: heard.append("undone"))
                raise ZeroDivisionError
        await after_commit(lambda: heard.append("after"))
        assert heard == []
    assert heard == ["before", "kept", "after"]


async def test_plain_tortoise_transactions_have_an_outbox(service):
    from tortoise.transactions import in_transaction

    heard = []
    async with in_transaction():
        await after_commit(lambda: heard.append(1))
        assert heard == []
    assert heard == [1]
    assert current_outbox.get() is None


async def test_a_handler_that_is_cancelled_with_its_committer_still_runs_to_the_end(service):
    heard = []

    async def slow():
        await asyncio.sleep(0.05)
        heard.append("slow")

    async def work():
        async with service.transaction():
            await after_commit(slow)
            await after_commit(lambda: heard.append("second"))

    task = asyncio.create_task(work())
    await asyncio.sleep(0.03)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    await service.disconnect()
    assert heard == ["slow", "second"]
