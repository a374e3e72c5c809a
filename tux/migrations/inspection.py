"""Writes the models that an existing database would need: `aerich inspectdb`, in the form of a plugin's models.py.

aerich's own inspection multiplies columns, forgets which may be NULL, and prints defaults that are no Python. What
Tortoise has no field for (generated columns, unusual types and indexes) becomes SQL in the model's `ddl`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from tux.migrations.ddl import OWN, quote

if TYPE_CHECKING:
    from tux.database.schema import Reader

_COLUMNS = """
SELECT c.relname AS "table", a.attname AS name, format_type(a.atttypid, a.atttypmod) AS type, a.attnotnull AS needed,
  a.attgenerated::text <> '' AS generated, a.attidentity::text <> '' AS counts, pg_get_expr(d.adbin, d.adrelid) AS value,
  col_description(c.oid, a.attnum) AS comment, obj_description(c.oid, 'pg_class') AS about
FROM pg_catalog.pg_class c
JOIN pg_catalog.pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
LEFT JOIN pg_catalog.pg_attrdef d ON d.adrelid = c.oid AND d.adnum = a.attnum
WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p') ORDER BY c.relname, a.attnum
"""
_CONSTRAINTS = """
SELECT c.relname AS "table", k.conname AS name, k.contype::text AS kind, pg_get_constraintdef(k.oid) AS definition,
  ARRAY(SELECT a.attname::text FROM unnest(k.conkey) WITH ORDINALITY u(num, place)
    JOIN pg_catalog.pg_attribute a ON a.attrelid = k.conrelid AND a.attnum = u.num ORDER BY u.place) AS columns,
  f.relname AS target, k.confdeltype::text AS on_delete,
  EXISTS (SELECT FROM pg_catalog.pg_index i WHERE i.indrelid = k.confrelid AND i.indisprimary AND i.indkey[0] = k.confkey[1])
    AS to_key
FROM pg_catalog.pg_constraint k JOIN pg_catalog.pg_class c ON c.oid = k.conrelid
LEFT JOIN pg_catalog.pg_class f ON f.oid = k.confrelid
WHERE c.relnamespace = 'public'::regnamespace AND k.contype IN ('p', 'u', 'f', 'c', 'x') ORDER BY c.relname, k.conname
"""
_INDEXES = """
SELECT t.relname AS "table", c.relname AS name, pg_get_indexdef(i.indexrelid) AS definition, i.indisunique AS single
FROM pg_catalog.pg_index i JOIN pg_catalog.pg_class c ON c.oid = i.indexrelid JOIN pg_catalog.pg_class t ON t.oid = i.indrelid
WHERE t.relnamespace = 'public'::regnamespace
  AND NOT EXISTS (SELECT FROM pg_catalog.pg_constraint k WHERE k.conindid = i.indexrelid AND k.contype IN ('p', 'u', 'x'))
