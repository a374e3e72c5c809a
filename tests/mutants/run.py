"""Runs the tests of mutants, each in a copy of the tree, several at a time."""

from __future__ import annotations

import asyncio
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

import asyncpg

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
MIGRATED = "tests/contract/test_entering.py::test_a_manager_has_the_coordinator_as_db"
FAILED, TOO_LATE = 1, 124


class UnusableTests(Exception):
    """Tests that fail without any mutant."""


@dataclass(frozen=True)
class Place:
    """A copy of what the tests need and a server for their databases, for one mutant after the other."""

    tree: Path
    folder: Path
    server: LocalServer


@contextmanager
def place() -> Generator[Place]:
    """Yield a place that nobody else uses."""
    folder = make_folder()
    with (
        tempfile.TemporaryDirectory(prefix="tux-mutants-", ignore_cleanup_errors=True) as copy,
        LocalServer(folder, test=True, remove=True) as server,
    ):
        tree = Path(copy)
        for name in COPIED:
            if (ROOT / name).is_dir():
                shutil.copytree(ROOT / name, tree / name, ignore=shutil.ignore_patterns("__pycache__"))
            elif (ROOT / name).exists():
                shutil.copy2(ROOT / name, tree / name)
        made = Place(tree, folder, server)
        code, output = run_tests([MIGRATED], made)  # no mutant may make the template of the databases
        if code:
            raise UnusableTests(f"the tests do not run here:\n{output}")
        yield made


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
        verdict, detail = judge(mutant, *run_tests([*mutant.tests, *(() if mutant.each else ("-x",))], used))
        if verdict == "caught" and "::" in detail:  # one random test; under load another one may just have been late
            code, _ = run_tests([detail], used)
            if code == 0:
                verdict, detail = "survived", f"{detail} failed once, but not again: {mutant.why}"
    finally:
        shutil.copy2(ROOT / mutant.file, target)
    return Outcome(mutant, verdict, detail, time.monotonic() - started)


def run_tests(words: Sequence[str], used: Place) -> tuple[int, str]:
    """Run pytest in a place, and return its exit code (TOO_LATE when it took too long) and what it printed."""
    asyncio.run(_clear(used.server))
    output = used.tree / "output.txt"
    output.write_text("")
    process = FORKS.Process(target=child.run, args=(str(used.tree), str(used.folder), words, str(output)))
    process.start()
    process.join(LIMIT_SECONDS)
    if is_late := process.is_alive():
        os.killpg(process.pid or 0, signal.SIGKILL)
        process.join()
    return TOO_LATE if is_late else process.exitcode or 0, output.read_text(errors="replace")


async def _clear(server: LocalServer) -> None:
    """Drop what the tests before have left; the template of the migrated databases stays."""
    connection = await asyncpg.connect(**server.credentials("postgres"))
    try:
        for (name,) in await connection.fetch(
            "SELECT quote_ident(datname) FROM pg_database WHERE NOT datistemplate AND datname <> 'postgres'"
        ):
            await connection.execute(f"DROP DATABASE {name} WITH (FORCE)")
    finally:
        await connection.close()


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
