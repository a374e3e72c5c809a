from __future__ import annotations

import secrets
import uuid
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest

from tux.clock import now
from tux.migrations.diff import schema_sql
from tux.migrations.literals import sql_literal, sql_made_anew
from tux.migrations.shapes import Column, Index, Reference, Table, pack, pg_name, unpack

SCHEMA = {
    "a_things": Table(
        "Thing",
        "id",
        {"id": Column("BIGINT", serial=True), "other_id": Column("BIGINT", nullable=True, comment="it''s")},
        {"uid": ("id", "other_id")},
        {"a_things_other_id_fkey": Reference("other_id", "b_things", "id", "CASCADE")},
        {"idx": Index("(other_id)", unique=True)},
        "a table",
    ),
    "b_things": Table("Other", "id", {"id": Column("BIGINT")}),
}


def test_a_schema_is_read_back_as_it_was_written():
    text = "(" + pack(SCHEMA) + ")"
    assert unpack(eval(text)) == SCHEMA  # noqa: S307 - what a migration file holds


async def test_long_names_are_cut_as_postgresql_cuts_them(db):
    table, column = "t" * 50, "c" * 40
    async with db.transaction() as session:
        await session.execute(f"CREATE TEMPORARY TABLE {table} ({column} BIGSERIAL PRIMARY KEY, x{column} INT UNIQUE)")
        rows = await session.fetch("SELECT conname FROM pg_constraint WHERE conrelid = to_regclass($1)", table)
        sequence = await session.fetch_one("SELECT pg_get_serial_sequence($1, $2) AS name", table, column)
    assert {row["conname"] for row in rows} >= {pg_name(table, "", "pkey"), pg_name(table, f"x{column}", "key")}
    assert sequence["name"].rpartition(".")[2] == pg_name(table, column, "seq")


def test_equal_schemas_need_nothing():
    assert schema_sql(SCHEMA, SCHEMA) == []


def test_tables_are_made_after_and_dropped_before_what_they_refer_to():
    made = [sql.split('"')[1] for sql in schema_sql({}, SCHEMA) if sql.startswith("CREATE TABLE")]
    dropped = [sql.split('"')[1] for sql in schema_sql(SCHEMA, {})]
    assert (made, dropped) == (["b_things", "a_things"], ["a_things", "b_things"])


def test_a_circle_of_references_is_closed_after_its_tables_and_opened_before_they_go():
    circle = {
        name: Table("T", "id", {"id": Column("BIGINT")}, references={"k": Reference("id", other, "id", "CASCADE")})
        for name, other in (("a", "b"), ("b", "a"))
    }
    closed = (
        'ALTER TABLE "a" ADD CONSTRAINT "k" FOREIGN KEY ("id") REFERENCES "b" ("id") ON DELETE CASCADE',
        'ALTER TABLE "b" ADD CONSTRAINT "k" FOREIGN KEY ("id") REFERENCES "a" ("id") ON DELETE CASCADE',
    )
    made, dropped = schema_sql({}, circle), schema_sql(circle, {})
    assert [statement.partition(" IF")[0] for statement in made[:2]] == ["CREATE TABLE"] * 2
    assert len(made) == 3
    assert made[2] in closed
    opened = f'ALTER TABLE "{made[2][13]}" DROP CONSTRAINT IF EXISTS "k"'
    assert dropped[0] == opened
    assert [statement.partition(" IF")[0] for statement in dropped[1:]] == ["DROP TABLE"] * 2


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (True, "TRUE"),
        (-3, "-3"),
        (Decimal("1.50"), "1.50"),
        ("it's", "'it''s'"),
        (b"\x00\xff", "'\\x00ff'"),
        (timedelta(minutes=1), "'60.0 seconds'"),
        (date(2026, 1, 2), "'2026-01-02'"),
        (float("inf"), "'inf'"),
        (Decimal("NaN"), "'NaN'"),
        ([1, 2], "ARRAY[1, 2]::INT[]"),
        ([], "ARRAY[]::INT[]"),
        (object(), ""),
        ([object()], ""),
    ],
)
def test_a_default_is_written_as_sql_or_not_at_all(value, text):
    assert sql_literal(value, type_name="INT[]") == text


@pytest.mark.parametrize(
    ("make", "sql"),
    [
        (now, "CURRENT_TIMESTAMP"),
        (lambda: now() + timedelta(days=30), "CURRENT_TIMESTAMP + INTERVAL '2592000 seconds'"),
        (lambda: now().date(), "CURRENT_DATE"),
        (uuid.uuid4, "gen_random_uuid()"),
        (lambda: secrets.token_hex(8), ""),
        (lambda: datetime(2020, 1, 1, tzinfo=UTC), None),
        (lambda: date(2020, 1, 1), None),
        (lambda: uuid.UUID(int=1), None),
        (list, None),
    ],
)
def test_what_a_function_makes_anew_is_made_anew_for_each_row(make, sql):
    assert sql_made_anew(make) == sql
