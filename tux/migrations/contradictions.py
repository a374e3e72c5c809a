"""Finds what one branch of migrations takes away and another one builds on.

Nobody changed the same thing twice, so the two would join; but the SQL of the one does not run after that of the other.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from tux.migrations.sql import bare
from tux.migrations.types import base_type

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tux.migrations.author import State
    from tux.migrations.shapes import Table

_WORD = re.compile(r"\w+")

# (table, column), or (table, "") for the table itself
Place = tuple[str, str]


def find_contradiction(origin: State, ours: State, theirs: State) -> str:
    """Return a table or column ("levels_members.xp") that one branch lost and the other one builds on, "" without one."""
    for one, other in ((ours, theirs), (theirs, ours)):
        clashes = (_lost(origin, one) & set(_built_on(origin, other))) | (
            _retyped(origin, one) & set(_referred_to(origin, other))
        )
        for table, column in sorted(clashes):
            return f"{table}.{column}" if column else table
    return ""


def _lost(origin: State, state: State) -> set[Place]:
    lost: set[Place] = set()
    for name, table in origin.schema.items():
        left = state.schema.get(name)
        if left is None:
            lost.add((name, ""))
        lost |= {(name, column) for column in table.columns if left is None or column not in left.columns}
    return lost


def _retyped(origin: State, state: State) -> set[Place]:
    return {
        (name, column)
        for name, table in origin.schema.items()
        for column, before in table.columns.items()
        if name in state.schema
        and (after := state.schema[name].columns.get(column)) is not None
        and base_type(after.type) != base_type(before.type)
    }


def _referred_to(origin: State, state: State) -> Iterator[Place]:
    """Yield what the new foreign keys of a branch refer to."""
    for name, table in state.schema.items():
        before = origin.schema.get(name)
        for key, each in table.references.items():
            if before is None or before.references.get(key) != each:
                yield each.table, each.target
                yield each.table, ""


def _built_on(origin: State, state: State) -> Iterator[Place]:
    """Yield what stands in the parts that a branch added or changed."""
    yield from _referred_to(origin, state)
    for name, table in state.schema.items():
        if name in origin.schema:
            for column in _fresh_words(origin.schema[name], table):
                yield name, column
    for owner, parts in state.declared.items():
        for part, (create, drop) in parts.items():
            if origin.declared.get(owner, {}).get(part) != (create, drop):
                words = set(_WORD.findall(bare(create)))
                for name in words & origin.schema.keys():
                    yield name, ""
                    yield from ((name, word) for word in words)


def _fresh_words(before: Table, after: Table) -> Iterator[str]:
    for key, reference in after.references.items():
        if before.references.get(key) != reference:
            yield reference.column
    for key, columns in after.uniques.items():
        if before.uniques.get(key) != columns:
            yield from columns
    texts = {key: index.body for key, index in after.indexes.items() if before.indexes.get(key) != index}
    texts |= {name: column.generated for name, column in after.columns.items() if before.columns.get(name) != column}
    for text in texts.values():
        yield from _WORD.findall(text)
