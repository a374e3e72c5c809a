"""Runs what was asked for, prints it, and writes bench.json, the charts and the page of the documentation."""

from __future__ import annotations

import asyncio
import itertools
import json
import os
import platform
import subprocess
import sys
import time
from contextlib import contextmanager
from importlib.metadata import PackageNotFoundError, version
from importlib.util import find_spec
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

from loguru import logger
from rich.console import Console
from rich.progress import Progress

from tests.benchmarks.chart import race_chart, scaling_chart
from tests.benchmarks.document import write_sections
from tests.benchmarks.figures import ROOT, Figure, bot_figures, import_figures
from tests.benchmarks.growth import GOAL, SIZES, growth
from tests.benchmarks.memory import cache_figures
from tests.benchmarks.operations import BY_NAME
from tests.benchmarks.profiling import KINDS
from tests.benchmarks.race import QUICK, Plan, chosen, far_away, race
from tests.benchmarks.report import BASE, figures, shown, tables, written
from tests.benchmarks.starting import scaling, start_figures
from tests.benchmarks.streaming import streaming_figures
from tux.testing import scratch_database

if TYPE_CHECKING:
    import argparse
    from collections.abc import Callable, Generator, Mapping, Sequence

    from tests.benchmarks.race import Result

PACKAGES = ("tortoise-orm", "asyncpg", "sqlalchemy", "orjson")
COUNTS = (10, 50, 100, 250, 500)
FAR_MS = 2.0
HEAD = ("what", "measured", "goal", "")
JSON_OPERATIONS = "get_by_id,find_all_50,find_all_1000"
FEW_ROUNDS = 3
ALL_MET = "Every goal is reached."


def run_program(given: argparse.Namespace) -> int:
    """Do what was asked for, each part written down once it is there; return what the process ends with."""
    logger.remove()
    console = Console(width=170 if not sys.stdout.isatty() else None)
    wrong: list[str] = []
    if "race" in given.parts:
        wrong = run_race(given, console)
    if "figures" in given.parts:
        lines = [[each.name, each.value, judged(each), each.note] for each in other_figures(console)]
        keep(given, console, {"figures": [(HEAD, lines)]})
    if "without" in given.parts:
        made = json.loads(given.json.read_text(encoding="utf-8"))
        keep(given, console, {"without": [without(made)]})
    if "scaling" in given.parts:
        run_scaling(given, console)
    for line in wrong:
        console.print(f"[red]wrong[/red] {line}", highlight=False)
    return 1 if wrong else 0


def run_race(given: argparse.Namespace, console: Console) -> list[str]:
    """Let the contenders race; return what is wrong."""
    concurrency = tuple(int(number) for number in filter(None, given.concurrency.split(",")))
    plan = Plan(
        rounds=given.rounds,
        operations=chosen(given.only),
        concurrency=concurrency,
        contenders=tuple(filter(None, given.contenders.split(","))),
        profiles=not given.contenders,
    )
    if given.quick:
        plan = QUICK._replace(operations=plan.operations, concurrency=concurrency)
    made: dict[str, Any] = {}

    def measured(result: Result) -> None:
        made.update(figures(result))
        given.json.write_text(json.dumps(made, indent=1), encoding="utf-8")
        keep(given, console, {"race": tables(made)}, machine(result.versions["PostgreSQL"], given.without))
        draw(given, "performance-race-busy.svg", race_chart(made, busy=True))
        draw(given, "performance-race.svg", race_chart(made))

    with stepping(console) as step:
        result = asyncio.run(race(plan, step, measured))
    if plan.profiles:
        keep(given, console, {"profile": [where_time_goes(made, result.profiles)] if result.profiles else []})
    return result.wrong


