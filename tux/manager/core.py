"""What every part of a manager stands on: the model, its table, and rows read by statements of our own."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any, ClassVar, Generic, TypeVar, cast, get_args
from uuid import UUID

from tortoise.models import Model

from tux.database.engine import active_client
from tux.database.statements import (
    EVERYTHING,
    Condition,
    Leaf,
    Numbers,
    quote,
    select_sql,
    tuples_condition,
    where_sql,
)
from tux.errors import InvalidQuery, TuxError
from tux.manager.filters import FilterReader, Filters, compared_columns, joined
from tux.manager.table import Table, table_of
from tux.models.columns import Column
from tux.models.hydrate import FEW_ROWS, rows_of, rows_reader_of
from tux.models.meta import from_row

if TYPE_CHECKING:
    from collections.abc import Mapping
    from contextlib import AbstractAsyncContextManager

    from asyncpg import Record

    from config.typings import DatabaseCoordinator  # as `tux sync` wrote it: tux.coordinator stands above this layer
    from tux.database.service import Session
    from tux.manager.values import Codec

M = TypeVar("M", bound=Model)
Identity = int | str | UUID | tuple[object, ...]
Order = str | Sequence[str] | None

PLAIN_KEYS = frozenset({int, str, UUID})  # of just these types; a bool is no key
# Of these types a value is nothing but what a column is compared with.
_PLAIN = frozenset({bool, int, float, str, UUID, Decimal, date, datetime})


class ManagerCore(Generic[M]):
    """The model, the coordinator `db`, and helpers for managers that write SQL of their own.

    `class CaseManager(Manager[Case], name="case")` sets `model` and `name`.
    """

    name: ClassVar[str] = ""
    model: type[M]

    def __init__(self, db: Any = None) -> None:
        self.db: DatabaseCoordinator = db
        self.sees_deleted = False

    def __init_subclass__(cls, *, name: str = "", **options: object) -> None:
        super().__init_subclass__(**options)
        for base in getattr(cls, "__orig_bases__", ()):
            for argument in get_args(base):
                if isinstance(argument, type) and issubclass(argument, Model):
                    cls.model = cast("type[M]", argument)
        if not name:
            return
        if not name.isidentifier() or name != name.lower():
            raise TuxError(f"{cls.__name__}: name={name!r} must be a lower-case identifier, as it becomes db.{name}")
        if not hasattr(cls, "model"):
            raise TuxError(f"{cls.__name__} does not say whose manager it is; write Manager[YourModel]")
        cls.name = name

    def __repr__(self) -> str:
        return f"<{type(self).__name__} of {self.model.__name__}>"

    @property
    def table(self) -> Table:
        """The description of the model's table; the database must have been connected once."""
        return table_of(self.model)

    def with_session(self) -> AbstractAsyncContextManager[Session]:
        """Open a transaction that every manager call inside takes part in."""
        return self.db.transaction()

    def check(self, values: Mapping[str, object]) -> None:
        """Refuse values that the plugin's own rules forbid: raise, and nothing is written.

        Every write calls it once for each row, with the values as they were given, by the name of their column; what a
        call leaves to the model's defaults is not among them, and `F("xp") + 5` is an expression. Writes past the
        manager (`row.save()`, querysets) do not call it.
        """

    def columns(self, alias: str = "") -> str:
        """Return the quoted columns of the model for SELECT or RETURNING, each with the alias in front."""
        if not alias:
            return self.table.columns
        return ", ".join(f"{quote(alias)}.{field.column}" for field in self.table.fields.values())

    async def rows(self, sql: str, *args: object) -> list[M]:
        """Run a statement that gives all columns of the model, and return its rows in their order."""
        records = await active_client().fetch(sql, args)
        return rows_reader_of(self.model)(records) if len(records) < FEW_ROWS else await rows_of(self.model, records)

    async def hydrated(self, records: Sequence[Record]) -> list[M]:
        """Return records that have all columns of the model as rows; other tasks get their turn between many."""
        return await rows_of(self.model, records)

    async def row(self, sql: str, *args: object) -> M | None:
        """Run a statement that gives all columns of the model, and return its first row or None."""
        row = await active_client().fetch_row(sql, args)
        return None if row is None else from_row(self.model, row)

    def condition(self, filters: Filters, equals: Mapping[str, object] | None = None) -> tuple[Condition, list[object]]:
        """Return filters as a condition for `tux.database.statements`, and its values in order."""
        table = self.table
        given = _plain_values(filters, equals)
        known = None if given is None else table.comparisons.find((self.sees_deleted, *given))
        if given is not None and known is not None:
            return known[0], _matched(known[1], given)
        reader = FilterReader(table)
        read = reader.read(filters, equals)
        condition = self.visible(read)
        if given is not None and (columns := compared_columns(read)) is not None and len(columns) == len(given):
            codecs = [table.by_column[column].codec for column in columns]
            table.comparisons.keep((self.sees_deleted, *given), (condition, codecs))
        return condition, reader.values

    def reading_one(
        self, filters: Filters, equals: Mapping[str, object] | None = None, order_by: Order = None
    ) -> tuple[str, list[object]]:
        """Return the statement that reads the first row that matches, in this order, and its values."""
        table = self.table
        given = _plain_values(filters, equals) if order_by is None else None
        known = None if given is None else table.firsts.find((self.sees_deleted, *given))
        if given is not None and known is not None:
            return known[0], _matched(known[1], given)
        condition, values = self.condition(filters, equals)
        sql = self.selecting(condition, self.order(order_by), " LIMIT 1")
        if given is not None and (compared := table.comparisons.find((self.sees_deleted, *given))) is not None:
            table.firsts.keep((self.sees_deleted, *given), (sql, compared[1]))
        return sql, values

    def selecting(self, condition: Condition, order: Sequence[str], tail: str) -> str:
        """Return the statement that reads the rows that meet a condition; kept by its shape."""
        table = self.table
        shape = ("select", condition, order, tail)
        sql = table.texts.find(shape)
        if sql is None:
            where = where_sql(condition, Numbers())
            sql = table.texts.keep(
                shape, select_sql(table.name, table.columns, where, order=self.order_sql(order), tail=tail)
            )
        return sql

    def visible(self, condition: Condition) -> Condition:
        """Return a condition that deleted rows of a SoftDeleteModel do not meet, unless the manager sees them."""
        live = self.table.live
        return condition if live is None or self.sees_deleted else joined("AND", [condition, live])

    def identity(self, identity: Identity) -> tuple[Condition, list[object]]:
        """Return the condition for one row: by its key, or by a tuple in the order of `Meta.unique_together[0]`."""
        table = self.table
        fields = table.composite if isinstance(identity, tuple) else (table.key,)
        given = identity if isinstance(identity, tuple) else (identity,)
        if len(given) != len(fields):
            wanted = f"({', '.join(field.name for field in fields)})" if fields else table.key.name
            raise InvalidQuery(f"{table.model.__name__} is identified by {wanted}, got {identity!r}", table=table.label)
        if None in given or any(isinstance(each, bool) for each in given):
            raise InvalidQuery(f"{table.model.__name__}: {identity!r} identifies no row", table=table.label)
        values: list[object] = [field.codec.match(each) for field, each in zip(fields, given, strict=True)]
        shape = (self.sees_deleted, len(fields) if isinstance(identity, tuple) else 0)
        known = table.identities.find(shape)
        if known is None:
            known = table.identities.keep(
                shape, self.visible(joined("AND", [Leaf(field.column, "eq") for field in fields]))
            )
        return known, values

    def refuse_everything(self, condition: Condition, operation: str, *, all_rows: bool) -> None:
        """Refuse a condition that every row meets, unless that is meant.

        Raises:
            InvalidQuery: it is not meant.
        """
        if condition == self.visible(EVERYTHING) and not all_rows:
            raise InvalidQuery(
                f"{operation} of {self.table.label} without a filter would reach every row; "
                "pass a filter, or all_rows=True if that is meant",
                table=self.table.label,
            )

    def order(self, order_by: Order, *, by_default: Sequence[str] = ()) -> tuple[str, ...]:
        """Return an order as names with "-" for descending, checked.

        Raises:
            InvalidQuery: a name that is no column of the model.
        """
        shape = (order_by, tuple(by_default)) if order_by is None or type(order_by) is str else None
        known = None if shape is None else self.table.orders.find(shape)
        if known is not None:
            return known
        if order_by is None:
            given: list[object] = list(self.table.ordering or by_default)
        else:
            given = list(cast("Iterable[object]", order_by)) if _is_several(order_by) else [order_by]
        names: list[str] = []
        for each in given:
            name = each.name if isinstance(each, Column) else each
            if not isinstance(name, str):
                raise InvalidQuery(f"an order is a name such as 'xp' or '-xp', got {each!r}", table=self.table.label)
            descending = "-" if name.startswith("-") else ""
            names.append(descending + self.table.field(name.removeprefix("-")).name)
        return tuple(names) if shape is None else self.table.orders.keep(shape, tuple(names))

    def order_sql(self, names: Sequence[str]) -> str:
        """Return ` ORDER BY …` for checked names, or nothing."""
        fields = self.table.fields
        parts = [fields[each.removeprefix("-")].column + (" DESC" if each[0] == "-" else "") for each in names]
        return f" ORDER BY {', '.join(parts)}" if parts else ""

    def identities(self, identities: Sequence[Identity]) -> tuple[Condition, list[object], list[tuple[object, ...]]]:
        """Return the condition for several rows, its values, and each identity as the encoded values of its columns."""
        table = self.table
        read = [self.identity(each)[1] for each in identities]
        fields = table.composite if isinstance(identities[0], tuple) else (table.key,)
        if any(isinstance(each, tuple) is not isinstance(identities[0], tuple) for each in identities):
            raise InvalidQuery(f"identities of {table.label} are all keys or all tuples, not both", table=table.label)
        columns: list[object] = [list(column) for column in zip(*read, strict=True)]
        keys = [tuple(each) for each in read]
        if len(fields) == 1:
            return self.visible(Leaf(fields[0].column, "in")), columns, keys
        condition = tuples_condition([each.column for each in fields], [each.sql_type for each in fields])
        return self.visible(condition), columns, keys

    def identity_of(self, row: M, *, composite: bool) -> tuple[object, ...]:
        """Return a row's identity as `identities` encodes it."""
        fields = self.table.composite if composite else (self.table.key,)
        return tuple(field.codec.match(getattr(row, field.name)) for field in fields)


def _plain_values(filters: Filters, equals: Mapping[str, object] | None) -> dict[str, object] | None:
    """Return filters that compare each column with a plain value, if that can be told without reading them."""
    found: Any = (equals or {}) if filters is None else None if equals else filters
    given: dict[str, object] = found
    return given if type(found) is dict and _PLAIN.issuperset(map(type, given.values())) else None


def _matched(codecs: Sequence[Codec], given: Mapping[str, object]) -> list[object]:
    return [
        value if codec.fits(value) else codec.match(value) for codec, value in zip(codecs, given.values(), strict=True)
    ]


def whole_number(name: str, value: object, *, least: int) -> int:
    """Return a limit, an offset or a page's number, checked.

    Raises:
        InvalidQuery: it is no whole number, or less than `least`.
    """
    if isinstance(value, bool) or not isinstance(value, int) or value < least:
        raise InvalidQuery(f"{name} is a whole number from {least}, got {value!r}")
    return value


def _is_several(order: object) -> bool:
    return isinstance(order, Iterable) and not isinstance(order, str)
