from __future__ import annotations

from tux.database.statements import (
    EVERYTHING,
    Group,
    Leaf,
    Not,
    Numbers,
    Raw,
    ShapeCache,
    condition_sql,
    insert_sql,
    quote,
    where_sql,
)


def test_a_name_cannot_leave_its_quotes():
    assert quote('a" OR 1=1 --') == '"a"" OR 1=1 --"'


def test_parameters_are_numbered_in_the_order_of_the_tree():
    tree = Group(
        "AND", (Leaf('"a"', "range"), Not(Group("OR", (Leaf('"b"', "eq"), Leaf('"c"', "isnull")))), Leaf('"d"', "in"))
    )
    sql = condition_sql(tree, Numbers(4))
    assert sql == '("a" BETWEEN $4 AND $5 AND NOT (("b" = $6 OR "c" IS NULL)) AND "d" = ANY($7))'


def test_the_parameters_of_a_raw_condition_are_numbered_on_outside_of_its_texts():
    raw = Raw("""x = $1 AND y = '$1''$2' AND "$1" = $2 AND z = $1""", 2)
    assert condition_sql(raw, Numbers(11)) == """(x = $11 AND y = '$1''$2' AND "$1" = $12 AND z = $11)"""


def test_no_condition_is_no_where():
    assert where_sql(EVERYTHING, Numbers()) == ""


def test_an_insert_without_columns_takes_the_defaults():
    assert insert_sql('"t"', [], [], returning='"id"') == 'INSERT INTO "t" DEFAULT VALUES RETURNING "id"'


def test_a_cache_of_texts_never_grows_beyond_its_size():
    cache = ShapeCache(size=3)
    for number in range(10):
        assert cache.keep(number, f"text {number}") == f"text {number}"
        assert cache.find(number) == f"text {number}"
        assert len(cache) <= 3
    assert cache.find(0) is None


def test_a_cache_of_texts_keeps_as_many_as_it_has_room_for():
    cache = ShapeCache(size=3)
    for number in range(3):
        cache.keep(number, f"text {number}")
    assert [cache.find(number) for number in range(3)] == ["text 0", "text 1", "text 2"]
