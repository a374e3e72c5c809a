"""Reads by key of many tasks at once, made one statement when they would queue for a connection anyway.

Up to as many reads as the pool has connections go out by themselves, at once: one task alone pays nothing. What comes on
top in the same tick of the event loop is one `key = ANY(…)`. It runs outside of any caller's context, so it
inherits nobody's transaction, and a caller that is cancelled takes nothing from the others.
"""

from __future__ import annotations

import asyncio
from contextvars import Context
from copy import copy
from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary

from tux.errors import DatabaseError

if TYPE_CHECKING:
    from collections.abc import Sequence

    import asyncpg

    from tux.database.engine import Client


class Batcher:
    """The reads by key of one table in one database."""

    def __init__(self, sql: str, column: str) -> None:
        self.sql = sql
        self.column = column
        self.running = 0
        self.waiting: dict[object, list[asyncio.Future[asyncpg.Record | None]]] = {}
        self.tasks: set[asyncio.Task[None]] = set()

    async def read(self, client: Client, sql: str, values: Sequence[object]) -> asyncpg.Record | None:
        """Return the row of a key: by `sql`, or together with others.

        Raises:
            DatabaseError: an error of the caller's own, also when others have the same.
        """
        if self.running < client.pool_maxsize:
            self.running += 1
            try:
                return await client.fetch_row(sql, values)
            finally:
                self.running -= 1
        loop = asyncio.get_running_loop()
        if not self.waiting:
            loop.call_soon(self._start, client, context=Context())
        mine = loop.create_future()
        self.waiting.setdefault(values[0], []).append(mine)
        record: asyncpg.Record | None = await mine
        return record

    def _start(self, client: Client) -> None:
        batch, self.waiting = self.waiting, {}
        task = asyncio.get_running_loop().create_task(self._run(client, batch))
        self.tasks.add(task)
        task.add_done_callback(self.tasks.discard)

    async def _run(self, client: Client, batch: dict[object, list[asyncio.Future[asyncpg.Record | None]]]) -> None:
        try:
            found = {record[self.column]: record for record in await client.fetch(self.sql, [list(batch)])}
            for key, callers in batch.items():
                for caller in callers:
                    if not caller.done():
                        caller.set_result(found.get(key))
        except DatabaseError as error:
            for caller in (caller for callers in batch.values() for caller in callers if not caller.done()):
                own = copy(error)
                own.__cause__ = error
                caller.set_exception(own)
        finally:
            for callers in batch.values():
                for caller in callers:
                    caller.cancel()  # nothing where there is an answer; else nobody would ever wake it


_batchers: WeakKeyDictionary[Client, dict[str, Batcher]] = WeakKeyDictionary()


def batcher_of(client: Client, sql: str, column: str) -> Batcher:
    """Return the one batcher of a client for a statement that reads by a list of keys."""
    of_client = _batchers.setdefault(client, {})
    return of_client.get(sql) or of_client.setdefault(sql, Batcher(sql, column))
