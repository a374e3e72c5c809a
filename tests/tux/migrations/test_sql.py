from __future__ import annotations

import pytest

from tux.migrations.sql import losses, split_statements

TABLE = [
    ('DROP TABLE IF EXISTS "a", b CASCADE; SELECT 1', ["drops the table a", "drops the table b"]),
    ('DROP TABLE public."T"', ["drops the table T"]),
    ("DROP TABLE other.t", ["drops the table other.t"]),
    ("SELECT 'DROP TABLE x'; -- DROP TABLE y\n/* TRUNCATE z */ SELECT E'\\'; DROP TABLE w'", []),
    ("DO $$ BEGIN EXECUTE 'DROP TABLE x'; END $$", ["drops the table x"]),
    ("CREATE FUNCTION f() RETURNS void LANGUAGE sql AS $f$ TRUNCATE a; $f$", ["empties the table a"]),
    ("TRUNCATE ONLY a, b RESTART IDENTITY CASCADE", ["empties the table a", "empties the table b"]),
    ("DELETE FROM a", ["deletes all rows of a"]),
    ("DELETE FROM a WHERE id = 1", []),
    ("DELETE FROM a WHERE 1 = 2", []),
    ("DELETE FROM a WHERE true AND id = 1", []),
    ("DELETE FROM a WHERE true", ["deletes all rows of a"]),
    ("WITH gone AS (DELETE FROM ONLY a WHERE (1=1) RETURNING *) SELECT 1", ["deletes all rows of a"]),
    ("DROP FOREIGN TABLE a", ["drops the table a"]),
    ("alter table a drop column if exists b, drop constraint c, alter column d drop default", ["drops the column a.b"]),
    ("ALTER TABLE a DROP b", ["drops the column a.b"]),
    ("ALTER TABLE IF EXISTS ONLY a ALTER b SET DATA TYPE int USING b::int", ["narrows a.b to int"]),
    ("ALTER TABLE a ALTER b DROP NOT NULL, ALTER c DROP EXPRESSION", []),
    ("ALTER TABLE a RENAME CONSTRAINT b TO c", []),
    ("DROP INDEX a; DROP FUNCTION f()", []),
    ("DROP TYPE t CASCADE", ["runs DROP TYPE t CASCADE"]),
    ("DROP SCHEMA public CASCADE", ["runs DROP SCHEMA public CASCADE"] * 2),
]


@pytest.mark.parametrize(("sql", "found"), TABLE)
def test_what_destroys_data_is_found_and_what_does_not_is_not(sql, found):
    assert [loss.what for loss in losses(sql)] == found


def test_a_loss_after_a_rename_is_named_as_the_catalog_knows_it():
    sql = 'ALTER TABLE a RENAME TO b; ALTER TABLE "b" RENAME x TO y; ALTER TABLE b RENAME COLUMN y TO z; ALTER TABLE b DROP z'
    assert [(loss.table, loss.column) for loss in losses(sql)] == [("a", "x")]


def test_what_hides_in_a_body_or_another_schema_is_never_looked_up_and_so_never_harmless():
    assert {loss.table for loss in losses("DO $$ BEGIN DROP TABLE x; END $$; DROP TABLE other.t")} == {""}


@pytest.mark.parametrize(
    ("sql", "parts"),
    [
        ("SELECT 1; SELECT 2;", ["SELECT 1", "SELECT 2"]),
        ("SELECT ';'; SELECT $$;$$, $a$ ; $a$", ["SELECT ';'", "SELECT $$;$$, $a$ ; $a$"]),
        ('-- one; two\nSELECT ";"; /* ; */', ['-- one; two\nSELECT ";"']),
        ("SELECT E'\\';'; SELECT 'it''s;'", ["SELECT E'\\';'", "SELECT 'it''s;'"]),
        ("  ;;\n-- nothing\n", []),
    ],
)
def test_a_script_is_split_where_its_statements_end(sql, parts):
    assert split_statements(sql) == parts
