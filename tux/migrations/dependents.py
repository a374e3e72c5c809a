"""Which declarations (`Model.ddl`) stay as they are in the models, but go with a column that changes below them.

PostgreSQL drops an index or a check with its column without a word, keeps them with casts when its type changes, and refuses
to change the type of a column that a generated one, a view or a trigger reads. Such a declaration is removed before the tables change, and made again after.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from tux.migrations.diff import remade, renamed
from tux.migrations.sql import bare
from tux.migrations.types import canonical, is_read_anew

if TYPE_CHECKING:
    from tux.migrations.ddl import DdlState
    from tux.migrations.diff import Renames
    from tux.migrations.shapes import Schema

_WORD = re.compile(r"\w+")
# What holds no rows of its own, so that it may be removed and made again.
_DERIVED = r"\bGENERATED\s+ALWAYS\s+AS\s*\(|\bCREATE\s+(?:OR\s+REPLACE\s+)?(?:\w+\s+)?(?:VIEW|TRIGGER)\b"
_READERS = re.compile(_DERIVED, re.IGNORECASE)
_ALL = re.compile(rf"{_DERIVED}|\bCREATE\s+(?:UNIQUE\s+)?INDEX\b|\bADD\s+CONSTRAINT\b", re.IGNORECASE)
_ADDED = re.compile(r'\bADD\s+COLUMN\s+(?:IF\s+NOT\s+EXISTS\s+)?"?(\w+)"?', re.IGNORECASE)


def find_dependents(declared: DdlState, old: Schema, new: Schema, renames: Renames) -> set[tuple[str, str]]:
    """Return the (table, name) of the declarations that a migration between two schemas has to make again."""
    found: set[tuple[str, str]] = set()
    for old_name, before in old.items():
        table = renames.tables.get(old_name, old_name)
        if table not in new:
            continue
        here, after = renamed(before, renames.columns.get(table, {}), renames.tables), new[table]
        lost = {*(before.columns.keys() - after.columns.keys()), *remade(here, after)}
        both = here.columns.keys() & after.columns.keys()
        types = {each: (here.columns[each].type, after.columns[each].type) for each in both}
        retyped = {each for each, (was, now) in types.items() if canonical(was) != canonical(now)}
        reread = {each for each in retyped if is_read_anew(*types[each])}
        if lost or retyped:
            found |= _touched(declared, table, lost | reread, retyped)
    return found


def _touched(declared: DdlState, table: str, lost: set[str], retyped: set[str]) -> set[tuple[str, str]]:
    found: set[tuple[str, str]] = set()
    for owner, parts in declared.items():
        for name, (create, _) in parts.items():
            sql = bare(create)
            words = set(_WORD.findall(sql))
            if table not in words:
                continue
            if (words & lost and _ALL.search(sql)) or (words & retyped and _READERS.search(sql)):
                found.add((owner, name))
                lost = lost | set(_ADDED.findall(sql))  # what stands on it comes after it
    return found
