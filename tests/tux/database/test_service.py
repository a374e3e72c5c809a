"""The database service: connecting and what can be wrong there, raw SQL, sessions, health, two databases at once."""

from __future__ import annotations

import asyncio
import shutil
import traceback

import asyncpg
import pytest
from tortoise.context import get_current_context

from tux.database import launch
from tux.database.embedded import LocalServer
from tux.database.engine import active_client
from tux.database.service import DatabaseConnectionError, DatabaseService
from tux.errors import NoEquivalent, SettingsError, TransactionMisuse, TuxError
from tux.settings import DatabaseSettings, Settings

OWNER = "INSERT INTO owners (name) VALUES ($1)"


async def refusal(service, url):
    with pytest.raises(DatabaseConnectionError) as caught:
        await service.connect(url)
    assert not service.is_connected()
    assert service.url_label == ""
    text = "".join(traceback.format_exception(caught.value))
    assert "wrongpw" not in text
    return str(caught.value)


# Connecting


async def test_connect_and_disconnect_outside_of_a_project(url, monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    for name in ("TUX_ROOT", "TUX_ENV", "DATABASE_URL"):
        monkeypatch.delenv(name, raising=False)
    service = DatabaseService()
    assert not service.is_connected()
    await service.connect(url)
    assert service.is_connected()
    assert await service.fetch("SELECT 1")
    assert service.url_label.endswith(":5432/engine")
    await service.disconnect()
    await service.disconnect()
    assert not service.is_connected()


async def test_connect_outside_of_a_project_without_a_url_says_what_is_missing(monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    for name in ("TUX_ROOT", "TUX_ENV", "DATABASE_URL"):
        monkeypatch.delenv(name, raising=False)
    with pytest.raises(SettingsError, match=r"tux\.toml"):
        await DatabaseService().connect()


async def test_the_url_of_the_environment_is_enough_outside_of_a_project(url, monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("TUX_ROOT", raising=False)
    monkeypatch.setenv("DATABASE_URL", url)
    service = DatabaseService()
    await service.connect()
    assert service.is_connected()
    await service.disconnect()


async def test_a_dead_port_is_named(unused_tcp_port):
    message = await refusal(DatabaseService(), f"postgresql://ann:wrongpw@127.0.0.1:{unused_tcp_port}/tux")
    assert message.startswith(f"cannot connect to 127.0.0.1:{unused_tcp_port}/tux: nobody listens there")


async def test_a_dead_port_of_a_host_with_several_addresses_is_named(unused_tcp_port):
    message = await refusal(DatabaseService(), f"postgresql://ann:wrongpw@localhost:{unused_tcp_port}/tux")
    assert "nobody listens there" in message


async def test_an_unknown_host_is_named():
    message = await refusal(DatabaseService(), "postgresql://ann:wrongpw@nowhere.invalid/tux")
    assert message == "cannot connect to nowhere.invalid:5432/tux: the host name is unknown; correct the URL"


async def test_a_missing_socket_is_named(tmp_path):
    message = await refusal(DatabaseService(), f"postgresql://ann:wrongpw@/tux?host={tmp_path}")
    assert "there is no socket" in message


async def test_what_the_system_says_of_a_host_is_passed_on(tmp_path):
    (tmp_path / "file").touch()
    message = await refusal(DatabaseService(), f"postgresql://ann:wrongpw@/tux?host={tmp_path / 'file'}")
    assert message.endswith(": Not a directory")


async def test_a_wrong_password_is_refused_at_once(url_as):
    started = asyncio.get_running_loop().time()
    message = await refusal(DatabaseService(), url_as("locked", "wrongpw"))
    assert "user 'locked' was refused" in message
    assert asyncio.get_running_loop().time() - started < 0.25
    service = DatabaseService()
    await service.connect(url_as("locked", "sesame"))
    await service.disconnect()


async def test_an_unknown_database_is_named(url_as):
    message = await refusal(DatabaseService(), url_as(database="nowhere"))
    assert "/nowhere: the database does not exist" in message


async def test_a_host_that_stays_silent_is_given_up(connect):
    async def listen(reader, writer):
        await reader.read()
        writer.close()

    async with await asyncio.start_server(listen, "127.0.0.1", 0) as silent:
        port = silent.sockets[0].getsockname()[1]
        with pytest.raises(DatabaseConnectionError, match="no answer in time"):
            async with connect(f"postgresql://127.0.0.1:{port}/x?sslmode=disable", connect_timeout=0.1):
                pytest.fail("nobody answered")


async def test_a_server_without_a_free_connection_gets_a_moment(url_as):
    first = await asyncpg.connect(url_as("crowded"))
    asyncio.get_running_loop().call_later(0.2, lambda: asyncio.ensure_future(first.close()))
    service = DatabaseService()
    await service.connect(url_as("crowded"))
    assert service.is_connected()
    await service.disconnect()


async def test_a_server_that_stays_full_is_named(url_as):
    first = await asyncpg.connect(url_as("crowded"))
    message = await refusal(DatabaseService(), url_as("crowded"))
    await first.close()
    assert "no free connection" in message


async def test_connecting_twice_is_fine_and_elsewhere_is_refused(service, url, url_as):
    await service.connect(url)
    with pytest.raises(DatabaseConnectionError, match="already"):
        await service.connect(url_as(database="postgres"))
    assert await service.fetch("SELECT 1")


async def test_a_failed_connect_leaves_nothing_behind(url, unused_tcp_port):
    before = get_current_context()  # the whole run has a database open; alone, there is none
    service = DatabaseService()
    await refusal(service, f"postgresql://127.0.0.1:{unused_tcp_port}/tux")
    assert get_current_context() is before
    await service.connect(url)
    assert await service.fetch("SELECT 1")
    await service.disconnect()


async def test_nothing_runs_before_connect_or_after_disconnect(url):
    service = DatabaseService()
    for _ in range(2):
        with pytest.raises(DatabaseConnectionError, match="not connected"):
            await service.fetch("SELECT 1")
        with pytest.raises(DatabaseConnectionError, match="not connected"):
            async with service.transaction():
                pytest.fail("there is no database")
        with pytest.raises(DatabaseConnectionError, match="not connected"):
            await service.health()
        await service.connect(url)
        await service.disconnect()


async def test_a_service_can_be_connected_again(url):
    service = DatabaseService()
    for _ in range(2):
        await service.connect(url)
        assert await service.fetch("SELECT 1")
        await service.disconnect()


# Statements


async def test_raw_sql_takes_parameters(service):
    assert await service.execute("INSERT INTO owners (name) SELECT unnest($1::text[])", ["ann", "bob"]) == 2
    rows = await service.fetch("SELECT name FROM owners WHERE name = $1", "bob'; DROP TABLE owners; --")
    assert rows == []
    assert (await service.fetch_one("SELECT name FROM owners WHERE name = $1", "bob"))["name"] == "bob"
    assert await service.fetch_one("SELECT 1 FROM owners WHERE name = $1", "cid") is None


async def test_a_session_commits_at_its_end_and_is_over_then(service):
    async with service.session() as session:
        assert await session.execute(OWNER, "ann") == 1
        assert (await session.fetch_one("SELECT name FROM owners"))["name"] == "ann"
    assert len(await service.fetch("SELECT 1 FROM owners")) == 1
    with pytest.raises(TransactionMisuse, match="over"):
        await session.execute(OWNER, "bob")


@pytest.mark.parametrize(
    "word", ["add", "merge", "commit", "flush", "refresh", "rollback", "scalars", "exec", "query", "delete"]
)
async def test_words_of_sqlalchemy_are_translated(service, word):
    async with service.session() as session:
        with pytest.raises(NoEquivalent, match=f"session.{word} does not exist") as caught:
            getattr(session, word)
        assert isinstance(caught.value, TuxError)


async def test_any_other_word_is_a_plain_attribute_error(service):
    async with service.session() as session:
        assert not hasattr(session, "fetchall")


async def test_health_tells_server_and_pool(url, connect):
    async with connect(url, pool_max_size=3, application_name="probe") as service:
        health = await service.health()
        assert 0 < health.latency_seconds < 1
        assert (health.database, health.application_name, health.role) == ("engine", "probe", "primary")
        assert int(health.server_version.partition(".")[0]) >= 13
        assert (health.pool_size, health.pool_free, health.pool_max, health.pool_waiting) == (1, 1, 3, 0)
        async with service.transaction():
            busy = await service.health()
        assert (busy.pool_size, busy.pool_free) == (2, 1)


async def test_health_knows_a_replica(tmp_path, connect, monkeypatch):
    """A server with standby.signal only follows: it answers reads and refuses writes."""
    monkeypatch.setitem(launch.TEST_SETTINGS, "wal_level", "replica")
    with LocalServer(tmp_path, test=True) as server:
        await server.create_database("followed")
        [data] = tmp_path.glob("postgres/data-*")
    while (data / "postmaster.pid").exists():  # noqa: ASYNC110 - the keeper is another process
        await asyncio.sleep(0.02)
    (data / "standby.signal").touch()
    shutil.chown(data / "standby.signal", data.owner(), data.group())
    with LocalServer(tmp_path, test=True) as server:
        async with connect(server.url("followed")) as service:
            assert (await service.health()).role == "replica"
            with pytest.raises(TransactionMisuse, match="read-only"):
                await service.execute("CREATE TABLE refused (i int)")


@pytest.mark.parametrize(
    ("applied", "status"),
    [([], "empty"), (["1_b.py"], "diverged"), (["0_a.py"], "behind"), (["0_a.py", "1_b.py", "2_c.py"], "ahead")],
)
async def test_health_compares_the_schema_with_the_projects_migrations(server, tmp_path, applied, status):
    files = tmp_path / "migrations" / "models"
    files.mkdir(parents=True)
    name = f"compared_{len(applied)}_{status}"
    await server.create_database(name)
    service = DatabaseService(Settings(root=tmp_path))
    await service.connect(server.url(name))
    try:
        assert (await service.health()).schema is None
        for file in ("0_a.py", "1_b.py" if status == "ahead" else "1_c.py"):
            (files / file).touch()
        assert (await service.health()).schema == "empty"
        await service.execute("CREATE TABLE aerich (id serial, version text, app text)")
        await service.execute("INSERT INTO aerich (version, app) SELECT unnest($1::text[]), 'models'", applied)
        assert (await service.health()).schema == status
    finally:
        await service.disconnect()


# Settings

SENT = {
    "statement_timeout": (7.5, "statement_timeout", "7500ms"),
    "lock_timeout": (2, "lock_timeout", "2s"),
    "idle_in_transaction_timeout": (90, "idle_in_transaction_session_timeout", "90s"),
    "application_name": ("settled", "application_name", "settled"),
}
# Seen elsewhere: what a client does by its own clock, the start of the bot, and migrations.
ELSEWHERE = {"acquire_timeout", "connect_timeout", "recycle_after", "auto_upgrade", "migration_lock_seconds"}


@pytest.mark.parametrize("name", SENT)
async def test_a_setting_of_the_server_reaches_it(url, connect, name):
    value, parameter, shown = SENT[name]
    async with connect(url, **{name: value}) as service:
        row = await service.fetch_one("SELECT current_setting($1) AS shown", parameter)
    assert row["shown"] == shown


async def test_a_limit_of_0_leaves_the_servers_own(url, connect):
    async with connect(url, statement_timeout=0, lock_timeout=0, idle_in_transaction_timeout=0) as service:
        for parameter in ("statement_timeout", "lock_timeout", "idle_in_transaction_session_timeout"):
            assert (await service.fetch_one("SELECT current_setting($1) AS shown", parameter))["shown"] == "0"


async def test_the_pool_keeps_its_least_and_its_most_connections(url, connect, admin):
    sessions = "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'sized'"
    async with connect(url, pool_min_size=2, pool_max_size=3, application_name="sized") as service:
        assert await admin.fetchval(sessions) == 2
        await asyncio.gather(*(service.fetch("SELECT pg_sleep(0.02)") for _ in range(9)))
        assert await admin.fetchval(sessions) == 3


@pytest.mark.parametrize(("size", "kept"), [(0, 0), (2, 2), (1000, 5)])
async def test_prepared_statements_are_kept_as_many_as_asked(url, connect, size, kept):
    async with connect(url, pool_max_size=1, statement_cache_size=size) as service:
        for number in range(5):
            await service.fetch(f"SELECT {number}")
        own = "SELECT count(*) AS n FROM pg_prepared_statements WHERE statement ~ '^SELECT [0-9]$'"
        assert abs((await service.fetch_one(own))["n"] - kept) <= (size == 2)


def test_no_setting_of_the_database_is_without_a_test():
    tried = {*SENT, *ELSEWHERE, "pool_min_size", "pool_max_size", "statement_cache_size"}
    assert set(DatabaseSettings.model_fields) <= tried


# Contexts


async def test_tasks_made_before_connect_see_the_database(url):
    ready = asyncio.Event()

    async def early():
        await ready.wait()
        return await active_client().fetch("SELECT 1 AS one")

    task = asyncio.create_task(early())
    await asyncio.sleep(0)
    service = DatabaseService()
    await service.connect(url)
    ready.set()
    try:
        assert (await task)[0]["one"] == 1
    finally:
        await service.disconnect()


async def test_connect_in_a_child_task_is_seen_by_its_parent(url):
    before = get_current_context()
    service = DatabaseService()
    await asyncio.create_task(service.connect(url))
    try:
        assert await active_client().fetch("SELECT 1")
        if before is None:  # else the run's own database is what stray tasks see
            assert get_current_context() is not None
    finally:
        await service.disconnect()
    assert get_current_context() is before


async def test_two_databases_work_when_each_is_used_from_its_own_task(url, url_as):
    both = asyncio.Barrier(2)

    async def use(address, name):
        service = DatabaseService()
        await service.connect(address)
        try:
            await both.wait()
            async with service.transaction():
                row = await active_client().fetch_row("SELECT current_database()::text AS name")
                await both.wait()
            assert row["name"] == name == (await service.health()).database
        finally:
            await service.disconnect()

    await asyncio.gather(use(url, "engine"), use(url_as(database="postgres"), "postgres"))


async def test_a_service_used_from_the_task_of_another_reaches_its_own_database(service, url_as):
    other = DatabaseService()
    await asyncio.create_task(other.connect(url_as(database="postgres")))
    name = "SELECT current_database()::text AS name"
    try:
        async with service.transaction() as session:
            assert (await other.fetch_one(name))["name"] == "postgres"
            async with other.transaction() as inner:
                assert (await inner.fetch_one(name))["name"] == "postgres"
                assert (await active_client().fetch_row(name))["name"] == "postgres"
            assert (await session.fetch_one(name))["name"] == "engine"
            assert (await active_client().fetch_row(name))["name"] == "engine"
    finally:
        await other.disconnect()
