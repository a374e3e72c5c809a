"""Large inserts by COPY; imported when the first one comes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tux.database.engine import Client, Transaction, active_client
from tux.manager.writing import Writer
from tux.models.meta import meta_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tux.manager.columns import Columns
    from tux.manager.table import Table

# OFFSET 0 keeps PostgreSQL from asking for the sequence anew for each key, which takes ten times as long.
_KEYS = """
SELECT array_agg(nextval(sequence))
FROM (SELECT pg_get_serial_sequence({table}, {column})::regclass AS sequence OFFSET 0) AS of_key,
generate_series(1, {count})
"""


def can_load(table: Table, columns: Columns, *, keys: bool) -> bool:
    """Tell whether COPY can do it: it cannot tell keys that the database makes, unless they come from a sequence."""
    return not keys or bool(meta_of(table.model).pk.generated) or table.key.name in columns


async def load(table: Table, columns: Columns, count: int, *, keys: bool) -> Sequence[object]:
    """Insert complete rows by COPY and return their keys, when they are asked for.

    COPY alone when no guild and no key has to be made, else a transaction around it and one statement for both.
    """
    is_alone = not any(field.name in columns for field, _, _ in table.parents)
    client = active_client()
    if isinstance(client, Transaction) or (is_alone and (not keys or table.key.name in columns)):
        return await _load(client, table, columns, count, keys=keys)
    async with client.open_transaction() as transaction:
        return await _load(transaction, table, columns, count, keys=keys)


async def _load(
    client: Client | Transaction, table: Table, columns: Columns, count: int, *, keys: bool
) -> Sequence[object]:
    key = table.key
    is_keyless = keys and key.name not in columns
    made = await _prepare(client, table, columns, count if is_keyless else 0)
    if is_keyless:
        columns = {key.name: made, **columns}
    names = [table.fields[name].column.strip('"') for name in columns]
    await client.copy_rows(table.label, names, zip(*columns.values(), strict=True))
    return columns[key.name] if keys else ()


async def _prepare(client: Client | Transaction, table: Table, columns: Columns, count: int) -> list[object]:
    """Make the parents of rows and so many keys."""
    writer = Writer(table)
    writer.arrays({field.name: list({*columns[field.name]}) for field, _, _ in table.parents if field.name in columns})
    if not count:
        if writer.first:
            await client.run(writer.finish("SELECT"), writer.values)
        return []
    column = table.key.column.strip('"')
    sql = _KEYS.format(table=writer.take(table.name), column=writer.take(column), count=writer.take(count))
    found = await client.fetch_row(writer.finish(sql), writer.values)
    return list(found[0]) if found else []
