from __future__ import annotations

import pytest

from tux.database.written import targets_of

NOTHING_WRITTEN = [
    'SELECT * FROM "t" WHERE "guild_id" = $1',
    "SELECT * FROM t FOR UPDATE SKIP LOCKED",
    "SELECT * FROM t FOR NO KEY UPDATE",
    "SELECT 'DELETE FROM t', \"delete\" FROM x -- DELETE FROM t\n",
    "/* UPDATE t SET x = 1 */ SELECT 1",
    "SELECT E'it\\'s; UPDATE t SET x = 1', $q$ DELETE FROM t $q$",
    "WITH a AS (SELECT 1) SELECT * FROM a",
    "VALUES (1)",
    "SET TIME ZONE 'UTC'",
    "",
    ";",
]
ANYTHING_WRITTEN = [
    "DO $$ BEGIN DELETE FROM t; END $$",
    "TRUNCATE a, b",
    "CALL clean_up()",
    "SELECT 1; DELETE FROM t",
    "ALTER TABLE t DROP COLUMN x",
    "EXECUTE something",
    "COPY (SELECT 1) TO STDOUT",
    "MERGE INTO t USING s ON true WHEN NOT MATCHED THEN INSERT VALUES (1)",
]
EQUAL = {
    'INSERT INTO "t" ("guild_id", "x") VALUES ($2, $1)': {"guild_id": (2,), "x": (1,)},
    "insert into t as s (guild_id, x) values ($1::bigint, 5), ($3, 6) returning *": {"guild_id": (1, 3)},
    "INSERT INTO t (guild_id, x) VALUES ($1, $2) ON CONFLICT (guild_id) DO UPDATE SET x = $2": {"guild_id": (1,)},
    "INSERT INTO t (id, guild_id) VALUES ($1, $2) ON CONFLICT (id) DO UPDATE SET guild_id = $2": {"id": (1,)},
    "INSERT INTO t (guild_id) VALUES ($1) ON CONFLICT ON CONSTRAINT c DO UPDATE SET guild_id = 1": {},
    "INSERT INTO t (guild_id) VALUES ($1) ON CONFLICT DO NOTHING": {"guild_id": (1,)},
    "INSERT INTO t (guild_id) VALUES ($1), (5)": {},
    "INSERT INTO t (guild_id) VALUES ($1 + 1)": {},
    "INSERT INTO t (guild_id) SELECT $1": {},
    "INSERT INTO t (guild_id) WITH a AS (VALUES ($1)) SELECT * FROM a": {},
    "INSERT INTO t (guild_id[1]) VALUES ($1)": {},
    "INSERT INTO t (pair.guild_id, x) VALUES ($1, $2)": {},
    "INSERT INTO t VALUES ($1)": {},
    "INSERT INTO t DEFAULT VALUES": {},
    "INSERT INTO t (guild_id, x) VALUES ($1)": {},
    'UPDATE "t" SET "x"=$1 WHERE "guild_id"=$2': {"guild_id": (2,)},
    'UPDATE public."t" SET x = x + 1 WHERE "t"."guild_id" = $1 AND y > 3 RETURNING x': {"guild_id": (1,)},
    'UPDATE ONLY t SET x = 1 WHERE ("guild_id" = $1 AND ("level" = $2)) AND (a OR b)': {
        "guild_id": (1,),
        "level": (2,),
    },
    "UPDATE t SET guild_id = $1 WHERE guild_id = $2": {},
    "UPDATE t SET (guild_id, x) = ($1, 2) WHERE guild_id = $2": {},
    "UPDATE t SET x = 1 WHERE guild_id = $1 OR x = 2": {},
    "UPDATE t SET x = 1 WHERE x = $1 OR y = 2 AND guild_id = $2": {},
    "UPDATE t SET x = 1 WHERE NOT (guild_id = $1)": {},
    "UPDATE t SET x = 1 WHERE NOT guild_id = $1": {},
    "UPDATE t SET x = 1 WHERE guild_id = $1 + 1": {},
    "UPDATE t SET x = 1 WHERE guild_id <> $1": {},
    "UPDATE t SET x = 1 WHERE guild_id = ANY($1)": {},
    "UPDATE t SET x = 1 WHERE CASE WHEN a AND guild_id = $1 AND b THEN c ELSE d END": {},
    "UPDATE t SET x = 1 WHERE x BETWEEN 1 AND guild_id = $1": {},
    "UPDATE t SET x = 1 FROM s WHERE s.guild_id = $1": {},
    "UPDATE t SET x = $1 FROM s WHERE s.guild_id = $2": {},
    "UPDATE t SET x = 1": {},
    "DELETE FROM t WHERE guild_id = $1::bigint": {"guild_id": (1,)},
    "DELETE FROM t USING s WHERE s.guild_id = $1": {},
    'DELETE FROM "t" WHERE "id" IN (SELECT id FROM t WHERE guild_id = $1)': {},
    "DELETE FROM t": {},
    'COPY "t" FROM STDIN': {},
}


@pytest.mark.parametrize("sql", NOTHING_WRITTEN)
def test_a_statement_that_only_reads_writes_nothing(sql):
    assert targets_of(sql) == ()


@pytest.mark.parametrize("sql", ANYTHING_WRITTEN)
def test_what_is_not_understood_may_write_anything(sql):
    assert targets_of(sql) is None


@pytest.mark.parametrize("sql", EQUAL)
def test_the_table_is_found_and_what_its_rows_must_have_in_common(sql):
    (target,) = targets_of(sql)
    assert (target.table, dict(target.equals)) == ("t", EQUAL[sql])


def test_every_part_of_a_statement_that_writes_is_found():
    found = targets_of(
        'WITH made AS (INSERT INTO "parents" ("id") SELECT $1 ON CONFLICT DO NOTHING), '
        "gone AS (DELETE FROM old WHERE guild_id = $2 RETURNING *) "
        'INSERT INTO "t" ("guild_id") VALUES ($1) ON CONFLICT ("guild_id") DO UPDATE SET x = 1'
    )
    assert [(each.verb, each.table, dict(each.equals)) for each in found] == [
        ("insert", "parents", {}),
        ("delete", "old", {"guild_id": (2,)}),
        ("insert", "t", {"guild_id": (1,)}),
    ]


def test_quoted_names_are_taken_as_written_and_others_in_lower_case():
    assert [targets_of(f"DELETE FROM {name}")[0].table for name in ('"My""Table"', "MyTable")] == [
        'My"Table',
        "mytable",
    ]
