"""Rows for any model of any plugin, made from what the model itself says; a plugin added later is covered too."""

from __future__ import annotations

from collections import defaultdict
from contextlib import suppress
from datetime import UTC, datetime
from itertools import count
from uuid import uuid4

from tortoise import fields
from tortoise.exceptions import ValidationError
from tortoise.fields.relational import ForeignKeyFieldInstance

from tests.correctness.scenes import LEDGER
from tux.errors import CheckViolation, InvalidValue, UniqueViolation
from tux.models import field_mark
from tux.models.meta import meta_of

MOMENT = datetime(2026, 7, 1, tzinfo=UTC)
_numbers = count(1)


def all_models(db):
    """Return every model of every plugin, those that others refer to first."""
    models = [model for record in db.registry.records.values() for model in record.models]
    waiting = [model for model in models if meta_of(model).db_table != LEDGER]
    ordered = []
    while waiting:
        model = next(each for each in waiting if parents(each) <= {*ordered, each})
        waiting.remove(model)
        ordered.append(model)
    return ordered


def parents(model):
    """Return the models that this one's foreign keys refer to."""
    return {key.related_model for key in keys(model).values()}


def keys(model):
    meta = meta_of(model)
    found = {name: meta.fields_map[name] for name in meta.fk_fields | meta.o2o_fields}
    return {name: key for name, key in found.items() if isinstance(key, ForeignKeyFieldInstance)}


def is_of_guilds(model):
    """Tell whether the rows go with a guild: by a key of their own, or by a row they cannot be without."""
    if model.__name__ == "Guild":
        return True
    return any(
        (not key.null and is_of_guilds(key.related_model)) or refers_to_guild(key) for key in keys(model).values()
    )


def refers_to_guild(key):
    return key.related_model.__name__ == "Guild"


def has_guild_column(model):
    """Tell whether a model names a guild without a foreign key; the purge of a guild deletes its rows."""
    marks = [field_mark(field) for field in meta_of(model).fields_map.values()]
    return any(mark is not None and mark.kind == "guild_column" for mark in marks)


async def fill(db, guild_id, rows=2):
    """Store rows of every model for a guild."""
    made = defaultdict(list)
    for model in all_models(db):
        if model.__name__ == "Guild":
            made[model] = [await store(model, {"guild_id": guild_id}, {"guild_id"})]
            continue
        for number in range(rows):
            given = {
                name: made[key.related_model][number % len(made[key.related_model])]
                for name, key in keys(model).items()
            }
            taken = {*given, *(key.source_field for key in keys(model).values())}
            if has_guild_column(model):
                given["guild_id"] = guild_id
                taken.add("guild_id")
            try:
                made[model].append(await store(model, given, taken))
            except UniqueViolation:  # at most one row for each of its parents
                assert number
    return made


async def store(model, given, taken):
    """Store a row of what it needs; where a check asks for more, with capital letters, or with one other column."""
    meta = meta_of(model)
    more = [name for name in meta.fields_db_projection if name not in taken and meta.fields_map[name].null]
    for extra in ([], *([name] for name in more)):
        for letter in "xX":
            values = {name: value_of(meta.fields_map[name], letter) for name in [*required(model, taken), *extra]}
            with suppress(CheckViolation):
                return await model.create(**given, **values)
    raise AssertionError(f"no row of {model.__name__} passes its checks; teach fill.py what they ask for")


def required(model, given):
    """Return the fields that a row cannot be without."""
    meta = meta_of(model)
    return [name for name in meta.fields_db_projection if name not in given and needs_value(meta.fields_map[name])]


def needs_value(field):
    return field.required and not field.generated


def value_of(field, letter):
    number = next(_numbers)
    if isinstance(field, fields.SmallIntField | fields.BooleanField):
        return number % 8 + 1 if isinstance(field, fields.SmallIntField) else True
    if isinstance(field, fields.IntField):
        return number
    if isinstance(field, fields.DatetimeField):
        return MOMENT
    if isinstance(field, fields.JSONField):
        return {}
    if isinstance(field, fields.UUIDField):
        return uuid4()
    return next(text for text in (f"{letter}{number}", "UTC") if is_valid(field, text))


def is_valid(field, value):
    try:
        field.validate(value)
    except (ValidationError, InvalidValue):
        return False
    return True
