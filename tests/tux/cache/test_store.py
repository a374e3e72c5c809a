from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta

import pytest
from support import logged

from tux.cache import Cache, CacheStatistics, Store
from tux.errors import TuxError
from tux.testing import at


class Source:
    """Gives the number of its calls; waits for `gate` when it has one."""

    def __init__(self, *, gate=None):
        self.calls = 0
        self.gate = gate

    async def __call__(self):
        self.calls += 1
        number = self.calls
        if self.gate is not None:
            await self.gate.wait()
        return number


async def test_a_value_is_loaded_once_and_then_read_from_memory():
    store, load = Store(Cache()), Source()
    assert [await store.get("key", load) for _ in range(3)] == [1, 1, 1]
    assert store.peek("key") == 1
    assert store.statistics() == CacheStatistics(hits=2, misses=1, rows=1)


async def test_that_there_is_nothing_is_kept_too():
    store, calls = Store(Cache()), []

    async def load():
        calls.append(1)

    assert [await store.get("key", load), await store.get("key", load)] == [None, None]
    assert len(calls) == 1


async def test_fifty_who_ask_at_once_cause_one_load():
    store, load = Store(Cache()), Source(gate=asyncio.Event())
    tasks = [asyncio.create_task(store.get("key", load)) for _ in range(50)]
    await asyncio.sleep(0)
    load.gate.set()
    assert await asyncio.gather(*tasks) == [1] * 50
    assert load.calls == 1


async def test_who_began_the_load_may_be_cancelled_without_harm_to_the_others():
    store, load = Store(Cache()), Source(gate=asyncio.Event())
    tasks = [asyncio.create_task(store.get("key", load)) for _ in range(3)]
    await asyncio.sleep(0)
    tasks[0].cancel()
    await asyncio.sleep(0)
    load.gate.set()
    assert await asyncio.gather(*tasks[1:]) == [1, 1]
    assert tasks[0].cancelled()
    assert store.peek("key") == 1


async def test_a_failing_load_is_the_error_of_who_began_it_only():
    store, gate, failures = Store(Cache()), asyncio.Event(), []

    async def load():
        failures.append(1)
        if len(failures) == 1:
            await gate.wait()
            raise LookupError("first")
        return "answer"

    tasks = [asyncio.create_task(store.get("key", load)) for _ in range(4)]
    await asyncio.sleep(0)
    gate.set()
    found = await asyncio.gather(*tasks, return_exceptions=True)
    assert isinstance(found[0], LookupError)
    assert found[1:] == ["answer"] * 3
    assert await store.get("key", load) == "answer"


async def test_a_load_that_cancels_itself_is_repeated_by_each_who_waits():
    store, gate, calls = Store(Cache()), asyncio.Event(), []

    async def load():
        calls.append(1)
        if len(calls) == 1:
            await gate.wait()
            raise asyncio.CancelledError
        return "answer"

    tasks = [asyncio.create_task(store.get("key", load)) for _ in range(3)]
    await asyncio.sleep(0)
    gate.set()
    assert await asyncio.gather(*tasks) == ["answer"] * 3


async def test_a_load_that_nobody_waits_for_any_more_may_fail_in_silence():
    store, gate = Store(Cache()), asyncio.Event()

    async def load():
        await gate.wait()
        raise LookupError

    task = asyncio.create_task(store.get("key", load))
    await asyncio.sleep(0)
    task.cancel()
    gate.set()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert await store.get("key", Source()) == 1


@pytest.mark.parametrize("dropped", [None, 5], ids=["everything", "its scope"])
@pytest.mark.parametrize("scope", [5, None], ids=["known scope", "unknown scope"])
async def test_a_value_whose_load_races_with_a_drop_is_not_kept(dropped, scope):
    store, load = Store(Cache()), Source(gate=asyncio.Event())
    early = asyncio.create_task(store.get("key", load, scope))
    await asyncio.sleep(0)
    store.drop(dropped)
    late = asyncio.create_task(store.get("key", load, scope))
    await asyncio.sleep(0)
    load.gate.set()
    assert await asyncio.gather(early, late) == [1, 2]
    assert store.peek("key") == 2


async def test_a_drop_of_another_scope_leaves_value_and_load_alone():
    store, load = Store(Cache()), Source(gate=asyncio.Event())
    task = asyncio.create_task(store.get("key", load, 5))
    await asyncio.sleep(0)
    store.drop(6)
    load.gate.set()
    await task
    store.drop(7)
    assert (store.peek("key"), load.calls) == (1, 1)


async def test_the_scope_may_come_from_the_value():
    store = Store(Cache(), scope_of=lambda value: value)
    await store.get("key", Source())
    store.drop(2)
    assert store.peek("key") == 1
    store.drop(1)
    assert store.peek("key") is None


async def test_it_keeps_no_more_than_its_bound_and_gives_up_what_was_read_longest_ago():
    store = Store(Cache(max_rows=3))
    for key in "abc":
        await store.get(key, Source(), scope=1)
    await store.get("a", Source())
    await store.get("d", Source(), scope=1)
    assert [key for key in "abcd" if store.peek(key)] == ["a", "c", "d"]
    assert store.statistics().rows == 3
    store.drop(1)
    assert store.statistics().rows == 0


async def test_a_value_is_as_old_as_the_clock_of_tux_says():
    store, load, start = Store(Cache(ttl=timedelta(minutes=5))), Source(), datetime(2026, 1, 1, tzinfo=UTC)
    with at(start):
        await store.get("key", load)
    with at(start + timedelta(minutes=4, seconds=59)):
        assert await store.get("key", load) == 1
    with at(start + timedelta(minutes=5)):
        assert store.statistics().rows == 0
        assert store.peek("key") is None
        assert await store.get("key", load) == 2
    with at(start + timedelta(minutes=10)):
        assert await store.get("key", load) == 3


async def test_a_broken_cache_answers_by_loading_and_mends_itself():
    store, load = Store(Cache()), Source()
    await store.get("key", load)
    store._ages = None
    with logged() as lines:
        assert await store.get("key", load) == 2
    assert "A cache failed and was emptied" in "".join(lines)
    assert store.peek("key") is None
    assert [await store.get("key", load), await store.get("key", load)] == [3, 3]


async def test_a_cache_that_cannot_keep_a_value_still_answers_it():
    def broken(_value):
        raise LookupError

    store, load = Store(Cache(), scope_of=broken), Source()
    with logged() as lines:
        assert await store.get("key", load) == 1
    assert "A cache failed and was emptied" in "".join(lines)


async def test_a_cache_that_breaks_while_it_drops_has_forgotten_all():
    store = Store(Cache())
    await store.get("key", Source(), scope=1)
    store._scopes = None
    with logged() as lines:
        store.drop(1)
    assert "A cache failed and was emptied" in "".join(lines)
    assert store.peek("key") is None


async def test_a_key_that_cannot_be_one_costs_time_only():
    store, load = Store(Cache()), Source()
    with logged():
        assert [await store.get([], load), await store.get([], load)] == [1, 2]


@pytest.mark.parametrize("wrong", [{"max_rows": 0}, {"ttl": timedelta(0)}])
def test_a_cache_without_room_or_time_is_refused(wrong):
    with pytest.raises(TuxError, match="needs room and time"):
        Cache(**wrong)
