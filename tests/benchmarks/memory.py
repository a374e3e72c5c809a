"""What reads from memory cost: a look into the snapshot, an awaited one, a cached row, beside the same row uncached."""

from __future__ import annotations

import asyncio
import json
import statistics
import timeit
from time import perf_counter, process_time
from typing import TYPE_CHECKING

from tests.benchmarks.figures import ROOT, Figure, run

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

GUILD = 1
GOAL_NS = 60
GOALS = frozenset({"prefix", "settings as stored", "ranks of commands"})


def cache_figures(rounds: int = 15) -> list[Figure]:
    """Nanoseconds of each read, the median of the rounds, in a process of its own."""
    found = json.loads(run(f"from tests.benchmarks.memory import measure_reads; measure_reads({rounds})"))
    return [
        Figure(
            f"read: {name}",
            f"{value:,.0f} ns",
            f"≤ {GOAL_NS} ns" if name in GOALS else "-",
            value <= GOAL_NS if name in GOALS else None,
            "one statement" if "uncached" in name else "from memory",
        )
        for name, value in found.items()
    ]


def measure_reads(rounds: int) -> None:
    """Print the figures as JSON."""
    print(json.dumps(asyncio.run(_measure_reads(rounds))))


async def _measure_reads(rounds: int) -> dict[str, float]:
    from loguru import logger

    from plugins.guild import PREFIX
    from plugins.guild.managers import GuildConfigManager, LevelRoleManager
    from plugins.levels.settings import LevelSettings
    from plugins.permissions import COMMANDS
    from plugins.permissions.managers import PermissionCommandManager
    from tux import open_database
    from tux.core import SETTINGS
    from tux.testing import scratch_database

    logger.remove()
    async with scratch_database(ROOT) as url, open_database(url, root=ROOT) as db:
        await db[GuildConfigManager].update_guild_prefix(GUILD, "?")
        await db[GuildConfigManager].update_perm_level_role(GUILD, 3, 5)
        await db[PermissionCommandManager].set_command_permission(GUILD, "warn", 3)
        await db.settings.change(GUILD, LevelSettings, cooldown_seconds=LevelSettings().cooldown_seconds * 2)
        await db.snapshot(GUILD)
        names = {"plain": {GUILD: {"guild.prefix": "?"}}, "peek": db.snapshot.peek, "db": db}
        names |= {"PREFIX": PREFIX, "LevelSettings": LevelSettings}
        looks = {
            "dict look-up": "plain[1]",
            "prefix in two dicts": "plain[1]['guild.prefix']",
            "snapshot": "peek(1)",
            "prefix": f"peek(1)[{PREFIX.name!r}]",
            "settings as stored": f"peek(1)[{SETTINGS.name!r}]",
            "ranks of commands": f"peek(1)[{COMMANDS.name!r}]",
            "prefix, by db and part": "PREFIX.of(db.snapshot.peek(1))",
            "settings of a plugin, validated": "db.settings.peek(1, LevelSettings)",
        }
        reads: dict[str, Callable[[], Awaitable[object]]] = {
            "awaited snapshot": lambda: db.snapshot(GUILD),
            "cached row": lambda: db[GuildConfigManager].get_by_id(GUILD),
            "uncached row": lambda: db[LevelRoleManager].get_by_id(1),
        }
        figures = {name: _look(text, names, rounds) for name, text in looks.items()}
        return figures | {
            name: await _read(read, rounds, perf_counter if "uncached" in name else process_time)
            for name, read in reads.items()
        }


def _look(text: str, names: dict[str, object], rounds: int) -> float:
    timer = timeit.Timer(text, timer=process_time, globals=names)  # of the processor: it is shared
    count = timer.autorange()[0] // 4 + 1
    return statistics.median(timer.repeat(rounds, count)) / count * 1e9


async def _read(read: Callable[[], Awaitable[object]], rounds: int, clock: Callable[[], float]) -> float:
    times: list[float] = []
    for _ in range(rounds):
        began = clock()
        for _ in range(200):
            await read()
        times.append((clock() - began) / 200 * 1e9)
    return statistics.median(times)
