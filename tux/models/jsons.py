"""JSON columns that refuse what JSON lacks: orjson would keep NaN and the infinities as null, and say nothing."""

from __future__ import annotations

import json
from functools import partial
from typing import Any, cast

from pydantic import BaseModel

from tux.errors import InvalidValue


def refuse_lost(field: Any) -> None:
    """Make a JSON field refuse NaN and infinities; on the instance, since aerich compares the class."""
    if "to_db_value" not in vars(field):
        vars(field)["to_db_value"] = partial(_db_value, field)


def _db_value(field: Any, value: object, instance: object) -> object:
    encoded = cast("Any", type(field)).to_db_value(field, value, instance)
    if isinstance(encoded, str) and "null" in encoded and not isinstance(value, str | bytes):
        plain = value.model_dump() if isinstance(value, BaseModel) else value
        try:
            json.dumps(plain, allow_nan=False, default=str, skipkeys=True)
        except ValueError:
            name = field.model_field_name
            raise InvalidValue(
                f"{name} takes what JSON can hold, and that has no NaN and no infinity", column=name
            ) from None
    return encoded
