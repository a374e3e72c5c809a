"""Connections that stay out of asyncpg's pool between two statements, so that nobody pays for a reset that resets nothing.

asyncpg's pool resets the session at every release, which is a second round trip for each statement. `Kept` counts the
connections that the pool has given out, holds those that are clean, and hands one over to whoever waits the longest.
"""

from __future__ import annotations

import asyncio
from collections import deque
from typing import TYPE_CHECKING, cast

import asyncpg

from tux.database.leftovers import leaves_nothing
from tux.database.transaction import drop
from tux.database.wire import is_lost
from tux.settings import FAST

if TYPE_CHECKING:
    from tux.database.wire import Connection


class DatedConnection(asyncpg.Connection):
    """A connection that knows when it was made, by the clock of its loop, and what its session may hold."""

    __slots__ = ("born", "is_busy", "is_touched")
    born: float
    is_busy: bool
    is_touched: bool

    def begin(self, sql: str) -> None:
        """Note a statement that is about to be sent."""
        self.is_busy = True
        if not leaves_nothing(sql):
            self.is_touched = True

    def end(self) -> None:
        """Note that the statement has ended well; after one that did not, nobody knows what goes on."""
        self.is_busy = False

    def is_clean(self) -> bool:
        """Whether the session is as it was when the connection was made."""
        return FAST and not (self.is_touched or self.is_busy or self.is_closed() or self.is_in_transaction())

    def get_reset_query(self) -> str:
        """Return asyncpg's reset with the temporary tables, which it forgets; nothing for a clean session."""
        if self.is_clean():
            return ""
        self.is_touched = self.is_busy = False  # a reset that fails closes the connection
        return f"{super().get_reset_query()}\nDISCARD TEMP;"


async def prepare(connection: asyncpg.Connection) -> None:
    """Make a new connection a clean one of this moment."""
    dated = cast("DatedConnection", connection)
    dated.born, dated.is_busy, dated.is_touched = asyncio.get_running_loop().time(), False, False


class Kept:
    """The connections of a pool that lie ready, and the tasks that wait for one."""

    def __init__(self, recycle_after: float) -> None:
        self.recycle_after = recycle_after
        self.out = 0
        self.free: list[Connection] = []
        self.waiters: deque[asyncio.Future[Connection | None]] = deque()

    def take(self) -> Connection | None:
        """Return the connection that was used last, when it is alive and young enough; those that are not are closed."""
        while self.free:
            connection = self.free.pop()
            if self.is_good(connection):
                return connection
            self.discard(connection)
        return None

    def is_good(self, connection: Connection) -> bool:
        """Whether a connection is alive and young enough."""
        if is_lost(connection):
            return False
        return asyncio.get_running_loop().time() - cast("DatedConnection", connection).born <= self.recycle_after

    def give(self, connection: Connection) -> None:
        """Accept a clean connection: for the next one who waits, or until somebody comes."""
        if not self._wake(connection):
            self.free.append(connection)

    def discard(self, connection: Connection) -> None:
        """Close a connection; its place is free."""
        drop(connection)
        self.leave()

    def leave(self) -> None:
        """Note that a connection went back to the pool, so that whoever waits may ask there."""
        self.out -= 1
        self._wake(None)

    async def wait(self) -> Connection | None:
        """Return the next connection that is given, or None when there is a place in the pool."""
        waiter: asyncio.Future[Connection | None] = asyncio.get_running_loop().create_future()
        self.waiters.append(waiter)
        try:
            return await waiter
        except BaseException:
            if waiter.done() and not waiter.cancelled():  # it came at the moment of the cancellation
                connection = waiter.result()
                self._wake(None) if connection is None else self.give(connection)
            raise

    def _wake(self, connection: Connection | None) -> bool:
        while self.waiters:
            waiter = self.waiters.popleft()
            if not waiter.done():
                waiter.set_result(connection)
                return True
        return False
