"""`tux start`, `tux console`, and the groups `tux plugin`, `tux db` and `tux data`."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from pathlib import Path  # noqa: TC003 - typer reads the annotations
from typing import Annotated

import typer
from loguru import logger

import tux
from tux.cli import data as data_commands
from tux.cli import db as db_commands
from tux.cli import plugin as plugin_commands
from tux.cli.common import console_err, console_out, failing, project
from tux.errors import SettingsError

app = typer.Typer(help="A Discord bot whose features bring their own data.", no_args_is_help=True, add_completion=False)
app.add_typer(db_commands.app, name="db")
app.add_typer(plugin_commands.app, name="plugin")
app.add_typer(data_commands.app, name="data")


@app.command()
@failing
def start() -> None:
    """Start the bot on Discord, with the token in DISCORD_TOKEN."""
    settings = project()
    token = settings.token.get_secret_value() if settings.token else ""
    if not token:
        raise SettingsError(
            "no token: put DISCORD_TOKEN=... into config/.env or the environment "
            "(Discord's developer portal, Bot, Reset Token), or try `tux console`, which needs none"
        )
    _new_event_loop()
    from tux.bot.running import run_bot
    from tux.observe.healthz import health_endpoint

    if not asyncio.run(run_bot(settings, token, beside=health_endpoint)):
        console_out.print("Stopped.")


@app.command()
@failing
def console(
    script: Annotated[Path | None, typer.Argument(help="A script to play; without one, type or pipe lines.")] = None,
) -> None:
    """Talk to the bot in the terminal: a local Discord, no token, no network."""
    from tux.offline.console import run_console

    settings = project()
    if script is not None and not script.is_file():
        raise SettingsError(f"there is no script {script}")
    raise typer.Exit(run_console(settings, script))


@app.command()
@failing
def sync() -> None:
    """Write config/typings/, from which type checkers know `self.db.<manager>`; exit code 1 when a plugin is missing."""
    from tux.registry import Registry, State
    from tux.registry.facade import FACADE, facade_text

    settings = project()
    logger.disable("tux.registry")  # what it would say is printed below
    registry = Registry.load(settings.root, settings)  # with those that are off: their cogs are checked, too
    (settings.root / FACADE).parent.mkdir(parents=True, exist_ok=True)
    (settings.root / FACADE).write_text(facade_text(registry.managers), encoding="utf-8")
    console_out.print(f"wrote {FACADE}: {len(registry.managers)} managers")
    missing = [record for record in registry.records.values() if record.state is not State.READY]
    for record in missing:
        console_err.print(f"without {record.name}, which is {record.state}: {record.reason}", markup=False)
    if missing:
        raise typer.Exit(1)


@app.command()
def version() -> None:
    """Print the version."""
    console_out.print(tux.__version__)


def _new_event_loop() -> None:
    """Use uvloop where the `speed` extra is installed."""
    with suppress(ImportError):
        import uvloop

        uvloop.install()


def main() -> None:
    """Run `tux`."""
    app()


def db_main() -> None:
    """Run `db`: `tux db` under its older name and words."""
    db_commands.app(prog_name="db")
