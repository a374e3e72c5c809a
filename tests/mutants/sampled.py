"""Random mutants of the data layer's core, made by cosmic-ray (docs/decisions/0009-mutants.md says why this way)."""

from __future__ import annotations

import ast
import random
from collections import defaultdict
from inspect import signature
from pathlib import Path
from typing import TYPE_CHECKING

from tests.mutants.mutant import ROOT, Mutant

if TYPE_CHECKING:
    from collections.abc import Iterator

Place = tuple[int, int]

# What of tux/database says something to PostgreSQL; the rest starts local servers and reads URLs.
DATABASE = (
    "context",
    "direct",
    "engine",
    "executor",
    "health",
    "kept",
    "keyset",
    "leftovers",
    "lending",
    "mapping",
    "schema",
    "service",
    "statements",
    "transaction",
    "wire",
    "writes",
    "written",
)
# Tests that know a module best, for those whose tests are not named like it; they run first.
CLOSEST = {
    "caching": "cache/test_rows.py",
    "context": "database/test_service.py",
    "converters": "manager/test_values.py",
    "cursors": "manager/test_keyset.py",
    "deriving": "cache/test_derived.py",
    "executor": "manager/test_searching.py",
    "fallback": "manager/test_filters.py",
    "health": "database/test_service.py",
    "leftovers": "database/test_kept.py",
    "lending": "database/test_kept.py",
    "loading": "manager/test_reading.py",
    "many": "manager/test_bulk.py",
    "mapping": "database/test_engine.py",
    "matched": "models/test_matched.py",
    "pages": "manager/test_reading.py",
    "table": "manager/test_core.py",
    "watching": "cache/test_rows.py",
    "wire": "database/test_engine.py",
    "writing": "manager/test_changes.py",
}
MANAGER_TESTS = (
    "tests/tux/manager",
    "tests/contract/test_manager_calls.py",
    "tests/correctness/test_true_counts.py",
    "tests/correctness/test_keys_and_plans.py",
    "tests/correctness/test_time.py",
    "tests/tux/models",
    "tests/tux/cache",
    "tests/tux/test_snapshot.py",
    "tests/correctness/test_absence.py",
    "tests/correctness/test_rollback.py",
    "tests/correctness/test_injection.py",
    "tests/correctness/test_properties.py",
    "tests/correctness/test_concurrency.py",
)
DATABASE_TESTS = (
    "tests/tux/database/test_engine.py",
    "tests/tux/database/test_transaction.py",
    "tests/tux/database/test_service.py",
    "tests/tux/database/test_kept.py",
    "tests/tux/database/test_direct.py",
    "tests/tux/database/test_writes.py",
    "tests/tux/database/test_written.py",
    "tests/tux/database/test_schema.py",
    "tests/contract/test_entering.py",
    "tests/tux/test_coordinator.py",
    "tests/tux/runtime/test_sync.py",
    "tests/tux/cache/test_rows.py",
    "tests/correctness/test_rollback.py",
    "tests/correctness/test_errors.py",
    "tests/correctness/test_time.py",
    "tests/correctness/test_cancellation.py",
)
TEXTS = {"keyset", "statements", "writes", "written"}  # of tux/database, and made for the managers


def sampled(count: int, seed: int) -> list[Mutant]:
    """Return `count` mutants, the same ones for a seed as long as the files stay as they are.

    A place in the code is chosen first and then what becomes of it, or operators with many variants would be most.
    """
    chance = random.Random(seed)  # noqa: S311 - the same every time
    places: dict[tuple[str, Place], list[tuple[str, int]]] = defaultdict(list)
    for path in _files():
        for place, operator, occurrence in _positions(path):
            places[_name(path), place].append((operator, occurrence))
    order = sorted(places)
    chance.shuffle(order)
    mutants: list[Mutant] = []
    for file, place in order:
        if len(mutants) == count:
            break
        variants = places[file, place]
        chance.shuffle(variants)
        made = next(filter(None, (_mutant(file, place, *variant) for variant in variants)), None)
        mutants += [made] if made else []
    return mutants


