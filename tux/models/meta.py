"""The one way to what Tortoise keeps to itself about a model: `_meta`, and how a row becomes an instance."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

from tux.models.hydrate import reader_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from asyncpg import Record
    from tortoise.models import Model

M = TypeVar("M", bound="Model")


def meta_of(model: type[Model] | Model) -> Any:
    """Return Tortoise's record of a model: table, key, fields and their columns."""
    return model._meta  # noqa: SLF001  # pyright: ignore[reportPrivateUsage] - see above


def pending_keys(meta: Any) -> list[str]:
    """Return the columns of the model's relations that Tortoise adds only when it connects the models."""
    return [key for name in meta.fk_fields | meta.o2o_fields if (key := f"{name}_id") not in meta.fields_map]


def from_row(model: type[M], row: Record | Mapping[str, object]) -> M:
    """Return a database row as an instance, just as Tortoise reads it; columns that the model lacks are left out."""
    read: M = reader_of(model)(row)
    return read
