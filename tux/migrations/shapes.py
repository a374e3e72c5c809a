"""The tables that models make, as PostgreSQL knows them: the names, types and constraints that a fresh schema has.

A migration file keeps the schema that holds after it, so that the next one is the difference of two of these. Every
name follows from the state alone (PostgreSQL's own rules for constraints it names itself), so that a database that was
migrated equals one that was made at once.
"""

# ruff: noqa: SLF001 - Tortoise's generator keeps to itself how it writes types, names and comments
from __future__ import annotations

import base64
import json
import re
import zlib
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field, replace
from decimal import Decimal
from math import isfinite
from typing import TYPE_CHECKING, Any

from tux.errors import MigrationError
from tux.migrations.literals import sql_literal, sql_made_anew
from tux.models.ddl import MAX_NAME_BYTES
from tux.models.meta import meta_of

if TYPE_CHECKING:
    from tortoise import Model
    from tortoise.backends.base.schema_generator import BaseSchemaGenerator

_INDEX = re.compile(r'CREATE (UNIQUE )?INDEX IF NOT EXISTS "([^"]+)" ON "[^"]+" (.*?);?$', re.DOTALL)
_LINE = 100


@dataclass(frozen=True, slots=True)
class Column:
    """A column; `fill` is what rows get that are there before it, "" when nobody can say."""

    type: str
    nullable: bool = False
    default: str = ""
    fill: str = ""
    generated: str = ""
    serial: bool = False
    comment: str = ""


@dataclass(frozen=True, slots=True)
class Reference:
    """A foreign key of one column."""

    column: str
    table: str
    target: str
    on_delete: str


@dataclass(frozen=True, slots=True)
class Index:
    """An index; `body` follows the table's name: "USING gin (...) WHERE ..."."""

    body: str
    unique: bool = False


@dataclass(frozen=True, slots=True)
class Table:
    """A table; constraints and indexes by name. `model` is "" for that of a many-to-many relation."""

    model: str
    key: str = ""
    columns: Mapping[str, Column] = field(default_factory=dict[str, Column])
    uniques: Mapping[str, tuple[str, ...]] = field(default_factory=dict[str, tuple[str, ...]])
    references: Mapping[str, Reference] = field(default_factory=dict[str, Reference])
    indexes: Mapping[str, Index] = field(default_factory=dict[str, Index])
    comment: str = ""


Schema = Mapping[str, Table]


def read_schema(models: Iterable[type[Model]], generator: BaseSchemaGenerator) -> Schema:
    """Return the schema that Tortoise makes of the models, by table in alphabetical order."""
    known: Any = generator
    tables: dict[str, Table] = {}
    every = list(models)
    for model in every:
        tables[meta_of(model).db_table] = _table(model, known)
    for model in every:
        for name in meta_of(model).m2m_fields:
            relation = meta_of(model).fields_map[name]
            if not relation._generated and relation.through not in tables:  # Tortoise's mark of the other side
                tables[relation.through] = _link(model, relation, known)
    schema = {name: tables[name] for name in sorted(tables)}
    _refuse_twice(schema)
    return schema


def _refuse_twice(schema: Schema) -> None:
    """Refuse two tables or indexes of one name: PostgreSQL leaves out the second one, or calls it otherwise."""
    owners: dict[str, str] = {}
    for table, each in schema.items():
        for name in (table, *each.uniques, *each.indexes, *([pg_name(table, "", "pkey")] if each.key else ())):
            if name in owners:
                raise MigrationError(
                    f"{owners[name]} and {table} both have a table, index or unique constraint called {name}, but in a "
                    "database there can be one only; give one of them another name, an index by name="
                )
            owners[name] = table


def pg_name(table: str, column: str, kind: str) -> str:
    """Return the name that PostgreSQL gives to a constraint or sequence itself (makeObjectName in indexcmds.c)."""
    room = MAX_NAME_BYTES - len(kind) - (2 if column else 1)
    while len(table) + len(column) > room:
        if len(table) > len(column):
            table = table[:-1]
        else:
            column = column[:-1]
    return "_".join(part for part in (table, column, kind) if part)


def pack(schema: Schema) -> str:
    """Return the schema as the Python text of a string, short and without meaning for a reader."""
    text = json.dumps({name: asdict(table) for name, table in schema.items()}, sort_keys=True)
    packed = base64.b64encode(zlib.compress(text.encode(), 9)).decode()
    lines = (packed[start : start + _LINE] for start in range(0, len(packed), _LINE))
    return "".join(f'    "{line}"\n' for line in lines)


def unpack(packed: str) -> Schema:
    """Return the schema that `pack` wrote."""
    return build_schema(json.loads(zlib.decompress(base64.b64decode(packed))))


def build_schema(raw: Mapping[str, Mapping[str, Any]]) -> Schema:
    """Return a schema from plain dictionaries, as `asdict` and JSON have it."""
    return {
        name: replace(
            Table(**table),
            columns={key: Column(**value) for key, value in table["columns"].items()},
            uniques={key: tuple(value) for key, value in table["uniques"].items()},
            references={key: Reference(**value) for key, value in table["references"].items()},
            indexes={key: Index(**value) for key, value in table["indexes"].items()},
        )
        for name, table in sorted(raw.items())
    }


