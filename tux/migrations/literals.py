"""Python values as SQL literals: the defaults that rows get which are there before their column."""

from __future__ import annotations

import uuid
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from enum import Enum
from typing import TYPE_CHECKING, Any, cast

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable


def _quoted(value: object) -> str:
    return "'" + str(value).replace("'", "''") + "'"


# bool before int and datetime before date, because they are such, too
_WRITERS: dict[type, Callable[[Any], str]] = {
    bool: lambda value: str(value).upper(),
    int: str,
    float: str,
    Decimal: str,
    bytes: lambda value: f"'\\x{value.hex()}'",
    timedelta: lambda value: f"'{value.total_seconds()} seconds'",
    str: _quoted,
    uuid.UUID: _quoted,
    datetime: _quoted,
    date: _quoted,
    time: _quoted,
}
_MADE_ANEW: dict[type, str] = {datetime: "CURRENT_TIMESTAMP", uuid.UUID: "gen_random_uuid()"}


def sql_literal(value: object, *, type_name: str = "", fresh: bool = False) -> str:
    """Return a value as SQL, "" for one that has no literal.

    With `fresh` the value came from a function, and only those kinds count that a function makes anew each time: the
    SQL then makes one for each row.
    """
    if fresh:
        return next((sql for kind, sql in _MADE_ANEW.items() if isinstance(value, kind)), "")
    if isinstance(value, Enum):
        value = value.value
    if isinstance(value, list | tuple):
        parts = [sql_literal(part) for part in cast("Iterable[object]", value)]
        return f"ARRAY[{', '.join(parts)}]::{type_name}" if all(parts) else ""
    for kind, write in _WRITERS.items():
        if isinstance(value, kind):
            return write(value)
    return ""
