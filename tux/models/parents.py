"""The guild's row of an active-record write: `Case.create(...)` makes it when it is missing, in the same statement."""

# ruff: noqa: S608 - quoted names of models and placeholders, never values
from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tortoise.fields.base import DatabaseDefault

from tux.models.marks import is_guild_reference
from tux.models.meta import meta_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from tortoise.models import Model


class GuildMaker:
    """A client as Tortoise sees it, whose writes of one row make the guilds that the row refers to in front of it."""

    def __init__(self, client: Any, guilds: Sequence[Model]) -> None:
        self.client = client
        self.guilds = guilds

    def __getattr__(self, name: str) -> Any:
        return getattr(self.client, name)

    async def execute_insert(self, query: str, values: list[Any]) -> Any:
        """Return what Tortoise's INSERT gives back."""
        return await self.client.execute_insert(*with_guilds(self.guilds, query, values))

    async def execute_query(self, query: str, values: list[Any]) -> tuple[int, list[Any]]:
        """Return how many rows Tortoise's UPDATE of one row reached."""
        return await self.client.run(*with_guilds(self.guilds, query, values)), []


def maker_of(client: Any, guilds: Sequence[Model]) -> Any:
    """Return a client whose writes make guilds first; the same one, when it is that already."""
    return client if isinstance(client, GuildMaker) else GuildMaker(client, guilds)


def guilds_given(model: type[Model], values: Mapping[str, object]) -> list[Model]:
    """Return the guilds that an update with these values would refer to, as rows made from their key alone."""
    meta = meta_of(model)
    found: list[Model] = []
    for name in (*meta.fk_fields, *meta.o2o_fields):
        relation = meta.fields_map[name]
        key = values.get(relation.source_field)
        if _makes_guilds(model, relation) and isinstance(key, int | str):
            found.append(_guild_of(relation, key))
    return found


def guilds_of(rows: Iterable[Model], written: Iterable[str] | None = None) -> list[Model]:
    """Return the guilds that the written fields of rows refer to, each once, as rows made from their key alone."""
    names = None if written is None else set(written)
    found: dict[object, Model] = {}
    for row in rows:
        meta = meta_of(row)
        for name in (*meta.fk_fields, *meta.o2o_fields):
            relation = meta.fields_map[name]
            if names is not None and relation.source_field not in names:
                continue
            key = getattr(row, relation.source_field, None)
            if key is not None and key not in found and _makes_guilds(type(row), relation):
                found[key] = _guild_of(relation, key)
    return [found[key] for key in sorted(found, key=str)]


def _makes_guilds(model: type[Model], relation: Any) -> bool:
    """Tell whether a relation of a model leads to guilds that a write may make."""
    other = relation.related_model
    return is_guild_reference(relation) and other is not model and is_made_from_key(other)


def _guild_of(relation: Any, key: object) -> Model:
    guild: Model = relation.related_model(**{relation.to_field_instance.model_field_name: key})
    return guild


def is_made_from_key(model: type[Model]) -> bool:
    """Tell whether every column of a model but its key has a default or may be NULL."""
    meta = meta_of(model)
    fields = (meta.fields_map[name] for name in meta.fields_db_projection if name != meta.pk_attr)
    stamps = ("auto_now", "auto_now_add")
    return all(not field.required or any(getattr(field, stamp, False) for stamp in stamps) for field in fields)


def insert_of(guild: Model, first: int = 1) -> tuple[str, list[Any]]:
    """Return the insert of a guild that may be there already, with `$first` as its first parameter, and its values."""
    meta = meta_of(guild)
    given = {
        column: meta.fields_map[name].to_db_value(getattr(guild, name), guild)
        for name, column in meta.fields_db_projection.items()
        if not isinstance(getattr(guild, name), DatabaseDefault)
    }
    columns = ", ".join(f'"{column}"' for column in given)
    numbers = ", ".join(f"${number}" for number in range(first, first + len(given)))
    return f'INSERT INTO "{meta.db_table}" ({columns}) VALUES ({numbers}) ON CONFLICT DO NOTHING', list(given.values())


def with_guilds(guilds: Sequence[Model], query: str, values: list[Any]) -> tuple[str, list[Any]]:
    """Return a write with the inserts of missing guilds in front, and the values of both."""
    parts: list[str] = []
    for guild in guilds:
        sql, more = insert_of(guild, len(values) + 1)
        parts.append(f"guild_{len(parts)} AS ({sql})")
        values = [*values, *more]
    return f"WITH {', '.join(parts)} {query}", values
