"""Finds what may have got another name between two schemas, and asks whoever writes the migration.

A rename that is taken for a drop and an add loses the rows, so an exact match is taken for one when nobody can be asked.
"""

from __future__ import annotations

import os
from collections.abc import Awaitable, Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from tux.errors import MigrationError
from tux.migrations.diff import Renames
from tux.migrations.types import canonical, conversion

if TYPE_CHECKING:
    from tux.migrations.shapes import Column, Schema, Table

# "levels_members=levels_people,levels_people.xp=points": answers given beforehand, old name = new name; "xp=" is no rename.
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
        self._refuse_exchanged()
        gone = [name for name in self.old if name not in self.new]
        fresh = [name for name in self.new if name not in self.old]
        self._take_given("", gone, fresh, self.tables)
        for source, name in self._of_one_model(gone, fresh):
            self.tables[source] = name
        await self._by_looks([name for name in gone if self.old[name].model], fresh)
        await self._by_looks([name for name in gone if not self.old[name].model], fresh)

    async def _by_looks(self, gone: Collection[str], fresh: Collection[str]) -> None:
        pairs = [
            (source, name)
            for name in (each for each in fresh if each not in self.tables.values())
            for source in (each for each in gone if each not in self.tables and self.given.get(each) != "")
            if _looks(self.old[source], self.tables) == _looks(self.new[name])
        ]
        if self.sure:
            _refuse_ambiguous(pairs)
        for source, name in pairs:
            if source in self.tables or name in self.tables.values():
                continue
            if self.sure or await self.ask(f"Rename the table {source} to {name}?"):
                self.tables[source] = name

    async def columns_of(self, name: str) -> None:
        """Match the columns that went from a table with those that came."""
        source = next((old for old, new in self.tables.items() if new == name), name)
        if source not in self.old:
            return
        old, new = self.old[source], self.new[name]
        names: dict[str, str] = {}
        for candidate, column in self._column_pairs(name, old, names):
            if candidate in names or column in names.values():
                continue
            was, now = old.columns[candidate], new.columns[column]
            types = "" if _equal(was, now) else f", {was.type} to {now.type}"
            if self.sure or await self.ask(f"({name}) Rename {candidate} to {column}{types}?"):
                names[candidate] = column
        if names:
            self.columns[name] = names

    def _column_pairs(self, name: str, old: Table, names: dict[str, str]) -> list[tuple[str, str]]:
        """Put what was said of a table's columns into `names`, and return which of the others may be one another."""
        new = self.new[name]
        gone = [column for column in old.columns if column not in new.columns]
        fresh = [column for column in new.columns if column not in old.columns]
        self._take_given(f"{name}.", gone, fresh, names)
        open_ones = [each for each in gone if each not in names and self.given.get(f"{name}.{each}") != ""]
        pairs = self._candidates((old, open_ones), (new, [each for each in fresh if each not in names.values()]))
        if self.sure:
            pairs = [pair for pair in pairs if _equal(old.columns[pair[0]], new.columns[pair[1]])]
            _refuse_ambiguous([(f"{name}.{candidate}", f"{name}.{column}") for candidate, column in pairs])
        return pairs

    def _candidates(self, before: tuple[Table, list[str]], after: tuple[Table, list[str]]) -> list[tuple[str, str]]:
        """Return which columns that went may be which that came, for each of these the likeliest first."""
        (old, gone), (new, fresh) = before, after

        def likeliest(column: str) -> list[str]:
            return sorted(gone, key=lambda each: _distance((each, old.columns[each]), (column, new.columns[column])))

        return [
            (candidate, column)
            for column in fresh
            for candidate in likeliest(column)
            if self._may_be((candidate, old), (column, new))
        ]

    def _take_given(self, prefix: str, gone: Collection[str], fresh: Collection[str], names: dict[str, str]) -> None:
        """Move the answers that fit from `given` to `names`."""
        for source in gone:
            if (target := self.given.get(prefix + source)) and target in fresh:
                names[source] = target
                del self.given[prefix + source]

    def _of_one_model(self, gone: Collection[str], fresh: Collection[str]) -> Iterator[tuple[str, str]]:
        """Yield the tables of the classes that have another one now, unless it was said otherwise; aerich does so, too."""
        places = {self.new[name].model: name for name in fresh if name not in self.tables.values()}
        for source in gone:
            name = places.get(self.old[source].model)
            if self.old[source].model and name and source not in self.tables and self.given.get(source) != "":
                yield source, name

    def _refuse_exchanged(self) -> None:
        for source, place in exchanged(self.old, self.new):
            if self.given.get(source) != "":
                raise MigrationError(
                    f"the model {self.old[source].model} is in {place} now, and {source} is the table of "
                    f"{self.new[source].model}, which would keep the rows. If they go with {self.old[source].model}, "
                    f"rename the table in a migration of its own first; if they stay, say {GIVEN}={source}="
                )
            del self.given[source]
        for name, source in _taken_over(self.old, self.new):
            if self.given.get(source) != "":
                raise MigrationError(
                    f"the model {self.new[name].model} of {source} is in {name} now, the table of {self.old[name].model}, "
                    f"which is gone: it would have these rows and lose its own. Drop {self.old[name].model} in a migration "
                    f"of its own first; if the rows of {name} are meant, say {GIVEN}={source}="
                )

    def _may_be(self, before: tuple[str, Table], after: tuple[str, Table]) -> bool:
        """Whether a column may be another one under a new name."""
        (name, old), (wanted, new) = before, after
        was, now = old.columns[name], new.columns[wanted]
        source, target = _target(old, name), _target(new, wanted)
        # its numbers would be taken for those of another table's rows
        elsewhere = bool(source and target) and self.tables.get(source, source) != target
        if was.generated or now.generated or (name == old.key) != (wanted == new.key) or elsewhere:
            return False
        return canonical(was.type) == canonical(now.type) or conversion(name, was.type, now.type) == ""


