"""Values of each kind of column as the driver takes them.

A converter raises ValueError or TypeError for what does not fit, and InvalidValue where the reason says it all.
"""

from __future__ import annotations

import math
import re
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from enum import Enum
from typing import TYPE_CHECKING, Any, SupportsFloat, cast
from uuid import UUID

from tortoise import fields
from tortoise.contrib.postgres.fields import ArrayField

from tux.errors import InvalidValue
from tux.models.numbers import whole
from tux.models.times import aware

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

_SHOWN_CHARACTERS = 60
_NUL_IN_JSON = re.compile(r"(?<!\\)(?:\\\\)*\\u0000")
_LONGEST_SPAN = timedelta(microseconds=2**63 - 1)
_INTEGERS = {
    ("smallint", "int2"): (-(2**15), 2**15 - 1),
    ("int", "integer", "int4"): (-(2**31), 2**31 - 1),
    ("bigint", "int8"): (-(2**63), 2**63 - 1),
}


def shown(value: object) -> str:
    """Return a value for a message, cut when it is long."""
    try:
        text = repr(value)
    except RecursionError:
        text = f"a {type(value).__name__} too deep to show"
    return text if len(text) <= _SHOWN_CHARACTERS else f"{text[:_SHOWN_CHARACTERS]}…"


def storable_text(text: str) -> str:
    """Return a text as it is, when PostgreSQL can keep it."""
    if "\0" in text:
        raise ValueError("PostgreSQL keeps no NUL character in a text")
    text.encode()  # half of a surrogate pair is no character
    return text


def storable_json(text: str) -> str:
    """Return a text of JSON as it is, when PostgreSQL can keep it."""
    if "\\u0000" in text and _NUL_IN_JSON.search(text):
        raise ValueError("PostgreSQL keeps no NUL character in JSON")
    text.encode()
    return text


def converter_of(field: Any) -> Callable[[Any, object], object]:
    """Return what converts the values of a field; it takes field and value."""
    return next((convert for kind, convert in _CONVERTERS.items() if isinstance(field, kind)), _other)


def _integer(field: Any, value: object) -> int:
    number = whole(field, value)
    least, most = field.constraints["ge"], field.constraints["le"]
    if number is None or not least <= number <= most:
        raise InvalidValue(f"{number} is out of range, {least} to {most} fits the column")
    return number


def _text(_: Any, value: object) -> str:
    if isinstance(value, Enum):
        value = value.value
    if not isinstance(value, str | int | float | Decimal | UUID):
        raise TypeError(f"text is needed, not {type(value).__name__}")
    return storable_text(str(value))


def _boolean(_: Any, value: object) -> bool:
    if value not in (True, False):
        raise ValueError("True or False is needed")
    return bool(value)


def _float(_: Any, value: object) -> float:
    if not isinstance(value, str | SupportsFloat):
        raise TypeError(f"a number is needed, not {type(value).__name__}")
    return float(value)


def _decimal(field: Any, value: object) -> Decimal:
    number = Decimal(str(value))
    digits = field.max_digits - field.decimal_places
    # PostgreSQL rounds to the column's places, and what is rounded up must still fit
    least_too_great = Decimal(10) ** digits - Decimal(5).scaleb(-field.decimal_places - 1)
    if not math.isfinite(number) or abs(number) >= least_too_great:
        raise InvalidValue(f"{number} is out of range, at most {digits} digits fit before the point")
    return number


def _datetime(field: Any, value: object) -> datetime:
    moment = aware(field, value)
    if not isinstance(moment, datetime):
        raise TypeError(f"an aware datetime is needed, not {type(value).__name__}")
    return moment


def _date(field: Any, value: object) -> date:
    if isinstance(value, datetime):
        return value.date()
    return value if isinstance(value, date) else date.fromisoformat(_text(field, value))


def _time(field: Any, value: object) -> object:
    moment = value if isinstance(value, time) else time.fromisoformat(_text(field, value))
    if moment.tzinfo is None:
        raise ValueError("an aware time is needed; say which zone it is in, e.g. time(12, tzinfo=UTC)")
    return _other(field, moment)


def _span(field: Any, value: object) -> object:
    if not isinstance(value, timedelta):
        raise TypeError(f"a timedelta is needed, not {type(value).__name__}")
    if abs(value) > _LONGEST_SPAN:
        raise InvalidValue(f"{value} is out of range, {_LONGEST_SPAN} fits the column")
    return _other(field, value)


def _bytes(_: Any, value: object) -> bytes:
    if not isinstance(value, bytes | bytearray | memoryview):
        raise TypeError(f"bytes are needed, not {type(value).__name__}")
    return bytes(cast("bytes", value))


def _uuid(field: Any, value: object) -> UUID:
    return value if isinstance(value, UUID) else UUID(_text(field, value))


def _json(field: Any, value: object) -> object:
    encoded = _other(field, value)
    return storable_json(encoded) if isinstance(encoded, str) else encoded


def _array(field: Any, value: object) -> list[object]:
    """Check the elements by the type that PostgreSQL gives them, as it would without naming the column."""
    if not isinstance(value, list | tuple | set | frozenset):
        raise TypeError(f"a list is needed, not {type(value).__name__}")
    elements = list(cast("Iterable[object]", value))
    kind: str = field.element_type.lower()
    limits = next((limits for names, limits in _INTEGERS.items() if kind in names), None)
    for element in elements:
        if element is None:
            continue
        if limits is not None and (type(element) is not int or not limits[0] <= element <= limits[1]):
            raise ValueError(f"{shown(element)} is no whole number from {limits[0]} to {limits[1]}")
        if kind.startswith(("text", "varchar", "char")):
            if not isinstance(element, str):
                raise TypeError(f"{shown(element)} is no text")
            storable_text(element)
    return elements


def _other(field: Any, value: object) -> object:
    encoded: object = field.to_db_value(value, field.model)
    return encoded


_CONVERTERS: dict[type, Callable[[Any, object], object]] = {
    fields.IntField: _integer,
    fields.CharField: _text,
    fields.TextField: _text,
    fields.BooleanField: _boolean,
    fields.FloatField: _float,
    fields.DecimalField: _decimal,
    fields.DatetimeField: _datetime,
    fields.DateField: _date,
    fields.TimeField: _time,
    fields.TimeDeltaField: _span,
    fields.BinaryField: _bytes,
    fields.UUIDField: _uuid,
    fields.JSONField: _json,
    ArrayField: _array,
}
