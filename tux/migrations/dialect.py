"""SQL that aerich writes wrongly for PostgreSQL: defaults of added columns, and the names of foreign keys."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from aerich.ddl.postgres import PostgresDDL

from tux.models.meta import meta_of

if TYPE_CHECKING:
    from tortoise import Model

_EMPTY: dict[tuple[Any, Any], str] = {
    ("JSONField", dict): "'{}'",
    ("JSONField", list): "'[]'",
    ("ArrayField", list): "'{}'",
}


class TuxDDL(PostgresDDL):
    """aerich's PostgreSQL, with the defaults that rows need which are there before the column."""

    def _get_default(self, model: type[Model], field_describe: dict[str, Any]) -> str | None:
        meta = meta_of(model)
        column = meta.fields_map.get(field_describe["name"])
        if column is not None and column.has_db_default():
            generator: Any = self.schema_generator
            name = field_describe["db_column"]
            # What writes CREATE TABLE: an added column shall have the same default.
            return cast("str", generator._get_field_default(column, meta.db_table, name, model))  # noqa: SLF001
        if field_describe.get("auto_now") or field_describe.get("auto_now_add"):
            return " DEFAULT CURRENT_TIMESTAMP"
        empty = _EMPTY.get((field_describe["field_type"], getattr(column, "default", None)))
        inherited: Any = super()
        return f" DEFAULT {empty}" if empty else inherited._get_default(model, field_describe)  # noqa: SLF001

    def drop_fk(
        self, model: type[Model], field_describe: dict[str, Any], reference_table_describe: dict[str, Any]
    ) -> str:
        """Drop a foreign key by aerich's name and by PostgreSQL's own, which it has when it came with its table."""
        inherited: Any = super()
        table = meta_of(model).db_table
        named = inherited.drop_fk(model, field_describe, reference_table_describe)
        made = f"{table}_{field_describe['raw_field']}_fkey"
        return f'{named};\n        ALTER TABLE "{table}" DROP CONSTRAINT IF EXISTS "{made}"'
