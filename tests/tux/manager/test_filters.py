from __future__ import annotations

from datetime import UTC, datetime

import pytest
from shop_models import Guild, Member, Rank, Team, Thing
from tortoise.expressions import F, Q

from tux.errors import InvalidQuery, InvalidValue
from tux.manager import Manager
from tux.models import column

pytestmark = pytest.mark.usefixtures("shop")


class Members(Manager[Member], name="members"):
    """Of the tests."""


class Guilds(Manager[Guild], name="guilds"):
    """Of the tests."""


class Things(Manager[Thing], name="things"):
    """Of the tests."""


class Teams(Manager[Team], name="teams"):
    """Of the tests."""


members, guilds, things, teams = Members(), Guilds(), Things(), Teams()
NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)


@pytest.fixture(autouse=True)
async def rows(shop):
    await members.bulk_create(
        [
            {"guild_id": 1, "member_id": 1, "name": "Ann", "xp": 10, "note": "likes 100% tea", "seen_at": NOON},
            {"guild_id": 1, "member_id": 2, "name": "bob", "xp": 20, "rank": Rank.ADMIN, "is_active": False},
            {"guild_id": 2, "member_id": 3, "name": "Bo_b", "xp": 30, "note": "x", "extra": {"a": [1, 2]}},
        ]
    )


async def found(filters=None, **equals):
    """The member ids that match, after every operation that takes filters agreed on how many there are."""
    rows = await members.find_all(filters, "member_id", **equals)
    assert await members.count(filters, **equals) == len(rows)
    assert await members.exists(filters, **equals) is bool(rows)
    page = await members.paginate(1, 50, filters, "member_id", **equals)
    assert (page.items, page.total) == (rows, len(rows))
    first = await members.find_one(filters, "member_id", **equals)
    assert first == (rows[0] if rows else None)
    everything = [filters, equals] if filters is not None else equals
    assert await members.update_where(everything, {"note": F("note")}, all_rows=True) == len(rows)
    return [row.member_id for row in rows]


