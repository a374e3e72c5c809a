"""The databases of a test run: a PostgreSQL of its own in memory, a template at head, and clones of that.

The server is shared by all processes of the run through its lease and removed with the last one, killed or not.
"""

from __future__ import annotations

import asyncio
import hashlib
import os
import shutil
import tempfile
import time
import uuid
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Self

import asyncpg

from tux.database import locks
from tux.database.embedded import LocalServer
from tux.migrations import upgrade
from tux.settings import find_root

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator
    from types import TracebackType

FOLDER_VARIABLE = "TUX_TEST_FOLDER"
ENOUGH_BYTES = 512 * 1024 * 1024
YOUNG_SECONDS = 60.0
FILE_COPY_VERSION = 15
_LOCK = 0x74757874  # "tuxt"


class Databases:
    """The databases of the project at `root`, on the server in `folder`; an async context manager."""

    def __init__(self, root: Path, folder: Path) -> None:
        self.root = root
        self.server = LocalServer(folder, test=True, remove=True)
        self._template: str | None = None

    async def __aenter__(self) -> Self:
        await asyncio.to_thread(self.server.start)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.server.stop()

    async def template(self) -> str:
        """Return the name of the template, migrated to head by whoever needs it first.

        Raises:
            MigrationError: a migration of the project failed.
        """
        if self._template is None:
            name = f"template_{await asyncio.to_thread(_fingerprint, self.root)}"
            async with self.connected() as connection:
                await connection.execute("SELECT pg_advisory_lock($1)", _LOCK)
                if not await connection.fetchval(
                    "SELECT 1 FROM pg_database WHERE datname = $1 AND datistemplate", name
                ):
                    await connection.execute(f"DROP DATABASE IF EXISTS {name}")
                    await connection.execute(f"CREATE DATABASE {name} TEMPLATE template0")
                    await upgrade(self.root, self.server.url(name))
                    await connection.execute(f"ALTER DATABASE {name} WITH IS_TEMPLATE true ALLOW_CONNECTIONS false")
            self._template = name
        return self._template

    async def clone(self, name: str) -> str:
        """Return the URL of a new copy of the template; one of that name is replaced."""
        template = await self.template()
        async with self.connected() as connection:
            how = "STRATEGY file_copy" if connection.get_server_version().major >= FILE_COPY_VERSION else ""
            await connection.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
            await connection.execute(f"CREATE DATABASE {name} TEMPLATE {template} {how}")
        return self.server.url(name)

    async def drop(self, name: str) -> None:
        """Drop a copy, together with the connections that are still open."""
        async with self.connected() as connection:
            await connection.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")

    @asynccontextmanager
    async def connected(self, database: str = "postgres") -> AsyncGenerator[asyncpg.Connection[asyncpg.Record]]:
        """Yield a connection of its own to a database of the server."""
        connection = await asyncpg.connect(**self.server.credentials(database))
        try:
            yield connection
        finally:
            await connection.close()


@asynccontextmanager
async def scratch_database(root: Path | None = None) -> AsyncGenerator[str]:
    """Yield the URL of a database of its own, migrated to head, and drop it at the end; the project's is not touched.

    Inside a pytest run it lies on the run's server, else on one made for it (about two seconds). `root` is the project's
    folder, by default the one that the current folder is in.

    Raises:
        MigrationError: a migration of the project failed.
    """
    name = f"scratch_{uuid.uuid4().hex}"
    given = os.environ.get(FOLDER_VARIABLE)
    async with Databases(root or find_root(), Path(given) if given else make_folder()) as databases:
        url = await databases.clone(name)
        try:
            yield url
        finally:
            await databases.drop(name)


def memory_folder() -> Path:
    """Return the folder in which test servers lie: /dev/shm where it has room, else that for temporary files."""
    memory = Path("/dev/shm")  # noqa: S108 - what is made in it is private
    if memory.is_dir() and os.access(memory, os.W_OK) and shutil.disk_usage(memory).free >= ENOUGH_BYTES:
        return memory
    return Path(tempfile.gettempdir())


def make_folder(run: str | None = None) -> Path:
    """Return a new private folder for a server, or the one of a run that several processes share."""
    place = memory_folder()
    prefix = _prefix()
    if run is None:
        return Path(tempfile.mkdtemp(prefix=prefix, dir=place))
    folder = place / f"{prefix}{run}"
    folder.mkdir(mode=0o700, exist_ok=True)
    return folder


def sweep() -> list[Path]:
    """Remove what killed runs left behind, and return it; a server with a user or a keeper is left alone."""
    swept: list[Path] = []
    for folder in memory_folder().glob(f"{_prefix()}*"):
        if folder.stat().st_uid == os.geteuid() and _is_abandoned(folder):
            shutil.rmtree(folder, ignore_errors=True)
            swept.append(folder)
    return swept


def _is_abandoned(folder: Path) -> bool:
    if time.time() - folder.stat().st_mtime < YOUNG_SECONDS:
        return False
    for name in ("lease", "running"):
        path = folder / "postgres" / name
        if path.exists():
            descriptor = locks.open_private(path)
            try:
                if not locks.try_lock(descriptor):
                    return False
            finally:
                os.close(descriptor)
    return True


def _prefix() -> str:
    return f"tux-test-{os.geteuid()}-"


def _fingerprint(root: Path) -> str:
    """Identify the project and its migrations."""
    digest = hashlib.sha256(str(root).encode())
    for file in sorted((root / "migrations").rglob("*.py")):
        digest.update(file.name.encode() + b"\0" + file.read_bytes())
    return digest.hexdigest()[:16]
