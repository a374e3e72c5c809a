"""Pydantic models of tables, for whoever exports rows; imports pydantic, which rows alone do not need."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

from pydantic import BaseModel, ConfigDict, Field, create_model
from tortoise import fields
from tortoise.contrib.postgres.fields import ArrayField
from tortoise.fields.data import CharEnumFieldInstance, IntEnumFieldInstance

from tux.models.meta import meta_of

if TYPE_CHECKING:
    from tortoise.models import Model


@cache
def schema_of(model: type[Model]) -> type[BaseModel]:
    """Return the pydantic model of a table: a field for each column, its length and whether it may be None.

    It reads rows (`from_attributes`) as well as dicts.
    """
    meta = meta_of(model)
    columns: dict[str, Any] = {name: _column(meta.fields_map[name]) for name in meta.fields_db_projection}
    return create_model(model.__name__, __config__=ConfigDict(from_attributes=True), **columns)


def _column(field: Any) -> tuple[Any, Any]:
    kind = _kind(field)
    length: int | None = getattr(field, "max_length", None) if kind is str else None
    if not field.null:
        return kind, Field(max_length=length)
    return kind | None, Field(default=None, max_length=length)


def _kind(field: Any) -> Any:
    if isinstance(field, CharEnumFieldInstance | IntEnumFieldInstance):
        return field.enum_type
    if isinstance(field, fields.JSONField):
        return Any
    return list[Any] if isinstance(field, ArrayField) else field.field_type
