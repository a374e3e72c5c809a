"""The database service: connects, opens transactions, runs raw SQL and tells how the database is.

Managers do not need it: they run on whatever `tux.database.engine.active_client` finds in their context.
"""

from __future__ import annotations

import asyncio
import random
import warnings
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Final, NoReturn, TypeVar, cast

from loguru import logger
from tortoise.context import TortoiseContext

from tux.collector import collector_paused
from tux.database.context import enter_context, leave_context, use_context
from tux.database.engine import Client, Transaction, active_client
from tux.database.health import Health, read_health
from tux.database.mapping import is_starting
from tux.database.schema import migration_files
from tux.database.translations import SQL_TEXT, missing_word
from tux.database.url import connection_config
from tux.errors import (
    DatabaseConnectionError,
    NoEquivalent,
    SettingsError,
    TransactionConflict,
    TransactionMisuse,
)
from tux.settings import Settings, find_root, load_settings

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Awaitable, Callable, Generator, Sequence
    from types import ModuleType

    import asyncpg

    from tux.database.transaction import Isolation

__all__ = ["DatabaseConnectionError", "DatabaseService", "Health", "Session", "connection_config"]

T = TypeVar("T")

CONNECT_TRIES: Final = 3
CONNECT_PAUSE_SECONDS: Final = 0.3
RETRY_PAUSE_SECONDS: Final = 0.01


class Session:
    """Raw SQL inside one transaction; parameters are $1, $2 and so on, never formatted into the text."""

    __slots__ = ("_transaction",)

    def __init__(self, transaction: Transaction) -> None:
        self._transaction = transaction

    async def fetch(self, sql: str, *args: object) -> list[asyncpg.Record]:
        """Return all rows of a statement."""
        return await self._open(sql).fetch(sql, args)

    async def fetch_one(self, sql: str, *args: object) -> asyncpg.Record | None:
        """Return the first row of a statement, or None."""
        return await self._open(sql).fetch_row(sql, args)

    async def execute(self, sql: str, *args: object) -> int:
        """Run a statement and return how many rows it touched."""
        return await self._open(sql).run(sql, args)

    def _open(self, sql: object) -> Transaction:
        if not isinstance(sql, str):
            raise NoEquivalent(f"{type(sql).__name__}: {SQL_TEXT}")
        if self._transaction.is_over:
            raise TransactionMisuse("this session is over; open another: async with db.transaction() as session:")
        return self._transaction

    def __getattr__(self, name: str) -> NoReturn:
        """Translate the words of SQLAlchemy's session."""
        raise missing_word(name)


