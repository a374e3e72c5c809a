"""Many rows: the memory of `iterate`, the bytes of a row, and how long nothing else gets its turn meanwhile."""

from __future__ import annotations

import asyncio
import gc
import json
import statistics
import time
import tracemalloc
from typing import TYPE_CHECKING

import asyncpg

from tests.benchmarks.data import GUILD, SMALL, Size, fill
from tests.benchmarks.figures import Figure, resident_bytes, run
from tests.benchmarks.managed import Managed
from tests.benchmarks.plain import Plain
from tests.benchmarks.plain_models import Case

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

ROWS = 1_000_000
LOOK_ROWS = 20_000
WEIGHED_ROWS = 5_000
SMALL_READS = 20
ROUNDS = 7
MANY = f"""
INSERT INTO levels_member_levels (guild_id, member_id, xp, level, created_at, updated_at)
SELECT {GUILD}, row, row, 1, now(), now() FROM generate_series(1, {ROWS}) AS row
"""
SIZE = Size(SMALL.guilds, SMALL.cases, SMALL.levels, SMALL.snippets, big=WEIGHED_ROWS)


def streaming_figures(url: str) -> list[Figure]:
    """Return memory, weight of a row and longest hold beside their goals; the process of its own fills the database."""
    found = json.loads(run(f"from tests.benchmarks.streaming import measure; measure({url!r})"))
    grown, row, plain = found["grown_bytes"] / 2**20, found["tux_row"], found["tortoise_row"]
    held = {who: found[f"{who}_held"] * 1000 for who in ("tux", "tortoise")}
    return [
        Figure(
            f"iterate over {ROWS:,} rows",
            f"{grown:.0f} MB",
            "≤ 50 MB",
            grown <= 50,
            f"above idle, at most; {found['iterate_seconds']:.1f} s",
        ),
        Figure("bytes of a row", f"{row:.0f}", f"≤ {plain:.0f}", row <= plain, "a case; the goal is plain Tortoise's"),
        Figure(
            "longest hold of the loop",
            f"{held['tux']:.0f} ms",
            "≤ 20 ms",
            held["tux"] <= 20,
            f"reading {WEIGHED_ROWS:,} rows; plain Tortoise {held['tortoise']:.0f} ms, tux on an idle loop otherwise",
        ),
    ]


def measure(url: str) -> None:
    """Print the figures as JSON; runs in a process of its own, so that the memory is its own."""
    print(json.dumps(asyncio.run(_measure(url))))


async def _measure(url: str) -> dict[str, float]:
    from loguru import logger

    logger.remove()
    await fill(url, SIZE)
    admin = await asyncpg.connect(url)
    await admin.execute(MANY)
    await admin.execute("VACUUM ANALYZE levels_member_levels")
    await admin.close()
    tux, plain = Managed(SIZE, 1), Plain(SIZE, 2)
    await tux.run(tux.open(url))
    await plain.run(plain.open(url))
    found = await tux.run(_iterated(tux))

    def ours(count: int = WEIGHED_ROWS) -> Awaitable[list[object]]:
        return tux.db.case.find_all({"guild_id": GUILD}, limit=count)

    def theirs(count: int = WEIGHED_ROWS) -> Awaitable[list[object]]:
        return Case.filter(guild_id=GUILD).limit(count)

    for who, contender, read in (("tux", tux, ours), ("tortoise", plain, theirs)):
        found[f"{who}_row"] = await contender.run(_weighed(read))
        found[f"{who}_held"] = await contender.run(_held(read))
    await tux.run(tux.close())
    await plain.run(plain.close())
    return found


async def _iterated(tux: Managed) -> dict[str, float]:
    """Go through all rows, and return by how much the memory grew at most."""
    async for _ in tux.db.levels.iterate({"guild_id": GUILD}):
        break
    gc.collect()
    idle = most = resident_bytes()
    seen, began = 0, time.perf_counter()
    async for _ in tux.db.levels.iterate({"guild_id": GUILD}):
        seen += 1
        if seen % LOOK_ROWS == 0:
            most = max(most, resident_bytes())
    if seen < ROWS:
        message = f"iterate gave {seen} rows of {ROWS}"
        raise SystemExit(message)
    return {"grown_bytes": most - idle, "iterate_seconds": time.perf_counter() - began}


async def _weighed(read: Callable[..., Awaitable[list[object]]]) -> float:
    """Return the bytes of a row, its values included."""
    await read()
    gc.collect()
    tracemalloc.start()
    rows = await read()
    for _ in range(SMALL_READS):  # so that the driver lets go of the large answer as it came over the wire
        await read(1)
    gc.collect()
    size = tracemalloc.get_traced_memory()[0]
    tracemalloc.stop()
    return size / len(rows)


async def _held(read: Callable[[], Awaitable[list[object]]]) -> float:
    """Return the longest time in seconds for which the event loop did nothing else, the median of the rounds."""
    longest: list[float] = []
    for _ in range(ROUNDS):
        gaps: list[float] = []
        ticking = asyncio.create_task(_tick(gaps))
        await asyncio.sleep(0)
        await read()
        ticking.cancel()
        longest.append(max(gaps))
    return statistics.median(longest)


async def _tick(gaps: list[float]) -> None:
    before = time.perf_counter()
    while True:
        await asyncio.sleep(0)
        now = time.perf_counter()
        gaps.append(now - before)
        before = now
