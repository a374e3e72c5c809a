"""Cached rows are never older than the last commit, whoever wrote, and by whatever path."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta

import pytest
from shop_models import Guild, GuildSetting, Member, Team
from support import logged
from tortoise.transactions import in_transaction

from tux.cache import Cache, CacheStatistics
from tux.database.engine import active_client
from tux.errors import ConnectionLost, StatementError, UniqueViolation
from tux.manager import Manager
from tux.testing import max_queries

pytestmark = pytest.mark.usefixtures("shop")


class CachedMembers(Manager[Member], name="cached_members", cache=Cache(max_rows=100, ttl=timedelta(minutes=5))):
    """Identified by key and by (member_id, guild_id)."""


class CachedSettings(Manager[GuildSetting], name="cached_settings", cache=Cache()):
    """Identified by the guild."""


class CachedTeams(Manager[Team], name="cached_teams", cache=Cache()):
    """Rows without a guild."""


class PlainMembers(Manager[Member], name="plain_members"):
    """The same table, not cached."""


class Refused(Exception):
    """Rolls a test's transaction back."""


members, settings, teams, plain = CachedMembers(), CachedSettings(), CachedTeams(), PlainMembers()
PAIR = {"member_id": 1, "guild_id": 1}


async def saved(**changes):
    row = await Member.get(id=1)
    row.update_from_dict(changes)
    await row.save()


async def saved_in_part(**changes):
    row = await Member.get(id=1)
    row.update_from_dict(changes)
    await row.save(update_fields=list(changes))


async def updated_in_bulk(**changes):
    row = await Member.get(id=1)
    row.update_from_dict(changes)
    await Member.bulk_update([row], list(changes))


async def removed():
    await (await Member.get(id=1)).delete()


async def fetched(sql, *args):
    await active_client().fetch(sql, args)


UPDATES = {
    "update_by_id": lambda: members.update_by_id(1, xp=7),
    "update_by_id of a pair": lambda: members.update_by_id((1, 1), xp=7),
    "increment": lambda: members.increment(1, xp=7),
    "update_where": lambda: members.update_where({"name": "nobody"}, {"xp": 7}),
    "update_where in a guild": lambda: members.update_where({"guild_id": 1, "level": 0}, {"xp": 7}),
    "update_where across a relation": lambda: members.update_where({"guild__guild_name": "unnamed"}, {"xp": 7}),
    "upsert": lambda: members.upsert(PAIR, xp=7),
    "bulk_update": lambda: members.bulk_update([{"id": 1, "xp": 7}]),
    "bulk_upsert": lambda: members.bulk_upsert([PAIR | {"xp": 7}], ["member_id", "guild_id"], ["xp"]),
    "another manager": lambda: plain.update_by_id(1, xp=7),
    "rows of a manager": lambda: plain.rows(f"UPDATE shop_members SET xp = 7 RETURNING {plain.columns()}"),
    "row.save": lambda: saved(xp=7),
    "row.save of some fields": lambda: saved_in_part(xp=7),
    "queryset": lambda: Member.filter(name="nobody").update(xp=7),
    "queryset across a relation": lambda: Member.filter(guild__guild_name="unnamed").update(xp=7),
    "Model.bulk_update": lambda: updated_in_bulk(xp=7),
    "update_or_create": lambda: Member.update_or_create({"xp": 7}, **PAIR),
    "bulk_create on conflict": lambda: Member.bulk_create(
        [Member(id=1, member_id=1, guild_id=1, xp=7)], update_fields=["xp"], on_conflict=["id"]
    ),
    "raw": lambda: active_client().run("UPDATE shop_members SET xp = 7 WHERE guild_id = $1", [1]),
    "raw in a CTE": lambda: fetched("WITH a AS (UPDATE shop_members SET xp = 7 RETURNING id) SELECT * FROM a"),
    "raw script": lambda: active_client().execute_script("SELECT 1; UPDATE shop_members SET xp = 7"),
    "raw block": lambda: active_client().run("DO $$ BEGIN UPDATE shop_members SET xp = 7; END $$"),
    "raw, many": lambda: active_client().run_many("UPDATE shop_members SET xp = $1 WHERE id = $2", [(7, 1)]),
}
DELETES = {
    "delete_by_id": lambda: members.delete_by_id(1),
    "delete_by_id of a pair": lambda: members.delete_by_id((1, 1)),
    "delete_where": lambda: members.delete_where(PAIR),
    "delete_where across a relation": lambda: members.delete_where({"guild__guild_name": "unnamed"}),
    "bulk_delete": lambda: members.bulk_delete([1]),
    "row.delete": removed,
    "queryset": lambda: Member.filter(member_id=1).delete(),
    "the guild's queryset": lambda: Guild.filter(guild_id=1).delete(),
    "guilds by name": lambda: Guild.filter(guild_name="unnamed").delete(),
    "raw deletion of the guild": lambda: active_client().run("DELETE FROM shop_guilds WHERE guild_id = 1"),
    "truncate": lambda: active_client().run("TRUNCATE shop_guilds CASCADE"),
}
CREATES = {
    "create": lambda: members.create(**PAIR),
    "get_or_create": lambda: members.get_or_create(**PAIR),
    "upsert": lambda: members.upsert(PAIR, xp=1),
    "bulk_create": lambda: members.bulk_create([PAIR]),
    "bulk_create of rows": lambda: members.bulk_create([Member(**PAIR)]),
    "bulk_upsert": lambda: members.bulk_upsert([PAIR], ["member_id", "guild_id"], []),
    "Model.create": lambda: Member.create(**PAIR),
    "row.save": lambda: Member(**PAIR).save(),
    "Model.bulk_create": lambda: Member.bulk_create([Member(**PAIR)]),
    "Model.get_or_create": lambda: Member.get_or_create(**PAIR),
    "copy": lambda: active_client().copy_rows("shop_members", list(COPIED), [tuple(COPIED.values())]),
}
NOW = datetime.now(UTC)
COPIED = (
    PAIR
    | {"name": "c", "xp": 0.0, "level": 0, "rank": "MEMBER", "is_active": True}
    | dict.fromkeys(("created_at", "updated_at"), NOW)
)


