"""`tux db tables|queries|plan|diagram`: looks into the database, or its migrations, without changing them."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Annotated

import typer
from rich.table import Table

from tux.cli.common import console_out, failing, project

if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

    from tux.migrations.rehearsal import FilePlan, Trial
    from tux.settings import Settings

_TABLES = """
SELECT c.relname AS name, greatest(c.reltuples, 0)::bigint AS rows, pg_size_pretty(pg_table_size(c.oid)) AS size,
  pg_size_pretty(pg_indexes_size(c.oid)) AS indexes
FROM pg_catalog.pg_class c WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p')
ORDER BY pg_total_relation_size(c.oid) DESC, c.relname
"""
_QUERIES = """
SELECT pid, application_name AS name, state, coalesce(wait_event_type, '') AS waits,
  round(extract(epoch FROM clock_timestamp() - query_start)::numeric, 1) AS seconds,
  array_to_string(pg_blocking_pids(pid), ' ') AS blocked_by, regexp_replace(left(query, 200), '\\s+', ' ', 'g') AS query
FROM pg_catalog.pg_stat_activity
WHERE datname = current_database() AND pid <> pg_backend_pid() AND state IS NOT NULL AND ($1 OR state <> 'idle')
ORDER BY query_start
"""


@failing
def tables() -> None:
    """List the tables by size; the numbers of rows are PostgreSQL's estimates."""
    table = Table("table", "rows", "size", "indexes", box=None, pad_edge=False)
    for row in _fetch(project(), _TABLES):
        table.add_row(row["name"], str(row["rows"]), row["size"], row["indexes"])
    console_out.print(table)


@failing
def queries(*, idle: Annotated[bool, typer.Option("--all", help="Idle connections, too.")] = False) -> None:
    """List what the database is doing: since when, what waits, and for whom."""
    table = Table("pid", "seconds", "state", "waits", "blocked by", "application", "query", box=None, pad_edge=False)
    for row in _fetch(project(), _QUERIES, idle):
        cells = (row["pid"], row["seconds"], row["state"], row["waits"], row["blocked_by"], row["name"], row["query"])
        table.add_row(*(str(cell) for cell in cells))
    console_out.print(table)


@failing
def diagram(
    plugins: Annotated[list[str] | None, typer.Argument(help="Only the tables of these plugins.")] = None,
) -> None:
    """Print the tables of all plugins as a Mermaid diagram, as the newest migration leaves them."""
    from tux.errors import MigrationError
    from tux.migrations.diagram import er_diagram
    from tux.migrations.files import load_files, single_head

    head = single_head(load_files(project().root))
    if head is None:
        raise MigrationError("there is no migration to draw; run `aerich init-migrations` to write the first")
    owners = {name.partition("_")[0] for name in head.schema}
    if unknown := [name for name in plugins or () if name not in owners]:
        raise MigrationError(
            f"plugin {unknown[0]!r} has no tables; these have: {', '.join(sorted(owners - {'aerich'}))}"
        )
    typer.echo(er_diagram(head.schema, plugins or ()))


@failing
def plan(
    *, rehearse: Annotated[bool, typer.Option(help="Run it in a transaction that is rolled back.")] = True
) -> None:
    """Show the SQL of what is pending and rehearse it; exit code 1 when an upgrade would fail.

    A rehearsal takes the locks that it reports, for as long as it says: on a busy bot, rehearse a restored backup.
    """
    plans = asyncio.run(_plan(project(), rehearse=rehearse))
    for each in plans:
        _show(each)
    if not plans:
        console_out.print("nothing is pending")
    if any(each.error for each in plans):
        raise typer.Exit(1)


def _show(each: FilePlan) -> None:
    alone = "" if each.in_transaction else " (not in one transaction)"
    console_out.print(f"{each.name}{alone}", style="bold", markup=False)
    if each.waits_for:
        steps = ", ".join(each.waits_for)
        console_out.print(
            f"  after the data steps {steps}: not rehearsed, nor what follows", style="yellow", markup=False
        )
    for number, statement in enumerate(each.statements):
        console_out.print(f"  {statement};", markup=False)
        if number < len(each.trials):
            console_out.print(f"      {_outcome(each.trials[number])}", style="cyan", markup=False)
    for loss in each.losses:
        console_out.print(f"  {loss}", style="yellow", markup=False)
    if each.error:
        console_out.print(f"  it would fail: {each.error}", style="red", markup=False)
    if each.trials:
        console_out.print(f"  {sum(trial.seconds for trial in each.trials):.3f} s in all; rolled back", markup=False)


def _outcome(trial: Trial) -> str:
    from tux.migrations.rehearsal import BLOCKS

    parts = [f"{trial.seconds * 1000:.1f} ms"]
    if trial.rows:
        parts.append(f"{trial.rows} rows")
    parts += [f"{table} ({rows} rows): {lock}, {BLOCKS[lock]}" for table, lock, rows in trial.locks]
    return "; ".join(parts)


async def _plan(settings: Settings, *, rehearse: bool) -> list[FilePlan]:
    from tux.migrations.connection import migration_connection, open_client
    from tux.migrations.rehearsal import plan_upgrade

    async with open_client(migration_connection(settings, settings.database_url)) as client:
        return await plan_upgrade(client, settings.root, rehearse=rehearse)


def _fetch(settings: Settings, sql: str, *args: object) -> Sequence[Any]:
    from tux.migrations.connection import migration_connection, open_client

    async def fetch() -> Sequence[Any]:
        async with open_client(migration_connection(settings, settings.database_url)) as client:
            return await client.fetch(sql, args)

    return asyncio.run(fetch())
