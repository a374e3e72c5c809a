"""What came out of the race: bench.json, and its table for a terminal and for the documentation."""

from __future__ import annotations

import statistics
from typing import TYPE_CHECKING, Any

from rich.table import Table

from tests.benchmarks.operations import BY_NAME

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from tests.benchmarks.operations import Operation
    from tests.benchmarks.race import Result

BASE = "asyncpg"
ORDER = ("tux", "leased", BASE, "tortoise", "sqlalchemy")
TRIPS = ("tux", BASE, "tortoise")
HEAD = (
    "operation",
    "tasks",
    "tux",
    "goal",
    "tux / leased",
    "leased",
    "tortoise",
    "sqlalchemy",
    "asyncpg µs",
    "trips",
    "same",
)


def figures(result: Result) -> dict[str, Any]:
    """Return what bench.json holds: medians in µs for each call, and the ratios to asyncpg's pool."""
    made: dict[str, Any] = {}
    for (name, tasks), all_times in result.times.items():
        times = {who: all_times[who] for who in ORDER if who in all_times and all_times[who].wall}
        made.setdefault(name, {})[str(tasks)] = {
            **{who: round(each.median, 1) for who, each in times.items()},
            "round_trips": result.trips[name],
            "same": BY_NAME[name].same,
            "range": {who: [round(min(each.wall), 1), round(max(each.wall), 1)] for who, each in times.items()},
            "cpu": {who: round(statistics.median(each.processor), 1) for who, each in times.items()},
            "ratio": {
                who: [round(value, 4) for value in spread(ratios(each.wall, times[BASE].wall))]
                for who, each in times.items()
            },
        }
    return made


def ratios(own: Sequence[float], base: Sequence[float]) -> list[float]:
    """Return the ratio of each round, so that a machine that is slower for a while is so for both.

    Whoever stopped early has fewer rounds.
    """
    return [mine / other for mine, other in zip(own, base, strict=False)]


def spread(values: Sequence[float]) -> tuple[float, float, float]:
    """Return median, least and most."""
    return statistics.median(values), min(values), max(values)


def is_met(operation: Operation, tasks: int, ratio: float) -> bool | None:
    """Tell whether a goal is reached, as it is written with two digits; None where there is none."""
    goal = operation.goal_at(tasks)
    return None if not goal else round(ratio, 2) <= round(goal, 2)


def rows(made: dict[str, Any], *, crowd: bool) -> Iterator[tuple[Operation, int, dict[str, Any]]]:
    """Yield what was measured of the crowds, or of all other operations."""
    for name, by_tasks in made.items():
        for tasks, each in by_tasks.items():
            if BY_NAME[name].is_crowd is crowd:
                yield BY_NAME[name], int(tasks), each


def missed(made: dict[str, Any]) -> list[tuple[Operation, int]]:
    """Return the operations whose goal was not reached, with the number of tasks."""
    both = [*rows(made, crowd=False), *rows(made, crowd=True)]
    return [
        (operation, tasks)
        for operation, tasks, each in both
        if "tux" in each and is_met(operation, tasks, each["ratio"]["tux"][0]) is False
    ]


def cells(operation: Operation, tasks: int, each: dict[str, Any]) -> list[str]:
    """Return a line of the table."""
    found: dict[str, list[float]] = each["ratio"]
    median = {who: f"{found[who][0]:.2f}" if who in found else "-" for who in ORDER}
    own, goal, trips = found.get("tux"), operation.goal_at(tasks), each["round_trips"]
    floor = f"{each['tux'] / each['leased']:.2f}" if {"tux", "leased"} <= found.keys() else "-"
    return [
        operation.name,
        str(tasks),
        f"{own[0]:.2f} ({own[1]:.2f}-{own[2]:.2f})" if own else "-",
        verdict(goal, is_met(operation, tasks, own[0]) if own else None),
        floor,
        *(median[who] for who in ("leased", "tortoise", "sqlalchemy")),
        f"{each[BASE]:,.0f}",
        " / ".join(str(trips.get(who, "-")) for who in TRIPS),
        each["same"],
    ]


def verdict(goal: float, met: bool | None) -> str:
    """Return a goal and whether it is reached."""
    if not goal:
        return "-"
    return f"≤ {goal:.2f} {'✓' if met else '✗'}" if met is not None else f"≤ {goal:.2f}"


def crowd_cells(operation: Operation, tasks: int, each: dict[str, Any]) -> list[str]:
    """Return a line about many tasks at once: how many times as fast as asyncpg's pool."""
    found: dict[str, list[float]] = each["ratio"]
    times = {who: f"{1 / found[who][0]:.{1 if found[who][0] < 1 else 2}f}" if who in found else "-" for who in ORDER}
    goal, own = round(1 / operation.goal), found.get("tux")
    met = own is not None and 1 / own[0] >= goal
    return [
        operation.name.removeprefix("crowd_"),
        str(tasks),
        f"{times['tux']} x",
        f"≥ {goal} {'✓' if met else '✗'}" if own else f"≥ {goal}",
        *(f"{times[who]} x" for who in ("leased", "tortoise", "sqlalchemy")),
        f"{each[BASE]:,.0f}",
    ]


CROWD_HEAD = ("at once", "tasks", "tux", "goal", "leased", "tortoise", "sqlalchemy", "asyncpg µs")


def tables(made: dict[str, Any]) -> list[tuple[Sequence[str], list[list[str]]]]:
    """Return the tables, each with its head: the operations, and many of one kind at once."""
    found = [
        (HEAD, [cells(*each) for each in rows(made, crowd=False)]),
        (CROWD_HEAD, [crowd_cells(*each) for each in rows(made, crowd=True)]),
    ]
    return [each for each in found if each[1]]


def shown(head: Sequence[str], lines: list[list[str]]) -> Table:
    """Return a table for a terminal."""
    table = Table(*head)
    for line in lines:
        table.add_row(*line)
    return table


def written(head: Sequence[str], lines: list[list[str]]) -> str:
    """Return a table for the documentation."""
    ruler = ["---" if place < 1 else "--:" for place in range(len(head))]
    return "\n".join("| " + " | ".join(line) + " |" for line in [list(head), ruler, *lines])
