"""Writes of many rows."""

from __future__ import annotations

from collections.abc import AsyncIterable, Iterable, Mapping
from functools import partial
from typing import TYPE_CHECKING, Any, Literal, overload

from tux.database.engine import active_client
from tux.database.statements import conflict_sql
from tux.errors import InvalidQuery
from tux.manager.columns import given_columns, new_columns, transposed
from tux.manager.core import M, ManagerCore
from tux.manager.many import converted, in_batches, insert_many, refuse_single, update_many
from tux.manager.upserts import CREATED, Upserts
from tux.manager.writing import Computed, new_row, read_values, stamped_row
from tux.models.meta import meta_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tux.manager.columns import Columns
    from tux.manager.writing import Check, Row

NewRows = Iterable[M | Mapping[str, object]] | AsyncIterable[M | Mapping[str, object]]

COPY_ROWS = 2_000  # measured: docs/decisions/0010-bulk-writes.md

_NO_CHECK = vars(ManagerCore)["check"]


class Bulk(Upserts[M]):
    """bulk_create, bulk_update, bulk_upsert."""

    @overload
    async def bulk_create(self, rows: NewRows[M]) -> list[M]: ...
    @overload
    async def bulk_create(self, rows: NewRows[M], *, returning: Literal["rows"]) -> list[M]: ...
    @overload
    async def bulk_create(self, rows: NewRows[M], *, returning: Literal["keys"]) -> list[Any]: ...
    @overload
    async def bulk_create(self, rows: NewRows[M], *, returning: Literal["count"]) -> int: ...
    async def bulk_create(
        self, rows: NewRows[M], *, returning: Literal["rows", "keys", "count"] = "rows"
    ) -> list[M] | list[Any] | int:
        """Insert rows, given as values or instances, all or none.

        One statement when the rows are returned or few; else COPY, in a transaction with the statements for missing
        guilds and for keys. Rows that are made on the way, as by a generator, are written in batches, in one
        transaction; with "count" they may be of any number.

        Args:
            rows: which may lack what the model has defaults for.
            returning: "rows" as the database has them or only their "keys", in the order given; or the "count".
        """
        if returning == "rows":
            return [row for part in await in_batches(rows, self._create_rows) for row in part]
        if returning == "keys":
            return [key for part in await in_batches(rows, partial(self._create, keys=True)) for key in part]
        if returning != "count":  # pyright: ignore[reportUnnecessaryComparison] - callers are not all checked
            raise InvalidQuery(
                f'bulk_create of {self.table.label} returns "rows", "keys" or "count", not {returning!r}'
            )
        return sum(len(part) for part in await in_batches(rows, partial(self._create, keys=False)))

    async def bulk_update(self, rows: Iterable[Mapping[str, object]] | AsyncIterable[Mapping[str, object]]) -> int:
        """Change rows, each with its key and the columns to change, and return how many were found.

        Rows may change different columns; of two with the same key the later wins, column by column. Rows are locked in
        the order of their keys, so that two calls cannot wait for each other. Rows that are made on the way are
        changed in batches, in one transaction; a key that comes back in a later batch is counted again.
        """
        return sum(await in_batches(rows, self._update))

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
        refuse_single(rows)
        keys = [table.field(name).name for name in ([conflict] if isinstance(conflict, str) else conflict)]
        target, where = self.unique_key(keys)
        written = self.overwritten(target, [update] if isinstance(update, str) else update) if update else []
        wanted: dict[tuple[Any, ...], Row] = {}
        for row in await converted(rows, partial(new_row, table, check=self.check)):
            if any(row.get(name) is None for name in keys):
                raise InvalidQuery(f"bulk_upsert of {table.label}: a row lacks {keys}", table=table.label)
            wanted[tuple(row[name] for name in keys)] = row
        if not wanted:
            return []
        # Two callers that write the same rows in different orders would wait for each other.
        ordered = [wanted[key] for key in sorted(wanted)]
        clause = conflict_sql(target, written, where)
        sql, args = insert_many(
            table, transposed(table, ordered), conflict=clause, returning=f"{table.columns}, {CREATED}"
        )
        found: dict[tuple[Any, ...], tuple[M, bool]] = {}
        records = await active_client().fetch(sql, args)
        for record, made in zip(records, await self.hydrated(records), strict=True):
            key = tuple(table.fields[name].codec.match(getattr(made, name)) for name in keys)
            found[key] = made, bool(record["tux_created"])
        return [found[key] for key in wanted if key in found]

    async def _create_rows(self, rows: list[M | Mapping[str, object]]) -> list[M]:
        sql, args = insert_many(self.table, await self._new_columns(rows), returning=self.table.columns)
        return await self.rows(sql, *args)

    async def _create(self, rows: list[M | Mapping[str, object]], *, keys: bool) -> Sequence[object]:
        """Insert rows and return their keys, or as many of anything."""
        table, columns = self.table, await self._new_columns(rows)
        if len(rows) >= COPY_ROWS:
            from tux.manager.loading import can_load, load

            if can_load(table, columns, keys=keys):
                made = await load(table, columns, len(rows), keys=keys)
                return made if keys else range(len(rows))
        sql, args = insert_many(table, columns, returning=table.key.column if keys else "")
        if not keys:
            await active_client().run(sql, args)
            return range(len(rows))
        return [record[0] for record in await active_client().fetch(sql, args)]

    async def _update(self, rows: list[Mapping[str, object]]) -> int:
        table = self.table
        alias = {} if "id" in table.names else {"id": table.key.name}
        columns = await given_columns(table, rows, self._own_check(), alias)
        keys = columns.pop(table.key.name, []) if columns is not None else []
        given: dict[str, list[bool]] = {}
        if columns is None or None in keys or len({*keys}) < len(rows):
            keys, columns, given = await self._merged(rows)
        if not columns:
            return 0
        return await active_client().run(*update_many(table, keys, columns, given, live=not self.sees_deleted))

    async def _merged(self, rows: list[Mapping[str, object]]) -> tuple[list[object], Columns, dict[str, list[bool]]]:
        """Return the keys of changes, their columns, and which rows give those that not all do."""
        table = self.table
        changes: dict[object, Row] = {}
        for row in await converted(rows, self._changed):
            key = row.pop(table.key.name, None)
            if key is None:
                raise InvalidQuery(f"bulk_update of {table.label}: a row lacks {table.key.name!r}", table=table.label)
            changes.setdefault(key, {}).update(row)
        changes = {key: stamped_row(table, row) for key, row in changes.items() if row}
        names = list(dict.fromkeys(name for row in changes.values() for name in row))
        columns: Columns = {name: [row.get(name) for row in changes.values()] for name in names}
        given = {name: [name in row for row in changes.values()] for name in names}
        return list(changes), columns, {name: each for name, each in given.items() if not all(each)}

    async def _new_columns(self, rows: list[M | Mapping[str, object]]) -> Columns:
        """Return the columns of rows to insert; a key that the database makes is left to it."""
        columns = await new_columns(self.table, rows, self._own_check())
        return columns or transposed(self.table, await converted(rows, self._complete))

    def _own_check(self) -> Check | None:
        return None if getattr(type(self), "check", None) is _NO_CHECK else self.check

    def _complete(self, row: M | Mapping[str, object]) -> Row:
        """Return the columns of a new row."""
        table = self.table
        if isinstance(row, Mapping):
            return new_row(table, row, check=self.check)
        if not isinstance(row, self.model):
            raise InvalidQuery(f"bulk_create of {table.label} takes values or {self.model.__name__}, got {row!r}")
        generated = meta_of(self.model).pk.generated
        names = [name for name in table.fields if not (name == table.key.name and generated and row.pk is None)]
        values = {name: getattr(row, name) for name in names}
        given = {name: value for name, value in values.items() if not isinstance(value, table.unset)}
        return new_row(table, given, check=self.check)

    def _changed(self, row: Mapping[str, object]) -> Row:
        """Return a row's key and changes; `id` is another word for the key."""
        table = self.table
        if not _is_mapping(row):
            raise InvalidQuery(f"bulk_update of {table.label} takes a dict for each row, got {row!r}")
        if "id" in row and "id" not in table.names:
            if table.key.name in row:
                raise InvalidQuery(f"bulk_update of {table.label}: {table.key.name} is given twice, once as 'id'")
            row = {table.key.name if name == "id" else name: value for name, value in row.items()}
        changed = read_values(table, row, check=self.check)
        if computed := [name for name, value in changed.items() if isinstance(value, Computed)]:
            raise InvalidQuery(f"bulk_update of {table.label} takes values; for {computed[0]} use update_where")
        return changed


def _is_mapping(row: object) -> bool:
    return isinstance(row, Mapping)
