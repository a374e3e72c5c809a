"""Works off what is due: claims, tells, and notes what was told."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import TYPE_CHECKING

from loguru import logger

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from plugins.reminders.managers import ReminderManager
    from plugins.reminders.models import Reminder

    Tell = Callable[[Reminder], Awaitable[bool]]

# So many are told in well under a lease, also when Discord slows a channel down to a message a second.
BATCH = 50
LEASE = timedelta(minutes=5)
PARALLEL = 10

log = logger.bind(plugin="reminders")


async def deliver_due(manager: ReminderManager, tell: Tell) -> int:
    """Tell everything that is due, a batch at a time, and return how much was told.

    `tell` returns whether a reminder is done with; others stay claimed and are tried again when the claim runs out.
    """
    count = 0
    while claimed := await manager.claim_due(BATCH, LEASE):
        count += await _deliver_batch(manager, claimed, tell)
    return count


async def _deliver_batch(manager: ReminderManager, claimed: list[Reminder], tell: Tell) -> int:
    done: list[Reminder] = []
    failed: list[Reminder] = []
    begun: set[int] = set()
    slots = asyncio.Semaphore(PARALLEL)

    async def deliver(reminder: Reminder) -> None:
        async with slots:
            begun.add(reminder.id)
            try:
                (done if await tell(reminder) else failed).append(reminder)
            except Exception:  # noqa: BLE001 - one reminder must not keep the others from being told
                failed.append(reminder)
                log.opt(exception=True).error("Reminder {} could not be told", reminder.id)

    try:
        await asyncio.gather(*(deliver(reminder) for reminder in claimed))
    finally:  # also when the bot stops in the middle: what was told is noted, the rest is free for others at once
        settled = {reminder.id for reminder in (*done, *failed)}
        if done:
            await manager.finish_reminders(done)
        if left := [reminder for reminder in claimed if reminder.id not in settled]:
            await manager.release_reminders(left, begun)
    return len(done)
