"""Which managers a plugin would have that is not running: read from its source, which is never executed for it."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


def declared_managers(folder: Path) -> Iterator[str]:
    """Give the names in `class X(Manager[M], name="x")` of a plugin's managers, those of the classes included."""
    files = [folder / "managers.py", *sorted((folder / "managers").glob("*.py"))]
    for file in files:
        try:
            tree = ast.parse(file.read_bytes())
        except (OSError, SyntaxError, ValueError):  # not there, or the very reason why it is not running
            continue
        for node in ast.walk(tree):
            if isinstance(node, ast.ClassDef):
                yield from _names(node)


def _names(node: ast.ClassDef) -> Iterator[str]:
    for keyword in node.keywords:
        if keyword.arg == "name" and isinstance(keyword.value, ast.Constant) and isinstance(keyword.value.value, str):
            yield keyword.value.value
            yield node.name