ORDER BY t.relname, c.relname
"""
_FIELDS = {
    "bigint": "BigIntField",
    "boolean": "BooleanField",
    "bytea": "BinaryField",
    "date": "DateField",
    "double precision": "FloatField",
    "integer": "IntField",
    "jsonb": "JSONField",
    "smallint": "SmallIntField",
    "text": "TextField",
    "time without time zone": "TimeField",
    "timestamp with time zone": "DatetimeField",
    "uuid": "UUIDField",
}
_SIZED = re.compile(r"(?:character varying\((?P<length>\d+)\)|numeric\((?P<digits>\d+),(?P<places>\d+)\))")
_ARRAY = re.compile(r"(bigint|boolean|date|double precision|integer|smallint|text|uuid)\[\]")
_NUMBER = re.compile(r"'?(-?\d+)'?(?:::[\w ]+)?")
_TEXT = re.compile(r"'([^'\\]*)'::(?:character varying|text)")
_PLAIN_INDEX = re.compile(r"CREATE INDEX \S+ ON \S+ USING btree \(([\w, ]+)\)")
_DELETIONS = {"a": "NO_ACTION", "c": "CASCADE", "d": "SET_DEFAULT", "n": "SET_NULL", "r": "RESTRICT"}
_IMPORTS = {
    "ArrayField(": "from tortoise.contrib.postgres.fields import ArrayField",
    "SqlDefault(": "from tortoise.fields.db_defaults import SqlDefault",
}


Row = Mapping[str, Any]  # of the catalog


@dataclass(slots=True)
class _Table:
    name: str
    columns: list[Row] = field(default_factory=list[Row])
    constraints: list[Row] = field(default_factory=list[Row])
    indexes: list[Row] = field(default_factory=list[Row])

    def of_kind(self, kind: str) -> Iterator[Row]:
        """Yield the constraints of one of PostgreSQL's kinds: p, u, f, c, x."""
        return (each for each in self.constraints if each["kind"] == kind)

    @property
    def keys(self) -> list[str]:
        """The columns of the primary key."""
        return [column for each in self.of_kind("p") for column in each["columns"]]

    @property
    def references(self) -> dict[str, Row]:
        """The foreign keys of one column to a primary key, by that column; a primary key itself stays a plain column."""
        single = (each for each in self.of_kind("f") if len(each["columns"]) == 1 and each["to_key"])
        found = {each["columns"][0]: each for each in single}
        return {column: each for column, each in found.items() if column not in self.keys}

    def has_mark(self, columns: tuple[str, ...]) -> bool:
        """Whether a unique or index over these columns is said at its field; Tortoise's TextField takes neither."""
        texts = {each["name"] for each in self.columns if each["type"] == "text"}
        return len(columns) == 1 and columns[0] not in texts

    @property
    def uniques(self) -> list[tuple[str, ...]]:
        """The columns of each UNIQUE constraint."""
        return [tuple(each["columns"]) for each in self.of_kind("u")]

    @property
    def plain_indexes(self) -> dict[tuple[str, ...], Row]:
        """The indexes that are of nothing but columns, by those."""
        found = ((_PLAIN_INDEX.fullmatch(each["definition"]), each) for each in self.indexes)
        return {tuple(match[1].split(", ")): each for match, each in found if match}


async def inspect_tables(client: Reader, wanted: Sequence[str] = ()) -> str:
    """Return Python text with a model for each table of the schema `public`, or for those wanted.

    Class names follow from tables, names of relations from columns: rename both as you like, the tables stay.
    """
    tables: dict[str, _Table] = {}
    for query, part in ((_COLUMNS, "columns"), (_CONSTRAINTS, "constraints"), (_INDEXES, "indexes")):
        for row in await client.fetch(query):
            getattr(tables.setdefault(row["table"], _Table(row["table"])), part).append(row)
    chosen = [table for name, table in tables.items() if name in (wanted or tables.keys() - OWN.keys())]
    body = "\n\n\n".join("\n".join(_model(table)) for table in chosen)
    parts = [part for part in ("Check", "Model", "Sql") if part == "Model" or f" {part}(" in body]
    imports = [line for word, line in _IMPORTS.items() if word in body]
    head = ["from tortoise import fields", *imports, "", f"from tux.models import {', '.join(parts)}"]
    return "\n".join(head) + (f"\n\n\n{body}" if body else "")


def _model(table: _Table) -> Iterator[str]:
    yield f"class {_class_name(table.name)}(Model):"
    if len(table.keys) != 1:
        yield f"    # Tortoise needs a primary key of one column; {table.name} has {_listed(table.keys) or 'none'}."
    ddl = list(_ddl(table))
    for column in table.columns:
        if _kind(column) is None:
            ddl.append(_added(table.name, column))
        elif column["name"] in table.references:
            yield f"    {_relation(table, column)}"
        else:
            yield f"    {column['name']} = {_field(table, column)}"
    yield from ("", "    class Meta(Model.Meta):", f"        table = {quote(table.name)}")
    if about := table.columns[0]["about"]:
        yield f"        table_description = {quote(about)}"
    if together := [each for each in table.uniques if not table.has_mark(each)]:
        yield f"        unique_together = ({_tuples(table, together)},)"
    if several := [each for each in table.plain_indexes if not table.has_mark(each)]:
        yield f"        indexes = ({_tuples(table, several)},)"
    if ddl:
        yield from ("", "    ddl = (", *(f"        {line}," for line in ddl), "    )")


def _field(table: _Table, column: Row) -> str:
    kind, options = _kind(column) or ("", [])
    value = column["value"] or ""
    if table.keys == [column["name"]]:
        options.append("primary_key=True")
        if kind in {"BigIntField", "IntField", "SmallIntField"} and not (
            column["counts"] or value.startswith("nextval(")
        ):
            options.append("generated=False")
    elif not column["needed"]:
        options.append("null=True")
    options += _marks(table, column["name"])
    if value and not value.startswith("nextval("):
        options.append(f"db_default={_default(value)}")
    if column["comment"]:
        options.append(f"description={quote(column['comment'])}")
    prefix = "" if kind == "ArrayField" else "fields."
    return f"{prefix}{kind}({', '.join(options)})"


