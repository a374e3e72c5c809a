"""`python -m tests.contract.round_trips` writes docs/round-trips.md: how many statements each operation of a manager sends.

The numbers are those of the tables that tests measure, so nothing is measured here.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from tests.contract.operations import OPERATIONS
from tests.contract.promises import TESTS
from tests.counting import calls_of, operation_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.counting import Call, Table

PAGE = TESTS.parent / "docs" / "round-trips.md"

INTRO = """# Round trips

Made by `python -m tests.contract.round_trips`. Tests make every call that is listed here on a real PostgreSQL and count what
it sends, BEGIN, SAVEPOINT and COMMIT among it, as each is a round trip: one, unless the last column says why, in the words
of a docstring. “1, then 0” is answered from memory the second time. `make roundtrips` counts again; an operation of a
manager without an entry, or another number than the one below, fails it.
"""


def render() -> str:
    """Return the page."""
    from tests.tux.manager.test_roundtrips import OPERATIONS as EVERY

    lines = [INTRO, *_rows("Every manager", EVERY)]
    for manager, table in OPERATIONS.items():
        lines += _rows(f"`db.{manager}`", table)
    return "\n".join(lines).rstrip() + "\n"


def _rows(title: str, table: Table) -> Iterator[str]:
    yield from (f"## {title}", "", "| operation | statements | why |", "|---|---|---|")
    for name, call in calls_of(table).items():
        operation = operation_of(name)
        yield f"| `{operation}`{name.removeprefix(operation)} | {_statements(call)} |{f' {call.why}' if call.why else ''} |"
    yield ""


def _statements(call: Call) -> str:
    return str(call.statements) if call.again is None else f"{call.statements}, then {call.again}"


if __name__ == "__main__":
    sys.path.insert(0, str(TESTS / "tux"))  # as tests.shop does for the models of the tests
    PAGE.write_text(render(), encoding="utf-8")
    print(f"wrote {PAGE}")
