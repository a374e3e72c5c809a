"""Theme 1: what fails leaves nothing, whoever wrote it, and nothing that succeeded is taken along."""

# ruff: noqa: PT012 - that the end of a transaction's block raises is what is tested

from __future__ import annotations

import asyncio

import pytest
from tortoise.exceptions import IntegrityError
from tortoise.transactions import in_transaction

from plugins.guild.events import PrefixChanged
from plugins.moderation.models import Case
from tests.correctness.scenes import ANN, BOB, GUILD, OTHER, a_case, outside, row_counts
from tux.errors import TransactionAborted, UniqueViolation
from tux.events import after_commit


@pytest.fixture
def heard(db):
    """The prefixes that were announced."""
    prefixes = []

    async def listen(event):
        prefixes.append(event.prefix)

    db.events.subscribe(PrefixChanged, listen, plugin="guild")
    yield prefixes
    db.events.unsubscribe(listen)


async def write_everywhere(db, guild_id, prefix="?"):
    """Write with managers of three plugins, by a manager's own SQL, active record, bulk and raw SQL."""
    await db.guild_config.update_config(guild_id, prefix=prefix)
    case = await db.case.create_case(**a_case(guild_id=guild_id))
    case.case_reason = "by hand"
    await case.save()
    await db.member_status.bulk_create(
        [{"guild_id": guild_id, "user_id": user, "status": "new"} for user in (ANN, BOB)]
    )
    await db.settings.upsert({"guild_id": guild_id, "plugin": "guild"}, changed={"colour": "red"})
    await db.service.execute("INSERT INTO guild_level_roles (guild_id, level, role_id) VALUES ($1, 1, 5)", guild_id)


WRITTEN = {
    "core_settings": 1,
    "guild_configs": 1,
    "guild_guilds": 1,
    "guild_level_roles": 1,
    "guild_member_statuses": 2,
    "moderation_case_counters": 1,
    "moderation_cases": 1,
}


@pytest.mark.parametrize("scope", ["transaction", "session", "manager", "tortoise"])
async def test_an_error_over_managers_of_several_plugins_leaves_nothing(db, heard, scope):
    opened = {
        "transaction": db.transaction,
        "session": db.session,
        "manager": db.case.with_session,
        "tortoise": in_transaction,
    }[scope]
    with pytest.raises(ZeroDivisionError):
        async with opened():
            await write_everywhere(db, GUILD)
            assert await row_counts(db) == WRITTEN
            raise ZeroDivisionError
    assert await row_counts(db) == {}
    assert heard == []
    async with opened():
        await write_everywhere(db, GUILD)
        assert heard == []
    assert await row_counts(db) == WRITTEN
    assert heard == ["?"]


async def test_what_is_not_committed_is_seen_inside_alone(db):
    async with db.transaction() as session:
        await write_everywhere(db, GUILD)
        assert (await session.fetch_one("SELECT case_reason FROM moderation_cases"))["case_reason"] == "by hand"
        inside = asyncio.create_task(db.case.count())
        elsewhere = asyncio.create_task(outside(db.case.count))
        assert [await inside, await elsewhere] == [1, 0]
    assert await outside(db.case.count) == 1


async def test_a_rolled_back_case_leaves_no_gap_in_the_numbers(db):
    await db.case.create_case(**a_case())
    with pytest.raises(ZeroDivisionError):
        async with db.transaction():
            assert (await db.case.create_case(**a_case())).case_number == 2
            assert (await db.case.create_case(**a_case())).case_number == 3
            raise ZeroDivisionError
    assert (await db.case.create_case(**a_case())).case_number == 2
    assert (await db.guild.get_by_id(GUILD)).case_count == 2


async def test_a_caught_integrity_error_followed_by_more_work_raises_and_keeps_nothing(db, heard):
    await db.guild.create(guild_id=OTHER)
    with pytest.raises(TransactionAborted):
        async with db.transaction():
            await write_everywhere(db, GUILD)
            with pytest.raises(IntegrityError):
                await db.guild.create(guild_id=OTHER)
            await db.case.create_case(**a_case())
    assert await row_counts(db) == {"guild_guilds": 1}
    assert heard == []


async def test_a_caught_integrity_error_as_the_last_word_raises_and_keeps_nothing(db, heard):
    await db.guild.create(guild_id=OTHER)
    with pytest.raises(TransactionAborted):
        async with db.transaction():
            await write_everywhere(db, GUILD)
            with pytest.raises(UniqueViolation):
                await db.guild.create(guild_id=OTHER)
    assert await row_counts(db) == {"guild_guilds": 1}
    assert heard == []


