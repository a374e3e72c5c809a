"""With-blocks for tests: how many statements something takes, and at which time it happens."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from tux.clock import clock
from tux.database.engine import observers

if TYPE_CHECKING:
    from collections.abc import Generator
    from contextlib import AbstractContextManager
    from datetime import datetime


@contextmanager
def max_queries(limit: int) -> Generator[list[str]]:
    """Fail when the block sends more than `limit` statements; yields the list of those sent so far.

    BEGIN, COMMIT and SAVEPOINT count, as each is a round trip. Every task counts, so let the others be idle.

    Raises:
        AssertionError: there were more; lists them all.
    """
    sent: list[str] = []
    observers.append(sent.append)
    try:
        yield sent
    finally:
        observers.remove(sent.append)
    if len(sent) > limit:
        lines = "\n".join(f"  {number}. {' '.join(sql.split())}" for number, sql in enumerate(sent, start=1))
        raise AssertionError(f"{len(sent)} statements were sent, at most {limit} may be:\n{lines}")


def at(time: datetime) -> AbstractContextManager[None]:
    """Hold the clock of Tux at an aware time inside the block; PostgreSQL's own `now()` goes on."""
    return clock.freeze(time)
