"""Rows that are found or made, correct whoever else does the same at the same moment."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tux.database.engine import active_client
from tux.database.statements import conflict_sql
from tux.errors import InvalidQuery, TuxError
from tux.manager.core import M, ManagerCore
from tux.manager.filters import equal_values
from tux.manager.writing import insert_statement, new_row
from tux.models.meta import from_row

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from tux.manager.filters import Filters

# PostgreSQL keeps a deleting or locking transaction's number in a row's xmax: a row that this statement inserted has
# none, one that it found and updated has been locked by it first. `RETURNING old.*` would need PostgreSQL 18.
CREATED = "(xmax = 0) AS tux_created"


class Upserts(ManagerCore[M]):
    """get_or_create and upsert."""

    async def get_or_create(self, defaults: Mapping[str, object] | None = None, **keys: object) -> tuple[M, bool]:
        """Return the row with these keys and whether it was made now; `defaults` count only when it is.

        One statement when the row is there, two when not, a third when another task or process made it in between.
        The keys should be unique columns: without a unique index nothing stops two callers from making two rows. A
        deleted row of a SoftDeleteModel that still holds the keys is restored.

        Raises:
            UniqueViolation: no row has the keys, but one has other unique values of the new row.
        """
        table = self.table
        if not keys:
            raise InvalidQuery(f"get_or_create of {table.label} needs keys, such as guild_id=1", table=table.label)
        select, values = self.reading_one(None, keys)
        for is_last in (False, True):
            if found := await active_client().fetch(select, values):
                return from_row(self.model, found[0]), False
            conflict = "" if is_last else self._revival(keys) or " ON CONFLICT DO NOTHING"
            row = new_row(table, defaults, keys, check=self.check)
            sql, args = insert_statement(table, row, conflict=conflict, returning=f"{table.columns}, {CREATED}")
            if (made := await active_client().fetch_row(sql, args)) is not None:
                return from_row(self.model, made), bool(made["tux_created"])
        raise TuxError(f"the insert into {table.label} was swallowed by a rule or trigger of the table")

    async def upsert(
        self, filters: Filters, defaults: Mapping[str, object] | None = None, **values: object
    ) -> tuple[M, bool]:
        """Write values to the row that the filters identify, made when missing; return it and whether it was made.

        Args:
            filters: equal values of columns that are unique together.
            defaults: written only when the row is made.
            values: written in either case; they win over defaults.

        Raises:
            InvalidQuery: the filters are no equalities, or no unique key of the table.
        """
        table = self.table
        keys = equal_values(table, filters)
        if keys is None:
            raise InvalidQuery(
                f"upsert of {table.label} takes equal values, such as {{'guild_id': 1}}", table=table.label
            )
        if not values:
            return await self.get_or_create(defaults, **keys)
        target, where = self.unique_key(list(keys))
        row = new_row(table, defaults, values, keys, check=self.check)
        if None in (row[table.field(name).name] for name in keys):
            raise InvalidQuery(f"upsert of {table.label}: None in a key equals no row", table=table.label)
        for name, value in values.items():
            field = table.field(name)
            if field.column in target and field.codec.match(table.value(name, value)) != row[field.name]:
                raise InvalidQuery(f"upsert of {table.label}: {name} is part of the key", table=table.label)
        columns = self.overwritten(target, values)
        conflict = conflict_sql(target, columns or target, where)
        sql, args = insert_statement(table, row, conflict=conflict, returning=f"{table.columns}, {CREATED}")
        found = await active_client().fetch_row(sql, args)
        if found is None:
            raise TuxError(f"the upsert into {table.label} was swallowed by a rule or trigger of the table")
        return from_row(self.model, found), bool(found["tux_created"])

    def unique_key(self, names: list[str]) -> tuple[list[str], str]:
        """Return the columns of fields that are unique together, and the condition of their index.

        Raises:
            InvalidQuery: the table has no such unique key; lists those that it has.
        """
        table = self.table
        columns = [table.field(name).column for name in names]
        known = table.unique_keys
        if frozenset(columns) not in known:
            listed = "; ".join(", ".join(sorted(key)) for key in known)
            raise InvalidQuery(
                f"{', '.join(names)} is no unique key of {table.label}; there are: {listed}", table=table.label
            )
        return columns, known[frozenset(columns)]

    def overwritten(self, target: Sequence[str], names: Iterable[str]) -> list[str]:
        """Return the columns that an upsert writes to a row that it finds: those of fields, the stamps, the deletion."""
        table = self.table
        written = [table.field(name).column for name in names] + [field.column for field in table.stamped]
        if table.deleted is not None:
            written.append(table.deleted.column)
        return [column for column in dict.fromkeys(written) if column not in target]

    def _revival(self, keys: Mapping[str, object]) -> str:
        """Return the ON CONFLICT clause that restores a deleted row with these keys, where one may stand in the way."""
        table = self.table
        columns = [table.field(name).column for name in keys]
        if table.deleted is None or table.unique_keys.get(frozenset(columns)) != "":
            return ""
        return conflict_sql(columns, self.overwritten(columns, ()))
