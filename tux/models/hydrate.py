"""Rows as instances by code that is compiled once for each model: exactly what Tortoise makes of them, only sooner.

What it is not sure to make alike it leaves to Tortoise: models that override how they are read or keep a field behind a
descriptor, partial rows, values that a column's reader refuses, and every model when Tortoise's own reader has changed.
Fields whose type it does not know are read by their own `to_python_value`.
"""

from __future__ import annotations

from datetime import datetime
from functools import partial
from operator import itemgetter
from typing import TYPE_CHECKING, Any, cast

from loguru import logger
from tortoise.fields.data import CharEnumFieldInstance, DatetimeField, IntEnumFieldInstance, JSONField
from tortoise.models import Model
from tortoise.timezone import get_default_timezone, get_use_tz

from tux.models.times import is_refusing
from tux.settings import FAST

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from asyncpg import Record

_KEPT = "_tux_reader"
_DATETIME, _JSON, *_ENUMS = (
    cast("Any", each).to_python_value
    for each in (DatetimeField, JSONField, CharEnumFieldInstance, IntEnumFieldInstance)
)
_REFUSED = (KeyError, ValueError, TypeError, ArithmeticError, AttributeError, LookupError)
# The names that Tortoise's reader uses: while they are these, the code below does the same.
_KNOWN = {
    "__new__", "_partial", "_saved_in_db", "_meta", "db_pk_column", "generated_db_fields", "_custom_generated_pk",
    "_await_when_save", "object", "__setattr__", "db_native_fields", "db_default_fields", "field_type",
    "db_complex_fields", "to_python_value", "KeyError", "items", "fields_map", "fields_db_projection_reverse", "get",
}  # fmt: skip


_tortoise_reads: Any = cast("Any", Model)._init_from_db.__func__  # noqa: SLF001 - what this module is about


def _is_known() -> bool:
    found = set(_tortoise_reads.__code__.co_names)
    if found == _KNOWN:
        return True
    logger.warning("Tortoise reads rows in a new way, so its own reader is used: {}", sorted(found ^ _KNOWN))
    return False


IS_ON = FAST and _is_known()


def reader_of(model: type[Any]) -> Callable[[Any], Any]:
    """Return what makes an instance of a row, by the name of its columns."""
    reader = vars(model).get(_KEPT) if IS_ON else None
    if reader is not None:
        return cast("Callable[[Any], Any]", reader)
    plain = partial(_plain, model)
    meta = model._meta  # noqa: SLF001 - what this module is about
    if not IS_ON or not meta.db_native_fields or not _is_plain(model):
        return plain
    reader = _compiled(model, meta, plain)
    type.__setattr__(model, _KEPT, staticmethod(reader))
    return reader


def _plain(model: type[Any], row: Record | Mapping[str, object]) -> object:
    return model._init_from_db(**row)  # noqa: SLF001 - what Tortoise's executor calls


def _is_plain(model: type[Any]) -> bool:
    """Whether a row becomes an instance in Tortoise's way alone, and its fields lie in the instance's dict."""
    reads = model._init_from_db.__func__  # noqa: SLF001 - what this module is about
    if reads is not _tortoise_reads or cast("Any", model.__new__) is not object.__new__:
        return False
    names = model._meta.fields_db_projection  # noqa: SLF001 - see above
    return not any(hasattr(vars(base).get(name), "__set__") for base in model.__mro__ for name in names)


def _compiled(model: type[Any], meta: Any, plain: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """Return the reader: one dict display with every column converted in its place."""
    known: dict[str, Any] = {"new": object.__new__, "model": model, "put": object.__setattr__, "plain": plain}
    known |= {"zone": get_default_timezone, "uses_zones": get_use_tz, "datetime": datetime, "refused": _REFUSED}
    columns: list[str] = []
    entries: list[str] = []
    for kind in (meta.db_native_fields, meta.db_default_fields, meta.db_complex_fields):
        for column, name, field in kind:
            number = len(columns)
            columns.append(column)
            if kind is meta.db_native_fields:
                text = f"v{number}"
            elif kind is meta.db_default_fields:
                known[f"type{number}"] = field.field_type
                text = f"None if v{number} is None else type{number}(v{number})"
            else:
                text = _converted(field, number, known)
            entries.append(f"{name!r}: {text}")
    known["values"] = itemgetter(*columns, columns[0])  # of one column alone it would give no tuple
    is_given = meta.db_pk_column not in meta.generated_db_fields
    source = f"""
def read(row):
    try:
        {"".join(f"v{number}, " for number in range(len(columns)))}_ = values(row)
        tz, is_aware = zone(), uses_zones()
        fields = {{
            "_partial": False, "_saved_in_db": True, "_custom_generated_pk": {is_given}, "_await_when_save": {{}},
            {", ".join(entries)}
        }}
    except refused:
        return plain(row)
    made = new(model)
    put(made, "__dict__", fields)
    return made
"""
    exec(source, known)  # noqa: S102 - made of numbers and of field names as literals
    return cast("Callable[[Any], Any]", known["read"])


def _converted(field: Any, number: int, known: dict[str, Any]) -> str:
    """Return the expression that converts one column's value as `to_python_value` does."""
    value, read = f"v{number}", f"read{number}"
    known[read] = field.to_python_value
    method: object = cast("Any", type(field)).to_python_value
    is_own = "to_python_value" in vars(field)
    if method is _DATETIME and (not is_own or is_refusing(field)):
        # the driver gives aware times of UTC; of naive ones, texts and numbers the field decides
        is_usual = f"is_aware and type({value}) is datetime and {value}.tzinfo"
        return f"None if {value} is None else {value}.astimezone(tz) if {is_usual} else {read}({value})"
    if is_own:
        return f"{read}({value})"
    if method is _JSON and field.field_type == JSONField.field_type:
        known[f"load{number}"] = field.decoder
        return f"None if {value} is None else load{number}({value}) if type({value}) is str else {read}({value})"
    if method in _ENUMS:
        known[f"member{number}"] = {each.value: each for each in field.enum_type}.get
        return f"None if {value} is None else member{number}({value}) or {read}({value})"
    return f"{read}({value})"
