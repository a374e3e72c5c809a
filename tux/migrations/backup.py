"""Backups that are proved: pg_dump of one moment, with the row counts and checksums of that same moment beside it."""

from __future__ import annotations

import hashlib
import uuid
from contextlib import asynccontextmanager
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING

from pydantic import BaseModel, ConfigDict, ValidationError

from tux import clock
from tux.database.engine import Transaction
from tux.database.schema import read_schema
from tux.errors import DatabaseError, MigrationError
from tux.migrations import tools
from tux.migrations.catalog import compare_catalogs, read_catalog
from tux.migrations.connection import open_client
from tux.migrations.lock import migration_lock
from tux.migrations.progress import progress

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

    from tux.database.engine import Client
    from tux.migrations.connection import ConnectionConfig

FOLDER = Path(".tux/backups")
_ASIDE = "tux_before_restore"
# What a row's text depends on; the same when the sums are made and when they are compared.
_PLAIN = (
    "SET LOCAL datestyle = 'ISO'; SET LOCAL intervalstyle = 'postgres'; SET LOCAL extra_float_digits = 1; "
    "SET LOCAL bytea_output = 'hex'; SET LOCAL timezone = 'UTC'"
)
_SNAPSHOT = "SELECT pg_export_snapshot() AS id, current_setting('server_version') AS version"
_EXTENSIONS = (
    "SELECT quote_ident(extname) AS name FROM pg_catalog.pg_extension WHERE extnamespace = to_regnamespace($1)"
)
_SCHEMA = "SELECT to_regnamespace($1) IS NOT NULL AS there"


class TableSum(BaseModel):
    """How many rows a table has, and a sum over their contents that does not depend on their order."""

    model_config = ConfigDict(frozen=True)

    rows: int
    checksum: str