async def find_renames(old: Schema, new: Schema, ask: Ask, *, sure: bool) -> Renames:
    """Return the renames between two schemas; with `sure` nobody is asked and an exact match is one.

    Raises:
        MigrationError: `TUX_RENAME` names something that did not go, or did not come; or more than one match is exact.
    """
    finder = _Finder(old, new, ask, sure, given_renames())
    await finder.tables_too()
    for name in new:
        await finder.columns_of(name)
    known = {
        *old,
        *(f"{finder.tables.get(name, name)}.{column}" for name, table in old.items() for column in table.columns),
    }
    if wrong := [(source, target) for source, target in finder.given.items() if target or source not in known]:
        source, target = wrong[0]
        raise MigrationError(
            f"{GIVEN} says {source}={target}, but there is no such change; write old=new for tables that went and came, "
            "and table.old=new for columns, with the table's new name"
        )
    return Renames(finder.tables, finder.columns)


def given_renames() -> dict[str, str]:
    """Return what was said beforehand: old name → new name, "" for what is no rename.

    Raises:
        MigrationError: `TUX_RENAME` is not of that form.
    """
    given: dict[str, str] = {}
    for part in filter(None, os.environ.get(GIVEN, "").replace(" ", "").split(",")):
        source, equals, target = part.partition("=")
        if not (source and equals):
            raise MigrationError(f"{GIVEN} holds {part!r}; write old=new or table.old=new, separated by commas")
        given[source] = target
    return given


def exchanged(old: Schema, new: Schema) -> list[tuple[str, str]]:
    """Return the tables that have another model now, whose own has another table: (table, where that model is)."""
    places = {table.model: name for name, table in new.items() if table.model}
    return [
        (name, places[table.model])
        for name, table in old.items()
        if name in new and table.model in places and places[table.model] != name
    ]


def _taken_over(old: Schema, new: Schema) -> list[tuple[str, str]]:
    """Return the tables whose model is gone, that another one has now, which had one of its own: (table, that one)."""
    models = {table.model for table in new.values()}
    places = {table.model: name for name, table in old.items() if table.model}
    return [
        (name, places[new[name].model])
        for name, table in old.items()
        if name in new and table.model not in models and places.get(new[name].model, name) != name
    ]


def moved_tables(old: Schema, new: Schema) -> set[str]:
    """Return the tables that are gone under their name, but not for good: by their model, by what was said, or by looks.

    By looks goes the table of a many-to-many relation, which has no model; whether it is one is asked later.
    """
    fresh = {name: table for name, table in new.items() if name not in old}
    places = {table.model: name for name, table in fresh.items() if table.model}
    moved = {name: places[table.model] for name, table in old.items() if name not in new and table.model in places}
    moved |= {name: place for name, place in given_renames().items() if place in fresh and name in old}
    links = [_looks(table) for table in fresh.values() if not table.model]
    return moved.keys() | {
        name for name, table in old.items() if name not in new and not table.model and _looks(table, moved) in links
    }


def _refuse_ambiguous(pairs: Sequence[tuple[str, str]]) -> None:
    """Refuse to take matches for renames of which one excludes another: the rows would be under a wrong name."""
    sources, targets = ([pair[place] for pair in pairs] for place in (0, 1))
    for source, target in pairs:
        if sources.count(source) > 1 or targets.count(target) > 1:
            olds, news = (", ".join(dict.fromkeys(names)) for names in (sources, targets))
            new = target.rpartition(".")[2]
            raise MigrationError(
                f"{news} may be {olds} under other names, and nobody was asked which is which: say it beforehand, "
                f"{GIVEN}={source}={new} for a rename, {GIVEN}={source}= for what is none, several with commas between "
                "(`tux db revision --rename` is the same). No migration was written"
            )


def _target(table: Table, column: str) -> str:
    """Return the table that a column refers to, "" when it is a plain one."""
    return next((each.table for each in table.references.values() if each.column == column), "")


def _looks(table: Table, renamed: Mapping[str, str] | None = None) -> list[tuple[str, str]]:
    """Return what tells a table by: columns and types; of a many-to-many relation what it refers to, not the columns."""
    targets: dict[str, str] = {}
    if not table.model:
        targets = {each.column: (renamed or {}).get(each.table, each.table) for each in table.references.values()}
    return sorted((targets.get(name, name), canonical(column.type)) for name, column in table.columns.items())


def _distance(old: tuple[str, Column], new: tuple[str, Column]) -> tuple[bool, int, str]:
    """Order candidates: equal columns first, then those whose names share more letters."""
    return not _equal(old[1], new[1]), len(set(old[0]) ^ set(new[0])), old[0]


def _equal(old: Column, new: Column) -> bool:
    return replace(old, fill="", comment="") == replace(new, fill="", comment="")
