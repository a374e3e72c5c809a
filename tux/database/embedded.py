"""The local PostgreSQL: starts by itself, is shared by all processes of a project, and goes when the last one ends.

Each client holds a shared lock on a lease file. A keeper process (`keeper.py`) waits for the moment when nobody holds
it, which the kernel tells even after `kill -9`, and stops the server then. The server listens on a socket in a private
folder only, never on the network, so it needs no password.

Linux and macOS (there, no test has run, and a killed keeper leaves its server to the next one); on Windows it refuses
with a sentence: set DATABASE_URL.
"""

from __future__ import annotations

import os
import socket
import struct
import sys
import time
from typing import TYPE_CHECKING, Self, TypedDict
from urllib.parse import quote

import asyncpg

from tux.database import locks
from tux.database.binaries import find_binaries
from tux.database.launch import SOCKET, last_words, launch
from tux.errors import DatabaseConnectionError

if TYPE_CHECKING:
    from pathlib import Path
    from types import TracebackType

USER = "postgres"
PORT = 5432
PROTOCOL = 196608  # version 3.0, https://www.postgresql.org/docs/current/protocol-message-formats.html
TERMINATE = b"X\0\0\0\4"
ANSWER_SECONDS = 2.0


class Credentials(TypedDict):
    """What asyncpg and Tortoise need to connect; `host` is the folder of the socket."""

    host: str
    port: int
    user: str
    database: str


class LocalServer:
    """A PostgreSQL whose data lie in `folder`/postgres; many of these, in any process, share the one server.

    With `test` nothing is written safely to disk; with `remove` the data go with the last user. Both hold for the one
    that starts the server. A context manager: starts on the way in, gives up its lease on the way out.
    """

    def __init__(self, folder: Path, *, test: bool = False, remove: bool = False) -> None:
        self.home = folder.expanduser().absolute() / "postgres"
        self._test = test
        self._remove = remove
        self._lease: int | None = None

    def start(self, timeout: float = 30.0) -> Self:
        """Join the running server or start one, and hold a lease on it; blocks until it answers, `timeout` seconds at most.

        Raises:
            DatabaseConnectionError: it cannot start; one sentence says why and what to do.
        """
        if self._lease is not None:
            return self
        answering = False
        try:
            self._start(time.monotonic() + timeout)
            answering = True
        except DatabaseConnectionError:  # an OSError too
            raise
        except OSError as error:
            raise DatabaseConnectionError(self._explain(error, timeout)) from error
        finally:
            if not answering:
                self.stop()
        return self

    def stop(self) -> None:
        """Give up the lease; the server stops when nobody holds one any more."""
        lease, self._lease = self._lease, None
        if lease is not None:
            os.close(lease)

    def credentials(self, database: str) -> Credentials:
        """Return what a driver needs to connect to a database of the running server."""
        return {"host": str(self._sockets()), "port": PORT, "user": USER, "database": database}

    def url(self, database: str) -> str:
        """Return the URL of a database of the running server."""
        return f"postgresql://{USER}@/{quote(database)}?host={quote(str(self._sockets()))}"

    async def create_database(self, name: str) -> None:
        """Create a database of the running server unless it exists; any number of processes may do so at once."""
        connection = await asyncpg.connect(**self.credentials("postgres"))
        try:
            if not await connection.fetchval("SELECT 1 FROM pg_database WHERE datname = $1", name):
                quoted = name.replace('"', '""')
                await connection.execute(f'CREATE DATABASE "{quoted}" TEMPLATE template0')
        except (asyncpg.DuplicateDatabaseError, asyncpg.UniqueViolationError):
            return  # somebody was faster
        finally:
            await connection.close()

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def _start(self, deadline: float) -> None:
        if sys.platform == "win32":
            raise DatabaseConnectionError("the local PostgreSQL runs on Linux and macOS only: set DATABASE_URL")
        self._claim_home()
        self._lease = locks.take_lease(self.home / "lease", deadline)
        with locks.locked(self.home / "starting", deadline):
            running = locks.open_private(self.home / "running")
            try:
                if self._needs_launch(running, deadline):
                    launch(self.home, running, test=self._test, remove=self._remove)
            finally:
                os.close(running)
            self._await_answer(deadline)

    def _claim_home(self) -> None:
        """Make the folder private to us.

        Raises:
            DatabaseConnectionError: it is somebody else's.
        """
        self.home.mkdir(mode=0o700, parents=True, exist_ok=True)
        owner = self.home.stat().st_uid
        if os.geteuid() not in {0, owner}:
            raise DatabaseConnectionError(
                f"{self.home} belongs to user {owner} and you are user {os.geteuid()}: "
                "give it to yourself (chown -R) or remove it, or set DATABASE_URL"
            )
        if self.home.stat().st_mode & 0o066:
            self.home.chmod(0o700)

    def _needs_launch(self, running: int, deadline: float) -> bool:
        """Tell whether there is no server, having locked `running` then; waits for one that is coming or going."""
        while not is_answering(self._sockets()):
            if locks.try_lock(running):
                return True
            _pause(deadline)
        return False

    def _await_answer(self, deadline: float) -> None:
        running = locks.open_private(self.home / "running")
        try:
            while not is_answering(self._sockets()):
                if locks.try_lock(running):
                    log = self.home / "log"
                    reason = last_words(log.read_text(encoding="utf-8", errors="replace"))
                    raise DatabaseConnectionError(f"the local PostgreSQL did not start: {reason} (the log is {log})")
                _pause(deadline)
        finally:
            os.close(running)

    def _sockets(self) -> Path:
        folder = self.home / "socket"
        return folder.readlink() if folder.is_symlink() else folder

    def _explain(self, error: OSError, timeout: float) -> str:
        if isinstance(error, TimeoutError):
            return f"the local PostgreSQL in {self.home} did not answer within {timeout:g} s: see the log there"
        reason = error.strerror or error
        return (
            f"the local PostgreSQL cannot use {error.filename or self.home}: {reason}; mend that, or set DATABASE_URL"
        )


def tools() -> Path:
    """Return the folder of `pg_dump`, `psql` and the other tools that come with the local server.

    Raises:
        DatabaseConnectionError: there are none; the message says what to install.
    """
    return find_binaries().folder


def is_answering(sockets: Path) -> bool:
    """Tell whether a server on a socket folder opens sessions; one that is starting or stopping does not yet or any more."""
    hello = struct.pack("!i", PROTOCOL) + b"user\0postgres\0database\0postgres\0\0"
    with socket.socket(socket.AF_UNIX) as client:
        client.settimeout(ANSWER_SECONDS)
        try:
            client.connect(str(sockets / SOCKET))
            client.sendall(struct.pack("!i", len(hello) + 4) + hello)
            answer = client.recv(1024)
            client.sendall(TERMINATE)
        except OSError:
            return False
    return answer[:1] == b"R" or (answer[:1] == b"E" and b"\0C57P0" not in answer)  # 57P01 to 57P03: going or coming


def _pause(deadline: float) -> None:
    if time.monotonic() >= deadline:
        raise TimeoutError
    time.sleep(locks.POLL_SECONDS)
