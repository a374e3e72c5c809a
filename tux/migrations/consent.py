"""Refuses SQL that destroys data unless somebody said so: guard 4, for every command that runs migrations.

An upgrade file says so by the comment `-- tux: allow-destructive` in its upgrade, a downgrade by the environment
variable TUX_ALLOW_DESTRUCTIVE=1.
"""

from __future__ import annotations

import os
from contextlib import contextmanager
from typing import TYPE_CHECKING

from tux.database.engine import observers
from tux.database.schema import FILES
from tux.errors import MigrationError, StatementError
from tux.migrations.sql import Loss, losses
from tux.migrations.types import canonical, is_widening

if TYPE_CHECKING:
    from collections.abc import Callable, Generator

    from tux.database.engine import Client, Transaction

VARIABLE = "TUX_ALLOW_DESTRUCTIVE"

_COLUMN = """
SELECT format_type(atttypid, atttypmod) AS type, attgenerated::text <> '' AS generated
FROM pg_catalog.pg_attribute
WHERE attrelid = to_regclass(quote_ident($1)) AND attname = $2 AND NOT attisdropped
"""


def is_allowed() -> bool:
    """Whether the environment consents to what a downgrade destroys."""
    return os.environ.get(VARIABLE, "") not in {"", "0"}


async def find_losses(client: Client | Transaction, sql: str) -> list[str]:
    """Return what a script would destroy in this database, one phrase each, with the number of rows concerned.

    What the catalog shows to be harmless is left out: a wider type, a generated column, a table that is not there.
    """
    real = [loss for loss in losses(sql) if await _is_real(client, loss)]
    return [loss.what + await _rows(client, loss.table) for loss in real]


def refuse(name: str, found: list[str], *, back: bool = False) -> None:
    """Refuse what a file would destroy, if there is anything.

    Raises:
        MigrationError: names each table and column, and how to consent.
    """
    if not found:
        return
    line = f"put the line `-- tux: allow-destructive` into the SQL of upgrade() in {FILES}/{name}"
    consent = f"set {VARIABLE}=1" if back else line
    raise MigrationError(
        f"{name} was not {'reverted' if back else 'applied'}, because it destroys data:\n  "
        + "\n  ".join(found)
        + f"\nIf that is meant, make a backup (`tux db backup`), then {consent} and run this again."
    )


@contextmanager
def watching(name: str, *, back: bool = False) -> Generator[None]:
    """Refuse destructive statements that a migration file's function runs by itself, before they are sent."""
    with _looking(lambda what: refuse(name, what, back=back)):
        yield


@contextmanager
def noticing() -> Generator[list[str]]:
    """Collect what the destructive statements destroy that a migration file's function runs by itself."""
    found: list[str] = []
    with _looking(found.extend):
        yield found


@contextmanager
def _looking(tell: Callable[[list[str]], None]) -> Generator[None]:
    def look(sql: str) -> None:
        tell([loss.what for loss in losses(sql)])

    observers.append(look)
    try:
        yield
    finally:
        observers.remove(look)


async def _is_real(client: Client | Transaction, loss: Loss) -> bool:
    if not loss.column:
        return not loss.table or await _exists(client, loss.table)
    row = await client.fetch_row(_COLUMN, [loss.table, loss.column])
    if row is None:
        return True
    if loss.new_type:
        return canonical(row["type"]) != canonical(loss.new_type) and not is_widening(row["type"], loss.new_type)
    return not row["generated"]


async def _exists(client: Client | Transaction, table: str) -> bool:
    row = await client.fetch_row("SELECT to_regclass(quote_ident($1)) IS NOT NULL AS there", [table])
    return bool(row and row["there"])


async def _rows(client: Client | Transaction, table: str) -> str:
    if not table or not await _exists(client, table):
        return ""
    quoted = table.replace('"', '""')
    try:
        row = await client.fetch_row(f'SELECT count(*) AS n FROM "{quoted}"')  # noqa: S608 - quoted
    except StatementError:
        return ""
    return f" ({row['n']} rows)" if row else ""
