from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta

import pytest
from shop_models import Guild, Member, Note, Receipt
from tortoise.expressions import Q

from tux.clock import clock
from tux.errors import InvalidQuery, UniqueViolation
from tux.manager import Manager

pytestmark = pytest.mark.usefixtures("shop")

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)
LATER = NOON + timedelta(days=1)


class Notes(Manager[Note], name="notes"):
    """Of the tests."""


class Members(Manager[Member], name="members"):
    """Of the tests."""


class Guilds(Manager[Guild], name="guilds"):
    """Of the tests."""


class Receipts(Manager[Receipt], name="receipts"):
    """Of the tests."""


notes, members, guilds, receipts = Notes(), Members(), Guilds(), Receipts()


@pytest.fixture(autouse=True)
async def rows(shop):
    author = await members.create(guild_id=1, member_id=1)
    made = await notes.bulk_create(
        [{"guild_id": 1, "title": title, "author": author.id, "stars": n} for n, title in enumerate("abcd")]
    )
    with clock.freeze(NOON):
        assert await notes.delete_by_id(made[0].id) is True
    return made


def titles(found):
    return "".join(sorted(row.title for row in found))


async def test_every_read_passes_over_hidden_rows(rows):
    hidden = rows[0].id
    assert await notes.get_by_id(hidden) is None
    assert await notes.get_by_id((1, "a")) is None
    assert await notes.find_one({"title": "a"}) is None
    assert await notes.find_one(order_by="title") == rows[1]
    assert titles(await notes.find_all()) == "bcd"
    assert titles(await notes.find_all(Q(title="a") | Q(title="b"))) == "b"
    assert titles(await notes.get_all({"guild_id": 1})) == "bcd"
    assert titles(await notes.get_many([each.id for each in rows])) == "bcd"
    assert titles(await notes.get_many([(1, "a"), (1, "b")])) == "b"
    assert (await notes.count(), await notes.exists(title="a"), await notes.exists(title="b")) == (3, False, True)
    page = await notes.paginate(1, 2)
    assert (page.total, page.pages) == (3, 2)


async def test_every_write_passes_over_hidden_rows(rows):
    hidden = rows[0].id
    assert await notes.update_by_id(hidden, stars=9) is None
    assert await notes.increment(hidden, stars=9) is None
    assert await notes.update_where({"guild_id": 1}, {"stars": 5}) == 3
    assert await notes.bulk_update([{"id": each.id, "stars": 6} for each in rows]) == 3
    assert await notes.delete_by_id(hidden) is False
    assert await notes.bulk_delete([each.id for each in rows[:2]]) == 1
    assert await notes.delete_where({"guild_id": 1}) == 2
    assert (await notes.with_deleted().get_by_id(hidden)).stars == 0


async def test_deletion_is_stamped(rows):
    with clock.freeze(LATER):
        await notes.delete_by_id(rows[1].id)
        await notes.bulk_delete([rows[2].id])
        await notes.delete_where({"title": "d"})
    found = await notes.with_deleted().find_all(order_by="title")
    assert [each.deleted_at for each in found] == [NOON, LATER, LATER, LATER]
    assert [each.updated_at for each in found] == [NOON, LATER, LATER, LATER]


async def test_with_deleted_sees_and_changes_hidden_rows_but_hides_none_twice(rows):
    seeing = notes.with_deleted()
    assert titles(await seeing.find_all()) == "abcd"
    assert await seeing.count() == 4
    assert (await seeing.update_by_id(rows[0].id, stars=7)).stars == 7
    with clock.freeze(LATER):
        assert await seeing.delete_where(all_rows=True) == 3
    assert (await seeing.get_by_id(rows[0].id)).deleted_at == NOON
    assert await notes.count() == 0


async def test_a_hidden_row_is_restored(rows):
    with clock.freeze(LATER):
        restored = await notes.restore(rows[0].id)
    assert (restored.title, restored.deleted_at, restored.updated_at) == ("a", None, LATER)
    assert titles(await notes.find_all()) == "abcd"
    assert await notes.restore(rows[0].id) is None
    await notes.delete_by_id(rows[0].id)
    assert (await notes.restore((1, "a"))).id == rows[0].id


async def test_a_place_that_was_taken_refuses_the_row_that_comes_back(rows):
    await notes.create(guild_id=1, title="a")
    with pytest.raises(UniqueViolation):
        await notes.restore(rows[0].id)


async def test_purge_deletes_hidden_and_visible_rows_for_good(rows):
    assert await notes.purge(rows[0].id) is True
    assert await notes.purge(rows[1].id) is True
    assert await notes.purge(rows[1].id) is False
    assert titles(await notes.with_deleted().find_all()) == "cd"


async def test_purge_where_reaches_only_hidden_rows(rows):
    with clock.freeze(LATER):
        await notes.delete_by_id(rows[1].id)
    with pytest.raises(InvalidQuery, match="all_rows=True"):
        await notes.purge_where()
    assert await notes.purge_where(deleted_at__lt=LATER) == 1
    assert await notes.purge_where(all_rows=True) == 1
    assert titles(await notes.with_deleted().find_all()) == "cd"


async def test_an_empty_filter_is_refused_though_hidden_rows_are_left_out():
    with pytest.raises(InvalidQuery, match="all_rows=True"):
        await notes.delete_where()
    with pytest.raises(InvalidQuery, match="all_rows=True"):
        await notes.update_where({}, {"stars": 1})
    with pytest.raises(InvalidQuery, match="all_rows=True"):
        await notes.with_deleted().delete_where()
    assert await notes.count() == 3


