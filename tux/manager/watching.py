"""Which writes reach the rows of a model: what the models say of guilds and foreign keys, for `tux.database.writes`."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from tortoise import fields

from tux.database.writes import Watched
from tux.models.marks import GUILD_MODEL, field_mark, is_guild_reference
from tux.models.meta import meta_of

if TYPE_CHECKING:
    from collections.abc import Iterable

    from tortoise.models import Model

    from tux.database.writes import Listener, Writes

_UNTOUCHED = (fields.RESTRICT, fields.NO_ACTION)


def watch_guild(writes: Writes, model: type[Model], drop: Listener) -> None:
    """Call `drop` with the guild in which rows of a model were written, with None where the table has no guilds."""
    writes.watch(watched_of(model), drop if _guild_field(model) is not None else lambda _scope: drop(None))


def watched_of(model: type[Model]) -> Watched:
    """Return how the writes of a model's table are watched; its relations must be connected."""
    name = scope_field(model)
    return Watched(meta_of(model).db_table, _column(model, name), dict(_parents(model, name, frozenset())))


def scope_field(model: type[Model]) -> str:
    """Return the field by which rows are told apart: that of the guild, else the key."""
    return _guild_field(model) or cast("str", meta_of(model).pk_attr)


def _guild_field(model: type[Model]) -> str | None:
    meta = meta_of(model)
    for name in meta.fields_db_projection:
        field = meta.fields_map[name]
        mark = field_mark(field)
        if (mark is not None and mark.kind != "user_column") or is_guild_reference(field.reference):
            return cast("str", name)
    return cast("str", meta.pk_attr) if meta.full_name == GUILD_MODEL else None


def _parents(model: type[Model], name: str | None, seen: frozenset[type[Model]]) -> Iterable[tuple[str, str | None]]:
    """Find the tables whose deletions reach a model's rows, with their column that equals field `name` of these."""
    meta = meta_of(model)
    found: dict[str, str | None] = {}
    for relation in (meta.fields_map[each] for each in meta.fk_fields | meta.o2o_fields):
        parent = relation.related_model
        if relation.on_delete in _UNTOUCHED or parent in {*seen, model}:
            continue
        same = relation.to_field_instance.model_field_name if relation.source_field == name else None
        above = [(meta_of(parent).db_table, _column(parent, same)), *_parents(parent, same, seen | {model})]
        for table, column in above:
            found[table] = column if found.get(table, column) == column else None
    return found.items()


def _column(model: type[Model], name: str | None) -> str | None:
    return None if name is None else meta_of(model).fields_db_projection[name]
