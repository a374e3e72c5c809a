"""Joins branches of migrations: upstream ships number N+1, and the deployment has an N+1 of its own.

No file is renamed or edited, whatever is applied where: a new file follows both, and holds the schema that both lead to.
"""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any, cast

from tux.errors import MigrationError
from tux.migrations.author import NOTHING, Draft, State
from tux.migrations.contradictions import find_contradiction
from tux.migrations.files import ancestors, find_heads
from tux.migrations.shapes import build_schema

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tux.migrations.files import MigrationFile

Tree = dict[str, Any]


def merge_heads(files: Sequence[MigrationFile]) -> Draft | None:
    """Draft the file that joins all heads, None when there is one or none.

    Raises:
        MigrationError: two branches changed the same thing in different ways; says which.
    """
    heads = find_heads(files)
    if len(heads) < 2:  # noqa: PLR2004 - two make a fork
        return None
    base, *others = heads
    merged, known = _tree(base), ancestors(files, base) | {base.name}
    for other in others:
        common = [file for file in files if file.name in known & ancestors(files, other)]
        origin, theirs = _tree(common[-1]) if common else Tree(), _tree(other)
        if common and (place := find_contradiction(_state(origin), _state(merged), _state(theirs))):
            raise _refusal((base.name, other.name), place)
        merged = _merge(origin, merged, theirs, (base.name, other.name), ())
        known |= ancestors(files, other) | {other.name}
    return Draft(_state(merged), [NOTHING], [NOTHING], tuple(head.name for head in heads))


def _tree(file: MigrationFile) -> Tree:
    return {
        "tables": {name: asdict(table) for name, table in file.schema.items()},
        "declared": {table: dict(parts) for table, parts in file.declared.items()},
    }


def _state(tree: Tree) -> State:
    declared = {
        table: {name: (parts[0], parts[1]) for name, parts in each.items()}
        for table, each in sorted(tree["declared"].items())
    }
    return State(build_schema(tree["tables"]), declared)


def _refusal(files: tuple[str, str], place: str) -> MigrationError:
    return MigrationError(
        f"{files[0]} and {files[1]} both change {place}, so they cannot be joined: take one of them out (if it is "
        "not applied anywhere), and write it anew after the other"
    )


def _merge(origin: Any, ours: Any, theirs: Any, files: tuple[str, str], path: tuple[str, ...]) -> Any:
    """Return the three-way merge of two trees, None for what is in neither.

    What both changed has none, even when they agree: the second file would do again what the first one did.
    """
    if theirs == origin or path[-1:] == ("fill",):  # a function's value of the day, which no database holds
        return ours
    if ours == origin:
        return theirs
    agreed = ours == theirs and not isinstance(origin, dict)
    if agreed or not (isinstance(ours, dict) and isinstance(theirs, dict)):
        place = ".".join(part for part in path[1:] if part not in {"columns", "uniques", "references", "indexes"})
        raise _refusal(files, place)
    old, mine, other = cast("Tree", origin or {}), cast("Tree", ours), cast("Tree", theirs)
    merged = {
        key: _merge(old.get(key), mine.get(key), other.get(key), files, (*path, key))
        for key in dict.fromkeys([*mine, *other, *old])
    }
    return {key: value for key, value in merged.items() if value is not None}
