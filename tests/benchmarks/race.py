"""The race: equal results first, round trips counted on the wire, then rounds in which the contenders take turns."""

from __future__ import annotations

import asyncio
import gc
import statistics
import time
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime
from importlib.util import find_spec
from typing import TYPE_CHECKING

import asyncpg
from loguru import logger

from tests.benchmarks.data import FULL, SMALL, fill
from tests.benchmarks.figures import ROOT
from tests.benchmarks.managed import Managed
from tests.benchmarks.operations import OPERATIONS, Operation
from tests.benchmarks.plain import Plain
from tests.benchmarks.raw import Leased, Pooled
from tests.benchmarks.wire import counted
from tux.database.engine import observers
from tux.settings import FAST
from tux.testing import scratch_database

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Callable, Iterator

    from tests.benchmarks.contender import Contender
    from tests.benchmarks.data import Size

NO_ALCHEMY = "SQLAlchemy is not installed, so it is left out: .venv/bin/pip install --require-hashes -r .ci/bench.lock"
WARMING = 3
SLOW_MICROSECONDS, SLOW_ROUNDS = 1_000_000, 3  # who takes a second for a call need not do so seven times


@dataclass
class Timed:
    """What a contender took for one operation, in µs for each call: wall and processor, one number a round."""

    wall: list[float] = field(default_factory=list)
    processor: list[float] = field(default_factory=list)

    @property
    def median(self) -> float:
        """The middle of the rounds."""
        return statistics.median(self.wall)


@dataclass
class Result:
    """What came out: times by operation, tasks and contender, round trips by operation and contender, and what is wrong."""

    versions: dict[str, str] = field(default_factory=dict)
    times: dict[tuple[str, int], dict[str, Timed]] = field(default_factory=dict)
    trips: dict[str, dict[str, int]] = field(default_factory=dict)
    wrong: list[str] = field(default_factory=list)


def contenders(*, quick: bool) -> list[type[Contender]]:
    """Return who takes part; SQLAlchemy is too slow for a quick run."""
    found: list[type[Contender]] = [Managed, Pooled, Leased, Plain]
    if quick:
        return found
    if find_spec("sqlalchemy") is None:
        print(NO_ALCHEMY)
        return found
    from tests.benchmarks.alchemy import Alchemy

    return [*found, Alchemy]


@asynccontextmanager
async def opened(url: str, size: Size, taking_part: list[type[Contender]]) -> AsyncGenerator[list[Contender]]:
    """Give connected contenders."""
    async with AsyncExitStack() as stack:
        running = [each(size, number) for number, each in enumerate(taking_part, 1)]
        for each in running:
            await each.run(each.open(url))
            stack.push_async_callback(lambda each=each: each.run(each.close()))
        yield running


async def race(*, quick: bool, step: Callable[[str, int], object]) -> Result:
    """Run everything; `step` is told the operation and how many steps there are in all."""
    logger.remove()
    size, rounds = (SMALL, 2) if quick else (FULL, 7)
    result, taking_part = Result(), contenders(quick=quick)
    async with scratch_database(ROOT) as url:
        await fill(url, size)
        admin = await asyncpg.connect(url)
        result.versions["PostgreSQL"] = await admin.fetchval("SHOW server_version")
        async with counted(url) as wire, opened(wire.url, size, taking_part) as running:
            for operation in OPERATIONS:
                await check(operation, running, result, admin, lambda: wire.trips)
        async with opened(url, size, taking_part) as running:
            for operation in OPERATIONS:
                for tasks in operation.tasks:
                    step(f"{operation.name}, {tasks}", sum(len(each.tasks) for each in OPERATIONS))
                    times = result.times[operation.name, tasks] = {each.name: Timed() for each in running}
                    for turn in range(rounds):
                        await one_round(operation, tasks, rotated(able(running, operation), turn), times, admin, quick)
        await admin.close()
    return result


def able(running: list[Contender], operation: Operation) -> list[Contender]:
    """Return those who have the operation."""
    return [each for each in running if hasattr(each, operation.name)]


def rotated(running: list[Contender], turn: int) -> Iterator[Contender]:
    """Give everybody every place in the row once in a while."""
    for place in range(len(running)):
        yield running[(place + turn) % len(running)]


