"""Transactions and savepoints that cannot leak their connection, whatever is cancelled, broken or outlived.

A transaction belongs to the context in which it was opened: tasks started inside share it, one statement at a time. A
savepoint belongs to the task that opened it; its siblings' statements wait until it ends. What outlives a block goes
back to the enclosing transaction, at last to the pool.
"""

from __future__ import annotations

import asyncio
from abc import abstractmethod
from contextlib import suppress
from contextvars import ContextVar
from itertools import count
from typing import TYPE_CHECKING, Any, Literal, TypeVar

import asyncpg
from loguru import logger
from tortoise.backends.asyncpg.client import AsyncpgDBClient, TransactionWrapper
from tortoise.backends.base.client import ConnectionWrapper, TransactionContext
from tortoise.connection import get_connections

from tux.database.wire import Statements, is_lost, order
from tux.errors import ConnectionLost, DatabaseError, PoolTimeout, TransactionAborted, TransactionMisuse
from tux.events import Outbox, current_outbox

if TYPE_CHECKING:
    from collections.abc import Coroutine
    from types import TracebackType

    from tux.database.wire import Connection

T = TypeVar("T")
Isolation = Literal["read committed", "repeatable read", "serializable"]

ISOLATIONS = ("read committed", "repeatable read", "serializable")
ABORTED = "a database error inside the transaction was swallowed, so PostgreSQL rolled everything back"
OUTLIVED = "the transaction around this savepoint ended first, so its work was rolled back; await the task inside"
ENDED = "SQL inside the block ended its transaction; leave COMMIT and ROLLBACK to the block"

UNSEEN = "SET"  # stands for whatever a borrower of the connection runs: it may change the session

_numbers = count(1)
_innermost: ContextVar[Transaction | None] = ContextVar("innermost_transaction", default=None)


async def to_the_end(work: Coroutine[Any, Any, T]) -> T:
    """Return the result of `work`, which is never cancelled half-way: a cancellation is handed on when it has ended."""
    task = asyncio.ensure_future(work)
    try:
        return await asyncio.shield(task)
    except asyncio.CancelledError:
        while not task.done():
            with suppress(asyncio.CancelledError):
                await asyncio.wait({task})
        if not task.cancelled() and (error := task.exception()) is not None:
            logger.debug("Finishing a cancelled transaction failed: {}", error)
        raise


def drop(connection: Connection) -> None:
    """Close a connection whose state nobody knows; the pool gets its place back at once."""
    with suppress(asyncpg.InterfaceError):  # the pool was faster
        connection.terminate()


def leave_turn(outer: Transaction) -> None:
    """Let the next savepoint of a transaction begin."""
    outer.inner = None
    outer.turn.release()


class Pool(Statements, AsyncpgDBClient):
    """What a transaction needs of the pool that its connection comes from."""

    acquire_timeout: float

    def live(self) -> Pool:
        """Return itself: a pool never ends."""
        return self

    @abstractmethod
    def follow_up(self, work: Coroutine[Any, Any, object]) -> asyncio.Task[object]:
        """Start what must be done after a commit; `close` waits for it."""


