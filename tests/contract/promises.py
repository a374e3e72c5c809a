"""`python -m tests.contract.promises` writes docs/promises.md: each promise, and each call and line that older callers know, with its tests."""

from __future__ import annotations

import ast
import tomllib
from collections import defaultdict
from functools import cache
from itertools import product
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

TESTS = Path(__file__).resolve().parents[1]
TABLE = TESTS.parent / "docs" / "promises.md"
SHOWN = 3
EVERY = "manager"  # what every manager has
OWN = "test_manager_calls.py"


@cache
def tests_in(path: Path) -> dict[str, ast.AST]:
    """Return the test functions of a file by name."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    kinds = (ast.FunctionDef, ast.AsyncFunctionDef)
    return {node.name: node for node in ast.walk(tree) if isinstance(node, kinds) and node.name.startswith("test_")}


def tests_of(reference: str) -> list[str]:
    """Return the tests that "path: beginning of a name" stands for."""
    file, _, start = reference.partition(": ")
    path = TESTS / file
    return [f"{file}::{name}" for name in tests_in(path) if name.startswith(start)] if path.is_file() else []


def callers() -> dict[str, dict[str, list[str]]]:
    """Return by manager and by method the tests in tests/contract that call `db.<manager>.<method>`.

    A method that a test gets by its name (a parameter, a fixture's table) counts where the file speaks of the manager.
    """
    found: dict[str, dict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
    for path in sorted((TESTS / "contract").glob("test_*.py")):
        tree, file = ast.parse(path.read_text(encoding="utf-8")), f"contract/{path.name}"
        managers = {part.attr for part in ast.walk(tree) if isinstance(part, ast.Attribute)}
        for test, node in tests_in(path).items():
            for manager, method in _calls(node):
                found[manager][method].append(f"{file}::{test}")
            for manager, method in product(managers, _texts(node)):
                found[manager][method].append(f"{file}::{test}")
        for manager, method in {*_calls(tree), *product(managers, _texts(tree))}:
            found[manager][method] = found[manager][method] or [file]  # by a fixture that its tests share
    return found


def _calls(node: ast.AST) -> set[tuple[str, str]]:
    """Return the (manager, method) of each `….manager.method` and `manager.method` in some code."""
    outer = [part for part in ast.walk(node) if isinstance(part, ast.Attribute)]
    return {(part.value.attr, part.attr) for part in outer if isinstance(part.value, ast.Attribute)} | {
        (part.value.id, part.attr) for part in outer if isinstance(part.value, ast.Name)
    }


def _texts(node: ast.AST) -> set[str]:
    return {part.value for part in ast.walk(node) if isinstance(part, ast.Constant) and isinstance(part.value, str)}


def render() -> tuple[str, list[str]]:
    """Return the tables as Markdown, and what has no test."""
    data = tomllib.loads((TESTS / "contract" / "rows.toml").read_text(encoding="utf-8"))
    lines = ["# What is promised, and the tests that show it", "", "Made by `python -m tests.contract.promises`."]
    missing: list[str] = []
    for title, table, key in (("row", "row", "id"), ("line", "line", "call")):
        lines += ["", f"| {title} | promise | tests |", "|---|---|---|"]
        for row in data[table]:
            tests = [test for reference in row["tests"] for test in tests_of(reference)]
            missing += [f"{row[key]}: no test is called {name!r}" for name in row["tests"] if not tests_of(name)]
            lines.append(f"| {row[key]} | {row['says']} | {_cell(tests)} |")
    lines += ["", "| call | tests |", "|---|---|"]
    by_manager = callers()
    every = _every(by_manager, data["calls"].keys())
    for manager, names in data["calls"].items():
        for name in names:
            call = name if manager == EVERY else f"db.{manager}.{name}"
            tests = (every if manager == EVERY else by_manager[manager])[name]
            missing += [] if tests else [f"{call}: no test in tests/contract calls it"]
            lines.append(f"| `{call}` | {_cell(tests)} |")
    return "\n".join(lines) + "\n", missing


def _every(by_manager: dict[str, dict[str, list[str]]], managers: Iterable[str]) -> dict[str, list[str]]:
    """Return by method the tests that call it on any manager, those of calls that every manager has first."""
    found: dict[str, list[str]] = defaultdict(list)
    for manager in managers:
        for name, tests in by_manager[manager].items():
            found[name] += [test for test in tests if test not in found[name]]
    return defaultdict(list, {name: sorted(tests, key=lambda test: OWN not in test) for name, tests in found.items()})


def _cell(tests: list[str]) -> str:
    shown = "<br>".join(f"`{test}`" for test in tests[:SHOWN])
    return shown + ("<br>and more" if len(tests) > SHOWN else "")


if __name__ == "__main__":
    text, without = render()
    TABLE.write_text(text, encoding="utf-8")
    print(f"wrote {TABLE}", *without, sep="\n")
