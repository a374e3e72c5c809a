"""What `tux db`, `open_database` and the tests' databases call: apply and revert here, write under bare aerich.

aerich asks on the terminal and ends the process, so a migration is written in a process of its own.
"""

from __future__ import annotations

import asyncio
import functools
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from tux.database.schema import FILES, migration_files, read_schema
from tux.errors import MigrationError
from tux.migrations.apply import Runner, warn_newer
from tux.migrations.connection import migration_connection, open_client
from tux.migrations.consent import is_allowed
from tux.migrations.files import load_files, next_name
from tux.migrations.lock import migration_lock
from tux.migrations.merge import merge_heads
from tux.migrations.steps import due_steps, run_steps
from tux.settings import load_settings

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tux.database.engine import Client
    from tux.registry import Registry

_PYTHON = Path(sys.executable).absolute()  # which a PATH may have named from the folder we are in
# Where a name is cut: aerich's table holds 255 characters, and a name of a file shall be read.
_NAME_LENGTH = 60


async def upgrade(root: Path, url: str | None = None, *, registry: Registry | None = None) -> list[str]:
    """Apply what is pending and return the names of the files applied, in order; cheap when nothing is.

    Without `url` the database of the project's settings is meant. With a registry the data steps that are due run, too.

    Raises:
        DatabaseConnectionError: nobody answers there.
        MigrationError: a file failed, or another process kept the lock; nothing of the failed file remains.
    """
    # The pool stays open meanwhile, so that a local server does not stop and start again.
    runner = _runner(root, url)
    if registry is not None:
        runner.steps = functools.partial(_run_steps, registry)
    async with open_client(runner.connection) as client:
        schema, files = await read_schema(client), migration_files(root)
        if not schema.pending(files) and (registry is None or not await due_steps(client, registry)):
            warn_newer(schema, files)
            return []
        return await runner.upgrade()


async def downgrade(root: Path, url: str | None = None, steps: int = 1, *, consent: bool = False) -> list[str]:
    """Revert the last `steps` migrations and return their names, newest first; `consent` to losing what they made.

    Raises:
        DatabaseConnectionError: nobody answers there.
        MigrationError: fewer are applied, or a file cannot be reverted, or destroys data without consent; those reverted
            before it stay reverted.
    """
    runner = _runner(root, url)
    async with open_client(runner.connection) as client:
        applied = (await read_schema(client)).applied
        if not 1 <= steps <= len(applied):
            raise MigrationError(f"cannot revert {steps} migration(s), {len(applied)} are applied")
        return await runner.downgrade(applied[: -steps - 1 : -1], consent=consent or is_allowed())


async def clear(root: Path, url: str | None = None) -> None:
    """Drop everything in the schema `public` and make it anew, empty; under the lock.

    Raises:
        DatabaseConnectionError: nobody answers there.
        MigrationError: another process kept the lock.
    """
    runner = _runner(root, url)
    async with migration_lock(runner.connection, runner.lock_seconds), open_client(runner.connection) as client:
        await client.run("DROP SCHEMA public CASCADE; CREATE SCHEMA public")


def merge(root: Path) -> str | None:
    """Write the file that joins the branches of migrations and return its name, None when there is one branch.

    Raises:
        MigrationError: the branches contradict each other.
    """
    files = load_files(root)
    draft = merge_heads(files)
    if draft is None:
        return None
    name = next_name(files, "merge")
    # aerich's own state: that of one branch will do, because nothing here compares with it
    models = getattr(max(files, key=lambda file: file.number).module, "MODELS_STATE", "")
    (root / FILES / name).write_text(draft.text(f'"{models}"'), encoding="utf-8")
    return name


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


async def _run_steps(registry: Registry, client: Client, names: Sequence[str] | None) -> None:
    await run_steps(client, registry, names)


def _runner(root: Path, url: str | None) -> Runner:
    settings = load_settings(root)
    connection = migration_connection(settings, url or settings.database_url)
    return Runner(root, connection, settings.database.migration_lock_seconds)


async def _run_aerich(root: Path, *arguments: str, interactive: bool = False) -> None:
    """Run a bare aerich command; with a terminal it prints and asks there."""
    environment = {**os.environ, "AERICH_NO_TORTOISE_V1_WARNING": "1"}
    pipe = None if interactive else asyncio.subprocess.PIPE
    process = await asyncio.create_subprocess_exec(
        _PYTHON,
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


def _failure(command: str, out: str, err: str) -> str:
    _, found, message = err.rpartition("Error: ")
    if found and "Traceback" not in err.partition("Error: ")[0]:
        message = err.partition("Error: ")[2]
    text = message.strip() or "\n".join((out + err).strip().splitlines()[-1:])
    return text or f"aerich {command} failed and said nothing"
