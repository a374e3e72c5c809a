"""Reads by key of many tasks at once, made one statement when the event loop has its hands full of single ones.

A few reads go out by themselves, at once: one task alone pays nothing. What comes on
top in the same tick of the event loop is one `key = ANY(…)`. It runs outside of any caller's context, so it
inherits nobody's transaction, and a caller that is cancelled takes nothing from the others.
"""

from __future__ import annotations

import asyncio
from contextvars import Context
from copy import copy
from typing import TYPE_CHECKING, Any

from tux.errors import DatabaseError

if TYPE_CHECKING:
    import asyncpg

    from tux.database.engine import Client


SINGLE_READS = 4  # so many at once keep the loop busy; PostgreSQL answers faster than it asks


class Batcher:
    """The reads by key of one table in one database: `running` by themselves, `waiting` for the next batch."""

    def __init__(self, sql: str, column: str, connections: int) -> None:
        self.sql = sql
        self.column = column
        self.most = min(SINGLE_READS, connections)
        self.running = 0
        self.waiting: dict[object, list[asyncio.Future[asyncpg.Record | None]]] = {}
        self.tasks: set[asyncio.Task[None]] = set()

    @property
    def is_busy(self) -> bool:
        """Whether a read had better go with others."""
        return self.running >= self.most

    def read(self, client: Client, key: object) -> asyncio.Future[asyncpg.Record | None]:
        """Return what gives the row of a key, which is read together with others.

        An error is the caller's own, also when others have the same.
        """
        loop = asyncio.get_running_loop()
        if not self.waiting:
            loop.call_soon(self._start, client, context=Context())
        mine: asyncio.Future[asyncpg.Record | None] = loop.create_future()
        self.waiting.setdefault(key, []).append(mine)
        return mine

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


def batcher_of(client: Client, sql: str) -> Batcher | None:
    """Return what a client keeps for the statement that reads one row."""
    kept: Any = client.writes.stores.get((Batcher, sql))
    found: Batcher | None = kept
    return found


def keep_batcher(client: Client, sql: str, batcher: Batcher) -> Batcher:
    """Let a client keep a batcher for the statement that reads one row, for as long as it lives."""
    client.writes.stores[Batcher, sql] = batcher
    return batcher
