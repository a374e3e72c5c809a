"""Finds what may have got another name between two schemas, and asks whoever writes the migration.

A rename that is taken for a drop and an add loses the rows, so an exact match is taken for one when nobody can be asked.
"""

from __future__ import annotations

import os
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from tux.errors import MigrationError
from tux.migrations.diff import Renames
from tux.migrations.types import canonical, conversion

if TYPE_CHECKING:
    from tux.migrations.shapes import Column, Schema, Table

# "levels_members=levels_people,levels_people.xp=points": answers given beforehand, old name = new name.
GIVEN = "TUX_RENAME"
Ask = Callable[[str], Awaitable[bool]]


@dataclass(slots=True)
class _Finder:
    old: Schema
    new: Schema
    ask: Ask
    sure: bool
    given: dict[str, str]
    tables: dict[str, str] = field(default_factory=dict[str, str])
    columns: dict[str, dict[str, str]] = field(default_factory=dict[str, dict[str, str]])

    async def tables_too(self) -> None:
        """Match tables that went with tables that came: of one model, or with the same columns."""
        gone = [name for name in self.old if name not in self.new]
        fresh = [name for name in self.new if name not in self.old]
        for name in fresh:
            for source in sorted(gone, key=lambda each: self.old[each].model != self.new[name].model):
                if source not in self.tables and await self._is_table(source, name):
                    self.tables[source] = name
                    break

    async def _is_table(self, source: str, name: str) -> bool:
        if self.given.get(source):
            return self.given.pop(source) == name if self.given[source] == name else False
        old, new = self.old[source], self.new[name]
        if old.model and old.model == new.model:
            return True  # the class is the same, and aerich goes by its name, too
        if _columns(old) != _columns(new):
            return False
        return self.sure or await self.ask(f"Rename the table {source} to {name}?")

    async def columns_of(self, name: str) -> None:
        """Match the columns that went from a table with those that came."""
        source = next((old for old, new in self.tables.items() if new == name), name)
        if source not in self.old:
            return
        old, new = self.old[source], self.new[name]
        gone = [column for column in old.columns if column not in new.columns]
        for column in (each for each in new.columns if each not in old.columns):
            for candidate in sorted(
                gone, key=lambda each: _distance((each, old.columns[each]), (column, new.columns[column]))
            ):
                if await self._is_column(name, (candidate, old), (column, new)):
                    self.columns.setdefault(name, {})[candidate] = column
                    gone.remove(candidate)
                    break

    async def _is_column(self, table: str, before: tuple[str, Table], after: tuple[str, Table]) -> bool:
        (name, old), (wanted, new) = before, after
        key = f"{table}.{name}"
        if key in self.given:
            if self.given[key] != wanted:
                return False
            del self.given[key]
            return True
        was, now = old.columns[name], new.columns[wanted]
        source, target = _target(old, name), _target(new, wanted)
        # its numbers would be taken for those of another table's rows
        elsewhere = bool(source and target) and self.tables.get(source, source) != target
        if was.generated or now.generated or (name == old.key) != (wanted == new.key) or elsewhere:
            return False
        if replace(was, fill="", comment="") == replace(now, fill="", comment=""):
            return self.sure or await self.ask(f"({table}) Rename {name} to {wanted}?")
        fits = canonical(was.type) == canonical(now.type) or conversion(name, was.type, now.type) == ""
        if not fits or self.sure:
            return False
        return await self.ask(f"({table}) Rename {name} to {wanted}, {was.type} to {now.type}?")


async def find_renames(old: Schema, new: Schema, ask: Ask, *, sure: bool) -> Renames:
    """Return the renames between two schemas; with `sure` nobody is asked and an exact match is one.

    Raises:
        MigrationError: `TUX_RENAME` names something that did not go, or did not come.
    """
    finder = _Finder(old, new, ask, sure, dict(_given()))
    await finder.tables_too()
    for name in new:
        await finder.columns_of(name)
    if finder.given:
        source, target = next(iter(finder.given.items()))
        raise MigrationError(
            f"{GIVEN} says {source}={target}, but there is no such change; write old=new for tables that went and came, "
            "and table.old=new for columns, with the table's new name"
        )
    return Renames(finder.tables, finder.columns)


def _given() -> Iterator[tuple[str, str]]:
    for part in filter(None, os.environ.get(GIVEN, "").replace(" ", "").split(",")):
        source, equals, target = part.partition("=")
        if not (source and equals and target):
            raise MigrationError(f"{GIVEN} holds {part!r}; write old=new or table.old=new, separated by commas")
        yield source, target


def _target(table: Table, column: str) -> str:
    """Return the table that a column refers to, "" when it is a plain one."""
    return next((each.table for each in table.references.values() if each.column == column), "")


def _columns(table: Table) -> set[tuple[str, str]]:
    return {(name, canonical(column.type)) for name, column in table.columns.items()}


def _distance(old: tuple[str, Column], new: tuple[str, Column]) -> tuple[bool, int, str]:
    """Order candidates: equal columns first, then those whose names share more letters."""
    different = replace(old[1], fill="", comment="") != replace(new[1], fill="", comment="")
    return different, len(set(old[0]) ^ set(new[0])), old[0]
