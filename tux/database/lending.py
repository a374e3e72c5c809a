"""The pool as statements see it: it lends connections, and runs one statement on the shortest way.

Nothing is awaited but the answer as long as a connection lies ready; otherwise one that another task hands over, or a new
one of asyncpg's pool.
"""

from __future__ import annotations

import asyncio
from abc import abstractmethod
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast

from loguru import logger

from tux.database.direct import STALE
from tux.database.mapping import DRIVER_ERRORS, connection_error
from tux.database.transaction import Pool, drop
from tux.database.wire import observe, observers, possible, rows_touched
from tux.errors import DatabaseError, PoolTimeout

if TYPE_CHECKING:
    from collections.abc import Sequence
    from types import CoroutineType

    import asyncpg

    from tux.database.direct import DatedConnection
    from tux.database.kept import Kept


@dataclass(frozen=True, slots=True)
class PoolState:
    """The connections of a pool at one moment, and the tasks that wait for one."""

    size: int
    free: int
    maximum: int
    waiting: int


class LendingPool(Pool):
    """The connections of a pool; how it is made is for `Client` to say."""

    kept: Kept
    is_closed = False  # while it closes and after, nothing is kept
    waiting = 0

    @property
    @abstractmethod
    def label(self) -> str:
        """Where it connects to, without secrets: "host:port/database"."""

    @abstractmethod
    async def open_once(self, deadline: asyncio.Timeout) -> asyncpg.Pool[asyncpg.Record]:
        """Make asyncpg's pool, together with all who need it."""

    def pool_state(self) -> PoolState:
        """Count the connections; all 0 before the first one."""
        pool, maximum = self._pool, self.pool_maxsize
        if pool is None:
            return PoolState(0, 0, maximum, self.waiting)
        free = pool.get_idle_size() + len(self.kept.free)
        return PoolState(pool.get_size(), free, maximum, self.waiting)

    async def lend(self) -> DatedConnection:
        """Return a free connection that is alive and young enough; makes the pool on first use.

        Raises:
            PoolTimeout: all of that together took longer than the acquire timeout.
            DatabaseConnectionError: a new connection was needed and could not be made.
        """
        if (connection := self.kept.take()) is not None:
            return connection
        until = asyncio.get_running_loop().time() + self.acquire_timeout
        self.waiting += 1
        try:
            if self.kept.out >= self.pool_maxsize and (connection := await self._await_turn(until)) is not None:
                return connection
            return await self._acquire_in_time(until)
        finally:
            self.waiting -= 1

    async def _acquire_in_time(self, until: float) -> DatedConnection:
        deadline = asyncio.timeout_at(until)
        try:
            async with deadline:
                return await self._acquire(deadline)
        except DatabaseError:
            raise
        except DRIVER_ERRORS as error:
            if deadline.expired():
                raise PoolTimeout(self._busy()) from error
            raise connection_error(error, self.label, self.user) from error

    async def _acquire(self, deadline: asyncio.Timeout) -> DatedConnection:
        kept = self.kept
        while True:
            pool = self._pool or await self.open_once(deadline)
            if (connection := kept.take()) is not None:
                return connection
            if kept.out < self.pool_maxsize:
                connection = await self._acquire_new(pool)
                if kept.is_good(connection):
                    return connection
                kept.discard(connection)
            elif (connection := await self._await_turn(deadline.when() or 0.0)) is not None:
                return connection

    async def _await_turn(self, until: float) -> DatedConnection | None:
        """Return what another task hands over, or None when it is time to ask the pool."""
        waiter = self.kept.queue(until)
        try:
            connection = await waiter
        except TimeoutError as error:
            raise PoolTimeout(self._busy()) from error
        except BaseException:
            self.kept.unqueue(waiter)
            raise
        if connection is None or self.kept.is_good(connection):
            return connection
        self.kept.discard(connection)
        return None

    async def _acquire_new(self, pool: asyncpg.Pool[asyncpg.Record]) -> DatedConnection:
        self.kept.out += 1
        try:
            handle = await pool.acquire()
        except BaseException:
            self.kept.leave()
            raise
        connection = cast("DatedConnection", cast("Any", handle).itself())
        connection.handle = handle
        self.kept.enter(connection)
        return connection

    async def take_back(self, connection: DatedConnection) -> None:
        """Keep a clean connection; else reset it. One that cannot be reset is closed, which is no error of what it ran."""
        pool = self._pool
        if pool is not None and not self.is_closed and connection.is_clean():
            self.kept.give(connection)
            return
        handle, connection.handle = connection.handle, None
        try:
            if pool is None or handle is None:
                drop(connection)
            else:
                await pool.release(handle, timeout=self.acquire_timeout)
        except DRIVER_ERRORS as error:
            logger.debug("A connection could not be reset and was closed: {}", error)
            drop(connection)
        finally:
            self.kept.leave(connection)

    def fetch(self, sql: str, args: Sequence[object] = ()) -> CoroutineType[Any, Any, list[asyncpg.Record]]:
        """Return all rows of a statement; its parameters are $1, $2 and so on."""
        asked: Any = self._ask(sql, args, 0)
        rows: CoroutineType[Any, Any, list[asyncpg.Record]] = asked
        return rows

    async def fetch_row(self, sql: str, args: Sequence[object] = ()) -> asyncpg.Record | None:
        """Return the first row of a statement, or None."""
        rows = await self._ask(sql, args, 1)
        return rows[0] if rows else None

    async def run(self, sql: str, args: Sequence[object] = ()) -> int:
        """Run a statement and return how many rows it touched; 0 for DDL. Without parameters it may be a script."""
        if not args:
            return await super().run(sql)
        _, tag, _ = await self._ask(sql, args, 0, with_tag=True)
        return rows_touched(tag.decode())

    async def _ask(self, sql: str, args: Sequence[object], limit: int, *, with_tag: bool = False) -> Any:
        """Run one statement as `Statements` does, on the shortest way: nothing is awaited but the answer."""
        if observers:
            observe(sql)
        touched = self.writes.touched_by(sql, args)
        kept = self.kept
        connection = kept.take() or await self.lend()
        connection.begin(sql)
        try:
            try:
                found = await connection.ask(sql, args, limit, with_tag=with_tag)
            except STALE as error:
                found = await connection.recover(error, sql, args, limit, with_tag=with_tag)
            connection.is_busy = False
        except DRIVER_ERRORS as error:
            failure = self.translate(TimeoutError() if connection.is_cut else error, connection)
            touched = possible(touched, error, failure)
            raise failure from error
        else:
            return found
        finally:
            connection.since = 0.0
            if touched:
                await self.end_write(connection, touched)
            elif connection.is_clean() and not self.is_closed:
                kept.give(connection)
            else:
                await self.take_back(connection)

    def _busy(self) -> str:
        state = self.pool_state()
        return (
            f"no connection to {self.label} within {self.acquire_timeout:g} s: {state.size - state.free} of "
            f"{state.maximum} in use; end transactions sooner, or raise pool_max_size"
        )
