from __future__ import annotations

from contextlib import suppress

import pytest
from shop_models import Guild, GuildSetting, Member

from tux.database.engine import active_client
from tux.errors import ForeignKeyViolation, UniqueViolation
from tux.testing.blocks import max_queries

pytestmark = pytest.mark.usefixtures("shop")


async def test_a_plain_create_makes_the_missing_guild_in_the_same_statement():
    with max_queries(1):
        row = await Member.create(guild_id=7, member_id=1)
    assert row.id is not None
    guild = await Guild.get(guild_id=7)
    assert (guild.guild_name, guild.joined_at is not None) == ("unnamed", True)


async def test_a_guild_that_is_there_stays_as_it_is():
    await Guild.create(guild_id=7, guild_name="Home")
    await Member(guild_id=7, member_id=1).save()
    assert (await Guild.get(guild_id=7)).guild_name == "Home"


async def test_a_row_whose_key_is_the_guild_makes_it_too():
    with max_queries(1):
        row = await GuildSetting.create(guild_id=9)
    assert row.colour == "blue"
    assert await Guild.exists(guild_id=9)


async def test_a_row_that_moves_to_an_unknown_guild_makes_it():
    row = await Member.create(guild_id=1, member_id=1)
    row.guild_id = 2
    await row.save()
    row.guild_id = 3
    await row.save(update_fields=["guild_id"])
    await row.save(force_update=True)
    assert await Guild.all().order_by("guild_id").values_list("guild_id", flat=True) == [1, 2, 3]
    assert (await Member.get(id=row.id)).guild_id == 3


@pytest.mark.parametrize("key", [2, "2"])
async def test_a_queryset_that_moves_rows_to_an_unknown_guild_makes_it_in_the_same_statement(key):
    row = await Member.create(guild_id=1, member_id=1)
    moving = Member.filter(id=row.id).update(guild_id=key)
    with max_queries(1):
        assert await moving == 1
    assert await moving == 1  # again
    assert (await Member.get(id=row.id)).guild_id == 2
    assert await Guild.all().order_by("guild_id").values_list("guild_id", flat=True) == [1, 2]


async def test_a_queryset_chooses_its_transaction_when_it_is_awaited():
    row = await Member.create(guild_id=1, member_id=1)
    moving = Member.filter(id=row.id).update(guild_id=2)
    with suppress(ZeroDivisionError):
        async with active_client()._in_transaction():
            await moving
            raise ZeroDivisionError
    assert (await Member.get(id=row.id)).guild_id == 1
    assert not await Guild.exists(guild_id=2)


async def test_many_rows_that_move_to_unknown_guilds_make_them():
    rows = [await Member.create(guild_id=1, member_id=number) for number in range(3)]
    for row, guild_id in zip(rows, (2, 3, 2), strict=True):
        row.guild_id = guild_id
    assert await Member.bulk_update(rows, ["guild_id"], batch_size=2) == 3
    assert await Guild.all().order_by("guild_id").values_list("guild_id", flat=True) == [1, 2, 3]
    assert await Member.filter(guild_id=2).count() == 2


async def test_an_update_of_other_columns_is_the_plain_statement():
    row = await Member.create(guild_id=1, member_id=1)
    with max_queries(1) as sent:
        await row.save(update_fields=["xp"])
    assert sent[0].startswith("UPDATE")


async def make_twice(guild_id):
    async with active_client()._in_transaction():
        for _ in range(2):
            await Member.create(guild_id=guild_id, member_id=1)


async def test_inside_a_transaction_the_work_before_is_kept_and_rolled_back_together():
    async with active_client()._in_transaction():
        await Member.create(guild_id=1, member_id=1)
        await Member.create(guild_id=2, member_id=1)
    assert await Guild.all().count() == 2

    with pytest.raises(UniqueViolation):
        await make_twice(3)
    assert not await Guild.exists(guild_id=3)


async def test_the_other_ways_to_create_make_it_too():
    await Member.get_or_create({"xp": 1}, guild_id=1, member_id=1)
    await Member.update_or_create({"xp": 1}, guild_id=2, member_id=1)
    await Member.bulk_create([Member(guild_id=guild, member_id=1) for guild in (3, 4, 3)][:2])
    guild = await Guild.create(guild_id=5)
    await Member.create(guild=guild, member_id=1)
    assert await Guild.all().order_by("guild_id").values_list("guild_id", flat=True) == [1, 2, 3, 4, 5]
    assert await Member.all().count() == 5


async def test_a_bulk_insert_that_fails_says_so():
    await Member.create(guild_id=1, member_id=1)
    with pytest.raises(UniqueViolation):
        await Member.bulk_create([Member(guild_id=1, member_id=1), Member(guild_id=2, member_id=1)])
    assert await Member.all().count() == 1


async def test_another_missing_row_is_still_an_error():
    from shop_models import Note

    with pytest.raises(ForeignKeyViolation) as caught:
        await Note.create(guild_id=1, title="a", author_id=99)
    assert caught.value.column == "author_id"
    assert not await Guild.exists(guild_id=1)
