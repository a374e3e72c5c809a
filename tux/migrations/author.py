"""Writes migration files: the difference between the newest file's schema and the models, checked by the guards.

tux.migrations.hooks calls it under bare aerich, with the models that Tortoise has read; `tux db check` and
`tux db merge` do so themselves.
"""

from __future__ import annotations

import os
import re
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from tux.database.schema import FILES
from tux.errors import MigrationError
from tux.migrations import ddl, guard
from tux.migrations.dependents import find_dependents
from tux.migrations.diff import renamed, schema_sql
from tux.migrations.files import load_files, next_name, single_head
from tux.migrations.renames import Ask, exchanged, find_renames, moved_tables
from tux.migrations.shapes import pack
from tux.migrations.types import canonical

if TYPE_CHECKING:
    from collections.abc import Collection
    from pathlib import Path

    from tux.migrations.ddl import DdlState
    from tux.migrations.diff import Renames
    from tux.migrations.project import Project
    from tux.migrations.shapes import Schema

# Set to anything: indexes are built without locking the table, in a file that is not one transaction.
CONCURRENTLY = "TUX_CONCURRENTLY"
# PostgreSQL is asked to run every upgrade and downgrade, and asyncpg fails on an empty one.
NOTHING = "SELECT 1"

_TEMPLATE = '''\
from tortoise import BaseDBAsyncClient

RUN_IN_TRANSACTION = {whole}


async def upgrade(db: BaseDBAsyncClient) -> str:
    return """
        {up}"""


async def downgrade(db: BaseDBAsyncClient) -> str:
    return """
        {down}"""


MODELS_STATE = (
    {models}
)
'''
_INDEX = re.compile(r'CREATE (UNIQUE )?INDEX (?:IF NOT EXISTS )?("[^"]+") (ON .*)', re.DOTALL)
_UNIQUE = re.compile(r'ALTER TABLE ("[^"]+") ADD CONSTRAINT ("[^"]+") UNIQUE (\(.*\))', re.DOTALL)
_DROP_INDEX = re.compile(r'DROP INDEX (?:IF EXISTS )?("[^"]+")')


@dataclass(frozen=True, slots=True)
class State:
    """What the models, or a migration file, say that a database shall hold."""

    schema: Schema
    declared: DdlState


@dataclass(frozen=True, slots=True)
class Draft:
    """A migration file to be written."""

    state: State
    up: list[str] = field(default_factory=list[str])
    down: list[str] = field(default_factory=list[str])
    based_on: tuple[str, ...] = ()
    whole: bool = True

    def text(self, models: str) -> str:
        """Return the file; `models` is aerich's own packed state of the models."""
        text = _TEMPLATE.format(whole=self.whole, up=_joined(self.up), down=_joined(self.down), models=models)
        names = ", ".join(ddl.quote(name) for name in self.based_on)
        based_on = f"({names},)" if len(self.based_on) == 1 else f"({names})"
        end = ddl.render(self.state.declared)
        return f"{text}\nBASED_ON = {based_on}\n\nSCHEMA = (\n{pack(self.state.schema)})\n\n{end}"

    def concurrent(self) -> Draft:
        """Return the same with indexes that are built while others write.

        Raises:
            MigrationError: there is more to it than indexes.
        """
        up: list[str] = []
        for statement in self.up:
            up += _concurrent(statement)
        return Draft(self.state, up, self.down, self.based_on, whole=False)


