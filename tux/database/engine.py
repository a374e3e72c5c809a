"""The Tortoise backend of Tux: `engine = "tux.database.engine"` in a Tortoise config.

It is Tortoise's own asyncpg backend with its holes closed: an acquire timeout, no connection lost to a failed or
cancelled BEGIN, COMMIT or ROLLBACK, errors by kind, transactions that may be outlived, connections recycled by age, and
a local PostgreSQL that starts with the first connection when the credentials name a folder (`local`) instead of a host.
"""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack
from importlib.metadata import version
from inspect import signature
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import asyncpg
from loguru import logger
from tortoise.backends.asyncpg.client import AsyncpgDBClient, TransactionWrapper
from tortoise.connection import get_connections
from tortoise.exceptions import ConfigurationError

from tux.database.context import open_client
from tux.database.direct import DatedConnection
from tux.database.embedded import LocalServer
from tux.database.kept import Kept
from tux.database.lending import LendingPool
from tux.database.mapping import DRIVER_ERRORS, connection_error
from tux.database.transaction import Isolation, Loan, Transaction, TransactionScope, to_the_end
from tux.database.wire import observers
from tux.database.writes import Writes
from tux.errors import DatabaseConnectionError, SettingsError, TuxError

if TYPE_CHECKING:
    from collections.abc import Coroutine

__all__ = ["Client", "Transaction", "active_client", "client_class", "observers"]

CLOSE_SECONDS = 10.0

_TOUCHED = (
    (AsyncpgDBClient, ("_in_transaction", "_pool", "_post_connect")),
    (TransactionWrapper, ("_in_transaction", "_finalized")),
)


def _verify_names() -> None:
    """Refuse a Tortoise in which a name that this backend overrides has moved."""
    for owner, names in _TOUCHED:
        for name in names:
            if not hasattr(owner, name):
                raise TuxError(
                    f"tortoise-orm {version('tortoise-orm')} has no {owner.__name__}.{name}; "
                    "install the version that Tux pins: pip install tortoise-orm==1.1.9"
                )


_verify_names()

_OPTIONS = (
    frozenset(signature(asyncpg.create_pool).parameters)
    | frozenset(signature(asyncpg.connect).parameters)
    | {"acquire_timeout", "application_name", "connection_name", "fetch_inserted", "local", "maxsize", "minsize"}
    | {"recycle_after", "schema"}
) - {"dsn", "kwargs", "connect_kwargs"}


