"""Who runs PostgreSQL: we ourselves, or, as it refuses root, an account that root can take on.

Root takes, in this order: the owner of the data, when that is somebody else; `nobody` inside a user namespace, which
leaves the files root's; `nobody` outright. What such an account cannot reach (a virtual environment or a project under
a private home) gets a place under `TUX_PG_STORE` (default /var/lib/tux).
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from tux.errors import DatabaseConnectionError

if sys.platform != "win32":
    import pwd

KEEPER = Path(__file__).with_name("keeper.py")
REFUSED = (
    "PostgreSQL refuses to run as root, and this machine lets root take on neither {tried}: "
    "run as a normal user, or set DATABASE_URL"
)


@dataclass(frozen=True)
class Account:
    """An account, and how to get there; the modes are those of `keeper.py`."""

    mode: Literal["none", "plain", "userns"]
    uid: int
    gid: int

    def command(self, verb: str, *words: str | Path) -> list[str]:
        """Return the command line of the keeper script for a verb under this account."""
        python = str(Path(sys.executable).absolute())  # which a PATH may have named from the folder we are in
        head = [python, "-I", "-S", str(KEEPER), self.mode, str(self.uid), str(self.gid), verb]
        return [*head, *map(str, words)]

    def hidden(self, *paths: Path) -> set[Path] | None:
        """Return those paths that the account cannot enter; None when it cannot be taken on."""
        if self.mode == "none":
            return set()
        result = subprocess.run(self.command("reach", *paths), capture_output=True, text=True, check=False)  # noqa: S603 - our own script
        return {Path(line) for line in result.stdout.splitlines()} if not result.returncode else None

    def own(self, folder: Path) -> None:
        """Give a folder and all below it to the account, where that is ours to give."""
        uid, gid = (self.uid, self.gid) if self.mode == "plain" else (os.geteuid(), os.getegid())
        if folder.stat().st_uid == uid:
            return
        for place, _, names in os.walk(folder):
            for path in (Path(place), *(Path(place, name) for name in names)):
                os.chown(path, uid, gid, follow_symlinks=False)


def choose_account(home: Path, *needed: Path) -> tuple[Account, set[Path]]:
    """Return the account for a server in `home`, and those of the needed paths that it cannot enter.

    Raises:
        DatabaseConnectionError: root may take on no other account here.
    """
    if uid := os.geteuid():
        return Account("none", uid, os.getegid()), set()
    owner = home.stat()
    if owner.st_uid:
        choices = [Account("plain", owner.st_uid, owner.st_gid)]
    else:
        nobody = pwd.getpwnam("nobody")
        choices = [Account("userns", nobody.pw_uid, nobody.pw_gid), Account("plain", nobody.pw_uid, nobody.pw_gid)]
    for account in choices:
        hidden = account.hidden(*needed)
        if hidden is not None:
            return account, hidden
    raise DatabaseConnectionError(REFUSED.format(tried=" nor ".join(f"{a.uid} ({a.mode})" for a in choices)))


def root_store() -> Path:
    """Return the folder where root keeps what other accounts must read.

    Raises:
        DatabaseConnectionError: others could write to it, so nothing in it can be trusted.
    """
    store = Path(os.environ.get("TUX_PG_STORE", "/var/lib/tux"))
    store.mkdir(mode=0o755, parents=True, exist_ok=True)
    status = store.stat()
    if status.st_uid or status.st_mode & 0o022:
        raise DatabaseConnectionError(f"{store} must belong to root and be writable by root alone; see TUX_PG_STORE")
    return store


def copy_binaries(folder: Path) -> Path:
    """Return a copy of a `bin` folder, with the libraries it needs, that every account can read."""
    installed, package = folder.parent, folder.parent.parent
    version = f"{folder} {(folder / 'postgres').stat().st_mtime_ns}"
    target = root_store() / f"binaries-{_digest(version)}"
    if not target.exists():
        fresh = Path(tempfile.mkdtemp(prefix=f"{target.name}.new-", dir=target.parent))
        unused = shutil.ignore_patterns("include", "pkgconfig", "__pycache__")
        shutil.copytree(installed, fresh / package.name / installed.name, symlinks=True, ignore=unused)
        bundled = package.with_name(f"{package.name}.libs")  # the wheel's libraries lie beside its package
        if bundled.is_dir():
            shutil.copytree(bundled, fresh / bundled.name)
        fresh.chmod(0o755)
        fresh.rename(target)
    return target / package.name / installed.name / folder.name


def place_elsewhere(home: Path) -> Path:
    """Return the folder for the data of a `home` that the account cannot reach."""
    place = root_store() / f"data-{_digest(str(home))}"
    place.mkdir(mode=0o711, exist_ok=True)
    return place


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:16]
