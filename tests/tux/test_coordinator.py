"""The object `db`: its managers, its own names, and what waits for a commit."""

from __future__ import annotations

import asyncio

import pytest

from plugins.moderation.managers import CaseManager
from tux.coordinator import DatabaseCoordinator
from tux.errors import PluginUnavailable, TransactionMisuse, UnknownManager
from tux.registry import RESERVED, State


def public_names(db):
    return {name for name in (*dir(DatabaseCoordinator), *vars(db)) if not name.startswith("_")}


async def test_no_manager_may_have_the_name_of_an_attribute_of_the_coordinator(db):
    assert public_names(db) - db.registry.managers.keys() == RESERVED


async def test_a_manager_is_built_once_and_found_by_name_and_by_class(db):
    assert db.case is db.case is db[CaseManager] is db.find("case") is db.find(CaseManager)


async def test_an_unknown_manager_says_which_exist(db):
    with pytest.raises(UnknownManager, match=r"no plugin has a manager 'cas'; there are: .*\bcase\b"):
        _ = db.cas
    assert db.find("cas") is None
    assert not hasattr(db, "_case")


async def test_a_manager_of_a_plugin_that_does_not_run_says_why_until_it_runs_again(db):
    before = db.case
    record = db.registry.owner("case")
    record.settle(State.BLOCKED, "its schema is behind")
    try:
        for find in (lambda: db.case, lambda: db[CaseManager]):
            with pytest.raises(PluginUnavailable, match="'moderation': is blocked: its schema is behind"):
                find()
        assert db.find(CaseManager) is None
    finally:
        record.settle(State.READY)
    assert db.case is before


async def test_on_commit_waits_for_the_commit_and_runs_at_once_without_a_transaction(db):
    done = []

    async def note():
        done.append(await db.service.fetch_one("SELECT count(*) AS n FROM guild_guilds"))

    async with db.transaction():
        await db.on_commit(note)
        await db.on_commit(lambda: done.append("plain"))
        await db.guild.get_or_create_guild(1)
        assert done == []
    assert [done[0]["n"], done[1]] == [1, "plain"]
    await db.on_commit(lambda: done.append("now"))
    assert done[2:] == ["now"]


async def test_on_commit_is_forgotten_by_a_rollback_and_by_one_of_a_savepoint(db):
    done = []

    async def fail():
        async with db.transaction():
            await db.on_commit(lambda: done.append("inner"))
            raise LookupError

    async with db.transaction():
        await db.on_commit(lambda: done.append("outer"))
        with pytest.raises(LookupError):
            await fail()
    with pytest.raises(LookupError):
        await fail()
    assert done == ["outer"]


async def test_a_read_only_transaction_refuses_writes_of_managers(db):
    with pytest.raises(TransactionMisuse, match="read-only"):
        async with db.transaction(read_only=True):
            await db.guild.get_or_create_guild(1)
    assert await db.guild.count() == 0


async def test_two_serializable_transactions_that_cannot_both_be_are_repeated_by_retry(db):
    """Each adds what it has counted: one after the other is the only way."""
    both_have_read = asyncio.Barrier(2)
    attempts = []

    async def add_what_is_there():
        attempts.append(1)
        there = await db.guild.count()
        if len(attempts) <= 2:
            await both_have_read.wait()
        await db.guild.create(guild_id=len(attempts), case_count=there)

    work = [db.retry(add_what_is_there, isolation="serializable", attempts=5) for _ in range(2)]
    await asyncio.gather(*work)
    assert len(attempts) > 2
    assert sorted(guild.case_count for guild in await db.guild.get_all()) == [0, 1]
