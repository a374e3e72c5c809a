"""How a database is: what `DatabaseService.health`, `tux db health` and `/health` tell."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal

from tux.database.schema import Schema, Status
from tux.errors import DatabaseConnectionError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tux.database.engine import Client

_SERVER: Final = (
    "SELECT current_setting('server_version') AS version, pg_is_in_recovery() AS in_recovery, "
    "current_database()::text AS database, current_setting('application_name') AS application_name, "
    "to_regclass('public.aerich') IS NOT NULL AS migrated"
)
_APPLIED: Final = "SELECT version::text FROM public.aerich WHERE app = 'models' ORDER BY id"


@dataclass(frozen=True, slots=True)
class Health:
    """One round trip's latency, the server, the connections of the pool, and how the schema compares with the project's.

    `schema` is None where there are no migration files to compare with; a `replica` is read-only.
    """

    latency_seconds: float
    server_version: str
    role: Literal["primary", "replica"]
    database: str
    application_name: str
    schema: Status | None
    pool_size: int
    pool_free: int
    pool_max: int
    pool_waiting: int


async def read_health(client: Client, files: Sequence[str]) -> Health:
    """Ask the server how it is, and which of the migration `files` it has: two round trips, the first of them timed.

    Raises:
        DatabaseError: it did not answer.
    """
    started = time.perf_counter()
    row = await client.fetch_row(_SERVER)
    latency = time.perf_counter() - started
    if row is None:
        raise DatabaseConnectionError(f"{client.label} gave no answer")
    applied = await client.fetch(_APPLIED) if row["migrated"] else []
    schema = Schema(tuple(each["version"] for each in applied), {})
    pool = client.pool_state()
    return Health(
        latency_seconds=latency,
        server_version=row["version"],
        role="replica" if row["in_recovery"] else "primary",
        database=row["database"],
        application_name=row["application_name"],
        schema=schema.status(files) if files else None,
        pool_size=pool.size,
        pool_free=pool.free,
        pool_max=pool.maximum,
        pool_waiting=pool.waiting,
    )
