"""The pytest plugin: options, and the event loop of tests that use the fixtures (tux.testing.fixtures).

pytest loads it in every project of an environment, so it imports nothing and does nothing until a fixture is used.
"""

from __future__ import annotations

from inspect import iscoroutinefunction
from typing import TYPE_CHECKING, cast

import pytest

if TYPE_CHECKING:
    from collections.abc import Generator

ROOT_OPTION = "tux_root"
BASE_FIXTURE = "tux_databases"


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the ini option `tux_root`: the project's folder, relative to pytest's rootdir (default: rootdir itself)."""
    parser.addini(ROOT_OPTION, "folder of the Tux project whose plugins are tested", type="string", default=".")


def pytest_configure(config: pytest.Config) -> None:
    """Offer the fixtures where pytest-asyncio, which they need, is active."""
    if config.pluginmanager.hasplugin("asyncio"):
        from tux.testing import fixtures

        config.pluginmanager.register(fixtures, "tux_fixtures")


@pytest.hookimpl(wrapper=True, trylast=True)
def pytest_pycollect_makeitem() -> Generator[None, object, object]:
    """Run every test that uses the fixtures on the session's event loop, where their connections live.

    Raises:
        UsageError: the test asks for another loop.
    """
    result = yield
    for item in _items(result):
        if isinstance(item, pytest.Function) and BASE_FIXTURE in item.fixturenames and _is_async(item.obj):
            marker = item.get_closest_marker("asyncio")
            scope = marker.kwargs.get("loop_scope") if marker else None
            if scope is None:
                item.add_marker(pytest.mark.asyncio(loop_scope="session"), append=False)
            elif scope != "session":
                raise pytest.UsageError(
                    f"{item.nodeid}: the fixtures of Tux live on the session's event loop; remove loop_scope={scope!r}"
                )
    return result


def _items(collected: object) -> list[object]:
    return cast("list[object]", collected) if isinstance(collected, list) else [collected]


def _is_async(test: object) -> bool:
    """Tell whether a test is a coroutine function, inside Hypothesis's wrapper too."""
    return iscoroutinefunction(getattr(getattr(test, "hypothesis", None), "inner_test", test))
