"""What a user may ask for: all that is kept about them, and that it be forgotten."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tux.database.engine import active_client
from tux.database.statements import quote

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from tux.database.service import DatabaseService
    from tux.privacy.columns import UserColumn

SOMEBODY_ELSE = "(somebody else)"


@dataclass(frozen=True, slots=True)
class TableReport:
    """What became of a user's rows in one table; `reasons` say why some are kept."""

    plugin: str
    table: str
    deleted: int = 0
    anonymised: int = 0
    kept: int = 0
    reasons: tuple[str, ...] = ()


async def export_user(columns: Iterable[UserColumn], user_id: int) -> dict[str, list[dict[str, Any]]]:
    """Return all rows about a user, by table; ids of other users in them are left out. One statement."""
    tables = _by_table(columns)
    names = list(tables)
    parts = [
        f"SELECT {number} AS number, to_jsonb(t) AS row FROM {quote(table)} AS t WHERE {_mentions(tables[table])}"  # noqa: S608 - names of columns, checked by the registry
        for number, table in enumerate(names)
    ]
    exported: dict[str, list[dict[str, Any]]] = {}
    if parts:
        for record in await active_client().fetch(f"{' UNION ALL '.join(parts)} ORDER BY 1, 2", (user_id,)):
            number: int = record["number"]
            table = names[number]
            row: dict[str, Any] = json.loads(record["row"])
            others = [each.column for each in tables[table] if row[each.column] not in {None, user_id}]
            exported.setdefault(table, []).append(row | dict.fromkeys(others, SOMEBODY_ELSE))
    return exported


async def forget_user(service: DatabaseService, columns: Iterable[UserColumn], user_id: int) -> list[TableReport]:
    """Delete, anonymise or keep all rows about a user as their columns say, and report on each table that had some.

    One transaction of three statements, whatever the number of tables.
    """
    tables = _by_table(columns)

    async def forget() -> list[dict[str, int]]:
        return [
            await _counted(_of_kind(tables, "delete"), _deletion, user_id),
            await _counted(_of_kind(tables, "null"), _anonymisation, user_id),
            await _counted(_of_kind(tables, "keep"), _remainder, user_id),
        ]

    deleted, anonymised, kept = await service.retry(forget)
    return [
        TableReport(
            found[0].plugin,
            table,
            deleted.get(table, 0),
            anonymised.get(table, 0),
            kept.get(table, 0),
            tuple(dict.fromkeys(each.reason for each in found if each.forget == "keep")) if kept.get(table) else (),
        )
        for table, found in tables.items()
        if deleted.get(table) or anonymised.get(table) or kept.get(table)
    ]


def _by_table(columns: Iterable[UserColumn]) -> dict[str, list[UserColumn]]:
    tables: dict[str, list[UserColumn]] = {}
    for column in columns:
        tables.setdefault(column.table, []).append(column)
    return dict(sorted(tables.items()))


def _of_kind(tables: dict[str, list[UserColumn]], forget: str) -> dict[str, list[UserColumn]]:
    found = {table: [each for each in columns if each.forget == forget] for table, columns in tables.items()}
    return {table: columns for table, columns in found.items() if columns}


async def _counted(
    tables: dict[str, list[UserColumn]], write: Callable[[str, Sequence[UserColumn]], str], user_id: int
) -> dict[str, int]:
    """Run one part for each table, all in one statement, and return how many rows each part gave."""
    if not tables:
        return {}
    parts = [f"t{number} AS ({write(table, found)})" for number, (table, found) in enumerate(tables.items())]
    counts = [f"(SELECT count(*) FROM t{number})" for number in range(len(parts))]  # noqa: S608 - numbers
    row = await active_client().fetch_row(f"WITH {', '.join(parts)} SELECT {', '.join(counts)}", (user_id,))
    return dict(zip(tables, row or (), strict=False))


def _deletion(table: str, columns: Sequence[UserColumn]) -> str:
    return f"DELETE FROM {quote(table)} AS t WHERE {_mentions(columns)} RETURNING 1"  # noqa: S608 - names of columns, checked by the registry


def _anonymisation(table: str, columns: Sequence[UserColumn]) -> str:
    emptied = ", ".join(f"{quote(each.column)} = nullif(t.{quote(each.column)}, $1::bigint)" for each in columns)
    return f"UPDATE {quote(table)} AS t SET {emptied} WHERE {_mentions(columns)} RETURNING 1"  # noqa: S608 - as above


def _remainder(table: str, columns: Sequence[UserColumn]) -> str:
    return f"SELECT 1 FROM {quote(table)} AS t WHERE {_mentions(columns)}"  # noqa: S608 - as above


def _mentions(columns: Sequence[UserColumn]) -> str:
    return " OR ".join(f"t.{quote(each.column)} = $1::bigint" for each in columns)