def _table(model: type[Model], generator: Any) -> Table:
    meta = meta_of(model)
    table: str = meta.db_table
    columns: dict[str, Column] = {}
    uniques: dict[str, tuple[str, ...]] = {}
    references: dict[str, Reference] = {}
    indexed: list[str] = []
    _refuse_without_column(model)
    for name, column in meta.fields_db_projection.items():
        each = meta.fields_map[name]
        relation = getattr(each, "reference", None)
        columns[column] = _column(model, each, column, generator)
        if relation is not None and relation.db_constraint:
            target = relation.to_field_instance
            references[pg_name(table, column, "fkey")] = Reference(
                column,
                meta_of(relation.related_model).db_table,
                target.source_field or target.model_field_name,
                str(relation.on_delete.value),
            )
        if each.unique and not each.pk:
            uniques[pg_name(table, column, "key")] = (column,)
        elif each.index and not each.pk:
            indexed.append(column)
    for together in meta.unique_together:
        names = tuple(meta.fields_map[name].source_field or name for name in together)
        uniques[generator._get_index_name("uid", model, names)] = names
    indexes = [_index(sql) for sql in generator._get_field_indexes_sqls(model, indexed, safe=True)]
    _refuse_same_names(table, [name for name, _ in indexes])
    return Table(
        model.__name__,
        meta.db_pk_column,
        columns,
        uniques,
        references,
        dict(indexes),
        generator._escape_comment(meta.table_description or ""),
    )


def _refuse_without_column(model: type[Model]) -> None:
    meta = meta_of(model)
    for name in sorted(meta.fk_fields | meta.o2o_fields):
        if meta.fields_map[name].source_field not in meta.fields_db_projection:
            other: str = meta.fields_map[name].related_model.__name__
            raise MigrationError(
                f"{model.__name__}.{name} would have no column: Tortoise makes none for a foreign key to {other}, whose primary "
                f"key is a relation; give {other} a primary key of its own beside the relation"
            )


def _refuse_same_names(table: str, indexes: Iterable[str]) -> None:
    if twice := [name for name, count in Counter(indexes).items() if count > 1]:
        raise MigrationError(f"{table} has two indexes called {twice[0]}; give one of them a name= of its own")


def _column(model: type[Model], each: Any, column: str, generator: Any) -> Column:
    dialect = generator.DIALECT
    relation = getattr(each, "reference", None)
    made = each.get_for_dialect(dialect, "GENERATED_SQL") if each.generated else None
    described = (relation.description if relation is not None else "") or each.description or ""
    default = ""
    if each.has_db_default():
        if fault := _default_fault(each.db_default):
            raise MigrationError(
                f"{meta_of(model).db_table}.{column} has {fault}; "
                f'write db_default=SqlDefault("{sql_literal(each.db_default)}"), from tortoise.fields.db_defaults'
            )
        text: str = generator._get_field_default(each, meta_of(model).db_table, column, model)
        default = text.removeprefix(" DEFAULT ")
    return Column(
        each.get_for_dialect(dialect, "SQL_TYPE"),
        nullable=bool(each.null),
        default=default,
        fill=default or _fill(model, each),
        generated=made if made and not each.pk else "",
        serial=bool(made and each.pk),
        comment=generator._escape_comment(described),
    )


def _default_fault(value: object) -> str:
    """Return why Tortoise would write a db_default as wrong SQL, "" when it does not."""
    if isinstance(value, str) and "'" in value:
        return "a quote in its db_default, which Tortoise does not double"
    if isinstance(value, float | Decimal) and not isfinite(value):
        return f"{value} as its db_default, which Tortoise does not quote"
    return ""


def _fill(model: type[Model], each: Any) -> str:
    """Return the Python default of a field as SQL; "" without one, or when SQL cannot say it."""
    if getattr(each, "auto_now", False) or getattr(each, "auto_now_add", False):
        return "CURRENT_TIMESTAMP"
    if each.default is None or each.pk:
        return ""
    if callable(each.default) and (made := sql_made_anew(each.default)) is not None:
        return made
    value = each.default() if callable(each.default) else each.default
    return sql_literal(each.to_db_value(value, model), type_name=each.get_for_dialect("postgres", "SQL_TYPE"))


def _link(model: type[Model], relation: Any, generator: Any) -> Table:
    """Return the table of a many-to-many relation, as Tortoise makes it."""
    other = relation.related_model
    ends = ((relation.backward_key, model), (relation.forward_key, other))
    columns = {key: Column(generator._get_pk_field_sql_type(meta_of(end).pk)) for key, end in ends}
    references = {
        pg_name(relation.through, key, "fkey"): Reference(
            key, meta_of(end).db_table, meta_of(end).db_pk_column, str(relation.on_delete.value)
        )
        for key, end in ends
        if relation.db_constraint
    }
    indexes: dict[str, Index] = {}
    if relation.unique:
        keys = [relation.backward_key, relation.forward_key]
        sql = generator._get_unique_index_sql("IF NOT EXISTS ", relation.through, keys)
        indexes = dict([_index(sql)])
    return Table(
        "",
        columns=columns,
        references=references,
        indexes=indexes,
        comment=generator._escape_comment(relation.description or ""),
    )


def _index(sql: str) -> tuple[str, Index]:
    found = _INDEX.match(sql.strip())
    if found is None:
        raise MigrationError(f"an index cannot be read: {sql}; declare it in the model's ddl instead of Meta.indexes")
    unique, name, body = found.groups()
    return name, Index(" ".join(body.split()), unique=bool(unique))