class Manifest(BaseModel):
    """What is written beside a backup as JSON."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    database: str
    server: str
    made_at: str
    migrations: tuple[str, ...]
    sha256: str
    tables: dict[str, TableSum]
    catalog: dict[str, list[str]]


def backup_path(root: Path, database: str) -> Path:
    """Return where the next backup goes when nobody says so."""
    stem = f"{database}-{clock.now():%Y%m%d-%H%M%S}"
    paths = (root / FOLDER / f"{stem}{f'-{number}' if number > 1 else ''}.dump" for number in count(1))
    return next(path for path in paths if not path.exists())


def manifest_of(path: Path) -> Path:
    """Return where the manifest of a backup is."""
    return path.with_name(f"{path.name}.json")


async def make_backup(client: Client, path: Path) -> Manifest:
    """Dump the client's database into a file and its manifest, while everybody goes on working.

    Raises:
        MigrationError: pg_dump is missing, too old, or failed; no half of a file stays. Or the file is there already.
    """
    for file in (path, manifest_of(path)):
        if file.exists():
            raise MigrationError(f"{file} is there already and may be the backup that counts; choose another name")
    path.parent.mkdir(parents=True, exist_ok=True)
    unfinished = path.with_name(f"{path.name}.unfinished")
    try:
        async with _reading(client) as session:
            snapshot = (await session.fetch(_SNAPSHOT))[0]
            await tools.dump(client, unfinished, snapshot=snapshot["id"])
            manifest = Manifest(
                database=str(client.database),
                server=snapshot["version"],
                made_at=clock.now().isoformat(),
                migrations=(await read_schema(session)).applied,
                sha256=_digest(unfinished),
                tables=await _sums(session),
                catalog={table: sorted(lines) for table, lines in (await read_catalog(session)).items()},
            )
        manifest_of(path).write_text(manifest.model_dump_json(indent=1), encoding="utf-8")
        unfinished.replace(path)
    finally:
        unfinished.unlink(missing_ok=True)
    return manifest


async def verify_backup(connection: ConnectionConfig, path: Path) -> Manifest:
    """Restore a backup into a database of its own beside the project's, compare it, and drop that database.

    Raises:
        MigrationError: the file was changed, cannot be restored, or holds something else than its manifest says.
    """
    manifest = read_manifest(path)
    name = f"tux_verify_{uuid.uuid4().hex[:12]}"
    async with open_client(connection) as client:
        try:
            await client.run(f'CREATE DATABASE "{name}" TEMPLATE template0')
        except DatabaseError as error:
            raise MigrationError(
                f"a backup is verified in a database of its own, which could not be made: {error}; give the user "
                "CREATEDB, or verify on another server by setting DATABASE_URL"
            ) from error
        try:
            await tools.restore(client, path, database=name)
            beside = {**connection, "credentials": {**connection["credentials"], "database": name}}
            async with open_client(beside) as copy:
                await _compare(copy, manifest)
        finally:
            await client.run(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
    return manifest


async def restore_backup(connection: ConnectionConfig, path: Path, lock_seconds: float) -> Manifest:
    """Put a backup in place of what the database holds, and compare it; what is there stays aside until that went well.

    Raises:
        MigrationError: the file was changed or cannot be restored; the database is as it was.
    """
    manifest = read_manifest(path)
    async with migration_lock(connection, lock_seconds), open_client(connection) as client:
        await _set_aside(client)
        try:
            await tools.restore(client, path, database=str(client.database))
            await _compare(client, manifest)
        except BaseException:
            await _take_back(client)
            raise
        await client.run(f"DROP SCHEMA {_ASIDE} CASCADE")
    return manifest


def read_manifest(path: Path) -> Manifest:
    """Return what stands beside a backup, when the file is the one that it was written for.

    Raises:
        MigrationError: one of both is missing or was changed.
    """
    try:
        manifest = Manifest.model_validate_json(manifest_of(path).read_text(encoding="utf-8"))
        digest = _digest(path)
    except OSError as error:
        raise MigrationError(
            f"{error.filename} cannot be read: {error.strerror}; a backup is two files, keep both together"
        ) from None
    except ValidationError as error:
        reason = error.errors(include_url=False, include_input=False)[0]["msg"]
        raise MigrationError(f"{manifest_of(path)} is not the manifest of a backup: {reason}") from None
    if digest != manifest.sha256:
        raise MigrationError(f"{path} was changed or cut since it was made; take another backup")
    return manifest


@asynccontextmanager
async def _reading(client: Client) -> AsyncGenerator[Transaction]:
    session = Transaction(client, "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
    await session.begin()
    try:
        await session.run(_PLAIN)
        yield session
    finally:
        await session.rollback()


async def _sums(session: Transaction) -> dict[str, TableSum]:
    tables = sorted((await read_schema(session)).tables)
    sums: dict[str, TableSum] = {}
    with progress("checksums") as advance:
        for table in tables:
            quoted = table.replace('"', '""')
            found = await session.fetch(
                "SELECT count(*) AS rows, coalesce(sum(hashtextextended(t::text, 0)::numeric), 0)::text AS checksum "  # noqa: S608 - quoted
                f'FROM public."{quoted}" t'
            )
            sums[table] = TableSum(rows=found[0]["rows"], checksum=found[0]["checksum"])
            advance(len(sums), len(tables))
    return sums


async def _compare(client: Client, manifest: Manifest) -> None:
    async with _reading(client) as session:
        sums = await _sums(session)
        found = await read_catalog(session)
    for table in sorted(sums.keys() | manifest.tables.keys()):
        wanted, got = manifest.tables.get(table), sums.get(table)
        if wanted != got:
            raise MigrationError(
                f"the backup is not what it was: {table} has {got.rows if got else 'no'} rows instead of "
                f"{wanted.rows if wanted else 'no'}, or their contents differ; take another backup"
            )
    if drift := compare_catalogs({table: set(lines) for table, lines in manifest.catalog.items()}, found):
        raise MigrationError(
            f"the backup restores to another schema: {'; '.join((*drift.missing, *drift.unknown)[:5])}"
        )


async def _set_aside(client: Client) -> None:
    """Rename the schema `public`, with all in it but extensions, and make an empty one."""
    if (await client.fetch(_SCHEMA, [_ASIDE]))[0]["there"]:
        raise MigrationError(
            f"an earlier restore was broken off: what the database held before it is in the schema {_ASIDE}. Look there, "
            f"then run `DROP SCHEMA public CASCADE; ALTER SCHEMA {_ASIDE} RENAME TO public;` to have it back, or drop it"
        )
    await client.run(f"ALTER SCHEMA public RENAME TO {_ASIDE}; CREATE SCHEMA public")
    await _move_extensions(client, _ASIDE, "public")


async def _take_back(client: Client) -> None:
    await _move_extensions(client, "public", _ASIDE)
    await client.run(f"DROP SCHEMA public CASCADE; ALTER SCHEMA {_ASIDE} RENAME TO public")


async def _move_extensions(client: Client, source: str, target: str) -> None:
    for row in await client.fetch(_EXTENSIONS, [source]):
        await client.run(f"ALTER EXTENSION {row['name']} SET SCHEMA {target}")


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
