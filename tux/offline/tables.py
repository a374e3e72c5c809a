"""A look into the database, read-only: how many rows the tables hold, and the rows of one, in words."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, cast

from tux.offline.script import one_of
from tux.offline.text import with_names

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tux.database.service import DatabaseService
    from tux.offline.text import Names

MAX_ROWS = 20
_SMALLEST_SNOWFLAKE = 10**16
_NAMES = "SELECT tablename, quote_ident(tablename) AS quoted FROM pg_tables WHERE schemaname = 'public' ORDER BY 1"


async def count_rows(service: DatabaseService) -> dict[str, int]:
    """Return how many rows each table holds, by name, in one statement."""
    quoted = [row["quoted"] for row in await service.fetch(_NAMES)]
    counted = ", ".join(f"(SELECT count(*) FROM {name}) AS {name}" for name in quoted)  # noqa: S608 - quoted by the server
    counts = await service.fetch_one(f"SELECT {counted}")
    return dict(counts) if counts is not None else {}


async def read_rows(service: DatabaseService, table: str, names: Names) -> list[str]:
    """Return the first rows of a table by its first column, one text each: ids as names, times as words, nothing empty.

    Raises:
        UserError: there is no such table.
    """
    quoted = {row["tablename"]: row["quoted"] for row in await service.fetch(_NAMES)}
    table = one_of(table, quoted, "table", "`:db` lists them")
    rows = await service.fetch(f"TABLE {quoted[table]} ORDER BY 1 LIMIT {MAX_ROWS}")
    return [
        " · ".join(
            f"{column} {_in_words(value, names)}" for column, value in row.items() if value not in (None, [], "[]")
        )
        for row in rows
    ]


def _in_words(value: object, names: Names) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, datetime):
        return names.moment(value, "f")
    if isinstance(value, int) and value >= _SMALLEST_SNOWFLAKE:
        return names.label(str(value))
    if isinstance(value, list | tuple):
        items = cast("Sequence[object]", value)
        return f"[{', '.join(_in_words(item, names) for item in items)}]"
    return with_names(str(value), names)
