"""The race: equal results first, round trips counted on the wire, then rounds in which the contenders take turns."""

from __future__ import annotations

import asyncio
import gc
import statistics
import time
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from importlib.util import find_spec
from typing import TYPE_CHECKING, NamedTuple

import asyncpg

from tests.benchmarks.checks import able, around, check, check_crowd, switched_off
from tests.benchmarks.data import FULL, SMALL, fill
from tests.benchmarks.figures import ROOT
from tests.benchmarks.managed import Managed
from tests.benchmarks.operations import BY_NAME, OPERATIONS, Operation
from tests.benchmarks.plain import Plain
from tests.benchmarks.profiling import shares
from tests.benchmarks.raw import Leased, Pooled
from tests.benchmarks.report import figures, missed
from tests.benchmarks.wire import counted
from tux.testing import scratch_database

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Callable, Iterator, Sequence

    from tests.benchmarks.contender import Contender
    from tests.benchmarks.data import Size

NO_ALCHEMY = "SQLAlchemy is not installed, so it is left out: .venv/bin/pip install --require-hashes -r .ci/bench.lock"
WARMING_CALLS = 12
MOST_CALLS = 2_000
PROFILED_CALLS = 60
LEAST_ROUNDS = 3
SLOW_SECONDS = 1.0


class Plan(NamedTuple):
    """What is run: on how many rows, how often, how long a block and all together shall take, which operations."""

    size: Size = FULL
    rounds: int = 7
    block_seconds: float = 0.05
    seconds: float = 240.0
    operations: tuple[Operation, ...] = OPERATIONS
    concurrency: tuple[int, ...] = ()
    contenders: tuple[str, ...] = ()
    profiles: bool = False
    """Whether the operations whose goal is missed are run once more, to see where their time goes."""

    def blocks(self) -> list[tuple[Operation, int]]:
        """Return each operation with each number of tasks."""
        return [
            (each, tasks)
            for each in self.operations
            for tasks in self.concurrency or (each.tasks[:1] if self.size is SMALL else each.tasks)
        ]


QUICK = Plan(SMALL, rounds=1, block_seconds=0.004)
"""What fails does so before anything is timed; the one round at the fewest tasks shows that all of it runs."""


class Pace:
    """Keeps a race within its time on a busy machine, by fewer calls in a round.

    Only whoever takes seconds for the fewest calls there can be stops after three rounds, and only then.
    """

    def __init__(self, plan: Plan, now: float) -> None:
        self.plan = plan
        self.end = now + plan.seconds
        self.left = len(plan.blocks())
        self.began = now
        self.factor = 1.0
        self.is_late = False

    def has_enough(self, times: Timed, calls: int) -> bool:
        """Tell whether a contender may stop before its last round."""
        return self.is_late and len(times.wall) >= LEAST_ROUNDS and times.wall[-1] * calls > SLOW_SECONDS * 1e6

    def next(self, now: float) -> Plan:
        """Return the plan for the next operation, when the last one took until `now`."""
        fair = max(self.end - now, 0.0) / max(self.left, 1)
        took = now - self.began
        if took > fair:
            self.factor = max(0.1, self.factor * fair / took)
        else:
            self.factor = min(1.0, self.factor * 1.25)
        self.left -= 1
        self.began = now
        self.is_late = self.factor < 1
        return self.plan._replace(block_seconds=self.plan.block_seconds * self.factor)


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
    profiles: dict[tuple[str, int], dict[str, float]] = field(default_factory=dict)


def contenders(wanted: Sequence[str], *, quick: bool) -> list[type[Contender]]:
    """Return who takes part; SQLAlchemy is too slow for a quick run."""
    found: list[type[Contender]] = [Managed, Pooled, Leased, Plain]
    if not quick:
        if find_spec("sqlalchemy") is None:
            print(NO_ALCHEMY)
        else:
            from tests.benchmarks.alchemy import Alchemy

            found.append(Alchemy)
    return [each for each in found if not wanted or each.name in wanted or each is Pooled]


@asynccontextmanager
async def opened(url: str, size: Size, taking_part: list[type[Contender]]) -> AsyncGenerator[list[Contender]]:
    """Give connected contenders."""
    async with AsyncExitStack() as stack:
        running = [each(size, number) for number, each in enumerate(taking_part, 1)]
        for each in running:
            await each.run(each.open(url))
            stack.push_async_callback(lambda each=each: each.run(each.close()))
        yield running


