"""Applies and reverts migration files; what bare aerich, `tux db`, the bot's start and the tests all run.

Nothing here imports aerich: a file is a Python module, and aerich's table is a table. A file whose run is broken off
leaves nothing behind, unless it says RUN_IN_TRANSACTION = False.
"""

from __future__ import annotations

import base64
import time
import zlib
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from loguru import logger
from tortoise.exceptions import IntegrityError

from tux.database.engine import Client
from tux.database.schema import migration_files, read_digests, read_schema
from tux.errors import DatabaseError, MigrationError
from tux.migrations.adoption import refuse_taken
from tux.migrations.connection import open_client, transaction
from tux.migrations.consent import VARIABLE, find_losses, refuse, watching
from tux.migrations.files import check_lineage, load_file, load_files, single_head
from tux.migrations.lock import migration_lock
from tux.migrations.progress import index_progress
from tux.migrations.sql import split_statements

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from tux.database.engine import Transaction
    from tux.database.schema import Schema
    from tux.migrations.connection import ConnectionConfig
    from tux.migrations.files import MigrationFile

# Runs the data steps of the given names, all that are due without names.
Steps = Callable[[Client, "Sequence[str] | None"], Awaitable[object]]

# What to do when rows that are there break what a file asks of them.
_ROWS = (
    "Rows that are there do not fit: change them first, in the SQL of upgrade() above that statement, or by a data step "
    "for which the file waits (AFTER_STEPS)"
)
_ROWS_BACK = (
    "Rows that are there do not fit what was before: change them first, in the SQL of downgrade() above that statement"
)
_INVALID = "SELECT indexrelid::regclass::text AS name FROM pg_catalog.pg_index WHERE NOT indisvalid"


@dataclass(slots=True)
class Runner:
    """Runs the migration files of a project against one database."""

    root: Path
    connection: ConnectionConfig
    lock_seconds: float
    steps: Steps | None = None
    done: list[str] = field(default_factory=list[str])

    async def upgrade(self, *, fake: bool = False, in_transaction: bool = True) -> list[str]:
        """Apply what is pending, then the data steps that are due; return the files applied, in order.

        Raises:
            DatabaseConnectionError: nobody answers there.
            MigrationError: the database diverged, a file failed or destroys data without consent, or another process kept
                the lock; the files applied before it stay applied.
        """
        single_head(load_files(self.root))
        async with migration_lock(self.connection, self.lock_seconds), open_client(self.connection) as client:
            await _warn_edited(client, self.root)
            schema, names = await read_schema(client), migration_files(self.root)
            check_lineage(schema, names)
            warn_newer(schema, names)
            for name in schema.pending(names):
                file = load_file(self.root, name)
                if file.after_steps and not fake:
                    await self._steps_before(client, file)
                await self._apply(client, file, fake=fake, in_transaction=in_transaction)
                self.done.append(name)
            if self.steps is not None and not fake:
                await self.steps(client, None)
        return self.done

    async def replay(self, names: Sequence[str]) -> None:
        """Apply these files to an empty database, in this order, whatever they destroy: there is nothing in it."""
        async with open_client(self.connection) as client:
            for name in names:
                await self._apply(client, load_file(self.root, name), fake=False, in_transaction=True)

    async def downgrade(self, names: Sequence[str], *, consent: bool, fake: bool = False) -> list[str]:
        """Revert these files in the order given, each in a transaction of its own; return them.

        `consent` is to what that destroys: the tables and columns that they made.

        Raises:
            MigrationError: one was edited after it was applied, and there is no consent; or it cannot be reverted, or
                destroys data without consent: those before it stay reverted.
        """
        async with migration_lock(self.connection, self.lock_seconds), open_client(self.connection) as client:
            await _check_edited(client, self.root, names, consent=consent or fake)
            for name in names:
                await self._revert(client, load_file(self.root, name), consent=consent, fake=fake)
                self.done.append(name)
        return self.done

    async def _steps_before(self, client: Client, file: MigrationFile) -> None:
        if self.steps is None:
            raise MigrationError(
                f"{file.name} needs the data steps {', '.join(file.after_steps)} first; run `tux db upgrade` or "
                "`aerich upgrade`, which run them"
            )
        await self.steps(client, file.after_steps)

    async def _apply(self, client: Client, file: MigrationFile, *, fake: bool, in_transaction: bool) -> None:
        started = time.perf_counter()
        whole = in_transaction if not hasattr(file.module, "RUN_IN_TRANSACTION") else file.in_transaction
        try:
            if whole:
                async with transaction(client) as session:
                    await self._run_whole(session, file, fake=fake)
                    await record(session, file, time.perf_counter() - started)
                return
            await self._run_parts(file, fake=fake)
            async with transaction(client) as session:
                await record(session, file, time.perf_counter() - started)
        except DatabaseError as error:
            raise MigrationError(f"{file.name} was not applied: {_reason(error)}") from error

    async def _run_whole(self, session: Transaction, file: MigrationFile, *, fake: bool) -> None:
        if fake:
            return
        sql = await _written(session, file)
        if not file.consents:
            refuse(file.name, await find_losses(session, sql))
        made: set[str] = set()
        for statement in split_statements(sql):
            await refuse_taken(session, file, statement, made)
            await session.run(statement)

    async def _run_parts(self, file: MigrationFile, *, fake: bool) -> None:
        """Run a file statement by statement, each on its own: what CONCURRENTLY asks for.

        The lock timeout is off: such statements wait for others without being in anybody's way.
        """
        if fake:
            return
        credentials = self.connection["credentials"]
        settings = {**credentials.get("server_settings", {}), "lock_timeout": "0"}
        async with open_client(
            {**self.connection, "credentials": {**credentials, "server_settings": settings}}
        ) as client:
            sql = await _written(client, file)
            if not file.consents:
                refuse(file.name, await find_losses(client, sql))
            for statement in split_statements(sql):
                async with index_progress(client, file.name):
                    await client.run(statement)
            if broken := await client.fetch(_INVALID):
                raise MigrationError(
                    f"{file.name} left the index {broken[0]['name']} unusable, so it counts as not applied; drop that "
                    "index and run this again"
                )

    async def _revert(self, client: Client, file: MigrationFile, *, consent: bool, fake: bool) -> None:
        try:
            async with transaction(client) as session:
                if not fake:
                    await _undo(session, file, consent=consent)
                await session.run("DELETE FROM aerich WHERE app = 'models' AND version = $1", [file.name])
                if await _keeps_records(session):
                    await session.run("DELETE FROM core_migrations WHERE version = $1", [file.name])
        except DatabaseError as error:
            raise MigrationError(f"{file.name} was not reverted: {_reason(error, _ROWS_BACK)}") from error


