"""Runs the tests of mutants, each in a copy of the tree, several at a time."""

from __future__ import annotations

import multiprocessing
import os
import re
import shutil
import signal
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from queue import SimpleQueue
from typing import TYPE_CHECKING

from tests.mutants import child
from tests.mutants.mutant import ROOT, Mutant, Outcome
from tux.database.embedded import LocalServer
from tux.testing.databases import make_folder

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Sequence

FORKS = multiprocessing.get_context("forkserver")
FORKS.set_forkserver_preload(child.PRELOADED)
COPIED = (
    ".ci",
    "Makefile",
    "README.md",
    "config",
    "docs",
    "migrations",
    "plugins",
    "pyproject.toml",
    "requirements.lock",
    "tests",
    "tux",
)
LIMIT_SECONDS = 600.0
FAILED, TOO_LATE = 1, 124


@dataclass(frozen=True)
class Place:
    """A copy of what the tests need and a server for their databases, for one mutant after the other."""

    tree: Path
    server: Path


@contextmanager
def place() -> Generator[Place]:
    """Yield a place that nobody else uses."""
    server = make_folder()
    with (
        tempfile.TemporaryDirectory(prefix="tux-mutants-", ignore_cleanup_errors=True) as folder,
        LocalServer(server, test=True, remove=True),
    ):
        tree = Path(folder)
        for name in COPIED:
            if (ROOT / name).is_dir():
                shutil.copytree(ROOT / name, tree / name, ignore=shutil.ignore_patterns("__pycache__"))
            elif (ROOT / name).exists():
                shutil.copy2(ROOT / name, tree / name)
        yield Place(tree, server)


def run_all(mutants: Sequence[Mutant], workers: int, tell: Callable[[Outcome], object]) -> list[Outcome]:
    """Return what the tests say to each mutant, in order; `tell` hears of each as soon as it is known."""
    places: SimpleQueue[Place] = SimpleQueue()

    def one(mutant: Mutant) -> Outcome:
        used = places.get()
        try:
            outcome = run_one(mutant, used)
        finally:
            places.put(used)
        tell(outcome)
        return outcome

    with ExitStack() as stack, ThreadPoolExecutor(workers) as pool:
        for _ in range(workers):
            places.put(stack.enter_context(place()))
        return list(pool.map(one, mutants))


def run_one(mutant: Mutant, used: Place) -> Outcome:
    """Return what the tests say to a mutant; the copy of the tree is afterwards as it was before."""
    target = used.tree / mutant.file
    started = time.monotonic()
    target.write_text(mutant.text)
    try:
        code, output = run_tests(mutant, used)
    finally:
        shutil.copy2(ROOT / mutant.file, target)
    verdict, detail = judge(mutant, code, output)
    return Outcome(mutant, verdict, detail, time.monotonic() - started)


def run_tests(mutant: Mutant, used: Place) -> tuple[int, str]:
    """Run a mutant's tests in a place, and return pytest's exit code (TOO_LATE when it took too long) and its words."""
    output = used.tree / "output.txt"
    output.write_text("")
    words = [*mutant.tests, *(() if mutant.each else ("-x",))]
    process = FORKS.Process(target=child.run, args=(str(used.tree), str(used.server), words, str(output)))
    process.start()
    process.join(LIMIT_SECONDS)
    if is_late := process.is_alive():
        os.killpg(process.pid or 0, signal.SIGKILL)
        process.join()
    return TOO_LATE if is_late else process.exitcode or 0, output.read_text(errors="replace")


def judge(mutant: Mutant, code: int, output: str) -> tuple[str, str]:
    """Return the verdict over pytest's exit code and words, with what to know about it."""
    if code in {TOO_LATE, -signal.SIGALRM}:
        return "caught", "a test never ended" if code < 0 else f"still running after {LIMIT_SECONDS:g} s"
    if code == 0:
        return "survived", mutant.why
    noticed = re.findall(r"^(?:FAILED|ERROR) (\S+?::\S+?)(?=[ \[]|$)", output, re.MULTILINE)
    if not mutant.each:
        return "caught", (noticed or ["before any test"])[0]
    if code != FAILED or not noticed:
        return "broken", f"pytest ended with {code}: {output.strip().splitlines()[-1] if output.strip() else ''}"
    blind = [test for test in mutant.tests if test.partition("[")[0] not in noticed]
    if blind:
        return "survived", f"unnoticed by {', '.join(blind)}"
    return "caught", f"{len(noticed)} failed"
