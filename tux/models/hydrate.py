"""Rows as instances by code that is compiled once for each model: exactly what Tortoise makes of them, only sooner.

What it is not sure to make alike it leaves to Tortoise: models that override how they are read or keep a field behind a
descriptor, partial rows, values that a column's reader refuses, and every model when Tortoise's own reader has changed.
Fields whose type it does not know are read by their own `to_python_value`.
"""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, tzinfo
from functools import cache, partial
from operator import itemgetter
from typing import TYPE_CHECKING, Any, NamedTuple, cast
from zoneinfo import ZoneInfo

from loguru import logger
from tortoise.fields.data import CharEnumFieldInstance, DatetimeField, IntEnumFieldInstance, JSONField
from tortoise.models import Model
from tortoise.timezone import get_default_timezone, get_use_tz

from tux.collector import collector_paused
from tux.models.times import is_refusing
from tux.settings import FAST

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from asyncpg import Record

_KEPT, _KEPT_MANY = "_tux_reader", "_tux_rows_reader"
FEW_ROWS = 100
SLICE_ROWS = 1000  # so many rows are made before other tasks get their turn: some milliseconds
_START = datetime(2000, 1, 1, tzinfo=UTC)
_NO_ZONE = object()
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
    reader: Callable[[Any], Any] | None = vars(model).get(_KEPT) if IS_ON else None
    if reader is not None:
        return reader
    readers = _compiled(model) if IS_ON else None
    return readers.one if readers else partial(_plain, model)


def rows_reader_of(model: type[Any]) -> Callable[[Sequence[Record]], list[Any]]:
    """Return what makes instances of the driver's rows, which all have the same columns."""
    reader: Callable[[Sequence[Record]], list[Any]] | None = vars(model).get(_KEPT_MANY) if IS_ON else None
    if reader is not None:
        return reader
    readers = _compiled(model) if IS_ON else None
    return readers.many if readers else partial(_plain_rows, model)


async def rows_of(model: type[Any], records: Sequence[Record]) -> list[Any]:
    """Return the driver's rows, which all have the same columns, as instances; other tasks get their turn between many."""
    read = rows_reader_of(model)
    if len(records) < FEW_ROWS:
        return read(records)
    rows: list[Any] = []
    for first in range(0, len(records), SLICE_ROWS):
        if first:
            await asyncio.sleep(0)
        with collector_paused():  # nothing that is made here is given up
            rows += read(records[first : first + SLICE_ROWS])
    return rows


def _plain(model: type[Any], row: Record | Mapping[str, object]) -> object:
    return model._init_from_db(**row)  # noqa: SLF001 - what Tortoise's executor calls


def _plain_rows(model: type[Any], rows: Sequence[Record]) -> list[Any]:
    return [_plain(model, row) for row in rows]


def _is_plain(model: type[Any], blank: type) -> bool:
    """Whether a row becomes an instance in Tortoise's way alone, and its fields lie in the instance's dict."""
    reads = model._init_from_db.__func__  # noqa: SLF001 - what this module is about
    if reads is not _tortoise_reads or cast("Any", model.__new__) is not object.__new__:
        return False
    names = model._meta.fields_db_projection  # noqa: SLF001 - see above
    if any(hasattr(vars(base).get(name), "__set__") for base in model.__mro__ for name in names):
        return False
    try:
        blank().__class__ = model
    except TypeError:  # its instances are laid out in another way
        return False
    return True


class _Clock(NamedTuple):
    """How times become those of the configured zone: `usual` ones without its rules, as the time since `start`."""

    zone: tzinfo
    is_aware: bool
    usual: object
    start: datetime


@cache
def _clock(zone: tzinfo, is_aware: bool) -> _Clock:
    is_utc = is_aware and isinstance(zone, ZoneInfo) and zone.key == "UTC"
    return _Clock(zone, is_aware, UTC if is_utc else _NO_ZONE, _START.replace(tzinfo=zone))


class _Readers(NamedTuple):
    one: Callable[[Any], Any]
    many: Callable[[Sequence[Record]], list[Any]]


