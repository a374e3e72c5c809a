"""What a database really holds, in lines that can be compared: tables, columns, constraints, indexes, functions.

Two databases whose lines are equal have the same schema, but for the order of columns, which nothing depends on.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tux.database.schema import Reader

_LINES = """
WITH tables AS (
  SELECT c.oid, c.relname::text AS name, obj_description(c.oid, 'pg_class') AS comment
  FROM pg_catalog.pg_class c WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p')
), ours AS (
  SELECT p.oid FROM pg_catalog.pg_proc p WHERE p.pronamespace = 'public'::regnamespace
  AND NOT EXISTS (SELECT FROM pg_catalog.pg_depend d WHERE d.objid = p.oid AND d.deptype = 'e')
)
SELECT name AS "table", format('table %s%s', name, coalesce(' -- ' || comment, '')) AS line FROM tables
UNION ALL
SELECT t.name, format('column %s.%s %s%s%s%s', t.name, a.attname, format_type(a.atttypid, a.atttypmod),
  CASE WHEN a.attnotnull THEN ' NOT NULL' ELSE '' END,
  coalesce(CASE WHEN a.attgenerated <> '' THEN ' GENERATED ' ELSE ' DEFAULT ' END
    || pg_get_expr(d.adbin, d.adrelid), ''),
  coalesce(' -- ' || col_description(t.oid, a.attnum), ''))
FROM tables t JOIN pg_catalog.pg_attribute a ON a.attrelid = t.oid AND a.attnum > 0 AND NOT a.attisdropped
LEFT JOIN pg_catalog.pg_attrdef d ON d.adrelid = t.oid AND d.adnum = a.attnum
UNION ALL
SELECT t.name, format('constraint %s.%s %s%s', t.name, c.conname, pg_get_constraintdef(c.oid),
  CASE WHEN c.convalidated THEN '' ELSE ' (not validated)' END)
FROM tables t JOIN pg_catalog.pg_constraint c ON c.conrelid = t.oid AND c.contype <> 'n'
UNION ALL
SELECT t.name, format('index %s%s', pg_get_indexdef(i.indexrelid), CASE WHEN i.indisvalid THEN '' ELSE ' (unusable)' END)
FROM tables t JOIN pg_catalog.pg_index i ON i.indrelid = t.oid
UNION ALL
SELECT t.name, 'trigger ' || pg_get_triggerdef(g.oid)
FROM tables t JOIN pg_catalog.pg_trigger g ON g.tgrelid = t.oid AND NOT g.tgisinternal
UNION ALL
SELECT '', 'sequence ' || sequencename || ' ' || data_type FROM pg_catalog.pg_sequences WHERE schemaname = 'public'
UNION ALL
SELECT '', 'function ' || pg_get_functiondef(oid) FROM ours WHERE oid NOT IN (SELECT aggfnoid FROM pg_catalog.pg_aggregate)
UNION ALL
SELECT '', 'extension ' || extname FROM pg_catalog.pg_extension
"""


@dataclass(frozen=True, slots=True)
class Drift:
    """How a database differs from what it should be."""

    missing: tuple[str, ...]
    unknown: tuple[str, ...]

    def __bool__(self) -> bool:
        return bool(self.missing or self.unknown)


async def read_catalog(client: Reader) -> dict[str, set[str]]:
    """Return the lines of each table; those of no table under ""."""
    lines: dict[str, set[str]] = {}
    for row in await client.fetch(_LINES):
        lines.setdefault(row["table"], set()).add(row["line"])
    return lines


def compare_catalogs(wanted: dict[str, set[str]], found: dict[str, set[str]]) -> Drift:
    """Return the lines that a database lacks, and those that it has beyond what is wanted."""
    every, have = (set[str]().union(*lines.values()) for lines in (wanted, found))
    return Drift(tuple(sorted(every - have)), tuple(sorted(have - every)))
