"""What aerich cannot see: the `ddl` that models declare, kept in each migration file and compared with the models.

A file ends with `DDL_STATE`, the statements in force after it, so that a later migration can drop or restore a
declaration whose model is gone. Called by tux.migrations.hooks while aerich writes a file.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from graphlib import CycleError, TopologicalSorter
from typing import TYPE_CHECKING, Any, cast

from tux.errors import MigrationError
from tux.models import Index
from tux.models.meta import meta_of

if TYPE_CHECKING:
    from tortoise import Model

    from tux.models import Ddl

# table → name → (statement that makes it, statement that removes it), in the order of the declaration
DdlState = Mapping[str, Mapping[str, tuple[str, str]]]
ModelState = Mapping[str, Mapping[str, Any]]

# Two processes that apply one file must not both record it; aerich itself declares no such index.
OWN = {"aerich": (Index("app", "version", unique=True, name="uid_aerich_app_version"),)}

_DROP_TABLE = re.compile(r'DROP TABLE IF EXISTS "([^"]+)"')


@dataclass(frozen=True, slots=True)
class Change:
    """Statements around those of aerich: the first ones before them, the last ones after."""

    up_first: tuple[str, ...] = ()
    up_last: tuple[str, ...] = ()
    down_first: tuple[str, ...] = ()
    down_last: tuple[str, ...] = ()


def declared(models: Iterable[type[Model]]) -> DdlState:
    """Return the declarations of the models and our own, by table in alphabetical order.

    Raises:
        MigrationError: two declarations of a table have one name.
    """
    found: dict[str, dict[str, tuple[str, str]]] = {}
    for model in models:
        table: str = meta_of(model).db_table
        parts = cast("tuple[Ddl, ...]", getattr(model, "ddl", ())) or OWN.get(table, ())
        for part in parts:
            name = part.name_for(table)
            here = found.setdefault(table, {})
            if name in here:
                raise MigrationError(
                    f"{model.__name__}.ddl declares {name!r} twice; give one of them a name= of its own"
                )
            here[name] = (_clean(part.create_sql(table)), _clean(part.drop_sql(table)))
    return {table: found[table] for table in sorted(found)}


def compare(old: DdlState, new: DdlState, *, comes_back: Callable[[str], bool]) -> Change:
    """Return the statements that lead from one state to the other and back.

    What goes is removed before aerich's statements, because they may rename or drop what it stands on; what is new is
    made after them. `comes_back(table)` says whether a downgrade finds the table again.
    """
    gone, fresh = _without(old, new), _without(new, old)
    lost = [(table, create) for table, create, _ in gone if comes_back(table)]
    return Change(
        up_first=tuple(drop for _, _, drop in reversed(gone) if drop),
        up_last=tuple(create for _, create, _ in fresh if create),
        down_first=tuple(drop for _, _, drop in reversed(fresh) if drop),
        down_last=tuple(create for _, create in lost if create),
    )


def render(state: DdlState) -> str:
    """Return the state as the Python text that ends a migration file."""
    lines = ["DDL_STATE = {"]
    for table, parts in state.items():
        lines.append(f"    {table!r}: {{")
        for name, (create, drop) in parts.items():
            lines += [f"        {name!r}: (", f"            {create!r},", f"            {drop!r},", "        ),"]
        lines.append("    },")
    return "\n".join([*lines, "}"]) + "\n"


def quote_sql(sql: str) -> str:
    """Escape SQL for the triple-quoted string, not raw, in which aerich's template puts it."""
    return sql.replace("\\", "\\\\").replace('"""', '\\"\\"\\"')


def tables_of(state: ModelState) -> dict[str, str]:
    """Return every table of aerich's model state, those of many-to-many relations too → the model that brings it."""
    tables: dict[str, str] = {}
    for name, model in state.items():
        tables[model["table"]] = name
        for relation in model.get("m2m_fields", ()):
            tables.setdefault(relation["through"], name)
    return tables


def drop_tables(state: ModelState) -> list[str]:
    """Return the statements that remove every table of a state but aerich's, dependent ones first."""
    tables = (table for table in tables_of(state) if table not in OWN)
    return sort_drops([f'DROP TABLE IF EXISTS "{table}"' for table in tables], state)


def sort_drops(statements: list[str], state: ModelState) -> list[str]:
    """Reorder the DROP TABLEs among aerich's statements, which come in any order, so that none is still referred to."""
    order = _dependents_first(state)
    drops = [statement for statement in statements if _DROP_TABLE.fullmatch(statement)]
    drops.sort(key=lambda statement: order.get(statement.split('"')[1], -1))
    ordered = iter(drops)
    return [next(ordered) if _DROP_TABLE.fullmatch(statement) else statement for statement in statements]


def _dependents_first(state: ModelState) -> dict[str, int]:
    sorter: TopologicalSorter[str] = TopologicalSorter()
    for model in sorted(state.values(), key=lambda model: str(model["table"])):
        relations = [*model.get("fk_fields", ()), *model.get("o2o_fields", ())]
        targets = sorted({state[r["python_type"]]["table"] for r in relations if r["python_type"] in state})
        sorter.add(model["table"], *(table for table in targets if table != model["table"]))
    for through, owner in tables_of(state).items():
        if through != state[owner]["table"]:
            sorter.add(through, *(model["table"] for model in state.values()))
    try:
        order = list(sorter.static_order())
    except CycleError:
        order = sorted(tables_of(state))
    return {table: place for place, table in enumerate(reversed(order))}


def _without(state: DdlState, other: DdlState) -> list[tuple[str, str, str]]:
    """Return (table, create, drop) of what `state` has and `other` lacks or says otherwise."""
    return [
        (table, create, drop)
        for table, parts in state.items()
        for name, (create, drop) in parts.items()
        if other.get(table, {}).get(name) != (create, drop)
    ]


def _clean(sql: str) -> str:
    return sql.strip().rstrip(";").rstrip()
