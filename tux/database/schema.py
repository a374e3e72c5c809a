"""What a database holds: the migrations that were applied to it, and its tables and columns.

Read with plain SQL in one round trip; knows neither plugins nor aerich. The runtime compares it with the migration files
and with the models before anything uses the database.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, Protocol

from tux.errors import StatementError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from pathlib import Path

    from tortoise import Model

Status = Literal["current", "empty", "behind", "ahead", "diverged"]

FILES = "migrations/models"

_CATALOG = """
SELECT c.relname AS "table", array_agg(a.attname::text ORDER BY a.attnum) AS columns
FROM pg_catalog.pg_class c JOIN pg_catalog.pg_attribute a ON a.attrelid = c.oid
WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p') AND a.attnum > 0 AND NOT a.attisdropped
GROUP BY c.relname
"""
# The versions come as one more row, whose "table" is NULL.
_BOTH = f"""
SELECT NULL AS "table", array_agg(version::text ORDER BY id) AS columns
FROM public.aerich WHERE app = 'models' UNION ALL ({_CATALOG})
"""  # noqa: S608 - constants only


class Reader(Protocol):
    """What reading needs: the service, or the pool of tux.database.engine."""

    async def fetch(self, sql: str, /) -> Sequence[Any]:
        """Return the rows of a query."""
        ...


@dataclass(frozen=True, slots=True)
class Schema:
    """A database's applied migrations, oldest first, and the columns of each table of its schema `public`."""

    applied: tuple[str, ...]
    tables: Mapping[str, frozenset[str]]

    def pending(self, files: Iterable[str]) -> list[str]:
        """Return the migration files that were not applied, in order."""
        return [name for name in files if name not in self.applied]

    def unknown(self, files: Iterable[str]) -> list[str]:
        """Return the applied migrations that have no file, oldest first."""
        known = set(files)
        return [name for name in self.applied if name not in known]

    def status(self, files: Sequence[str]) -> Status:
        """Compare with the files: "empty" has nothing applied, "diverged" lacks some files and has others' changes."""
        pending, unknown = self.pending(files), self.unknown(files)
        if pending and not self.applied:
            return "empty"
        if pending:
            return "diverged" if unknown else "behind"
        return "ahead" if unknown else "current"


async def read_schema(client: Reader) -> Schema:
    """Read the schema, outside a transaction; one round trip, or two when aerich's table is not there yet."""
    try:
        rows = await client.fetch(_BOTH)
    except StatementError:
        rows = await client.fetch(_CATALOG)
    applied: tuple[str, ...] = ()
    tables: dict[str, frozenset[str]] = {}
    for row in rows:
        if row["table"] is None:
            applied = tuple(row["columns"] or ())
        else:
            tables[row["table"]] = frozenset(row["columns"])
    return Schema(applied, tables)


async def read_digests(client: Reader) -> dict[str, str]:
    """Return the applied migrations with a digest of what their files held then; {} while nothing was recorded."""
    try:
        rows = await client.fetch("SELECT version, digest FROM public.core_migrations ORDER BY applied_at, version")
    except StatementError:
        return {}
    return {row["version"]: row["digest"] for row in rows}


def migration_files(root: Path) -> list[str]:
    """Return the names of the project's migration files, in the order in which aerich applies them."""
    numbered = [path.name for path in (root / FILES).glob("*_*.py") if path.name.partition("_")[0].isdigit()]
    return sorted(numbered, key=lambda name: (int(name.partition("_")[0]), name))


def missing_parts(schema: Schema, model: type[Model]) -> list[str]:
    """Return the tables ("levels_members") and columns ("levels_members.xp") of a model that the database lacks."""
    meta: Any = model._meta  # noqa: SLF001  # pyright: ignore[reportPrivateUsage] - no public way to a model's columns
    through = (getattr(meta.fields_map[name], "through", "") for name in sorted(meta.m2m_fields))
    missing = [table for table in (meta.db_table, *through) if table not in schema.tables]
    columns = schema.tables.get(meta.db_table)
    if columns is not None:
        wanted = meta.fields_db_projection.values()
        missing += [f"{meta.db_table}.{column}" for column in wanted if column not in columns]
    return missing
