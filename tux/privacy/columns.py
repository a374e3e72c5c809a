"""Where the data of users and guilds lie: in models of ready and switched-off plugins, and in tables of kept ones."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, NamedTuple

from tux.database.engine import active_client
from tux.models.marks import GUILD_MODEL, field_mark, is_guild_reference
from tux.models.meta import meta_of
from tux.registry import State

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from tortoise import Model

    from tux.registry import PluginRecord, Registry

GUILD_COLUMN = "guild_id"

# of the tables and columns that are asked for, those that this database has: a plugin's schema may be behind
_EXISTING = """
SELECT table_name::text, column_name::text FROM information_schema.columns
WHERE table_schema = current_schema() AND table_name = ANY($1::text[])
"""


@dataclass(frozen=True, slots=True)
class UserColumn:
    """A column that holds users' ids, and what becomes of the rows when one of them wants to be forgotten."""

    plugin: str
    table: str
    column: str
    forget: Literal["delete", "null", "keep"]
    reason: str = ""


class GuildTable(NamedTuple):
    """A table whose rows belong to guilds, and the column that says to which."""

    table: str
    column: str


@dataclass(frozen=True, slots=True)
class DataMap:
    """All columns of users and tables of guilds; `unreadable` are plugins whose models could not be imported."""

    users: tuple[UserColumn, ...]
    guilds: tuple[GuildTable, ...]
    unreadable: tuple[str, ...]


async def map_data(
    registry: Registry, *, left_columns: Iterable[UserColumn] = (), left_tables: Iterable[str] = ()
) -> DataMap:
    """Return where data lie; columns that this database lacks are left out. One statement.

    Args:
        registry: the plugins whose code is there.
        left_columns: those of users in tables that plugins without code left behind.
        left_tables: all such tables; one with a column `guild_id` belongs to guilds.
    """
    users = [*(column for record in registry.records.values() for column in _user_columns(record)), *left_columns]
    guilds = [table for model in registry.models() if (table := _guild_table(model)) is not None]
    guilds += [GuildTable(table, GUILD_COLUMN) for table in left_tables]
    # the guilds' own table goes last: what refers to it would go with it, and could not be counted
    guilds += [_keyed_table(model) for model in registry.models() if meta_of(model).full_name == GUILD_MODEL]
    names = {column.table for column in users} | {table.table for table in guilds}
    rows = await active_client().fetch(_EXISTING, (sorted(names),))
    existing = {(row["table_name"], row["column_name"]) for row in rows}
    return DataMap(
        tuple(column for column in users if (column.table, column.column) in existing),
        tuple(table for table in guilds if (table.table, table.column) in existing),
        tuple(_unreadable(registry.records.values())),
    )


def _user_columns(record: PluginRecord) -> Iterator[UserColumn]:
    for model in record.models:
        meta = meta_of(model)
        for name, column in meta.fields_db_projection.items():
            mark = field_mark(meta.fields_map[name])
            if mark is not None and mark.forget is not None:
                yield UserColumn(record.name, meta.db_table, column, mark.forget, mark.reason or "")


def _guild_table(model: type[Model]) -> GuildTable | None:
    meta = meta_of(model)
    for name, column in meta.fields_db_projection.items():
        field = meta.fields_map[name]
        mark = field_mark(field)
        if (mark is not None and mark.kind != "user_column") or is_guild_reference(field.reference):
            return GuildTable(meta.db_table, column)
    return None


def _keyed_table(model: type[Model]) -> GuildTable:
    meta = meta_of(model)
    return GuildTable(meta.db_table, meta.fields_db_projection[meta.pk_attr])


def _unreadable(records: Iterable[PluginRecord]) -> Iterator[str]:
    """Give the plugins that did not come as far as having models, so that nobody knows whether they keep data."""
    for record in records:
        if record.state is not State.READY and not record.models and record.phase in {"manifest", "order", "models"}:
            yield record.name
