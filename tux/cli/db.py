"""`tux db`: comfort over bare aerich, and the state of the database."""

from __future__ import annotations

import asyncio
import os
from typing import TYPE_CHECKING, Annotated

import typer

from tux.cli import backups, watch
from tux.cli.common import console_err, console_out, failing, project

if TYPE_CHECKING:
    from tux.database.service import Health
    from tux.migrations.report import Report
    from tux.settings import Settings

app = typer.Typer(help="Migrations and the state of the database.", no_args_is_help=True)
app.command()(backups.backup)
app.command()(backups.restore)
app.command()(backups.verify)
app.command()(backups.reset)
app.command()(watch.tables)
app.command()(watch.queries)
app.command()(watch.plan)
app.command()(watch.diagram)

Message = Annotated[str, typer.Option("--message", "-m", help="What changes, in a few words.")]
Yes = Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")]


@app.command()
@failing
def upgrade(
    *, backup: Annotated[bool, typer.Option(help="Make a backup first when data is going to be destroyed.")] = True
) -> None:
    """Apply the migrations that the database lacks, then the data steps of plugins."""
    from tux.migrations import upgrade as apply
    from tux.runtime import load_registry

    settings = project()
    if backup:
        asyncio.run(backups.before_losses(settings))
    applied = asyncio.run(apply(settings.root, settings.database_url, registry=load_registry(settings)))
    for name in applied:
        console_out.print(f"applied {name}")
    if not applied:
        console_out.print("the database is up to date")


@app.command()
@failing
def revision(
    message: Message = "update",
    *,
    rename: Annotated[list[str] | None, typer.Option(help="old=new for a table, table.old=new for a column.")] = None,
    concurrently: Annotated[bool, typer.Option(help="Build indexes while the table stays open for writes.")] = False,
) -> None:
    """Write a migration for what changed in the models."""
    from tux.migrations.author import CONCURRENTLY
    from tux.migrations.renames import GIVEN

    if rename:
        os.environ[GIVEN] = ",".join(rename)
    if concurrently:
        os.environ[CONCURRENTLY] = "1"
    _write_revision(message)


@app.command()
@failing
def downgrade(
    steps: Annotated[int, typer.Argument(min=1, help="How many migrations to take back.")] = 1,
    *,
    yes: Yes = False,
    backup: Annotated[bool, typer.Option(help="Make a backup first.")] = True,
) -> None:
    """Take back the last migrations."""
    from tux.migrations import downgrade as revert

    settings = project()
    if not yes:
        typer.confirm(f"Take back {steps} migration(s)? Tables and columns they made are dropped", abort=True)
    if backup and steps <= len(_report(settings, steps=False).applied):  # else it is refused
        asyncio.run(backups.before(settings))
    for name in asyncio.run(revert(settings.root, settings.database_url, steps, consent=True)):
        console_out.print(f"took back {name}")


@app.command()
@failing
def current() -> None:
    """Show where the database stands; exit code 1 unless it is up to date."""
    report = _report(project(), steps=False)
    newest = report.applied[-1] if report.applied else "nothing applied"
    console_out.print(f"{report.status}: {newest}")
    for name in report.pending:
        console_out.print(f"  pending {name}")
    for name in report.unknown:
        console_out.print(f"  unknown here: {name}")
    if report.status != "current":
        raise typer.Exit(1)


@app.command()
@failing
def status() -> None:
    """Show all that is known of the schema; exit code 1 unless there is nothing to do."""
    report = _report(project(), steps=True)
    for line in report.lines():
        console_out.print(line, markup=False)
    if not report.is_settled:
        raise typer.Exit(1)


@app.command()
@failing
def history() -> None:
    """List the project's migrations, and which of them the database has."""
    from tux.database.schema import migration_files

    settings = project()
    applied = _report(settings, steps=False).applied
    for name in migration_files(settings.root):
        console_out.print(f"{'applied' if name in applied else 'pending'}  {name}")


@app.command()
@failing
def check(
    *, database: Annotated[bool, typer.Option(help="Compare the database with what its migrations make, too.")] = False
) -> None:
    """Prove that the migrations are one chain and lead to what the models say; exit code 1 when not."""
    from tux.migrations.check import find_drift, find_problems
    from tux.migrations.connection import migration_connection

    settings = project()
    problems = asyncio.run(find_problems(settings.root))
    if database:
        drift = asyncio.run(find_drift(migration_connection(settings, settings.database_url), settings.root))
        problems += [f"the database lacks: {line}" for line in drift.missing]
        problems += [f"no migration made: {line}" for line in drift.unknown]
    for problem in problems:
        console_err.print(problem, markup=False)
    if problems:
        raise typer.Exit(1)
    console_out.print("the migrations are one chain and lead to what the models say")


@app.command()
@failing
def merge() -> None:
    """Join migrations that were written beside each other on two branches, by a file that follows both."""
    from tux.migrations.run import merge as join

    name = join(project().root)
    console_out.print(f"wrote migrations/models/{name}" if name else "there is nothing to join")


@app.command()
@failing
def release(version: Annotated[str, typer.Argument(help="The version that is released, as 1.2.0.")]) -> None:
    """Note that a version ends with the newest migration; from then on `check` refuses an edit of what was released."""
    from tux.migrations.releases import note_release

    noted = note_release(project().root, version)
    console_out.print(f"{noted.version} ends with {noted.head}")


@app.command()
@failing
def retire(
    name: Annotated[str, typer.Argument(help="A plugin whose code is gone.")],
    *,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Consent at once: the next upgrade drops them.")] = False,
) -> None:
    """Write the migration that drops the tables of a plugin whose code is gone for good; nothing is dropped yet."""
    from tux.migrations.removal import retire_plugin

    settings = project()
    written = asyncio.run(retire_plugin(settings.root, name, consent=yes))
    if written is None:
        console_out.print(f"no table of {name} is left")
        return
    console_out.print(f"wrote migrations/models/{written}")
    if not yes:
        console_out.print("no upgrade applies it before its upgrade holds the comment: -- tux: allow-destructive")


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
        remedy = "`tux db status` says how" if found.schema == "diverged" else "run `tux db upgrade`"
        console_err.print(f"the schema is {found.schema}; {remedy}", markup=False)
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


def _report(settings: Settings, *, steps: bool) -> Report:
    """Ask the database; plugins are imported only to know which data steps they have."""
    from tux.migrations.report import read_report
    from tux.runtime import load_registry

    return asyncio.run(read_report(settings, load_registry(settings) if steps else None))


async def _health(settings: Settings) -> Health:
    from tux.database.service import DatabaseService

    service = DatabaseService(settings)
    await service.connect()
    try:
        return await service.health()
    finally:
        await service.disconnect()