@pytest.mark.parametrize(
    ("forms", "expected"),
    [
        ([{"xp": 20}, {"xp__eq": 20}, {"xp": {"eq": 20}}, Q(xp=20), Member.xp == 20], [2]),
        ([{"xp": {"ne": 20}}, {"xp__ne": 20}, {"xp__not": 20}, Q(xp__not=20), Member.xp != 20, ~Q(xp=20)], [1, 3]),
        ([{"xp": {"gt": 10}}, {"xp__gt": 10}, Q(xp__gt=10), column(Member.xp) > 10], [2, 3]),
        ([{"xp": {"gte": 20}}, {"xp__gte": 20}, column(Member.xp) >= 20], [2, 3]),
        ([{"xp": {"lt": 20}}, {"xp__lt": 20}, column(Member.xp) < 20], [1]),
        ([{"xp": {"lte": 20}}, {"xp__lte": 20}, column(Member.xp) <= 20], [1, 2]),
        ([{"xp": {"in": [10, 30]}}, {"xp__in": (10, 30)}, Q(xp__in=[10, 30]), Member.xp.in_({10, 30})], [1, 3]),
        ([{"xp": {"in": []}}, Q(xp__in=[]), Member.xp.in_([])], []),
        ([{"xp": {"not_in": [10, 30]}}, {"xp__not_in": [10, 30]}, Member.xp.not_in([10, 30])], [2]),
        ([{"xp": {"range": (10, 20)}}, {"xp__range": [10, 20]}, Member.xp.between(10, 20)], [1, 2]),
        ([{"xp": {"gte": 10, "lt": 30}}, [{"xp__gte": 10}, Q(xp__lt=30)], Q(xp__gte=10, xp__lt=30)], [1, 2]),
        ([{"note": None}, {"note__isnull": True}, {"note": {"isnull": True}}, Member.note == None], [2]),  # noqa: E711
        ([{"note": {"ne": None}}, {"note__isnull": False}, {"note__not_isnull": True}, Member.note != None], [1, 3]),  # noqa: E711
        ([{"note": {"ne": "x"}}, Q(note__not="x"), Member.note != "x"], [1, 2]),
        ([{"note": {"not_in": ["x"]}}, Q(note__not_in=["x"]), Member.note.not_in(["x"])], [1, 2]),
        ([{"note": {"contains": "100%"}}, {"note__contains": "100%"}, Member.note.contains("100%")], [1]),
        ([{"name": {"contains": "o_"}}, Q(name__contains="o_")], [3]),
        ([{"name": {"icontains": "B"}}, {"name__icontains": "b"}, Member.name.icontains("b")], [2, 3]),
        ([{"name": {"startswith": "B"}}, Member.name.startswith("B")], [3]),
        ([{"name": {"istartswith": "b"}}, Q(name__istartswith="B")], [2, 3]),
        ([{"name": {"endswith": "b"}}, {"name__iendswith": "B"}], [2, 3]),
        ([{"name": {"iexact": "ANN"}}, Q(name__iexact="ann")], [1]),
        ([{"rank": "ADMIN"}, {"rank": Rank.ADMIN}, Q(rank=Rank.ADMIN), Member.rank == "ADMIN"], [2]),
        ([{"rank": {"in": ["ADMIN", Rank.MEMBER]}}], [1, 2, 3]),
        ([{"rank": "GONE"}, Member.rank == "GONE", {"name": "x" * 500}], []),
        ([{"is_active": False}, Member.is_active == False, {"is_active": {"ne": True}}], [2]),  # noqa: E712
        ([{"seen_at": NOON}, {"seen_at": {"gte": NOON}}, Member.seen_at == NOON, {"seen_at": NOON.isoformat()}], [1]),
        ([{"extra": {"a": [1, 2]}}, Q(extra={"a": [1, 2]}), {"extra__isnull": False}], [3]),
        ([{"extra__contains": {"a": [2]}}, {"extra": {"contains": {"a": [2]}}}, {"extra__filter": {"a__0": 1}}], [3]),
        ([{"guild_id": 2}, {"guild": 2}, {"guild__guild_id": 2}, Q(guild=2), {"guild": Guild(guild_id=2)}], [3]),
        ([{"guild__in": [1]}, {"guild": {"in": [1]}}, {"guild_id__in": [1]}], [1, 2]),
        ([{"guild__guild_name": "unnamed"}, Q(guild__guild_name__startswith="unn")], [1, 2, 3]),
        ([Q(xp=10) | Q(xp=30), (Member.xp == 10) | (Member.xp == 30), Q(xp=10, member_id=3, join_type="OR")], [1, 3]),
        ([~(Q(xp=10) | Q(xp=30)), ~Q(xp__in=[10, 30])], [2]),
        ([(Member.guild_id == 1) & (Member.is_active == True) & (Member.xp > 1)], [1]),  # noqa: E712
        (
            [
                Q(guild__guild_name="unnamed") & ~Q(xp=10),
                Q(guild__guild_name="unnamed", xp__ne=10),
                [Q(guild__guild_name="unnamed"), {"xp__ne": 10}],
            ],
            [2, 3],
        ),
        ([{"seen_at__year": 2026}, {"seen_at": {"year": 2026}}, Q(seen_at__month=1)], [1]),
        ([{"xp": F("xp"), "member_id": 2}, Q(xp=F("xp"), member_id=2)], [2]),
        ([{"pk": 1}, {"id": 1}, Q(pk=1), {"pk__in": [1]}], [1]),
        ([None, {}, [], Q(), [{}, None][:1], Q(Q(), Q()), Q() | Q()], [1, 2, 3]),
    ],
)
async def test_filters_mean_the_same_in_every_form(forms, expected):
    assert [await found(form) for form in forms] == [expected] * len(forms)


async def test_keywords_add_to_filters():
    assert await found({"guild_id": 1}, xp=20) == [2]
    assert await found(guild_id=1, xp__lt=20) == [1]


