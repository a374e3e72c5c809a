"""Mixins for models: keys that are UUIDs, and rows that are hidden when they are deleted."""

from __future__ import annotations

from datetime import datetime  # noqa: TC003 - evaluated by whoever reads the annotations
from typing import TYPE_CHECKING, ClassVar
from uuid import UUID  # noqa: TC003 - as above

from tortoise import fields
from tortoise.exceptions import OperationalError

from tux import clock
from tux.models.base import Model
from tux.models.keys import uuid7
from tux.models.querysets import DELETED, ModelQuerySet

if TYPE_CHECKING:
    from typing import Self

    from tortoise.backends.base.client import BaseDBAsyncClient

# The condition of an index that holds only rows which are not deleted.
LIVE = "deleted_at IS NULL"


class UuidModel(Model):
    """A table whose key is a UUID that Python makes, so that a row knows it before it is stored.

    The key is of version 7: rows made later sort behind, and whoever sees the key can read when the row was made.
    """

    id: UUID = fields.UUIDField(primary_key=True, default=uuid7)

    if not TYPE_CHECKING:  # a checker would refuse `class Meta(Model.Meta)` in the models below this one

        class Meta(Model.Meta):
            """No table of its own."""

            abstract = True


class SoftDeleteModel(Model):
    """A table whose rows are hidden when they are deleted, by whatever path, and can be restored.

    Managers with their filters, querysets and relations pass over hidden rows; `with_deleted()` does not, nor does a
    plain queryset that filters by a column of a relation or counts one (`Guild.filter(notes__title=…)`). A row that was
    read before it was deleted comes back when all of it is saved: give `update_fields`. A hidden row keeps its place
    in a unique index: `unique=True` would refuse a new row with the values of a deleted one, so declare
    `Index("guild_id", "name", unique=True, where=LIVE)` in `ddl` instead. Deleting what a row refers to (ON DELETE
    CASCADE) takes hidden rows too.
    """

    hides_deleted: ClassVar[bool] = True

    deleted_at: datetime | None = fields.DatetimeField(null=True)

    if not TYPE_CHECKING:  # as above

        class Meta(Model.Meta):
            """No table of its own."""

            abstract = True

    @classmethod
    def with_deleted(cls) -> ModelQuerySet[Self]:
        """Return a queryset of all rows, the deleted ones included."""
        return ModelQuerySet(cls)

    async def delete(self, using_db: BaseDBAsyncClient | None = None) -> None:
        """Hide the row from reads.

        Raises:
            OperationalError: it was never stored.
        """
        if not self._saved_in_db:
            raise OperationalError("Can't delete unpersisted record")
        if self.deleted_at is None:
            self.deleted_at = clock.now()
            await self.save(using_db, update_fields=[DELETED])

    async def restore(self, using_db: BaseDBAsyncClient | None = None) -> None:
        """Let reads find the row again."""
        self.deleted_at = None
        await self.save(using_db, update_fields=[DELETED])

    async def purge(self, using_db: BaseDBAsyncClient | None = None) -> None:
        """Delete the row for good."""
        await super().delete(using_db)
