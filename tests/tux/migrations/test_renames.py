from __future__ import annotations

import pytest

from tux.errors import MigrationError
from tux.migrations.renames import GIVEN, exchanged, find_renames, moved_tables
from tux.migrations.shapes import Column, Reference, Table


def table(model, *columns, **references):
    return Table(
        model,
        "id",
        {name: Column("INT") for name in ("id", *columns, *references)},
        references={f"{name}_fkey": Reference(name, target, "id", "CASCADE") for name, target in references.items()},
    )


def link(**references):
    return Table(
        "",
        columns={name: Column("INT") for name in references},
        references={f"{name}_fkey": Reference(name, target, "id", "CASCADE") for name, target in references.items()},
    )


async def nobody(question):
    raise AssertionError(question)


async def find(old, new):
    return await find_renames(old, new, nobody, sure=True)


@pytest.fixture
def say(monkeypatch):
    return lambda text: monkeypatch.setenv(GIVEN, text)


@pytest.mark.parametrize(("came", "went"), [(("x", "y"), ("a", "b")), (("x",), ("a", "b")), (("x", "y"), ("a",))])
async def test_columns_that_may_be_one_another_are_not_guessed(came, went):
    old, new = {"zoo_as": table("A", *went)}, {"zoo_as": table("A", *came)}
    with pytest.raises(MigrationError, match=rf"zoo_as\.x.* may be zoo_as\.a.* {GIVEN}=zoo_as\.\w=x for a rename"):
        await find(old, new)


async def test_what_was_said_decides_before_what_looks_alike(say):
    old, new = {"zoo_as": table("A", "a", "b")}, {"zoo_as": table("A", "x", "y")}
    say("zoo_as.b=x,zoo_as.a=y")
    assert (await find(old, new)).columns == {"zoo_as": {"b": "x", "a": "y"}}
    say("zoo_as.b=x")
    assert (await find(old, new)).columns == {"zoo_as": {"b": "x", "a": "y"}}, "what is left is clear"
    say("zoo_as.b=x,zoo_as.a=")
    assert (await find(old, new)).columns == {"zoo_as": {"b": "x"}}


async def test_tables_that_may_be_one_another_are_not_guessed(say):
    old = {"zoo_as": table("A", "a"), "zoo_bs": table("B", "a")}
    new = {"zoo_xs": table("X", "a"), "zoo_ys": table("Y", "a")}
    with pytest.raises(MigrationError, match="zoo_xs, zoo_ys may be zoo_as, zoo_bs under other names"):
        await find(old, new)
    say("zoo_bs=zoo_xs,zoo_as=")
    assert (await find(old, new)).tables == {"zoo_bs": "zoo_xs"}


async def test_a_foreign_key_to_another_table_is_another_column():
    old, new = {"zoo_as": table("A", u="zoo_us")}, {"zoo_as": table("A", v="zoo_vs")}
    assert (await find(old, new)).columns == {}
    renamed = {"zoo_us": table("U")} | old, {"zoo_vs": table("U")} | new
    assert (await find(*renamed)).columns == {"zoo_as": {"u": "v"}}, "the table is the same under another name"


@pytest.mark.parametrize("text", ["zoo_as.no=", "zoo_no=", "zoo_as.a=no", "zoo_as=zoo_no"])
async def test_what_was_said_of_nothing_is_refused(say, text):
    say(text)
    with pytest.raises(MigrationError, match="but there is no such change"):
        await find({"zoo_as": table("A", "a")}, {"zoo_as": table("A")})


async def test_models_that_exchange_their_tables_are_refused_until_it_is_said_that_the_rows_stay(say):
    old = {"zoo_as": table("A", "a"), "zoo_bs": table("B", "a")}
    new = {"zoo_as": table("B", "a"), "zoo_cs": table("A", "a")}
    assert exchanged(old, new) == [("zoo_as", "zoo_cs")]
    with pytest.raises(MigrationError, match=f"the model A is in zoo_cs now.* say {GIVEN}=zoo_as="):
        await find(old, new)
    say("zoo_as=,zoo_bs=")
    assert (await find(old, new)).tables == {}


async def test_the_table_of_a_relation_goes_with_the_models_that_it_joins(say):
    old = {"zoo_as": table("A"), "zoo_bs": table("B"), "zoo_links": link(a_id="zoo_as", b_id="zoo_bs")}
    new = {"pen_as": table("A"), "zoo_bs": table("B"), "pen_links": link(pen_a_id="pen_as", b_id="zoo_bs")}
    assert moved_tables(old, new) == {"zoo_as", "zoo_links"}
    found = await find(old, new)
    assert found.tables == {"zoo_as": "pen_as", "zoo_links": "pen_links"}
    assert found.columns == {"pen_links": {"a_id": "pen_a_id"}}
    other = {**new, "pen_as": table("X", "more")}
    assert moved_tables(old, other) == set()
    say("zoo_as=pen_as")
    assert moved_tables(old, other) == {"zoo_as", "zoo_links"}
