"""File locks of the local PostgreSQL: the kernel drops them when their holder dies, however it dies."""

from __future__ import annotations

import os
import sys
import time
from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING

if sys.platform != "win32":
    import fcntl

if TYPE_CHECKING:
    from collections.abc import Generator
    from pathlib import Path

POLL_SECONDS = 0.01


def open_private(path: Path, flags: int = 0) -> int:
    """Open a file that only its folder's owner may read, made when missing; return the descriptor."""
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC | flags, 0o600)
    if not os.geteuid():
        owner = path.parent.stat()
        os.fchown(descriptor, owner.st_uid, owner.st_gid)
    return descriptor


def try_lock(descriptor: int, *, shared: bool = False) -> bool:
    """Lock an open file if that needs no waiting; say whether it is locked now."""
    try:
        fcntl.flock(descriptor, (fcntl.LOCK_SH if shared else fcntl.LOCK_EX) | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def wait_lock(descriptor: int, deadline: float, *, shared: bool = False) -> None:
    """Lock an open file, waiting until the deadline (of `time.monotonic`).

    Raises:
        TimeoutError: somebody else kept it locked.
    """
    while not try_lock(descriptor, shared=shared):
        if time.monotonic() >= deadline:
            raise TimeoutError
        time.sleep(POLL_SECONDS)


@contextmanager
def locked(path: Path, deadline: float) -> Generator[None]:
    """Hold a lock on a file inside the block."""
    descriptor = open_private(path)
    try:
        wait_lock(descriptor, deadline)
        yield
    finally:
        os.close(descriptor)


def take_lease(path: Path, deadline: float) -> int:
    """Share the lock of a lease file and return its descriptor; closing it gives the lease up.

    A server that is removed takes its lease file along, so the file that was locked must still be the one at the path.
    """
    while True:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with ExitStack() as unless_ours:
            descriptor = open_private(path)
            unless_ours.callback(os.close, descriptor)
            wait_lock(descriptor, deadline, shared=True)
            if _is_same(path, descriptor):
                unless_ours.pop_all()
                return descriptor


def _is_same(path: Path, descriptor: int) -> bool:
    try:
        return os.path.samestat(path.stat(), os.fstat(descriptor))
    except FileNotFoundError:
        return False
