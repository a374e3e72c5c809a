"""Python values as SQL literals: the defaults that rows get which are there before their column."""

from __future__ import annotations

import time as time_module
import uuid
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from enum import Enum
from math import isfinite
from typing import TYPE_CHECKING, Any, cast

from tux.clock import now

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable


def _quoted(value: object) -> str:
    return "'" + str(value).replace("'", "''") + "'"


# bool before int and datetime before date, because they are such, too
_WRITERS: dict[type, Callable[[Any], str]] = {
    bool: lambda value: str(value).upper(),
    int: str,
    float: lambda value: str(value) if isfinite(value) else _quoted(value),
    Decimal: lambda value: str(value) if value.is_finite() else _quoted(value),
    bytes: lambda value: f"'\\x{value.hex()}'",
    timedelta: lambda value: f"'{value.total_seconds()} seconds'",
    str: _quoted,
    uuid.UUID: _quoted,
    datetime: _quoted,
    date: _quoted,
    time: _quoted,
}
# A clock may say the same twice in a row.
_TICK_SECONDS = 0.001


def sql_made_anew(make: Callable[[], object]) -> str | None:
    """Return SQL for what a function makes anew at each call, one for each row; "" when SQL cannot say it.

    None for a function that returns the same again: its value has a literal.
    """
    first = make()
    if isinstance(first, datetime):
        time_module.sleep(_TICK_SECONDS)
    second = make()
    if type(first) is date and first == now().date():
        return "CURRENT_DATE"
    if first == second or (first != first and second != second):  # noqa: PLR0124 - NaN is not equal to itself
        return None
    if isinstance(second, uuid.UUID):
        return "gen_random_uuid()"
    if isinstance(second, datetime):
        ahead = round(((second if second.tzinfo else second.replace(tzinfo=UTC)) - now()).total_seconds())
        return "CURRENT_TIMESTAMP" + (f" + INTERVAL '{ahead} seconds'" if ahead else "")
    return ""


def sql_literal(value: object, *, type_name: str = "") -> str:
    """Return a value as SQL, "" for one that has no literal."""
    if isinstance(value, Enum):
        value = value.value
    if isinstance(value, list | tuple):
        parts = [sql_literal(part) for part in cast("Iterable[object]", value)]
        return f"ARRAY[{', '.join(parts)}]::{type_name}" if all(parts) else ""
    for kind, write in _WRITERS.items():
        if isinstance(value, kind):
            return write(value)
    return ""
