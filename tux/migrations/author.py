"""What a migration file holds beside aerich's own SQL; tux.migrations.hooks puts it there while aerich writes."""

from __future__ import annotations

from copy import deepcopy
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tux.migrations import ddl, guard

if TYPE_CHECKING:
    from collections.abc import Iterable

    from tortoise import Model

    from tux.migrations.project import Project

# PostgreSQL is asked to run every upgrade and downgrade, and asyncpg fails on an empty one.
NOTHING = "SELECT 1;"


@dataclass(slots=True)
class Draft:
    """A migration file being written: the states before and after it."""

    before: ddl.DdlState
    after: ddl.DdlState
    last: ddl.ModelState
    models: ddl.ModelState
    kept: ddl.ModelState
    first: bool = False
    empty: bool = False

    def schema(self, create_sql: str) -> str:
        """Return the SQL of the first migration: Tortoise's, then what the models declare."""
        change = ddl.compare({}, self.after, comes_back=bool)
        return "\n".join([create_sql.rstrip(), *(f"{statement};" for statement in change.up_last)])

    def merge(self, up: list[str], down: list[str]) -> tuple[list[str], list[str]]:
        """Put the changed declarations around aerich's statements, and its DROP TABLEs in an order that works."""

        def comes_back(table: str) -> bool:
            here = ddl.tables_of(self.models).keys() | ddl.tables_of(self.kept).keys()
            return table in here or any(f'RENAME TO "{table}"' in statement for statement in down)

        change = ddl.compare(self.before, self.after, comes_back=comes_back)
        return (
            [*change.up_first, *ddl.sort_drops(up, self.last), *change.up_last],
            [*change.down_first, *ddl.sort_drops(down, self.models), *change.down_last],
        )

    def fill(self, up: str, state: ddl.ModelState, down: str) -> tuple[str, ddl.ModelState, str]:
        """Return upgrade SQL, model state and downgrade SQL as they belong into the file."""
        if self.empty:
            return NOTHING, self.last, NOTHING
        if self.first:
            drops = ddl.compare({}, self.after, comes_back=bool).down_first
            down = "\n        ".join(f"{statement};" for statement in (*drops, *ddl.drop_tables(state)))
        return up, {**state, **self.kept}, down


@dataclass(slots=True)
class Author:
    """Drafts the migrations of a project; refuses what the guards forbid."""

    project: Project

    def check(self, state: ddl.ModelState, last: ddl.ModelState) -> None:
        """Refuse to go on from the last model state, if that loses a plugin.

        Raises:
            MigrationError: the models of a plugin could not be read, or a plugin of the last state is missing.
        """
        registry = self.project.registry
        guard.check_imports(registry.records.values())
        guard.check_tables(last, state, registry.records, self.project.ledger)

    def first(self, models: Iterable[type[Model]]) -> Draft:
        """Draft the first migration.

        Raises:
            MigrationError: the models of a plugin could not be read.
        """
        guard.check_imports(self.project.registry.records.values())
        return Draft({}, ddl.declared(models), last={}, models={}, kept={}, first=True)

    def empty(self, last: ddl.ModelState, before: ddl.DdlState) -> Draft:
        """Draft a migration without a change of its own, which carries the last states on whatever the models say."""
        return Draft(before, before, last=last, models={}, kept={}, empty=True)

    def following(
        self, models: Iterable[type[Model]], state: ddl.ModelState, last: ddl.ModelState, before: ddl.DdlState
    ) -> Draft:
        """Draft the migration from the last model state and declarations to those of the models.

        `draft.last` is what aerich shall compare with: without the models of kept plugins, which the file carries on.

        Raises:
            MigrationError: the models of a plugin could not be read, or a plugin of the last state is missing.
        """
        self.check(state, last)
        compared, kept = guard.split_kept(last, state, self.project.ledger)
        carried = ddl.tables_of(kept).keys() - ddl.tables_of(state).keys()
        after = {**ddl.declared(models), **{table: parts for table, parts in before.items() if table in carried}}
        return Draft(
            before,
            {table: after[table] for table in sorted(after)},
            last=deepcopy(compared),
            models=deepcopy(state),
            kept=kept,
        )
