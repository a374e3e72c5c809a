"""What holds tables together while they change: which one comes first, and what has to let go of a column for a moment.

Foreign keys and conditions of indexes only; what models declare beyond that is in tux.migrations.dependents.
"""

from __future__ import annotations

import re
from dataclasses import replace
from graphlib import CycleError, TopologicalSorter
from typing import TYPE_CHECKING

from tux.migrations.types import base_type, is_read_anew

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tux.migrations.shapes import Schema, Table

_WORD = re.compile(r"\w+")


def referred_first(tables: Schema) -> tuple[list[str], dict[str, list[str]]]:
    """Return tables in an order in which each comes after what it refers to, and the foreign keys that this leaves out.

    In a circle one of the tables comes too early: its foreign keys to the next one are left out, by table.
    """
    left_out: dict[str, list[str]] = {}
    while True:
        sorter: TopologicalSorter[str] = TopologicalSorter()
        for name, table in tables.items():
            targets = {each.table for key, each in table.references.items() if key not in left_out.get(name, ())}
            sorter.add(name, *sorted((targets & tables.keys()) - {name}))
        try:
            return list(sorter.static_order()), left_out
        except CycleError as error:
            target, name = error.args[1][:2]
            keys = [key for key, each in tables[name].references.items() if each.table == target]
            left_out.setdefault(name, []).extend(keys)


def unfit_keys(
    table: Table, here: Schema, new: Schema, names: Mapping[str, Mapping[str, str]] | None = None
) -> list[str]:
    """Return the foreign keys of a table that comes or goes to a column that is not unique or of one type all the time.

    `here` are the tables that stay, with the names that they have in `new`; a table that goes calls their columns by the
    old names, from which `names` leads to the new ones.
    """
    found: list[str] = []
    for key, each in table.references.items():
        if each.table in here:
            target = names.get(each.table, {}).get(each.target, each.target) if names else each.target
            unique = all(_is_unique(schema[each.table], target) for schema in (here, new))
            if not unique or _is_retyped(each.table, target, here, new):
                found.append(key)
    return found


def unbound(name: str, here: Schema, new: Schema) -> Table:
    """Return a table of which the parts that cannot bear a column's new type look different, so that they are made anew."""
    table = here[name]
    reread = {column for column in table.columns if is_read_anew(*_types(name, column, here, new))}
    return replace(
        table,
        references={
            key: replace(each, on_delete="")
            if _is_retyped(name, each.column, here, new) or _is_retyped(each.table, each.target, here, new)
            else each
            for key, each in table.references.items()
        },
        indexes={
            index: replace(part, body="")
            if reread.intersection(_WORD.findall(part.body.partition(" WHERE ")[2]))
            else part
            for index, part in table.indexes.items()
        },
    )


def _is_unique(table: Table, column: str) -> bool:
    return column == table.key or (column,) in table.uniques.values()


def _is_retyped(table: str, column: str, here: Schema, new: Schema) -> bool:
    """Whether a column gets a type of another name, which a foreign key may not bear for a moment."""
    was, now = _types(table, column, here, new)
    return base_type(was) != base_type(now)


def _types(table: str, column: str, here: Schema, new: Schema) -> tuple[str, str]:
    """Return the type of a column before and after, "" twice when it is not on both sides."""
    if table not in here or table not in new:
        return "", ""
    was, now = here[table].columns.get(column), new[table].columns.get(column)
    return (was.type, now.type) if was and now else ("", "")
