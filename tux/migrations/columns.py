"""The SQL of one column: made, added to a table with rows, changed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tux.errors import MigrationError
from tux.migrations.literals import sql_literal
from tux.migrations.shapes import pg_name
from tux.migrations.types import canonical, conversion, neutral, rounds

if TYPE_CHECKING:
    from tux.migrations.shapes import Column, Table


def column_sql(name: str, column: Column, *, key: bool = False, default: str = "") -> str:
    """Return a column as CREATE TABLE and ADD COLUMN have it."""
    if column.serial:
        return f'"{name}" {"BIG" if canonical(column.type) == "bigint" else ""}SERIAL NOT NULL PRIMARY KEY'
    parts = [f'"{name}" {column.type}']
    if column.generated:
        parts.append(column.generated)
    if not column.nullable:
        parts.append("NOT NULL")
    if key:
        parts.append("PRIMARY KEY")
    if default or column.default:
        parts.append(f"DEFAULT {default or column.default}")
    return " ".join(parts)


def add_column(table: str, name: str, new: Table, *, back: bool) -> list[str]:
    """Return the statements that add a column; rows that are there get its default, with `back` a neutral value.

    Raises:
        MigrationError: they would have none, or all the same in a unique column.
    """
    column = new.columns[name]
    known = column.nullable or column.generated or column.default or column.serial
    fill = "" if known else _value(table, name, new, back=back)
    sql = [f'ALTER TABLE "{table}" ADD COLUMN {column_sql(name, column, default=fill)}']
    if fill:
        sql.append(f'ALTER TABLE "{table}" ALTER COLUMN "{name}" DROP DEFAULT')
    if column.comment:
        sql.append(comment_sql(f'COLUMN "{table}"."{name}"', column.comment))
    return sql


def change_column(table: str, name: str, old: Column, new: Column, *, back: bool) -> list[str]:
    """Return the statements that make one column of another; with `back` nothing is refused.

    Raises:
        MigrationError: PostgreSQL has no conversion from the one type to the other.
    """
    alter = f'ALTER TABLE "{table}" ALTER COLUMN "{name}"'
    sql: list[str] = []
    default = old.default
    if canonical(old.type) != canonical(new.type):
        if default:
            sql.append(f"{alter} DROP DEFAULT")
            default = ""
        sql += _retype(table, name, old, new, back=back)
    if old.nullable and not new.nullable:
        if fill := new.fill or (neutral(new.type) if back else ""):
            sql.append(f'UPDATE "{table}" SET "{name}" = {fill} WHERE "{name}" IS NULL')  # noqa: S608 - names and literals of the models
        sql.append(f"{alter} SET NOT NULL")
    elif new.nullable and not old.nullable:
        sql.append(f"{alter} DROP NOT NULL")
    if default != new.default:
        sql.append(f"{alter} SET DEFAULT {new.default}" if new.default else f"{alter} DROP DEFAULT")
    if old.comment != new.comment:
        sql.append(comment_sql(f'COLUMN "{table}"."{name}"', new.comment))
    return sql


def comment_sql(place: str, comment: str) -> str:
    """Return the statement that comments a table or column; an empty comment removes it."""
    return f"COMMENT ON {place} IS " + (f"'{comment}'" if comment else "NULL")


def _value(table: str, name: str, new: Table, *, back: bool) -> str:
    """Return what rows get in a new column that may not be NULL."""
    column = new.columns[name]
    bound = any(reference.column == name for reference in new.references.values())
    alone = (name,) in new.uniques.values()
    if back:  # what refers or is unique has no neutral value, and PostgreSQL says so when there are rows
        return column.fill or ("" if bound or alone else neutral(column.type))
    if column.fill and not (alone and column.fill != "gen_random_uuid()"):
        return column.fill
    why = (
        "must be unique and would be the same in all rows"
        if column.fill
        else "has no value for the rows that are there"
    )
    raise MigrationError(
        f"{table}.{name} cannot be added: it may not be NULL and {why}. Declare it with null=True first, fill it by a "
        "data step, and take null=True away in a migration after that"
        + ("" if column.fill or bound else "; or give it default= or db_default=")
    )


def _retype(table: str, name: str, old: Column, new: Column, *, back: bool) -> list[str]:
    using = conversion(name, old.type, new.type)
    if using is None and not back:
        raise MigrationError(
            f"{table}.{name} cannot become {new.type}: PostgreSQL has no conversion from {old.type}. Add a column under "
            "another name, fill it by a data step, and drop this one in a later migration"
        )
    sql = [_refuse_rounding(table, name, new.type)] if rounds(old.type, new.type) and not back else []
    sql.append(f'ALTER TABLE "{table}" ALTER COLUMN "{name}" TYPE {new.type}{using or ""}')
    if new.serial:
        sql.append(f'ALTER SEQUENCE "{pg_name(table, name, "seq")}" AS {new.type}')
    return sql


def _refuse_rounding(table: str, name: str, new_type: str) -> str:
    message = sql_literal(f"values of {table}.{name} would be rounded to become {new_type}; change them first")
    return (
        f'DO $$ BEGIN IF EXISTS (SELECT FROM "{table}" WHERE "{name}" <> "{name}"::{new_type}) THEN '
        f"RAISE EXCEPTION USING MESSAGE = {message}; END IF; END $$"
    )