async def record(session: Transaction, file: MigrationFile, seconds: float) -> None:
    """Write down that a file is applied: in aerich's table, and with what it held in our own."""
    packed: Any = getattr(file.module, "MODELS_STATE", "")
    state = zlib.decompress(base64.b64decode(packed)).decode() if packed else "{}"
    await session.run("INSERT INTO aerich (version, app, content) VALUES ($1, 'models', $2::jsonb)", [file.name, state])
    if await _keeps_records(session):
        await session.run(
            "INSERT INTO core_migrations (version, digest, applied_at, took_seconds) VALUES ($1, $2, now(), $3) "
            "ON CONFLICT (version) DO UPDATE SET digest = excluded.digest, applied_at = now(), "
            "took_seconds = excluded.took_seconds",
            [file.name, file.digest, seconds],
        )


async def edited_files(client: Client | Transaction, root: Path) -> list[str]:
    """Return the applied files that were edited since."""
    digests = await read_digests(client)
    here = set(migration_files(root))
    return [name for name, digest in digests.items() if name in here and load_file(root, name).digest != digest]


def warn_newer(schema: Schema, files: Sequence[str]) -> None:
    """Say so when the database was migrated by a newer project."""
    if unknown := schema.unknown(files):
        logger.warning("The database has newer migrations than this project: {}", ", ".join(unknown))


async def _warn_edited(client: Client, root: Path) -> None:
    for name in await edited_files(client, root):
        logger.warning("{} was edited after it was applied here; what it says now is not what was done", name)


async def _check_edited(client: Client, root: Path, names: Sequence[str], *, consent: bool) -> None:
    """Warn of edited files that are to be reverted, without consent refuse: their downgrade may not fit what was done."""
    edited = [name for name in await edited_files(client, root) if name in names]
    if edited and not consent:
        raise MigrationError(
            f"{', '.join(edited)} was edited after it was applied here, so what its downgrade says now may not take back "
            f"what was done; nothing was reverted. Restore the file, for example with `git checkout`, or set {VARIABLE}=1 "
            "if its downgrade was edited on purpose"
        )
    for name in edited:
        logger.warning("{} was edited after it was applied here; its downgrade may not take back what was done", name)


async def _written(session: Client | Transaction, file: MigrationFile) -> str:
    if file.consents:
        return await file.upgrade_sql(session)
    with watching(file.name):
        return await file.upgrade_sql(session)


async def _undo(session: Transaction, file: MigrationFile, *, consent: bool) -> None:
    if consent:
        sql = await file.downgrade_sql(session)
    else:
        with watching(file.name, back=True):
            sql = await file.downgrade_sql(session)
        refuse(file.name, await find_losses(session, sql), back=True)
    if not split_statements(sql):
        raise MigrationError(f"{file.name} cannot be reverted: its downgrade holds no SQL")
    for statement in split_statements(sql):
        await session.run(statement)


async def _keeps_records(session: Transaction) -> bool:
    row = await session.fetch_row("SELECT to_regclass('public.core_migrations') IS NOT NULL AS there")
    return bool(row and row["there"])


def _reason(error: DatabaseError, remedy: str = _ROWS) -> str:
    text = f"{error} ({error.detail})" if error.detail and error.detail not in str(error) else str(error)
    return f"{text}. {remedy}" if isinstance(error, IntegrityError) else text
