"""What plain Tortoise querysets of our models do more: they stamp, and refuse a limit that Tortoise would ignore."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

from tortoise.manager import Manager
from tortoise.queryset import QuerySet

from tux import clock
from tux.errors import InvalidQuery, TuxError
from tux.models.meta import meta_of

if TYPE_CHECKING:
    from collections.abc import Iterable

    from tortoise.models import Model
    from tortoise.queryset import BulkCreateQuery, BulkUpdateQuery, DeleteQuery, UpdateQuery

M = TypeVar("M", bound="Model")
STAMP = "updated_at"

if missing := {"_limit", "_offset"} - set(QuerySet.__slots__):
    raise TuxError(f"tortoise-orm moved {sorted(missing)} of QuerySet; install the version that pyproject.toml pins")


class ModelQuerySet(QuerySet[M]):
    """A queryset whose writes keep `updated_at` true."""

    def update(self, **kwargs: Any) -> UpdateQuery:
        """Return the update of the filtered rows; sets `updated_at` where the model has it."""
        self._refuse_limit("update")
        if self._is_stamped():
            kwargs.setdefault(STAMP, clock.now())
        return super().update(**kwargs)

    def delete(self) -> DeleteQuery:
        """Return the deletion of the filtered rows."""
        self._refuse_limit("delete")
        return super().delete()

    def bulk_update(
        self, objects: Iterable[M], fields: Iterable[str], batch_size: int | None = None
    ) -> BulkUpdateQuery[M]:
        """Return the update of these fields of these rows; sets `updated_at` where the model has it."""
        rows = list(objects)
        if not self._is_stamped():
            return super().bulk_update(rows, fields, batch_size)
        now = clock.now()
        for row in rows:
            setattr(row, STAMP, now)
        return super().bulk_update(rows, {*fields, STAMP}, batch_size)

    def bulk_create(
        self,
        objects: Iterable[M],
        batch_size: int | None = None,
        ignore_conflicts: bool = False,
        update_fields: Iterable[str] | None = None,
        on_conflict: Iterable[str] | None = None,
    ) -> BulkCreateQuery[M]:
        """Return the insert of these rows; one that updates on conflict sets `updated_at` too."""
        if update_fields and self._is_stamped():
            update_fields = {*update_fields, STAMP}
        return super().bulk_create(objects, batch_size, ignore_conflicts, update_fields, on_conflict)

    def _is_stamped(self) -> bool:
        return bool(getattr(self.model, "is_stamped", False))

    def _refuse_limit(self, what: str) -> None:
        if self._limit is not None or self._offset is not None:
            raise InvalidQuery(
                f"{self.model.__name__}: Tortoise ignores limit and offset in {what}(), which would reach every row; "
                "choose the ids first and filter by them",
                table=meta_of(self.model).db_table,
            )


class ModelManager(Manager):
    """The maker of querysets of one model, never shared between models."""

    _model: Any

    def get_queryset(self) -> QuerySet[Any]:
        """Return a queryset of all rows."""
        queryset: QuerySet[Any] = ModelQuerySet(self._model)
        return queryset