class Transaction(Statements, TransactionWrapper):
    """An open transaction, or a savepoint in one; made by `TransactionScope` alone."""

    def __init__(self, outer: Pool | Transaction, opening: str = "BEGIN") -> None:
        super().__init__(outer)
        self.pool: Pool = outer.pool if isinstance(outer, Transaction) else outer
        self.outer: Transaction | None = outer if isinstance(outer, Transaction) else None
        self.writes = self.pool.writes
        self.touched = set()
        self.outbox = Outbox()
        self.committed = False
        self._opening = opening
        self.name = f"tux_{next(_numbers)}" if self.outer else ""
        self.lent: Connection | None = None
        self.lock: asyncio.Lock = self.outer.lock if self.outer else self._lock
        self.turn = asyncio.Lock()  # held by the savepoint that is open directly below
        self.inner: Transaction | None = None
        self.orphaned = False

    def _in_transaction(self) -> TransactionScope:
        return self.open_transaction()

    def acquire_connection(self) -> Loan:
        """Return a context manager for asyncpg's connection; keep it for one statement at a time."""
        return Loan(self)

    def open_transaction(self, isolation: Isolation | None = None, *, read_only: bool = False) -> TransactionScope:
        """Return a savepoint in this transaction, or a transaction of its own when this one is over."""
        return TransactionScope(self, isolation, read_only=read_only)

    async def close(self) -> None:
        """Close the pool: a task that left an async generator in mid-transaction still has the transaction in its place."""
        await self.pool.close()

    @property
    def is_over(self) -> bool:
        """Whether it was committed or rolled back, or a failure ended it."""
        return self._finalized

    def live(self) -> Pool | Transaction:
        """Return itself while it is open, else the transaction around it, else the pool."""
        if not self._finalized:
            return self
        return self.outer.live() if self.outer else self.pool

    async def lend(self) -> Connection:
        """Return the connection when no other task of this transaction uses it."""
        while True:
            if self._finalized:
                return await self.live().lend()
            if self.orphaned:
                raise TransactionMisuse(OUTLIVED)
            if self.inner is not None and not self.is_inside():
                await self.await_turn()
                self.turn.release()
                continue
            await self.lock.acquire()
            if self.lent is not None and not self.orphaned and (self.inner is None or self.is_inside()):
                return self.lent
            self.lock.release()
            if self.lent is None and not self._finalized:
                raise TransactionMisuse("this transaction has not begun; enter it with `async with`")

    async def take_back(self, connection: Connection) -> None:
        """Let the next task have the connection."""
        if connection is self.lent:
            self.lock.release()
        else:
            await (self.outer or self.pool).take_back(connection)

    def is_inside(self) -> bool:
        """Whether the current task runs inside the savepoint that is open below this transaction."""
        inner = _innermost.get()
        while inner is not None and inner is not self:
            if inner is self.inner:
                return True
            inner = inner.outer
        return False

    async def await_turn(self) -> None:
        """Wait until no task has a savepoint open directly below; the caller releases `turn`.

        Raises:
            PoolTimeout: that took longer than the acquire timeout.
        """
        try:
            async with asyncio.timeout(self.pool.acquire_timeout):
                await self.turn.acquire()
        except TimeoutError as error:
            raise PoolTimeout(
                f"another task kept a savepoint of this transaction open for {self.pool.acquire_timeout:g} s; "
                "give concurrent tasks transactions of their own"
            ) from error

    async def begin(self) -> None:
        """Send BEGIN on a connection of the pool, or SAVEPOINT when no other task has one open in the same transaction."""
        if self.outer is None:
            await self._begin()
            return
        await self.outer.await_turn()
        try:
            await to_the_end(self._set_savepoint(self.outer))
        except BaseException:
            leave_turn(self.outer)
            raise

    async def commit(self) -> None:
        """Commit, or release the savepoint, then deliver the outbox; a cancellation waits until that is certain.

        Raises:
            TransactionAborted: an error inside was swallowed; nothing was kept.
        """
        try:
            await to_the_end(self._end(keep=True))
        except BaseException:
            if self.committed:  # cancelled, but too late: what was promised for after the commit is still due
                self._deliver()
            else:
                self.outbox.drop()
            raise
        if (delivery := self._deliver()) is not None:
            await asyncio.shield(delivery)

    async def rollback(self) -> None:
        """Undo everything since `begin`, and forget the outbox."""
        try:
            await to_the_end(self._end(keep=False))
        finally:
            self.outbox.drop()

    def _deliver(self) -> asyncio.Task[object] | None:
        if self.outer is not None:
            return None  # merged into the outer one's
        if not self.outbox.pending:
            self.outbox.drop()
            return None
        return self.pool.follow_up(self.outbox.flush())

    async def _begin(self) -> None:
        connection = await self.pool.lend()
        try:
            await order(connection, self._opening)
        except BaseException:
            drop(connection)
            await self.pool.take_back(connection)
            raise
        self.lent = connection

    async def _set_savepoint(self, outer: Transaction) -> None:
        async with self.lock:
            if outer.is_over or outer.orphaned or outer.lent is None:
                raise TransactionMisuse(OUTLIVED)
            await order(outer.lent, f"SAVEPOINT {self.name}")
            self.lent, outer.inner = outer.lent, self

    async def _end(self, *, keep: bool) -> None:
        async with self.lock:
            connection, self.lent = self.lent, None
            if self._finalized or connection is None:
                raise TransactionMisuse("this transaction is over already")
            self._finalized = True
            if self.outer is None:
                await self._end_outermost(connection, keep=keep)
            else:
                try:
                    await self._end_savepoint(self.outer, connection, keep=keep)
                finally:
                    leave_turn(self.outer)

    async def _end_outermost(self, connection: Connection, *, keep: bool) -> None:
        touched = (self.touched or ()) if keep else ()
        try:
            await self._abandon_inner(connection, keep=keep)
            if keep:
                _refuse_ended(connection)
                self.committed = await order(connection, "COMMIT") == "COMMIT"
            else:
                await order(connection, "ROLLBACK", seconds=self.pool.acquire_timeout)
        except BaseException as error:
            if isinstance(error, ConnectionLost) or not isinstance(error.__cause__, asyncpg.PostgresError):
                drop(connection)
                self.writes.announce(touched)  # nobody knows whether it was committed
            raise
        finally:
            if self.committed:  # before any handler of an event can read
                self.writes.announce(touched)
            await self.pool.take_back(connection)
        if keep and not self.committed:  # PostgreSQL answers COMMIT with "ROLLBACK" then
            raise TransactionAborted(ABORTED)

    async def _end_savepoint(self, outer: Transaction, connection: Connection, *, keep: bool) -> None:
        if self.orphaned:
            if keep:
                raise TransactionAborted(OUTLIVED)
            return
        undo = f"ROLLBACK TO SAVEPOINT {self.name}; RELEASE SAVEPOINT {self.name}"
        if not keep:
            await order(connection, undo, seconds=self.pool.acquire_timeout)
            return
        await self._abandon_inner(connection, keep=keep)
        try:
            await order(connection, f"RELEASE SAVEPOINT {self.name}")
        except TransactionAborted as error:
            await order(connection, undo)
            raise TransactionAborted(ABORTED) from error
        self.committed = True
        outer.hold(self.touched or ())
        self.outbox.merge_into(outer.outbox)

    async def _abandon_inner(self, connection: Connection, *, keep: bool) -> None:
        """Undo a savepoint that a task still has open: half of its work must not be committed."""
        inner, self.inner = self.inner, None
        if inner is not None and keep:
            await order(connection, f"ROLLBACK TO SAVEPOINT {inner.name}")
        while inner is not None:
            inner.orphaned = True
            inner = inner.inner


