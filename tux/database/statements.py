"""The text of statements: conditions, reads and writes over quoted names, with `$n` for every value.

It knows columns, never models or values: a caller keeps the text under the shape that it was built from.
"""

# ruff: noqa: S608 - this module is where SQL is put together: from quoted names and placeholders, never from values
from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Generic, NamedTuple, TypeVar

if TYPE_CHECKING:
    from collections.abc import Hashable, Mapping, Sequence

T = TypeVar("T")

# How often a value appears is fixed by the operator, so a shape says how many parameters it takes.
OPERATORS: dict[str, tuple[str, int]] = {
    "eq": ("{c} = {p}", 1),
    "not": ("{c} IS DISTINCT FROM {p}", 1),
    "gt": ("{c} > {p}", 1),
    "gte": ("{c} >= {p}", 1),
    "lt": ("{c} < {p}", 1),
    "lte": ("{c} <= {p}", 1),
    # One array parameter keeps one statement for any number of values, where IN would make one per length.
    "in": ("{c} = ANY({p})", 1),
    "not_in": ("({c} <> ALL({p}) OR {c} IS NULL)", 1),
    "range": ("{c} BETWEEN {p} AND {q}", 2),
    "isnull": ("{c} IS NULL", 0),
    "not_isnull": ("{c} IS NOT NULL", 0),
    "like": ("{c}::text LIKE {p}", 1),
    "ilike": ("{c}::text ILIKE {p}", 1),
}
_PLACEHOLDER = re.compile(r"""'(?:[^']|'')*'|"(?:[^"]|"")*"|\$(\d+)""")


class Leaf(NamedTuple):
    """One comparison of a quoted column."""

    column: str
    operator: str


class Group(NamedTuple):
    """Conditions that hold all (AND) or one (OR); no parts mean no condition at all."""

    joiner: str
    parts: tuple[Condition, ...]


class Not(NamedTuple):
    """The negation of a condition."""

    part: Condition


class Raw(NamedTuple):
    """A condition or value in SQL, with its own `$1` to `$parameters`."""

    sql: str
    parameters: int


Condition = Leaf | Group | Not | Raw
EVERYTHING = Group("AND", ())


def tuples_condition(columns: Sequence[str], types: Sequence[str]) -> Raw:
    """Return the condition that columns together equal one of the tuples given as one array a column."""
    arrays = ", ".join(f"${number}::{each}[]" for number, each in enumerate(types, 1))
    return Raw(f"({', '.join(columns)}) IN (SELECT * FROM unnest({arrays}))", len(types))


class Numbers:
    """Hands out the numbers of a statement's parameters, from `start`."""

    def __init__(self, start: int = 1) -> None:
        self.following = start

    def take(self, count: int) -> list[str]:
        """Return the next placeholders."""
        first = self.following
        self.following += count
        return [f"${number}" for number in range(first, self.following)]

    def one(self) -> str:
        """Return the next placeholder."""
        [placeholder] = self.take(1)
        return placeholder


def quote(name: str) -> str:
    """Return a name as a quoted identifier."""
    return '"' + name.replace('"', '""') + '"'


def condition_sql(condition: Condition, numbers: Numbers) -> str:
    """Return a condition as SQL; its values follow in the order of the tree."""
    if isinstance(condition, Leaf):
        text, count = OPERATORS[condition.operator]
        placeholders = [*numbers.take(count), "", ""]
        return text.format(c=condition.column, p=placeholders[0], q=placeholders[1])
    if isinstance(condition, Group):
        parts = [condition_sql(part, numbers) for part in condition.parts]
        return parts[0] if len(parts) == 1 else f"({f' {condition.joiner} '.join(parts)})"
    if isinstance(condition, Not):
        return f"NOT ({condition_sql(condition.part, numbers)})"
    return renumbered(condition, numbers.take(condition.parameters))


def where_sql(condition: Condition, numbers: Numbers) -> str:
    """Return ` WHERE …`, or nothing when there is no condition."""
    return "" if condition == EVERYTHING else f" WHERE {condition_sql(condition, numbers)}"


def renumbered(raw: Raw, placeholders: Sequence[str]) -> str:
    """Return a raw text with its own placeholders replaced by those of the statement around it."""

    def replace(found: re.Match[str]) -> str:
        number = found.group(1)
        return placeholders[int(number) - 1] if number else found.group()

    return f"({_PLACEHOLDER.sub(replace, raw.sql)})"


@dataclass(frozen=True)
class Parent:
    """A row that a write may find missing: made beside it, from its key and the defaults of its model."""

    table: str
    key: str
    defaults: tuple[str, ...] = ()

    def ensure_sql(self, source: str, extra: Sequence[str]) -> str:
        """Return the statement that makes the rows whose keys `source` selects, where they are missing."""
        columns = ", ".join((self.key, *self.defaults))
        values = "".join(f", {each}" for each in extra)
        return f"INSERT INTO {self.table} ({columns}) SELECT keys.key{values} FROM ({source}) AS keys (key) ON CONFLICT DO NOTHING"


def with_sql(first: Mapping[str, str]) -> str:
    """Return the WITH clause that runs these statements, by name, in front of a write; nothing for none."""
    named = ", ".join(f"{name} AS ({sql})" for name, sql in first.items())
    return f"WITH {named} " if first else ""


