"""Data steps: what a plugin does once to rows that are there, in batches, resumable at any moment.

A plugin's steps.py holds functions under `@step` (`from tux import StepRun, step`). Each is called again and again, every
time in a transaction of its own together with the note of how far it is, until it returns None:

    @step(total="SELECT count(*) FROM levels_members")
    async def fill_rank(run: StepRun) -> int | None:
        rows = await run.fetch("UPDATE ... WHERE id IN (SELECT ... WHERE id > $1 ORDER BY id LIMIT 10000) RETURNING id",
            run.position or 0)
        return run.done(rows, rows[-1]["id"] if rows else None)

They run after the upgrade, plugin by plugin in the order of the file, under the migration lock; a migration file with
`AFTER_STEPS = ("levels.fill_rank",)` waits for that one. SQL only: models change, and a step must run years later.
"""

from __future__ import annotations

import inspect
import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from loguru import logger

from tux.errors import DatabaseError, MigrationError, PluginError, StatementError, TuxError
from tux.migrations.connection import transaction
from tux.migrations.files import describe_error
from tux.migrations.progress import progress
from tux.registry import State
from tux.registry.discovery import import_part

if TYPE_CHECKING:
    from collections.abc import Sequence

    import asyncpg

    from tux.database.engine import Client, Transaction
    from tux.migrations.progress import Advance
    from tux.registry import PluginRecord, Registry

Position = Any  # what JSON can hold

_STATE = "SELECT position, rows_done, finished_at FROM core_steps WHERE plugin = $1 AND name = $2"
_SAVE = """
INSERT INTO core_steps (plugin, name, position, rows_done, started_at, finished_at)
VALUES ($1, $2, $3::jsonb, $4, now(), CASE WHEN $5 THEN now() END)
ON CONFLICT (plugin, name) DO UPDATE SET position = excluded.position, rows_done = excluded.rows_done,
finished_at = excluded.finished_at
"""
FINISHED = "SELECT plugin || '.' || name AS name FROM core_steps WHERE finished_at IS NOT NULL"


@dataclass(slots=True)
class StepRun:
    """One call of a step: its transaction, and the position that the last call returned (None at first)."""

    session: Transaction
    position: Position = None
    rows: int = 0

    async def fetch(self, sql: str, *args: object) -> list[asyncpg.Record]:
        """Return the rows of a statement."""
        return await self.session.fetch(sql, args)

    async def execute(self, sql: str, *args: object) -> int:
        """Run a statement and return how many rows it touched."""
        return await self.session.run(sql, args)

    def done(self, rows: int | Sequence[object], position: Position) -> Position:
        """Count rows for the progress and return the position, for the step to return it."""
        self.rows += rows if isinstance(rows, int) else len(rows)
        return position


StepFunction = Callable[[StepRun], Awaitable[Position]]


@dataclass(frozen=True, slots=True)
class Step:
    """A function of a plugin's steps.py; `total` is SQL that says how many rows there are to do."""

    function: StepFunction
    name: str
    total: str = ""
    plugin: str = field(default="")

    @property
    def full_name(self) -> str:
        """Its name with the plugin's: "levels.fill_rank"."""
        return f"{self.plugin}.{self.name}"


def step(*, total: str = "") -> Callable[[StepFunction], Step]:
    """Make a function a data step under its name, which must stay: by it the database knows that the step is done."""

    def mark(function: StepFunction) -> Step:
        return Step(function, getattr(function, "__name__", ""), total)

    return mark


def find_steps(registry: Registry) -> list[Step]:
    """Return the steps of all running plugins, in the order in which they run; a broken steps.py fails its plugin."""
    found: list[Step] = []
    for record in registry.records.values():
        if record.state is State.READY:
            phase = record.phase
            with record.loading("steps"):
                found += _steps_of(record)
                record.phase = phase
            registry.block_dependents(record)
    return found


async def due_steps(client: Client | Transaction, registry: Registry) -> list[Step]:
    """Return the steps that did not run to their end in this database; asks it only if there are any steps."""
    steps = find_steps(registry)
    if not steps:
        return []
    try:
        finished: list[asyncpg.Record] = await client.fetch(FINISHED)
    except StatementError:  # the table comes with the first migration
        finished = []
    done = {str(row["name"]) for row in finished}
    return [each for each in steps if each.full_name not in done]


async def run_steps(client: Client, registry: Registry, names: Sequence[str] | None = None) -> list[str]:
    """Run the steps that are due, those of the given names only or all; return their full names.

    Raises:
        MigrationError: a step failed, what it did before stays and is not done again; or a name is unknown.
    """
    known = {each.full_name for each in find_steps(registry)}
    if broken := [record for record in registry.records.values() if record.phase == "steps"]:
        raise MigrationError(f"the data steps of {broken[0].name!r} cannot be read: {broken[0].reason}")
    if unknown := [name for name in names or () if name not in known]:
        raise MigrationError(
            f"the data step {unknown[0]} must run first, but no running plugin has it; "
            f"there are: {', '.join(sorted(known)) or 'none'}"
        )
    due = [each for each in await due_steps(client, registry) if names is None or each.full_name in names]
    for each in due:
        with progress(each.full_name) as advance:
            await _run(client, each, advance)
    return [each.full_name for each in due]


async def _run(client: Client, each: Step, advance: Advance) -> None:
    total: int | None = None
    try:
        if each.total and (row := await client.fetch_row(each.total)):
            total = row[0]
        while True:
            async with transaction(client) as session:
                row = await session.fetch_row(_STATE, [each.plugin, each.name])
                position = json.loads(row["position"]) if row and row["position"] is not None else None
                run = StepRun(session, position)
                fresh, saved = await _call(each, run)
                rows = run.rows + (row["rows_done"] if row else 0)
                await session.run(_SAVE, [each.plugin, each.name, saved, rows, fresh is None])
            advance(rows, total)
            if fresh is None:
                break
            if fresh == position:
                raise MigrationError(f"the data step {each.full_name} returned {fresh!r} twice and would never end")
    except DatabaseError as error:
        raise MigrationError(f"the data step {each.full_name} failed and is resumed next time: {error}") from error
    logger.info("Ran the data step {}: {} rows", each.full_name, rows)


async def _call(each: Step, run: StepRun) -> tuple[Position, str | None]:
    """Run a step once; return the position that it returned, as it is and as JSON."""
    try:
        fresh = await each.function(run)
        return fresh, None if fresh is None else json.dumps(fresh)
    except TuxError:
        raise
    except Exception as error:
        path = inspect.getfile(each.function)
        raise MigrationError(
            f"the data step {each.full_name} failed in its plugin's {Path(path).name}{describe_error(error, path)}. Mend it: "
            "what it did before stays, and it is resumed next time"
        ) from error


def _steps_of(record: PluginRecord) -> list[Step]:
    module = import_part(record, "steps")
    found = [value for value in vars(module).values() if isinstance(value, Step)] if module else []
    for each in found:
        if not inspect.iscoroutinefunction(each.function):
            raise PluginError(record.name, f"steps.{each.name} must be an async function")
    return [Step(each.function, each.name, each.total, record.name) for each in found]
