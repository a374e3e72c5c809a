from __future__ import annotations

import pytest
from shop_models import Member, Note, Team, Thing

from tux.database.engine import active_client
from tux.errors import InvalidQuery, InvalidValue
from tux.manager import Manager
from tux.models import SearchIndex
from tux.testing.blocks import max_queries

pytestmark = pytest.mark.usefixtures("shop")


class Notes(Manager[Note], name="notes"):
    """Of the tests."""


class Members(Manager[Member], name="members"):
    """Of the tests."""


class Things(Manager[Thing], name="things"):
    """Of the tests."""


class Teams(Manager[Team], name="teams"):
    """Of the tests."""


notes, members, things, teams = Notes(), Members(), Things(), Teams()

HOSTILE = [
    "'; DROP TABLE shop_notes; --",
    '"',
    "' OR 1=1",
    "a & b | !c:*",
    "<->",
    "(((",
    "\\",
    "%_$1 {}",
    '"unclosed phrase',
    "-",
    "or or or",
    "🐧 ümlaut العربية",
    "x" * 500,
    "",
    " ",
]


async def add(title, text="", **values):
    return await notes.create(guild_id=1, title=title, text=text, **values)


def titles(found):
    return [row.title for row in found]


async def plan_of(search):
    """Return the plan of the one statement that a call sends, with the values that it sends."""
    client = active_client()
    sent = []
    fetch = client.fetch
    client.fetch = lambda sql, args=(): sent.append((sql, args)) or fetch(sql, args)
    try:
        await search()
    finally:
        del client.fetch
    [(sql, args)] = sent
    return "\n".join(row[0] for row in await client.fetch(f"EXPLAIN {sql}", args))


async def fill(count=5_000):
    await notes.bulk_create(
        [
            {
                "guild_id": 1,
                "title": f"t{number}",
                "text": f"word{number} common",
                "labels": [f"l{number}", "all"],
                "extra": {"number": number, "deep": {"colour": f"c{number}"}, "list": [number, "all"]},
            }
            for number in range(count)
        ],
        returning="count",
    )
    await active_client().run("VACUUM ANALYZE shop_notes")  # what is pending in a GIN index counts against it


async def test_a_value_in_json_is_found_by_its_path():
    await add("a", extra={"colour": {"name": "red"}, "tags": ["x", "y"], "size": 1, "none": None})
    await add("b", extra={"colour": {"name": "blue"}, "size": 1.0})
    assert titles(await notes.find_json("extra.colour.name", "red")) == ["a"]
    assert titles(await notes.find_json("extra.colour", {"name": "blue"})) == ["b"]
    assert titles(await notes.find_json(("extra", "size"), 1, order_by="-title")) == ["b", "a"]
    assert titles(await notes.find_json("extra.tags", ["y"])) == ["a"]
    assert titles(await notes.find_json(["extra", "tags", 1], "y")) == ["a"]
    assert titles(await notes.find_json(["extra", "tags", 0], "y")) == []
    assert titles(await notes.find_json("extra.none", None)) == ["a"]
    assert titles(await notes.find_json("extra", {"size": 1}, limit=1, order_by="title")) == ["a"]


async def test_a_path_without_a_value_asks_whether_there_is_anything():
    await add("a", extra={"colour": {"name": "red"}, "none": None})
    await add("b", extra={})
    assert titles(await notes.find_json("extra.colour.name")) == ["a"]
    assert titles(await notes.find_json("extra.none")) == ["a"]
    assert titles(await notes.find_json("extra.nothing")) == []


async def test_further_filters_and_hidden_rows_are_respected():
    for number in range(3):
        row = await add(f"t{number}", "penguin", labels=["x"], extra={"a": 1}, stars=number)
    await notes.delete_by_id(row.id)
    for search in (
        lambda **more: notes.find_json("extra.a", 1, **more),
        lambda **more: notes.find_array_contains("labels", "x", **more),
        lambda **more: notes.search("penguins", **more),
    ):
        assert titles(await search(order_by="-stars")) == ["t1", "t0"]
        assert titles(await search(filters={"stars__gte": 1})) == ["t1"]
        assert titles(await search(stars=0)) == ["t0"]
        assert titles(await search(order_by="stars", limit=1)) == ["t0"]
        assert titles(await search(limit=0)) == []
        with pytest.raises(InvalidQuery):
            await search(order_by="nope")
        with pytest.raises(InvalidQuery):
            await search(limit=-1)


@pytest.mark.parametrize("name", ["nope", "title", "labels", "", "extra; DROP TABLE", 'extra"', "author.extra"])
async def test_a_path_that_begins_with_no_json_column_is_refused(name):
    with pytest.raises(InvalidQuery):
        await notes.find_json(f"{name}.a", 1)


@pytest.mark.parametrize("key", [None, 1.5, True, b"x", ["a"]])
async def test_a_part_of_a_path_that_is_no_key_is_refused(key):
    with pytest.raises(InvalidQuery):
        await notes.find_json(("extra", key), 1)


@pytest.mark.parametrize("hostile", [*HOSTILE, "{a,b}", "$.a", "a'b", "#>"])
async def test_hostile_keys_and_values_are_data(hostile):
    await add("a", extra={hostile: {"k": hostile}}, labels=[hostile])
    await add("b", extra={"other": 1}, labels=["other"])
    assert titles(await notes.find_json(("extra", hostile, "k"), hostile)) == ["a"]
    assert titles(await notes.find_json(("extra", hostile, "k"))) == ["a"]
    assert titles(await notes.find_array_contains("labels", hostile)) == ["a"]
    assert titles(await notes.find_array_contains("labels", [hostile, "other"])) == []


