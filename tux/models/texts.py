"""Text columns that are kept tidy wherever a text comes from: rows in memory, `save()`, and every manager's write."""

from __future__ import annotations

from functools import partial
from typing import Any, cast

from tortoise import fields

from tux.errors import InvalidValue

_ATTRIBUTE = "tux_is_tidy"


def text_column(*, max_length: int, **options: Any) -> str:
    """Return a text without spaces at its ends, which refuses to be blank; a plain CharField to aerich.

    Args:
        max_length: in characters.
        options: further options of Tortoise's CharField.
    """
    field: Any = fields.CharField(max_length=max_length, **options)
    vars(field)[_ATTRIBUTE] = True
    vars(field)["to_db_value"] = partial(_db_value, field)
    vars(field)["to_python_value"] = partial(_python_value, field)
    return cast("str", field)


def is_tidy(field: object) -> bool:
    """Tell whether a field is a `text_column`."""
    return _ATTRIBUTE in vars(field)


def tidy(field: object, value: object) -> object:
    """Return a text as the column keeps it; what is no text, or belongs to another kind of field, as it is.

    Raises:
        InvalidValue: nothing but spaces.
    """
    if not isinstance(value, str) or not is_tidy(field):
        return value
    kept = value.strip()
    if not kept:
        name: str = cast("Any", field).model_field_name
        raise InvalidValue(f"{name} must not be blank", column=name)
    return kept


def _db_value(field: Any, value: object, instance: object) -> object:
    return cast("Any", type(field)).to_db_value(field, tidy(field, value), instance)


def _python_value(field: Any, value: object) -> object:
    return cast("Any", type(field)).to_python_value(field, tidy(field, value))
