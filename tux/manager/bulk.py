"""Many rows in one statement: one array a column instead of one parameter a value."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from tux.database.engine import active_client
from tux.database.statements import (
    conflict_sql,
    given_sql,
    insert_many_sql,
    update_many_sql,
)
from tux.errors import InvalidQuery
from tux.manager.core import M
from tux.manager.upserts import CREATED, Upserts
from tux.manager.writing import Writer, new_row, read_values, stamped_row
from tux.models.meta import from_row, meta_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from tux.manager.writing import Row


class Bulk(Upserts[M]):
    """bulk_create, bulk_update, bulk_upsert."""

    async def bulk_create(self, rows: Iterable[M | Mapping[str, object]]) -> list[M]:
        """Insert rows, given as values or instances, and return them as the database has them, in their order."""
        complete = [new_row(self.table, self._given(row), check=self.check) for row in rows]
        if not complete:
            return []
        sql, args = self._insert(complete, "", self.table.columns)
        return await self.rows(sql, *args)

    async def bulk_update(self, rows: Iterable[Mapping[str, object]]) -> int:
        """Change rows, each with its key and the columns to change, and return how many were found.

        Rows may change different columns; of two with the same key the later wins, column by column.
        """
        table = self.table
        changes: dict[object, Row] = {}
        for given in rows:
            row = read_values(table, self._keyed(given), check=self.check)
            key = row.pop(table.key.name, None)
            if key is None:
                raise InvalidQuery(f"bulk_update of {table.label}: a row lacks {table.key.name!r}", table=table.label)
            changes.setdefault(key, {}).update(row)
        changes = {key: row for key, row in changes.items() if row}
        if not changes:
            return 0
        sql, args = self._update_many({key: stamped_row(table, row) for key, row in changes.items()})
        return await active_client().run(sql, args)

    async def bulk_upsert(
        self, rows: Iterable[Mapping[str, object]], conflict: Sequence[str], update: Sequence[str]
    ) -> list[tuple[M, bool]]:
        """Insert rows, or overwrite some columns of those that exist; return each with whether it was made, in order.

        Args:
            rows: of two with the same key the later wins.
            conflict: the fields of a unique key, which every row must give.
            update: the fields that are overwritten; with none, rows that exist stay as they are and are left out.
        """
        table = self.table
        keys = [table.field(name).name for name in conflict]
        target, where = self.unique_key(keys)
        wanted: dict[tuple[object, ...], Row] = {}
        for given in rows:
            row = new_row(table, given, check=self.check)
            if any(row.get(name) is None for name in keys):
                raise InvalidQuery(f"bulk_upsert of {table.label}: a row lacks {keys}", table=table.label)
            wanted[tuple(row[name] for name in keys)] = row
        if not wanted:
            return []
        # Two callers that write the same rows in different orders would wait for each other.
        ordered = [wanted[key] for key in sorted(wanted, key=lambda key: [str(each) for each in key])]
        written = self.overwritten(target, update) if update else []
        sql, args = self._insert(ordered, conflict_sql(target, written, where), f"{table.columns}, {CREATED}")
        found: dict[tuple[object, ...], tuple[M, bool]] = {}
        for record in await active_client().fetch(sql, args):
            made = from_row(self.model, record)
            key = tuple(table.fields[name].codec.match(getattr(made, name)) for name in keys)
            found[key] = made, bool(record["tux_created"])
        return [found[key] for key in wanted if key in found]

    def _insert(self, rows: Sequence[Row], conflict: str, returning: str) -> tuple[str, list[object]]:
        table = self.table
        names = list(dict.fromkeys(name for row in rows for name in row))
        for name in names:
            if table.is_made_by_database(name) and any(name not in row for row in rows):
                raise InvalidQuery(
                    f"{table.label}.{name}: give it in every row or in none, the database makes the others",
                    table=table.label,
                )
        writer = Writer(table)
        if not names:
            raise InvalidQuery(
                f"rows of {table.label} without any value can only be made one by one", table=table.label
            )
        arrays = writer.arrays({name: [row.get(name) for row in rows] for name in names})
        columns = writer.columns(names)
        source = given_sql(columns, arrays, [writer.elements(name) for name in names])
        sql = insert_many_sql(table.name, columns, source, conflict=conflict, returning=returning)
        return writer.finish(sql), writer.values

    def _update_many(self, changes: Mapping[object, Row]) -> tuple[str, list[object]]:
        table, rows = self.table, list(changes.values())
        names = list(dict.fromkeys(name for row in rows for name in row))
        writer = Writer(table)
        arrays = writer.arrays(
            {table.key.name: list(changes), **{name: [row.get(name) for row in rows] for name in names}}
        )
        columns = [table.key.column, *writer.columns(names)]
        assigned: list[str] = []
        for name in names:
            column = table.fields[name].column
            value = writer.elements(name)
            if any(name not in row for row in rows):
                arrays.append(f"{writer.take([name in row for row in rows])}::bool[]")
                columns.append(f"given_{len(columns)}")
                value = f"CASE WHEN given.{columns[-1]} THEN {value} ELSE {table.name}.{column} END"
            assigned.append(f"{column} = {value}")
        sql = update_many_sql(table.name, table.key.column, assigned, arrays, columns)
        return writer.finish(sql), writer.values

    def _given(self, row: M | Mapping[str, object]) -> Mapping[str, object]:
        """Return the values of an instance; a key that the database makes is left to it."""
        if isinstance(row, Mapping):
            return row
        table = self.table
        generated = meta_of(self.model).pk.generated
        names = [name for name in table.fields if not (name == table.key.name and generated and row.pk is None)]
        values = {name: getattr(row, name) for name in names}
        return {name: value for name, value in values.items() if not isinstance(value, table.unset)}

    def _keyed(self, row: Mapping[str, object]) -> dict[str, object]:
        """Return a row's changes with `id` as another word for the key."""
        key = self.table.key.name
        return {key if name == "id" and name not in self.table.names else name: value for name, value in row.items()}