async def test_relations_pass_over_hidden_rows():
    guild = await guilds.find_one({"guild_id": 1}, prefetch=["notes", "members__notes"])
    assert titles(guild.notes) == "bcd"
    assert titles(guild.members[0].notes) == "bcd"


async def test_relations_by_equal_columns_pass_over_hidden_rows():
    for number in range(4):
        await receipts.create(number=number)
    found = await receipts.find_all(order_by="number", prefetch=["notes"])
    assert [titles(row.notes) for row in found] == ["", "b", "c", "d"]
    assert await receipts.count(Receipt.notes.any()) == 3


@pytest.mark.parametrize(
    "condition",
    [
        lambda title: Guild.notes.any(Note.title == title),
        lambda title: {"notes__title": title},
        lambda title: Q(notes__title=title),
        lambda title: {"notes__author__notes__title": title, "notes__title": title},
        lambda title: {"notes__title__in": [title]},
    ],
)
async def test_filters_across_relations_pass_over_hidden_rows(condition):
    assert await guilds.count(condition("a")) == 0
    assert await guilds.count(condition("b")) == 1


async def test_conditions_on_related_rows_pass_over_hidden_rows_behind_those():
    member = await members.create(guild_id=9, member_id=9)
    note = await notes.create(guild_id=9, title="deep", author_id=member.id)
    having = Guild.members.any(notes__title="deep")
    some, none = Guild.members.any(notes__isnull=False), Guild.members.any(notes__isnull=True)
    asked = having, some & Q(guild_id=9), none & Q(guild_id=9)
    assert [await guilds.count(filters) for filters in asked] == [1, 1, 0]
    await notes.delete_by_id(note.id)
    assert [await guilds.count(filters) for filters in asked] == [0, 0, 1]


@pytest.mark.parametrize(
    ("without", "with_some"),
    [
        ({"notes__isnull": True}, {"notes__isnull": False}),
        ({"notes__not_isnull": False}, {"notes": {"not_isnull": True}}),
        (Q(notes__isnull=True), ~Q(notes__isnull=True)),
    ],
)
async def test_a_relation_of_hidden_rows_only_is_an_empty_one(without, with_some):
    await notes.delete_where(title__in=["b", "c"])
    assert [await guilds.count(filters) for filters in (without, with_some)] == [0, 1]
    await notes.delete_where(title="d")
    assert [await guilds.count(filters) for filters in (without, with_some)] == [1, 0]
    await guilds.create(guild_id=2)
    assert await guilds.count(without) == await guilds.count(~Guild.notes.any()) == 2


async def test_a_filter_across_a_relation_may_ask_for_hidden_rows():
    assert await guilds.count({"notes__deleted_at__isnull": False}) == 1


async def test_upsert_makes_a_new_row_beside_a_hidden_one_under_a_partial_index(rows):
    made, created = await notes.upsert({"guild_id": 1, "title": "a"}, stars=5)
    assert (created, made.id != rows[0].id) == (True, True)
    again, created = await notes.upsert({"guild_id": 1, "title": "a"}, stars=6)
    assert (again.id, again.stars, created) == (made.id, 6, False)
    found, created = await notes.get_or_create(guild_id=1, title="a")
    assert (found.id, created) == (made.id, False)


async def test_bulk_upsert_under_a_partial_index(rows):
    given = [{"guild_id": 1, "title": title, "stars": 8} for title in "ab"]
    found = await notes.bulk_upsert(given, ["guild_id", "title"], ["stars"])
    assert [(row.title, row.stars, created) for row, created in found] == [("a", 8, True), ("b", 8, False)]


async def test_a_hidden_row_that_still_holds_the_key_is_restored_by_who_needs_it():
    first = await receipts.create(number=1, total=5)
    await receipts.delete_by_id(first.id)
    found, created = await receipts.upsert({"number": 1}, total=7)
    assert (found.id, found.total, created, found.deleted_at) == (first.id, 7, False, None)
    await receipts.delete_by_id(first.id)
    found, created = await receipts.get_or_create({"total": 9}, number=1)
    assert (found.id, found.total, created, found.deleted_at) == (first.id, 7, False, None)
    await receipts.delete_by_id(first.id)
    [(found, created)] = await receipts.bulk_upsert([{"number": 1, "total": 3}], ["number"], ["total"])
    assert (found.id, found.total, created, found.deleted_at) == (first.id, 3, False, None)
    await receipts.delete_by_id(first.id)
    with pytest.raises(UniqueViolation):
        await receipts.create(number=1)


async def test_fifty_callers_restore_one_row_and_make_none():
    first = await receipts.create(number=1)
    await receipts.delete_by_id(first.id)
    found = await asyncio.gather(*(receipts.get_or_create(number=1) for _ in range(50)))
    assert {(row.id, created) for row, created in found} == {(first.id, False)}
    assert (
        sum(created for _, created in await asyncio.gather(*(receipts.get_or_create(number=2) for _ in range(50)))) == 1
    )


async def test_a_model_without_the_mixin_has_nothing_hidden():
    for call in (members.with_deleted, lambda: members.restore(1), lambda: members.purge(1), members.purge_where):
        with pytest.raises(InvalidQuery, match="is no SoftDeleteModel"):
            await call()