def locked_sql(table: str, key: str, where: str, *, lock: str) -> str:
    """Return the select that locks rows in the order of their key, in which nobody can wait for each other in a circle.

    `lock` is UPDATE for rows that go, NO KEY UPDATE for rows that change.
    """
    return f"SELECT {key} FROM {table}{where} ORDER BY {key} FOR {lock}"


def insert_sql(
    table: str, columns: Sequence[str], placeholders: Sequence[str], *, conflict: str = "", returning: str = ""
) -> str:
    """Return the insert of one row."""
    values = f"({', '.join(columns)}) VALUES ({', '.join(placeholders)})" if columns else "DEFAULT VALUES"
    return f"INSERT INTO {table} {values}{conflict}{_returning(returning)}"


def elements_sql(column: str, array_type: str) -> str:
    """Return the array that a column of JSON texts holds."""
    elements = f"ARRAY(SELECT jsonb_array_elements_text({column}::jsonb))::{array_type}"
    return f"CASE WHEN {column} IS NULL THEN NULL ELSE {elements} END"


def given_sql(columns: Sequence[str], arrays: Sequence[str], read: Sequence[str]) -> str:
    """Return the select of rows given as one array a column, in their order; `read` reads each column of `given`."""
    rows = f"unnest({', '.join(arrays)}) WITH ORDINALITY AS given ({', '.join(columns)}, tux_order)"
    return f"SELECT {', '.join(read)} FROM {rows} ORDER BY given.tux_order"


def distinct_sql(array: str) -> str:
    """Return the select of an array's different elements that are not NULL, in the one order that avoids deadlocks."""
    return f"SELECT DISTINCT key FROM unnest({array}) AS given (key) WHERE key IS NOT NULL ORDER BY key"


def insert_many_sql(table: str, columns: Sequence[str], source: str, *, conflict: str = "", returning: str = "") -> str:
    """Return the insert of the rows that `source` selects; they come back in their order."""
    return f"INSERT INTO {table} ({', '.join(columns)}) {source}{conflict}{_returning(returning)}"


def conflict_sql(keys: Sequence[str], written: Sequence[str], where: str = "") -> str:
    """Return the ON CONFLICT clause that overwrites these columns, or leaves the row alone when there are none.

    `where` is the condition of the unique index, when that is partial.
    """
    index = f"({', '.join(keys)}){f' WHERE {where}' if where else ''}"
    if not written:  # of another unique key the row is refused, not passed over
        return f" ON CONFLICT {index} DO NOTHING"
    assigned = ", ".join(f"{column} = EXCLUDED.{column}" for column in written)
    return f" ON CONFLICT {index} DO UPDATE SET {assigned}"


def update_sql(table: str, assigned: Sequence[str], where: str, *, returning: str = "") -> str:
    """Return an update; `assigned` are `column = value` texts."""
    return f"UPDATE {table} SET {', '.join(assigned)}{where}{_returning(returning)}"


def update_many_sql(
    table: str, key: str, assigned: Sequence[str], arrays: Sequence[str], columns: Sequence[str]
) -> str:
    """Return an update of rows given as one array a column, which are `given` to the assignments.

    Counting `locked` locks its rows before the first one changes: a join with it would cost as much as the update.
    """
    source = f"unnest({', '.join(arrays)}) AS given ({', '.join(columns)})"
    where = f"{table}.{key} = given.{key} AND (SELECT count(*) FROM locked) >= 0"
    return f"UPDATE {table} SET {', '.join(assigned)} FROM {source} WHERE {where}"


def delete_sql(table: str, where: str) -> str:
    """Return a deletion."""
    return f"DELETE FROM {table}{where}"


def select_sql(table: str, columns: str, where: str, *, order: str = "", tail: str = "") -> str:
    """Return a read; `tail` is LIMIT, OFFSET or a lock."""
    return f"SELECT {columns} FROM {table}{where}{order}{tail}"


def page_sql(table: str, columns: str, where: str, *, order: str, tail: str) -> str:
    """Return the read of one page with `tux_total` in every row; an empty page is one row of NULLs with the count."""
    page = select_sql(table, columns, where, order=order, tail=tail)
    total = select_sql(table, "count(*) AS tux_total", where)
    return f"SELECT total.tux_total, page.* FROM ({total}) AS total LEFT JOIN ({page}) AS page ON TRUE{order}"


def _returning(columns: str) -> str:
    return f" RETURNING {columns}" if columns else ""


class ShapeCache(Generic[T]):
    """Keeps what was built for a shape, such as a statement's text; emptied when full, as shapes come from code."""

    def __init__(self, size: int = 1000) -> None:
        self.size = size
        self._kept: dict[Hashable, T] = {}

    def __len__(self) -> int:
        return len(self._kept)

    def find(self, shape: Hashable) -> T | None:
        """Return what is kept under a shape."""
        return self._kept.get(shape)

    def keep(self, shape: Hashable, made: T) -> T:
        """Keep what was made under its shape, and return it."""
        if len(self._kept) >= self.size:
            self._kept.clear()
        self._kept[shape] = made
        return made
