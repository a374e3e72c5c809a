"""What every test shares; the fixtures come from the pytest plugin that authors use too (`tux.testing.plugin`)."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pytest


pytest_plugins = ["tests.offline_openapi", "tests.shop"]


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
