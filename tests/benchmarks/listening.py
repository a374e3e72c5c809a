"""What a message costs the bot, through its real dispatch with all plugins on: statements, and time of all listeners."""

from __future__ import annotations

import asyncio
import statistics
import time
from typing import TYPE_CHECKING, Any

from tests.benchmarks.figures import Figure
from tux.database.engine import observers

if TYPE_CHECKING:
    from tux.offline.driver import LocalDiscord

MESSAGES = 200
ROUNDS = 9
GOAL_SECONDS = 200e-6


async def listen(discord: LocalDiscord) -> dict[str, Any]:
    """Return seconds and statements of messages: the first in a guild, one that earns XP, and quiet ones."""
    statements: list[str] = []
    messages: list[Any] = []
    bot: Any = discord.bot

    async def keep(message: object) -> None:
        messages.append(message)

    found: dict[str, Any] = {}
    ready = [record.name for record in bot.registry.records.values() if record.state == "ready"]
    for cog in bot.cogs.values():
        await bot._due.stop(cog)  # its statements are nobody's who writes a message
    guild = await discord.join_guild("Another server")
    see = statements.append
    observers.append(see)
    try:
        for name, who in (("first", "carol"), ("earning", "dave")):
            member = discord.member(who, guild=guild)
            await discord.settle()
            if name == "first":
                bot.db.snapshot.drop(guild.id)
            statements.clear()
            await member.says("good morning, everybody")
            found[f"{name}_statements"] = len(statements)
        bot.add_listener(keep, "on_message")
        statements.clear()
        await member.says("and a good day")  # within the cooldown
        bot.remove_listener(keep, "on_message")
        wall, processor = await _many(bot, messages[-1])
        found["quiet_statements"] = len(statements)
    finally:
        observers.remove(see)
    return found | {"quiet_seconds": wall, "quiet_processor": processor, "plugins": len(ready)}


async def _many(bot: Any, message: object) -> tuple[float, float]:
    """Dispatch a message again and again; return seconds a message, wall and processor, the median of the rounds."""
    known = asyncio.all_tasks()
    walls: list[float] = []
    processors: list[float] = []
    for _ in range(ROUNDS):
        began, worked = time.perf_counter(), time.process_time()
        for _ in range(MESSAGES):
            bot.dispatch("message", message)
        while tasks := asyncio.all_tasks() - known:
            await asyncio.wait(tasks)
        walls.append((time.perf_counter() - began) / MESSAGES)
        processors.append((time.process_time() - worked) / MESSAGES)
    return statistics.median(walls), statistics.median(processors)


def quiet_figures(found: dict[str, Any]) -> list[Figure]:
    """Return what a message costs beside its goals."""
    seconds = found["quiet_seconds"]
    note = (
        f"through the bot's dispatch, {found['plugins']} plugins ready; {found['quiet_processor'] * 1e6:.0f} µs of CPU"
    )
    goals = {
        "first": "the first message seen in a guild",
        "earning": "a message that earns XP",
        "quiet": "a quiet message",
    }
    most = {"first": 1, "earning": 1, "quiet": 0}
    return [
        Figure("all listeners, quiet message", f"{seconds * 1e6:.0f} µs", "≤ 200 µs", seconds <= GOAL_SECONDS, note),
        *(
            Figure(f"statements, {name}", str(count), f"≤ {most[name]}", count <= most[name], text)
            for name, text in goals.items()
            for count in [found[f"{name}_statements"]]
        ),
    ]
