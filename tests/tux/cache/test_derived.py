from __future__ import annotations

import asyncio
from types import MappingProxyType

import pytest
from shop_models import Guild, GuildSetting, Member, Note, Team

from tux.cache import Cache
from tux.database.engine import active_client
from tux.errors import TuxError
from tux.manager import Manager
from tux.manager.deriving import derived
from tux.testing import max_queries

pytestmark = pytest.mark.usefixtures("shop")


class Ranking(Manager[Member], name="ranking"):
    @derived(Member, GuildSetting)
    async def get_total(self, guild_id, levels=(0,), *, least=0.0):
        """Return the guild's prefix and the sum of what its members have; two statements."""
        setting = await GuildSetting.get_or_none(guild_id=guild_id)
        rows = await self.find_all({"guild_id": guild_id, "level__in": list(levels), "xp__gte": least})
        return (setting and setting.prefix, sum(row.xp for row in rows))

    @derived(Team, cache=Cache(max_rows=1))
    async def list_teams(self, guild_id):
        return MappingProxyType({team.id: guild_id for team in await Team.all()})

    @derived(Member)
    async def list_members(self, guild_id):
        return await self.find_all({"guild_id": guild_id})


ranking = Ranking()


@pytest.fixture
async def total(shop):
    await ranking.create(member_id=1, guild_id=1, xp=3)
    await ranking.create(member_id=1, guild_id=2, xp=4)
    assert [await ranking.get_total(1), await ranking.get_total(2)] == [(None, 3), (None, 4)]
    with max_queries(0):
        await ranking.get_total(1)
        await ranking.get_total(2)


WRITES = {
    "first model, by row": lambda: ranking.update_by_id((1, 1), xp=5),
    "first model, by queryset": lambda: Member.filter(member_id=1).update(xp=5),
    "second model": lambda: GuildSetting.create(guild_id=1, prefix="?"),
    "guild": lambda: Guild.filter(guild_id=1).delete(),
    "new row": lambda: ranking.create(member_id=2, guild_id=1, xp=9),
}


@pytest.mark.usefixtures("total")
@pytest.mark.parametrize("write", WRITES.values(), ids=WRITES)
async def test_a_value_is_worked_out_anew_once_any_of_its_tables_was_written(write):
    before = await ranking.get_total(1)
    await write()
    after = await ranking.get_total(1)
    assert after != before
    with max_queries(0):
        assert await ranking.get_total(1) == after


@pytest.mark.usefixtures("total")
async def test_a_write_in_one_guild_leaves_the_values_of_others():
    await ranking.update_by_id((1, 1), xp=5)
    await GuildSetting.create(guild_id=1, prefix="?")
    with max_queries(0):
        assert await ranking.get_total(2) == (None, 4)


@pytest.mark.usefixtures("total")
async def test_each_set_of_arguments_has_a_value_of_its_own():
    assert await ranking.get_total(1, [1, 2]) == (None, 0)
    assert await ranking.get_total(1, least=3.5) == (None, 0)
    assert await ranking.get_total(guild_id=1, levels={0}) == (None, 3)
    with max_queries(0):
        await ranking.get_total(1, (1, 2))
        await ranking.get_total(1, least=3.5)
        await ranking.get_total(guild_id=1, levels={0})


@pytest.mark.usefixtures("total")
async def test_fifty_callers_cause_one_run():
    await ranking.update_by_id((1, 1), xp=6)
    with max_queries(2):
        assert await asyncio.gather(*(ranking.get_total(1) for _ in range(50))) == [(None, 6)] * 50


@pytest.mark.usefixtures("total")
async def test_a_transaction_works_it_out_for_itself_and_keeps_nothing():
    async def write_and_fail():
        async with active_client().open_transaction():
            await ranking.update_by_id((1, 1), xp=5)
            assert await ranking.get_total(1) == (None, 5)
            raise LookupError

    with pytest.raises(LookupError):
        await write_and_fail()
    with max_queries(0):
        assert await ranking.get_total(1) == (None, 3)


async def test_a_value_of_a_table_without_guilds_goes_with_every_write_of_it():
    assert await ranking.list_teams(1) == {}
    await Team.create(name="one")
    assert await ranking.list_teams(1) == {1: 1}


async def test_no_more_values_are_kept_than_declared():
    await ranking.list_teams(1)
    await ranking.list_teams(2)
    with max_queries(1) as sent:
        await ranking.list_teams(1)
    assert len(sent) == 1


async def test_a_value_that_a_caller_could_change_for_all_others_is_refused():
    with pytest.raises(TuxError, match=r"list_members gave a list.*give a tuple"):
        await ranking.list_members(1)


def test_a_method_without_a_guild_or_models_is_refused():
    with pytest.raises(TuxError, match="guild_id"):

        @derived(Member)
        async def get_something(self, member_id): ...

    with pytest.raises(TuxError, match="name the models"):

        @derived()
        async def get_other(self, guild_id): ...


class Counting(Manager[Note]):
    factor = 1

    @derived(Note)
    async def count_notes(self, guild_id):
        return self.factor * await self.count(guild_id=guild_id)


class Tens(Counting, name="tens"):
    factor = 10


class Hundreds(Counting, name="hundreds"):
    factor = 100


async def test_managers_that_share_a_method_do_not_share_its_values():
    await Tens().bulk_create([{"guild_id": 1, "title": title} for title in "ab"])
    await Tens().delete_where({"title": "a"})
    for _ in range(2):
        assert await Tens().count_notes(1) == 10
        assert await Hundreds().count_notes(1) == 100
        assert await Tens().with_deleted().count_notes(1) == 20
