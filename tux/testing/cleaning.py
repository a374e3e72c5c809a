"""Empties a database between tests: one statement, a fraction of what TRUNCATE or a new clone costs."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    import asyncpg

TABLES = "SELECT quote_ident(tablename) FROM pg_tables WHERE schemaname = 'public' ORDER BY 1"
# With replication's role no foreign key is checked and no trigger fires, so the order of the tables does not matter. It
# takes a superuser, which a test server of our own gives us.
CLEAN = """
DO $$ DECLARE
  kept regclass[] := ARRAY[{kept}]::regclass[];
  name regclass;
BEGIN
  SET LOCAL session_replication_role = replica;
  FOR name IN
    SELECT oid FROM pg_class
    WHERE relnamespace = 'public'::regnamespace AND relkind = 'r' AND oid <> ALL (kept)
  LOOP
    EXECUTE 'DELETE FROM ' || name;
  END LOOP;
  PERFORM setval(seqrelid, seqstart, false) FROM pg_sequence
    WHERE pg_sequence_last_value(seqrelid) IS NOT NULL AND NOT EXISTS (
      SELECT FROM pg_depend WHERE objid = seqrelid AND refclassid = 'pg_class'::regclass AND refobjid = ANY (kept)
    );
END $$
"""


async def filled_tables(connection: asyncpg.Connection[asyncpg.Record]) -> list[str]:
    """Return the tables, quoted for SQL, that have rows: in a new database, those that migrations fill and aerich's."""
    tables = [row[0] for row in await connection.fetch(TABLES)]
    return [table for table in tables if await connection.fetchval(f"SELECT EXISTS (SELECT FROM {table})")]  # noqa: S608 - quoted by PostgreSQL


def cleaning_sql(kept: Iterable[str]) -> str:
    """Return the statement that deletes all rows and restarts all sequences but those of the kept, quoted, tables."""
    literals = ", ".join("'" + table.replace("'", "''") + "'" for table in kept)
    return CLEAN.format(kept=literals)