async def test_compiled_conditions_find_what_tortoise_finds():
    trees = [
        Q(xp__not=20),
        ~Q(note="x"),
        ~Q(note__not="x"),
        ~Q(note__in=["x"]),
        Q(note__not_in=["x"]),
        Q(note__isnull=True) | Q(xp__range=(15, 25)),
        ~(Q(guild_id=1) & Q(note__contains="%")),
        Q(name__icontains="o_b"),
        Q(rank=Rank.ADMIN),
        Q(Q(xp=10) | Q(xp=30), guild_id=2),
    ]
    for tree in trees:
        expected = await Member.filter(tree).order_by("member_id").values_list("member_id", flat=True)
        assert await found(tree) == expected


async def test_a_relation_with_several_rows_does_not_repeat_its_owner():
    everyone = await guilds.find_all({"members__xp__gt": 0}, "guild_id")
    assert [guild.guild_id for guild in everyone] == [1, 2]
    assert await guilds.count(Guild.members.any(Member.xp > 0)) == 2


async def test_any_asks_for_a_related_row_that_meets_all_conditions():
    assert [g.guild_id for g in await guilds.find_all(Guild.members.any(Member.rank == "ADMIN"))] == [1]
    assert [g.guild_id for g in await guilds.find_all(Guild.members.any(xp=30))] == [2]
    assert await guilds.find_all(Guild.members.any(Member.rank == "ADMIN", xp=10)) == []
    assert [g.guild_id for g in await guilds.find_all(~Guild.members.any(Member.rank == "ADMIN"))] == [2]
    assert await found(Member.guild.any(guild_id=2) | (Member.xp == 10)) == [1, 3]
    assert [g.guild_id for g in await Guild.filter(Guild.members.any(xp=30))] == [2]


async def test_any_crosses_a_many_to_many_relation():
    team = await teams.create(name="red")
    await team.members.add(await members.get_by_id((1, 1)))
    assert await found(Member.teams.any(Team.name == "red")) == [1]
    assert await found(Member.teams.any()) == [1]
    assert await teams.count(Team.members.any(Member.xp == 10)) == 1


async def test_arrays_and_json_are_found_by_what_they_contain():
    thing = await things.create(numbers=[1, 2, 3], tags=["a", "b"])
    for filters in ({"numbers__contains": [2]}, {"numbers": {"overlap": [3, 9]}}, {"tags__contains": ["a"]}):
        assert await things.find_all(filters) == [thing]
    assert await things.find_all({"numbers": [1, 2, 3]}) == [thing]
    assert await things.count({"numbers": {"len": 2}}) == 0


@pytest.mark.parametrize(
    "filters",
    [
        {"nmae": "x"},
        {"name__like": "x"},
        {"name": {"regex": "x"}},
        Q(nmae="x"),
        Q(guild__nothing=1),
        {"guild__nothing": 1},
        {"xp; DROP TABLE shop_members": 1},
        {'xp" = 1 OR "xp': 1},
        {"xp": {"in) OR (1": [1]}},
        {1: 2},
        {"xp": {}},
        "xp = 1",
        5,
        True,
        [True],
    ],
)
async def test_what_is_no_filter_is_refused(filters):
    with pytest.raises(InvalidQuery):
        await members.find_all(filters)
    assert await members.count() == 3


async def test_an_unknown_field_is_refused_with_the_list_of_those_that_exist():
    with pytest.raises(InvalidQuery, match=r"Member has no field 'nmae'; it has .*name.*xp"):
        await members.find_one({"nmae": 1})
    with pytest.raises(InvalidQuery, match=r"no look-up 'like'; there are eq, ne"):
        await members.find_one({"name__like": 1})


