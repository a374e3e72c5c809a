from __future__ import annotations

import tomllib

from tests.contract.promises import TABLE, TESTS, render

ROWS = [f"S{n}" for n in range(1, 12)] + [f"M{n}" for n in range(1, 14)] + [f"C{n}" for n in range(1, 5)] + ["R3"]


def test_no_row_of_the_data_layer_is_missing():
    data = tomllib.loads((TESTS / "contract" / "rows.toml").read_text(encoding="utf-8"))
    assert [row["id"] for row in data["row"]] == ROWS
    assert all(row["tests"] for row in data["row"] + data["line"])


def test_every_promise_and_every_call_has_a_test():
    _, missing = render()
    assert missing == []


def test_the_table_of_promises_is_fresh():
    assert TABLE.read_text(encoding="utf-8") == render()[0], "run: python -m tests.contract.promises"
