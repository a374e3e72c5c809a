"""`Store`: values by key, each in a scope, dropped scope by scope when what they were read from was written.

The values lie in a plain dict, which synchronous readers look into; cachetools beside it decides which of them go.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Hashable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Generic, NamedTuple, TypeVar, cast

from cachetools import TTLCache
from loguru import logger

from tux import clock
from tux.errors import TuxError

V = TypeVar("V")
Scope = int | None

_MISSING: Any = object()
_BROKEN: Any = object()


@dataclass(frozen=True, slots=True)
class Cache:
    """How many values a cache keeps, and how long at most; the least recently read go first."""

    max_rows: int = 10_000
    ttl: timedelta = timedelta(minutes=30)

    def __post_init__(self) -> None:
        if self.max_rows < 1 or self.ttl <= timedelta():
            raise TuxError(
                f"a cache needs room and time, such as Cache(max_rows=1000, ttl=timedelta(minutes=5)): {self}"
            )


@dataclass(frozen=True, slots=True)
class CacheStatistics:
    """How a cache did so far: reads that it answered, reads that it did not, values that it has now."""

    hits: int
    misses: int
    rows: int


class _Flight(NamedTuple):
    """One load that is under way, whoever waits for it."""

    task: asyncio.Task[Any]
    scope: Scope


class _Ages(TTLCache[Hashable, Scope]):
    """The scopes of the keys, by age and last use; tells which keys it gave up."""

    def __init__(self, cache: Cache, gone: Callable[[Hashable, Scope], None]) -> None:
        super().__init__(cache.max_rows, cache.ttl.total_seconds(), lambda: clock.now().timestamp())
        self._gone = gone

    def expire(self, time: float | None = None) -> list[tuple[Hashable, Scope]]:
        expired = super().expire(time)
        for key, scope in expired:
            self._gone(key, scope)
        return expired

    def popitem(self) -> tuple[Hashable, Scope]:
        key, scope = super().popitem()
        self._gone(key, scope)
        return key, scope


class Store(Generic[V]):
    """Values by key. What it loads it keeps, unless the scope was dropped meanwhile: then the value may be old.

    `peek` is the synchronous read: a look into the dict, without a look at the age and uncounted. It fails open: when
    it breaks, it forgets everything, and reads are loaded.
    """

    def __init__(self, cache: Cache, scope_of: Callable[[V], Scope] = lambda _value: None) -> None:
        self._cache = cache
        self._scope_of = scope_of
        self._values: dict[Hashable, V] = {}
        self.peek: Callable[[Hashable], V | None] = self._values.get
        self._hits = self._misses = 0
        self._clear()

    def statistics(self) -> CacheStatistics:
        """Return how it did so far."""
        self._ages.expire()
        return CacheStatistics(self._hits, self._misses, len(self._values))

    async def get(self, key: Hashable, load: Callable[[], Awaitable[V]], scope: Scope = None) -> V:
        """Return the value of a key, loaded when it is not there; None is a value, too.

        However many ask at once, one load runs, in a task of its own. When it fails, the one who began it gets the
        error, and each of the others loads for itself.

        Args:
            key: what is asked for.
            load: reads the value; runs outside of any transaction of its caller.
            scope: what `drop` will be called with; when that is not known before, the value tells.
        """
        kept = self._safely(self._find, key)
        if kept is _BROKEN:
            return await load()
        if kept is not _MISSING:
            return cast("V", kept)
        flight = self._flights.get(key)
        begun = flight is None
        if flight is None:
            flight = self._begin(key, load, scope)
        await asyncio.wait((flight.task,))
        if flight.task.cancelled() or (flight.task.exception() and not begun):
            return await load()
        return cast("V", flight.task.result())

    def drop(self, scope: Scope = None) -> None:
        """Forget the values of a scope, or all of them; what is being loaded for it will not be kept."""
        self._safely(self._drop, scope)

    def _drop(self, scope: Scope) -> None:
        if scope is None:
            self._clear()
            return
        for each in (scope, None):  # None: values of which nobody knows the scope
            for key in self._scopes.pop(each, ()):
                self._values.pop(key, None)
                self._ages.pop(key, None)
        for key in [key for key, flight in self._flights.items() if flight.scope in (scope, None)]:
            del self._flights[key]

    def _find(self, key: Hashable) -> V | Any:
        try:
            self._ages[key]  # raises when it is too old, and notes the use
            found = self._values[key]
        except KeyError:
            self._misses += 1
            return _MISSING
        self._hits += 1
        return found

    def _begin(self, key: Hashable, load: Callable[[], Awaitable[V]], scope: Scope) -> _Flight:
        flight = _Flight(asyncio.ensure_future(self._load(key, load, scope)), scope)
        flight.task.add_done_callback(_retrieve)
        self._flights[key] = flight
        return flight

    async def _load(self, key: Hashable, load: Callable[[], Awaitable[V]], scope: Scope) -> V:
        task = asyncio.current_task()
        try:
            value = await load()
            flight = self._flights.get(key)
            if flight is not None and flight.task is task:
                self._safely(self._keep, key, value, scope)
            return value
        finally:
            flight = self._flights.get(key)
            if flight is not None and flight.task is task:
                del self._flights[key]

    def _keep(self, key: Hashable, value: V, scope: Scope) -> None:
        scope = self._scope_of(value) if scope is None else scope
        self._ages[key] = scope
        self._values[key] = value
        self._scopes.setdefault(scope, set()).add(key)

    def _forget(self, key: Hashable, scope: Scope) -> None:
        """Follow the ages, which gave a key up."""
        self._values.pop(key, None)
        keys = self._scopes.get(scope, set())
        keys.discard(key)
        if not keys:
            self._scopes.pop(scope, None)

    def _clear(self) -> None:
        self._values.clear()  # never replaced: `peek` is its method
        self._ages = _Ages(self._cache, self._forget)
        self._scopes: dict[Scope, set[Hashable]] = {}
        self._flights: dict[Hashable, _Flight] = {}

    def _safely(self, work: Callable[..., Any], *args: object) -> Any:
        """Do something with what is kept; when that fails, keep nothing: it costs time, not answers."""
        try:
            return work(*args)
        except Exception:  # noqa: BLE001 - see above
            logger.opt(exception=True).error("A cache failed and was emptied")
            self._clear()
            return _BROKEN


def _retrieve(task: asyncio.Task[Any]) -> None:
    """Look at a failure, so that asyncio does not report it when nobody waits any more."""
    if not task.cancelled():
        task.exception()
