"""What aerich cannot see: the `ddl` that models declare, kept in each migration file and compared with the models.

A file ends with `DDL_STATE`, the statements in force after it, so that a later migration can drop or restore a
declaration whose model is gone.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

from tux.errors import MigrationError
from tux.models import Index
from tux.models.meta import meta_of

if TYPE_CHECKING:
    from tortoise import Model

    from tux.models import Ddl

# table → name → (statement that makes it, statement that removes it), in the order of the declaration
DdlState = Mapping[str, Mapping[str, tuple[str, str]]]

# Two processes that apply one file must not both record it; aerich itself declares no such index.
OWN = {"aerich": (Index("app", "version", unique=True, name="uid_aerich_app_version"),)}


@dataclass(frozen=True, slots=True)
class Change:
    """Statements around those that change tables: the first ones before them, the last ones after."""

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


def compare(old: DdlState, new: DdlState, again: Collection[tuple[str, str]] = ()) -> Change:
    """Return the statements that lead from one state to the other and back; `again` (table, name) is made again.

    What goes is removed before the tables change, because they may be renamed or dropped; what is new is made after.
    """
    gone, fresh = _without(old, new, again), _without(new, old, again)
    return Change(
        up_first=tuple(drop for _, drop in reversed(gone) if drop),
        up_last=tuple(create for create, _ in fresh if create),
        down_first=tuple(drop for _, drop in reversed(fresh) if drop),
        down_last=tuple(create for create, _ in gone if create),
    )


def render(state: DdlState) -> str:
    """Return the state as the Python text that ends a migration file, as a formatter would leave it."""
    if not state:
        return "DDL_STATE = {}\n"
    lines = ["DDL_STATE = {"]
    for table, parts in state.items():
        lines.append(f"    {quote(table)}: {{")
        for name, (create, drop) in parts.items():
            lines += [
                f"        {quote(name)}: (",
                f"            {quote(create)},",
                f"            {quote(drop)},",
                "        ),",
            ]
        lines.append("    },")
    return "\n".join([*lines, "}"]) + "\n"


def quote(text: str) -> str:
    """Return a text as a Python string in the quotes that need fewer escapes, double ones in doubt."""
    mark = "'" if text.count('"') > text.count("'") else '"'
    plain = "".join(each if each in "\"'" else repr(each)[1:-1] for each in text)
    return mark + plain.replace(mark, f"\\{mark}") + mark


def quote_sql(sql: str) -> str:
    """Escape SQL for the triple-quoted string, not raw, in which aerich's template puts it."""
    return sql.replace("\\", "\\\\").replace('"""', '\\"\\"\\"')


def _without(state: DdlState, other: DdlState, again: Collection[tuple[str, str]]) -> list[tuple[str, str]]:
    """Return (create, drop) of what `state` has and `other` lacks or says otherwise, and of what is made again."""
    return [
        (create, drop)
        for table, parts in state.items()
        for name, (create, drop) in parts.items()
        if other.get(table, {}).get(name) != (create, drop) or (table, name) in again
    ]


def _clean(sql: str) -> str:
    return sql.strip().rstrip(";").rstrip()
