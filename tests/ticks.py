"""Cancel a coroutine at each of its awaits in turn: `async for tick, cancelled in each_tick(work, late=False)`.

A statement that the server has prepared before takes fewer awaits, so a tick that was one await in one run is another in
the next, and some are never hit; that is why the work is done once, uncancelled, before each tick.
"""

from __future__ import annotations

import asyncio
import types

MOST_TICKS = 200


@types.coroutine
def cancelled_at(work, tick, *, late=False):
    """Run a coroutine and cancel it at its `tick`-th await: at once, or (`late`) when what it awaits is done already."""
    step, failure = 0, None
    while True:
        try:
            awaited = work.send(None) if failure is None else work.throw(failure)
        except StopIteration as end:
            return end.value
        step += 1
        failure = None
        if step == tick:
            cancel = asyncio.current_task().cancel
            if late and awaited is not None:
                awaited.add_done_callback(lambda _, cancel=cancel: cancel())
            else:
                cancel()
        try:
            yield awaited
        except BaseException as error:  # noqa: BLE001 - handed on to the coroutine
            failure = error


async def run_cancelled(work, tick, *, late):
    """Return whether the work was cancelled; False means that it has fewer awaits."""

    async def body():
        await cancelled_at(work, tick, late=late)

    result = (await asyncio.gather(asyncio.create_task(body()), return_exceptions=True))[0]
    assert result is None or isinstance(result, asyncio.CancelledError), result
    return result is not None


async def each_tick(make, *, late, first=None):
    """Run `make(tick)`, cancelled one await later each time, until it comes to its end; yield tick and whether it was cancelled.

    Before each, `first(tick)` is awaited, by default `make(-tick)`.
    """
    for tick in range(1, MOST_TICKS):
        await (first or (lambda tick: make(-tick)))(tick)
        cancelled = await run_cancelled(make(tick), tick, late=late)
        await asyncio.sleep(0.003)  # for what a cancelled commit left to do
        yield tick, cancelled
        if not cancelled:
            return
    raise AssertionError("it never ended")
