"""The statements of bulk writes: one array a column instead of one parameter a value, and rows in batches."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterable, Collection, Iterable, Mapping
from itertools import islice
from typing import TYPE_CHECKING, TypeVar

from tux.database.engine import active_client
from tux.database.statements import Numbers, given_sql, insert_many_sql, locked_sql, update_many_sql, where_sql
from tux.errors import InvalidQuery
from tux.manager.writing import Writer

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence

    from tux.database.statements import Condition
    from tux.manager.table import Table
    from tux.manager.writing import Row

T = TypeVar("T")
R = TypeVar("R")

BATCH_ROWS = 5_000
BREATH_ROWS = 250  # so many rows are worked on before other tasks get their turn; some milliseconds


async def in_batches(rows: Iterable[T] | AsyncIterable[T], work: Callable[[list[T]], Awaitable[R]]) -> list[R]:
    """Return the results of work over all rows: a collection at once, what is made on the way in batches.

    More than one batch is one transaction, and never more than two batches are in memory.

    Raises:
        InvalidQuery: what was given is one thing, not several.
    """
    refuse_single(rows)
    if isinstance(rows, Collection):
        return [await work(list(rows))] if rows else []
    batches = _batches(rows)
    first, second = await anext(batches, None), await anext(batches, None)
    if first is None:
        return []
    if second is None:
        return [await work(first)]
    async with active_client().open_transaction():
        results = [await work(first), await work(second)]
        del first, second
        async for batch in batches:
            results.append(await work(batch))  # noqa: PERF401 - each batch follows the one before
    return results


def refuse_single(given: object) -> None:
    """Refuse what was given in place of several rows or identities: a text would be taken for its letters.

    Raises:
        InvalidQuery: it is one thing.
    """
    single = isinstance(given, str | bytes | Mapping)
    if single or not isinstance(given, Iterable | AsyncIterable):
        raise InvalidQuery(f"a list is needed, got {given!r:.60}; put a single one into a list")


async def _batches(rows: Iterable[T] | AsyncIterable[T]) -> AsyncGenerator[list[T]]:
    if isinstance(rows, AsyncIterable):
        batch: list[T] = []
        async for row in rows:
            batch.append(row)
            if len(batch) == BATCH_ROWS:
                yield batch
                batch = []
        if batch:
            yield batch
        return
    remaining = iter(rows)
    while batch := list(islice(remaining, BATCH_ROWS)):
        yield batch


async def converted(rows: Iterable[T], make: Callable[[T], R]) -> list[R]:
    """Return what `make` makes of each row; other tasks get their turn in between."""
    made: list[R] = []
    remaining = iter(rows)
    while part := list(islice(remaining, BREATH_ROWS)):
        if made:
            await asyncio.sleep(0)
        made += [make(row) for row in part]
    return made


def columns_of(table: Table, rows: Sequence[Row]) -> list[str]:
    """Return the fields that any of the rows to insert gives.

    Raises:
        InvalidQuery: there are none, or one that the database would have to make for some of the rows.
    """
    names = list(dict.fromkeys(name for row in rows for name in row))
    for name in names:
        if table.is_made_by_database(name) and any(name not in row for row in rows):
            raise InvalidQuery(
                f"{table.label}.{name}: give it in every row or in none, the database makes the others",
                table=table.label,
            )
    if not names:
        raise InvalidQuery(f"rows of {table.label} without any value can only be made one by one", table=table.label)
    return names


def insert_many(table: Table, rows: Sequence[Row], *, conflict: str = "", returning: str) -> tuple[str, list[object]]:
    """Return the insert of rows and its values; what it returns comes in the order of the rows."""
    names = columns_of(table, rows)
    writer = Writer(table)
    arrays = writer.arrays({name: [row.get(name) for row in rows] for name in names})
    columns = writer.columns(names)
    source = given_sql(columns, arrays, [writer.elements(name) for name in names])
    sql = insert_many_sql(table.name, columns, source, conflict=conflict, returning=returning)
    return writer.finish(sql), writer.values


def update_many(table: Table, changes: Mapping[object, Row], condition: Condition) -> tuple[str, list[object]]:
    """Return the update of rows by their key, and its values; a row keeps the columns that its change lacks.

    The condition finds the rows to lock first; its one value is the list of keys.
    """
    rows = list(changes.values())
    names = list(dict.fromkeys(name for row in rows for name in row))
    writer = Writer(table)
    arrays = writer.arrays({table.key.name: list(changes), **{name: [row.get(name) for row in rows] for name in names}})
    found = where_sql(condition, Numbers())  # its $1 is the first array
    writer.first["locked"] = locked_sql(table.name, table.key.column, found, lock="NO KEY UPDATE")
    columns = [table.key.column, *writer.columns(names)]
    assigned: list[str] = []
    for name in names:
        column, value = table.fields[name].column, writer.elements(name)
        if any(name not in row for row in rows):
            arrays.append(f"{writer.take([name in row for row in rows])}::bool[]")
            columns.append(f"given_{len(columns)}")
            value = f"CASE WHEN given.{columns[-1]} THEN {value} ELSE {table.name}.{column} END"
        assigned.append(f"{column} = {value}")
    return writer.finish(update_many_sql(table.name, table.key.column, assigned, arrays, columns)), writer.values
