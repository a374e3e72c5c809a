"""What the scenarios share: ids, new cases, and what a database holds over all plugins' tables."""

from __future__ import annotations

import asyncio

import pytest
from tortoise.connection import get_connections

# Filled by the migrations themselves, and not emptied between tests.
LEDGER = "core_migrations"

GUILD, OTHER = 1001, 2002
ANN, BOB = 11, 22


def a_case(**changes):
    """Return the values of a new case, by default a warning for Bob."""
    return {"case_type": "WARN", "case_user_id": BOB, "case_moderator_id": ANN, "guild_id": GUILD, **changes}


def tables(db):
    """Return every table of every plugin that runs, but for what the migrations note of themselves."""
    ready = [record for record in db.registry.records.values() if record.state == "ready"]
    return sorted({table for record in ready for table in record.tables} - {LEDGER})


async def row_counts(db):
    """Return how many rows each table has, without the empty ones."""
    names = tables(db)
    one = " UNION ALL ".join(f"SELECT '{name}' AS name, count(*) AS rows FROM \"{name}\"" for name in names)
    return {row["name"]: row["rows"] for row in await db.service.fetch(one) if row["rows"]}


async def outside(call, *args, **values):
    """Make a call on a connection of its own, whatever transaction is open here."""
    client = get_connections().get("default")
    token = get_connections().set("default", getattr(client, "pool", client))
    try:
        return await call(*args, **values)
    finally:
        get_connections().reset(token)


async def somebody_waits(db, count=1):
    """Return as soon as so many statements in this database wait for a lock."""
    waiting = "SELECT FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
    for _ in range(500):
        if len(await outside(db.service.fetch, waiting)) >= count:
            return
        await asyncio.sleep(0.01)
    pytest.fail(f"no {count} statements waited for a lock within 5 seconds")
