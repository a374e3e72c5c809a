"""Rows on their way into the table: complete, checked, stamped, with the guild's row beside them."""

from __future__ import annotations

import json
from collections import ChainMap
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, NamedTuple

from tortoise.expressions import Expression

from tux import clock
from tux.database.statements import (
    Numbers,
    Raw,
    distinct_sql,
    elements_sql,
    insert_sql,
    renumbered,
    update_sql,
    where_sql,
    with_sql,
)
from tux.errors import DatabaseError, InvalidQuery, NotNullViolation
from tux.manager.fallback import expression_of
from tux.manager.table import Plan
from tux.models.times import current_time

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from tux.database.statements import Condition, Parent
    from tux.manager.table import Field, Table

Row = dict[str, object]
Check = Callable[[Mapping[str, object]], None]


class Computed(NamedTuple):
    """A new value that the database works out from the row's columns."""

    raw: Raw
    values: list[object]


def read_values(table: Table, *given: Mapping[str, object] | None, check: Check | None = None) -> Row:
    """Return given values by the name of their field, of which the later win, checked and encoded.

    Expressions such as `F("xp") + 5` stay for the database.

    Raises:
        InvalidQuery: an unknown field, or one that is given twice at once.
        InvalidValue: a value that does not fit its column.
    """
    if len(given) == 1 and given[0] and (row := _plain(table, given[0])) is not None:
        if check is not None:
            check(given[0])
        return row
    named = [_named(table, values) for values in given if values]
    if check is not None:
        check(named[0] if len(named) == 1 else dict(ChainMap(*reversed(named))))
    return {name: _encoded(table, name, value) for values in named for name, value in values.items()}


def new_row(table: Table, *given: Mapping[str, object] | None, check: Check | None = None) -> Row:
    """Return the columns of a row to insert: the values given, of which the later win, else the model's defaults.

    Raises:
        NotNullViolation: a column that must have a value has none.
    """
    values = _merged(*given)
    plan = plan_of(table, values)
    planned = None if plan is None else plan.row(values.values())
    if planned is not None:
        if check is not None:
            check(values)
        return planned
    row = read_values(table, *given, check=check)
    if computed := [name for name, value in row.items() if isinstance(value, Computed)]:
        raise InvalidQuery(
            f"{table.label}.{computed[0]}: a new row has no columns to work a value out from", table=table.label
        )
    now = clock.now()
    for field in table.fields.values():
        if field.name in row:
            continue
        if field.default is not None:
            row[field.name] = now if field.default is current_time else field.default()
        elif not field.is_optional:
            raise NotNullViolation(f"{table.label}.{field.name} needs a value", table=table.label, column=field.name)
    return row


def _merged(first: Mapping[str, object] | None, *later: Mapping[str, object] | None) -> Mapping[str, object]:
    """Return given values as one, of which the later win."""
    if not later:
        return first or {}
    return {name: value for values in (first, *later) if values for name, value in values.items()}


def _plain(table: Table, values: Mapping[str, object]) -> Row | None:
    """Return the row of values that are given by the fields' own names, else None; None also when one is refused."""
    fields = table.fields
    try:
        return {
            name: value if (codec := fields[name].codec).fits(value) else codec.write(value)
            for name, value in values.items()
        }
    except (KeyError, DatabaseError):
        return None


def plan_of(table: Table, values: Mapping[str, object]) -> Plan | None:
    """Return the plan for a row that is given by its fields and is complete with the defaults, else None."""
    names = tuple(values)
    plan = table.plans.find(names)
    if plan is None and table.fields.keys() >= values.keys():
        missing = [field for field in table.fields.values() if field.name not in values]
        if all(field.default is not None or field.is_optional for field in missing):
            codecs = tuple(table.fields[name].codec for name in names)
            defaults = tuple((field.name, field.default) for field in missing if field.default is not None)
            return table.plans.keep(names, Plan(names, codecs, defaults))
    return plan


def changed_row(table: Table, values: Mapping[str, object], *, check: Check | None = None) -> Row:
    """Return the columns of an update, stamped."""
    if not values:
        raise InvalidQuery(f"an update of {table.label} needs at least one value", table=table.label)
    return stamped_row(table, read_values(table, values, check=check))


def stamped_row(table: Table, row: Row) -> Row:
    """Return a row with the columns that say when it was last written, unless they are given."""
    return row | {field.name: clock.now() for field in table.stamped if field.name not in row}


def change_plan(table: Table, values: Mapping[str, object], row: Row) -> Plan | None:
    """Return the plan for changes by the names of these values, which became this row; None where the values decide."""
    makes_parents = any(field.name in values for field, _, _ in table.parents)
    if makes_parents or not table.fields.keys() >= values.keys() or Computed in map(type, row.values()):
        return None
    codecs = tuple(table.fields[name].codec for name in values)
    return Plan(tuple(values), codecs, tuple((name, current_time) for name in row if name not in values))


