from __future__ import annotations

import asyncio
from dataclasses import dataclass

import pytest

from tux.events import EventBus, Outbox, current_outbox


@dataclass(frozen=True)
class Ping:
    number: int


@dataclass(frozen=True)
class Pong:
    number: int


@pytest.fixture
def bus():
    return EventBus()


@pytest.fixture
def outbox():
    """An open transaction, as the engine makes it."""
    box = Outbox()
    token = current_outbox.set(box)
    yield box
    current_outbox.reset(token)


@pytest.fixture
def heard(bus):
    found: list[Ping] = []

    async def handler(event: Ping) -> None:
        found.append(event)

    bus.subscribe(Ping, handler, plugin="test")
    return found


async def test_without_a_transaction_an_event_is_delivered_at_once(bus, heard):
    await bus.emit(Ping(1))
    assert heard == [Ping(1)]


async def test_only_the_exact_type_is_delivered(bus, heard):
    await bus.emit(Pong(1))
    assert heard == []


async def test_inside_a_transaction_an_event_waits_for_the_commit(bus, heard, outbox):
    await bus.emit(Ping(1))
    assert heard == []
    await outbox.flush()
    assert heard == [Ping(1)]


async def test_a_rollback_drops_the_event(bus, heard, outbox):
    await bus.emit(Ping(1))
    outbox.drop()
    await outbox.flush()
    assert heard == []


async def test_a_savepoint_hands_its_events_to_the_transaction_around_it_in_order(bus, heard, outbox):
    await bus.emit(Ping(1))
    inner = Outbox()
    token = current_outbox.set(inner)
    await bus.emit(Ping(2))
    current_outbox.reset(token)
    inner.merge_into(outbox)
    await bus.emit(Ping(3))
    assert heard == []
    await outbox.flush()
    assert heard == [Ping(1), Ping(2), Ping(3)]


async def test_a_task_that_outlives_its_transaction_delivers_at_once(bus, heard, outbox):
    await outbox.flush()
    await bus.emit(Ping(1))
    assert heard == [Ping(1)]


async def test_a_failing_handler_stops_no_other(bus):
    found: list[int] = []

    async def broken(_: Ping) -> None:
        raise LookupError("boom")

    async def fine(event: Ping) -> None:
        found.append(event.number)

    bus.subscribe(Ping, broken, plugin="bad")
    bus.subscribe(Ping, fine, plugin="good")
    await bus.emit(Ping(7))
    assert found == [7]


async def test_an_unsubscribed_handler_hears_nothing(bus):
    found: list[Ping] = []

    async def handler(event: Ping) -> None:
        found.append(event)

    bus.subscribe(Ping, handler, plugin="test")
    bus.unsubscribe(handler)
    await bus.emit(Ping(1))
    assert found == []


async def lost() -> None:
    """Wait for a task that somebody else cancelled."""
    task = asyncio.create_task(asyncio.sleep(60))
    task.cancel()
    await task


async def test_a_handler_whose_own_task_was_cancelled_stops_no_other(bus, heard, outbox):
    async def handler(event: Ping) -> None:
        await lost()

    heard_after: list[Ping] = []

    async def last(event: Ping) -> None:
        heard_after.append(event)

    bus.subscribe(Ping, handler, plugin="broken")
    bus.subscribe(Ping, last, plugin="last")
    await bus.emit(Ping(1))
    outbox.add(lost)
    await bus.emit(Ping(2))
    await outbox.flush()
    assert heard == heard_after == [Ping(1), Ping(2)]


async def test_a_cancellation_of_whoever_delivers_goes_through(bus):
    begun = asyncio.Event()

    async def handler(event: Ping) -> None:
        begun.set()
        await asyncio.sleep(60)

    bus.subscribe(Ping, handler, plugin="slow")
    task = asyncio.create_task(bus.emit(Ping(1)))
    await begun.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