async def test_an_integrity_error_caught_around_a_nested_transaction_costs_that_one_alone(db, heard):
    await db.guild.create(guild_id=OTHER)
    async with db.transaction():
        await write_everywhere(db, GUILD, "!")
        with pytest.raises(UniqueViolation):
            async with db.transaction():
                await db.guild_config.update_config(GUILD, prefix="?")
                await db.case.create_case(**a_case())
                await db.guild.create(guild_id=OTHER)
        assert (await db.case.create_case(**a_case())).case_number == 2
    assert (await db.guild_config.get_by_id(GUILD)).prefix == "!"
    assert await db.case.count() == 2
    assert heard == ["!"]


async def test_a_nested_rollback_keeps_the_outer_and_the_next_one(db, heard):
    async with db.transaction():
        await db.guild_config.update_config(GUILD, prefix="1")
        with pytest.raises(ZeroDivisionError):
            async with db.case.with_session():
                await db.guild_config.update_config(GUILD, prefix="2")
                async with db.session():  # released into what is rolled back
                    await write_everywhere(db, OTHER, "3")
                raise ZeroDivisionError
        async with db.transaction():
            await db.guild_config.update_config(GUILD, prefix="4")
        assert (await db.guild_config.get_by_id(GUILD)).prefix == "4"
        assert heard == []
    assert await row_counts(db) == {"guild_configs": 1, "guild_guilds": 1}
    assert heard == ["1", "4"]


async def test_an_outer_rollback_takes_the_nested_transactions_along(db, heard):
    with pytest.raises(ZeroDivisionError):
        async with db.transaction():
            async with db.transaction():
                await write_everywhere(db, GUILD)
            async with db.transaction():
                await db.guild_config.update_config(GUILD, prefix="!")
            raise ZeroDivisionError
    assert await row_counts(db) == {}
    assert heard == []


async def test_two_tasks_of_one_gather_have_transactions_of_their_own(db, heard):
    both_wrote = asyncio.Barrier(2)

    async def work(guild_id, *, fails):
        async with db.transaction():
            await write_everywhere(db, guild_id, "!" if fails else "?")
            await both_wrote.wait()
            assert await db.case.count() == 1  # neither sees the other's
            await both_wrote.wait()
            if fails:
                raise ZeroDivisionError
            await db.case.create_case(**a_case(guild_id=guild_id))

    done = await asyncio.gather(work(GUILD, fails=False), work(OTHER, fails=True), return_exceptions=True)
    assert [type(each) for each in done] == [type(None), ZeroDivisionError]
    assert await row_counts(db) == {**WRITTEN, "moderation_cases": 2}
    assert {case.guild_id for case in await db.case.get_all()} == {GUILD}
    assert heard == ["?"]


async def test_tasks_that_nest_in_one_transaction_fail_each_for_itself(db):
    async def nested(user_id):
        async with db.transaction():
            await db.case.create_case(**a_case(case_user_id=user_id))
            await asyncio.sleep(0)
            if user_id % 2:
                raise ZeroDivisionError
            await db.case.create_case(**a_case(case_user_id=user_id))

    async with db.transaction():
        done = await asyncio.gather(*(nested(user_id) for user_id in range(6)), return_exceptions=True)
        assert [each is None for each in done] == [True, False] * 3
    cases = await db.case.find_all(order_by="case_number")
    assert [case.case_user_id for case in cases] == [0, 0, 2, 2, 4, 4]
    assert [case.case_number for case in cases] == [1, 2, 3, 4, 5, 6]


async def test_what_follows_a_commit_comes_after_it_in_order_and_once(db):
    seen = []

    async def look():
        seen.append(await outside(db.case.count))

    async with db.transaction():
        await after_commit(look)
        async with db.transaction():
            await db.case.create_case(**a_case())
            await after_commit(look)
        await db.case.create_case(**a_case())
        assert seen == []
    assert seen == [2, 2]


async def test_rows_of_one_bulk_call_are_stored_all_or_not_at_all(db):
    await db.case.create_case(**a_case())
    twice = [a_case(case_number=number) for number in (5, 6, 1)]
    with pytest.raises(UniqueViolation):
        await db.case.bulk_create(twice)
    assert await Case.all().count() == 1
    with pytest.raises(UniqueViolation):
        await db.case.bulk_update([{"case_id": case.case_id, "case_number": 9} for case in await two_more(db)])
    assert sorted(case.case_number for case in await db.case.get_all()) == [1, 2, 3]


async def two_more(db):
    return [await db.case.create_case(**a_case()) for _ in range(2)]