async def no_transaction(write):
    await write()


async def db_transaction(write):
    async with active_client().open_transaction():
        await write()


async def savepoint(write):
    async with active_client().open_transaction(), active_client().open_transaction():
        await write()


async def tortoise_transaction(write):
    async with in_transaction():
        await write()


def refuse():
    raise Refused


async def rolled_back(write):
    async with active_client().open_transaction():
        await write()
        raise Refused


async def rolled_back_to_savepoint(write):
    async with active_client().open_transaction():
        try:
            async with active_client().open_transaction():
                await write()
                refuse()
        except Refused:
            await active_client().fetch("SELECT 1")


async def read_both():
    """Return the row's xp by its key and by its pair, None where there is no row."""
    rows = [await members.get_by_id(1), await members.get_by_id((1, 1))]
    return [row and row.xp for row in rows]


async def warm(*, make=True):
    if make:
        await members.create(**PAIR)
    else:
        await Guild.create(guild_id=1)
    before = await read_both()
    with max_queries(0):
        assert await read_both() == before


@pytest.mark.parametrize("scope", [no_transaction, db_transaction])
@pytest.mark.parametrize("write", UPDATES.values(), ids=UPDATES)
async def test_a_change_is_read_at_once(write, scope):
    await warm()
    await scope(write)
    assert await read_both() == [7, 7]


@pytest.mark.parametrize("scope", [no_transaction, db_transaction])
@pytest.mark.parametrize("write", DELETES.values(), ids=DELETES)
async def test_a_deletion_is_read_at_once(write, scope):
    await warm()
    await scope(write)
    assert await read_both() == [None, None]


@pytest.mark.parametrize("scope", [no_transaction, db_transaction])
@pytest.mark.parametrize("write", CREATES.values(), ids=CREATES)
async def test_a_row_is_read_at_once_where_none_was(write, scope):
    await warm(make=False)
    await scope(write)
    assert (await members.get_by_id((1, 1))).xp in {0, 1}
    assert (await members.get_by_id((await Member.get(**PAIR)).id)).member_id == 1


@pytest.mark.parametrize("scope", [savepoint, tortoise_transaction])
@pytest.mark.parametrize("name", ["update_by_id", "row.save", "raw"])
async def test_a_change_in_a_savepoint_or_in_tortoises_own_transaction_is_read_at_once(name, scope):
    await warm()
    await scope(UPDATES[name])
    assert await read_both() == [7, 7]


@pytest.mark.parametrize("write", [*UPDATES.values(), *DELETES.values()], ids=[*UPDATES, *DELETES])
async def test_what_was_rolled_back_invalidates_nothing(write):
    await warm()
    with pytest.raises(Refused):
        await rolled_back(write)
    with max_queries(0):
        assert await read_both() == [0, 0]


@pytest.mark.parametrize("name", ["update_by_id", "row.save", "raw"])
async def test_what_was_rolled_back_to_a_savepoint_invalidates_nothing(name):
    await warm()
    await rolled_back_to_savepoint(UPDATES[name])
    with max_queries(0):
        assert await read_both() == [0, 0]


