"""Theme 3: a count is the number of rows that were changed, a limit holds or is refused, and nothing reaches every row unasked."""

from __future__ import annotations

import asyncio

import pytest
from tortoise.expressions import Q

from plugins.moderation.models import Case
from tests.correctness.scenes import ANN, BOB, GUILD, OTHER, a_case
from tux.errors import InvalidQuery

NOBODY = 10**15
EMPTY = {
    "nothing": None,
    "dict": {},
    "list": [],
    "list of dicts": [{}, {}],
    "Q": Q(),
    "Q of Qs": Q(Q(), Q(Q())),
    "negated Q": ~Q(),
    "or of Qs": Q() | Q(),
    "list of Qs": [Q(), {}],
}


@pytest.fixture
async def cases(db):
    """Six cases of one guild and two of another, by their numbers."""
    await db.guild.sync_guilds({GUILD: "one", OTHER: "other"})
    rows = [a_case(case_number=number, case_user_id=BOB if number % 2 else ANN) for number in range(1, 7)]
    rows += [a_case(case_number=number, guild_id=OTHER) for number in (1, 2)]
    return await db.case.bulk_create(rows)


async def test_update_where_counts_the_rows_that_matched(db, cases):
    assert await db.case.update_where({"guild_id": GUILD, "case_user_id": BOB}, {"case_status": False}) == 3
    assert await db.case.update_where({"guild_id": GUILD, "case_user_id": BOB}, {"case_status": False}) == 3
    assert await db.case.update_where({"case_status": True}, {"case_reason": "open"}) == 5
    assert await db.case.update_where({"case_user_id": NOBODY}, {"case_reason": "x"}) == 0
    assert await db.case.count({"case_reason": "open"}) == 5
    assert await db.case.count({"case_status": False}) == 3


async def test_update_where_of_what_it_filters_by_counts_each_row_once(db, cases):
    flip = {"case_status": True}
    assert await db.case.update_where(flip, {"case_status": False}) == 8
    assert await db.case.update_where(flip, {"case_status": False}) == 0


async def test_update_where_across_a_relation_counts_rows_not_joins(db, cases):
    await db.level_role.bulk_create([{"guild_id": GUILD, "level": level, "role_id": 1} for level in range(4)])
    of_roles = {"guild__level_roles__role_id": 1}
    assert await db.case.count(of_roles) == 6
    assert await db.case.update_where(of_roles, {"case_reason": "x"}) == 6
    assert await db.case.delete_where(of_roles) == 6
    assert await db.case.count() == 2


async def test_delete_where_counts_the_rows_that_are_gone(db, cases):
    assert await db.case.delete_where({"guild_id": OTHER}) == 2
    assert await db.case.delete_where({"guild_id": OTHER}) == 0
    assert await db.case.delete_where(case_user_id=ANN) == 3
    assert await db.case.count() == 3


async def test_concurrent_deletes_share_the_rows_out(db, cases):
    counts = await asyncio.gather(*(db.case.delete_where({"guild_id": GUILD}) for _ in range(20)))
    assert sum(counts) == 6
    assert sorted(counts)[:-1] == [0] * 19
    gone = await asyncio.gather(*(db.case.delete_by_id(cases[-1].case_id) for _ in range(20)))
    assert sum(gone) == 1
    keys = [case.case_id for case in cases]
    assert sum(await asyncio.gather(*(db.case.bulk_delete(keys) for _ in range(20)))) == 1
    assert await db.case.count() == 0


async def test_concurrent_updates_that_end_what_they_look_for_share_the_rows_out(db, cases):
    closed = await asyncio.gather(
        *(db.case.update_where({"case_status": True}, {"case_status": False}) for _ in range(20))
    )
    assert sum(closed) == 8


async def test_ids_that_do_not_exist_are_not_counted(db, cases):
    first, second, *_ = (case.case_id for case in cases)
    assert await db.case.bulk_update([{"case_id": key, "case_reason": "x"} for key in (first, NOBODY, second)]) == 2
    assert await db.case.bulk_update([{"id": NOBODY, "case_reason": "x"}]) == 0
    assert await db.case.bulk_delete([first, NOBODY]) == 1
    assert await db.case.bulk_delete([first, NOBODY]) == 0
    assert await db.case.bulk_delete([(GUILD, 2), (GUILD, 999), (NOBODY, 2)]) == 1
    assert [case.case_number for case in await db.case.get_many([(GUILD, 3), (GUILD, 2), (GUILD, 1)])] == [3]
    assert await db.case.delete_by_id(first) is False
    assert await db.case.update_by_id(first, case_reason="x") is None
    assert await db.case.increment(NOBODY, mod_log_message_id=1) is None
    assert await db.case.count() == 6