class Client(LendingPool):
    """The pool of connections; what it runs itself is outside of any transaction."""

    server_settings: dict[str, str]

    def __init__(
        self,
        *,
        local: str | None = None,
        acquire_timeout: float = 10.0,
        recycle_after: float = 1800.0,
        **options: Any,
    ) -> None:
        unknown = sorted(options.keys() - _OPTIONS)
        if unknown:
            raise SettingsError(
                f"unknown connection option {', '.join(unknown)}; known are: {', '.join(sorted(_OPTIONS))}"
            )
        super().__init__(**options)
        self.writes = Writes()
        self.local = Path(local) if local else None
        self.acquire_timeout = acquire_timeout
        self.recycle_after = recycle_after
        self.server_settings.setdefault("timezone", "UTC")  # or date_trunc and ::date would differ between servers
        if self.application_name:
            self.server_settings["application_name"] = self.application_name
        if self.schema:
            self.server_settings["search_path"] = self.schema
        self.kept = Kept(recycle_after, self._patience())
        self._undo = AsyncExitStack()
        self._change = asyncio.Lock()  # held while the pool is made or closed
        self._opening: asyncio.Task[None] | None = None
        self._follow_ups: set[asyncio.Task[object]] = set()
        self.is_closed = False

    @property
    def label(self) -> str:
        """Where it connects to, without secrets: "host:port/database"."""
        place = f"{self.host or 'localhost'}:{self.port}" if self.local is None else str(self.local)
        return f"{place}/{self.database or ''}"

    def _in_transaction(self) -> TransactionScope:
        return self.open_transaction()

    def open_transaction(self, isolation: Isolation | None = None, *, read_only: bool = False) -> TransactionScope:
        """Return the block of a transaction on a connection of its own."""
        return TransactionScope(self, isolation, read_only=read_only)

    def acquire_connection(self) -> Loan:
        """Return a context manager for one of asyncpg's connections."""
        return Loan(self)

    async def create_connection(self, with_db: bool) -> None:
        """Make the pool, having started the local server when there is one; nothing when it is open already.

        Raises:
            DatabaseConnectionError: nobody answers there, or refuses us.
        """
        async with self._change:
            if self._pool is not None:
                return
            async with AsyncExitStack() as undo:
                if self.local is not None:
                    await self._start_local(self.local, undo, create=with_db)
                undo.push_async_callback(self._close_pool)
                await self._make_pool(with_db=with_db)
                self._undo = undo.pop_all()
            self.is_closed = False

    async def close(self) -> None:
        """Wait for what follows the last commits, close all connections and give up the local server's lease."""
        self.is_closed = True
        if self._opening is not None:
            self._opening.cancel()
            await asyncio.wait({self._opening})
        if self._follow_ups:
            await asyncio.wait(self._follow_ups, timeout=CLOSE_SECONDS)
        async with self._change:
            await to_the_end(self._undo.aclose())

    async def db_create(self) -> None:
        """Create the database and leave the client ready for its first connection."""
        await super().db_create()
        self.is_closed = False

    def follow_up(self, work: Coroutine[Any, Any, object]) -> asyncio.Task[object]:
        """Start what must be done after a commit, even when the task that committed is cancelled; `close` waits for it."""
        task = asyncio.ensure_future(work)
        self._follow_ups.add(task)
        task.add_done_callback(self._follow_ups.discard)
        return task

    async def open_once(self, deadline: asyncio.Timeout) -> asyncpg.Pool[asyncpg.Record]:
        """Make the pool in a task that all who need it wait for."""
        if self.is_closed:
            raise DatabaseConnectionError(f"the connections to {self.label} were closed; connect again")
        if self._opening is None:
            self._opening = asyncio.ensure_future(self.create_connection(with_db=True))
            self._opening.add_done_callback(self._forget_opening)
        if self.local is not None:
            deadline.reschedule(None)  # starting the server has a limit of its own
        await asyncio.shield(self._opening)
        if self._pool is None:
            raise DatabaseConnectionError(f"the connections to {self.label} were closed while they were made")
        deadline.reschedule(asyncio.get_running_loop().time() + self.acquire_timeout)
        return self._pool

    def _forget_opening(self, task: asyncio.Task[None]) -> None:
        self._opening = None
        if not task.cancelled():
            task.exception()  # whoever still waits gets it; asyncio need not complain when nobody does

    async def _start_local(self, folder: Path, undo: AsyncExitStack, *, create: bool) -> None:
        server = LocalServer(folder)
        undo.callback(server.stop)
        await to_the_end(asyncio.to_thread(server.start))
        database = self.database or "postgres"
        if create:
            await server.create_database(database)
        where = server.credentials(database)
        self.host, self.port, self.user = where["host"], where["port"], where["user"]

    async def _make_pool(self, *, with_db: bool) -> None:
        options: dict[str, Any] = {
            **self.extra,
            "host": self.host,
            "port": self.port,
            "user": self.user,
            "password": self.password,
            "database": self.database if with_db else "postgres",
            "min_size": self.pool_minsize,
            "max_size": self.pool_maxsize,
            "max_inactive_connection_lifetime": self.recycle_after,
            "connection_class": DatedConnection,
            "init": self._prepare,
            "server_settings": self.server_settings,
        }
        try:
            self._pool = await asyncpg.create_pool(**options)
        except DRIVER_ERRORS as error:
            raise connection_error(error, self.label, self.user) from error
        await self._post_connect()

    async def _prepare(self, connection: asyncpg.Connection[asyncpg.Record]) -> None:
        """Make a new connection a clean one."""
        cast("DatedConnection", connection).start(is_guarded=self.kept.patience is not None)

    def _patience(self) -> float | None:
        """Return when a guard cuts a statement: where the server has a limit of its own, so that it must be gone by then."""
        limit: float | None = self.extra.get("command_timeout")
        return limit if limit and self.server_settings.get("statement_timeout", "0").strip("0ms") else None

    async def _close_pool(self) -> None:
        pool = self._pool
        if pool is None:
            return
        try:
            async with asyncio.timeout(CLOSE_SECONDS):
                while (connection := self.kept.take()) is not None:
                    await self.take_back(connection)
                await pool.close()
        except TimeoutError:
            logger.warning("Connections were still in use {:g} s after the stop; they were cut", CLOSE_SECONDS)
            pool.terminate()
        finally:
            self._pool = None


client_class = Client


def active_client() -> Client | Transaction:
    """Return what statements of this context run on: the open transaction, else the pool.

    Raises:
        DatabaseConnectionError: no database is connected here.
    """
    client: Any = open_client("default")
    if client is None:
        try:
            client = get_connections().get("default")
        except (RuntimeError, ConfigurationError) as error:
            raise DatabaseConnectionError("no database is connected; await DatabaseService.connect() first") from error
    place: Client | Transaction = client.live()
    return place
