"""How the operations of Tux take a hundred times the rows: three databases at once, taking turns."""

from __future__ import annotations

import gc
import statistics
from contextlib import AsyncExitStack
from typing import TYPE_CHECKING

import asyncpg

from tests.benchmarks.data import Size, fill
from tests.benchmarks.figures import ROOT
from tests.benchmarks.managed import Managed
from tests.benchmarks.operations import OPERATIONS
from tests.benchmarks.race import Plan, Timed, rotated, timed, warmed
from tux.testing import scratch_database

if TYPE_CHECKING:
    from collections.abc import Callable

GOAL = 1.3
BIG = 4_500  # the guild through which the pages go has as many at each size
SIZES = {times: Size(20 * times, BIG + 2_000 * times, 2_000 * times, 200 * times, big=BIG) for times in (1, 10, 100)}
PLAN = Plan(SIZES[1], rounds=7, block_seconds=0.03)
MEASURED = tuple(each for each in OPERATIONS if not each.is_crowd)


async def growth(step: Callable[[str, int], object], plan: Plan = PLAN) -> dict[str, dict[int, float]]:
    """Return for each operation the time of a call at each size, as a ratio to that at the smallest."""
    found: dict[str, dict[int, float]] = {}
    async with AsyncExitStack() as stack:
        admins: dict[int, asyncpg.Connection] = {}
        running: list[Managed] = []
        for times, size in SIZES.items():
            step(f"{times} x: loading the rows", len(SIZES) + len(MEASURED))
            url = await stack.enter_async_context(scratch_database(ROOT))
            await fill(url, size)
            admins[times] = await asyncpg.connect(url)
            stack.push_async_callback(admins[times].close)
            who = Managed(size, times)
            await who.run(who.open(url))
            stack.push_async_callback(lambda who=who: who.run(who.close()))
            running.append(who)
        gc.freeze()
        for operation in MEASURED:
            step(operation.name, len(SIZES) + len(MEASURED))
            took = {times: Timed() for times in SIZES}
            tasks = operation.tasks[0]
            # Or one size's autovacuum would have come by after the writes before, and another's not.
            for admin in admins.values():
                await admin.execute("VACUUM ANALYZE")
            calls = [await warmed(operation, tasks, who, admins[who.number], plan) for who in running]
            for turn in range(plan.rounds):
                for who in rotated(running, turn):
                    await timed(operation, tasks, who, max(calls), admins[who.number], took[who.number])
            found[operation.name] = grown({times: each.wall for times, each in took.items()})
    return found


def grown(walls: dict[int, list[float]]) -> dict[int, float]:
    """Return the median of the rounds' ratios to the smallest size."""
    least = walls[min(walls)]
    return {
        times: statistics.median(mine / base for mine, base in zip(each, least, strict=True))
        for times, each in walls.items()
    }
