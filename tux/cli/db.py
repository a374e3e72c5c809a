"""`tux db`: comfort over bare aerich, and the health of the database."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Annotated

import typer

from tux.cli.common import console_out, failing, project

if TYPE_CHECKING:
    from tux.database.schema import Schema
    from tux.database.service import Health
    from tux.settings import Settings

app = typer.Typer(help="Migrations and the state of the database.", no_args_is_help=True)

Message = Annotated[str, typer.Option("--message", "-m", help="What changes, in a few words.")]


@app.command()
@failing
def upgrade() -> None:
    """Apply the migrations that the database lacks."""
    from tux.migrations import upgrade as apply

    settings = project()
    applied = asyncio.run(apply(settings.root, settings.database_url))
    for name in applied:
        console_out.print(f"applied {name}")
    if not applied:
        console_out.print("the database is up to date")


@app.command()
@failing
def revision(message: Message = "update") -> None:
    """Write a migration for what changed in the models."""
    _write_revision(message)


@app.command()
@failing
def downgrade(
    steps: Annotated[int, typer.Argument(min=1, help="How many migrations to take back.")] = 1,
    *,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")] = False,
) -> None:
    """Take back the last migrations."""
    from tux.migrations import downgrade as revert

    settings = project()
    if not yes:
        typer.confirm(f"Take back {steps} migration(s)? Tables and columns they made are dropped", abort=True)
    for name in asyncio.run(revert(settings.root, settings.database_url, steps, consent=True)):
        console_out.print(f"took back {name}")


@app.command()
@failing
def current() -> None:
    """Show where the database stands; exit code 1 unless it is up to date."""
    from tux.database.schema import migration_files

    settings = project()
    files = migration_files(settings.root)
    schema = asyncio.run(_schema(settings))
    status = schema.status(files)
    newest = schema.applied[-1] if schema.applied else "nothing applied"
    console_out.print(f"{status}: {newest}")
    for name in schema.pending(files):
        console_out.print(f"  pending {name}")
    for name in schema.unknown(files):
        console_out.print(f"  unknown here: {name}")
    if status != "current":
        raise typer.Exit(1)


@app.command()
@failing
def history() -> None:
    """List the project's migrations, and which of them the database has."""
    from tux.database.schema import migration_files

    settings = project()
    schema = asyncio.run(_schema(settings))
    for name in migration_files(settings.root):
        console_out.print(f"{'applied' if name in schema.applied else 'pending'}  {name}")


@app.command()
@failing
def health() -> None:
    """Show whether the database answers, how fast, and what it is; exit code 1 unless it does and has our schema."""
    settings = project()
    found = asyncio.run(_health(settings))
    console_out.print(f"round trip      {found.latency_seconds * 1000:.1f} ms")
    console_out.print(f"server          PostgreSQL {found.server_version}, {found.role}")
    console_out.print(f"database        {found.database}")
    console_out.print(f"schema          {found.schema or 'no migrations here'}")
    console_out.print(
        f"pool            {found.pool_free} free of {found.pool_size} open, {found.pool_max} at most, "
        f"{found.pool_waiting} waiting"
    )
    if found.schema in {"empty", "behind", "diverged"}:
        raise typer.Exit(1)


@app.command("migrate-generate", hidden=True)
@failing
def migrate_generate(message: Annotated[str, typer.Argument()] = "update") -> None:
    """Write a migration: the older name of `revision`."""
    _write_revision(message)


@app.command("migrate-push", hidden=True)
def migrate_push() -> None:
    """Apply migrations: the older name of `upgrade`."""
    upgrade()


def _write_revision(message: str) -> None:
    from tux.migrations import revision as write

    name = asyncio.run(write(project().root, message))
    if name is None:
        console_out.print("no changes: the models equal the newest migration")
    else:
        console_out.print(f"wrote migrations/models/{name}; read it, then run `tux db upgrade`")


async def _schema(settings: Settings) -> Schema:
    from tux.database.engine import active_client
    from tux.database.schema import read_schema
    from tux.database.service import DatabaseService

    service = DatabaseService(settings)
    await service.connect()
    try:
        return await read_schema(active_client())
    finally:
        await service.disconnect()


async def _health(settings: Settings) -> Health:
    from tux.database.service import DatabaseService

    service = DatabaseService(settings)
    await service.connect()
    try:
        return await service.health()
    finally:
        await service.disconnect()