async def around(admin: asyncpg.Connection, sql: str, who: Contender, calls: int) -> None:
    """Put the tables in order."""
    if sql:
        await admin.execute(sql.format(number=who.number, calls=calls) if "{" in sql else sql)


async def one_round(  # noqa: PLR0917 - what a round is made of
    operation: Operation,
    tasks: int,
    running: Iterator[Contender],
    times: dict[str, Timed],
    admin: asyncpg.Connection,
    quick: bool,
) -> None:
    """Time a block of each contender."""
    calls = max(tasks, (operation.calls // 4 or 1) if quick else operation.calls * (2 if tasks > 1 else 1))
    for who in running:
        if len(times[who.name].wall) >= SLOW_ROUNDS and times[who.name].median > SLOW_MICROSECONDS:
            continue
        await around(admin, operation.before, who, calls)
        call = getattr(who, operation.name)

        async def some(first: int, call: Callable[..., object] = call) -> None:
            for number in range(first, calls, tasks):
                await call(number)

        async def block() -> tuple[float, float]:
            began, worked = time.perf_counter(), time.process_time()
            if tasks == 1:
                await some(0)
            else:
                await asyncio.gather(*(some(first) for first in range(tasks)))
            return time.perf_counter() - began, time.process_time() - worked

        gc.collect()
        wall, processor = await who.run(block())
        times[who.name].wall.append(wall / calls * 1e6)
        times[who.name].processor.append(processor / calls * 1e6)
        await around(admin, operation.after, who, calls)


async def check(
    operation: Operation, running: list[Contender], result: Result, admin: asyncpg.Connection, trips: Callable[[], int]
) -> None:
    """Compare what the contenders return, and count the round trips of a call that was made before."""
    reference: object = None
    counts = result.trips[operation.name] = {}
    for who in sorted(able(running, operation), key=lambda each: each.name != Pooled.name):
        calls = WARMING + 1 if operation.calls > 1 else 2
        await around(admin, operation.before, who, calls)
        call = getattr(who, operation.name)
        seen: list[str] = []
        see = seen.append
        for number in range(calls):
            if number and operation.calls == 1:
                await around(admin, operation.after, who, 0)
            before = trips()
            seen.clear()
            observers.append(see)
            try:
                returned = await who.run(call(number))
            finally:
                observers.remove(see)
        counts[who.name] = trips() - before
        if isinstance(who, Managed):
            result.wrong.extend(f"rows of {name} are no longer made by compiled code" for name in who.slow_models())
        if FAST and who.name == Managed.name and counts[who.name] > operation.trips:
            result.wrong.append(
                f"{operation.name}: {counts[who.name]} round trips for {len(seen)} statements, recorded are"
                f" {operation.trips}: {str(seen)[:200]}"
            )
        await around(admin, operation.after, who, 0)
        found = described(who.values(returned), operation.made)
        if who.name == Pooled.name:
            reference = found
        elif found != reference:
            result.wrong.append(f"{operation.name}: {who.name} differs: {difference(found, reference)}")


def described(value: object, made: frozenset[str]) -> object:
    """Return a value with its types and time zones, which `==` would let pass."""
    if isinstance(value, dict):
        return {
            name: described(type(each).__name__ if name in made else each, made)
            for name, each in sorted(value.items(), key=lambda pair: str(pair[0]))
        }
    if isinstance(value, list):
        return [described(each, made) for each in value]
    return type(value).__name__, value, str(value.tzinfo) if isinstance(value, datetime) else ""


def difference(found: object, wanted: object) -> str:
    """Return the first thing in which two results differ."""
    if isinstance(found, dict) and isinstance(wanted, dict) and found.keys() == wanted.keys():
        return next(f"{key}: {difference(found[key], wanted[key])}" for key in found if found[key] != wanted[key])
    if isinstance(found, list) and isinstance(wanted, list) and len(found) == len(wanted):
        return next(difference(*pair) for pair in zip(found, wanted, strict=True) if pair[0] != pair[1])
    return f"{str(found)[:300]} instead of {str(wanted)[:300]}"