def keep(
    given: argparse.Namespace,
    console: Console,
    sections: dict[str, list[tuple[Sequence[str], list[list[str]]]]],
    words: str = "",
) -> None:
    """Print the tables of sections, and write them into the page when that was asked for; `words` begin the first."""
    texts: dict[str, str] = {}
    if words:
        console.print(words, highlight=False)
    for name, tables_of in sections.items():
        for table in tables_of:
            console.print(shown(*table))
        texts[name] = "\n\n".join(written(*table) for table in tables_of) or ALL_MET
    if words:
        first = next(iter(texts))
        texts[first] = f"{words}\n\n{texts[first]}"
    if given.write:
        write_sections(given.write, texts)


def draw(given: argparse.Namespace, name: str, chart: str) -> None:
    """Write a chart, beside the page, too, when one is written."""
    given.chart.write_text(chart, encoding="utf-8")
    if given.write:
        given.write.with_name(name).write_text(chart, encoding="utf-8")


def run_scaling(given: argparse.Namespace, console: Console) -> None:
    """Measure the start of ever more plugins, and the operations on ever more rows."""

    async def plugins() -> dict[int, dict[str, float]]:
        async with scratch_database(ROOT) as url:
            return await asyncio.to_thread(scaling, url, COUNTS)

    with stepping(console) as step:
        step("plugins", 1)
        starts = asyncio.run(plugins())
        grown = asyncio.run(growth(step))
    heads = (
        ("plugins", "tux, CPU s", "ms each", "its models alone", "the same in plain Tortoise"),
        ("operation", *(f"{each} x" for each in SIZES), ""),
    )
    lines = (
        [
            [
                str(count),
                f"{each['tux']:.2f}",
                f"{each['tux'] / count * 1000:.1f}",
                f"{each['models']:.2f}",
                f"{each['tortoise']:.2f}",
            ]
            for count, each in starts.items()
        ],
        [
            [name, *(f"{each[times]:.2f}" for times in SIZES), "✓" if each[max(SIZES)] <= GOAL else "✗"]
            for name, each in grown.items()
        ],
    )
    keep(given, console, {"scaling": list(zip(heads, lines, strict=True))}, machine("", None))
    draw(given, "performance-scaling.svg", scaling_chart(starts, grown))


@contextmanager
def stepping(console: Console) -> Generator[Callable[[str, int], None]]:
    """Show a progress bar, or lines where there is no terminal; what is yielded is told what is done, and how many there are."""
    began, done = time.monotonic(), itertools.count(1)
    with Progress(console=console, transient=True) as progress:
        bar = progress.add_task("loading the rows", total=None)

        def step(name: str, total: int) -> None:
            progress.update(bar, description=name, total=total, advance=1)
            if not console.is_terminal:
                print(
                    f"{time.monotonic() - began:5.0f} s  {next(done)} of {total}  {name}", file=sys.stderr, flush=True
                )

        yield step


