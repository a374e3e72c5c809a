"""Cancel a coroutine at each of its awaits in turn: `while await run_cancelled(work(), tick := tick + 1, late=False)`."""

from __future__ import annotations

import asyncio
import types


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