async def test_a_refused_statement_invalidates_nothing():
    await warm()
    with pytest.raises(UniqueViolation):
        await members.create(**PAIR)
    with pytest.raises(StatementError):
        await active_client().run("UPDATE shop_members SET nonsense = 1")
    with max_queries(0):
        await read_both()


async def test_a_row_that_moves_is_found_under_both_of_its_names():
    await members.create(member_id=1, guild_id=1)
    await members.create(member_id=2, guild_id=2)
    await members.get_by_id((1, 1))
    await members.get_by_id((1, 2))
    await Member.filter(guild_id=1).update(guild_id=2)
    assert await members.get_by_id((1, 1)) is None
    assert (await members.get_by_id((1, 2))).member_id == 1


async def test_a_transaction_sees_its_own_writes_and_others_do_not():
    await warm()
    async with active_client().open_transaction():
        await members.update_by_id(1, xp=5)
        assert await read_both() == [5, 5]
        seen = await asyncio.create_task(outside(read_both))
        assert seen == [0, 0]
        await members.update_by_id(1, xp=6)
        assert await read_both() == [6, 6]
    assert await read_both() == [6, 6]


async def outside(read):
    """Read as a task would that has nothing to do with the transaction of this one."""
    from tortoise.connection import get_connections

    connections = get_connections()
    token = connections.set("default", active_client().pool)
    try:
        return await read()
    finally:
        connections.reset(token)


async def test_what_a_transaction_read_before_its_rollback_is_not_kept():
    await members.create(**PAIR)
    with pytest.raises(Refused):
        await rolled_back(lambda: read_after(members.update_by_id(1, xp=5)))
    assert await read_both() == [0, 0]


async def read_after(write):
    await write
    assert await read_both() == [5, 5]


async def test_an_old_snapshot_of_a_transaction_does_not_get_into_the_cache():
    await warm()
    async with active_client().open_transaction("repeatable read"):
        assert await read_both() == [0, 0]
        await asyncio.create_task(outside(lambda: members.update_by_id(1, xp=5)))
        assert await read_both() == [0, 0]
    assert await read_both() == [5, 5]


async def test_a_read_that_a_write_overtakes_keeps_nothing_old():
    """The read's row lock is not asked for, so it sees the old row; it comes back after the commit."""
    await members.create(**PAIR)
    client = active_client()
    original = client.fetch_row
    arrived, go_on = asyncio.Event(), asyncio.Event()

    async def slow(sql, args=()):
        row = await original(sql, args)
        if not arrived.is_set():
            arrived.set()
            await go_on.wait()
        return row

    client.fetch_row = slow
    try:
        early = asyncio.create_task(members.get_by_id(1))
        await arrived.wait()
        await Member.filter(id=1).update(xp=5)
        late = await members.get_by_id(1)
        go_on.set()
        assert [(await early).xp, late.xp] == [0, 5]
    finally:
        del client.fetch_row
    assert (await members.get_by_id(1)).xp == 5


async def test_fifty_readers_of_an_unknown_row_send_one_statement():
    await members.create(**PAIR)
    with max_queries(1):
        rows = await asyncio.gather(*(members.get_by_id((1, 1)) for _ in range(50)))
    assert {row.xp for row in rows} == {0}


async def test_that_a_row_is_missing_is_remembered():
    await members.get_by_id(5)
    with max_queries(0):
        assert await members.get_by_id(5) is None


async def test_that_a_pair_is_missing_is_remembered_until_a_write_in_its_guild():
    assert await members.get_by_id((7, 2)) is None
    await members.create(member_id=1, guild_id=7)
    with max_queries(0):
        assert await members.get_by_id((7, 2)) is None
    await members.create(member_id=7, guild_id=2)
    assert (await members.get_by_id((7, 2))).guild_id == 2


async def test_each_reader_gets_an_instance_of_its_own():
    await members.create(**PAIR, extra={"list": [1]})
    first = await members.get_by_id(1)
    first.xp = 99
    first.extra["list"].append(2)
    second = await members.get_by_id(1)
    assert (second.xp, second.extra) == (0, {"list": [1]})


async def test_a_write_in_one_guild_leaves_the_rows_of_others_in_memory():
    for number in (1, 2):
        await members.create(member_id=number, guild_id=number)
        await settings.create(guild_id=number, prefix="!")
        await members.get_by_id(number)
        await settings.get_by_id(number)
    await members.update_by_id((1, 1), xp=5)
    await settings.upsert({"guild_id": 1}, prefix="?")
    await Guild.filter(guild_id=1).delete()
    with max_queries(0):
        assert (await members.get_by_id(2)).xp == 0
        assert (await settings.get_by_id(2)).prefix == "!"
    assert await settings.get_by_id(1) is None