def machine(postgresql: str, missing: str | None) -> str:
    """Return what was measured on what: the commit, versions, and the machine's kind."""
    done = subprocess.run(
        ["git", "rev-parse", "--short", "HEAD"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    server = [f"PostgreSQL {postgresql}"] if postgresql else []
    packages = [f"{name} {packaged(name)}" for name in PACKAGES if find_spec(name.partition("-")[0]) is not None]
    words = [
        f"Commit {done.stdout.strip() or 'unknown'}",
        f"Python {platform.python_version()}",
        *server,
        *packages,
        f"{platform.machine()} with {os.cpu_count()} cores{processor()}",
    ]
    if missing:
        words.append("TUX_FAST=0" if missing == "fast" else f"without {missing}")
    return ", ".join(words) + "."


def processor() -> str:
    """Return what the processor calls itself, where Linux tells."""
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="ascii", errors="replace").splitlines()
    except OSError:
        return ""
    named = (line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    return f" ({name})" if (name := next(named, "")) else ""


def packaged(name: str) -> str:
    """Return the version of a package."""
    try:
        return version(name)
    except PackageNotFoundError:
        return "absent"


def other_figures(console: Console) -> list[Figure]:
    """Return what is measured beside the operations."""

    def on_database(measure: Callable[[str], list[Figure]]) -> list[Figure]:
        async def run() -> list[Figure]:
            async with scratch_database(ROOT) as url:
                return await asyncio.to_thread(measure, url)

        return asyncio.run(run())

    measures: dict[str, Callable[[], list[Figure]]] = {
        "imports": import_figures,
        "plugins": lambda: on_database(start_figures),
        "the bot": bot_figures,
        "reads from memory": cache_figures,
        "many rows": lambda: on_database(streaming_figures),
        "distance": distance_figures,
    }
    with stepping(console) as step:
        found: list[Figure] = []
        for name, measure in measures.items():
            step(name, len(measures))
            try:
                found += measure()
            except SystemExit as error:  # of a process of its own; the others are worth having all the same
                print(error, file=sys.stderr)
                found.append(Figure(name, "failed", met=False, note=str(error).strip().rpartition("\n")[2]))
    return found


def distance_figures() -> list[Figure]:
    """Return what a numbered case costs where the server is not next door."""
    far = asyncio.run(far_away(FAR_MS, FEW_ROUNDS, ()))
    others = ", ".join(f"{name} {each:.1f}" for name, each in far.items() if name != "tux")
    return [Figure(f"create_case, {FAR_MS:g} ms away", f"{far['tux']:.1f} ms", note=f"the others: {others}")]


def judged(figure: Figure) -> str:
    """Return a goal and whether it is reached."""
    return figure.goal if figure.met is None else f"{figure.goal} {'✓' if figure.met else '✗'}"


def where_time_goes(
    made: dict[str, Any], profiles: Mapping[tuple[str, int], Mapping[str, float]]
) -> tuple[Sequence[str], list[list[str]]]:
    """Return a table of the operations whose goal was not reached: how far from it, the floor, and what takes the time."""
    lines: list[list[str]] = []
    for (name, tasks), each in profiles.items():
        found = made[name][str(tasks)]["ratio"]
        goal = f"{BY_NAME[name].goal_at(tasks):.2f}"
        floor = f"{found['leased'][0]:.2f}" if "leased" in found else "-"
        lines.append(
            [name, str(tasks), f"{found['tux'][0]:.2f}", goal, floor, *(f"{each[kind]:.0%}" for kind in KINDS)]
        )
    return ("operation", "tasks", "tux", "goal", "leased", *KINDS), lines


def without(made: dict[str, Any]) -> tuple[Sequence[str], list[list[str]]]:
    """Run Tux once more without its fast path, and without orjson; return a table of the ratios at one task."""
    slow = _run_again("--without", "fast", "--concurrency", "1", "--only", ",".join(_single(made)))
    bare = _run_again("--without", "orjson", "--concurrency", "1", "--only", JSON_OPERATIONS)
    lines = [[name, *(_ratio(each, name) for each in (made, slow, bare))] for name in _single(made)]
    return ("operation", "tux", "TUX_FAST=0", "without orjson"), lines


def _single(made: dict[str, Any]) -> list[str]:
    return [name for name, each in made.items() if "1" in each]


def _ratio(made: dict[str, Any], name: str) -> str:
    return f"{made[name]['1']['ratio']['tux'][0]:.2f}" if name in made else "-"


def _run_again(*words: str) -> dict[str, Any]:
    with TemporaryDirectory(prefix="bench") as folder:
        file = Path(folder, "bench.json")
        command = [sys.executable, "-m", "tests.benchmarks", *words, "--contenders", f"tux,{BASE}"]
        command += ["--rounds", str(FEW_ROUNDS), "--json", str(file), "--chart", str(Path(folder, "bench.svg"))]
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
        if not file.exists():
            raise SystemExit(done.stdout[-1000:] + done.stderr[-2000:])
        return json.loads(file.read_text(encoding="utf-8"))
