"""Starts a PostgreSQL on a folder: makes its data when there are none, clears what a crash left, hands over to a keeper."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

from loguru import logger

from tux.database.account import Account, choose_account, copy_binaries, place_elsewhere
from tux.database.binaries import find_binaries
from tux.database.locks import open_private
from tux.errors import DatabaseConnectionError

SOCKET = ".s.PGSQL.5432"
LONGEST_SOCKET_BYTES = 100  # sun_path holds 104 on macOS, 108 on Linux
LONGEST_LOG_BYTES = 512 * 1024
KEPT_VARIABLES = ("PATH", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH", "TMPDIR")  # no token and no PG* setting goes in
FAILURE_MARKS = ("FATAL:", "PANIC:", "error:")
EARLY_CALLER = "FATAL:  the database system is "  # starting up, shutting down: the answer to us

SETTINGS = {
    "listen_addresses": "",
    "port": "5432",
    "unix_socket_permissions": "0700",
    "logging_collector": "off",
    "log_timezone": "UTC",
    "timezone": "UTC",
    "lc_messages": "C",
    "log_min_messages": "log",  # statements that fail are the bot's to report; their text may be a member's
    "log_min_error_statement": "panic",
    "log_checkpoints": "off",
}
TEST_SETTINGS = {
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "autovacuum": "off",
    "jit": "off",
    "max_wal_size": "4GB",
    "checkpoint_timeout": "1d",
    "dynamic_shared_memory_type": "mmap",  # in the data folder, so that it goes with it
}


@dataclass(frozen=True)
class Site:
    """What one start has settled: the account, the binaries, and where data and sockets go."""

    home: Path
    account: Account
    binaries: Path
    version: int
    elsewhere: Path | None
    test: bool

    def data(self) -> Path:
        """Return the data folder, made by initdb when it is new."""
        link = self.home / f"data-{self.version}"
        if link.exists():
            data = link.resolve()
        else:
            self._warn_of_others()
            data = self._make_data((self.elsewhere or self.home) / link.name)
            if self.elsewhere:
                link.symlink_to(data)
        self.account.own(data)
        return data

    def _warn_of_others(self) -> None:
        others = [path.name for path in self.home.glob("data-*") if path.name.removeprefix("data-").isdigit()]
        if others:
            logger.warning(
                "PostgreSQL {} starts with no data: {} in {} is of another version; "
                "set TUX_PG_BIN to that version's bin folder to reach it",
                self.version,
                ", ".join(sorted(others)),
                self.home,
            )

    def _make_data(self, data: Path) -> Path:
        """Run initdb in a folder of its own and rename it, so that a killed one leaves nothing that looks whole."""
        for left in data.parent.glob("data-*.new-*"):
            shutil.rmtree(left, ignore_errors=True)
        if data.exists():
            return data
        fresh = Path(tempfile.mkdtemp(prefix=f"{data.name}.new-", dir=data.parent))
        self.account.own(fresh)
        words: list[str | Path] = [self.binaries / "initdb", "-D", fresh, "-U", "postgres", "-A", "trust", "-E", "UTF8"]
        words += ["--locale=C.UTF-8"] if sys.platform == "linux" else ["--locale=C", "--lc-ctype=UTF-8"]
        words += ["--no-instructions", *(["--no-sync"] if self.test else [])]
        result = subprocess.run(  # noqa: S603 - our own script
            self.account.command("run", *words), capture_output=True, text=True, check=False, cwd="/", env=environment()
        )
        if result.returncode:
            shutil.rmtree(fresh, ignore_errors=True)
            reason = last_words(result.stderr or result.stdout)
            raise DatabaseConnectionError(f"the local PostgreSQL could not make its data in {data.parent}: {reason}")
        return fresh.rename(data)

    def sockets(self) -> Path:
        """Return the folder for the socket, empty; a short one elsewhere when the own path is too long."""
        own = self.home / "socket"
        if own.is_symlink():
            own.unlink()
        if len(os.fsencode(own / SOCKET)) <= LONGEST_SOCKET_BYTES and "," not in str(own) and not self.elsewhere:
            own.mkdir(mode=0o700, exist_ok=True)
            for left in own.glob(f"{SOCKET}*"):
                left.unlink()
            folder = own
        else:
            shutil.rmtree(own, ignore_errors=True)
            short = Path(tempfile.gettempdir())
            folder = Path(tempfile.mkdtemp(prefix="tux-", dir=short if len(os.fsencode(short)) < 50 else "/tmp"))  # noqa: S108, PLR2004 - mkdtemp makes it private
            own.symlink_to(folder)
        self.account.own(folder)
        return folder


def launch(home: Path, running: int, *, test: bool, remove: bool) -> None:
    """Start a keeper with a server; it may not answer yet when this returns.

    `running` is the descriptor of the locked file that the server inherits; the caller has made sure that no other server
    is at work here.

    Raises:
        DatabaseConnectionError: there are no binaries, or no account to run them, or the data could not be made.
    """
    binaries = find_binaries()
    postgres = binaries.folder / "postgres"
    account, hidden = choose_account(home, postgres, home.parent)
    folder = copy_binaries(binaries.folder) if postgres in hidden else binaries.folder
    elsewhere = place_elsewhere(home) if home.parent in hidden else None
    if account.mode == "plain" and not home.stat().st_uid:
        home.chmod(0o711)  # nobody passes through to what is its own
    site = Site(home, account, folder, binaries.major_version(), elsewhere, test)
    data, sockets = site.data(), site.sockets()
    drop_stale_pid(data)
    quoted = str(sockets).replace('"', '""')
    settings = {**SETTINGS, **(TEST_SETTINGS if test else {}), "unix_socket_directories": f'"{quoted}"'}
    options = [word for name, value in settings.items() for word in ("-c", f"{name}={value}")]
    command = account.command("keep", home, "1" if remove else "0", folder / "postgres", "-D", data, *options)
    log = open_log(home / "log")
    try:
        subprocess.run(  # noqa: S603 - our own script
            command,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            pass_fds=(running,),
            start_new_session=True,
            check=False,
            cwd="/",
            env=environment(),
        )
    finally:
        os.close(log)


def environment() -> dict[str, str]:
    """Return the few variables that PostgreSQL gets."""
    kept = {name: os.environ[name] for name in KEPT_VARIABLES if name in os.environ}
    return {**kept, "LC_ALL": "C", "TZ": "UTC"}


def drop_stale_pid(data: Path) -> None:
    """Remove a crashed server's pid file when its number belongs to some other program now.

    PostgreSQL itself sees when the number is free, but takes any living process of the same user for a server: in a
    container, where numbers repeat, it would never start again. A server works in its data folder, so the kernel tells.
    """
    file = data / "postmaster.pid"
    try:
        pid = int(file.read_text(encoding="utf-8").split()[0])
        stale = Path(f"/proc/{pid}/cwd").readlink() != data
    except OSError:  # no file; or the number is free, which PostgreSQL handles; or no /proc
        return
    except (ValueError, IndexError):  # cut short by a full disk
        stale = True
    if stale:
        file.unlink()


def open_log(path: Path) -> int:
    """Return a descriptor that appends to the log; a long one is put aside first, replacing the last such."""
    if path.exists() and path.stat().st_size > LONGEST_LOG_BYTES:
        path.replace(path.with_suffix(".old"))
    return open_private(path, os.O_APPEND)


def last_words(log: str) -> str:
    """Return the line of a log that says why PostgreSQL ended, without what stands before the reason."""
    lines = [line.strip() for line in log.splitlines() if line.strip() and EARLY_CALLER not in line]
    telling = [line for line in lines if any(mark in line for mark in FAILURE_MARKS)]
    line = (telling or lines or ["it left no message"])[-1]
    mark = next((mark for mark in FAILURE_MARKS if mark in line), "")
    return line.partition(mark)[2].strip() if mark else line
