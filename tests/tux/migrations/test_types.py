from __future__ import annotations

import pytest

from tux.migrations.types import canonical, conversion, is_read_anew, is_widening, neutral, rounds

WIDER = [
    ("integer", "BIGINT"),
    ("smallint", "int"),
    ("character varying(5)", "VARCHAR(9)"),
    ("VARCHAR(5)", "TEXT"),
    ("text", "TEXT"),
    ("numeric(9,2)", "DECIMAL(10,2)"),
    ("integer", "DECIMAL(10,0)"),
    ("int[]", "BIGINT[]"),
    ("date", "TIMESTAMPTZ"),
    ("jsonb", "JSON"),
    ("real", "DOUBLE PRECISION"),
    ("boolean", "INT"),
    ("uuid", "TEXT"),
]
NARROWER = [
    ("bigint", "INT"),
    ("bigint", "DOUBLE PRECISION"),
    ("text", "VARCHAR(9)"),
    ("varchar(9)", "VARCHAR(5)"),
    ("numeric(9,2)", "DECIMAL(9,3)"),
    ("numeric", "DECIMAL(9,2)"),
    ("integer", "DECIMAL(9,0)"),
    ("timestamp with time zone", "DATE"),
    ("double precision", "INT"),
    ("text", "INT"),
    ("text[]", "TEXT"),
    ("bytea", "TEXT"),
    ("integer", "BOOL"),
]


@pytest.mark.parametrize(("old", "new"), WIDER)
def test_a_type_that_holds_every_value_is_wider(old, new):
    assert is_widening(old, new)


@pytest.mark.parametrize(("old", "new"), NARROWER)
def test_a_type_that_may_lose_something_is_narrower(old, new):
    assert not is_widening(old, new)


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("CHARACTER VARYING( 9 )", "varchar(9)"),
        ("timestamp(3) with time zone", "timestamp with time zone(3)"),
        ("DECIMAL(9, 2)", "numeric(9,2)"),
        ("INT8[]", "bigint[]"),
        ("tsvector", "tsvector"),
    ],
)
def test_a_type_has_one_name(name, said):
    assert canonical(name) == said


@pytest.mark.parametrize(
    ("old", "new", "using"),
    [
        ("VARCHAR(9)", "VARCHAR(5)", ""),
        ("TEXT", "INT", ' USING "c"::integer'),
        ("TEXT[]", "INT[]", ' USING "c"::integer[]'),
        ("INT[]", "BIGINT[]", ""),
        ("BOOL", "BIGINT", ' USING "c"::integer::bigint'),
        ("BIGINT", "BOOL", ' USING "c" <> 0'),
        ("BIGINT", "TIMESTAMPTZ", None),
        ("JSONB", "INT", None),
        ("UUID", "TEXT", ""),
    ],
)
def test_a_conversion_never_cuts_silently(old, new, using):
    assert conversion("c", old, new) == using


@pytest.mark.parametrize(
    ("name", "value"),
    [("VARCHAR(9)", "''"), ("BIGINT", "0"), ("BOOL", "FALSE"), ("JSONB", "'{}'"), ("INT[]", "'{}'"), ("TIMESTAMPTZ", "CURRENT_TIMESTAMP"), ("UUID", "gen_random_uuid()"), ("TSVECTOR", "")],
)  # fmt: skip
def test_a_column_that_comes_back_has_a_neutral_value_for_rows_that_are_there(name, value):
    assert neutral(name) == value


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("double precision", "INT", True),
        ("numeric(9,2)", "DECIMAL(9,1)", True),
        ("timestamp with time zone", "DATE", True),
        ("numeric(9,2)", "DECIMAL(10,2)", False),
        ("bigint", "INT", False),
        ("date", "TIMESTAMPTZ", False),
        ("text", "VARCHAR(9)", False),
    ],
)
def test_what_postgresql_would_round_is_known(old, new, expected):
    assert rounds(old, new) is expected


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("int", "DOUBLE PRECISION", True),
        ("int", "BIGINT", True),
        ("varchar(9)", "TEXT", False),
        ("varchar(9)", "VARCHAR(12)", False),
    ],
)
def test_a_condition_over_another_kind_of_number_is_read_anew(old, new, expected):
    assert is_read_anew(old, new) is expected
