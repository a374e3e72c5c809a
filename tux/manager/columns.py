"""Many rows as columns: what their statements take, and what is told of them sooner than of each row by itself."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, cast

from tux import clock
from tux.errors import DatabaseError, InvalidQuery
from tux.manager.writing import plan_of
from tux.models.times import current_time

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from tux.manager.table import Table
    from tux.manager.writing import Check, Row

Columns = dict[str, list[object]]

SLICE_ROWS = 2_000  # so many rows are worked on before other tasks get their turn; some milliseconds


async def new_columns(table: Table, rows: Sequence[object], check: Check | None) -> Columns | None:
    """Return the columns of new rows that all give the same values, completed by the model's defaults.

    None when they do not, or when one has a value that is refused: row by row it shows which.
    """
    plan = plan_of(table, cast("Row", rows[0])) if _is_row(rows[0]) else None
    columns = await given_columns(table, rows, check) if plan is not None else None
    if plan is None or columns is None:
        return None
    now = clock.now()
    for name, default in plan.defaults:
        columns[name] = [now] * len(rows) if default is current_time else [default() for _ in rows]
    return columns


async def given_columns(
    table: Table, rows: Sequence[object], check: Check | None, names: Mapping[str, str] | None = None
) -> Columns | None:
    """Return the encoded values of rows that all give the same fields, by field; None as `new_columns` does.

    `names` are the fields by the names under which the rows have them, when they differ.
    """
    fields = _fields_of(table, rows[0], names or {})
    if not fields or (check is not None and any(name != field for name, field in fields.items())):
        return None  # a check knows the fields' own names
    columns: Columns = {name: [] for name in fields.values()}
    for start in range(0, len(rows), SLICE_ROWS):
        if start:
            await asyncio.sleep(0)
        part = cast("Sequence[Row]", rows[start : start + SLICE_ROWS])
        if {*map(type, part)} != {dict} or {*map(len, part)} != {len(fields)}:
            return None
        try:
            for name, field in fields.items():
                columns[field] += table.fields[field].codec.write_all([row[name] for row in part])
        except (KeyError, DatabaseError):
            return None
    if check is not None:
        await _check_all(cast("Sequence[Row]", rows), check)
    return columns


def _fields_of(table: Table, row: object, names: Mapping[str, str]) -> dict[str, str]:
    """Return the field of each name in a row; nothing when one has no field, or two have the same."""
    if not _is_row(row):
        return {}
    fields = {name: names.get(name, name) for name in cast("Row", row)}
    found = {*fields.values()}
    return fields if len(found) == len(fields) and table.fields.keys() >= found else {}


async def _check_all(rows: Sequence[Row], check: Callable[[Row], object]) -> None:
    for start in range(0, len(rows), SLICE_ROWS):
        if start:
            await asyncio.sleep(0)
        for row in rows[start : start + SLICE_ROWS]:
            check(row)


def transposed(table: Table, rows: Sequence[Row]) -> Columns:
    """Return the columns that any of the rows to insert gives.

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
    return {name: [row.get(name) for row in rows] for name in names}


def _is_row(given: object) -> bool:
    return type(given) is dict
