"""`python -m tests.contract.promises` writes docs/promises.md: each promise and each call of older callers, with its tests."""

from __future__ import annotations

import ast
import tomllib
from collections import defaultdict
from pathlib import Path

TESTS = Path(__file__).resolve().parents[1]
TABLE = TESTS.parent / "docs" / "promises.md"
SHOWN = 3


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


def callers() -> dict[str, list[str]]:
    """Return for each method called in tests/contract the tests that call it, by attribute or by name in a parameter."""
    found: dict[str, list[str]] = defaultdict(list)
    for path in sorted((TESTS / "contract").glob("test_*.py")):
        tests = tests_in(path)
        for test, node in tests.items():
            for name in _names(node):
                found[name].append(f"contract/{path.name}::{test}")
        for name in _names(ast.parse(path.read_text(encoding="utf-8"))) - found.keys():
            found[name].append(f"contract/{path.name}")  # by a fixture or a table that its tests share
    return found


def _names(node: ast.AST) -> set[str]:
    attributes = {part.attr for part in ast.walk(node) if isinstance(part, ast.Attribute)}
    return attributes | {p.value for p in ast.walk(node) if isinstance(p, ast.Constant) and isinstance(p.value, str)}


def render() -> tuple[str, list[str]]:
    """Return the table as Markdown, and what has no test."""
    data = tomllib.loads((TESTS / "contract" / "rows.toml").read_text(encoding="utf-8"))
    lines = ["# What is promised, and the tests that show it", "", "Made by `python -m tests.contract.promises`.", ""]
    missing: list[str] = []
    lines += ["| row | promise | tests |", "|---|---|---|"]
    for row in data["row"]:
        tests: list[str] = []
        for reference in row["tests"]:
            these = tests_of(reference)
            missing += [] if these else [f"{row['id']}: no test is called {reference!r}"]
            tests += these
        lines.append(f"| {row['id']} | {row['says']} | {_cell(tests)} |")
    lines += ["", "| call | tests |", "|---|---|"]
    by_name = callers()
    for manager, names in data["calls"].items():
        for name in names:
            call = name if manager == "manager" else f"db.{manager}.{name}"
            missing += [] if by_name.get(name) else [f"{call}: no test in tests/contract calls it"]
            lines.append(f"| `{call}` | {_cell(by_name.get(name, []))} |")
    return "\n".join(lines) + "\n", missing


def _cell(tests: list[str]) -> str:
    shown = "<br>".join(f"`{test}`" for test in tests[:SHOWN])
    return shown + (f"<br>and {len(tests) - SHOWN} more" if len(tests) > SHOWN else "")


if __name__ == "__main__":
    text, without = render()
    TABLE.write_text(text, encoding="utf-8")
    print(f"wrote {TABLE}", *without, sep="\n")
