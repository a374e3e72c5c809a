"""Theme 10: whatever is asked in whatever order, the table does what a dict does, and every form of a question agrees."""

from __future__ import annotations

import operator
from contextlib import suppress
from datetime import UTC, datetime
from functools import reduce
from typing import NamedTuple

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from shop_models import Member, Rank
from tortoise.expressions import Q

from tux.database.engine import active_client
from tux.errors import UniqueViolation
from tux.manager import Manager

pytestmark = pytest.mark.usefixtures("shop")

# The same examples every time: a suite that fails must fail again.
often = settings(
    max_examples=80,
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


class Members(Manager[Member], name="members"):
    """Of the tests."""


members = Members()


async def emptied():
    await active_client().run("DELETE FROM shop_members")


# A table and a dict

PAIRS = [(member, guild) for member in (1, 2) for guild in (1, 2)]
EMPTY = {"name": "nobody", "xp": 0.0, "level": 0, "note": None}

pairs = st.sampled_from(PAIRS)
some_pairs = st.lists(pairs, max_size=4)
values = st.fixed_dictionaries(
    {},
    optional={
        "name": st.sampled_from(["ann", "bob"]),
        "xp": st.sampled_from([0.0, 1.5, 3.0]),
        "level": st.integers(-3, 3),
        "note": st.sampled_from([None, "", "x"]),
    },
)
changes = values.filter(bool)
filters = st.one_of(
    st.builds(lambda level: {"level__gte": level}, st.integers(-3, 3)),
    st.builds(lambda name: {"name": name}, st.sampled_from(["ann", "nobody"])),
    st.builds(lambda member: {"member_id": member}, st.integers(1, 3)),
    st.just({"note": None}),
)
single = st.one_of(
    st.tuples(st.just("create"), pairs, values),
    st.tuples(st.just("get_or_create"), pairs, values),
    st.tuples(st.just("upsert"), pairs, values, changes),
    st.tuples(st.just("update_by_id"), pairs, changes),
    st.tuples(st.just("increment"), pairs, st.integers(-2, 2)),
    st.tuples(st.just("update_where"), filters, changes),
    st.tuples(st.just("delete_by_id"), pairs),
    st.tuples(st.just("delete_where"), filters),
    st.tuples(st.just("bulk_create"), some_pairs, values),
    st.tuples(st.just("bulk_update"), some_pairs, changes),
    st.tuples(st.just("bulk_upsert"), some_pairs, values, st.sampled_from([(), ("xp",), ("level", "note")])),
    st.tuples(st.just("bulk_delete"), some_pairs),
    st.tuples(st.just("get_many"), some_pairs),
)
# Operations may be in a transaction that commits, or in one that does not, to any depth.
programs = st.lists(
    st.recursive(
        single,
        lambda inner: st.tuples(st.sampled_from(["commit", "rollback"]), st.lists(inner, max_size=4)),
        max_leaves=8,
    ),
    max_size=8,
)


class Undo(Exception):
    """Ends a transaction."""


class Dictionary:
    """What a table is, without a database; each operation answers what the manager's should."""

    def __init__(self):
        self.rows = {}

    def matching(self, filters):
        [(name, value)] = filters.items()
        if name == "level__gte":
            return [pair for pair, row in self.rows.items() if row["level"] >= value]
        if name == "member_id":
            return [pair for pair in self.rows if pair[0] == value]
        return [pair for pair, row in self.rows.items() if row[name] == value]

    def create(self, pair, given):
        if pair in self.rows:
            return UniqueViolation
        self.rows[pair] = EMPTY | given
        return self.rows[pair]

    def get_or_create(self, pair, given):
        made = pair not in self.rows
        return self.rows.setdefault(pair, EMPTY | given), made

    def upsert(self, pair, defaults, given):
        made = pair not in self.rows
        self.rows[pair] = (EMPTY | defaults if made else self.rows[pair]) | given
        return self.rows[pair], made

    def update_by_id(self, pair, given):
        if pair not in self.rows:
            return None
        self.rows[pair] = self.rows[pair] | given
        return self.rows[pair]

    def increment(self, pair, amount):
        return self.update_by_id(pair, {"level": self.rows[pair]["level"] + amount} if pair in self.rows else {})

    def update_where(self, filters, given):
        return len([self.update_by_id(pair, given) for pair in self.matching(filters)])

    def delete_by_id(self, pair):
        return self.rows.pop(pair, None) is not None

    def delete_where(self, filters):
        return len([self.rows.pop(pair) for pair in self.matching(filters)])

    def bulk_create(self, wanted, given):
        if len({*wanted}) != len(wanted) or any(pair in self.rows for pair in wanted):
            return UniqueViolation
        return [self.create(pair, given) for pair in wanted]

    def bulk_update(self, wanted, given):
        return len([self.update_by_id(pair, given) for pair in {*wanted} if pair in self.rows])

    def bulk_upsert(self, wanted, given, update):
        done = []
        for pair in dict.fromkeys(wanted):
            made = pair not in self.rows
            if made:
                self.rows[pair] = EMPTY | given
            elif update:
                self.rows[pair] = self.rows[pair] | {name: (EMPTY | given)[name] for name in update}
            if made or update:
                done.append((self.rows[pair], made))
        return done

    def bulk_delete(self, wanted):
        return len([self.rows.pop(pair) for pair in {*wanted} if pair in self.rows])

    def get_many(self, wanted):
        return [self.rows[pair] for pair in dict.fromkeys(wanted) if pair in self.rows]


class Table:
    """The same operations, by the manager."""

    async def create(self, pair, given):
        return await members.create(**keys(pair), **given)

    async def get_or_create(self, pair, given):
        return await members.get_or_create(given, **keys(pair))

    async def upsert(self, pair, defaults, given):
        return await members.upsert(keys(pair), defaults, **given)

    async def update_by_id(self, pair, given):
        return await members.update_by_id(pair, **given)

    async def increment(self, pair, amount):
        return await members.increment(pair, level=amount)

    async def update_where(self, filters, given):
        return await members.update_where(filters, given)

    async def delete_by_id(self, pair):
        return await members.delete_by_id(pair)

    async def delete_where(self, filters):
        return await members.delete_where(filters)

    async def bulk_create(self, wanted, given):
        return await members.bulk_create([{**keys(pair), **given} for pair in wanted])

    async def bulk_update(self, wanted, given):
        found = {(row.member_id, row.guild_id): row.id for row in await members.get_all()}
        return await members.bulk_update([{"id": found.get(pair, 10**9), **given} for pair in wanted])

    async def bulk_upsert(self, wanted, given, update):
        return await members.bulk_upsert(
            [{**keys(pair), **given} for pair in wanted], ["member_id", "guild_id"], update
        )

    async def bulk_delete(self, wanted):
        return await members.bulk_delete(wanted)

    async def get_many(self, wanted):
        return await members.get_many(wanted)


def keys(pair):
    return {"member_id": pair[0], "guild_id": pair[1]}


def plain(answer):
    """Return an answer with rows as dicts of the columns that are looked at."""
    if isinstance(answer, Member):
        return {name: getattr(answer, name) for name in EMPTY}
    if isinstance(answer, list | tuple):
        return [plain(each) for each in answer]
    return answer


async def run(program, table, dictionary):
    """Do the same with both, and compare each answer and what there is afterwards."""
    for step in program:
        if step[0] in {"commit", "rollback"}:
            before = dict(dictionary.rows)
            with suppress(Undo):
                async with active_client().open_transaction():
                    await run(step[1], table, dictionary)
                    if step[0] == "rollback":
                        raise Undo
            if step[0] == "rollback":
                dictionary.rows = before
        else:
            name, *arguments = step
            expected = getattr(dictionary, name)(*arguments)
            try:
                async with active_client().open_transaction():
                    answer = await getattr(table, name)(*arguments)
            except UniqueViolation:
                answer = UniqueViolation
            assert plain(answer) == plain(expected), step
        found = {(row.member_id, row.guild_id): plain(row) for row in await members.get_all()}
        assert found == dictionary.rows, step
        assert await members.count() == len(dictionary.rows)


@often
@given(program=programs)
async def test_the_manager_does_what_a_dict_does(program):
    await emptied()
    await run(program, Table(), Dictionary())


# Filters in every form


class Leaf(NamedTuple):
    field: str
    operator: str
    value: object


T1, T2 = datetime(2026, 1, 1, tzinfo=UTC), datetime(2026, 6, 1, tzinfo=UTC)
DOMAIN = {
    "xp": [0.0, 0.5, 2.0],
    "level": [-1, 0, 1, 2],
    "name": ["ann", "bob", "Ann%", "a_n"],
    "note": [None, "", "a", "%", "a_b", "aXb", "\\"],
    "rank": [Rank.MEMBER, Rank.ADMIN],
    "is_active": [True, False],
    "seen_at": [None, T1, T2],
}
COMPARED = {
    "gt": operator.gt,
    "gte": operator.ge,
    "lt": operator.lt,
    "lte": operator.le,
}
TEXTS = {
    "contains": lambda text, part: part in text,
    "icontains": lambda text, part: part.lower() in text.lower(),
    "startswith": lambda text, part: text.startswith(part),
    "endswith": lambda text, part: text.endswith(part),
    "iexact": lambda text, part: text.lower() == part.lower(),
}
OTHERS = {
    "": operator.eq,
    "eq": operator.eq,
    "in": lambda own, given: own in given,
    "range": lambda own, ends: ends[0] <= own <= ends[1],
}


def some(field):
    return st.sampled_from([value for value in DOMAIN[field] if value is not None])


def leaves_of(field):
    forms = [
        st.builds(Leaf, st.just(field), st.sampled_from(["", "eq", "ne", "not"]), st.sampled_from(DOMAIN[field])),
        st.builds(Leaf, st.just(field), st.sampled_from(["in", "not_in"]), st.lists(some(field), max_size=3)),
        st.builds(Leaf, st.just(field), st.sampled_from(["isnull", "not_isnull"]), st.booleans()),
    ]
    if field in {"xp", "level", "seen_at"}:
        forms.append(st.builds(Leaf, st.just(field), st.sampled_from([*COMPARED]), some(field)))
        forms.append(st.builds(Leaf, st.just(field), st.just("range"), st.tuples(some(field), some(field))))
    if field in {"name", "note"}:
        forms.append(st.builds(Leaf, st.just(field), st.sampled_from([*TEXTS]), some(field)))
    return st.one_of(forms)


leaves = st.sampled_from([*DOMAIN]).flatmap(leaves_of)
trees = st.recursive(
    leaves,
    lambda inner: st.one_of(
        st.tuples(st.sampled_from(["and", "or"]), st.lists(inner, min_size=1, max_size=3)),
        st.tuples(st.just("not"), inner.map(lambda each: [each])),
    ),
    max_leaves=6,
)
tables = st.lists(st.fixed_dictionaries({name: st.sampled_from(domain) for name, domain in DOMAIN.items()}), max_size=8)
# What is always there: a row of every column's first value, of its second, of its last; NULLs among them.
ALWAYS = [{name: domain[place] for name, domain in DOMAIN.items()} for place in (0, 1, -1)]


def holds(tree, row):
    """Return what SQL says: True, False, or None where a comparison with nothing decides."""
    if isinstance(tree, Leaf):
        return leaf_holds(tree, row[tree.field])
    joiner, parts = tree
    found = [holds(part, row) for part in parts]
    if joiner == "not":
        return None if found[0] is None else not found[0]
    decisive = joiner == "or"
    if decisive in found:
        return decisive
    return None if None in found else not decisive


def leaf_holds(leaf, own):
    _, name, value = leaf
    if name in {"isnull", "not_isnull"}:
        return ((own is None) == (name == "isnull")) == value
    if name == "not_in":
        return own is None or own not in value
    if name in {"ne", "not"} or value is None:
        return (own == value) == (name in {"", "eq"})
    if own is None:
        return False if value == [] else None  # nothing is one of none
    return {**COMPARED, **TEXTS, **OTHERS}[name](own, value)


def as_q(tree):
    if isinstance(tree, Leaf):
        return Q(**{look_up(tree): tree.value})
    joiner, parts = tree
    found = [as_q(part) for part in parts]
    return ~found[0] if joiner == "not" else reduce(operator.and_ if joiner == "and" else operator.or_, found)


def look_up(leaf):
    return f"{leaf.field}__{leaf.operator}" if leaf.operator else leaf.field


COLUMN_FORMS = {
    "": operator.eq,
    "eq": operator.eq,
    "ne": operator.ne,
    "not": operator.ne,
    **COMPARED,
    "in": lambda column, value: column.in_(value),
    "not_in": lambda column, value: column.not_in(value),
    "isnull": lambda column, value: column.is_null(is_null=value),
    "not_isnull": lambda column, value: column.is_null(is_null=not value),
    "range": lambda column, value: column.between(*value),
    "contains": lambda column, value: column.contains(value),
    "icontains": lambda column, value: column.icontains(value),
    "startswith": lambda column, value: column.startswith(value),
}


def as_columns(tree):
    if isinstance(tree, Leaf):
        form = COLUMN_FORMS.get(tree.operator)
        return as_q(tree) if form is None else form(getattr(Member, tree.field), tree.value)
    joiner, parts = tree
    found = [as_columns(part) for part in parts]
    return ~found[0] if joiner == "not" else reduce(operator.and_ if joiner == "and" else operator.or_, found)


def forms_of(tree):
    """Return the ways to write a condition: all as Q and columns, and what only joins by AND in the shorter ones too."""
    forms = {"Q": as_q(tree), "columns": as_columns(tree)}
    parts = [tree] if isinstance(tree, Leaf) else tree[1] if tree[0] == "and" else []
    if parts and all(isinstance(part, Leaf) for part in parts):
        forms["list of dicts"] = [{look_up(part): part.value} for part in parts]
        forms["list of nested dicts"] = [{part.field: {part.operator or "eq": part.value}} for part in parts]
        forms["mixed list"] = [forms["list of dicts"][0], *(as_q(part) for part in parts[1:])]
        if len({look_up(part) for part in parts}) == len(parts):
            forms["dict"] = {look_up(part): part.value for part in parts}
    return forms


async def stored(table):
    """Store rows, and return them by their keys."""
    await emptied()
    table = [*ALWAYS, *table]
    rows = [{"member_id": number, "guild_id": 1, **row} for number, row in enumerate(table)]
    return dict(zip([row.id for row in await members.bulk_create(rows)], table, strict=True))


@often
@given(table=tables, conditions=st.lists(trees, min_size=1, max_size=5))
async def test_filters_in_every_form_find_what_python_finds(table, conditions):
    rows = await stored(table)
    for tree in conditions:
        expected = {key for key, row in rows.items() if holds(tree, row)}
        for name, form in forms_of(tree).items():
            found = {row.id for row in await members.find_all(form)}
            assert found == expected, (name, form)
            if name == "dict":
                assert {row.id for row in await members.find_all(**form)} == expected
        assert await members.count(as_q(tree)) == len(expected)
        assert await members.exists(as_columns(tree)) == bool(expected)
        one = await members.find_one(as_q(tree))
        assert one.id in expected if expected else one is None
        if isinstance(tree, Leaf) and tree.operator in {"", *COMPARED, "in", "isnull", "not_isnull"}:
            assert {row.id for row in await Member.filter(as_q(tree))} == expected  # Tortoise's own words


@often
@given(table=tables, tree=trees)
async def test_writes_reach_what_reads_find(table, tree):
    rows = await stored(table)
    expected = {key for key, row in rows.items() if holds(tree, row)}
    assert await members.update_where(as_columns(tree), {"extra": {"hit": True}}) == len(expected)
    assert {row.id for row in await members.get_all() if row.extra} == expected
    assert await members.delete_where(as_q(tree)) == len(expected)
    assert {row.id for row in await members.get_all()} == rows.keys() - expected


# Orders and pages

ZERO = {"level": 0, "xp": 0.0, "seen_at": T1, "is_active": False}
orders = st.lists(
    st.tuples(st.sampled_from(["", "-"]), st.sampled_from([*ZERO])),
    max_size=3,
    unique_by=lambda each: each[1],
)


def in_order(rows, order):
    """Return the keys in an order of fields, rows that it leaves equal by key; NULL is greater than anything."""
    found = sorted(rows)
    for sign, name in reversed(order):
        found.sort(
            key=lambda key, name=name: (rows[key][name] is None, rows[key][name] or ZERO[name]), reverse=sign == "-"
        )
    return found


@often
@given(table=tables, order=orders, per_page=st.integers(1, 4))
async def test_pages_by_offset_and_by_key_hold_every_row_once(table, order, per_page):
    rows = await stored(table)
    names = [f"{sign}{name}" for sign, name in order]
    expected = in_order(rows, order)
    first = await members.paginate(1, per_page, order_by=names)
    assert (first.total, first.pages) == (len(rows), -(-len(rows) // per_page))
    by_offset = []
    for number in range(1, first.pages + 1):
        page = await members.paginate(number, per_page, order_by=names)
        assert (page.has_prev, page.has_next) == (number > 1, number < page.pages)
        by_offset += [row.id for row in page.items]
    assert by_offset == expected
    assert [row.id for row in await members.find_all(order_by=[*names, "id"])] == expected
    assert [row.id async for row in members.iterate(order_by=names, batch_size=per_page)] == expected
    assert await forward(names, per_page) == expected
    assert await backward(names, per_page) == expected


async def forward(names, per_page):
    """Return the keys of all rows, page after page."""
    found, cursor = [], None
    while True:
        page = await members.page_after(cursor, per_page, order_by=names)
        found += [row.id for row in page.items]
        if page.next_cursor is None:
            return found
        cursor = page.next_cursor


async def backward(names, per_page):
    """Return the keys of all rows, from the last page to the first."""
    found, cursor = [], None
    while True:
        page = await members.page_before(cursor, per_page, order_by=names)
        found = [row.id for row in page.items] + found
        if page.previous_cursor is None:
            return found
        cursor = page.previous_cursor
