"""Datetime columns that refuse naive values, wherever one is given: rows, look-ups, updates, bulk writes."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import partial
from typing import Any, cast

from tux import clock
from tux.errors import InvalidValue

_ENDS = (datetime.min, datetime.max)  # noqa: DTZ901 - naive, as the driver gives them


def current_time() -> datetime:
    """Return the time of Tux's clock; a function, since Tortoise deep-copies a default and a method's clock with it."""
    return clock.now()


def refuse_naive(field: Any) -> None:
    """Make a plain DatetimeField refuse naive values; on the instance, since aerich compares the class."""
    if "to_db_value" not in vars(field):
        vars(field)["to_db_value"] = partial(_db_value, field)
        vars(field)["to_python_value"] = partial(_python_value, field)


def is_refusing(field: Any) -> bool:
    """Tell whether `refuse_naive`, and nobody else, reads a field's values."""
    reader: object = cast("dict[str, object]", vars(field)).get("to_python_value")
    return isinstance(reader, partial) and cast("Any", reader).func is _python_value


def aware(field: Any, value: object) -> object:
    """Return a datetime, or a text in ISO form, as the same time in UTC, and anything else as it is.

    Raises:
        InvalidValue: a naive datetime, or a text that is no time or a naive one.
    """
    name = field.model_field_name
    if isinstance(value, str):
        try:
            value = datetime.fromisoformat(value)
        except ValueError:
            raise InvalidValue(f"{name} takes an aware datetime, got {value!r}", column=name) from None
    if not isinstance(value, datetime):
        return value
    if value.utcoffset() is None:
        raise InvalidValue(
            f"{name} takes an aware datetime and got the naive {value!r}; "
            f"say which zone it is in, e.g. datetime({value.year}, {value.month}, {value.day}, tzinfo=UTC)",
            column=name,
        )
    return value.astimezone(UTC)


def _db_value(field: Any, value: object, instance: object) -> object:
    return cast("Any", type(field)).to_db_value(field, aware(field, value), instance)


def _python_value(field: Any, value: object) -> object:
    if value in _ENDS:  # how the driver gives PostgreSQL's infinity, which it makes of the last moment itself
        value = cast("datetime", value).replace(tzinfo=UTC)
    return cast("Any", type(field)).to_python_value(field, aware(field, value))
