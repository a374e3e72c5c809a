"""The statements of bulk writes: one array a column instead of one parameter a value, and rows in batches."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterable, Collection, Iterable, Mapping
from itertools import islice
from typing import TYPE_CHECKING, TypeVar

from tux import clock
from tux.database.engine import active_client
from tux.database.statements import given_sql, insert_many_sql, locked_sql, update_many_sql
from tux.errors import InvalidQuery
from tux.manager.writing import Writer

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Awaitable, Callable

    from tux.manager.columns import Columns
    from tux.manager.table import Table

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


def insert_many(table: Table, columns: Columns, *, conflict: str = "", returning: str) -> tuple[str, list[object]]:
    """Return the insert of rows and its values; what it returns comes in the order of the rows."""
    writer = Writer(table)
    arrays = writer.arrays(columns)
    names = writer.columns(columns)
    source = given_sql(names, arrays, [writer.elements(name) for name in columns])
    sql = insert_many_sql(table.name, names, source, conflict=conflict, returning=returning)
    return writer.finish(sql), writer.values


def update_many(
    table: Table, keys: list[object], columns: Columns, given: Mapping[str, list[bool]], *, live: bool
) -> tuple[str, list[object]]:
    """Return the update of rows by their key, and its values.

    Args:
        table: whose rows.
        keys: of the rows, no two alike.
        columns: the new values; the columns of the last write are stamped when they are not among them.
        given: of a column that some rows keep, which change it.
        live: whether deleted rows of a SoftDeleteModel are left out.
    """
    writer = Writer(table)
    arrays = writer.arrays({table.key.name: keys, **columns})
    names = [table.key.column, *writer.columns(columns)]
    assigned: list[str] = []
    for name in columns:
        column, value = table.fields[name].column, writer.elements(name)
        if name in given:
            arrays.append(f"{writer.take(given[name])}::bool[]")
            names.append(f"given_{len(names)}")
            value = f"CASE WHEN given.{names[-1]} THEN {value} ELSE {table.name}.{column} END"
        assigned.append(f"{column} = {value}")
    stamps = [field for field in table.stamped if field.name not in columns]
    assigned += [f"{field.column} = {writer.take(clock.now())}::{field.sql_type}" for field in stamps]
    among = f"{table.name}.{table.key.column} = ANY({arrays[0]})"
    seen = f" AND {table.name}.{table.live.column} IS NULL" if live and table.live else ""
    writer.first["locked"] = locked_sql(table.name, table.key.column, f" WHERE {among}{seen}", lock="NO KEY UPDATE")
    return writer.finish(update_many_sql(table.name, table.key.column, assigned, arrays, names) + seen), writer.values
