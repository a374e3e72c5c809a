"""Theme 9: cancelled at any await, a call or transaction has happened whole or not at all, and the pool is whole."""

# ruff: noqa: PT012 - that the end of a transaction's block raises is what is tested

from __future__ import annotations

from datetime import timedelta

import pytest

from plugins.guild.events import PrefixChanged
from tests.correctness.scenes import GUILD, OTHER, a_case, row_counts
from tests.ticks import MOST_TICKS, each_tick, run_cancelled
from tux.clock import now
from tux.database.engine import active_client
from tux.events import after_commit, current_outbox

pytestmark = pytest.mark.parametrize("late", [False, True])


async def is_whole(client):
    """Tell whether every connection of the pool can be had at once, and none is in a transaction."""
    lent = [await client.lend() for _ in range(client.pool_maxsize)]
    states = [connection.is_in_transaction() for connection in lent]
    for connection in lent:
        await client.take_back(connection)
    state = client.pool_state()
    return not any(states) and state.size == state.free and state.waiting == 0


@pytest.fixture
async def pool(db):
    """The pool, which is whole after the test."""
    client = active_client()
    yield client
    assert current_outbox.get() is None
    assert active_client() is client
    assert await is_whole(client)


async def test_a_transaction_over_two_plugins(db, pool, late):
    heard, followed = [], []

    async def listen(event):
        heard.append(event.guild_id)

    async def work(guild_id):
        async with db.transaction():
            await db.guild_config.update_config(guild_id, prefix="!")
            await after_commit(lambda: followed.append(guild_id))
            async with db.transaction():
                await db.case.create_case(**a_case(guild_id=guild_id))
            case = await db.case.create_case(**a_case(guild_id=guild_id))
            await db.case.update_by_id(case.case_id, case_reason="whole")

    db.events.subscribe(PrefixChanged, listen, plugin="guild")
    try:
        ticks = [tick async for tick, _ in each_tick(work, late=late)]
    finally:
        db.events.unsubscribe(listen)
    assert len(ticks) > 8  # one for each round trip at least
    kept = sorted(config.guild_id for config in await db.guild_config.get_all())
    assert {ticks[-1], *(-tick for tick in ticks)} < {*kept}  # more than the last: some were cancelled too late
    assert len(kept) < 2 * len(ticks)
    assert sorted(heard) == sorted(followed) == kept
    cases = await db.case.find_all(order_by=["guild_id", "case_number"])
    assert [(case.guild_id, case.case_number, case.case_reason) for case in cases] == [
        (guild_id, number, reason) for guild_id in kept for number, reason in ((1, None), (2, "whole"))
    ]
    assert {guild.guild_id: guild.case_count for guild in await db.guild.get_all()} == dict.fromkeys(kept, 2)


async def test_the_numbers_of_cases(db, pool, late):
    async for _ in each_tick(lambda _: db.case.create_case(**a_case()), late=late):
        pass
    await db.case.create_case(**a_case())
    numbers = [case.case_number for case in await db.case.find_all(order_by="case_number")]
    assert numbers == [*range(1, len(numbers) + 1)]
    assert (await db.guild.get_by_id(GUILD)).case_count == len(numbers)


CALLS = {
    "upsert": lambda db, key: db.guild_config.upsert({"guild_id": key}, prefix="!"),
    "get_or_create": lambda db, key: db.guild_config.get_or_create(guild_id=key),
    "bulk_create": lambda db, key: db.guild_config.bulk_create([{"guild_id": key}]),
    "bulk_upsert": lambda db, key: db.guild_config.bulk_upsert([{"guild_id": key}], ["guild_id"], []),
    "update_config": lambda db, key: db.guild_config.update_config(key, mod_log_id=1),
}


@pytest.mark.parametrize("call", CALLS)
async def test_a_row_and_the_guild_that_it_needs(db, pool, late, call):
    async for key, cancelled in each_tick(lambda key: CALLS[call](db, key), late=late):
        pair = await db.guild.exists(guild_id=key), await db.guild_config.exists(guild_id=key)
        assert pair in {(True, True), (False, False)}
        assert cancelled or pair == (True, True)


async def test_a_write_to_many_rows(db, pool, late):
    rows = [a_case(case_number=number, case_reason="0") for number in range(1, 51)]

    async def change(tick):
        await db.case.update_where({"guild_id": GUILD}, {"case_reason": str(tick)})

    async def refill(tick):
        await db.case.delete_where({"guild_id": GUILD})
        await db.case.bulk_create(rows)

    await refill(0)
    async for tick, cancelled in each_tick(change, late=late):
        reasons = {case.case_reason for case in await db.case.get_all()}
        assert reasons in ([{str(tick)}, {str(-tick)}] if cancelled else [{str(tick)}])
    async for _, cancelled in each_tick(lambda _: db.case.delete_where({"guild_id": GUILD}), late=late, first=refill):
        assert await db.case.count() in ({0, 50} if cancelled else {0})


async def test_a_transaction_that_fails_while_it_is_cancelled(db, pool, late):
    async def failing(_):
        with pytest.raises(ZeroDivisionError):
            async with db.transaction():
                await db.case.create_case(**a_case())
                raise ZeroDivisionError

    async for _ in each_tick(failing, late=late):
        assert await row_counts(db) == {}
    assert (await db.case.create_case(**a_case())).case_number == 1


async def test_one_of_two_tasks_inside_a_transaction(db, pool, late):
    async def nested(tick):
        async with db.transaction():
            await db.case.create_case(**a_case(guild_id=tick))

    for tick in range(1, MOST_TICKS):
        async with db.transaction():
            await nested(-tick)
            await db.guild.create(guild_id=OTHER + tick)
            cancelled = await run_cancelled(nested(tick), tick, late=late)
            await db.guild.update_by_id(OTHER + tick, guild_name="after")
        cases, guilds = await db.case.count({"guild_id": tick}), await db.guild.count({"guild_id": tick})
        assert cases == guilds
        assert await db.case.exists(guild_id=-tick)
        assert await db.guild.exists(guild_id=OTHER + tick, guild_name="after")
        if not cancelled:
            break
    assert tick > 3
    assert (cancelled, cases) == (False, 1)


async def test_a_claim_that_was_cancelled_is_made_by_one_other_or_was_made(db, pool, late):
    over, ids = now() - timedelta(seconds=1), {}

    async def lift(tick):
        ids[tick] = (await db.case.create_case(**a_case(case_type="TEMPBAN", case_expires_at=over))).case_id
        return await db.case.set_tempban_expired(ids[tick])

    async for tick, cancelled in each_tick(lift, late=late):
        if tick in ids:
            again = await db.case.set_tempban_expired(ids[tick])
            assert cancelled or again is None