class Writer:
    """The parameters of one statement in order, and the statements that run in front of it."""

    def __init__(self, table: Table) -> None:
        self.table = table
        self.numbers = Numbers()
        self.values: list[object] = []
        self.first: dict[str, str] = {}

    def take(self, value: object) -> str:
        """Return the placeholder of one value."""
        self.values.append(value)
        return self.numbers.one()

    def row(self, row: Row) -> list[str]:
        """Return the placeholder, or the expression, of each column; makes the parents that the row refers to."""
        found: dict[str, str] = {}
        for name, value in row.items():
            if isinstance(value, Computed):
                self.values += value.values
                found[name] = renumbered(value.raw, self.numbers.take(value.raw.parameters))
            else:
                found[name] = self.take(value)
        for field, parent, defaults in _parents(self.table, row):
            self._ensure(f"SELECT {found[field.name]}::{field.sql_type}", parent, defaults)
        return list(found.values())

    def arrays(self, columns: Mapping[str, Sequence[object]]) -> list[str]:
        """Return one array parameter a column; makes the parents that any of the rows refers to."""
        found: dict[str, str] = {}
        for name, values in columns.items():
            field = self.table.fields[name]
            if field.is_array:  # unnest would flatten it, so each goes as a text, see `elements`
                found[name] = (
                    f"{self.take([None if each is None else json.dumps(each, default=str) for each in values])}::text[]"
                )
            else:
                found[name] = f"{self.take(list(values))}::{field.sql_type}[]"
        for field, parent, defaults in self.table.parents:
            if field.name in found:
                self._ensure(distinct_sql(found[field.name]), parent, defaults)
        return list(found.values())

    def elements(self, name: str) -> str:
        """Return how a column's value is read from the rows that the arrays make."""
        field = self.table.fields[name]
        return elements_sql(f"given.{field.column}", field.sql_type) if field.is_array else f"given.{field.column}"

    def columns(self, names: Iterable[str]) -> list[str]:
        """Return the quoted columns of fields."""
        return [self.table.fields[name].column for name in names]

    def finish(self, sql: str) -> str:
        """Return the whole statement."""
        return with_sql(self.first) + sql

    def _ensure(self, keys: str, parent: Parent, defaults: Sequence[Field]) -> None:
        extra = [f"{self.take(_default_of(each))}::{each.sql_type}" for each in defaults]
        self.first[f"parent_{len(self.first)}"] = parent.ensure_sql(keys, extra)


def insert_statement(table: Table, row: Row, *, conflict: str = "", returning: str = "") -> tuple[str, list[object]]:
    """Return the insert of one row and its values; the text is kept under the row's shape."""
    shape = ("insert", _shape(table, row), conflict, returning)
    text = table.texts.find(shape)
    if text is None:
        writer = Writer(table)
        values = writer.row(row)
        text = writer.finish(
            insert_sql(table.name, writer.columns(row), values, conflict=conflict, returning=returning or table.columns)
        )
        table.texts.keep(shape, text)
    return text, _values(table, row)


def update_statement(
    table: Table, row: Row, condition: Condition, values: Sequence[object], *, returning: str = ""
) -> tuple[str, list[object]]:
    """Return the update of the rows that match and its values; the text is kept under its shape."""
    shape = ("update", _shape(table, row), condition, returning)
    text = table.texts.find(shape)
    if text is None:
        writer = Writer(table)
        new = writer.row(row)
        assigned = [f"{column} = {value}" for column, value in zip(writer.columns(row), new, strict=True)]
        where = where_sql(condition, writer.numbers)
        text = table.texts.keep(shape, writer.finish(update_sql(table.name, assigned, where, returning=returning)))
    return text, [*_values(table, row), *values]


def _named(table: Table, values: Mapping[str, object]) -> Row:
    """Return values by the name of their field; of a row that stands for a relation its key."""
    named: Row = {}
    for name, value in values.items():
        known = name if name in table.fields else table.field(name).name
        if known in named:
            raise InvalidQuery(f"{table.label}.{known} is given twice, once as {name!r}", table=table.label)
        named[known] = table.value(name, value)
    return named


def _encoded(table: Table, name: str, value: object) -> object:
    if isinstance(value, Expression):
        return Computed(*expression_of(table, value))
    return table.fields[name].codec.write(value)


def _shape(table: Table, row: Row) -> tuple[object, ...]:
    """Return what decides the text of a statement that writes these columns."""
    parents = [row.get(field.name) is None for field, _, _ in table.parents]
    if Computed not in map(type, row.values()):
        return (*row, *parents)
    return tuple((name, value.raw if isinstance(value, Computed) else None) for name, value in row.items()), *parents


def _values(table: Table, row: Row) -> list[object]:
    """Return a row's values in the order in which `Writer.row` numbers them."""
    values = list(row.values())
    if Computed in map(type, values):
        values = [each for value in values for each in (value.values if isinstance(value, Computed) else [value])]
    for field, _, defaults in table.parents:
        if defaults and row.get(field.name) is not None:
            values += map(_default_of, defaults)
    return values


def _parents(table: Table, row: Row) -> list[tuple[Field, Parent, tuple[Field, ...]]]:
    return [each for each in table.parents if row.get(each[0].name) is not None]


def _default_of(field: Field) -> object:
    return None if field.default is None else field.default()