class DatabaseService:
    """The connection to one PostgreSQL: `models` are the modules whose Tortoise models live there."""

    def __init__(self, settings: Settings | None = None, models: Sequence[str | ModuleType] = ()) -> None:
        self._settings = settings
        self._models = [model if isinstance(model, str) else model.__name__ for model in models]
        self._context = TortoiseContext()
        self._client: Client | None = None
        self._url: str | None = None
        self._root = Path()
        self._change = asyncio.Lock()

    @property
    def url_label(self) -> str:
        """Where it is connected to, without secrets: "host:port/database"; empty before `connect`."""
        return self._client.label if self._client else ""

    def is_connected(self) -> bool:
        """Whether `connect` succeeded and `disconnect` was not called since."""
        return self._client is not None

    async def connect(self, url: str | None = None) -> None:
        """Open the pool and speak to the server; without `url` the one of the settings, else the local PostgreSQL.

        A server that is starting up gets a moment. Connected to the same place already, it does nothing.

        Raises:
            SettingsError: the URL or a setting is wrong.
            DatabaseConnectionError: nobody answers there, or refuses us; says host, port and database.
        """
        async with self._change:
            settings = self._settings or _default_settings(url)
            url = url or settings.database_url
            if self._client is not None:
                if url == self._url:
                    return
                raise DatabaseConnectionError(f"connected to {self.url_label} already; await disconnect() first")
            await self._start(settings, url)
            self._url, self._root = url, settings.root
        logger.info("Connected to {}", self.url_label)

    async def disconnect(self) -> None:
        """Close the pool, once nothing uses it or after ten seconds; nothing when it is closed already."""
        async with self._change:
            if self._client is None:
                return
            label, self._client = self.url_label, None
            await self._stop()
        logger.info("Disconnected from {}", label)

    @contextmanager
    def in_use(self) -> Generator[None]:
        """Let the managers and models of this task use this database inside the block, whatever else is open."""
        with use_context(self._connected()):
            yield

    @asynccontextmanager
    async def transaction(
        self, *, isolation: Isolation | None = None, read_only: bool = False
    ) -> AsyncGenerator[Session]:
        """Open a transaction, or a savepoint inside one; every manager call in the block takes part.

        Committed at the end, rolled back on an error. What must be run again on a conflict goes through `retry`.

        Raises:
            TransactionAborted: a database error inside was swallowed; nothing was kept.
            TransactionConflict: PostgreSQL asks for the whole transaction again.
        """
        with use_context(self._connected()):
            async with active_client().open_transaction(isolation, read_only=read_only) as transaction:
                yield Session(transaction)

    session = transaction

    async def retry(
        self, func: Callable[[], Awaitable[T]], *, attempts: int = 3, isolation: Isolation | None = None
    ) -> T:
        """Return what `func` returns in a transaction of its own, run again when that ends in a conflict.

        Raises:
            TransactionConflict: the last attempt ended in one, too.
            TransactionMisuse: a transaction is open here already; only the outermost one can be repeated.
        """
        with use_context(self._connected()):
            if isinstance(active_client(), Transaction):
                raise TransactionMisuse("retry needs a transaction of its own; call it outside of the open one")
        for attempt in range(1, attempts):
            try:
                async with self.transaction(isolation=isolation):
                    return await func()
            except TransactionConflict as conflict:
                logger.debug("Attempt {} ended in a conflict: {}", attempt, conflict)
            await asyncio.sleep(RETRY_PAUSE_SECONDS * 2**attempt * random.random())  # noqa: S311 - spreads, hides nothing
        async with self.transaction(isolation=isolation):
            return await func()

    async def fetch(self, sql: str, *args: object) -> list[asyncpg.Record]:
        """Return all rows of a statement, run in the open transaction if there is one."""
        with use_context(self._connected()):
            return await active_client().fetch(sql, args)

    async def fetch_one(self, sql: str, *args: object) -> asyncpg.Record | None:
        """Return the first row of a statement, or None."""
        with use_context(self._connected()):
            return await active_client().fetch_row(sql, args)

    async def execute(self, sql: str, *args: object) -> int:
        """Run a statement and return how many rows it touched."""
        with use_context(self._connected()):
            return await active_client().run(sql, args)

    async def health(self) -> Health:
        """Return how the server, the pool and the schema are, asked on a connection of the pool.

        Raises:
            DatabaseError: the server did not answer.
        """
        self._connected()
        return await read_health(cast("Client", self._client), migration_files(self._root))

    def _connected(self) -> TortoiseContext:
        if self._client is None:
            raise DatabaseConnectionError("the database service is not connected; await service.connect() first")
        return self._context

    async def _start(self, settings: Settings, url: str | None) -> None:
        config = {
            "connections": {"default": connection_config(settings, url)},
            "apps": {"models": {"models": self._models or [__name__], "default_connection": "default"}},
        }
        with warnings.catch_warnings():
            if not self._models:
                warnings.simplefilter("ignore", RuntimeWarning)  # "has no models": Tortoise wants a module all the same
            with use_context(self._context), collector_paused():  # Tortoise asks for it while it prepares the models
                await self._context.init(config=config, use_tz=True, timezone="UTC")
        enter_context(self._context)
        client = cast("Client", self._context.connections.get("default"))
        try:
            await _probe(client)
        except BaseException:
            await self._stop()
            raise
        self._client = client

    async def _stop(self) -> None:
        try:
            await self._context.close_connections()
        finally:
            leave_context(self._context)


async def _probe(client: Client) -> None:
    """Speak to the server; one that is starting up is asked again, with growing pauses."""
    for attempt in range(1, CONNECT_TRIES + 1):
        try:
            await client.create_connection(with_db=True)
            await client.fetch_row("SELECT 1")
        except DatabaseConnectionError as error:
            if attempt == CONNECT_TRIES or not is_starting(error.__cause__):
                raise
            logger.debug("Attempt {} to connect: {}", attempt, error)
            await asyncio.sleep(CONNECT_PAUSE_SECONDS * attempt)
        else:
            return


def _default_settings(url: str | None) -> Settings:
    """Return the project's settings; outside of a project the environment's, which must hold a URL then."""
    try:
        root = find_root()
    except SettingsError:
        settings = load_settings(Path.cwd())
        if url is None and settings.database_url is None:
            raise
        return settings
    return load_settings(root)