def _refuse_ended(connection: Connection) -> None:
    if not is_lost(connection) and not connection.is_in_transaction():
        raise TransactionMisuse(ENDED)


class TransactionScope(TransactionContext):
    """The block of a transaction or a savepoint: `async with`."""

    __slots__ = ("_asked", "_handler", "_opening", "_own", "_tokens", "client")

    def __init__(
        self, asked: Pool | Transaction, isolation: Isolation | None = None, *, read_only: bool = False
    ) -> None:
        if isolation is not None and isolation not in ISOLATIONS:
            raise TransactionMisuse(f"isolation {isolation!r} is unknown; take one of: {', '.join(ISOLATIONS)}")
        level = f" ISOLATION LEVEL {isolation.upper()}" if isolation else ""
        self._opening = f"BEGIN{level}{' READ ONLY' if read_only else ''}"
        self._asked = asked

    async def __aenter__(self) -> Transaction:
        self._handler = get_connections()
        self.client = self._own = client = Transaction(self._place(), self._opening)
        await client.begin()
        token = self._handler.set(client.connection_name, client)
        self._tokens = token, _innermost.set(client), current_outbox.set(client.outbox)
        return client

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            if self._own.is_over:
                return  # by hand
            if kind is None:
                await self._own.commit()
            else:
                await self._undo()
        finally:
            self._leave()

    def _place(self) -> Pool | Transaction:
        """Return what to open it in: the innermost savepoint of this task, when there is one."""
        place = self._asked.live()
        if isinstance(place, Transaction):
            if self._opening != "BEGIN":
                raise TransactionMisuse(
                    "a transaction is open here already; isolation and read_only belong to the outermost one"
                )
            inner = _innermost.get()
            if inner is not None and place.is_inside():
                place = inner.live()
        return place

    async def _undo(self) -> None:
        try:
            await self._own.rollback()
        except DatabaseError as error:  # the connection is gone, and PostgreSQL rolls back by itself
            logger.debug("Rolling back after an error failed: {}", error)

    def _leave(self) -> None:
        connection, innermost, outbox = self._tokens
        with suppress(ValueError):  # left in another context than entered, as async generators do
            self._handler.reset(connection)
            _innermost.reset(innermost)
            current_outbox.reset(outbox)


class Loan(ConnectionWrapper[Any]):
    """asyncpg's own connection for a block: of the open transaction, else of the pool."""

    __slots__ = ("_lender", "_lent")

    def __init__(self, lender: Statements) -> None:
        self._lender = lender

    async def __aenter__(self) -> Any:
        self._lent = await self._lender.lend()
        self._lent.begin(UNSEEN)  # nobody reads what runs on it
        self.connection = self._lent.handle
        return self.connection

    async def __aexit__(self, kind: object, error: object, trace: object) -> None:
        await self._lender.take_back(self._lent)
