"""Rows that go: deleted, or hidden when their model is a SoftDeleteModel, restored, purged."""

from __future__ import annotations

from copy import copy
from typing import TYPE_CHECKING

from tux import clock
from tux.database.engine import active_client
from tux.database.statements import Leaf, Not, Numbers, Raw, delete_sql, locked_sql, where_sql
from tux.errors import InvalidQuery
from tux.manager.core import Identity, M, ManagerCore
from tux.manager.filters import joined
from tux.manager.many import in_batches
from tux.manager.writing import stamped_row, update_statement

if TYPE_CHECKING:
    from collections.abc import AsyncIterable, Hashable, Iterable, Sequence
    from typing import Self

    from tux.database.statements import Condition
    from tux.manager.filters import Filters
    from tux.manager.table import Field


class Deleting(ManagerCore[M]):
    """delete_by_id, delete_where, bulk_delete; with_deleted, restore, purge, purge_where of a SoftDeleteModel."""

    async def delete_by_id(self, identity: Identity, /) -> bool:
        """Delete a row, or hide it when its model is a SoftDeleteModel; False when there was none."""
        condition, values = self.identity(identity)
        return await self._delete(condition, values) > 0

    async def delete_where(self, filters: Filters = None, *, all_rows: bool = False, **equals: object) -> int:
        """Delete every row that matches, or hide it, and return how many there were.

        Raises:
            InvalidQuery: the filter is empty and `all_rows` is not set.
        """
        condition, values = self.condition(filters, equals)
        self.refuse_everything(condition, "delete_where", all_rows=all_rows)
        return await self._delete(condition, values)

    async def bulk_delete(self, identities: Iterable[Identity] | AsyncIterable[Identity]) -> int:
        """Delete the rows with these identities, or hide them, and return how many there were.

        Identities that are made on the way, as by a generator, are deleted in batches, in one transaction.
        """
        return sum(await in_batches(identities, self._delete_several))

    def with_deleted(self) -> Self:
        """Return the same manager with hidden rows in sight: `db.note.with_deleted().find_all(...)`.

        Raises:
            InvalidQuery: the model is no SoftDeleteModel.
        """
        self._deleted("with_deleted")
        seeing = copy(self)
        seeing.sees_deleted = True
        return seeing

    async def restore(self, identity: Identity, /) -> M | None:
        """Let reads find a hidden row again, and return it; None when there is no such hidden row.

        Raises:
            UniqueViolation: another row has taken its place in a unique index.
        """
        table, deleted = self.table, self._deleted("restore")
        condition, values = self.with_deleted().identity(identity)
        hidden = joined("AND", [condition, Not(Leaf(deleted.column, "isnull"))])
        row = stamped_row(table, {deleted.name: None})
        sql, args = update_statement(table, row, hidden, values, returning=table.columns)
        return await self.row(sql, *args)

    async def purge(self, identity: Identity, /) -> bool:
        """Delete a row for good, hidden or not; False when there was none."""
        self._deleted("purge")
        condition, values = self.with_deleted().identity(identity)
        return await self._purge(condition, values) > 0

    async def purge_where(self, filters: Filters = None, *, all_rows: bool = False, **equals: object) -> int:
        """Delete every hidden row that matches for good, such as `deleted_at__lt=...`, and return how many there were.

        Raises:
            InvalidQuery: the filter is empty and `all_rows` is not set.
        """
        deleted, seeing = self._deleted("purge_where"), self.with_deleted()
        condition, values = seeing.condition(filters, equals)
        seeing.refuse_everything(condition, "purge_where", all_rows=all_rows)
        return await self._purge(joined("AND", [condition, Not(Leaf(deleted.column, "isnull"))]), values)

    async def _delete_several(self, identities: list[Identity]) -> int:
        condition, values, _ = self.identities(identities)
        table = self.table
        locked = locked_sql(table.name, table.key.column, where_sql(condition, Numbers()), lock="UPDATE")
        return await self._delete(Raw(f"{table.key.column} IN ({locked})", len(values)), values)

    async def _delete(self, condition: Condition, values: Sequence[object]) -> int:
        table = self.table
        if table.deleted is None or table.live is None:
            return await self._purge(condition, values)
        seen = joined("AND", [condition, table.live]) if self.sees_deleted else condition
        row = stamped_row(table, {table.deleted.name: clock.now()})
        return await active_client().run(*update_statement(table, row, seen, values))

    async def _purge(self, condition: Condition, values: Sequence[object]) -> int:
        table = self.table
        shape: Hashable = ("delete", condition)
        sql = table.texts.find(shape)
        sql = sql or table.texts.keep(shape, delete_sql(table.name, where_sql(condition, Numbers())))
        return await active_client().run(sql, values)

    def _deleted(self, operation: str) -> Field:
        table = self.table
        if table.deleted is None:
            raise InvalidQuery(
                f"{operation} of {table.label}: {self.model.__name__} is no SoftDeleteModel, its rows are never hidden",
                table=table.label,
            )
        return table.deleted
