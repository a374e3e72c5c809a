"""Typed events between plugins, and the outbox that holds them back until the commit.

The engine opens an `Outbox` with each transaction (a savepoint has its own), flushes it after the commit and drops it on
rollback. Whatever must not be seen before the commit goes through `after_commit`.
"""

from __future__ import annotations

import asyncio
import inspect
import time
from collections import defaultdict
from collections.abc import Awaitable, Callable
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any, TypeVar

from loguru import logger

E = TypeVar("E")
Callback = Callable[[], Awaitable[object] | None]
Handler = Callable[[Any], Awaitable[object]]

_MARK = "__tux_handles__"
SLOW_HANDLER_SECONDS = 1.0


class Outbox:
    """What one transaction wants done after its commit, in order."""

    __slots__ = ("_callbacks", "closed")

    def __init__(self) -> None:
        self._callbacks: list[Callback] = []
        self.closed = False

    @property
    def pending(self) -> bool:
        """Whether anything waits for the commit."""
        return bool(self._callbacks)

    def add(self, callback: Callback) -> None:
        """Keep a callback until `flush`."""
        self._callbacks.append(callback)

    def merge_into(self, parent: Outbox) -> None:
        """Hand everything to the enclosing transaction, when a savepoint is released."""
        self.closed = True
        parent._callbacks.extend(self._callbacks)
        self._callbacks.clear()

    def drop(self) -> None:
        """Forget everything, on rollback."""
        self.closed = True
        self._callbacks.clear()

    async def flush(self) -> None:
        """Run the callbacks, after the commit; one that fails is logged and stops no other."""
        self.closed = True
        callbacks, self._callbacks = self._callbacks, []
        for callback in callbacks:
            await _run(callback)


current_outbox: ContextVar[Outbox | None] = ContextVar("current_outbox", default=None)


async def after_commit(callback: Callback) -> None:
    """Run `callback` after the commit of the transaction open in this context; at once when there is none."""
    outbox = current_outbox.get()
    if outbox is None or outbox.closed:
        await _run(callback)
    else:
        outbox.add(callback)


async def _run(callback: Callback) -> None:
    try:
        result = callback()
        if inspect.isawaitable(result):
            await result
    except BaseException as error:  # the commit has happened: one broken follow-up must not hide it or stop the next
        if not _is_failure(error):
            raise
        logger.opt(exception=True).error("A callback after a commit failed")


def _is_failure(error: BaseException) -> bool:
    """Whether what was raised concerns its source alone, as a cancellation does that is not of the current task."""
    if isinstance(error, asyncio.CancelledError):
        task = asyncio.current_task()
        return task is not None and not task.cancelling()
    return isinstance(error, Exception)


@dataclass(frozen=True, slots=True)
class Subscription:
    """One handler of one event type, and the plugin that it belongs to."""

    plugin: str
    handler: Handler


class EventBus:
    """Delivers frozen dataclasses to those who subscribed to their type."""

    def __init__(self) -> None:
        self._handlers: dict[type[Any], list[Subscription]] = defaultdict(list)

    def subscribe(self, event: type[E], handler: Callable[[E], Awaitable[object]], *, plugin: str) -> None:
        """Call `handler` with every event of that exact type, after the commit."""
        self._handlers[event].append(Subscription(plugin, handler))

    def unsubscribe(self, handler: Handler) -> None:
        """Stop calling `handler`; nothing happens when it was not subscribed."""
        for subscriptions in self._handlers.values():
            subscriptions[:] = [s for s in subscriptions if s.handler != handler]

    async def emit(self, event: object) -> None:
        """Deliver `event` after the commit of the open transaction (never on rollback), or now without one."""
        if self._handlers.get(type(event)):
            await after_commit(lambda: self._deliver(event))

    async def _deliver(self, event: object) -> None:
        for subscription in tuple(self._handlers.get(type(event), ())):
            log = logger.bind(plugin=subscription.plugin)
            started = time.perf_counter()
            try:
                await subscription.handler(event)
            except BaseException as error:  # one plugin's handler must not break another's command
                if not _is_failure(error):
                    raise
                log.opt(exception=True).error("Handler of {} failed", type(event).__name__)
            if (took := time.perf_counter() - started) > SLOW_HANDLER_SECONDS:
                log.warning("Handler of {} took {:.1f} s", type(event).__name__, took)


def handles(event: type[E]) -> Callable[[Callable[[Any, E], Awaitable[object]]], Callable[[Any, E], Awaitable[object]]]:
    """Mark a cog's method as the handler of an event type; BaseCog subscribes it."""

    def mark(method: Callable[[Any, E], Awaitable[object]]) -> Callable[[Any, E], Awaitable[object]]:
        setattr(method, _MARK, event)
        return method

    return mark


def handled_event(method: object) -> type[Any] | None:
    """Return the event type that `handles` marked a method with, or None."""
    return getattr(method, _MARK, None)