async def test_an_id_given_twice_is_counted_once(db, cases):
    key = cases[0].case_id
    assert await db.case.bulk_update([{"id": key, "case_reason": "a"}, {"id": key, "case_reason": "b"}]) == 1
    assert (await db.case.get_by_id(key)).case_reason == "b"
    assert len(await db.case.get_many([key, key])) == 1
    assert await db.case.bulk_delete([key, key]) == 1


async def test_bulk_upsert_tells_what_it_made_from_what_it_found(db, cases):
    rows = [a_case(case_number=number, case_reason="again") for number in (6, 7, 8, 5)]
    done = await db.case.bulk_upsert(rows, ["guild_id", "case_number"], ["case_reason"])
    assert [(row.case_number, created) for row, created in done] == [(6, False), (7, True), (8, True), (5, False)]
    assert await db.case.count({"case_reason": "again"}) == 4
    untouched = await db.case.bulk_upsert(
        [a_case(case_number=number) for number in (8, 9)], ["guild_id", "case_number"], []
    )
    assert [(row.case_number, created) for row, created in untouched] == [(9, True)]
    assert await db.case.count({"guild_id": GUILD}) == 9


async def test_nothing_asked_is_nothing_done(db, cases):
    assert await db.case.bulk_create([]) == []
    assert await db.case.bulk_update([]) == 0
    assert await db.case.bulk_update([{"id": cases[0].case_id}]) == 0
    assert await db.case.bulk_delete([]) == 0
    assert await db.case.bulk_upsert([], ["case_id"], []) == []
    assert await db.case.get_many([]) == []
    assert await db.case.delete_where({"case_id": {"in": []}}) == 0
    assert await db.case.count() == 8


@pytest.mark.parametrize("filters", EMPTY.values(), ids=EMPTY)
async def test_an_empty_filter_is_refused_unless_every_row_is_meant(db, cases, filters):
    with pytest.raises(InvalidQuery, match="all_rows=True"):
        await db.case.delete_where(filters)
    with pytest.raises(InvalidQuery, match="all_rows=True"):
        await db.case.update_where(filters, {"case_reason": "x"})
    assert await db.case.count({"case_reason": None}) == 8
    assert await db.case.update_where(filters, {"case_reason": "x"}, all_rows=True) == 8
    assert await db.case.delete_where(filters, all_rows=True) == 8


async def test_all_rows_does_not_widen_a_filter(db, cases):
    assert await db.case.delete_where({"guild_id": OTHER}, all_rows=True) == 2
    assert await db.case.count() == 6


@pytest.mark.parametrize("limited", [lambda: Case.all().limit(1), lambda: Case.filter(guild_id=GUILD).offset(2)])
async def test_a_limit_that_tortoise_would_ignore_is_refused(cases, limited):
    with pytest.raises(InvalidQuery, match="ignores limit"):
        await limited().delete()
    with pytest.raises(InvalidQuery, match="ignores limit"):
        await limited().update(case_reason="x")
    assert await Case.filter(case_reason=None).count() == 8


@pytest.mark.parametrize("limit", [0, 1, 5, 6, 7, 2**62])
async def test_a_limit_holds(db, cases, limit):
    assert len(await db.case.find_all({"guild_id": GUILD}, "case_number", limit)) == min(limit, 6)
    assert len(await db.case.find_all({"guild_id": GUILD}, "case_number", limit, 2)) == min(limit, 4)
    assert len(await db.case.get_recent_cases(GUILD, limit)) == min(limit, 6)


@pytest.mark.parametrize("wrong", [-1, True, 1.5, "1", None])
async def test_a_limit_that_is_none_is_refused(db, cases, wrong):
    if wrong is not None:
        with pytest.raises(InvalidQuery, match="limit"):
            await db.case.find_all({"guild_id": GUILD}, limit=wrong)
        with pytest.raises(InvalidQuery, match="offset"):
            await db.case.find_all({"guild_id": GUILD}, offset=wrong)
    with pytest.raises(InvalidQuery, match="per_page"):
        await db.case.paginate(1, wrong)
    with pytest.raises(InvalidQuery, match="page"):
        await db.case.paginate(wrong, 10)


async def test_the_total_of_a_page_is_true_on_every_page(db, cases):
    for page in range(1, 6):
        found = await db.case.paginate(page, 2, {"guild_id": GUILD}, "-case_number")
        assert (found.total, found.pages, len(found.items)) == (6, 3, 2 if page < 4 else 0)
    assert (await db.case.paginate(1, 2, {"guild_id": NOBODY})).total == 0
