"""`tux db backup|restore|verify|reset`: what keeps data, and what throws it away."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from tux.cli.common import console_out, failing, project

if TYPE_CHECKING:
    from contextlib import AbstractAsyncContextManager

    from tux.database.engine import Client
    from tux.settings import Settings

File = Annotated[Path, typer.Argument(help="The file that `tux db backup` made.")]
Yes = Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")]


@failing
def backup(
    to: Annotated[Path | None, typer.Argument(help="Default: .tux/backups/<database>-<time>.dump")] = None,
) -> None:
    """Write the database into a file, with row counts and checksums beside it; everybody goes on working."""
    settings = project()
    path = asyncio.run(_backup(settings, to))
    console_out.print(f"wrote {path}; `tux db verify {path}` proves that it restores", markup=False)


@failing
def verify(path: File) -> None:
    """Prove that a backup restores: into a database of its own, compared row by row, and dropped."""
    from tux.migrations.backup import verify_backup
    from tux.migrations.connection import migration_connection

    settings = project()
    manifest = asyncio.run(verify_backup(migration_connection(settings, settings.database_url), path))
    rows = sum(table.rows for table in manifest.tables.values())
    console_out.print(f"the backup restores: {len(manifest.tables)} tables, {rows} rows, all checksums equal")


@failing
def restore(path: File, *, yes: Yes = False) -> None:
    """Put a backup in place of what the database holds; stop the bot first."""
    from tux.migrations.backup import read_manifest, restore_backup
    from tux.migrations.connection import migration_connection

    settings = project()
    made = read_manifest(path)
    if not yes:
        typer.confirm(f"Replace everything in the database by what {made.database} was at {made.made_at}?", abort=True)
    seconds = settings.database.migration_lock_seconds
    connection = migration_connection(settings, settings.database_url)
    manifest = asyncio.run(restore_backup(connection, path, seconds))
    console_out.print(f"restored {len(manifest.tables)} tables as of {manifest.made_at}")


@failing
def reset(*, yes: Yes = False, backup: Annotated[bool, typer.Option(help="Make a backup first.")] = True) -> None:
    """Throw away everything in the database and make it anew; asks for the database's name."""
    from tux.migrations import upgrade
    from tux.migrations.run import clear

    settings = project()
    asyncio.run(_reset(settings, ask=not yes, backup_first=backup))
    asyncio.run(clear(settings.root, settings.database_url))
    for name in asyncio.run(upgrade(settings.root, settings.database_url)):
        console_out.print(f"applied {name}")


async def before(settings: Settings) -> None:
    """Make a backup of a database that holds something."""
    path = await _backup(settings, None)
    console_out.print(f"wrote {path}", markup=False)


async def before_losses(settings: Settings) -> None:
    """Make a backup when what is pending destroys data and may."""
    from tux.migrations.rehearsal import plan_upgrade

    async with _client(settings) as client:
        plans = await plan_upgrade(client, settings.root, rehearse=False)
    if any(plan.losses and plan.consents for plan in plans):
        await before(settings)


async def _reset(settings: Settings, *, ask: bool, backup_first: bool) -> None:
    async with _client(settings) as client:
        name = str(client.database)
    if ask and typer.prompt(f"Everything in {name} goes. Type the database's name to go on") != name:
        raise typer.Abort
    if backup_first:
        await before(settings)


async def _backup(settings: Settings, to: Path | None) -> Path:
    from tux.migrations.backup import backup_path, make_backup

    async with _client(settings) as client:
        path = to or backup_path(settings.root, str(client.database))
        await make_backup(client, path)
    return path


def _client(settings: Settings) -> AbstractAsyncContextManager[Client]:
    from tux.migrations.connection import migration_connection, open_client

    return open_client(migration_connection(settings, settings.database_url))
