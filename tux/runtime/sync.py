"""The same managers for code without an event loop: a background thread has the loop, and every call waits for it.

A transaction belongs to the thread that opened it: what follows in that thread runs in a copy of the context that the
transaction left behind, as a task inside `async with db.transaction():` would.
"""

from __future__ import annotations

import asyncio
import atexit
import inspect
import os
import threading
from collections.abc import AsyncGenerator, Awaitable, Callable, Generator
from concurrent.futures import BrokenExecutor
from contextlib import AbstractAsyncContextManager, ExitStack, asynccontextmanager, contextmanager, suppress
from contextvars import Context, copy_context
from functools import partial
from typing import TYPE_CHECKING, Any, ParamSpec, Self, TypeVar

from anyio import to_thread
from anyio.from_thread import start_blocking_portal

from tux.database.service import DatabaseService, Session
from tux.errors import DatabaseConnectionError, TuxError
from tux.manager import Manager
from tux.runtime.opening import open_database

if TYPE_CHECKING:
    from pathlib import Path
    from types import TracebackType

    from anyio.from_thread import BlockingPortal

    from tux.database.transaction import Isolation

P = ParamSpec("P")
T = TypeVar("T")

CLOSED = "this SyncDatabase is not open; use it inside `with SyncDatabase() as db:`"
FORKED = "this SyncDatabase is the one of the process that forked this one; open another here"

_END = object()


class SyncDatabase:
    """`with SyncDatabase(url) as db: db.case.get_by_id(1)`: what the coordinator has, each call done when it returns.

    Any number of threads may use one; each has transactions of its own. `run` awaits what has no plain form here, such
    as `db.run(row.save)`. Checkers take what a manager returns for Any.

    Raises on entry: what `tux.open_database` raises, and `TuxError` inside a running event loop.
    """

    def __init__(self, url: str | None = None, *, root: Path | None = None) -> None:
        self._url = url
        self._root = root
        self._resources = ExitStack()
        self._bridge: _Bridge | None = None

    def __enter__(self) -> Self:
        _refuse_loop()
        if self._bridge is not None:
            raise TuxError("this SyncDatabase is open already")
        with ExitStack() as stack:
            bridge = _Bridge(stack.enter_context(start_blocking_portal(name="SyncDatabase")))
            self._db = stack.enter_context(bridge.opened(open_database(self._url, root=self._root)))
            self._resources = stack.pop_all()
        self._bridge = bridge
        atexit.register(self.close)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        atexit.unregister(self.close)
        bridge, self._bridge = self._running(), None
        if bridge.is_ours:
            bridge.end()
            self._resources.__exit__(kind, error, trace)
        else:
            bridge.forsake()
            self._resources.pop_all()  # the connection is the parent's to close

    def close(self) -> None:
        """Close the connection and end the thread, as the end of the block does, and at last that of the program."""
        if self._bridge is not None:
            self.__exit__(None, None, None)

    def __getattr__(self, name: str) -> Any:
        """Return a manager by its name, or what else the coordinator has."""
        if name.startswith("_"):
            raise AttributeError(name)
        return getattr(_Plain(self._running(), self._db), name)

    def __getitem__(self, manager: type[Manager[Any]]) -> Any:
        """Return the manager of a class."""
        return self._running().present(self._db[manager])

    def run(self, function: Callable[P, Awaitable[T]], *args: P.args, **kwargs: P.kwargs) -> T:
        """Return what a function gives once it is awaited, called in the transaction of this thread if one is open.

        What Tortoise is asked inside of it goes to this database: `db.run(lambda: Case.filter(guild_id=1).count())`.
        """
        return self._running().wait(partial(function, *args, **kwargs))

    def retry(self, func: Callable[[], T], *, attempts: int = 3, isolation: Isolation | None = None) -> T:
        """Return what `func` returns in a transaction of its own, run again when that ends in a conflict.

        `func` runs in a thread of its own.
        """
        bridge = self._running()

        async def work() -> T:
            return await to_thread.run_sync(bridge.run_inside, copy_context(), func)

        return bridge.wait(partial(self._db.retry, work, attempts=attempts, isolation=isolation))

    def _running(self) -> _Bridge:
        if self._bridge is None:
            raise DatabaseConnectionError(CLOSED)
        return self._bridge


