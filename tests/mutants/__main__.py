"""`make mutants`: every planted bug, then random ones; exit code 1 when a planted bug survives or an entry is stale."""

from __future__ import annotations

import argparse
import os
import re
import sys
import time
from collections import Counter
from importlib.metadata import version
from threading import Lock
from typing import TYPE_CHECKING

from tests.mutants.mutant import ROOT, Mutant
from tests.mutants.planted import EntryError, planted
from tests.mutants.run import UnusableTests, run_all
from tests.mutants.sampled import sampled, unchanged

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tests.mutants.mutant import Outcome


def main() -> int:
    """Run what the command line asks for."""
    asked = arguments(sys.argv[1:])
    code = 0
    try:
        if asked.what != "sampled":
            mutants = chosen(planted(), asked.only)
            code = 0 if not mutants else run_of("planted", [without(mutants)], mutants, asked.workers)
        if asked.what != "planted":
            print(f"cosmic-ray {version('cosmic-ray')}, seed {asked.seed}, {asked.count} mutants")
            mutants = chosen(sampled(asked.count, asked.seed), asked.only)
            run_of("sampled", [] if asked.only else unchanged(), mutants, asked.workers)
    except (EntryError, UnusableTests) as error:
        print(error, file=sys.stderr)
        return 1
    return code


def arguments(words: Sequence[str]) -> argparse.Namespace:
    """Return what a command line asks for; both kinds without a word."""
    parser = argparse.ArgumentParser(prog="python -m tests.mutants", description=__doc__)
    parser.add_argument("what", nargs="?", choices=["planted", "sampled"], help="only these (default: both)")
    parser.add_argument("--only", default="", help="those whose name, theme or file this pattern is found in")
    parser.add_argument("--count", type=int, default=100, help="how many random mutants (default: 100)")
    parser.add_argument("--seed", type=int, default=1, help="which random mutants (default: 1)")
    parser.add_argument(
        "--workers", type=int, default=min(2, os.cpu_count() or 1), help="at the same time (default: 2)"
    )
    return parser.parse_args(words)


def chosen(mutants: Sequence[Mutant], pattern: str) -> list[Mutant]:
    """Return the mutants in whose name, group or file a pattern is found."""
    return [each for each in mutants if re.search(pattern, f"{each.name} {each.group} {each.file}")]


def without(mutants: Sequence[Mutant]) -> Mutant:
    """Return a mutant that is none, for all tests of others."""
    one = mutants[0]
    tests = dict.fromkeys(test for mutant in mutants for test in mutant.tests)
    return Mutant("nothing changed", one.group, one.file, (ROOT / one.file).read_text(), tuple(tests), "as it should")


def run_of(title: str, untouched: list[Mutant], mutants: list[Mutant], workers: int) -> int:
    """Run mutants, print a table of what became of them, and return 1 when not all were caught.

    Raises:
        UnusableTests: they fail without any mutant, so nothing can be known.
    """
    failed = [each.detail for each in run_all(untouched, workers, lambda _: None) if each.verdict != "survived"]
    if failed:
        raise UnusableTests("\n".join(["without any mutant there fails:", *failed]))
    started, lock, done = time.monotonic(), Lock(), 0

    def tell(outcome: Outcome) -> None:
        nonlocal done
        with lock:
            done += 1
            line = (
                f"[{done}/{len(mutants)} {time.monotonic() - started:.0f} s] {outcome.verdict}: {outcome.mutant.name}"
            )
            print(f"\r\033[K{line[:150]}" if sys.stderr.isatty() else line, end="", file=sys.stderr, flush=True)
            if not sys.stderr.isatty():
                print(file=sys.stderr)

    outcomes = run_all(mutants, workers, tell)
    print("\n")
    widths = [max((len(text) for text in column), default=0) for column in zip(*map(_words, outcomes), strict=True)]
    for each in sorted(outcomes, key=lambda each: (each.verdict, each.mutant.group, each.mutant.name)):
        words = "  ".join(f"{word:<{width}}" for word, width in zip(_words(each), widths, strict=True))
        print(f"{words}  {each.seconds:5.1f} s  {each.detail}")
    counted = Counter((each.mutant.group, each.verdict == "caught") for each in outcomes)
    print("\n| | caught | of |\n|---|---|---|")
    for group in sorted({each.mutant.group for each in outcomes}):
        print(f"| {group} | {counted[group, True]} | {counted[group, True] + counted[group, False]} |")
    caught = sum(each.verdict == "caught" for each in outcomes)
    print(f"\n{title}: {caught} of {len(outcomes)} caught in {time.monotonic() - started:.0f} s\n")
    return int(caught != len(outcomes))


def _words(outcome: Outcome) -> tuple[str, str, str]:
    return outcome.verdict, outcome.mutant.group, outcome.mutant.name


if __name__ == "__main__":
    sys.exit(main())