def _relation(table: _Table, column: Row) -> str:
    reference, name = table.references[column["name"]], column["name"]
    attribute = _attribute(table, name)
    options = [
        quote(f"models.{_class_name(reference['target'])}"),
        f"related_name={quote(f'{table.name}_{attribute}')}",
    ]
    options.append(f"on_delete=fields.{_DELETIONS[reference['on_delete']]}")
    if name != f"{attribute}_id":
        options.append(f"source_field={quote(name)}")
    if not column["needed"]:
        options.append("null=True")
    marks = _marks(table, name)
    single = "unique=True" in marks
    options += [mark for mark in marks if not single]
    if column["value"]:
        options.append(f"db_default={_default(column['value'])}")
    if column["comment"]:
        options.append(f"description={quote(column['comment'])}")
    return f"{attribute} = fields.{'OneToOneField' if single else 'ForeignKeyField'}({', '.join(options)})"


def _marks(table: _Table, name: str) -> list[str]:
    if name in table.keys or not table.has_mark((name,)):
        return []
    return ["unique=True"] if (name,) in table.uniques else ["db_index=True"] if (name,) in table.plain_indexes else []


def _kind(column: Row) -> tuple[str, list[str]] | None:
    """Return the Tortoise field of a column and the options that its type asks for, None when there is no such field."""
    written: str = column["type"]
    if column["generated"]:
        return None
    if written in _FIELDS:
        return _FIELDS[written], []
    if found := _SIZED.fullmatch(written):
        if found["length"]:
            return "CharField", [f"max_length={found['length']}"]
        return "DecimalField", [f"max_digits={found['digits']}", f"decimal_places={found['places']}"]
    if found := _ARRAY.fullmatch(written):
        return "ArrayField", [quote(found[1])]
    return None


def _added(table: str, column: Row) -> str:
    """Return the declaration of a column that Tortoise does not know; the model reads it by SQL only."""
    made = f"GENERATED ALWAYS AS ({column['value']}) STORED" if column["generated"] else ""
    default = f"DEFAULT {column['value']}" if column["value"] and not made else ""
    needed = "NOT NULL" if column["needed"] else ""
    parts = " ".join(part for part in (f'"{column["name"]}" {column["type"]}', made, default, needed) if part)
    alter = f'ALTER TABLE "{table}"'
    return _sql(f"{alter} ADD COLUMN {parts}", f'{alter} DROP COLUMN IF EXISTS "{column["name"]}"')


def _ddl(table: _Table) -> Iterator[str]:
    for each in table.of_kind("c"):
        condition = each["definition"].removeprefix("CHECK (").removesuffix(" NOT VALID").removesuffix(")")
        yield f"Check({quote(condition)}, name={quote(each['name'])})"
    several = (each for each in table.of_kind("f") if table.references.get(each["columns"][0]) is not each)
    for each in (*table.of_kind("x"), *several):
        alter, name = f'ALTER TABLE "{table.name}"', f'CONSTRAINT "{each["name"]}"'
        yield _sql(f"{alter} ADD {name} {each['definition']}", f"{alter} DROP {name}")
    plain = list(table.plain_indexes.values())
    for each in (each for each in table.indexes if each not in plain):
        yield _sql(each["definition"], f'DROP INDEX IF EXISTS "{each["name"]}"')


def _sql(up: str, down: str) -> str:
    return f"Sql({quote(up)}, {quote(down)})"


def _default(value: str) -> str:
    if value in {"true", "false"}:
        return value.title()
    if found := _NUMBER.fullmatch(value):
        return found[1]
    if found := _TEXT.fullmatch(value):
        return quote(found[1])
    return f"SqlDefault({quote(value)})"


def _tuples(table: _Table, several: list[tuple[str, ...]]) -> str:
    return ", ".join(f"({', '.join(quote(_attribute(table, column)) for column in each)})" for each in several)


def _attribute(table: _Table, column: str) -> str:
    """Return what a column is called in the model: a foreign key without its "_id", unless that name is taken."""
    if column not in table.references:
        return column
    short = column.removesuffix("_id")
    taken = {each["name"] for each in table.columns} - {column}
    return f"{short}_row" if short in taken else short


def _class_name(table: str) -> str:
    return table.title().replace("_", "")


def _listed(names: Sequence[str]) -> str:
    return f"one of {', '.join(names)}" if names else ""
