"""What tests of the bot share: cogs that come and go, and what was logged meanwhile."""

from __future__ import annotations

from contextlib import asynccontextmanager, contextmanager

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
