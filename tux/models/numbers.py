"""Integer columns that refuse what `int` would cut or round: an id that was a float once has lost its last digits."""

from __future__ import annotations

from decimal import Decimal
from enum import Enum
from functools import partial
from typing import Any, SupportsInt, cast

from tux.errors import InvalidValue

# From here on neighbouring whole numbers are the same float.
EXACT_FLOATS = 2**53


def refuse_rounded(field: Any) -> None:
    """Make an integer field refuse fractions and rounded numbers; on the instance, since aerich compares the class."""
    vars(field)["to_db_value"] = partial(_db_value, field)
    vars(field)["to_python_value"] = partial(_python_value, field)


def whole(field: Any, value: object) -> int | None:
    """Return the whole number that a value is, as an int; None for None.

    Raises:
        InvalidValue: it has a fraction, is a float too great to be exact, or is no number.
    """
    if value is None or type(value) is int:
        return value
    if isinstance(value, Enum):
        value = value.value
    try:
        if isinstance(value, str | SupportsInt) and not _is_rounded(value):
            return int(value)
    except (ValueError, OverflowError):
        pass
    name: str = field.model_field_name
    raise InvalidValue(f"{name} takes a whole number, exact to the last digit, got {value!r:.80}", column=name)


def _is_rounded(value: object) -> bool:
    if isinstance(value, float):
        return abs(value) >= EXACT_FLOATS or not value.is_integer()
    return isinstance(value, Decimal) and value != int(value)


def _db_value(field: Any, value: object, instance: object) -> object:
    return cast("Any", type(field)).to_db_value(field, whole(field, value), instance)


def _python_value(field: Any, value: object) -> object:
    return cast("Any", type(field)).to_python_value(field, whole(field, value))
