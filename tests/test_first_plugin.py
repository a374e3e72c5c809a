"""docs/first-plugin.md: its files are written and its commands run, in a copy of the tree."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
GUIDE = (ROOT / "docs" / "first-plugin.md").read_text(encoding="utf-8")
BLOCK = re.compile(r"^```(\w+) ?(\S*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
COPIED = ("tux", "plugins", "config", "migrations")


@pytest.fixture
def copy():
    """A copy of what a project consists of, under a path that is short enough for the local server's socket."""
    with tempfile.TemporaryDirectory(prefix="tux-", ignore_cleanup_errors=True) as folder:
        root = Path(folder)
        for name in COPIED:
            shutil.copytree(ROOT / name, root / name, ignore=shutil.ignore_patterns("__pycache__"))
        shutil.copy(ROOT / "pyproject.toml", root)
        (root / ".venv").mkdir()
        (root / ".venv" / "bin").symlink_to(Path(sys.executable).parent)
        yield root


def run(line, root):
    """Run one line of the guide as a shell would, with the copy's packages before those of this tree."""
    names = ("DATABASE_URL", "DEV_DATABASE_URL", "PROD_DATABASE_URL", "TUX_ENV", "TUX_ROOT")
    environment = {key: value for key, value in os.environ.items() if key not in names and "PYTEST" not in key}
    environment["PYTHONPATH"] = str(root)
    return subprocess.run(
        ["bash", "-c", line], cwd=root, env=environment, capture_output=True, text=True, timeout=120, check=False
    )


def test_the_files_and_commands_of_the_guide_do_what_it_says(copy):
    output = ""
    for kind, name, text in BLOCK.findall(GUIDE):
        if kind == "python":
            path = copy / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
        elif kind == "text":
            for line in text.splitlines():
                assert line in output
        else:
            for line in text.splitlines():
                done = run(line, copy)
                assert done.returncode == 0, done.stdout + done.stderr
                output = done.stdout
    assert "1 passed" in output
    checked = run(f"{sys.executable} -m mypy plugins/todo && {sys.executable} -m ruff check plugins/todo", copy)
    assert checked.returncode == 0, checked.stdout + checked.stderr
