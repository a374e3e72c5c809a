"""The database of the console: its own, beside the bot's; see docs/decisions/0003-console-database.md."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any, cast
from urllib.parse import quote, urlsplit, urlunsplit

import asyncpg

from tux.database.embedded import LocalServer
from tux.database.mapping import DRIVER_ERRORS, connection_error
from tux.database.url import parse_url
from tux.errors import DatabaseConnectionError

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

    from tux.settings import Settings

KEPT, EMPTIED = "console", "script"
LOCK_SECONDS = 60
CONNECT_SECONDS = 10
_LOCK = 0x7475785F  # "tux_"
# Not those in which migrations and data steps note what was done: that stays true when the rows go.
_TABLES = (
    "SELECT quote_ident(tablename) FROM pg_tables WHERE schemaname = 'public' "
    "AND tablename NOT IN ('aerich', 'core_migrations', 'core_steps') ORDER BY 1"
)


@asynccontextmanager
async def console_database(settings: Settings, *, scripted: bool) -> AsyncGenerator[str]:
    """Yield the URL of the console's database, created when missing; a script's is emptied first and is its alone.

    It lies on the server of the settings' URL, else on the local one.

    Raises:
        DatabaseConnectionError: the server does not answer or refuses to create it, or another script holds it.
    """
    suffix = EMPTIED if scripted else KEPT
    if settings.database_url is None:
        server = LocalServer(settings.path(settings.local.folder))
        name = f"{settings.local.database}_{suffix}"
        await asyncio.to_thread(server.start)
        try:
            await server.create_database(name)
            async with _prepared(server.url(name), emptied=scripted) as url:
                yield url
        finally:
            server.stop()
    else:
        url = await _create_beside(settings.database_url, suffix)
        async with _prepared(url, emptied=scripted) as url:
            yield url


@asynccontextmanager
async def _prepared(url: str, *, emptied: bool) -> AsyncGenerator[str]:
    """Empty a script's database and keep others out of it for as long as the script plays."""
    if not emptied:
        yield url
        return
    connection = await _connect(url)
    try:
        await _lock(connection)
        await _empty(connection)
        yield url
    finally:
        await connection.close()


async def _lock(connection: asyncpg.Connection[asyncpg.Record]) -> None:
    try:
        await connection.execute(f"SET lock_timeout = '{LOCK_SECONDS}s'")
        await connection.execute("SELECT pg_advisory_lock($1)", _LOCK)
    except asyncpg.LockNotAvailableError:
        raise DatabaseConnectionError(
            f"another script has been playing for {LOCK_SECONDS} seconds on the same database; wait until it has ended"
        ) from None


async def _empty(connection: asyncpg.Connection[asyncpg.Record]) -> None:
    tables = [row[0] for row in await connection.fetch(_TABLES)]
    if tables:
        await connection.execute(f"TRUNCATE {', '.join(tables)} RESTART IDENTITY CASCADE")


async def is_blank(url: str) -> bool:
    """Whether no table of the database holds a row, those that migrations fill aside."""
    connection = await _connect(url)
    try:
        tables = [row[0] for row in await connection.fetch(_TABLES)]
        checks = " OR ".join(f"EXISTS (TABLE {table})" for table in tables) or "false"
        return not await connection.fetchval(f"SELECT {checks}")
    finally:
        await connection.close()


async def _connect(url: str) -> asyncpg.Connection[asyncpg.Record]:
    place = parse_url(url)
    try:
        return await asyncpg.connect(
            host=place.host,
            port=place.port,
            user=place.user,
            password=place.password,
            database=place.database,
            ssl=cast("Any", place.ssl),  # one of the words that asyncpg's type lists; parse_url has checked it
            timeout=CONNECT_SECONDS,
        )
    except DRIVER_ERRORS as error:
        raise connection_error(error, place.label, place.user) from error


async def _create_beside(url: str, suffix: str) -> str:
    """Create a database next to the one of the URL, named after it; the one of the URL is never written to."""
    name = f"{parse_url(url).database}_{suffix}"
    connection = await _connect(url)
    try:
        if not await connection.fetchval("SELECT 1 FROM pg_database WHERE datname = $1", name):
            quoted = name.replace('"', '""')
            await connection.execute(f'CREATE DATABASE "{quoted}"')
    except asyncpg.InsufficientPrivilegeError as error:
        raise DatabaseConnectionError(
            f"the console keeps its rows in a database of its own, {name}, and this user may not create it; "
            "create it, or unset DATABASE_URL to use the local PostgreSQL"
        ) from error
    finally:
        await connection.close()
    return urlunsplit(urlsplit(url)._replace(path=f"/{quote(name)}"))
