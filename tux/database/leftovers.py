"""Decides from the text of a statement whether it can leave something behind in the session of its connection.

A setting, a LISTEN, a cursor, an advisory lock, a temporary table: the next borrower of the connection would meet it.
Only what is known to leave nothing counts as clean: one SELECT, INSERT, UPDATE, DELETE, MERGE, VALUES or COPY that
calls functions of PostgreSQL from the list below. Any other word at the head and any other function, a plugin's own
included, costs a reset. What the schema calls by itself (triggers, defaults, views) cannot be seen and is taken to be
clean: a trigger that changes its session must do it with SET LOCAL.
"""

from __future__ import annotations

from itertools import pairwise
from typing import Final

from tux.database.written import tokens_of

# ruff: noqa: SIM905 - words are easier to read as a text

KEPT_ANSWERS = 2000
LONGEST_TEXT = 20_000

_HEADS: Final = frozenset({"select", "insert", "update", "delete", "merge", "values", "with", "copy", "("})
# A word before a parenthesis that calls nothing.
_GRAMMAR: Final = frozenset(
    "all and any array as by case conflict cube distinct else except exists filter from group having ilike in intersect"
    " interval is join key lateral like materialized not null on only or over returning rollup row select set sets"
    " similar some then to union using values when where with within".split()
)
_TYPES: Final = frozenset("bit bpchar char decimal float numeric time timestamp timestamptz timetz varchar".split())
_FUNCTIONS: Final = frozenset(
    # numbers, texts, times
    "abs age btrim ceil ceiling char_length coalesce concat concat_ws date_part date_trunc extract floor format"
    " greatest initcap least left length ln lower lpad ltrim make_interval md5 mod nullif now octet_length overlay"
    " position power random regexp_replace repeat replace reverse right round rpad rtrim sign split_part sqrt"
    " starts_with statement_timestamp strpos substr substring to_char to_timestamp translate trim trunc upper"
    # rows, arrays, JSON
    " array_agg array_append array_cat array_length array_position array_remove array_to_string avg bool_and bool_or"
    " cardinality cast count dense_rank every first_value generate_series generate_subscripts json_agg"
    " json_build_object jsonb_agg jsonb_array_elements jsonb_array_elements_text jsonb_array_length jsonb_build_array"
    " jsonb_build_object jsonb_each jsonb_each_text jsonb_object_agg jsonb_object_keys jsonb_path_exists"
    " jsonb_path_query jsonb_set jsonb_strip_nulls jsonb_typeof lag last_value lead lower_inc max min num_nonnulls"
    " num_nulls percentile_cont percentile_disc rank row_number row_to_json stddev string_agg string_to_array sum"
    " to_json to_jsonb tstzrange unnest variance width_bucket"
    # search, and what PostgreSQL knows about itself
    " nextval pg_advisory_xact_lock pg_advisory_xact_lock_shared pg_get_serial_sequence pg_relation_size"
    " pg_total_relation_size pg_try_advisory_xact_lock pg_typeof phraseto_tsquery plainto_tsquery setweight similarity"
    " to_regclass to_tsquery to_tsvector ts_headline ts_rank ts_rank_cd websearch_to_tsquery word_similarity".split()
)
# Before a name that is no function though a parenthesis follows: INSERT INTO name (…), AS name (…), WITH name (…).
_NAMING: Final = frozenset({"into", "as", "recursive"})
_CALLING_NOTHING: Final = _GRAMMAR | _TYPES | _FUNCTIONS

_answers: dict[str, bool] = {}


def leaves_nothing(sql: str) -> bool:
    """Whether a connection is as before when the statement and its transaction have ended."""
    answer = _answers.get(sql)
    if answer is None:
        answer = _is_clean(tokens_of(sql))
        if len(sql) <= LONGEST_TEXT:
            if len(_answers) >= KEPT_ANSWERS:
                _answers.clear()
            _answers[sql] = answer
    return answer


def _is_clean(tokens: list[str]) -> bool:
    if not tokens or tokens[0] not in _HEADS or ";" in tokens or _makes_table(tokens):
        return False
    before = ["", *tokens]
    return all(
        following != "(" or not _is_word(word) or earlier in _NAMING or (word in _CALLING_NOTHING and earlier != ".")
        for earlier, (word, following) in zip(before, pairwise(tokens), strict=False)
    )


def _makes_table(tokens: list[str]) -> bool:
    """Whether it is, or may be, SELECT … INTO TEMPORARY."""
    return any(word == "into" and earlier not in {"insert", "merge"} for earlier, word in pairwise(tokens))


def _is_word(token: str) -> bool:
    return token[0] == '"' or token[0].isalpha() or token[0] == "_"
