"""The bugs of tests/mutants.toml: exact text, its replacement, the tests that must catch it, and a sentence why."""

from __future__ import annotations

import ast
import tomllib
from functools import cache

from tests.mutants.mutant import ROOT, Mutant

FILE = ROOT / "tests/mutants.toml"


class EntryError(Exception):
    """An entry that no longer says what it once said."""


def planted() -> list[Mutant]:
    """Return every planted bug.

    Raises:
        EntryError: names all entries that are stale: their text is not found exactly once, or a test is gone.
    """
    problems: list[str] = []
    mutants: list[Mutant] = []
    for entry in tomllib.loads(FILE.read_text())["mutant"]:
        problems += [f"{entry['name']}: {problem}" for problem in _problems(entry)]
        text = (ROOT / entry["file"]).read_text() if (ROOT / entry["file"]).is_file() else ""
        mutants.append(
            Mutant(
                entry["name"],
                entry["theme"],
                entry["file"],
                text.replace(entry["find"], entry["replace"]),
                tuple(entry["tests"]),
                entry["why"],
                each=True,
            )
        )
    names = [mutant.name for mutant in mutants]
    problems += [f"{name}: there are two entries of this name" for name in {*names} if names.count(name) > 1]
    if problems:
        raise EntryError("\n".join(["tests/mutants.toml is stale:", *problems]))
    return mutants


def _problems(entry: dict[str, str]) -> list[str]:
    path = ROOT / entry["file"]
    if not path.is_file():
        return [f"{entry['file']} does not exist"]
    text, found = path.read_text(), []
    if (times := text.count(entry["find"])) != 1:
        found.append(f"its text is {times} times in {entry['file']}")
    elif path.suffix == ".py":
        try:
            ast.parse(text.replace(entry["find"], entry["replace"]))
        except SyntaxError as error:
            found.append(f"the replacement is no Python: {error}")
    for test in entry["tests"]:
        file, _, name = test.partition("::")
        if name.partition("[")[0] not in _tests_of(file):
            found.append(f"there is no test {test}")
    return found


@cache
def _tests_of(file: str) -> frozenset[str]:
    path = ROOT / file
    if not path.is_file():
        return frozenset()
    nodes = ast.parse(path.read_text()).body
    return frozenset(node.name for node in nodes if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef))
