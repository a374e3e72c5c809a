"""Rows on their way into the table: complete, checked, stamped, with the guild's row beside them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from tortoise.expressions import Expression

from tux import clock
from tux.database.statements import Numbers, Raw, insert_sql, renumbered, with_sql
from tux.errors import InvalidQuery, NotNullViolation
from tux.manager.fallback import expression_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from tux.manager.table import Field, Table

Row = dict[str, Any]


class Computed(NamedTuple):
    """A new value that the database works out from the row's columns."""

    raw: Raw
    values: list[object]


def read_values(table: Table, values: Mapping[str, object]) -> Row:
    """Return given values by the name of their field, encoded.

    Raises:
        InvalidQuery: an unknown field, or one that is given twice.
        InvalidValue: a value that does not fit its column.
    """
    row: Row = {}
    for name, value in values.items():
        field = table.field(name)
        if field.name in row:
            raise InvalidQuery(
                f"{table.model.__name__}.{field.name} is given twice, once as {name!r}", table=table.label
            )
        row[field.name] = field.codec.write(table.value(name, value))
    return row


def new_row(table: Table, values: Mapping[str, object]) -> Row:
    """Return the columns of a row to insert: what is given, else what the model's defaults make.

    Raises:
        NotNullViolation: a column that must have a value has none.
    """
    row = read_values(table, values)
    now = clock.now()
    for field in table.fields.values():
        if field.name in row:
            continue
        if field.default is not None:
            value = field.default()
            is_now = field.default in (clock.now, clock.clock.now)
            row[field.name] = field.codec.write(now if is_now else value)
        elif not field.is_optional:
            raise NotNullViolation(f"{table.label}.{field.name} needs a value", table=table.label, column=field.name)
    return row


def changed_row(table: Table, values: Mapping[str, object]) -> Row:
    """Return the columns of an update, stamped; expressions such as `F("xp") + 5` stay for the database."""
    if not values:
        raise InvalidQuery(f"an update of {table.label} needs at least one value", table=table.label)
    plain = {name: value for name, value in values.items() if not isinstance(value, Expression)}
    row = read_values(table, plain)
    for name, value in values.items():
        if isinstance(value, Expression):
            row[table.field(name).name] = Computed(*expression_of(table, value))
    stamp(table, row)
    return row


def stamp(table: Table, row: Row) -> None:
    """Set the columns that say when a row was last written, unless they are given."""
    for field in table.stamped:
        if field.name not in row:
            row[field.name] = clock.now()


def row_shape(row: Row) -> tuple[object, ...]:
    """Return what decides the text of a statement that writes these columns."""
    return tuple(
        (name, value.raw) if isinstance(value, Computed) else (name, value is None) for name, value in row.items()
    )


class Writer:
    """The texts and values of one write: parameters in order, parents first made, then the write itself."""

    def __init__(self, table: Table) -> None:
        self.table = table
        self.numbers = Numbers()
        self.values: list[object] = []
        self.ensured: list[str] = []

    def take(self, value: object) -> str:
        """Return the placeholder of one value."""
        self.values.append(value)
        return self.numbers.take(1)[0]

    def placeholders(self, row: Row) -> dict[str, str]:
        """Return the placeholder, or the expression, of each column; makes the parents that the row refers to."""
        found: dict[str, str] = {}
        for name, value in row.items():
            if isinstance(value, Computed):
                self.values += value.values
                found[name] = renumbered(value.raw, self.numbers.take(value.raw.parameters))
            else:
                found[name] = self.take(value)
        self._ensure_parents({name: text for name, text in found.items() if row[name] is not None}, "SELECT {}::{}")
        return found

    def arrays(self, columns: Mapping[str, Sequence[object]]) -> list[str]:
        """Return one array parameter a column; makes the parents that any of the rows refers to."""
        found = {name: f"{self.take(list(values))}::{self._type(name)}[]" for name, values in columns.items()}
        self._ensure_parents(found, "SELECT DISTINCT key FROM unnest({}) AS given (key) WHERE key IS NOT NULL")
        return list(found.values())

    def assigned(self, row: Row) -> list[str]:
        """Return `column = value` for each column."""
        return [f"{self.table.fields[name].column} = {text}" for name, text in self.placeholders(row).items()]

    def columns(self, names: Sequence[str]) -> list[str]:
        """Return the quoted columns of fields."""
        return [self.table.fields[name].column for name in names]

    def finish(self, sql: str) -> str:
        """Return the whole statement."""
        return with_sql(self.ensured) + sql

    def _ensure_parents(self, found: Mapping[str, str], source: str) -> None:
        for field, parent, defaults in self.table.parents:
            if field.name in found:
                extra = [self.take(_default_of(each)) for each in defaults]
                typed = [f"{each}::{field.sql_type}" for each, field in zip(extra, defaults, strict=True)]
                self.ensured.append(parent.ensure_sql(source.format(found[field.name], field.sql_type), typed))

    def _type(self, name: str) -> str:
        return self.table.fields[name].sql_type


def _default_of(field: Field) -> object:
    return None if field.default is None else field.codec.write(field.default())


def insert_statement(
    table: Table, row: Row, *, conflict: str = "", returning: str | None = None
) -> tuple[str, list[object]]:
    """Return the insert of one row and its values; the text is kept under the row's shape."""
    writer = Writer(table)
    placeholders = writer.placeholders(row)
    shape = ("insert", row_shape(row), conflict, returning)
    text = table.texts.find(shape)
    if text is None:
        columns = writer.columns(list(placeholders))
        sql = insert_sql(
            table.name, columns, list(placeholders.values()), conflict=conflict, returning=returning or table.columns
        )
        text = table.texts.keep(shape, writer.finish(sql))
    return text, writer.values
