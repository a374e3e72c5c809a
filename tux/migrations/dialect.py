"""SQL that aerich writes wrongly for PostgreSQL: defaults of added columns, and the names of foreign keys."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from aerich.ddl.postgres import PostgresDDL

if TYPE_CHECKING:
    from tortoise import Model
    from tortoise.fields.base import Field

_EMPTY = {dict: "'{}'", list: "'[]'"}


class TuxDDL(PostgresDDL):
    """aerich's PostgreSQL, with the defaults that rows need which are there before the column."""

    def _get_default(self, model: type[Model], field_describe: dict[str, Any]) -> str | None:
        meta = model._meta  # noqa: SLF001 - Tortoise's documented way to a model's metadata
        column: Field[Any] | None = meta.fields_map.get(field_describe["name"])
        if column is not None and column.has_db_default():
            name = field_describe["db_column"]
            return self.schema_generator._get_field_default(column, meta.db_table, name, model)  # noqa: SLF001 - the writer of CREATE TABLE
        if field_describe.get("auto_now") or field_describe.get("auto_now_add"):
            return " DEFAULT CURRENT_TIMESTAMP"
        kind, default = field_describe.get("field_type"), getattr(column, "default", None)
        if kind == "JSONField" and default in _EMPTY:
            return f" DEFAULT {_EMPTY[default]}"
        if kind == "ArrayField" and default is list:
            return " DEFAULT '{}'"
        return super()._get_default(model, field_describe)

    def drop_fk(
        self, model: type[Model], field_describe: dict[str, Any], reference_table_describe: dict[str, Any]
    ) -> str:
        """Drop a foreign key by aerich's name and by PostgreSQL's own, which it has when it came with its table."""
        table = model._meta.db_table  # noqa: SLF001 - as above
        named = super().drop_fk(model, field_describe, reference_table_describe)
        made = f"{table}_{field_describe['raw_field']}_fkey"
        return f'{named};\n        ALTER TABLE "{table}" DROP CONSTRAINT IF EXISTS "{made}"'
