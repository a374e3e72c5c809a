"""A test per line of CALLS.md, section Every manager, with the tables of guild and moderation."""

from __future__ import annotations

import pytest
from tortoise.expressions import Q

from plugins.moderation.models import Case

GUILD, BOB, ALICE = 902, 21, 22


@pytest.fixture
async def cases(db):
    """Three cases of one guild, BAN, WARN and KICK, and a BAN of another."""
    made = []
    for guild_id, case_type in ((GUILD, "BAN"), (GUILD, "WARN"), (GUILD, "KICK"), (GUILD + 1, "BAN")):
        values = {"case_type": case_type, "case_user_id": BOB, "case_moderator_id": ALICE, "guild_id": guild_id}
        made.append(await db.case.create_case(**values))
    return made


def ids(rows):
    return [row.case_id for row in rows]


async def test_create_get_update_and_delete_go_by_the_key(db):
    made = await db.guild.create(guild_id=GUILD, guild_name="Home")
    assert (await db.guild.get_by_id(GUILD)).guild_name == made.guild_name == "Home"
    assert (await db.guild.update_by_id(GUILD, guild_name="New")).guild_name == "New"
    assert await db.guild.delete_by_id(GUILD) is True
    assert await db.guild.delete_by_id(GUILD) is False
    assert await db.guild.get_by_id(GUILD) is None


async def test_a_pair_is_an_identity_too(db, cases):
    assert (await db.case.get_by_id((GUILD, 2))).case_id == cases[1].case_id
    assert (await db.case.update_by_id((GUILD, 2), case_reason="pair")).case_reason == "pair"
    assert await db.case.update_by_id(10**9, case_reason="nobody") is None


async def test_exists_count_and_get_all(db, cases):
    assert await db.case.exists({"guild_id": GUILD})
    assert not await db.case.exists({"guild_id": 1})
    assert await db.case.count() == 4
    assert await db.case.count({"guild_id": GUILD}) == 3
    assert ids(await db.case.get_all({"guild_id": GUILD}, order_by="-case_number")) == ids(cases[2::-1])


async def test_find_one_and_find_all_take_order_limit_and_offset(db, cases):
    assert (await db.case.find_one({"guild_id": GUILD}, order_by="-case_number")).case_id == cases[2].case_id
    assert await db.case.find_one({"guild_id": 1}) is None
    found = await db.case.find_all({"guild_id": GUILD}, order_by="case_number", limit=1, offset=1)
    assert ids(found) == [cases[1].case_id]


async def test_prefetch_brings_the_relation_along(db, cases):
    found = await db.case.find_one({"case_id": cases[0].case_id}, prefetch=("guild",))
    assert found.guild.guild_id == GUILD


@pytest.mark.parametrize(
    ("filters", "expected"),
    [
        ({"guild_id": GUILD}, [0, 1, 2]),
        ({"case_type": {"in": ["BAN", "KICK"]}}, [0, 2, 3]),
        ({"case_number__gte": 2}, [1, 2]),
        (Q(case_type="WARN") | Q(guild_id=GUILD + 1), [1, 3]),
        ([Q(case_type="BAN"), Q(guild_id=GUILD)], [0]),
        ([{"case_type": "BAN"}, {"guild_id": GUILD}], [0]),
        ((Case.case_type == "BAN") & (Case.case_status == True) & (Case.guild_id == GUILD), [0]),  # noqa: E712 - the documented form
    ],
    ids=["dict", "operator", "look-up", "Q", "list of Q", "list of dicts", "columns"],
)
async def test_every_documented_form_of_filter_selects_the_same_way(db, cases, filters, expected):
    assert ids(await db.case.find_all(filters, order_by="case_id")) == [cases[index].case_id for index in expected]
    assert await db.case.count(filters) == len(expected)


@pytest.mark.parametrize(
    ("order", "expected"),
    [
        ("-case_created_at", [3, 2, 1, 0]),
        (["guild_id", "-case_number"], [2, 1, 0, 3]),
        (Case.case_created_at.desc(), [3, 2, 1, 0]),
    ],
    ids=["text", "list", "column"],
)
async def test_every_documented_form_of_order_sorts(db, cases, order, expected):
    assert ids(await db.case.find_all(order_by=order)) == [cases[index].case_id for index in expected]


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        (Case.case_type == "WARN", [1]),
        (Case.case_type != "BAN", [1, 2]),
        (Case.case_number < 2, [0, 3]),
        (Case.case_number <= 2, [0, 1, 3]),
        (Case.case_number > 2, [2]),
        (Case.case_number >= 2, [1, 2]),
        (Case.case_type.in_(["WARN", "KICK"]), [1, 2]),
        (Case.case_reason.is_null(), [0, 1, 2, 3]),
        (~Case.case_reason.is_null(), []),
    ],
    ids=["==", "!=", "<", "<=", ">", ">=", "in_", "is_null", "not is_null"],
)
async def test_columns_of_the_class_compare(db, cases, condition, expected):
    assert ids(await db.case.find_all(condition, order_by="case_id")) == [cases[index].case_id for index in expected]


async def test_get_or_create_and_upsert_say_whether_they_made_the_row(db):
    row, created = await db.guild_config.get_or_create(defaults={"prefix": "?"}, guild_id=GUILD)
    assert (row.prefix, created) == ("?", True)
    row, created = await db.guild_config.upsert({"guild_id": GUILD}, {"prefix": "$", "mod_log_id": 4}, prefix="%")
    assert (row.prefix, row.mod_log_id, created) == ("%", None, False)
    row, created = await db.guild_config.upsert({"guild_id": GUILD + 1}, {"prefix": "$", "mod_log_id": 4}, prefix="%")
    assert (row.prefix, row.mod_log_id, created) == ("%", 4, True)


async def test_update_where_delete_where_and_increment_return_true_numbers(db, cases):
    assert await db.case.update_where({"guild_id": GUILD}, {"case_reason": "all"}) == 3
    assert await db.case.delete_where({"guild_id": GUILD, "case_type": "BAN"}) == 1
    await db.guild.update_by_id(GUILD, case_count=10)
    assert (await db.guild.increment(GUILD, case_count=5)).case_count == 15


async def test_bulk_operations_return_what_they_did(db):
    made = await db.guild.bulk_create([{"guild_id": number, "guild_name": "x"} for number in (1, 2, 3)])
    assert [row.guild_id for row in made] == [1, 2, 3]
    assert await db.guild.bulk_update([{"guild_id": 1, "guild_name": "a"}, {"guild_id": 2, "guild_name": "b"}]) == 2
    assert [row.guild_name for row in await db.guild.get_many([2, 1])] == ["b", "a"]
    await db.guild.bulk_upsert(
        [{"guild_id": 3, "guild_name": "c"}, {"guild_id": 4, "guild_name": "d"}], ["guild_id"], ["guild_name"]
    )
    assert [row.guild_name for row in await db.guild.get_all(order_by="guild_id")] == ["a", "b", "c", "d"]
    assert await db.guild.bulk_delete([1, 2, 99]) == 2


async def test_a_page_knows_its_place(db, cases):
    page = await db.case.paginate(page=2, per_page=2, filters={"guild_id": GUILD}, order_by="case_number")
    assert ids(page.items) == [cases[2].case_id]
    assert (page.total, page.page, page.per_page, page.pages) == (3, 2, 2, 2)
    assert (page.has_prev, page.has_next) == (True, False)


async def test_relations_take_any(db, cases):
    guilds = await db.guild.find_all(db.guild.model.cases.any(Case.case_type == "KICK"))
    assert [guild.guild_id for guild in guilds] == [GUILD]
