"""`tux start`, `tux console`, and the groups `tux plugin` and `tux db`."""

from __future__ import annotations

import asyncio
import signal
from contextlib import suppress
from pathlib import Path  # noqa: TC003 - typer reads the annotations
from typing import Annotated, Any

import typer

import tux
from tux.cli import db as db_commands
from tux.cli import plugin as plugin_commands
from tux.cli.common import console_out, failing, project
from tux.errors import SettingsError

app = typer.Typer(help="A Discord bot whose features bring their own data.", no_args_is_help=True, add_completion=False)
app.add_typer(db_commands.app, name="db")
app.add_typer(plugin_commands.app, name="plugin")


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
    asyncio.run(_run_bot(settings, token))


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
def version() -> None:
    """Print the version."""
    console_out.print(tux.__version__)


async def _run_bot(settings: Any, token: str) -> None:
    import discord

    from tux.bot import Tux

    bot = Tux(settings)
    task = asyncio.current_task()
    if task is not None:
        for number in (signal.SIGINT, signal.SIGTERM):
            with suppress(NotImplementedError):  # Windows has no signal handlers in its loop
                asyncio.get_running_loop().add_signal_handler(number, task.cancel)
    try:
        async with bot:
            await bot.start(token)
    except asyncio.CancelledError:
        console_out.print("Stopped.")
    except discord.LoginFailure:
        raise SettingsError(
            "Discord does not accept the token in DISCORD_TOKEN; make a new one (Bot, Reset Token)"
        ) from None
    except discord.PrivilegedIntentsRequired:
        raise SettingsError(
            "Discord refused the intents: enable Server Members and Message Content in the developer portal (Bot)"
        ) from None


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

