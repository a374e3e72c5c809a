from __future__ import annotations

import ast

import pytest
from tortoise import fields

from tux.errors import MigrationError
from tux.migrations.ddl import compare, declared, quote_sql, render
from tux.models import Check, Index, Model

OLD = {"a_things": {"gone": ("CREATE gone", "DROP gone"), "same": ("CREATE same", "DROP same")}}
NEW = {"a_things": {"same": ("CREATE same", "DROP same"), "new": ("CREATE new", "DROP new")}}


class Thing(Model):
    id: int = fields.BigIntField(primary_key=True)
    size: int = fields.IntField()

    class Meta(Model.Meta):
        table = "a_things"

    ddl = (Check("size > 0", name="a_things_size"), Index("-size", name="a_things_by_size"))


class Twice(Model):
    id: int = fields.BigIntField(primary_key=True)

    class Meta(Model.Meta):
        table = "a_twice"

    ddl = (Check("id > 0", name="same"), Check("id > 1", name="same"))


def test_what_goes_is_dropped_first_and_what_is_new_is_made_last():
    change = compare(OLD, NEW)
    assert change.up_first == ("DROP gone",)
    assert change.up_last == ("CREATE new",)
    assert change.down_first == ("DROP new",)
    assert change.down_last == ("CREATE gone",)


def test_a_changed_statement_is_dropped_in_its_old_form_and_made_in_its_new_one():
    old, new = {"a_things": {"x": ("CREATE 1", "DROP 1")}}, {"a_things": {"x": ("CREATE 2", "DROP 2")}}
    change = compare(old, new)
    assert (change.up_first, change.up_last) == (("DROP 1",), ("CREATE 2",))


def test_equal_states_need_nothing():
    change = compare(OLD, OLD)
    assert not any((change.up_first, change.up_last, change.down_first, change.down_last))


def test_declarations_are_read_in_the_order_of_the_model():
    state = declared([Thing])
    assert list(state["a_things"]) == ["a_things_size", "a_things_by_size"]
    create, drop = state["a_things"]["a_things_size"]
    assert "CHECK (size > 0)" in create
    assert "DROP CONSTRAINT" in drop


def test_two_declarations_of_one_name_are_refused():
    with pytest.raises(MigrationError, match=r"Twice\.ddl declares 'same' twice"):
        declared([Twice])


def test_the_rendered_state_reads_back_as_it_was():
    state = {"a_things": {"x": ("CHECK (a <> '\\''\"\"\"')", 'DROP "x"')}}
    text = render(state)
    assert text.startswith("DDL_STATE = ")
    assert ast.literal_eval(text.removeprefix("DDL_STATE = ")) == state


@pytest.mark.parametrize("sql", [r"a ~ '^\d+\n$'", 'x """ y', "plain 'text'"])
def test_quoted_sql_survives_the_file_that_aerich_writes(sql):
    assert ast.literal_eval(f'"""{quote_sql(sql)};"""') == f"{sql};"
