"""Connections for migrations: without the time limits of commands, and with a pool of their own."""

from __future__ import annotations

from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

from tux.database.engine import Client, Transaction
from tux.database.url import connection_config

ConnectionConfig = dict[str, Any]  # what Tortoise takes for one connection: engine and credentials

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

    from tux.settings import Settings


def migration_connection(settings: Settings, url: str | None) -> ConnectionConfig:
    """Return a Tortoise connection on which a statement may take its time: an index on a large table needs it.

    The lock timeout stays: a migration that waits for a table makes everyone else wait behind it.
    """
    patient = {"statement_timeout": 0.0, "idle_in_transaction_timeout": 0.0, "application_name": "tux-migrations"}
    database = settings.database.model_copy(update=patient)
    return connection_config(settings.model_copy(update={"database": database}), url)


@asynccontextmanager
async def open_client(connection: ConnectionConfig) -> AsyncGenerator[Client]:
    """Open a pool beside Tortoise's, and close it at the end; starts the local server when that is meant.

    Raises:
        DatabaseConnectionError: nobody answers there.
    """
    client = Client(connection_name="migrations", **connection["credentials"])
    try:
        await client.create_connection(with_db=True)
        yield client
    finally:
        await client.close()


@asynccontextmanager
async def transaction(client: Client) -> AsyncGenerator[Transaction]:
    """Open a transaction without Tortoise's context: none is active where migrations run."""
    session = Transaction(client)
    await session.begin()
    try:
        yield session
    except BaseException:
        await session.rollback()
        raise
    await session.commit()
