"""Rows for every table of a database whose models nobody wrote for a test, and sums over them."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import asyncpg

TableSums = dict[str, tuple[int, str]]

COLUMNS = """
SELECT c.relname AS "table", a.attname AS name, format_type(a.atttypid, NULL) AS type,
  a.attnotnull AND NOT a.atthasdef AS needed,
  (SELECT f.confrelid::regclass::text FROM pg_constraint f
   WHERE f.conrelid = c.oid AND f.contype = 'f' AND f.conkey = ARRAY[a.attnum]) AS target
FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
WHERE c.relnamespace = 'public'::regnamespace AND c.relkind = 'r' AND c.relname NOT IN ('aerich', 'core_migrations')
ORDER BY c.relname, a.attnum
"""
VALUES = {
    "bigint": "{n}",
    "boolean": "TRUE",
    "character varying": "repeat('AB_', {n})",
    "double precision": "{n}.5",
    "integer": "{n}",
    "jsonb": "'{{}}'",
    "smallint": "{n}",
    "text": "repeat('AB_', {n})",
    "timestamp with time zone": "'2026-01-0{n}'",
}
# What a CHECK asks for beyond what a column needs: "table.column" → value
MORE = {"snippets_snippets.snippet_content": "'hello'"}


async def fill_tables(connection: asyncpg.Connection, rows: int = 3) -> None:
    """Insert rows into every table, those first that others refer to."""
    tables: dict[str, list[asyncpg.Record]] = {}
    for column in await connection.fetch(COLUMNS):
        tables.setdefault(column["table"], []).append(column)
    while tables:
        ready = [name for name, columns in tables.items() if not _targets(name, columns) & tables.keys()]
        assert ready, f"these refer to each other: {list(tables)}"
        for name in ready:
            columns = [each for each in tables.pop(name) if each["needed"] or f"{name}.{each['name']}" in MORE]
            listed = ", ".join(f'"{each["name"]}"' for each in columns)
            for number in range(1, rows + 1):
                values = ", ".join(
                    MORE.get(f"{name}.{each['name']}", VALUES[each["type"]]).format(n=number) for each in columns
                )
                await connection.execute(f'INSERT INTO "{name}" ({listed}) VALUES ({values})')


async def sum_tables(connection: asyncpg.Connection, left_out: dict[str, tuple[str, ...]]) -> TableSums:
    """Return how many rows each table has and a sum over their contents, without the columns that are left out."""
    names = await connection.fetch("SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY tablename")
    sums: TableSums = {}
    for (name,) in names:
        row = await connection.fetchrow(
            f"SELECT count(*), coalesce(sum(hashtextextended((to_jsonb(t) - $1::text[])::text, 0)::numeric), 0)::text"
            f' FROM "{name}" t',
            list(left_out.get(name, ())),
        )
        sums[name] = (row[0], row[1])
    return sums


def _targets(name: str, columns: list[asyncpg.Record]) -> set[str]:
    return {each["target"] for each in columns if each["target"] and each["target"] != name}
