from __future__ import annotations

from tests.contract.promises import TABLE, render


def test_every_promise_and_every_call_has_a_test():
    _, missing = render()
    assert missing == []


def test_the_table_of_promises_is_fresh():
    assert TABLE.read_text(encoding="utf-8") == render()[0], "run: python -m tests.contract.promises"
