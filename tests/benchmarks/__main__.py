"""`make bench`: the race of the operations and the figures of a start; prints tables, writes bench.json and a chart.

`--quick` takes few rounds over few rows and fails on what does not depend on the machine: a round trip more than
recorded, a result that differs, a model whose rows are no longer made by compiled code.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import platform
import subprocess
import sys
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import TYPE_CHECKING

from rich.console import Console
from rich.progress import Progress

from tests.benchmarks.figures import ROOT, bot_figures, import_seconds
from tests.benchmarks.memory import cache_figures
from tests.benchmarks.race import race
from tests.benchmarks.report import chart, figures, table

if TYPE_CHECKING:
    from tests.benchmarks.race import Result

PACKAGES = ("tortoise-orm", "asyncpg", "sqlalchemy")


def main() -> None:
    """Measure, print, write."""
    parser = argparse.ArgumentParser(prog="make bench", description="Ratios and figures to read, never limits.")
    parser.add_argument("--quick", action="store_true", help="few rounds over few rows; fails on what became worse")
    parser.add_argument("--chart", type=Path, default=ROOT / "bench.svg", help="where the chart is written")
    given = parser.parse_args()
    console = Console(width=150 if not sys.stdout.isatty() else None)
    result = run_race(console, quick=given.quick)
    made = figures(result)
    console.print(table(made))
    print(
        "Ratios to asyncpg's pool within this run, medians; a call's µs at 32 tasks is the block's time by its calls."
    )
    Path(ROOT, "bench.json").write_text(json.dumps(made, indent=1), encoding="utf-8")
    given.chart.write_text(chart(made), encoding="utf-8")
    start_figures(3 if given.quick else 20)
    for line in result.wrong:
        console.print(f"[red]wrong[/red] {line}", highlight=False)
    if result.wrong:
        sys.exit(1)


def run_race(console: Console, *, quick: bool) -> Result:
    """Run the race behind a progress bar."""
    with Progress(console=console, transient=True) as progress:
        bar = progress.add_task("loading the rows", total=None)

        def step(name: str, total: int) -> None:
            progress.update(bar, description=name, total=total, advance=1)

        result = asyncio.run(race(quick=quick, step=step))
    commit = subprocess.run(
        ["git", "rev-parse", "--short", "HEAD"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    packages = ", ".join(f"{name} {packaged(name)}" for name in PACKAGES)
    print(
        f"commit {commit.stdout.strip() or 'unknown'}, Python {platform.python_version()}, {platform.machine()},"
        f" PostgreSQL {result.versions['PostgreSQL']}, {packages}"
    )
    return result


def packaged(name: str) -> str:
    """Return the version of a package."""
    try:
        return version(name)
    except PackageNotFoundError:
        return "absent"


def start_figures(rounds: int) -> None:
    """Print what a person waits for, beside its goal."""
    imports = import_seconds(rounds)
    bot = bot_figures(rounds)
    cache = cache_figures(rounds)
    rows = [
        ("import tux", f"{imports['seconds'] * 1000:.0f} ms", "≤ 300 ms", f"heavy packages: {imports['heavy']}"),
        ("start of the bot", f"{bot['start_seconds']:.2f} s", "≤ 1 s", "all plugins, local Discord, database up"),
        ("a command", f"{bot['command_seconds'] * 1000:.1f} ms", "≤ 100 ms", "said, answered and settled, mean"),
        ("idle memory", f"{bot['idle_bytes'] / 2**20:.0f} MB", "≤ 120 MB", "bot and local Discord in one process"),
    ]
    goals = {"prefix": "≤ 60 ns"}
    rows += [
        (name, f"{value:,.0f} ns", goals.get(name, "-"), "a read" if "uncached" in name else "a read from memory")
        for name, value in cache.items()
    ]
    for name, value, goal, note in rows:
        print(f"{name:<23}{value:>12}   goal {goal:<9}  {note}")


if __name__ == "__main__":
    main()
