"""Runs pg_dump and pg_restore: finds those that fit the server, and hands them the connection without a password in sight."""

from __future__ import annotations

import asyncio
import os
import re
import shutil
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from tux.database.embedded import tools as embedded_tools
from tux.errors import DatabaseConnectionError, MigrationError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tux.database.engine import Client

_SYSTEM = "/usr/lib/postgresql"
_PACKAGE = "install your system's PostgreSQL client (`apt install postgresql-client`)"
_INSTALL = f"{_PACKAGE} or `pip install 'tux[embedded]'`"
_KEPT = re.compile(r"PG(USER|PASSWORD|PASSFILE|KRBSRVNAME|GSSLIB|SSL\w*)$")
_NO_TLS = re.compile(r"SSL support is not compiled in|no encryption")


async def dump(client: Client, path: Path, *, snapshot: str) -> None:
    """Write the client's database, as a snapshot shows it, into a file in pg_dump's custom format.

    Raises:
        MigrationError: no pg_dump is here that fits the server, or it failed; says what it said.
    """
    options = ("--format=custom", "--no-owner", "--no-privileges", f"--snapshot={snapshot}", f"--file={path}")
    await _run(client, await _find(client, "pg_dump"), *_place(client, str(client.database)), *options)


async def restore(client: Client, path: Path, *, database: str) -> None:
    """Put what `dump` wrote into a database of the client's server, all or nothing; its schema `public` must be empty.

    Raises:
        MigrationError: no pg_restore is here that fits the server, or it failed; says what it said.
    """
    program = await _find(client, "pg_restore")
    contents = await _run(client, program, "--list", str(path))
    wanted = [line for line in contents.splitlines() if " SCHEMA - public " not in line]  # it is there already
    with tempfile.NamedTemporaryFile("w", suffix=".list") as listed:
        listed.write("\n".join(wanted))
        listed.flush()
        options = ("--single-transaction", "--exit-on-error", "--no-owner", "--no-privileges")
        await _run(client, program, *_place(client, database), *options, f"--use-list={listed.name}", str(path))


def _place(client: Client, database: str) -> tuple[str, ...]:
    user = (f"--username={client.user}",) if client.user else ()
    return (f"--host={client.host}", f"--port={client.port}", *user, f"--dbname={database}", "--no-password")


async def _run(client: Client, program: str, *arguments: str) -> str:
    process = await asyncio.create_subprocess_exec(
        program,
        *arguments,
        env=_environment(client),
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    try:
        output, errors = await process.communicate()
    except asyncio.CancelledError:
        process.terminate()
        await process.wait()
        raise
    if process.returncode:
        said = errors.decode(errors="replace").strip()
        hint = f"; this {Path(program).name} has no TLS: {_PACKAGE}" if _NO_TLS.search(said) else ""
        raise MigrationError(f"{program} failed: {said}{hint}")
    return output.decode(errors="replace")


def _environment(client: Client) -> dict[str, str]:
    # Those variables stay that asyncpg goes by, too; the others could lead to another server or another text of rows.
    environment = {key: value for key, value in os.environ.items() if not key.startswith("PG") or _KEPT.match(key)}
    if client.password:
        environment["PGPASSWORD"] = str(client.password)
    mode = client.extra.get("ssl")
    if isinstance(mode, str):
        environment["PGSSLMODE"] = mode
    return {**environment, "PGAPPNAME": "tux-backup"}


async def _find(client: Client, name: str) -> str:
    """Return the oldest program that is as new as the server; the wheel's last, which has no TLS."""
    row = await client.fetch_row("SELECT current_setting('server_version_num')::int / 10000 AS major")
    server = row["major"] if row else 0
    found = [(await _major(path), place, str(path)) for place, path in enumerate(_candidates(name))]
    fitting = sorted(each for each in found if each[0] >= server)
    if not fitting:
        seen = ", ".join(f"{path} ({major})" for major, _, path in found) or "none"
        raise MigrationError(
            f"the server is PostgreSQL {server} and needs a {name} at least as new, found: {seen}; {_INSTALL}"
        )
    return fitting[0][2]


def _candidates(name: str) -> Iterator[Path]:
    if found := shutil.which(name):
        yield Path(found)
    yield from sorted(Path(_SYSTEM).glob(f"*/bin/{name}"))
    try:
        wheel = embedded_tools() / name
    except DatabaseConnectionError:
        return
    if wheel.is_file():
        yield wheel


async def _major(path: Path) -> int:
    process = await asyncio.create_subprocess_exec(
        path, "--version", stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.DEVNULL
    )
    answer, _ = await process.communicate()
    found = re.search(rb"(\d+)", answer)
    return int(found[1]) if found else 0
