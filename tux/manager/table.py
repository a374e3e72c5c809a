"""What a manager knows about its model's table, worked out once per model, after Tortoise connected the relations."""

from __future__ import annotations

import inspect
import re
from dataclasses import dataclass
from functools import cache, cached_property
from typing import TYPE_CHECKING, Any, NamedTuple

from tortoise import fields
from tortoise.contrib.postgres.fields import ArrayField
from tortoise.fields.base import DatabaseDefault
from tortoise.models import Model

from tux import clock
from tux.database.statements import Condition, Leaf, Parent, ShapeCache, quote
from tux.errors import DatabaseError, InvalidQuery, TuxError
from tux.manager.values import Codec
from tux.models.ddl import Index
from tux.models.marks import is_guild_reference
from tux.models.meta import meta_of
from tux.models.mixins import LIVE
from tux.models.querysets import DELETED
from tux.models.times import current_time

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from tux.database.keyset import OrderColumn


_LENGTH = re.compile(r"\(.*?\)")
_STRUCTURED = (fields.JSONField, ArrayField)
_OF_NOTHING: tuple[Callable[[], object], ...] = (list, dict)


@dataclass(frozen=True)
class Field:
    """One column: its names, how values get in, and what stands in for a missing one, as the driver takes it."""

    name: str
    column: str
    codec: Codec
    sql_type: str
    is_structured: bool
    is_array: bool
    is_nullable: bool
    default: Callable[[], object] | None
    is_optional: bool


class Plan(NamedTuple):
    """How rows, or changes of rows, that are given by the same names become complete."""

    names: tuple[str, ...]
    codecs: tuple[Codec, ...]
    defaults: tuple[tuple[str, Callable[[], object]], ...]

    def row(self, values: Iterable[object]) -> dict[str, object] | None:
        """Return the columns to write; None when a value is refused, or is an expression or a row."""
        try:
            encoded = [
                value if codec.fits(value) else codec.write(value)
                for codec, value in zip(self.codecs, values, strict=True)
            ]
        except DatabaseError:
            return None
        row: dict[str, object] = dict(zip(self.names, encoded, strict=True))
        now = clock.now()
        for name, default in self.defaults:
            row[name] = now if default is current_time else default()
        return row


class Table:
    """A model's table: fields by name, the key, unique keys, and the texts that statements share."""

    unset = DatabaseDefault

    def __init__(self, model: type[Model]) -> None:
        meta = meta_of(model)
        if not meta.filters:  # filled in by Tortoise once the models are connected with each other and a database
            raise TuxError(f"{model.__name__} is not connected yet; connect the database first")
        self.model = model
        self.label: str = meta.db_table
        self.name = quote(meta.db_table)
        self.texts = ShapeCache[str]()
        self.plans = ShapeCache[Plan]()
        self.changes = ShapeCache[tuple[str, Plan]]()
        self.comparisons = ShapeCache[tuple[Condition, list[Codec]]]()
        self.firsts = ShapeCache[tuple[str, list[Codec]]]()
        self.orders = ShapeCache[tuple[str, ...]]()
        self.lists: ShapeCache[tuple[OrderColumn, ...]] = ShapeCache()
        self.by_key: dict[bool, str] = {}
        self.identities = ShapeCache[Condition]()
        self.fields = {name: _field(model, name, self.label) for name in meta.fields_db_projection}
        self.by_column = {field.column: field for field in self.fields.values()}
        self.relations = {name: meta.fields_map[name] for name in meta.fk_fields | meta.o2o_fields}
        self.sources = {relation.source_field: relation for relation in self.relations.values()}
        self.names = frozenset(meta.fields_map)
        self.look_ups = frozenset(meta.filters)
        self.nested = frozenset(meta.fetch_fields)
        self.key = self.fields[meta.pk_attr]
        self.columns = ", ".join(field.column for field in self.fields.values())
        self.ordering = tuple(f"-{name}" if order.name == "desc" else name for name, order in meta.ordering)
        self.composite = tuple(self.fields[name] for name in self._composite(meta))
        self.stamped = tuple(self.fields[name] for name in _written_stamps(model, self.fields))
        self.parents = tuple(self._parents())
        self.deleted = self.fields[DELETED] if getattr(model, "hides_deleted", False) else None
        self.live = Leaf(self.deleted.column, "isnull") if self.deleted else None

    def field(self, name: str) -> Field:
        """Return a field by the name of the field, of the relation over it, or `pk`.

        Raises:
            InvalidQuery: the model has no such column; lists those that it has.
        """
        if name in self.fields:
            return self.fields[name]
        if name == "pk":
            return self.key
        if name in self.relations:
            return self.fields[self.relations[name].source_field]
        known = ", ".join(self.fields)
        raise InvalidQuery(f"{self.model.__name__} has no field {name!r}; it has {known}", table=self.label)

    def value(self, name: str, value: object) -> object:
        """Return the key of a row that was given for a relation, and any other value as it is.

        Raises:
            InvalidQuery: the row is of another model than the relation's, or has no key yet.
        """
        if not isinstance(value, Model):
            return value
        relation = self.relations.get(name) or self.sources.get(name)
        if relation is not None and not isinstance(value, relation.related_model):
            wanted, given = relation.related_model.__name__, type(value).__name__
            raise InvalidQuery(f"{self.model.__name__}.{name} is a {wanted}, got a {given}", table=self.label)
        key = getattr(value, relation.to_field_instance.model_field_name if relation is not None else "pk")
        if key is None:
            raise InvalidQuery(f"{self.model.__name__}.{name}: {value!r} is not saved yet", table=self.label)
        return key

    @cached_property
    def unique_keys(self) -> dict[frozenset[str], str]:
        """Return the sets of columns of which PostgreSQL keeps at most one row each, with the condition of the index."""
        meta = meta_of(self.model)
        whole = [frozenset({self.key.column})]
        whole += [frozenset({each.column}) for each in self.fields.values() if meta.fields_map[each.name].unique]
        whole += [frozenset(self.field(name).column for name in names) for names in meta.unique_together]
        found = {
            frozenset(quote(column.removeprefix("-")) for column in each.columns): each.where or ""
            for each in _unique_indexes(self.model)
        }
        return found | dict.fromkeys(whole, "")

    def is_made_by_database(self, name: str) -> bool:
        """Tell whether PostgreSQL makes a value for the column when an insert leaves it out."""
        field = meta_of(self.model).fields_map[name]
        return bool(field.generated or field.has_db_default())

    def _composite(self, meta: Any) -> Iterable[str]:
        if meta.unique_together:
            names = meta.unique_together[0]
            return [self.relations[name].source_field if name in self.relations else name for name in names]
        several = [each.columns for each in _unique_indexes(self.model) if len(each.columns) > 1]
        columns = several[0] if several else ()
        return [meta.fields_db_projection_reverse[column.removeprefix("-")] for column in columns]

    def _parents(self) -> Iterable[tuple[Field, Parent, tuple[Field, ...]]]:
        """Find the guild's rows that a write of this table may have to make first."""
        for relation in self.relations.values():
            if not is_guild_reference(relation) or relation.related_model is self.model:
                continue
            guild = table_of(relation.related_model)
            missing = [each for each in guild.fields.values() if each is not guild.key]
            if all(each.is_optional for each in missing):
                given = tuple(each for each in missing if each.default is not None)
                parent = Parent(guild.name, guild.key.column, tuple(each.column for each in given))
                yield self.fields[relation.source_field], parent, given


