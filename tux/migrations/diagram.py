"""The tables of all plugins as an entity-relationship diagram in Mermaid, which GitHub and many wikis draw."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from tux.migrations.ddl import OWN

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from tux.migrations.shapes import Schema, Table

# What Mermaid takes for the type of an attribute.
_STRANGE = re.compile(r"[^A-Za-z0-9_\[\]]+")


def er_diagram(schema: Schema, plugins: Collection[str] = ()) -> str:
    """Return the diagram of the tables, or of those of some plugins with what they refer to."""
    lines = ["erDiagram"]
    for name, table in schema.items():
        if name in OWN or (plugins and name.partition("_")[0] not in plugins):
            continue
        lines += _entity(name, table)
        lines += _relations(name, table)
    return "\n".join(lines)


def _entity(name: str, table: Table) -> Iterator[str]:
    referring = {each.column for each in table.references.values()}
    unique = _unique_columns(table)
    yield f"    {name} {{"
    for column, shape in table.columns.items():
        marks = [("PK", column == table.key), ("FK", column in referring), ("UK", column in unique)]
        words = [_STRANGE.sub("_", shape.type).strip("_"), column, ", ".join(mark for mark, is_so in marks if is_so)]
        yield f"        {' '.join(filter(None, words))}"
    yield "    }"


def _relations(name: str, table: Table) -> Iterator[str]:
    """Yield a line for each foreign key: one row, or perhaps none, of the other table to many, or at most one, of this."""
    single = {table.key, *_unique_columns(table)}
    for reference in table.references.values():
        one = "|o" if table.columns[reference.column].nullable else "||"
        many = "o|" if reference.column in single else "o{"
        yield f"    {reference.table} {one}--{many} {name} : {reference.column}"


def _unique_columns(table: Table) -> set[str]:
    return {columns[0] for columns in table.uniques.values() if len(columns) == 1}