@pytest.mark.parametrize(
    "filters",
    [
        {"xp": "many"},
        {"member_id": 2**63},
        {"member_id": {"in": [1, "x"]}},
        {"member_id": {"in": [1, None]}},
        {"member_id": {"in": 5}},
        {"member_id": {"in": "12"}},
        {"member_id": {"range": [1]}},
        {"member_id": {"gt": None}},
        {"member_id": {"isnull": "yes"}},
        {"name": "a\0b"},
        {"name": {"contains": "a\0b"}},
        {"seen_at": datetime(2026, 1, 1)},  # noqa: DTZ001
        {"seen_at__lt": "yesterday"},
        {"level": {"gt": 2**40}},
        {"is_active": "maybe"},
        {"guild__guild_id": "x"},
        {"guild__guild_id__range": (1,)},
        {"name": {"contains": "\ud800"}},
    ],
)
async def test_a_value_that_the_column_cannot_hold_is_refused(filters):
    with pytest.raises(InvalidValue):
        await members.find_all(filters)


async def test_values_are_never_part_of_the_statement():
    hostile = "'; DROP TABLE shop_members; --"
    assert await found({"name": hostile}) == []
    assert await found({"note": {"icontains": hostile}}) == []
    assert await found({"guild__guild_name": hostile}) == []
    assert await found({"name": "$1"}) == []
    assert await found([{"guild__guild_name": "$2"}, {"xp": 10}]) == []


@pytest.mark.parametrize("key", ["it's", "' = '' OR 1=1 --", "a'' OR ''", 'q"', "back\\slash", "$1", "%"])
async def test_a_key_of_a_json_path_is_never_part_of_the_statement(key):
    await members.update_where({"member_id": 3}, {"extra": {key: "x"}})
    for filters in ({"extra__filter": {key: "x"}}, Q(extra__filter={key: "x"})):
        assert await found(filters) == [3]
        assert [
            row.member_id for row in await Member.filter(Q(filters) if isinstance(filters, Q) else Q(**filters))
        ] == [3]
    assert await guilds.count(Guild.members.any(extra__filter={key: "x"})) == 1
    assert await found({"extra__filter": {key: "y"}}) == []


@pytest.mark.parametrize("path", [{}, {"a": 1, "b": 2}, "a", None, 5])
async def test_a_json_filter_that_is_no_path_with_a_value_is_refused(path):
    with pytest.raises((InvalidQuery, InvalidValue)):
        await members.count(Q(extra__filter=path))


async def test_a_row_that_stands_for_a_relation_is_one_of_its_model_and_saved():
    ann = await members.find_one(member_id=1)
    for call in (
        lambda: members.count(guild=ann),
        lambda: members.count({"guild__in": [ann]}),
        lambda: members.count(guild_id=ann),
        lambda: members.update_where({"member_id": 2}, {"guild": ann}),
        lambda: members.create(guild=ann, member_id=9),
    ):
        with pytest.raises(InvalidQuery, match=r"Member\.guild(_id)? is a Guild, got a Member"):
            await call()
    with pytest.raises(InvalidQuery, match="not saved"):
        await members.count(guild=Guild(guild_name="new"))


async def test_what_is_asked_across_one_relation_is_asked_of_one_related_row_in_every_form():
    for name, xp, wanted in (("Ann", 20, []), ("Ann", 10, [1])):
        both = {"members__name": name, "members__xp": xp}
        for filters, equals in (
            (both, {}),
            (None, both),
            (Q(**both), {}),
            (Q(members__name=name) & Q(Q(members__xp=xp)), {}),
            ([{"members__name": name}, Q(members__xp=xp)], {}),
            ({"members__name": name}, {"members__xp": xp}),
            (Guild.members.any(**both_of(both)), {}),
            ({"guild_id__gt": 0, **both}, {}),
        ):
            assert [row.guild_id for row in await guilds.find_all(filters, **equals)] == wanted, filters
    assert await guilds.count({"members__xp": {"gt": 10, "lt": 20}}) == 0
    assert await guilds.count(Guild.members.any(name="Ann") & Guild.members.any(xp=20)) == 1  # of two rows


