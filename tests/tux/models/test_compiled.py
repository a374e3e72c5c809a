"""Querysets whose SQL was kept find what those find that build it, and send the same."""

from __future__ import annotations

from copy import copy

import pytest
from shop_models import Member, Note, Rank, Team
from tortoise.exceptions import DoesNotExist, FieldError, MultipleObjectsReturned
from tortoise.expressions import F, Q, Subquery
from tortoise.functions import Count
from tortoise.manager import Manager

from tux.database.engine import active_client
from tux.errors import InvalidValue
from tux.models import compiled
from tux.settings import FAST
from tux.testing.blocks import max_queries

pytestmark = pytest.mark.usefixtures("shop")

KEPT = [
    lambda number: Member.filter(member_id=number),
    lambda number: Member.filter(member_id=number, guild_id=1),
    lambda number: Member.filter(Q(member_id=number), guild_id=1),
    lambda number: Member.filter(level__gte=number).order_by("-level", "id"),
    lambda number: Member.filter(level__lt=number, note__isnull=True).order_by("id").limit(number).offset(1),
    lambda number: Member.filter(xp=number).filter(is_active=True),
    lambda number: Member.filter(xp=number / 2),
    lambda number: Member.filter(rank="ADMIN", level__not=number).order_by("id"),
    lambda number: Member.filter(name=f"m{number}"),
    lambda number: Member.filter(pk=number).first(),
    lambda number: Member.all().order_by("id").limit(number),
    lambda number: Note.filter(stars=number).order_by("id"),
    lambda number: Team.filter(hits__gt=number),
    lambda number: Member.get_or_none(member_id=number),
]
BUILT = [
    lambda number: Member.filter(Q(member_id=number) | Q(level=number)).order_by("id"),
    lambda number: Member.filter(Q(member_id=number, level=1, join_type="OR")).order_by("id"),
    lambda number: Member.exclude(member_id=number).order_by("id"),
    lambda number: Member.filter(~Q(member_id=number)).order_by("id"),
    lambda number: Member.filter(member_id__in=[number, 1]).order_by("id"),
    lambda number: Member.filter(name__contains=f"{number}").order_by("id"),
    lambda number: Member.filter(note=None, member_id__gt=number).order_by("id"),
    lambda number: Member.filter(note__isnull=False, member_id__gt=number).order_by("id"),
    lambda number: Member.filter(rank=Rank.ADMIN, member_id__gt=number).order_by("id"),
    lambda number: Member.filter(level=F("member_id"), member_id__gt=number).order_by("id"),
    lambda number: Member.filter(guild__guild_id=1, member_id=number),
    lambda number: Member.filter(member_id=number).only("id", "name"),
    lambda number: Member.filter(member_id=number).annotate(found=Count("teams")),
    lambda number: Member.filter(member_id=number).select_related("guild"),
    lambda number: Member.filter(member_id=number).prefetch_related("guild"),
    lambda number: Member.filter(created_at__year=2000 + number),
]


@pytest.fixture(autouse=True)
async def members(shop):
    for number in range(1, 7):
        rank = Rank.ADMIN if number % 2 else Rank.MEMBER
        await Member.create(member_id=number, guild_id=1, name=f"m{number}", xp=number, level=number % 3, rank=rank)
        await Note.create(guild_id=1, title=f"t{number}", stars=number % 2)
        await Team.create(name=f"team {number}", hits=number)
    await Member.filter(member_id=5).update(note="noted")
    await Note.filter(title="t3").delete()


async def found(query):
    rows = await query
    return [vars(row) for row in ([] if rows is None else rows if isinstance(rows, list) else [rows])]


def plain(rows):
    return [{key: repr(value) if key.startswith("_") else value for key, value in row.items()} for row in rows]


@pytest.mark.parametrize("make", [*KEPT, *BUILT])
async def test_the_rows_are_those_of_a_queryset_that_builds_its_sql(make, monkeypatch):
    with monkeypatch.context() as off:
        off.setattr(compiled, "IS_ON", False)
        with max_queries(99) as built:
            wanted = [plain(await found(make(number))) for number in (1, 2, 3, 9)]
    assert any(wanted) or make is BUILT[-1]
    with max_queries(99) as sent:
        assert [plain(await found(make(number))) for number in (1, 2, 3, 9)] == wanted
    assert sent == built


@pytest.mark.skipif(not FAST, reason="TUX_FAST=0 keeps no SQL")
@pytest.mark.parametrize("make", KEPT)
async def test_the_second_queryset_of_a_shape_builds_nothing(make, monkeypatch):
    await make(1)
    query = make(2)
    monkeypatch.setattr(type(query), "_make_query", None)
    await query


