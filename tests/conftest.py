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