async def race(
    plan: Plan, step: Callable[[str, int], object], measured: Callable[[Result], object] | None = None
) -> Result:
    """Run everything; `step` is told what is done now and how many there are, `measured` what came out before profiling."""
    result = Result(wrong=switched_off())
    taking_part = contenders(plan.contenders, quick=plan.size is SMALL)
    blocks = plan.blocks()
    total = len(plan.operations) + len(blocks)
    async with scratch_database(ROOT) as url:
        await fill(url, plan.size)
        admin = await asyncpg.connect(url)
        result.versions["PostgreSQL"] = await admin.fetchval("SHOW server_version")
        async with counted(url) as wire, opened(wire.url, plan.size, taking_part) as running:
            for operation in plan.operations:
                step(f"{operation.name}: equal?", total)
                result.trips[operation.name], wrong = await check(operation, running, admin, lambda: wire.trips)
                result.wrong += [each for each in wrong if each not in result.wrong]
        async with opened(url, plan.size, taking_part) as running:
            for who in running:
                if isinstance(who, Managed):
                    result.wrong += await check_crowd(who, admin)
            gc.freeze()  # what all have loaded costs nobody anything: only what a block makes is collected
            pace = Pace(plan, time.monotonic())
            for operation, tasks in blocks:
                step(f"{operation.name}, {tasks}", total)
                now = pace.next(time.monotonic())
                times = result.times[operation.name, tasks] = {each.name: Timed() for each in running}
                calls = {
                    each.name: await warmed(operation, tasks, each, admin, now) for each in able(running, operation)
                }
                for turn in range(plan.rounds):
                    for who in rotated(able(running, operation), turn):
                        if not pace.has_enough(times[who.name], calls[who.name]):
                            await timed(operation, tasks, who, calls[who.name], admin, times[who.name])
            if measured is not None:
                measured(result)
            if plan.profiles:
                result.profiles = await profiled(missed(figures(result)), running, admin)
        await admin.close()
    return result


async def profiled(
    wanted: list[tuple[Operation, int]], running: list[Contender], admin: asyncpg.Connection
) -> dict[tuple[str, int], dict[str, float]]:
    """Return where the time of Tux goes in some operations."""
    found: dict[tuple[str, int], dict[str, float]] = {}
    who = next(each for each in running if isinstance(each, Managed))
    for operation, tasks in wanted:
        calls = 1 if operation.is_bulk else max(tasks, PROFILED_CALLS)
        await around(admin, operation.before, who, calls)
        found[operation.name, tasks] = await who.run(shares(block(operation, tasks, who, calls)))
        await around(admin, operation.after, who, calls)
    return found


def rotated(running: list[Contender], turn: int) -> Iterator[Contender]:
    """Give everybody every place in the row once in a while."""
    for place in range(len(running)):
        yield running[(place + turn) % len(running)]


async def far_away(milliseconds: float, rounds: int, names: Sequence[str]) -> dict[str, float]:
    """Return the ms of a numbered case for each contender, over a connection whose answers come so much later."""
    operation, plan = BY_NAME["create_case"], Plan(SMALL, rounds, block_seconds=0.2)
    async with scratch_database(ROOT) as url:
        await fill(url, SMALL)
        admin = await asyncpg.connect(url)
        async with (
            counted(url, delay_seconds=milliseconds / 1000) as wire,
            opened(wire.url, SMALL, contenders(names, quick=False)) as running,
        ):
            times = {each.name: Timed() for each in running}
            calls = {each.name: await warmed(operation, 1, each, admin, plan) for each in running}
            for turn in range(rounds):
                for who in rotated(running, turn):
                    await timed(operation, 1, who, calls[who.name], admin, times[who.name])
        await admin.close()
    return {name: each.median / 1000 for name, each in times.items()}


def calls_of(seconds: float, tasks: int, plan: Plan) -> int:
    """Return how many calls of so many seconds make a block: at least one a task, and as many for each task."""
    wanted = min(MOST_CALLS, int(plan.block_seconds / max(seconds, 1e-9)))
    return max(1, wanted // tasks) * tasks


async def warmed(operation: Operation, tasks: int, who: Contender, admin: asyncpg.Connection, plan: Plan) -> int:
    """Let a contender run once without being timed, and return how many calls its blocks shall have."""
    if operation.is_bulk:
        await timed(operation, tasks, who, 1, admin, Timed())
        return 1
    first = Timed()
    await timed(operation, tasks, who, max(tasks, WARMING_CALLS), admin, first)
    return calls_of(first.median / 1e6, tasks, plan)


async def block(operation: Operation, tasks: int, who: Contender, calls: int) -> tuple[float, float]:
    """Make calls from so many tasks, and return the seconds that all took together, wall and processor."""
    call = getattr(who, operation.name)

    async def some(first: int) -> None:
        for number in range(first, calls, tasks):
            await call(number)

    began, worked = time.perf_counter(), time.process_time()
    if tasks == 1:
        await some(0)
    else:
        await asyncio.gather(*(some(first) for first in range(tasks)))
    return time.perf_counter() - began, time.process_time() - worked


async def timed(  # noqa: PLR0917 - what a block is made of
    operation: Operation, tasks: int, who: Contender, calls: int, admin: asyncpg.Connection, times: Timed
) -> None:
    """Time a block of a contender."""
    await around(admin, operation.before, who, calls)
    gc.collect()
    wall, processor = await who.run(block(operation, tasks, who, calls))
    times.wall.append(wall / calls * 1e6)
    times.processor.append(processor / calls * 1e6)
    await around(admin, operation.after, who, calls)


def chosen(names: str) -> tuple[Operation, ...]:
    """Return the operations that are named, with commas between them; all when nothing is.

    Raises:
        SystemExit: there is none of that name.
    """
    for name in filter(None, names.split(",")):
        if name not in BY_NAME:
            message = f"there is no operation {name!r}; there are: {', '.join(BY_NAME)}"
            raise SystemExit(message)
    return tuple(BY_NAME[name] for name in names.split(",")) if names else OPERATIONS
