"""Runs PostgreSQL under an account that it accepts, and stops it when its last user is gone.

A script of its own, `python -I -S keeper.py MODE UID GID VERB ...`, on the standard library alone: it outlives the
process that started it. Its verbs:

    reach PATH...                   print the paths that the account cannot enter
    run COMMAND...                  run a command that dies with the caller
    keep FOLDER REMOVE COMMAND...   run the server until nobody holds FOLDER/lease; REMOVE is 1 to delete FOLDER then

MODE is `none` (stay who we are), `plain` (change to UID and GID) or `userns` (a user namespace in which root is UID: the
files stay root's). PostgreSQL refuses to run as root, so root needs one of the latter two.
"""

from __future__ import annotations

import contextlib
import ctypes
import fcntl
import os
import shutil
import signal
import sys
import threading
from pathlib import Path

CLONE_NEWUSER = 0x10000000  # linux/sched.h
PR_SET_PDEATHSIG = 1  # linux/prctl.h
# A fast shutdown writes a checkpoint; on a slow disk the next start replays the log instead, which loses nothing.
STOP_SIGNALS = ((signal.SIGINT, 1.2), (signal.SIGQUIT, 5.0), (signal.SIGKILL, 5.0))


def become(mode: str, uid: int, gid: int) -> None:
    """Change the account of this process for good."""
    if mode == "userns":
        if ctypes.CDLL(None, use_errno=True).unshare(CLONE_NEWUSER):
            raise OSError(ctypes.get_errno(), "unshare(CLONE_NEWUSER)")
        for name, text in (("setgroups", "deny"), ("uid_map", f"{uid} 0 1"), ("gid_map", f"{gid} 0 1")):
            Path("/proc/self", name).write_text(text, encoding="ascii")
    elif mode == "plain":
        os.setgroups([gid])
        os.setresgid(gid, gid, gid)
        os.setresuid(uid, uid, uid)


def die_with(parent: int, number: signal.Signals) -> None:
    """Ask Linux to send this process a signal when its parent dies; elsewhere nothing does."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, int(number), 0, 0, 0)
        if os.getppid() != parent:
            os._exit(1)


def run(account: tuple[str, int, int], command: list[str], on_death: signal.Signals) -> None:
    """Replace this process by the command, under the account; exits 127 when that fails."""
    parent = os.getppid()
    try:
        become(*account)
        die_with(parent, on_death)  # a change of account resets it, so it comes second
        os.execv(command[0], command)  # noqa: S606 - no shell is wanted
    except OSError as error:
        sys.stderr.write(f"FATAL:  {command[0]}: {error}\n")
        sys.stderr.flush()
        os._exit(127)


def keep(account: tuple[str, int, int], folder: Path, *, remove: bool, command: list[str]) -> int:
    """Run the server until the last shared lock on the lease drops; return its exit code.

    The kernel drops a lock when its holder dies, however it dies. The server inherits FOLDER/running, locked by the
    caller, so that lock is free again only when its last process is gone.
    """
    for number in (signal.SIGINT, signal.SIGHUP):  # Ctrl-C and a closed terminal are for the bot
        signal.signal(number, signal.SIG_IGN)
    if os.fork():
        os._exit(0)  # the caller reaps this one; the keeper itself belongs to init
    lease = os.open(folder / "lease", os.O_RDWR | os.O_NOFOLLOW)
    server = os.fork()
    if not server:
        for number in (signal.SIGINT, signal.SIGHUP):
            signal.signal(number, signal.SIG_DFL)
        run(account, command, on_death=signal.SIGINT)
    ended, unused = threading.Event(), threading.Event()

    def watch() -> None:
        fcntl.flock(lease, fcntl.LOCK_EX)  # waits while any client lives
        unused.set()
        stop(server, ended)

    def stop_too(*_: object) -> None:
        threading.Thread(target=stop, args=(server, ended), daemon=True).start()

    threading.Thread(target=watch, daemon=True).start()
    signal.signal(signal.SIGTERM, stop_too)
    status = os.waitpid(server, 0)[1]
    ended.set()
    if unused.is_set():
        clean(folder, remove=remove)
    return os.waitstatus_to_exitcode(status) & 0xFF


def stop(server: int, ended: threading.Event) -> None:
    """Ask the server to stop, ever more firmly, until it has ended."""
    for number, patience in STOP_SIGNALS:
        if not ended.is_set():
            os.kill(server, number)
            ended.wait(patience)


def clean(folder: Path, *, remove: bool) -> None:
    """Remove what must not outlive the server: a socket folder elsewhere, and everything when asked."""
    for link in folder.glob("*" if remove else "socket"):
        if link.is_symlink():
            shutil.rmtree(link.resolve(), ignore_errors=True)
            link.unlink()
    if remove:
        gone = folder.with_name(f"{folder.name}.gone-{os.getpid()}")
        folder.rename(gone)  # at once, so that a newcomer makes a new one and never meets half of this one
        shutil.rmtree(gone, ignore_errors=True)
        with contextlib.suppress(OSError):  # something else lies there too
            folder.parent.rmdir()


def main(mode: str, uid: str, gid: str, verb: str, *rest: str) -> int:
    """Do one verb; return the exit code."""
    account = (mode, int(uid), int(gid))
    if verb == "reach":
        become(*account)
        hidden = [path for path in rest if not os.access(path, os.X_OK)]
        sys.stdout.write("\n".join(hidden))
        sys.stdout.flush()
    elif verb == "run":
        run(account, list(rest), on_death=signal.SIGKILL)
    else:
        folder, remove, *command = rest
        return keep(account, Path(folder), remove=remove == "1", command=command)
    return 0


if __name__ == "__main__":
    os._exit(main(*sys.argv[1:]))
