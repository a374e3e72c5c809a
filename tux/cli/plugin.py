"""`tux plugin`: what the registry knows."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Annotated

import typer
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

    records = load_registry(project()).records.values()
    if as_json:
        for record in records:
            console_out.print(json.dumps(_facts(record)), markup=False)
        return
    table = Table("plugin", "state", "version", "ms", "tables", "reason", box=None, pad_edge=False)
    for record in records:
        table.add_row(
            record.name,
            f"[{_COLOURS[record.state]}]{record.state}[/]",
            record.plugin.version if record.plugin else "",
            f"{record.took * 1000:.0f}",
            ", ".join(record.tables),
            record.reason,
        )
    console_out.print(table)


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
