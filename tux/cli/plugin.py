"""`tux plugin`: what the registry knows."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Annotated

import typer
from loguru import logger
from rich.table import Table

from tux.cli.common import console_out, failing, project

if TYPE_CHECKING:
    from tux.registry import PluginRecord

app = typer.Typer(help="Plugins and their states.", no_args_is_help=True)

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
    records = load_registry(settings).records.values()
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