class _Bridge:
    """The way from plain threads to the loop, with the contexts of the transactions that they have open."""

    def __init__(self, portal: BlockingPortal) -> None:
        self._portal = portal
        self._base = Context()
        self._local = threading.local()
        self._scopes: list[ExitStack] = []
        self._is_open = True
        self._process = os.getpid()

    @property
    def is_ours(self) -> bool:
        """Whether this process opened it: a fork has no thread for the loop, and would wait for ever."""
        return os.getpid() == self._process

    @property
    def _contexts(self) -> list[Context]:
        contexts: list[Context] = self._local.__dict__.setdefault("contexts", [])
        return contexts

    def _context(self) -> Context:
        """Return a new copy of the context of this thread's innermost transaction, else of the open database."""
        return (self._contexts[-1] if self._contexts else self._base).copy()

    def _check(self) -> None:
        _refuse_loop()
        if not self._is_open:
            raise DatabaseConnectionError(CLOSED)
        if not self.is_ours:
            raise DatabaseConnectionError(FORKED)

    def call(self, function: Callable[..., object], *args: object, **kwargs: object) -> object:
        """Return what a function of the loop's side gives, awaited, in its plain form."""
        return self.present(self.wait(partial(_called, partial(function, *args, **kwargs))))

    def wait(self, work: Callable[[], Awaitable[T]], context: Context | None = None) -> T:
        """Return what the loop's thread gives for some work, in the context of this thread's transaction."""
        self._check()
        return self._send(work, context or self._context())

    def _send(self, work: Callable[[], Awaitable[T]], context: Context) -> T:
        future = context.run(self._portal.start_task_soon, work)
        try:
            return future.result()
        except BaseException:
            future.cancel()  # Ctrl-C leaves nothing running behind; nothing when it is done
            raise

    def present(self, value: Any) -> object:
        """Return the plain form of what has to be awaited, entered or iterated on the loop's side."""
        forms: tuple[tuple[Any, Callable[[Any], object]], ...] = (
            ((Manager, Session, DatabaseService), partial(_Plain, self)),
            (AbstractAsyncContextManager, self.entered),
            (AsyncGenerator, self._iterated),
        )
        return next((form(value) for kinds, form in forms if isinstance(value, kinds)), value)

    @contextmanager
    def opened(self, resource: AbstractAsyncContextManager[T]) -> Generator[T]:
        """Hold what every thread stands on: all calls start from the context that entering it left behind."""
        held = self._portal.wrap_async_context_manager(_remembered(resource))
        with suppress(BrokenExecutor), held as (value, self._base):  # of a fork that ends
            yield value

    @contextmanager
    def entered(self, scope: AbstractAsyncContextManager[object]) -> Generator[object]:
        """Hold a scope that is this thread's alone, such as a transaction."""
        self._check()
        with ExitStack() as stack:
            wrapped = self._portal.wrap_async_context_manager(_remembered(scope))
            value, context = self._context().run(stack.enter_context, wrapped)
            self._contexts.append(context)
            self._scopes.append(stack)
            try:
                yield self.present(value)
                self._check()
            finally:
                self._contexts.pop()
                self._scopes.remove(stack)
                if not self.is_ours:
                    stack.pop_all()

    def end(self) -> None:
        """Take back what threads have open; whoever goes on with it is told so."""
        self._is_open = False
        for stack in reversed(self._scopes):
            stack.pop_all().__exit__(DatabaseConnectionError, DatabaseConnectionError(CLOSED), None)

    def forsake(self) -> None:
        """Let nobody wait for the loop's thread, which stayed behind in the process that forked this one."""

        def refuse(*_: object) -> None:
            raise BrokenExecutor(FORKED)

        vars(self._portal)["call"] = refuse

    def _iterated(self, source: AsyncGenerator[object]) -> Generator[object]:
        context = self._context()

        def close() -> None:
            if not self.is_ours:
                return
            with suppress(RuntimeError):  # another thread is in the middle of a step, and finds its connection closed
                self._send(source.aclose, context)

        with ExitStack() as stack:
            stack.callback(close)
            self._scopes.append(stack)
            try:
                while True:
                    item, context = self.wait(partial(_step, source), context)
                    if item is _END:
                        return
                    yield item
            finally:
                self._scopes.remove(stack)

    def run_inside(self, context: Context, func: Callable[[], T]) -> T:
        """Call a function of plain code as if this thread had the transaction of `context` open."""
        self._contexts.append(context)
        try:
            return func()
        finally:
            self._contexts.pop()


class _Plain:
    """A manager, a session, the service or the coordinator, whose methods return when they are done."""

    __slots__ = ("_bridge", "_subject")

    def __init__(self, bridge: _Bridge, subject: object) -> None:
        self._bridge = bridge
        self._subject = subject

    def __repr__(self) -> str:
        return f"<plain {self._subject!r}>"

    def __getattr__(self, name: str) -> Any:
        """Return a method in its plain form, and anything else as it is."""
        found = getattr(self._subject, name)
        if inspect.isroutine(found):
            return partial(self._bridge.call, found)
        return self._bridge.present(found)


def _refuse_loop() -> None:
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return
    raise TuxError("SyncDatabase would block this event loop; use `async with tux.open_database() as db:` here")


async def _called(function: Callable[[], object]) -> object:
    found = function()
    return await found if inspect.isawaitable(found) else found


@asynccontextmanager
async def _remembered(scope: AbstractAsyncContextManager[T]) -> AsyncGenerator[tuple[T, Context]]:
    async with scope as value:
        yield value, copy_context()


async def _step(source: AsyncGenerator[object]) -> tuple[object, Context]:
    return await anext(source, _END), copy_context()
