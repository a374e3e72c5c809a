"""Connections that stay out of asyncpg's pool between two statements, so that nobody pays for a reset that resets nothing.

asyncpg's pool resets the session at every release, which is a second round trip for each statement. `Kept` counts the
connections that the pool has given out, holds those that are clean, hands one over to whoever waits the longest, and
cuts statements that take too long.
"""

from __future__ import annotations

import asyncio
from collections import deque
from time import monotonic
from typing import TYPE_CHECKING

from tux.database.transaction import drop

if TYPE_CHECKING:
    from tux.database.direct import DatedConnection

    Waiter = asyncio.Future[DatedConnection | None]


class Kept:
    """The connections of a pool that lie ready, and the tasks that wait for one.

    Args:
        recycle_after: how old a connection may be, in seconds.
        patience: how long a guarded statement may take; None guards nothing.
    """

    def __init__(self, recycle_after: float, patience: float | None = None) -> None:
        self.recycle_after = recycle_after
        self.patience = patience
        self.out = 0
        self.free: list[DatedConnection] = []
        self.waiters: deque[tuple[float, Waiter]] = deque()
        self._lent: set[DatedConnection] = set()
        self._guard: asyncio.TimerHandle | None = None
        self._alarm: asyncio.TimerHandle | None = None

    def take(self) -> DatedConnection | None:
        """Return the connection that was used last, when it is alive and young enough; those that are not are closed."""
        while self.free:
            connection = self.free.pop()
            if self.is_good(connection):
                return connection
            self.discard(connection)
        return None

    def is_good(self, connection: DatedConnection) -> bool:
        """Whether a connection is alive and young enough."""
        return not connection.is_closed() and monotonic() - connection.born <= self.recycle_after

    def give(self, connection: DatedConnection) -> None:
        """Accept a clean connection: for the next one who waits, or until somebody comes."""
        if not self.waiters or not self._wake(connection):
            self.free.append(connection)

    def discard(self, connection: DatedConnection) -> None:
        """Close a connection; its place is free."""
        drop(connection)
        self.leave(connection)

    def enter(self, connection: DatedConnection) -> None:
        """Note a connection that came from the pool; its place was counted in `out` before."""
        self._lent.add(connection)
        if self._guard is None and self.patience is not None:
            self._guard = asyncio.get_running_loop().call_later(self.patience, self._cut_slow, self.patience)

    def leave(self, connection: DatedConnection | None = None) -> None:
        """Note that a connection went back to the pool, so that whoever waits may ask there."""
        self.out -= 1
        if connection is not None:
            self._lent.discard(connection)
        if not self._lent and self._guard is not None:
            self._guard.cancel()
            self._guard = None
        self._wake(None)

    def queue(self, until: float) -> Waiter:
        """Return what gives the next connection, None when there is a place in the pool, or a TimeoutError at that time.

        Whoever is cancelled while it waits calls `unqueue`.
        """
        loop = asyncio.get_running_loop()
        waiter: Waiter = loop.create_future()
        self.waiters.append((until, waiter))
        if self._alarm is None:
            self._alarm = loop.call_at(until, self._give_up)
        return waiter

    def unqueue(self, waiter: Waiter) -> None:
        """Hand on what came with the cancellation of its waiter, if anything did."""
        if waiter.done() and not waiter.cancelled() and waiter.exception() is None:
            connection = waiter.result()
            self._wake(None) if connection is None else self.give(connection)

    def _wake(self, connection: DatedConnection | None) -> bool:
        while self.waiters:
            _, waiter = self.waiters.popleft()
            if not waiter.done():
                waiter.set_result(connection)
                return True
        return False

    def _give_up(self) -> None:
        """Tell those who waited long enough that nothing came."""
        loop = asyncio.get_running_loop()
        now = loop.time()
        for until, waiter in self.waiters:
            if until <= now and not waiter.done():
                waiter.set_exception(TimeoutError())
        self.waiters = deque((until, waiter) for until, waiter in self.waiters if not waiter.done())
        first = min((until for until, _ in self.waiters), default=None)
        self._alarm = None if first is None else loop.call_at(first, self._give_up)

    def _cut_slow(self, patience: float) -> None:
        """Cut the statements that take longer than the server should have let them; it must be gone."""
        now = monotonic()
        for connection in [each for each in self._lent if each.since and now - each.since >= patience]:
            connection.cut()
        begun = min((each.since for each in self._lent if each.since and not each.is_cut), default=now)
        self._guard = asyncio.get_running_loop().call_later(begun + patience - now, self._cut_slow, patience)