@pytest.mark.parametrize("value", [float("nan"), {1, 2}, "a\0b", "\ud800", {"a": "\0"}, object()])
async def test_a_value_that_json_cannot_hold_is_refused_before_any_statement(value):
    with max_queries(0), pytest.raises(InvalidValue, match="extra"):
        await notes.find_json("extra.a", value)
    with max_queries(0), pytest.raises(InvalidValue, match="extra"):
        await notes.find_array_contains("extra", [value])


async def test_a_nul_in_a_key_is_refused_before_any_statement():
    with max_queries(0), pytest.raises(InvalidValue, match="NUL"):
        await notes.find_json(("extra", "a\0"))


async def test_arrays_and_json_lists_are_found_by_their_elements():
    await things.create(numbers=[1, 2, 3], tags=["x", "y"], code="a")
    await things.create(numbers=[3], tags=[], code="b")
    assert [row.code for row in await things.find_array_contains("numbers", 3, order_by="code")] == ["a", "b"]
    assert [row.code for row in await things.find_array_contains("numbers", [1, 3])] == ["a"]
    assert [row.code for row in await things.find_array_contains("tags", "x")] == ["a"]
    assert [row.code for row in await things.find_array_contains("tags", ["y", "x"])] == ["a"]
    assert [row.code for row in await things.find_array_contains("numbers", {1, 2})] == ["a"]


@pytest.mark.parametrize(("field", "value"), [("numbers", "x"), ("numbers", 2**40), ("numbers", 1.5)])
async def test_an_element_that_no_array_of_the_column_can_have_is_refused(field, value):
    with max_queries(0), pytest.raises(InvalidValue, match=field):
        await things.find_array_contains(field, value)


async def test_a_column_that_is_no_array_is_refused():
    with pytest.raises(InvalidQuery, match=r"shop_things\.code is no array and no JSON"):
        await things.find_array_contains("code", "x")


async def test_words_are_found_in_the_declared_columns_the_best_match_first():
    await add("penguins", "a bird")
    await add("birds", "penguin penguin penguins")
    await add("cats")
    assert titles(await notes.search("penguin")) == ["birds", "penguins"]
    assert titles(await notes.search("penguin", order_by="-title")) == ["penguins", "birds"]
    assert titles(await notes.search("bird or cat", ["title", "text"], order_by="title")) == [
        "birds",
        "cats",
        "penguins",
    ]
    await add("order", "one two")
    assert titles(await notes.search('"one two"')) == ["order"]
    assert titles(await notes.search('"two one"')) == []
    assert titles(await notes.search("penguin -birds")) == []


async def test_the_best_match_comes_first_whatever_order_the_models_meta_has():
    await teams.bulk_create([{"name": "all red red red"}, {"name": "red"}])
    assert [team.name for team in await teams.find_all()] == ["red", "all red red red"]
    assert [team.name for team in await teams.search("red", "name")] == ["all red red red", "red"]
    assert [team.name for team in await teams.search("red", "name", order_by="name")] == ["all red red red", "red"]
    assert [team.name for team in await teams.search("red", "name", order_by="-name")] == ["red", "all red red red"]


async def test_other_columns_are_searched_word_for_word():
    await add("penguins", "birds")
    assert titles(await notes.search("penguins", ["title"])) == ["penguins"]
    assert titles(await notes.search("penguin", "title")) == []
    assert titles(await notes.search("birds", ["title"])) == []
    await members.create(guild_id=1, member_id=1, name="Ann", note=None)
    assert [row.name for row in await members.search("ann", ["note", "name"])] == ["Ann"]


@pytest.mark.parametrize("text", HOSTILE)
async def test_any_text_may_be_searched_for(text):
    await add("a", "one")
    assert titles(await notes.search(text)) == []
    assert titles(await notes.search(f"one or {text}"[:500])) in ([], ["a"])
    assert await notes.count() == 1


@pytest.mark.parametrize("text", ["x" * 501, "a\0", "\ud800", None, 5])
async def test_a_text_that_is_none_or_too_long_is_refused(text):
    with max_queries(0), pytest.raises(InvalidValue):
        await notes.search(text)


async def test_columns_that_cannot_be_searched_are_refused():
    for fields in (["nope"], ["stars"], ["title", "extra"], [5], ['title")--']):
        with pytest.raises(InvalidQuery):
            await notes.search("x", fields)
    with pytest.raises(InvalidQuery, match="declares no SearchIndex"):
        await members.search("x")


def test_a_search_index_takes_names_only():
    for arguments in ((), ("a b",), ("title', '')",)):
        with pytest.raises(InvalidQuery):
            SearchIndex(*arguments)
    with pytest.raises(InvalidQuery):
        SearchIndex("title", language="english'")
    assert SearchIndex("title").name_for("t") != SearchIndex("title", language="english").name_for("t")


async def test_each_search_uses_its_index():
    await fill()
    for search, index in (
        (lambda: notes.find_json("extra.deep.colour", "c77"), "shop_notes_extra"),
        (lambda: notes.find_json("extra.list", [4321]), "shop_notes_extra"),
        (lambda: notes.find_array_contains("labels", "l77"), "shop_notes_labels"),
        (lambda: notes.find_array_contains("extra", []), None),
        (lambda: notes.search("word77"), "shop_notes_title_text"),
        (lambda: notes.search("word77 common", ["title", "text"], guild_id=1), "shop_notes_title_text"),
    ):
        plan = await plan_of(search)
        assert index is None or ("Bitmap Index Scan" in plan and index in plan), plan
    assert titles(await notes.find_json("extra.deep.colour", "c77")) == ["t77"]
    assert titles(await notes.find_array_contains("labels", ["all", "l77"])) == ["t77"]
    assert titles(await notes.search("word77")) == ["t77"]
