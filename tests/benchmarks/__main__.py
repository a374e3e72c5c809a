"""`make bench`: prints the figures and writes bench.json."""

from __future__ import annotations

import argparse
import json
import platform
from pathlib import Path

from tests.benchmarks.figures import bot_figures, import_seconds
from tests.benchmarks.memory import cache_figures


def main() -> None:
    """Measure, print, write."""
    parser = argparse.ArgumentParser(prog="make bench", description="Figures to read, never limits.")
    parser.add_argument("--quick", action="store_true", help="fewer rounds")
    rounds = 3 if parser.parse_args().quick else 20
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
    print(f"Python {platform.python_version()}, {platform.machine()}, {rounds} rounds")
    for name, value, goal, note in rows:
        print(f"{name:<23}{value:>12}   goal {goal:<9}  {note}")
    Path("bench.json").write_text(
        json.dumps({"import": imports, "bot": bot, "cache": cache}, indent=2), encoding="utf-8"
    )


if __name__ == "__main__":
    main()
