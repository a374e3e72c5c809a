"""The names that `tux` offers: resolved on first use, the same objects as where they are defined, and known to checkers."""

from __future__ import annotations

import ast
import subprocess
import sys
from importlib import import_module
from pathlib import Path

import pytest

import tux


def imported_for_checkers() -> dict[str, str]:
    """Return the names under TYPE_CHECKING in tux/__init__.py, each with the module that it is imported from."""
    tree = ast.parse(Path(tux.__file__).read_text(encoding="utf-8"))
    (block,) = (node for node in tree.body if isinstance(node, ast.If))
    return {
        name.name: str(node.module) for node in block.body if isinstance(node, ast.ImportFrom) for name in node.names
    }


@pytest.mark.parametrize("name", tux.__all__)
def test_a_public_name_is_what_checkers_take_it_for(name):
    home = imported_for_checkers()[name]
    assert getattr(tux, name) is getattr(import_module(home), name)


def test_checkers_know_no_other_names():
    assert sorted(imported_for_checkers()) == sorted(tux.__all__)


def test_importing_tux_imports_nothing_else_of_it():
    program = "import sys, tux; print([name for name in sys.modules if name.startswith('tux.')])"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_an_unknown_name_is_an_error_that_lists_the_known_ones():
    with pytest.raises(AttributeError, match="module 'tux' has no attribute 'Bot'; it has BaseCog, "):
        _ = tux.Bot
