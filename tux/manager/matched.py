"""Loads matched relations: the rows of all owners in one statement."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Any

from tux.database.engine import active_client
from tux.database.statements import EVERYTHING, Numbers, select_sql, tuples_condition, where_sql
from tux.manager.filters import joined
from tux.manager.table import table_of
from tux.models.meta import from_row

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tortoise.models import Model

    from tux.models.matched import Matched


async def load_matched(rows: Sequence[Model], relation: Matched[Any]) -> None:
    """Give every row the list of those that match it, in the order of their key."""
    related = table_of(relation.related)
    fields = [related.field(name) for name in relation.columns.values()]
    keys = [tuple(getattr(row, name) for name in relation.columns) for row in rows]
    condition = tuples_condition([field.column for field in fields], [field.sql_type for field in fields])
    where = where_sql(joined("AND", [condition, related.live or EVERYTHING]), Numbers())
    sql = select_sql(related.name, related.columns, where, order=f" ORDER BY {related.key.column}")
    found: defaultdict[tuple[object, ...], list[Model]] = defaultdict(list)
    for record in await active_client().fetch(sql, [list(column) for column in zip(*keys, strict=True)]):
        match = from_row(relation.related, record)
        found[tuple(getattr(match, field.name) for field in fields)].append(match)
    for row, key in zip(rows, keys, strict=True):
        setattr(row, relation.name, list(found[key]))
