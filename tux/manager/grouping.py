"""Calls of many tasks that share a statement: those that come while one is under way go into the next one together.

A call that meets nobody runs at once, as if there were no groups. A group runs in a context of its own, outside of any
transaction, so a call within one never joins.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Hashable, Sequence
from contextvars import Context
from copy import copy
from functools import partial
from typing import TYPE_CHECKING, Generic, TypeVar, cast

import asyncpg

from tux.database.engine import Client, Transaction, active_client
from tux.errors import ConnectionLost, DatabaseError
from tux.settings import FAST

if TYPE_CHECKING:
    from collections.abc import Coroutine

C = TypeVar("C")
R = TypeVar("R")
Work = Callable[[Client | Transaction, Sequence[C]], "Coroutine[object, object, Sequence[R]]"]

MOST_CALLS, MOST_GROUPS = 100, 2  # of a line at once: while the rows of one are made, PostgreSQL works on the other
PATIENCE_SECONDS = 0.05  # a statement that waits for somebody's lock holds the calls behind it up no longer than this


async def in_group(work: Work[C, R], call: C, *, line: Hashable = None, single: Hashable = None) -> R:
    """Return what `work` makes of a call, alone or of several in one statement, in their order.

    An error of the server undoes the whole statement, so each half of the group is tried again, until the call that is
    to blame stands alone and nobody else is concerned. A caller who is cancelled while the group runs does not stop it.

    Args:
        work: a function of a module, which must not look at the context: the group's is empty.
        call: whatever `work` takes.
        line: only calls of the same line share a statement, and wait for each other.
        single: of calls that agree in this, one is under way at a time; None when any number may be.
    """
    client = active_client()
    if not FAST or isinstance(client, Transaction):
        return (await work(client, (call,)))[0]
    groups = cast("Groups[C, R] | None", client.writes.stores.get(work))
    if groups is None:
        groups = client.writes.stores[work] = Groups[C, R](partial(work, client))
    return await groups.join(call, line, single)


class _Waiting(Generic[C, R]):
    """A call that waits for its answer."""

    __slots__ = ("answer", "call", "claim")

    def __init__(self, call: C, claim: Hashable) -> None:
        self.call = call
        self.claim = claim
        self.answer: asyncio.Future[R] = asyncio.get_running_loop().create_future()


class Groups(Generic[C, R]):
    """The lines of calls that wait for one kind of statement on one database.

    A line is there while a statement of it is under way; whoever ends one lets the next group go.
    """

    def __init__(self, work: Callable[[Sequence[C]], Awaitable[Sequence[R]]]) -> None:
        self._work = work
        self._lines: dict[Hashable, list[_Waiting[C, R]]] = {}
        self._claimed: set[Hashable] = set()  # by the calls under way of which there may be only one
        self._running: set[asyncio.Task[None]] = set()

    async def join(self, call: C, line: Hashable, single: Hashable) -> R:
        """Return the answer to a call, when its turn has come."""
        claim = None if single is None else (line, single)
        if line not in self._lines and claim not in self._claimed:
            self._lines[line] = []
            if claim is not None:
                self._claimed.add(claim)
            try:
                return (await self._work((call,)))[0]
            finally:
                self._claimed.discard(claim)
                self._go_on(line)
        mine: _Waiting[C, R] = _Waiting(call, claim)
        waiting = self._lines.setdefault(line, [])
        waiting.append(mine)
        if len(waiting) == 1:
            self._be_patient(line, waiting)
        return await mine.answer

    def _be_patient(self, line: Hashable, waiting: list[_Waiting[C, R]]) -> None:
        """Let those who wait go after a while, though the statement before them has not ended."""

        def overtake() -> None:
            if self._lines.get(line) is waiting:
                self._go_on(line)

        asyncio.get_running_loop().call_later(PATIENCE_SECONDS, overtake)

    def _go_on(self, line: Hashable) -> None:
        """Send those who wait on their way, when there are any; else the line ends."""
        waiting = [each for each in self._lines.pop(line, ()) if not each.answer.done()]  # the others were cancelled
        if not waiting:
            return
        groups, later = self._share_out(waiting)
        self._lines[line] = later
        if later:
            self._be_patient(line, later)
        for group in groups:
            task = asyncio.get_running_loop().create_task(self._answer(line, group), context=Context())
            self._running.add(task)
            task.add_done_callback(self._running.discard)

    def _share_out(self, waiting: list[_Waiting[C, R]]) -> tuple[list[list[_Waiting[C, R]]], list[_Waiting[C, R]]]:
        """Return the groups that may go, and who must wait for a later one."""
        chosen: list[_Waiting[C, R]] = []
        later: list[_Waiting[C, R]] = []
        for each in waiting:
            if len(chosen) == MOST_CALLS * MOST_GROUPS or each.claim in self._claimed:
                later.append(each)
                continue
            chosen.append(each)
            if each.claim is not None:
                self._claimed.add(each.claim)
        return [chosen[first : first + MOST_CALLS] for first in range(0, len(chosen), MOST_CALLS)], later

    async def _answer(self, line: Hashable, group: list[_Waiting[C, R]]) -> None:
        try:
            await self._settle(group)
        finally:
            self._claimed.difference_update(each.claim for each in group)
            for each in group:
                each.answer.cancel()  # nothing for those who have their answer
            # after those who were answered just now: whoever calls again is in the next group
            asyncio.get_running_loop().call_soon(self._go_on, line)

    async def _settle(self, group: list[_Waiting[C, R]]) -> None:
        try:
            made = await self._work([each.call for each in group])
        except Exception as error:  # noqa: BLE001 - it goes to the callers
            if len(group) > 1 and _was_refused(error):
                half = len(group) // 2
                await self._settle(group[:half])
                await self._settle(group[half:])
                return
            for each in group:
                if not each.answer.done():
                    own = copy(error)
                    own.__cause__ = error
                    each.answer.set_exception(own)
        else:
            for each, answer in zip(group, made, strict=True):
                if not each.answer.done():
                    each.answer.set_result(answer)


def _was_refused(error: Exception) -> bool:
    """Whether a statement surely wrote nothing; after a lost connection nobody knows, so it must not run again."""
    if not isinstance(error, DatabaseError) or isinstance(error, ConnectionLost):
        return False
    return isinstance(error.__cause__, asyncpg.PostgresError | ValueError)
