"""The statements that the pool and a transaction both offer: one round trip each, with the errors of tux.errors.

Who implements `lend` and `take_back` gets all of them; Tortoise calls the `execute_*` ones.
"""

from __future__ import annotations

import asyncio
from abc import abstractmethod
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any, TypeAlias

import asyncpg

from tux.database.executor import Executor
from tux.database.mapping import DRIVER_ERRORS, database_error
from tux.database.writes import NOTHING
from tux.errors import ConnectionLost

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Callable, Iterable, Sequence

    from tux.database.direct import DatedConnection
    from tux.database.writes import Touch, Writes
    from tux.errors import DatabaseError

    Connection: TypeAlias = DatedConnection

observers: list[Callable[[str], None]] = []
"""Called once for each round trip with its SQL, BEGIN and COMMIT included."""

_COUNTED = ("INSERT", "UPDATE", "DELETE")


def observe(sql: str) -> None:
    """Tell every observer about a round trip."""
    for observer in observers:
        observer(sql)


def is_lost(connection: Connection) -> bool:
    """Whether a connection is closed, by us or because it broke."""
    return connection.is_closed()


def rows_touched(tag: str | None) -> int:
    """Return the count at the end of a command tag ("INSERT 0 3"), 0 where there is none ("CREATE TABLE")."""
    count = tag.rpartition(" ")[2] if tag else ""
    return int(count) if count.isdigit() else 0


def possible(touched: frozenset[Touch], error: BaseException, failure: DatabaseError) -> frozenset[Touch]:
    """Return what a statement that raised may have written all the same: nothing, once the server refused it."""
    refused = isinstance(error, asyncpg.PostgresError) and not isinstance(failure, ConnectionLost)
    return NOTHING if refused else touched


async def order(connection: Connection, sql: str, *, seconds: float | None = None) -> str:
    """Send a word of transaction control (BEGIN, COMMIT, …) and return its command tag."""
    if observers:
        observe(sql)
    try:
        return await connection.execute(sql, timeout=seconds)
    except DRIVER_ERRORS as error:
        raise database_error(error, lost=is_lost(connection)) from error


@asynccontextmanager
async def _while_open(connection: Connection) -> AsyncGenerator[None]:
    """End the block with a TimeoutError when the connection is lost: asyncpg's COPY would wait to send more for ever."""
    loop = asyncio.get_running_loop()
    async with asyncio.timeout(None) as patience:

        def end(_: object) -> None:
            patience.reschedule(loop.time())

        connection.add_termination_listener(end)
        try:
            yield
        finally:
            connection.remove_termination_listener(end)


