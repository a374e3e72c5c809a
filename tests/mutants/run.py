"""Runs the tests of mutants, each in a copy of the tree, several at a time."""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from pathlib import Path
from queue import SimpleQueue
from typing import TYPE_CHECKING

from tests.mutants.mutant import ROOT, Mutant, Outcome

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Sequence

COPIED = ("config", "migrations", "plugins", "tests", "tux", "Makefile", "pyproject.toml", "requirements.lock", ".ci")
LIMIT_SECONDS = 600.0
FAILED, NOTHING_COLLECTED = 1, 5


@contextmanager
def copied_tree() -> Generator[Path]:
    """Yield a copy of what the tests need, which nobody else uses."""
    folder = Path(tempfile.mkdtemp(prefix="tux-mutants-"))
    try:
        for name in COPIED:
            if (ROOT / name).is_dir():
                shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
            elif (ROOT / name).exists():
                shutil.copy2(ROOT / name, folder / name)
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def run_all(mutants: Sequence[Mutant], workers: int, tell: Callable[[Outcome], object]) -> list[Outcome]:
    """Return what the tests say to each mutant, in order; `tell` hears of each as soon as it is known."""
    folders: SimpleQueue[Path] = SimpleQueue()

    def one(mutant: Mutant) -> Outcome:
        folder = folders.get()
        try:
            outcome = run_one(mutant, folder)
        finally:
            folders.put(folder)
        tell(outcome)
        return outcome

    with ExitStack() as copies, ThreadPoolExecutor(workers) as pool:
        for _ in range(workers):
            folders.put(copies.enter_context(copied_tree()))
        return list(pool.map(one, mutants))


def run_one(mutant: Mutant, folder: Path) -> Outcome:
    """Return what the tests say to a mutant; the copy of the tree is afterwards as it was before."""
    target = folder / mutant.file
    started = time.monotonic()
    target.write_text(mutant.text)
    try:
        code, output = run_tests(mutant, folder)
    finally:
        shutil.copy2(ROOT / mutant.file, target)
    verdict, detail = judge(mutant, code, output)
    return Outcome(mutant, verdict, detail, time.monotonic() - started)


def run_tests(mutant: Mutant, folder: Path) -> tuple[int, str]:
    """Run a mutant's tests in a folder, and return pytest's exit code (124 when it took too long) and its words."""
    command = [
        sys.executable,
        "-m",
        "pytest",
        "-q",
        "--tb=line",
        "-rfE",
        "--color=no",
        *(() if mutant.each else ("-x",)),
    ]
    environment = {**os.environ, "PYTHONPATH": str(folder), "COLUMNS": "400"}
    process = subprocess.Popen(
        [*command, *mutant.tests],
        cwd=folder,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )
    try:
        output, _ = process.communicate(timeout=LIMIT_SECONDS)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        output, _ = process.communicate()
        return 124, output
    return process.returncode, output


def judge(mutant: Mutant, code: int, output: str) -> tuple[str, str]:
    """Return the verdict over pytest's exit code and words, with what to know about it."""
    if code == 124:
        return "caught", f"still running after {LIMIT_SECONDS:g} s"
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
