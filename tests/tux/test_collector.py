from __future__ import annotations

import gc

import pytest

from tux.collector import collector_paused


def test_nothing_is_collected_inside_and_it_works_again_after_an_error():
    seen = []

    def fail():
        with collector_paused():
            seen.append(gc.isenabled())
            raise LookupError

    with pytest.raises(LookupError):
        fail()
    assert seen == [False]
    assert gc.isenabled()


def test_whoever_stopped_the_collector_starts_it_again_though_others_are_inside():
    outer, inner = collector_paused(), collector_paused()
    outer.__enter__()
    inner.__enter__()
    outer.__exit__(None, None, None)
    assert gc.isenabled()
    inner.__exit__(None, None, None)
    assert gc.isenabled()


def test_a_collector_that_somebody_else_stopped_stays_so():
    gc.disable()
    try:
        with collector_paused():
            pass
        assert not gc.isenabled()
    finally:
        gc.enable()
