"""What runs the tests of one mutant: a fork of a process that has imported everything but Tux, so it begins at once.

It is a plugin of that pytest too: the tests of all mutants in one copy of the tree use one PostgreSQL, one after another.
"""

from __future__ import annotations

import atexit
import os
import signal
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import hypothesis
import pytest

if TYPE_CHECKING:
    from collections.abc import Sequence

PRELOADED = [
    "aerich",
    "aiohttp",
    "asyncpg",
    "cachetools",
    "discord.ext.commands",
    "hypothesis.strategies",
    "loguru",
    "pydantic",
    "pydantic_settings",
    "pytest",
    "pytest_asyncio",
    "tortoise",
    "tortoise.contrib.postgres.fields",
    "typer.testing",
    "tests.mutants.child",
]
OURS = {"tests", "tux", "plugins", "config"}
SERVER_VARIABLE = "TUX_MUTANTS_SERVER"
TEST_SECONDS = 120  # the longest test takes a tenth of it; a mutant that waits for ever is ended by its alarm


def run(folder: str, server: str, tests: Sequence[str], output: str) -> None:
    """Be `pytest` in a copy of the tree; what it prints goes into a file."""
    os.setsid()
    for number in (1, 2):
        os.dup2(os.open(output, os.O_WRONLY | os.O_CREAT | os.O_APPEND), number)
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    os.chdir(folder)
    os.environ.update({"PYTHONPATH": folder, "COLUMNS": "400", SERVER_VARIABLE: server})
    sys.path[:] = [folder, *(path for path in sys.path if path not in {"", os.environ["PYTHONPATH"]})]
    hypothesis.settings.register_profile("mutants", phases=[hypothesis.Phase.explicit, hypothesis.Phase.generate])
    hypothesis.settings.load_profile("mutants")  # nobody reads a smaller example
    for name in [name for name in sys.modules if name.partition(".")[0] in OURS]:
        del sys.modules[name]
    # rewriting would warn of plugins that are imported already, and nobody reads why an assertion failed
    words = ["-q", "--tb=line", "-rfE", "--color=no", "--assert=plain", "-p", "tests.mutants.child"]
    code = pytest.main([*words, *tests])
    signal.alarm(0)
    sys.stdout.flush()
    sys.stderr.flush()
    atexit._run_exitfuncs()
    os._exit(int(code))


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_protocol() -> None:
    """Let the alarm that ends this process ring unless the next test begins in time."""
    signal.alarm(TEST_SECONDS)


@pytest.hookimpl(tryfirst=True)
def pytest_fixture_setup(fixturedef: pytest.FixtureDef[object]) -> None:
    """Lead the fixture of the server to the one that runs already."""
    if fixturedef.argname == "tux_databases" and SERVER_VARIABLE in os.environ:
        from tux.testing import databases

        databases.make_folder = lambda _run=None: Path(os.environ[SERVER_VARIABLE])
