"""S8: the same managers without a loop: values, transactions, threads, clear refusals, and a clean end."""

# ruff: noqa: PT012 - what an error does to the blocks around it is what is tested
from __future__ import annotations

import asyncio
import os
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor

import asyncpg
import pytest

import tux
from plugins.guild.managers import GuildManager
from plugins.guild.models import Guild
from tux import SyncDatabase
from tux.errors import DatabaseConnectionError, TransactionConflict, TransactionMisuse, TuxError, UnknownManager
from tux.settings import find_root
from tux.testing import scratch_database


@pytest.fixture(scope="module")
async def url():
    async with scratch_database() as address:
        yield address


@pytest.fixture
async def clean(url):
    connection = await asyncpg.connect(url)
    await connection.execute("DELETE FROM guild_guilds")
    await connection.close()


@pytest.fixture
def db(url, clean):
    with SyncDatabase(url) as opened:
        yield opened


def portals():
    return [thread for thread in threading.enumerate() if thread.name == "SyncDatabase"]


# Values


def test_managers_answer_with_rows(db):
    guild, created = db.guild.get_or_create(guild_id=1)
    assert created
    assert isinstance(guild, Guild)
    assert db.guild.get_by_id(1) == guild
    assert db.guild.get_by_id(2) is None
    assert db.guild.model is Guild
    assert db[GuildManager].count({"guild_id": 1}) == db.find("guild").count() == 1
    assert "GuildManager" in repr(db.guild)


def test_rows_have_no_plain_form_and_go_through_run(db):
    guild = db.guild.create(guild_id=1)
    guild.guild_name = "renamed"
    db.run(guild.save, update_fields=["guild_name"])
    assert db.guild.get_by_id(1).guild_name == "renamed"
    assert db.run(lambda: Guild.all().count()) == 1


async def test_run_asks_this_database_when_the_process_has_another(tux_database, url, clean):
    """The session's own database is the one that code without a context gets."""

    def use():
        with SyncDatabase(url) as db, db.transaction():
            db.guild.create(guild_id=1)
            return db.run(lambda: Guild.all().count()), db.run(Guild(guild_id=2).save), db.guild.count()

    before = await tux_database[0].guild.count()
    assert await asyncio.to_thread(use) == (1, None, 2)
    assert await tux_database[0].guild.count() == before


def test_the_service_and_raw_sql_are_there(db):
    assert db.service.health().pool_max > 1
    assert db.service.is_connected()
    assert db.service.fetch_one("SELECT $1::int + 1 AS n", 1)["n"] == 2


def test_errors_arrive_as_they_are(db):
    with pytest.raises(UnknownManager, match=r"there are: .*guild"):
        _ = db.guilt
    with pytest.raises(AttributeError, match="no attribute 'get_by_idd'"):
        db.guild.get_by_idd(1)
    with pytest.raises(tux.TuxError, match="colour"):
        db.guild.find_one({"colour": 1})


# Transactions


def test_a_transaction_is_kept_at_its_end_and_seen_by_others_only_then(db, url):
    with SyncDatabase(url) as other, db.transaction() as session:
        db.guild.create(guild_id=1)
        assert session.fetch_one("SELECT count(*) AS n FROM guild_guilds")["n"] == 1
        assert db.guild.count() == 1
        assert other.guild.count() == 0
    assert db.guild.count() == 1


def test_an_error_rolls_the_transaction_back(db):
    with pytest.raises(LookupError), db.transaction():
        db.guild.create(guild_id=1)
        raise LookupError
    assert db.guild.count() == 0


def test_a_nested_transaction_is_a_savepoint(db):
    with db.transaction():
        db.guild.create(guild_id=1)
        with pytest.raises(LookupError), db.guild.with_session():
            db.guild.create(guild_id=2)
            raise LookupError
        with db.session():
            db.guild.create(guild_id=3)
    assert [guild.guild_id for guild in db.guild.get_all(order_by="guild_id")] == [1, 3]


def test_isolation_and_read_only_reach_the_server(db):
    with db.transaction(isolation="serializable", read_only=True) as session:
        assert session.fetch_one("SHOW transaction_isolation")["transaction_isolation"] == "serializable"
        with pytest.raises(TransactionMisuse, match="read-only"), db.transaction():
            db.guild.create(guild_id=1)


def test_what_follows_a_commit_runs_after_it(db):
    done = []
    with db.transaction():
        db.on_commit(lambda: done.append("after"))
        done.append("inside")
    assert done == ["inside", "after"]


def test_retry_runs_plain_code_in_a_transaction_again(db):
    attempts = []

    def work():
        attempts.append(db.service.fetch_one("SHOW transaction_isolation")["transaction_isolation"])
        db.guild.create(guild_id=len(attempts))
        if len(attempts) == 1:
            raise TransactionConflict("again")
        return "done"

    assert db.retry(work, isolation="repeatable read") == "done"
    assert attempts == ["repeatable read"] * 2
    assert [guild.guild_id for guild in db.guild.get_all()] == [2]


@pytest.fixture
def each(monkeypatch):
    """Give a manager a method that yields rows inside a transaction."""

    async def each_guild(manager):
        async with manager.db.transaction():
            await manager.create(guild_id=99)
            for row in await manager.get_all(order_by="guild_id"):
                yield row

    monkeypatch.setattr(GuildManager, "each_guild", each_guild, raising=False)


@pytest.mark.usefixtures("each")
def test_what_is_iterated_with_await_is_iterated_plainly(db):
    db.guild.create(guild_id=1)
    assert [guild.guild_id for guild in db.guild.each_guild()] == [1, 99]
    assert db.guild.count() == 2


