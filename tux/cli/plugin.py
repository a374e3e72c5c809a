"""`tux plugin`: what the registry knows, and what becomes of a plugin that shall not run any more."""

from __future__ import annotations

import asyncio
import json
from typing import TYPE_CHECKING, Annotated

import typer
from loguru import logger
from rich.table import Table

from tux.cli.common import console_err, console_out, failing, project

if TYPE_CHECKING:
    from pathlib import Path

    from tux.registry import PluginRecord
    from tux.settings import Settings

app = typer.Typer(help="Plugins and their states.", no_args_is_help=True)

Name = Annotated[str, typer.Argument(help="The plugin's name.")]
Yes = Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")]

_COLOURS = {"ready": "green", "off": "dim", "blocked": "yellow", "failed": "red"}


@app.callback()
def plugin() -> None:
    """Plugins and their states."""


@app.command("list")
@failing
def list_plugins(as_json: Annotated[bool, typer.Option("--json", help="One JSON object a line.")] = False) -> None:
    """Show every plugin: state, version, load time, tables, and the reason when it is not ready.

    Cogs are loaded by a running bot only, so a cog that fails shows in `/plugins`, not here.
    """
    from tux.runtime import load_registry

    settings = project()
    logger.disable("tux.registry")  # what it would say is in the table
    registry = load_registry(settings)
    records = registry.records.values()
    if not registry.folder.is_dir():
        console_err.print(f"there is no folder {registry.folder}; see [plugins] in config/tux.toml", markup=False)
    if as_json:
        for record in records:
            console_out.print(json.dumps(_facts(record)), markup=False)
        return
    table = Table("plugin", "state", "version", "ms", box=None, pad_edge=False)
    table.add_column("tables", overflow="fold")
    for record in records:
        table.add_row(
            record.name,
            f"[{_COLOURS[record.state]}]{record.state}[/]",
            record.plugin.version if record.plugin else "",
            f"{record.took * 1000:.0f}",
            ", ".join(record.tables),
        )
    console_out.print(table)
    for record in records:
        if record.reason:  # below the table, where no column breaks it
            console_out.print(f"{record.name} is {record.state}: {record.reason}", markup=False)


@app.command()
@failing
def off(name: Name) -> None:
    """Switch a plugin off from the next start: nothing of it runs, its tables and rows stay."""
    from tux.migrations.removal import switch_off
    from tux.runtime import load_registry

    settings = project()
    stopped = switch_off(settings.root, load_registry(settings), name)
    console_out.print(f"{name} is off from the next start; `tux plugin on {name}` brings it back")
    for other in stopped:
        console_out.print(f"{other} needs it and will be blocked")


@app.command()
@failing
def on(name: Name) -> None:
    """Switch a plugin on again, or say that one that was kept or retired is back in its folder."""
    from tux.migrations.removal import switch_on
    from tux.runtime import load_registry

    settings = project()
    noted = switch_on(settings.root, load_registry(settings), name)
    console_out.print(f"{name} runs from the next start" if noted else f"{name} was not off, kept or retired")


@app.command()
@failing
def keep(name: Name, *, yes: Yes = False) -> None:
    """Take a plugin's code away and keep its tables; requests about a user's data still reach them."""
    from tux.migrations.removal import keep_plugin
    from tux.runtime import load_registry

    settings = project()
    if not yes:
        typer.confirm(f"Move the code of {name} into the archive? Its data stays", abort=True)
    place = keep_plugin(settings.root, load_registry(settings), name)
    console_out.print(f"moved the code to {place}; its tables stay", markup=False)


@app.command()
@failing
def drop(name: Name, *, yes: Yes = False) -> None:
    """Export the rows of a plugin, take its code away, and write the migration that drops its tables."""
    settings = project()
    if not yes:
        typer.confirm(
            f"Export the data of {name}, move its code away and drop its tables with the next upgrade?", abort=True
        )
    export, written = asyncio.run(_drop(settings, name))
    console_out.print(f"exported the rows to {export}", markup=False)
    if written:
        console_out.print(f"wrote migrations/models/{written}; `tux db upgrade` drops the tables")


async def _drop(settings: Settings, name: str) -> tuple[Path, str | None]:
    from tux.migrations.connection import migration_connection, open_client
    from tux.migrations.removal import drop_plugin
    from tux.runtime import load_registry

    async with open_client(migration_connection(settings, settings.database_url)) as client:
        return await drop_plugin(settings.root, load_registry(settings), client, name)


def _facts(record: PluginRecord) -> dict[str, str | float | list[str]]:
    return {
        "name": record.name,
        "state": record.state.value,
        "version": record.plugin.version if record.plugin else "",
        "phase": record.phase,
        "reason": record.reason,
        "took_seconds": round(record.took, 4),
        "tables": list(record.tables),
    }