@pytest.mark.parametrize("make", BUILT)
async def test_what_does_more_than_compare_is_built_each_time(make):
    compiled.statement_of(make(1), active_client())  # of a shape that nobody built before, what was built is sent
    assert compiled.statement_of(make(1), active_client()) is None
    assert compiled.statement_of(make(2), active_client()) is None


async def test_one_row_is_one_row():
    for _ in range(3):
        assert (await Member.get(member_id=3)).name == "m3"
        with pytest.raises(DoesNotExist):
            await Member.get(member_id=99)
        with pytest.raises(MultipleObjectsReturned):
            await Member.get(guild_id=1)
        assert await Member.get_or_none(member_id=99) is None
        assert (await Member.filter(guild_id=1).order_by("-id").first()).member_id == 6


MORE = [
    lambda query: query.select_related("guild"),
    lambda query: query.prefetch_related("guild"),
    lambda query: query.only("id", "name"),
    lambda query: query.annotate(found=Count("teams")),
    lambda query: query.values("member_id", "name"),
    lambda query: query.values_list("name", flat=True),
    lambda query: query.using_db(active_client()),
    lambda query: query.filter(is_active=True),
    lambda query: query.exclude(is_active=False),
    lambda query: query.order_by("-id"),
    copy,
    lambda query: query,
]


@pytest.mark.parametrize("more", MORE)
async def test_more_can_be_done_with_the_queryset_of_one_row(more):
    await Member.get(member_id=3)
    for filters in ({"member_id": 3}, {"member_id__gt": 2, "note__isnull": False}):
        given, wanted = more(Member.get(**filters)), more(Member.filter(**filters).get())
        assert type(given) is type(wanted) or more is MORE[-1]
        assert given.sql() == wanted.sql()
        read = [await given, await wanted, await more(Member.get(**filters)), await more(Member.get_or_none(**filters))]
        if hasattr(read[0], "guild_id"):
            read = [{name: repr(value) for name, value in vars(row).items()} for row in read]
        assert read == [read[0]] * 4


async def test_the_queryset_of_one_row_can_be_awaited_twice_and_in_another_order():
    first, second = Member.get(member_id=3), Member.get(member_id=4)
    assert [(await query).name for query in (second, first, second)] == ["m4", "m3", "m4"]
    with pytest.raises(AttributeError, match="no attribute 'nmae'"):
        first.nmae  # noqa: B018 - misspelt
    with pytest.raises(FieldError, match="nmae"):
        await Member.get(nmae="m3")


async def test_the_queryset_of_one_row_reads_where_it_was_made():
    async with active_client().open_transaction() as transaction:
        await Member.create(member_id=77, guild_id=1)
        inside, outside = Member.get_or_none(member_id=77), Member.get_or_none(member_id=77, using_db=transaction.pool)
        assert (await inside).member_id == 77
        assert await outside is None
        await transaction.rollback()


async def test_a_value_that_a_field_refuses_is_refused_in_the_same_words():
    said = []
    for _ in range(3):
        with pytest.raises(InvalidValue) as raised:
            await Member.filter(level=2.5)
        said.append(str(raised.value))
        await Member.filter(level=2)
    assert len({*said}) == 1


async def test_a_queryset_that_is_awaited_twice_reads_twice():
    query = Member.filter(member_id=3)
    assert [row.name for row in await query] == ["m3"]
    await Member.filter(member_id=3).update(name="new")
    assert [row.name for row in await query] == ["new"]


async def test_a_queryset_reads_in_the_transaction_around_it():
    async with active_client().open_transaction() as transaction:
        await Member.create(member_id=77, guild_id=1)
        assert len(await Member.filter(member_id=77)) == 1
        assert await Member.filter(member_id=77).using_db(transaction.pool) == []
        await transaction.rollback()
    assert await Member.filter(member_id=77) == []


async def test_querysets_can_be_walked_and_put_into_others():
    assert [row.member_id async for row in Member.filter(level=1).order_by("id")] == [1, 4]
    inner = Subquery(Member.filter(level=1).values("member_id"))
    assert len(await Member.filter(member_id__in=inner)) == 2
    assert await Member.filter(level=1).count() == 2
    assert "member_id" in Member.filter(level=1).sql()


async def test_a_queryset_that_an_authors_manager_hands_out_twice_stays_as_it_is(monkeypatch):
    class Active(Manager):
        shared = None

        def get_queryset(self):
            self.shared = self.shared or super().get_queryset().filter(is_active=True)
            return self.shared

    await Member.filter(member_id__lt=3).update(is_active=False)
    manager = Active(Member)
    monkeypatch.setattr(Member._meta, "manager", manager)
    assert [row.member_id for row in await Member.filter(level=0).order_by("id")] == [3, 6]
    assert await Member.get_or_none(member_id=1) is None
    assert len(await Member.all()) == 4
    assert manager.shared._db is None
    assert len(manager.shared._q_objects) == 1