def _compiled(model: type[Any]) -> _Readers | None:
    """Return the readers of a model, which it keeps; None for one that Tortoise must read, or that it has not connected.

    An instance of a model that sets attributes in a way of its own begins in a class that does not, which is a dozen
    times faster than `object.__setattr__`; instances of a class share the keys of their dicts.
    """
    meta = model._meta  # noqa: SLF001 - what this module is about
    blank = type(model.__name__, (), {})
    if not meta.db_native_fields or not _is_plain(model, blank):
        return None
    known: dict[str, Any] = {"model": model, "plain": partial(_plain, model), "clock": _clock}
    is_free = cast("Any", model.__setattr__) is object.__setattr__
    known["blank"] = partial(object.__new__, model) if is_free else blank
    known |= {"zone_of": get_default_timezone, "uses_zones": get_use_tz, "begin": _START, "datetime": datetime}
    columns: list[str] = list(meta.fields_db_projection.values())
    known |= {"columns": tuple(columns), "values": _values_of(columns), "refused": _REFUSED}
    is_given = meta.db_pk_column not in meta.generated_db_fields
    lines = ["made._partial = False", "made._saved_in_db = True", f"made._custom_generated_pk = {is_given}"]
    lines.append("made._await_when_save = {}")
    lines += [f"made.{name} = v{columns.index(column)}" for column, name, _ in meta.db_native_fields]
    for column, name, field in meta.db_default_fields:
        value, kind = f"v{columns.index(column)}", f"type{columns.index(column)}"
        known[kind] = field.field_type
        lines.append(f"made.{name} = None if {value} is None else {kind}({value})")
    lines += [
        f"made.{name} = {_converted(field, columns.index(column), known)}"
        for column, name, field in meta.db_complex_fields
    ]
    given = "".join(f"v{number}, " for number in range(len(columns)))
    if not is_free:
        lines.append("made.__class__ = model")
    parts = {"given": given, "one": _indented(lines, 2), "many": _indented(lines, 3)}
    parts["clock"] = _CLOCK if any("begin" in line for line in lines) else "pass"
    exec(_SOURCE.format(**parts), known)  # noqa: S102 - made of numbers and names of fields
    for name, reader in ((_KEPT, known["read"]), (_KEPT_MANY, known["read_all"])):
        type.__setattr__(model, name, staticmethod(reader))
    return _Readers(known["read"], known["read_all"])


_CLOCK = "zone, is_aware, usual, start = clock(zone_of(), uses_zones())"
_SOURCE = """
def read(row):
    try:
        {given}= values(row)
        {clock}
        made = blank()
        {one}
    except refused:
        return plain(row)
    return made

def read_all(rows):
    try:
        {clock}
        found = []
        add = found.append
        for {given}in rows if rows and tuple(rows[0].keys()) == columns else map(values, rows):
            made = blank()
            {many}
            add(made)
    except refused:
        return [read(row) for row in rows]
    return found
"""


def _indented(lines: Sequence[str], depth: int) -> str:
    return f"\n{'    ' * depth}".join(lines)


def _values_of(columns: Sequence[str]) -> Callable[[Any], tuple[object, ...]]:
    """Return what gives a row's values in this order."""
    if len(columns) == 1:  # of one column alone itemgetter would give no tuple
        return lambda row: (row[columns[0]],)
    return itemgetter(*columns)


def _converted(field: Any, number: int, known: dict[str, Any]) -> str:
    """Return the expression that converts one column's value as `to_python_value` does."""
    value, read = f"v{number}", f"read{number}"
    known[read] = field.to_python_value
    method: object = cast("Any", type(field)).to_python_value
    is_own = "to_python_value" in vars(field)
    if method is _DATETIME and (not is_own or is_refusing(field)):
        # the driver gives aware times of UTC; of naive ones, texts and numbers the field decides
        is_other = f"is_aware and type({value}) is datetime and {value}.tzinfo"
        other = f"{value}.astimezone(zone) if {is_other} else {read}({value})"
        return f"None if {value} is None else start + ({value} - begin) if {value}.tzinfo is usual else {other}"
    if is_own:
        return f"{read}({value})"
    if method is _JSON and field.field_type == JSONField.field_type:
        known[f"load{number}"] = field.decoder
        return f"None if {value} is None else load{number}({value})"  # which refuses what is no text
    if method in _ENUMS:
        known[f"member{number}"] = {each.value: each for each in field.enum_type}.get
        return f"None if {value} is None else member{number}({value}) or {read}({value})"
    return f"{read}({value})"
