"""What tests of the bot share: cogs that come and go, what was logged meanwhile, copies of the project."""

from __future__ import annotations

import os
import shutil
import subprocess
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path

from loguru import logger


@asynccontextmanager
async def added(bot, *cogs):
    """Add cogs to the running bot, with their slash commands, and take them out again."""
    try:
        for cog in cogs:
            await bot.add_cog(cog)
        await bot.tree.sync()
        yield
    finally:
        for cog in cogs:
            await bot.remove_cog(cog.qualified_name)
        await bot.tree.sync()


@contextmanager
def logged(discord=None):
    """Yield the list of all that is logged, each line with its level and context, tracebacks included.

    With `discord`, errors among it are what the test wants, and do not fail it.
    """
    lines: list[str] = []
    sink = logger.add(
        lambda message: lines.append(str(message)),
        level=0,
        format="{level} {extra} {name}: {message}\n{exception}",
        diagnose=False,
    )
    try:
        yield lines
    finally:
        logger.remove(sink)
        if discord is not None:
            discord.errors.clear()


REPOSITORY = Path(__file__).resolve().parents[2]
CLEARED = {"DATABASE_URL", "DEV_DATABASE_URL", "PROD_DATABASE_URL", "TUX_ENV", "TUX_ROOT", "DISCORD_TOKEN"}


def copy_project(root, *, plugins=("guild", "moderation")):
    """Make a project of this repository's config, migrations and some of its plugins; return its folder."""
    leave = shutil.ignore_patterns("__pycache__", ".env")
    for name in ("config", "migrations"):
        shutil.copytree(REPOSITORY / name, root / name, ignore=leave)
    for name in plugins:
        shutil.copytree(REPOSITORY / "plugins" / name, root / "plugins" / name, ignore=leave)
    shutil.copy(REPOSITORY / "pyproject.toml", root)
    return root


def clean_environment():
    """Return the environment without what leads Tux to a project or a database."""
    return {key: value for key, value in os.environ.items() if key not in CLEARED and not key.startswith("TUX_")}


def run_in(root, *command, **environment):
    """Run a command as a user of the project at `root` would type it."""
    return subprocess.run(
        command,
        cwd=root,
        env=clean_environment() | environment,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
