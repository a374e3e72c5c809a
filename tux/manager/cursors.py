"""The text of a position in a list, which a caller keeps between two pages.

It is opaque, not secret: it holds the values of the row that the next page begins behind. A checksum tells a cursor that was
damaged or made up, and a digest of the query's shape one of another table, order or filter. Neither needs a key, since
a cursor grants nothing: its values are parameters, and the filters are always the caller's own.
"""

from __future__ import annotations

import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from datetime import date, datetime, time
from decimal import Decimal
from functools import lru_cache
from hashlib import blake2b
from typing import TYPE_CHECKING, NamedTuple, cast
from uuid import UUID

from tux.errors import InvalidQuery

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable

_DIGEST_BYTES = 6
_READERS: dict[str, Callable[[str], object]] = {
    "datetime": datetime.fromisoformat,
    "date": date.fromisoformat,
    "time": time.fromisoformat,
    "Decimal": Decimal,
    "UUID": UUID,
}


class Position(NamedTuple):
    """Where a page begins: behind the row with these values, or at it when `inclusive`."""

    values: tuple[object, ...]
    inclusive: bool = False


def write_cursor(position: Position, shape: Hashable) -> str:
    """Return a position of a query as text, in letters that URLs and Discord's custom ids take.

    Raises:
        InvalidQuery: the order has a column whose values no cursor can hold, such as JSON or bytes.
    """
    signed = _digest_of(shape) + _write([int(position.inclusive), *position.values]).encode()
    return urlsafe_b64encode(_digest(signed) + signed).decode().rstrip("=")


def read_cursor(text: str, shape: Hashable) -> Position:
    """Return the position that a cursor holds.

    Raises:
        InvalidQuery: it is no cursor, was changed, or belongs to a query of another shape.
    """
    try:
        signed = urlsafe_b64decode(text + "=" * (-len(text) % 4))
    except (TypeError, ValueError):
        raise InvalidQuery(f"{text!r} is no cursor; take one from a page's next_cursor or previous_cursor") from None
    checksum, digest, content = (
        signed[:_DIGEST_BYTES],
        signed[_DIGEST_BYTES : 2 * _DIGEST_BYTES],
        signed[2 * _DIGEST_BYTES :],
    )
    if _digest(digest + content) != checksum:
        raise InvalidQuery("the cursor was changed on its way; pass the text of a page's next_cursor as it is")
    if _digest_of(shape) != digest:
        raise InvalidQuery("the cursor is of another list; keep table, order and the form of the filters between pages")
    inclusive, *values = cast("list[object]", json.loads(content))
    return Position(tuple(_untagged(value) for value in values), bool(inclusive))


@lru_cache(maxsize=1000)
def _digest_of(shape: Hashable) -> bytes:
    return _digest(repr(shape).encode())


def _digest(content: bytes) -> bytes:
    return blake2b(content, digest_size=_DIGEST_BYTES).digest()


def _tagged(value: object) -> dict[str, str]:
    kind = next((base.__name__ for base in type(value).__mro__ if base.__name__ in _READERS), None)
    if kind is None:
        raise InvalidQuery(
            f"a list that is ordered by {type(value).__name__} has no cursors; order it by another column"
        )
    return {kind: value.isoformat() if isinstance(value, date | time) else str(value)}


def _untagged(value: object) -> object:
    if not isinstance(value, dict):
        return value
    [(kind, text)] = cast("dict[str, str]", value).items()
    return _READERS[kind](text)


_write = json.JSONEncoder(default=_tagged, separators=(",", ":")).encode