@pytest.mark.usefixtures("each")
def test_an_iteration_that_is_left_early_ends_its_transaction(db):
    rows = db.guild.each_guild()
    assert next(rows).guild_id == 99
    rows.close()
    assert db.guild.count() == 0
    assert db.service.health().pool_free >= 1


@pytest.mark.usefixtures("each")
def test_an_iteration_that_outlives_the_database_is_just_over(url):
    with SyncDatabase(url) as db:
        rows = db.guild.each_guild()
        next(rows)
    with pytest.raises(DatabaseConnectionError, match="not open"):
        next(rows)


# Threads


def test_threads_share_the_database_but_not_their_transactions(db):
    open_ones = threading.Barrier(4)

    def work(number):
        with db.transaction():
            db.guild.create(guild_id=number)
            open_ones.wait(10)
            seen = db.guild.count()
            open_ones.wait(10)
        return seen

    with ThreadPoolExecutor(4) as threads:
        assert list(threads.map(work, range(1, 5))) == [1, 1, 1, 1]
    assert db.guild.count() == 4


def test_a_thread_started_inside_a_transaction_is_outside_of_it(db):
    with db.transaction(), ThreadPoolExecutor(1) as threads:
        db.guild.create(guild_id=1)
        assert threads.submit(db.guild.count).result(10) == 0


# Refusals and the end


async def test_inside_a_running_loop_it_says_what_to_use(url):
    with pytest.raises(TuxError, match=r"async with tux\.open_database\(\)"), SyncDatabase(url):
        pytest.fail("it would have blocked")
    assert portals() == []


def test_a_call_from_its_own_loop_is_refused_instead_of_waiting_for_itself(db):
    refused = []

    def from_the_loop():
        try:
            db.guild.count()
        except TuxError as error:
            refused.append(str(error))

    db.on_commit(from_the_loop)
    assert "would block this event loop" in refused[0]


def test_a_server_that_is_not_there_is_named_and_nothing_stays(unused_tcp_port):
    with (
        pytest.raises(DatabaseConnectionError, match=rf"127\.0\.0\.1:{unused_tcp_port}"),
        SyncDatabase(f"postgresql://127.0.0.1:{unused_tcp_port}/x"),
    ):
        pytest.fail("there is no server")
    assert portals() == []


def test_after_the_block_it_says_that_it_is_closed(url):
    with SyncDatabase(url) as db:
        guilds = db.guild
        assert len(portals()) == 1
    assert portals() == []
    for use in (lambda: db.guild, lambda: db[GuildManager], lambda: db.transaction, guilds.count):
        with pytest.raises(DatabaseConnectionError, match="not open"):
            use()
    db.close()
    with db:
        assert db.guild.count() >= 0
        with pytest.raises(TuxError, match="open already"):
            db.__enter__()


def test_closing_takes_back_what_another_thread_has_open_and_tells_it(url, clean):
    begun, closed = threading.Event(), threading.Event()

    def work():
        with db.transaction():
            db.guild.create(guild_id=76)
            begun.set()
            closed.wait(10)

    with ThreadPoolExecutor(1) as threads:
        with SyncDatabase(url) as db:
            late = threads.submit(work)
            assert begun.wait(10)
        closed.set()
        with pytest.raises(DatabaseConnectionError, match="not open"):
            late.result(10)
    with SyncDatabase(url) as db:
        assert db.guild.count() == 0


FORKS = """
import os, signal, sys
from tux import SyncDatabase
from tux.errors import DatabaseConnectionError

def refused(call):
    try:
        call()
    except DatabaseConnectionError as error:
        return "forked this one" in str(error)

with SyncDatabase(sys.argv[1]) as db:
    rows = db.guild.iterate(batch_size=1)
    db.guild.create(guild_id=1)
    next(rows)
    with db.transaction():
        db.guild.create(guild_id=2)
        child = os.fork()
        if child == 0:
            signal.alarm(20)
            assert refused(db.guild.count) and refused(lambda: next(rows)) and refused(db.transaction)
            sys.exit(7)  # leaves both blocks, and runs what is registered for the end
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 7
    assert db.guild.count() == 2
"""


def test_a_forked_process_is_told_to_open_its_own_and_leaves_the_parents_alone(url, clean):
    ran = subprocess.run(
        [sys.executable, "-c", FORKS, url], cwd=find_root(), capture_output=True, text=True, timeout=60, check=False
    )
    assert ran.returncode == 0, ran.stderr


def test_an_error_in_the_block_closes_everything(url):
    with pytest.raises(KeyboardInterrupt), SyncDatabase(url) as db, db.transaction():
        db.guild.create(guild_id=77)
        raise KeyboardInterrupt
    assert portals() == []
    with SyncDatabase(url) as db:
        assert not db.guild.exists({"guild_id": 77})


@pytest.mark.parametrize(
    ("ending", "code", "says"),
    [
        ("pass", 0, ""),
        ("sys.exit(3)", 3, ""),
        ("raise LookupError('lost')", 1, "LookupError: lost"),
        ("scope = db.transaction(); scope.__enter__(); db.guild.create(guild_id=78)", 0, ""),
    ],
)
def test_a_program_that_never_leaves_the_block_ends_cleanly(url, ending, code, says):
    script = f"import sys, tux\ndb = tux.SyncDatabase({url!r}).__enter__()\nprint(db.guild.count())\n{ending}\n"
    command = [sys.executable, "-W", "error", "-c", script]
    environment = os.environ | {"TUX_ROOT": str(find_root())}
    ended = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=30, check=False)
    assert ended.returncode == code, ended.stderr
    errors = [line for line in ended.stderr.splitlines() if " | " not in line]  # what remains is no log
    assert says in "\n".join(errors)
    if not says:
        assert errors == []
    with SyncDatabase(url) as db:
        assert not db.guild.exists({"guild_id": 78})
