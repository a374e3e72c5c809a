"""Runs the pending migration files in a transaction that is rolled back, and says what each statement did and took."""

from __future__ import annotations

import re
import time
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from tux.database.engine import Transaction
from tux.database.schema import migration_files, read_schema
from tux.errors import DatabaseError, MigrationError
from tux.migrations.adoption import refuse_taken
from tux.migrations.consent import find_losses, noticing
from tux.migrations.files import check_lineage, load_file
from tux.migrations.sql import split_statements
from tux.migrations.steps import FINISHED

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator
    from pathlib import Path

    from tux.database.engine import Client
    from tux.migrations.files import MigrationFile

_CONCURRENTLY = re.compile(r"\bCONCURRENTLY\s+", re.IGNORECASE)
_LOCKS = """
SELECT c.relname AS name, l.mode, c.relkind::text AS kind FROM pg_catalog.pg_locks l
JOIN pg_catalog.pg_class c ON c.oid = l.relation
WHERE l.pid = pg_backend_pid() AND c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p')
"""
# What a lock keeps others from, by https://www.postgresql.org/docs/current/explicit-locking.html; weaker ones keep nobody.
BLOCKS = {
    "AccessExclusiveLock": "blocks reads and writes",
    "ExclusiveLock": "blocks writes",
    "ShareRowExclusiveLock": "blocks writes",
    "ShareLock": "blocks writes",
}


@dataclass(frozen=True, slots=True)
class Trial:
    """What one statement did: rows touched, seconds, and the locks that it was the first to take."""

    sql: str
    seconds: float
    rows: int
    locks: tuple[tuple[str, str, int], ...]  # table, lock, rows of the table
    error: str = ""


@dataclass(frozen=True, slots=True)
class FilePlan:
    """What a pending file would do: its SQL, what of it destroys data, and the trials if it was rehearsed.

    `waits_for` names the data steps that an upgrade runs before it: neither it nor what follows can be rehearsed.
    """

    name: str
    statements: tuple[str, ...]
    losses: tuple[str, ...]
    consents: bool
    in_transaction: bool
    trials: tuple[Trial, ...] = ()
    waits_for: tuple[str, ...] = ()

    @property
    def error(self) -> str:
        """Why it would not be applied, "" when it would."""
        if self.losses and not self.consents:
            return f"needs consent: it {', '.join(self.losses)}"
        return next((trial.error for trial in self.trials if trial.error), "")


async def plan_upgrade(client: Client, root: Path, *, rehearse: bool) -> list[FilePlan]:
    """Return what an upgrade would do, file by file; the first one that fails is the last one.

    With `rehearse` it is done and rolled back. Meanwhile it holds the locks that it reports: on a busy database rehearse
    a restored backup instead.

    Raises:
        MigrationError: the database diverged from the project.
    """
    plans: list[FilePlan] = []
    schema, files = await read_schema(client), migration_files(root)
    check_lineage(schema, files)
    async with _rolled_back(client) as session:
        for name in schema.pending(files):
            file = load_file(root, name)
            waits_for = await _unfinished(session, file.after_steps) if file.after_steps else ()
            rehearse = rehearse and not waits_for
            plan = replace(await _plan(session, file, rehearse=rehearse), waits_for=waits_for)
            plans.append(plan)
            if plan.trials and plan.trials[-1].error:
                break
    return plans


@asynccontextmanager
async def _rolled_back(client: Client) -> AsyncGenerator[Transaction]:
    session = Transaction(client)
    await session.begin()
    try:
        yield session
    finally:
        await session.rollback()


async def _unfinished(session: Transaction, steps: tuple[str, ...]) -> tuple[str, ...]:
    if await session.fetch("SELECT 1 WHERE to_regclass('public.core_steps') IS NULL"):
        return steps
    finished = {row["name"] for row in await session.fetch(FINISHED)}
    return tuple(name for name in steps if name not in finished)


async def _plan(session: Transaction, file: MigrationFile, *, rehearse: bool) -> FilePlan:
    await session.run("SAVEPOINT plan")
    with noticing() as run:
        try:
            sql = await file.upgrade_sql(session)
        except (DatabaseError, MigrationError) as error:
            await session.run("ROLLBACK TO SAVEPOINT plan")
            return _unseen(file, run, error, rehearse=rehearse)
    losses = (*run, *await find_losses(session, sql))
    statements = tuple(split_statements(sql))
    trials: list[Trial] = []
    made: set[str] = set()
    if rehearse:
        for statement in statements:
            trials.append(await _try(session, file, statement, made))
            if trials[-1].error:
                break
    return FilePlan(file.name, statements, losses, file.consents, file.in_transaction, tuple(trials))


def _unseen(file: MigrationFile, run: list[str], error: DatabaseError | MigrationError, *, rehearse: bool) -> FilePlan:
    """Return the plan of a file whose function failed: without a rehearsal it lacks what the files before it make."""
    losses = run or (["destroys what its function runs"] if file.consents else [])
    trials = (Trial("upgrade()", 0, 0, (), str(error)),) if rehearse else ()
    statements = ("-- what its function runs, only a rehearsal shows",)
    return FilePlan(file.name, statements, tuple(losses), file.consents, file.in_transaction, trials)


async def _try(session: Transaction, file: MigrationFile, statement: str, made: set[str]) -> Trial:
    """Run a statement; CONCURRENTLY is left out, which no transaction can have."""
    held = {(row["name"], row["mode"]) for row in await session.fetch(_LOCKS)}
    started = time.perf_counter()
    try:
        await refuse_taken(session, file, statement, made)
        rows = await session.run(_CONCURRENTLY.sub("", statement))
    except (DatabaseError, MigrationError) as error:
        return Trial(statement, time.perf_counter() - started, 0, (), str(error))
    seconds = time.perf_counter() - started
    fresh = [row for row in await session.fetch(_LOCKS) if (row["name"], row["mode"]) not in held]
    locks = [(row["name"], row["mode"], await _count(session, row["name"])) for row in fresh if row["mode"] in BLOCKS]
    return Trial(statement, seconds, rows, tuple(locks))


async def _count(session: Transaction, table: str) -> int:
    quoted = table.replace('"', '""')
    row = await session.fetch_row(f'SELECT count(*) AS n FROM "{quoted}"')  # noqa: S608 - quoted
    return row["n"] if row else 0
