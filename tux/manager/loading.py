"""Large inserts by COPY; imported when the first one comes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tux.database.engine import Client, Transaction, active_client
from tux.database.statements import distinct_sql
from tux.manager.many import columns_of
from tux.models.meta import meta_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tux.manager.table import Table
    from tux.manager.writing import Row

_KEYS = """
SELECT nextval(sequence) FROM (SELECT pg_get_serial_sequence($1, $2)::regclass AS sequence) AS of_key,
generate_series(1, $3)
"""


def can_load(table: Table, rows: Sequence[Row], *, keys: bool) -> bool:
    """Tell whether COPY can do it: it cannot tell keys that the database makes, unless they come from a sequence."""
    name = table.key.name
    return not keys or bool(meta_of(table.model).pk.generated) or all(name in row for row in rows)


async def load(table: Table, rows: Sequence[Row], *, keys: bool) -> Sequence[object]:
    """Insert complete rows by COPY and return their keys, or as many of anything.

    COPY alone when no guild and no key has to be made, else a transaction around it and one statement for each.
    """
    names = columns_of(table, rows)
    is_alone = not any(field.name in names for field, _, _ in table.parents)
    client = active_client()
    if isinstance(client, Transaction) or (is_alone and (not keys or table.key.name in names)):
        return await _load(client, table, rows, keys=keys)
    async with client.open_transaction() as transaction:
        return await _load(transaction, table, rows, keys=keys)


async def _load(client: Client | Transaction, table: Table, rows: Sequence[Row], *, keys: bool) -> Sequence[object]:
    names, key = columns_of(table, rows), table.key.name
    for field, parent, defaults in table.parents:
        if field.name in names:
            given = [each.default() if each.default else None for each in defaults]
            numbers = [f"${number}::{each.sql_type}" for number, each in enumerate(defaults, 2)]
            sql = parent.ensure_sql(distinct_sql(f"$1::{field.sql_type}[]"), numbers)
            await client.run(sql, [list({row.get(field.name) for row in rows}), *given])
    if keys and key not in names:
        found = await client.fetch(_KEYS, [table.name, table.key.column.strip('"'), len(rows)])
        names = [key, *names]
        rows = [{key: record[0], **row} for record, row in zip(found, rows, strict=True)]
    columns = [table.fields[name].column.strip('"') for name in names]
    await client.copy_rows(table.label, columns, ([row.get(name) for name in names] for row in rows))
    return [row[key] for row in rows] if keys else rows
