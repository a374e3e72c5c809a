"""Writes of one row or of those that match a filter; each is one statement that never reads first."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from tortoise import fields
from tortoise.expressions import F

from tux.database.engine import active_client
from tux.database.statements import Raw
from tux.errors import InvalidQuery, InvalidValue, TuxError
from tux.manager.core import PLAIN_KEYS, Identity, M, ManagerCore
from tux.manager.writing import (
    Computed,
    change_plan,
    changed_row,
    insert_statement,
    new_row,
    stamped_row,
    update_statement,
)
from tux.models.meta import from_row

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tux.manager.filters import Filters
    from tux.manager.writing import Row


_NUMBERS = (fields.IntField, fields.FloatField, fields.DecimalField)


class Changes(ManagerCore[M]):
    """create, update_by_id, increment, update_where."""

    async def create(self, **values: object) -> M:
        """Insert a row and return it as the database has it; makes the guild's row in the same statement.

        Raises:
            InvalidValue: a value does not fit its column.
            UniqueViolation: there is such a row already.
        """
        sql, args = insert_statement(self.table, new_row(self.table, values, check=self.check))
        made = await self.row(sql, *args)
        if made is None:
            raise TuxError(f"the insert into {self.table.label} was swallowed by a rule or trigger of the table")
        return made

    async def update_by_id(self, identity: Identity, /, **values: object) -> M | None:
        """Change a row and return it as it is now; None when there is none."""
        sql, args = self._planned_change(identity, values) or self._change(identity, values)
        record = await active_client().fetch_row(sql, args)
        return None if record is None else from_row(self.model, record)

    def _planned_change(self, identity: Identity, values: Mapping[str, object]) -> tuple[str, list[object]] | None:
        """Return what `_change` does, by what it kept for these names; None when a value is none as it stands."""
        table = self.table
        known = table.changes.find((self.sees_deleted, *values)) if type(identity) in PLAIN_KEYS else None
        row = None if known is None else known[1].row(values.values())
        if known is None or row is None:
            return None
        self.check(values)
        return known[0], [*row.values(), table.key.codec.match(identity)]

    def _change(self, identity: Identity, values: Mapping[str, object]) -> tuple[str, list[object]]:
        """Return the statement that changes one row, and its values."""
        table = self.table
        condition, keys = self.identity(identity)
        row = changed_row(table, values, check=self.check)
        sql, args = update_statement(table, row, condition, keys, returning=table.columns)
        if type(identity) in PLAIN_KEYS and (plan := change_plan(table, values, row)) is not None:
            table.changes.keep((self.sees_deleted, *values), (sql, plan))
        return sql, args

    async def increment(self, identity: Identity, /, **amounts: float | Decimal) -> M | None:
        """Add to columns (NULL counts as zero) and return the row as it is now; None when there is none.

        Raises:
            InvalidValue: an amount is no number, or the sum does not fit the column.
            CheckViolation: the sum breaks a CHECK; what others have not committed when the call comes does not count.
        """
        table = self.table
        condition, keys = self.identity(identity)
        if not amounts:
            raise InvalidQuery(f"increment of {table.label} needs an amount, such as uses=1", table=table.label)
        row: Row = {}
        for name, amount in amounts.items():
            field = table.field(name)
            if not isinstance(field.codec.field, _NUMBERS) or field is table.key or field.name in table.sources:
                raise field.codec.refusal("only a column that holds a number, and is no key, can be incremented")
            if isinstance(amount, bool) or not isinstance(amount, int | float | Decimal):  # pyright: ignore[reportUnnecessaryIsInstance] - callers are not all checked
                raise field.codec.refusal(f"{amount!r} is no amount to add")
            sum_of_both = f"COALESCE({field.column}, 0) + $1::{field.sql_type}"
            row[field.name] = Computed(Raw(sum_of_both, 1), [field.codec.match(amount)])
        self.check({table.field(name).name: F(name) + amount for name, amount in amounts.items()})
        sql, args = update_statement(table, stamped_row(table, row), condition, keys, returning=table.columns)
        try:
            return await self.row(sql, *args)
        except InvalidValue as error:  # which PostgreSQL says of the type alone
            names = ", ".join(row)
            raise InvalidValue(
                f"{table.label}.{names}: the sum does not fit ({error})", table=table.label, column=names
            ) from error

    async def update_where(self, filters: Filters, values: Mapping[str, object], *, all_rows: bool = False) -> int:
        """Change every row that matches and return how many there were.

        Raises:
            InvalidQuery: the filter is empty and `all_rows` is not set.
        """
        condition, matched = self.condition(filters)
        self.refuse_everything(condition, "update_where", all_rows=all_rows)
        sql, args = update_statement(self.table, changed_row(self.table, values, check=self.check), condition, matched)
        return await active_client().run(sql, args)