@dataclass(frozen=True, slots=True)
class Author:
    """Drafts the migrations of a project; refuses what the guards forbid."""

    project: Project

    def check(self, state: State, last: State) -> None:
        """Refuse to go on from the last state, if that loses a plugin.

        Raises:
            MigrationError: the models of a plugin could not be read, or a plugin of the last state is missing.
        """
        registry = self.project.registry
        moved = moved_tables(last.schema, state.schema)
        guard.check_tables(last.schema, state.schema.keys() | moved, registry.records, self.project.ledger)
        guard.check_imports(registry.records.values())  # after it: a plugin that is gone also blocks those that need it

    def last(self) -> tuple[str, State]:
        """Return the newest file and what holds after it.

        Raises:
            MigrationError: there is none, or branches came together.
        """
        head = single_head(load_files(self.project.root))
        if head is None:
            raise MigrationError("there is no migration to go on from; run `aerich init-migrations` to write the first")
        return head.name, State(head.schema, head.declared)

    def first(self, state: State, create_sql: str | None) -> Draft:
        """Draft the first migration from the SQL with which Tortoise makes the models' tables, our own without any.

        Raises:
            MigrationError: the models of a plugin could not be read.
        """
        guard.check_imports(self.project.registry.records.values())
        change = ddl.compare({}, state.declared)
        stays = {name: table for name, table in state.schema.items() if name in ddl.OWN}
        down = [*change.down_first, *schema_sql(state.schema, stays, back=True)]
        create = schema_sql({}, state.schema) if create_sql is None else [create_sql.rstrip().rstrip(";")]
        return Draft(state, [*create, *change.up_last], down)

    def empty(self) -> Draft:
        """Draft a migration without a change of its own, which carries the last state on whatever the models say."""
        name, last = self.last()
        return Draft(last, [NOTHING], [NOTHING], (name,))

    async def following(self, state: State, ask: Ask, *, sure: bool) -> Draft | None:
        """Draft the migration from the newest file to the models, None without a difference.

        The tables of kept plugins stay in it. `ask` is asked about renames, with `sure` they are taken for granted.

        Raises:
            MigrationError: a guard refused, or the change would fail on a table with rows.
        """
        name, last = self.last()
        self.check(state, last)
        wanted = self._with_kept(state, last)
        renames = await find_renames(last.schema, wanted.schema, ask, sure=sure)
        wanted = _told_of(renames, wanted, wanted.schema.keys() - state.schema.keys())
        again = find_dependents(last.declared, last.schema, wanted.schema, renames)
        change = ddl.compare(last.declared, wanted.declared, again)
        up = [*change.up_first, *schema_sql(last.schema, wanted.schema, renames), *change.up_last]
        if not up and not exchanged(last.schema, wanted.schema):
            return None
        back = schema_sql(wanted.schema, last.schema, renames.backwards(), back=True)
        draft = Draft(wanted, up, [*change.down_first, *back, *change.down_last], (name,))
        return draft.concurrent() if os.environ.get(CONCURRENTLY) else draft

    def write(self, draft: Draft, message: str, models: str) -> Path:
        """Write the file and return its path."""
        folder = self.project.root / FILES
        folder.mkdir(parents=True, exist_ok=True)
        path = folder / next_name(load_files(self.project.root), message)
        path.write_text(draft.text(models), encoding="utf-8")
        return path

    def _with_kept(self, state: State, last: State) -> State:
        kept = self.project.ledger.kept_tables - state.schema.keys()
        schema = {**state.schema, **{name: table for name, table in last.schema.items() if name in kept}}
        declared = {**state.declared, **{name: parts for name, parts in last.declared.items() if name in kept}}
        return State(
            {name: schema[name] for name in sorted(schema)}, {name: declared[name] for name in sorted(declared)}
        )


def _told_of(renames: Renames, wanted: State, kept: Collection[str]) -> State:
    """Return a state whose kept tables, which no model describes any more, follow what they refer to: its names and types.

    Raises:
        MigrationError: what one refers to is gone.
    """
    schema = dict(wanted.schema)
    for name in kept:
        table = renamed(schema[name], {}, renames.tables)
        columns, references = dict(table.columns), dict(table.references)
        for key, each in table.references.items():
            target = renames.columns.get(each.table, {}).get(each.target, each.target)
            if each.table not in schema or target not in schema[each.table].columns:
                owner = name.partition("_")[0]
                raise MigrationError(
                    f"the table {name} of a kept plugin refers to {each.table}.{each.target}, which would be gone; leave that, "
                    f"or take the kept tables away first (`tux db retire {owner}`)"
                )
            references[key] = replace(each, target=target)
            typed = schema[each.table].columns[target].type
            if canonical(typed) != canonical(columns[each.column].type):
                columns[each.column] = replace(columns[each.column], type=typed)
        schema[name] = replace(table, columns=columns, references=references)
    return State(schema, wanted.declared)


def _joined(statements: list[str]) -> str:
    return ddl.quote_sql(";\n        ".join(statements) + ";" if statements else f"{NOTHING};")


def _concurrent(statement: str) -> list[str]:
    """Return how a statement runs concurrently; what an earlier run left half-built goes first."""
    if found := _DROP_INDEX.fullmatch(statement):
        return [f"DROP INDEX CONCURRENTLY IF EXISTS {found[1]}"]
    if found := _INDEX.fullmatch(statement):
        unique, name, body = found.groups()
        return [
            f"DROP INDEX CONCURRENTLY IF EXISTS {name}",
            f"CREATE {unique or ''}INDEX CONCURRENTLY {name} {body}",
        ]
    if found := _UNIQUE.fullmatch(statement):
        table, name, columns = found.groups()
        return [
            f"ALTER TABLE {table} DROP CONSTRAINT IF EXISTS {name}",
            f"DROP INDEX CONCURRENTLY IF EXISTS {name}",
            f"CREATE UNIQUE INDEX CONCURRENTLY {name} ON {table} {columns}",
            f"ALTER TABLE {table} ADD CONSTRAINT {name} UNIQUE USING INDEX {name}",
        ]
    raise MigrationError(
        f"only indexes can be made concurrently, but there is also: {' '.join(statement.split())[:80]}; write that "
        "into a migration of its own first"
    )
