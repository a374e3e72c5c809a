"""`make bench`: what is asked for on the command line; what may not be loaded is kept out before anything else is."""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path

WITHOUT = ("fast", "orjson")
PARTS = ("race", "figures", "without", "scaling")


def arguments(words: list[str] | None = None) -> argparse.Namespace:
    """Return what is asked for."""
    parser = argparse.ArgumentParser(prog="make bench", description="Ratios and figures to read, never limits.")
    parser.add_argument("--quick", action="store_true", help="few calls on few rows; fails on what no machine explains")
    parser.add_argument("--scaling", action="store_true", help="10 to 500 plugins, and 100 times the rows, instead")
    parser.add_argument("--only", default="", metavar="OP,OP", help="only these operations, and no other figures")
    parser.add_argument("--concurrency", default="", metavar="N,N", help="at so many tasks, in place of 1 and 32")
    parser.add_argument("--contenders", default="", metavar="WHO,WHO", help="only these, beside asyncpg's pool")
    parser.add_argument("--rounds", type=int, default=7, help="how often each takes its turn")
    parser.add_argument("--without", choices=WITHOUT, help="run Tux with TUX_FAST=0, or without orjson")
    parser.add_argument("--json", type=Path, default=Path("bench.json"), help="where the figures are written")
    parser.add_argument("--chart", type=Path, default=Path("bench.svg"), help="where the chart is written")
    parser.add_argument("--write", type=Path, metavar="PAGE", help="put tables and charts into this page, too")
    parser.add_argument("--parts", default="", metavar="PART,PART", help=f"of {', '.join(PARTS)}; all but the last")
    given = parser.parse_args(words)
    partial = given.quick or given.only or given.contenders or given.without or given.concurrency
    if given.write and partial:
        parser.error("--write is for a whole run, so that a page does not mix several")
    usual = ("race",) if partial else PARTS[-1:] if given.scaling else PARTS[:-1]
    given.parts = tuple(filter(None, given.parts.split(","))) or usual
    if unknown := set(given.parts) - set(PARTS):
        parser.error(f"there is no part {unknown.pop()!r}; there are {', '.join(PARTS)}")
    return given


def main() -> None:
    """Measure, print, write."""
    given = arguments()
    if given.without == "fast":
        os.environ["TUX_FAST"] = "0"
    elif given.without == "orjson":
        sys.modules["orjson"] = None  # type: ignore[assignment] # an import of it fails
    from tests.benchmarks.program import run_program

    sys.exit(run_program(given))


if __name__ == "__main__":
    main()
