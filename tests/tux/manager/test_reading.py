from __future__ import annotations

import pytest
from shop_models import Guild, Member, Team

from tux.errors import InvalidQuery
from tux.manager import Manager, PaginationResult, reading
from tux.testing.blocks import max_queries

pytestmark = pytest.mark.usefixtures("shop")


class Members(Manager[Member], name="members"):
    """Of the tests."""


class Guilds(Manager[Guild], name="guilds"):
    """Of the tests."""


class Teams(Manager[Team], name="teams"):
    """Of the tests."""


members, guilds, teams = Members(), Guilds(), Teams()


@pytest.fixture(autouse=True)
async def rows(shop):
    return await members.bulk_create(
        [{"member_id": number, "guild_id": number % 2, "xp": number // 3, "level": -number} for number in range(9)]
    )


def ids(found):
    return [row.member_id for row in found]


@pytest.mark.parametrize(
    ("order", "expected"),
    [
        ("level", [8, 7, 6, 5, 4, 3, 2, 1, 0]),
        ("-level", [0, 1, 2, 3, 4, 5, 6, 7, 8]),
        (["-xp", "member_id"], [6, 7, 8, 3, 4, 5, 0, 1, 2]),
        (("guild", "-pk"), [8, 6, 4, 2, 0, 7, 5, 3, 1]),
        (Member.level.desc(), [0, 1, 2, 3, 4, 5, 6, 7, 8]),
        (Member.level, [8, 7, 6, 5, 4, 3, 2, 1, 0]),
        ([Member.xp.desc(), Member.member_id.asc()], [6, 7, 8, 3, 4, 5, 0, 1, 2]),
    ],
)
async def test_rows_come_in_the_order_asked(order, expected):
    assert ids(await members.get_all(order_by=order)) == expected
    assert ids(await members.find_all(order_by=order, limit=3)) == expected[:3]
    assert ids(await members.find_all(order_by=order, limit=3, offset=7)) == expected[7:]
    assert ids(await members.find_all(order_by=order, offset=7)) == expected[7:]
    assert (await members.find_one(order_by=order)).member_id == expected[0]
    assert ids((await members.paginate(2, 4, order_by=order)).items) == expected[4:8]


@pytest.mark.parametrize(
    "order", ["nope", "-nope", "xp; DROP TABLE shop_members", 'xp" DESC --', "-", "", ["xp", 5], "teams", 5]
)
async def test_an_order_that_is_no_column_is_refused(order):
    for read in (members.get_all, members.find_all, members.find_one, members.paginate):
        with pytest.raises(InvalidQuery):
            await read(order_by=order)


async def test_the_order_of_the_models_meta_holds_unless_another_is_asked():
    for name in ("a", "c", "b"):
        await teams.create(name=name)
    assert [team.name for team in await teams.get_all()] == ["c", "b", "a"]
    assert [team.name for team in await teams.find_all(order_by="name")] == ["a", "b", "c"]
    assert (await teams.find_one()).name == "c"


@pytest.mark.parametrize("limit", [-1, "5", 1.5, True])
async def test_a_limit_that_is_no_number_of_rows_is_refused(limit):
    with pytest.raises(InvalidQuery, match="limit is a whole number from 0"):
        await members.find_all(limit=limit)
    with pytest.raises(InvalidQuery, match="offset is a whole number from 0"):
        await members.find_all(offset=limit)


async def test_a_limit_of_zero_finds_nothing():
    assert await members.find_all(limit=0) == []


async def test_reads_of_nothing_are_none_empty_false_and_zero():
    nothing = {"member_id": 99}
    assert await members.find_one(nothing) is None
    assert await members.get_by_id(99) is None
    assert await members.find_all(nothing) == []
    assert await members.exists(nothing) is False
    assert await members.count(nothing) == 0


async def test_prefetch_loads_the_relations_of_all_rows_in_one_statement_each():
    with max_queries(2):
        found = await members.find_all(order_by="id", prefetch=["guild"])
    with max_queries(0):
        assert [row.guild.guild_id for row in found] == [row.guild_id for row in found]
    guild = await guilds.find_one({"guild_id": 0}, prefetch="members")
    assert sorted(row.member_id for row in guild.members) == [0, 2, 4, 6, 8]


async def test_prefetch_goes_several_relations_deep_in_one_statement_each():
    with max_queries(4):
        found = await members.find_all(order_by="id", prefetch=["guild__members", "notes"])
    with max_queries(0):
        assert {len(row.guild.members) for row in found} == {5, 4}
        assert [list(row.notes) for row in found] == [[]] * 9


async def test_prefetch_of_more_rows_than_a_statement_takes_values(monkeypatch):
    monkeypatch.setattr(reading, "PREFETCH_ROWS", 4)
    with max_queries(7):
        found = await members.find_all(order_by="id", prefetch=["guild", "notes"])
    with max_queries(0):
        assert [row.guild.guild_id for row in found] == [row.guild_id for row in found]


async def test_select_related_joins_in_one_statement():
    with max_queries(1):
        found = await Member.all().select_related("guild").order_by("id")
    with max_queries(0):
        assert [row.guild.guild_id for row in found] == [row.guild_id for row in found]


async def test_an_unknown_relation_to_prefetch_is_refused():
    with pytest.raises(InvalidQuery, match=r"no relation 'nope' to prefetch; it has guild, notes, teams"):
        await members.find_all(prefetch=["nope"])
    with pytest.raises(InvalidQuery, match="guild__nope"):
        await members.find_all(prefetch=["guild__nope"])


async def test_a_relation_of_the_class_is_a_name_to_prefetch():
    one = await members.find_one(prefetch=Member.guild)
    assert one.guild == await guilds.get_by_id(one.guild_id)


@pytest.mark.parametrize(
    ("page", "items", "has_prev", "has_next"),
    [
        (1, [0, 1, 2, 3], False, True),
        (2, [4, 5, 6, 7], True, True),
        (3, [8], True, False),
        (4, [], True, False),
        (99, [], True, False),
    ],
)
async def test_a_page_knows_its_neighbours_and_the_true_total(page, items, has_prev, has_next):
    result = await members.paginate(page, 4, order_by="member_id")
    assert isinstance(result, PaginationResult)
    assert (ids(result.items), result.total, result.page, result.per_page) == (items, 9, page, 4)
    assert (result.pages, result.has_prev, result.has_next) == (3, has_prev, has_next)


async def test_pages_of_nothing_are_none():
    result = await members.paginate(filters={"member_id": 99})
    assert (result.items, result.total, result.pages, result.has_prev, result.has_next) == ([], 0, 0, False, False)


async def test_pages_of_equal_rows_never_repeat_or_lose_one():
    seen = [
        number for page in range(1, 6) for number in ids((await members.paginate(page, 2, order_by="guild_id")).items)
    ]
    assert sorted(seen) == list(range(9))


@pytest.mark.parametrize(("page", "per_page"), [(0, 5), (-1, 5), (1, 0), (1.5, 5), ("1", 5), (True, 5), (1, None)])
async def test_a_page_that_does_not_exist_is_refused(page, per_page):
    with pytest.raises(InvalidQuery):
        await members.paginate(page, per_page)


async def test_own_sql_gives_instances():
    found = await members.rows(
        f"SELECT {members.columns('m')} FROM shop_members AS m JOIN shop_guilds USING (guild_id) WHERE xp > $1 ORDER BY id",
        1,
    )
    assert ids(found) == [6, 7, 8]
    assert isinstance(found[0], Member)
    one = await members.row(f"SELECT {members.columns()} FROM shop_members WHERE member_id = $1", 4)
    assert (one.member_id, one._saved_in_db) == (4, True)
    assert await members.row(f"SELECT {members.columns()} FROM shop_members WHERE member_id = $1", 99) is None


@pytest.mark.parametrize("given", ["12", b"12", 1, None, {"member_id": 1}])
async def test_one_thing_in_place_of_several_is_refused(given):
    for call in (members.get_many, members.bulk_delete, members.bulk_update, members.bulk_create):
        with pytest.raises(InvalidQuery, match="a list is needed"):
            await call(given)
    assert await members.count() == 9
