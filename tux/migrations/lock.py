"""One migration run at a time in a database, whoever starts it."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from tux.errors import MigrationError
from tux.migrations.connection import open_client

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

    from tux.database.wire import Connection
    from tux.migrations.connection import ConnectionConfig

# "tux" and "migr" in ASCII: the key that PostgreSQL shows in pg_locks as classid and objid.
LOCK_KEY = 0x00747578_6D696772
_POLL_SECONDS = 0.1

_HOLDER = """
SELECT a.pid, a.application_name, a.client_addr, date_trunc('second', now() - a.backend_start) AS since
FROM pg_catalog.pg_locks l JOIN pg_catalog.pg_stat_activity a USING (pid)
WHERE l.locktype = 'advisory' AND l.granted AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())
  AND l.classid::bigint = $1 AND l.objid::bigint = $2
"""


@asynccontextmanager
async def migration_lock(connection: ConnectionConfig, seconds: float) -> AsyncGenerator[None]:
    """Hold the migration lock of a database; whoever waited must read again what is applied.

    It is a session lock on a connection of its own, so it ends with the process whatever happens.

    Raises:
        MigrationError: somebody else held it for `seconds`; says who.
    """
    async with open_client(connection) as client, client.acquire_connection() as session:
        deadline = asyncio.get_running_loop().time() + seconds
        while not await session.fetchval("SELECT pg_try_advisory_lock($1)", LOCK_KEY):
            if asyncio.get_running_loop().time() >= deadline:
                raise MigrationError(await _describe_holder(session, seconds))
            await asyncio.sleep(_POLL_SECONDS)
        try:
            yield
        finally:
            await session.execute("SELECT pg_advisory_unlock($1)", LOCK_KEY)


async def _describe_holder(session: Connection, seconds: float) -> str:
    holder = await session.fetchrow(_HOLDER, LOCK_KEY >> 32, LOCK_KEY & 0xFFFFFFFF)
    who = "another process"
    if holder:
        where = f" from {holder['client_addr']}" if holder["client_addr"] else ""
        who = f"{holder['application_name'] or 'a process'}{where} (server process {holder['pid']}, for {holder['since']})"
    return (
        f"{who} is migrating this database and did not finish within {seconds:g} s; nothing was changed here. "
        "Wait for it, or give it longer with the setting database.migration_lock_seconds."
    )