def both_of(filters):
    return {name.removeprefix("members__"): value for name, value in filters.items()}


async def test_none_means_the_same_beside_a_relation():
    team = await teams.create(name="red")
    await team.members.add(*await Member.all())
    for empty in (
        Q(note=None),
        Q(note__eq=None),
        ~Q(note__not=None),
        ~Q(note__ne=None),
        Member.note == None,  # noqa: E711 - a condition
    ):
        assert await found(empty) == await found(empty & Q(teams__name="red")) == [2]
        assert await teams.count(Team.members.any(empty)) == 1
    for given in (Q(note__not=None), Q(note__ne=None), {"note": {"ne": None}}, Q(note__not_isnull=True)):
        assert await found([given, {"teams__name": "red"}]) == [1, 3]
        assert await found([given, Member.teams.any(name="red")]) == [1, 3]
    assert await found({"guild__guild_name": {"ne": None}}) == [1, 2, 3]
    assert await found({"guild__guild_name": None}) == []


async def test_words_of_filters_are_known_inside_of_any():
    assert await guilds.count(Guild.members.any(xp__ne=30)) == 1
    assert await guilds.count(Guild.members.any(xp__eq=30)) == 1
    assert await guilds.count(Guild.members.any(Q(note__ne="x") | Q(rank__eq=Rank.ADMIN))) == 1
    assert await teams.count(Team.members.any(guild__guild_name__ne="x")) == 0
    assert await guilds.count(Guild.members.any(~Q(~Q(xp=30)))) == 1
    assert await guilds.count(Guild.members.any(~Member.teams.any(name__ne="x"))) == 2


async def test_a_relation_of_many_can_be_asked_whether_it_is_empty():
    team = await teams.create(name="red")
    await team.members.add(await Member.get(member_id=1))
    assert await found(Q(teams__isnull=True)) == await found({"teams": {"not_isnull": False}}) == [2, 3]
    assert await found(teams__isnull=False) == await found({"teams": {"not_isnull": True}}) == [1]
    assert await guilds.count(Guild.members.any(teams__isnull=True)) == 2


@pytest.mark.parametrize(
    ("look_up", "value", "says"),
    [
        ("in", "red", "a list of values"),
        ("not_in", b"red", "a list of values"),
        ("in", 5, "a list of values"),
        ("in", ["red", None], "None in"),
        ("range", ["a"], "two values, got 1"),
        ("isnull", 1, "True or False"),
        ("gt", None, "use isnull"),
    ],
)
async def test_a_value_that_no_look_up_can_use_is_refused_across_relations_too(look_up, value, says):
    for filters in (
        {"teams__name": {look_up: value}},
        Q(**{f"teams__name__{look_up}": value}),
        Member.teams.any(**{f"name__{look_up}": value}),
    ):
        with pytest.raises(InvalidValue, match=rf"^shop_members: .*name__{look_up}.*|None in .*") as caught:
            await members.delete_where(filters)
        assert says in str(caught.value)
    assert await members.count() == 3


async def test_a_value_that_matches_nothing_matches_nothing_beside_a_relation():
    team = await teams.create(name="red")
    await team.members.add(*await Member.all())
    assert await found([{"name": "x" * 50}, {"teams__name": "red"}]) == []
    assert await found(Q(name="x" * 50) & Q(teams__name="red")) == []
    assert await found(Q(name="x" * 50) & Member.teams.any()) == []


async def test_a_negation_of_a_negation_is_none():
    for once in (
        Guild.members.any(name="Ann"),
        column(Guild.guild_id).in_([1]),
        Q(guild_id__in=[1]),
    ):
        for same in (once, ~~once, ~Q(~once), Q(~Q(Q(~once)))):
            assert [row.guild_id for row in await guilds.find_all(same)] == [1]
        for other in (~once, ~~~once, ~Q(once), Q(Q(~Q(Q(once))))):
            assert [row.guild_id for row in await guilds.find_all(other)] == [2]
