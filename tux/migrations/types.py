"""What PostgreSQL's column types are to each other: the same, wider, convertible or not."""

from __future__ import annotations

import re

_ALIASES = {
    "character varying": "varchar",
    "character": "char",
    "bpchar": "char",
    "int": "integer",
    "int2": "smallint",
    "int4": "integer",
    "int8": "bigint",
    "float8": "double precision",
    "float4": "real",
    "decimal": "numeric",
    "bool": "boolean",
    "timestamptz": "timestamp with time zone",
    "timestamp": "timestamp without time zone",
    "timetz": "time with time zone",
    "time": "time without time zone",
}
_FAMILIES = {
    "text": ("char", "varchar", "text"),
    "number": ("smallint", "integer", "bigint", "numeric", "real", "double precision"),
    "time": ("date", "timestamp with time zone", "timestamp without time zone", "time with time zone"),
    "json": ("json", "jsonb"),
}
_FAMILY = {name: family for family, names in _FAMILIES.items() for name in names}
_WHOLE = {"smallint": 5, "integer": 10, "bigint": 19}  # decimal digits
_ARRAY = "[]"
_PARTS = re.compile(r"([a-z_][a-z0-9_ ]*?)\s*(?:\(([\d, ]+)\))?(( with| without) time zone)?$")


def canonical(name: str) -> str:
    """Return a type as PostgreSQL's format_type would mostly say it, in one spelling: "VARCHAR(9)" → "varchar(9)"."""
    text = " ".join(name.lower().split())
    if text.endswith(_ARRAY):
        return canonical(text.removesuffix(_ARRAY)) + _ARRAY
    found = _PARTS.match(text)
    if found is None:
        return text
    base = found[1] + (found[3] or "")
    size = f"({found[2].replace(' ', '')})" if found[2] else ""
    return _ALIASES.get(base, base) + size


def base_type(name: str) -> str:
    """Return a type in its one spelling without its size: "VARCHAR(9)" → "varchar"."""
    return _split(canonical(name))[0]


def is_read_anew(old: str, new: str) -> bool:
    """Whether an expression over a column is another one after a change of its type: "xp > 2" becomes "xp::float > 2"."""
    was, now = base_type(old), base_type(new)
    return was != now and not _FAMILY.get(was) == _FAMILY.get(now) == "text"


def is_widening(old: str, new: str) -> bool:
    """Whether every value of the old type is the same value in the new one."""
    old, new = canonical(old), canonical(new)
    if old.endswith(_ARRAY) and new.endswith(_ARRAY):
        return is_widening(old.removesuffix(_ARRAY), new.removesuffix(_ARRAY))
    if old == new or old.endswith(_ARRAY) or new.endswith(_ARRAY):
        return old == new
    (old_base, old_size), (new_base, new_size) = _split(old), _split(new)
    if new_base == "text":
        return old_base != "bytea"
    if _FAMILY.get(old_base) != _FAMILY.get(new_base):
        return old_base == "boolean" and new_base in _WHOLE
    return _widens_family((old_base, old_size), (new_base, new_size))


def conversion(column: str, old: str, new: str) -> str | None:
    """Return the USING clause that a change of type needs, "" for none, None when there is no conversion.

    Without USING PostgreSQL refuses a value that does not fit; with a cast it would cut it silently.
    """
    old, new = canonical(old), canonical(new)
    if old.endswith(_ARRAY) and new.endswith(_ARRAY):
        inner = conversion(column, old[:-2], new[:-2])
        return inner if inner is None or not inner else f' USING "{column}"::{new}'
    (old_base, _), (new_base, _) = _split(old), _split(new)
    old_family, new_family = _FAMILY.get(old_base, old_base), _FAMILY.get(new_base, new_base)
    if new_family in {old_family, "text"} and not new.endswith(_ARRAY):
        return ""
    if old_family == "text":
        return f' USING "{column}"::{new}'
    if old_base == "boolean" and new_family == "number":
        return f' USING "{column}"::integer::{new}'
    if old_base in _WHOLE and new_base == "boolean":
        return f' USING "{column}" <> 0'
    return None


def rounds(old: str, new: str) -> bool:
    """Whether PostgreSQL rounds a value, or cuts a time from a day, that does not fit the new type, instead of refusing it."""
    (old_base, _), (new_base, _) = _split(canonical(old)), _split(canonical(new))
    if _FAMILY.get(old_base) != _FAMILY.get(new_base) or is_widening(old, new):
        return False
    return (_FAMILY.get(old_base) == "number" and old_base not in _WHOLE) or (new_base == "date" != old_base)


def neutral(name: str) -> str:
    """Return SQL that says "nothing" in a type, for rows whose values are gone; "" when there is no such value."""
    base, _ = _split(canonical(name))
    if base.endswith(_ARRAY):
        return "'{}'"
    if base.startswith("timestamp"):
        return "CURRENT_TIMESTAMP"
    known = {"boolean": "FALSE", "uuid": "gen_random_uuid()", "bytea": "''", "date": "CURRENT_DATE"}
    families = {"text": "''", "number": "0", "json": "'{}'"}
    return known.get(base) or families.get(_FAMILY.get(base, ""), "")


def _split(name: str) -> tuple[str, tuple[int, ...]]:
    base, _, size = name.partition("(")
    return base, tuple(int(part) for part in size.rstrip(")").split(",")) if size else ()


def _widens_family(old: tuple[str, tuple[int, ...]], new: tuple[str, tuple[int, ...]]) -> bool:
    (old_base, old_size), (new_base, new_size) = old, new
    family = _FAMILY.get(new_base)
    if family == "text":
        return bool(old_size) and new_base == "varchar" and (not new_size or new_size[0] >= old_size[0])
    if family == "number":
        return _holds(old, new)
    return family == "json" or (old_base == "date" and new_base.startswith("timestamp"))


def _holds(old: tuple[str, tuple[int, ...]], new: tuple[str, tuple[int, ...]]) -> bool:
    (old_base, old_size), (new_base, new_size) = old, new
    if new_base == "numeric" and not new_size:
        return True
    if old_base in _WHOLE and new_base in _WHOLE:
        return _WHOLE[old_base] <= _WHOLE[new_base]
    if old_base in _WHOLE and new_base == "double precision":
        return old_base != "bigint"  # 53 bits of 63
    if new_base == "numeric":
        whole, fraction = _digits(new_size)
        old_whole, old_fraction = (_WHOLE[old_base], 0) if old_base in _WHOLE else _digits(old_size)
        return bool(old_base in _WHOLE or old_size) and whole >= old_whole and fraction >= old_fraction
    return (old_base, new_base) == ("real", "double precision")


def _digits(size: tuple[int, ...]) -> tuple[int, int]:
    fraction = size[1] if len(size) > 1 else 0
    return (size[0] if size else 0) - fraction, fraction
