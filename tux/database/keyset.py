"""Pages that begin behind a row: conditions that an index answers at the same cost on every page.

A position is the values of the columns that order the rows, the last of them unique. What follows it falls into ranges, the
nearest first: the same first column and a later second one, then a later first one. Each range is one stretch of an index,
also where directions are mixed or values NULL, for which a single comparison of rows would read from the start.
"""

# ruff: noqa: S608 - as in statements.py: quoted names and placeholders, never values
from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Sequence


class OrderColumn(NamedTuple):
    """One quoted column of an order; NULL counts as the greatest value, as PostgreSQL sorts it."""

    column: str
    descending: bool
    nullable: bool

    def reversed(self) -> OrderColumn:
        """Return the column in the other direction."""
        return self._replace(descending=not self.descending)


def order_sql(columns: Sequence[OrderColumn]) -> str:
    """Return ` ORDER BY …`."""
    return " ORDER BY " + ", ".join(each.column + (" DESC" if each.descending else "") for each in columns)


def ranges_sql(columns: Sequence[OrderColumn], position: Sequence[str | None], *, inclusive: bool) -> list[str]:
    """Return the conditions of the ranges behind a position, the nearest first.

    Args:
        columns: of the order, the last one unique and not NULL.
        position: the placeholder of each value; None where the value is NULL.
        inclusive: whether the row at the position itself belongs to the first range.
    """
    equal = "=" if inclusive else ""
    if len({each.descending for each in columns}) == 1 and not any(each.nullable for each in columns):
        names, values = ", ".join(each.column for each in columns), ", ".join(str(value) for value in position)
        return [f"({names}) {'<' if columns[0].descending else '>'}{equal} ({values})"]
    found: list[str] = []
    for last in reversed(range(len(columns))):
        same = [
            f"{each.column} IS NULL" if value is None else f"{each.column} = {value}"
            for each, value in zip(columns[:last], position, strict=False)
        ]
        behind = _behind(columns[last], position[last], equal if last == len(columns) - 1 else "")
        found += [" AND ".join([*same, condition]) for condition in behind]
    return found


def _behind(column: OrderColumn, value: str | None, equal: str) -> list[str]:
    if value is None:
        return [f"{column.column} IS NOT NULL"] if column.descending else []
    if column.descending:
        return [f"{column.column} <{equal} {value}"]
    return [f"{column.column} >{equal} {value}", *([f"{column.column} IS NULL"] if column.nullable else [])]


def behind_sql(table: str, columns: str, where: str, ranges: Sequence[str], tail: str) -> str:
    """Return the read of the rows in ranges; `where` is a condition for all of them or nothing, `tail` order and limit."""
    parts = [f"SELECT {columns} FROM {table} WHERE {f'{where} AND ' if where else ''}{each}{tail}" for each in ranges]
    if len(parts) == 1:
        return parts[0]
    return f"SELECT * FROM ({' UNION ALL '.join(f'({part})' for part in parts)}) AS page{tail}"