class Statements:
    """Runs statements on a connection that `lend` gives and `take_back` gets again; `writes` hears what they touch."""

    executor_class: type[Any] = Executor
    writes: Writes
    touched: set[Touch] | None = None

    @abstractmethod
    async def lend(self) -> Connection:
        """Return a connection for one round trip; the caller gives it to `take_back`, whatever happens."""

    @abstractmethod
    async def take_back(self, connection: Connection) -> None:
        """Accept what `lend` gave."""

    @staticmethod
    def translate(error: BaseException, connection: Connection) -> DatabaseError:
        """Return the error of Tux for what a statement on `connection` raised."""
        return database_error(error, lost=is_lost(connection))

    @abstractmethod
    def live(self) -> Statements:
        """Return what a statement runs on now: itself, unless it is a transaction that is over."""

    def touched_by(self, sql: str, args: Sequence[object]) -> frozenset[Touch]:
        """Return what a statement that is about to be sent writes of the tables that somebody watches."""
        touched = self.writes.touched_by(sql, args)
        if touched:
            self.hold(touched)
        return touched

    def hold(self, touched: Iterable[Touch]) -> None:
        """Keep what was written until the COMMIT; nothing waits outside of a transaction."""
        if self.touched is not None:
            self.touched.update(touched)

    async def end_write(self, connection: Connection, touched: frozenset[Touch]) -> None:
        """Take back the connection of a write; one that was cancelled is no longer under way then."""
        try:
            await self.take_back(connection)
        finally:
            place = self.live()
            place.hold(touched)
            if place.touched is None:
                self.writes.announce(touched)

    async def fetch(self, sql: str, args: Sequence[object] = ()) -> list[asyncpg.Record]:
        """Return all rows of a statement; its parameters are $1, $2 and so on."""
        if observers:
            observe(sql)
        touched = self.touched_by(sql, args)
        connection = await self.lend()
        connection.begin(sql)
        try:
            found = await connection.fetch(sql, *args)
            connection.end()
        except DRIVER_ERRORS as error:
            failure = self.translate(error, connection)
            touched = possible(touched, error, failure)
            raise failure from error
        else:
            return found
        finally:
            await (self.end_write(connection, touched) if touched else self.take_back(connection))

    async def fetch_row(self, sql: str, args: Sequence[object] = ()) -> asyncpg.Record | None:
        """Return the first row of a statement, or None."""
        if observers:
            observe(sql)
        touched = self.touched_by(sql, args)
        connection = await self.lend()
        connection.begin(sql)
        try:
            found = await connection.fetchrow(sql, *args)
            connection.end()
        except DRIVER_ERRORS as error:
            failure = self.translate(error, connection)
            touched = possible(touched, error, failure)
            raise failure from error
        else:
            return found
        finally:
            await (self.end_write(connection, touched) if touched else self.take_back(connection))

    async def run(self, sql: str, args: Sequence[object] = ()) -> int:
        """Run a statement and return how many rows it touched; 0 for DDL."""
        if observers:
            observe(sql)
        touched = self.touched_by(sql, args)
        connection = await self.lend()
        connection.begin(sql)
        try:
            tag = await connection.execute(sql, *args)
            connection.end()
            return rows_touched(tag)
        except DRIVER_ERRORS as error:
            failure = self.translate(error, connection)
            touched = possible(touched, error, failure)
            raise failure from error
        finally:
            await (self.end_write(connection, touched) if touched else self.take_back(connection))

    async def run_many(self, sql: str, rows: Iterable[Sequence[object]]) -> None:
        """Run a statement once for each row of parameters, all or nothing."""
        if observers:
            observe(sql)
        touched = self.touched_by(sql, ())
        connection = await self.lend()
        connection.begin(sql)
        try:
            await connection.executemany(sql, rows)
            connection.end()
        except DRIVER_ERRORS as error:
            failure = self.translate(error, connection)
            touched = possible(touched, error, failure)
            raise failure from error
        finally:
            await (self.end_write(connection, touched) if touched else self.take_back(connection))

    async def copy_rows(self, table: str, columns: Sequence[str], records: Iterable[Sequence[object]]) -> int:
        """Insert records by COPY and return their number; all or nothing."""
        sql = f'COPY "{table}" FROM STDIN'
        if observers:
            observe(sql)
        touched = self.touched_by(sql, ())
        connection = await self.lend()
        connection.begin(sql)
        try:
            async with _while_open(connection):
                tag = await connection.copy_records_to_table(table, columns=list(columns), records=records)
            connection.end()
            return rows_touched(tag)
        except DRIVER_ERRORS as error:
            failure = self.translate(ConnectionResetError() if is_lost(connection) else error, connection)
            touched = possible(touched, error, failure)
            raise failure from error
        finally:
            await (self.end_write(connection, touched) if touched else self.take_back(connection))

    async def execute_insert(self, query: str, values: list[Any]) -> asyncpg.Record | None:
        """Tortoise's INSERT: the row that RETURNING gives, or None."""
        return await self.fetch_row(query, values)

    async def execute_many(self, query: str, values: list[Any]) -> None:
        """Tortoise's bulk statement, all or nothing."""
        await self.run_many(query, values)

    async def execute_query(self, query: str, values: list[Any] | None = None) -> tuple[int, list[Any]]:
        """Tortoise's statement: rows touched and no rows for a write, else the rows and their number."""
        if query.lstrip()[:6].upper() in _COUNTED:
            return await self.run(query, values or ()), []
        rows = await self.fetch(query, values or ())
        return len(rows), rows

    async def execute_query_dict(self, query: str, values: list[Any] | None = None) -> list[dict[str, Any]]:
        """Tortoise's query: the rows as dicts."""
        return [dict(row) for row in await self.fetch(query, values or ())]

    async def execute_script(self, query: str) -> None:
        """Run any number of statements separated by semicolons; nothing for an empty script."""
        if query.strip():
            await self.run(query)
