"""What every test shares; the fixtures come from the pytest plugin that authors use too (`tux.testing.plugin`)."""

from __future__ import annotations

import tempfile
from pathlib import Path

import pytest

pytest_plugins = ["tests.offline_openapi", "tests.shop"]


@pytest.fixture
def short_path():
    """A folder whose path is short enough for a socket: under a long one the local server takes a new place at each start."""
    with tempfile.TemporaryDirectory(prefix="tux-", ignore_cleanup_errors=True) as folder:
        yield Path(folder)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    """Print what the tests marked `roundtrips` recorded by `record_property("statements", n)`, as a table."""
    if config.option.markexpr != "roundtrips":
        return
    rows = [
        (value, report.nodeid.rpartition("::")[2].removeprefix("test_").replace("_", " "))
        for report in terminalreporter.getreports("passed")
        for name, value in report.user_properties
        if name == "statements"
    ]
    if rows:
        terminalreporter.section("statements an operation sends")
    for value, operation in rows:
        terminalreporter.line(f"{value:>4}  {operation}")