async def test_a_new_row_of_another_table_drops_nothing_though_it_makes_the_guild():
    await settings.create(guild_id=1)
    await settings.get_by_id(1)
    await plain.create(member_id=1, guild_id=1)
    with max_queries(0):
        await settings.get_by_id(1)


async def test_rows_without_a_guild_are_dropped_one_by_one():
    for name in ("one", "two"):
        await teams.create(name=name)
    await teams.get_by_id(1)
    await teams.get_by_id(2)
    await Team.filter(id=1).update(hits=3)
    with max_queries(1):
        assert [(await teams.get_by_id(number)).hits for number in (1, 2)] == [3, 0]


async def test_a_write_that_is_cancelled_may_have_happened():
    await warm()
    async with active_client().open_transaction() as blocker:
        await blocker.run("SELECT FROM shop_members FOR UPDATE")
        task = asyncio.create_task(outside(lambda: Member.filter(id=1).update(xp=5)))
        await asyncio.sleep(0.05)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
    with max_queries(2) as sent:
        assert await read_both() == [0, 0]
    assert len(sent) == 2


async def cut_who_waits_for_a_lock():
    """End the connection of the first that waits, as soon as there is one."""
    sql = (
        "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity "
        "WHERE wait_event_type = 'Lock' AND datname = current_database()"
    )
    while not await active_client().fetch(sql):  # noqa: ASYNC110 - PostgreSQL tells nobody who begins to wait
        await asyncio.sleep(0.01)


async def test_a_write_that_lost_its_connection_may_have_happened():
    await warm()
    async with active_client().open_transaction() as blocker:
        await blocker.run("SELECT FROM shop_members FOR UPDATE")
        task = asyncio.create_task(outside(lambda: Member.filter(id=1).update(xp=5)))
        await asyncio.create_task(outside(cut_who_waits_for_a_lock))
        with pytest.raises(ConnectionLost):
            await task
    with max_queries(2) as sent:
        assert await read_both() == [0, 0]
    assert len(sent) == 2


async def test_a_commit_of_which_nobody_knows_whether_it_happened_drops_what_it_wrote():
    await warm()

    async def write_and_lose_the_connection():
        async with active_client().open_transaction() as transaction:
            await members.update_by_id(1, xp=5)
            pid = await transaction.fetch_row("SELECT pg_backend_pid()")
            kill = lambda: active_client().fetch("SELECT pg_terminate_backend($1, 5000)", list(pid))  # noqa: E731
            await asyncio.create_task(outside(kill))

    with pytest.raises(ConnectionLost):
        await write_and_lose_the_connection()
    with max_queries(2) as sent:
        assert await read_both() == [0, 0]
    assert len(sent) == 2


async def test_what_was_committed_is_read_though_whoever_committed_was_cancelled():
    await warm()

    async def write():
        async with active_client().open_transaction():
            await members.update_by_id(1, xp=5)
            asyncio.current_task().cancel()

    with pytest.raises(asyncio.CancelledError):
        await asyncio.create_task(write())
    assert (await read_both()) == [await Member.get(id=1).values_list("xp", flat=True)] * 2


async def test_a_broken_cache_answers_from_the_database():
    await members.create(**PAIR)
    await read_both()
    members._store(active_client().writes)._ages = None
    with logged() as lines:
        assert await read_both() == [0, 0]
    assert "A cache failed" in "".join(lines)
    await members.update_by_id(1, xp=5)
    assert await read_both() == [5, 5]


async def test_hits_and_misses_are_counted():
    fresh = CachedTeams()
    before = fresh.cache_statistics()
    await fresh.get_by_id(1)
    await fresh.get_by_id(1)
    after = fresh.cache_statistics()
    assert (after.hits - before.hits, after.misses - before.misses) == (1, 1)
    assert plain.cache_statistics() == CacheStatistics(0, 0, 0)


async def test_a_manager_without_a_cache_asks_the_database_each_time():
    await plain.create(**PAIR)
    with max_queries(2) as sent:
        await plain.get_by_id(1)
        await plain.get_by_id(1)
    assert len(sent) == 2


async def test_a_statement_on_a_transaction_that_is_over_is_told_as_one_of_the_pool():
    await warm()
    async with active_client().open_transaction() as over:
        await over.fetch("SELECT 1")
    await over.run("UPDATE shop_members SET xp = 5")
    assert await read_both() == [5, 5]