def _unique_indexes(model: type[Model]) -> list[Index]:
    """Return the declared indexes that make columns unique: among all rows, or among those that are not deleted."""
    conditions = (None, "", LIVE) if getattr(model, "hides_deleted", False) else (None, "")
    declared = [each for each in getattr(model, "ddl", ()) if isinstance(each, Index)]
    names = set(meta_of(model).fields_db_projection_reverse)
    return [
        each
        for each in declared
        if each.unique and each.where in conditions and {column.removeprefix("-") for column in each.columns} <= names
    ]


def _field(model: type[Model], name: str, table: str) -> Field:
    field = meta_of(model).fields_map[name]
    codec = Codec(model, field, table)
    return Field(
        name=name,
        column=quote(field.source_field or name),
        codec=codec,
        sql_type=_LENGTH.sub("", field.get_for_dialect("postgres", "SQL_TYPE")),
        is_structured=isinstance(field, _STRUCTURED),
        is_array=isinstance(field, ArrayField),
        is_nullable=bool(field.null),
        default=_default(field, codec),
        is_optional=not field.required or _is_stamp(field),
    )


def _is_stamp(field: Any) -> bool:
    return bool(getattr(field, "auto_now", False) or getattr(field, "auto_now_add", False))


def _default(field: Any, codec: Codec) -> Callable[[], object] | None:
    """Return what makes a field's encoded value in Python, or None when the database does, or nobody."""
    if field.generated:
        return None
    default = field.default
    if _is_stamp(field) or default in (current_time, clock.now):
        return current_time
    if inspect.iscoroutinefunction(default):
        raise TuxError(f"{field.model_field_name}: a default that must be awaited is not supported")
    if callable(default):
        make: Callable[[], object] = default
        if make in _OF_NOTHING and isinstance(empty := codec.write(make()), str):
            return lambda: empty  # a text, which nobody can change
        return lambda: codec.write(make())
    return None if default is None else cache(lambda: codec.write(default))


def _written_stamps(model: type[Model], known: dict[str, Field]) -> Iterable[str]:
    """Name the fields that every write sets to now."""
    meta = meta_of(model)
    for name in known:
        stamped = name == "updated_at" and getattr(model, "is_stamped", False)
        if stamped or getattr(meta.fields_map[name], "auto_now", False):
            yield name


_tables: dict[type[Model], Table] = {}


def table_of(model: type[Model]) -> Table:
    """Return the one description of a model's table."""
    known = _tables.get(model)
    if known is None:
        known = _tables[model] = Table(model)
    return known
