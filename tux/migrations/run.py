"""Runs bare aerich in a process of its own: what `tux db`, `open_database` and the tests' databases call.

aerich keeps state in classes, asks on the terminal and ends the process, so it never runs inside a bot.
"""

from __future__ import annotations

import asyncio
import os
import re
import subprocess
import sys
from typing import TYPE_CHECKING

from tux.database.schema import migration_files, read_schema
from tux.errors import MigrationError
from tux.migrations.connection import migration_connection, open_client
from tux.settings import load_settings

if TYPE_CHECKING:
    from pathlib import Path

    from tux.migrations.connection import ConnectionConfig

_APPLIED = re.compile(r"^Success upgrading to (\S+)$", re.MULTILINE)
_REVERTED = re.compile(r"^Success downgrading to (\S+)$", re.MULTILINE)
_NAME_LENGTH = 60


async def upgrade(root: Path, url: str | None = None) -> list[str]:
    """Apply what is pending and return the names of the files applied, in order; cheap when nothing is.

    Without `url` the database of the project's settings is meant.

    Raises:
        DatabaseConnectionError: nobody answers there.
        MigrationError: a file failed, or another process kept the lock; nothing of the failed file remains.
    """
    # The pool stays open meanwhile, so that a local server does not stop and start again.
    async with open_client(_connection(root, url)) as client:
        if not (await read_schema(client)).pending(migration_files(root)):
            return []
        return _APPLIED.findall(await _run_aerich(root, "upgrade", url=url))


async def downgrade(root: Path, url: str | None = None, steps: int = 1) -> list[str]:
    """Revert the last `steps` migrations and return their names, newest first; asks nobody, and what they made is lost.

    Raises:
        DatabaseConnectionError: nobody answers there.
        MigrationError: fewer are applied, or a file cannot be reverted; those reverted before it stay reverted.
    """
    async with open_client(_connection(root, url)) as client:
        applied = (await read_schema(client)).applied
    if not 1 <= steps <= len(applied):
        raise MigrationError(f"cannot revert {steps} migration(s), {len(applied)} are applied")
    target = applied[-steps].partition("_")[0]
    output = await _run_aerich(root, "downgrade", "--version", target, "--yes", url=url)
    return _REVERTED.findall(output)


async def revision(root: Path, message: str = "update") -> str | None:
    """Write the migration from the newest file to the models and return its name, or None without a difference.

    Needs no database. On a terminal aerich asks whether a field was renamed; elsewhere that question is an error.

    Raises:
        MigrationError: a guard refused, or a question could not be asked.
    """
    before = set(migration_files(root))
    name = re.sub(r"[^a-z0-9]+", "_", message.lower()).strip("_")[:_NAME_LENGTH] or "update"
    await _run_aerich(root, "migrate", "--offline", "--name", name, interactive=sys.stdin.isatty())
    fresh = [file for file in migration_files(root) if file not in before]
    return fresh[0] if fresh else None


def _connection(root: Path, url: str | None) -> ConnectionConfig:
    settings = load_settings(root)
    return migration_connection(settings, url or settings.database_url)


async def _run_aerich(root: Path, *arguments: str, url: str | None = None, interactive: bool = False) -> str:
    """Return what a bare aerich command printed; with a terminal it prints and asks there instead."""
    environment = {**os.environ, "PYTHONHASHSEED": "0", "AERICH_NO_TORTOISE_V1_WARNING": "1"}
    if url:
        # TUX_ENV may pick any of the three.
        environment |= dict.fromkeys(("DATABASE_URL", "DEV_DATABASE_URL", "PROD_DATABASE_URL"), url)
    pipe = None if interactive else asyncio.subprocess.PIPE
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "aerich",
        *arguments,
        cwd=root,
        env=environment,
        stdin=None if interactive else subprocess.DEVNULL,
        stdout=pipe,
        stderr=pipe,
    )
    try:
        out, err = (text.decode(errors="replace") if text else "" for text in await process.communicate())
    except asyncio.CancelledError:
        process.terminate()
        await process.wait()
        raise
    if process.returncode:
        raise MigrationError(_failure(arguments[0], out, err))
    return out


def _failure(command: str, out: str, err: str) -> str:
    _, found, message = err.rpartition("Error: ")
    if found and "Traceback" not in err.partition("Error: ")[0]:
        message = err.partition("Error: ")[2]
    text = message.strip() or "\n".join((out + err).strip().splitlines()[-1:])
    if "Aborted!" in err or "Aborted!" in out:
        text = f"aerich has a question that only a terminal can answer: {out.strip() or err.strip()}"
    return text or f"aerich {command} failed and said nothing"