def unchanged() -> list[Mutant]:
    """Return mutants that are none, one for each list of tests: where these are caught, nothing is known of others."""
    files = {tests: file for file in map(_name, _files()) for tests in [_tests_of(file)[-5:]]}
    return [
        Mutant(f"nothing changed ({file})", file, file, (ROOT / file).read_text(), _tests_of(file), "as it should")
        for file in files.values()
    ]


def _name(path: Path) -> str:
    return str(path.relative_to(ROOT))


def _files() -> list[Path]:
    return [*sorted((ROOT / "tux/manager").glob("*.py")), *(ROOT / f"tux/database/{name}.py" for name in DATABASE)]


def _tests_of(file: str) -> tuple[str, ...]:
    """Return the tests of a module: those closest to it, then wider ones."""
    folder, name = Path(file).parent.name, Path(file).stem
    close = f"tests/tux/{CLOSEST.get(name, f'{folder}/test_{name}.py')}"
    wide = MANAGER_TESTS if folder == "manager" or name in TEXTS else DATABASE_TESTS
    tests = [close, *wide] if (ROOT / close).exists() else wide
    return tuple(dict.fromkeys(test for each in tests for test in _test_files(each)))


def _test_files(place: str) -> list[str]:
    """Return a file of tests, or those of a folder, which pytest would run in its own order with one named before it."""
    path = ROOT / place
    return [_name(file) for file in sorted(path.rglob("test_*.py"))] if path.is_dir() else [place]


def _positions(path: Path) -> Iterator[tuple[Place, str, int]]:
    """Yield each change that cosmic-ray knows for a file: its place, the operator, and which of its occurrences."""
    from cosmic_ray.ast import ast_nodes, get_ast
    from cosmic_ray.plugins import get_operator, operator_names

    nodes = list(ast_nodes(get_ast(path.read_text())))
    for name in operator_names():
        if signature(get_operator(name)).parameters:
            continue  # it asks for names of variables, which nobody gives
        positions = [start for node in nodes for start, _ in get_operator(name)().mutation_positions(node)]
        yield from ((place, name, occurrence) for occurrence, place in enumerate(positions))


def _mutant(file: str, place: Place, operator: str, occurrence: int) -> Mutant | None:
    """Return the mutant of one change; None when it changes nothing that runs."""
    from cosmic_ray.mutating import mutate_code
    from cosmic_ray.plugins import get_operator

    code = (ROOT / file).read_text()
    text = mutate_code(code, get_operator(operator)(), occurrence)
    if text is None or _meaning(text) in (None, _meaning(code)):
        return None
    name = f"{file}:{place[0]}:{place[1]} {operator.removeprefix('core/')}"
    return Mutant(name, file, file, text, _tests_of(file), text.splitlines()[place[0] - 1].strip())


def _meaning(code: str) -> str | None:
    """Return what a module does, without annotations, which nobody evaluates; None when it is no Python."""
    try:
        tree = ast.parse(code)
    except SyntaxError:
        return None
    return ast.dump(_Bare().visit(tree))


class _Bare(ast.NodeTransformer):
    """Takes out what is for type checkers alone."""

    def visit_If(self, node: ast.If) -> ast.AST | None:
        names = {each.id for each in ast.walk(node.test) if isinstance(each, ast.Name)}
        return None if "TYPE_CHECKING" in names else self.generic_visit(node)

    def visit_arguments(self, node: ast.arguments) -> ast.AST:
        node.args = [*node.posonlyargs, *node.args, *node.kwonlyargs]  # whether a name must or may not be given
        node.defaults = [*node.defaults, *filter(None, node.kw_defaults)]
        node.posonlyargs, node.kwonlyargs, node.kw_defaults = [], [], []
        return self.generic_visit(node)

    def visit_arg(self, node: ast.arg) -> ast.AST:
        node.annotation = None
        return node

    def visit_AnnAssign(self, node: ast.AnnAssign) -> ast.AST:
        node.annotation = ast.Constant(None)
        return self.generic_visit(node)

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.AST | None:
        return self._function(node)

    def visit_AsyncFunctionDef(self, node: ast.AsyncFunctionDef) -> ast.AST | None:
        return self._function(node)

    def _function(self, node: ast.FunctionDef | ast.AsyncFunctionDef) -> ast.AST | None:
        node.returns = None
        is_signature = len(node.body) == 1 and ast.unparse(node.body[0]) == "..."
        return None if is_signature else self.generic_visit(node)
