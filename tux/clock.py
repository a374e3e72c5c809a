"""The one clock: everything that is stored or compared asks it for the time.

Tests move it with `shift` or hold it with `freeze`; nothing else may.
"""

from __future__ import annotations

from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Generator


class Clock:
    """Tells the time as an aware UTC datetime, of the system unless it was moved."""

    def __init__(self) -> None:
        self._offset = timedelta()
        self._frozen: datetime | None = None

    def now(self) -> datetime:
        """Return the current time, aware, in UTC."""
        return self._frozen if self._frozen is not None else datetime.now(UTC) + self._offset

    def shift(self, by: timedelta) -> None:
        """Move the clock forward (or back) by a span; it keeps running."""
        if self._frozen is not None:
            self._frozen += by
        else:
            self._offset += by

    def reset(self) -> None:
        """Return to the time of the system."""
        self._offset, self._frozen = timedelta(), None

    @contextmanager
    def freeze(self, at: datetime) -> Generator[None]:
        """Hold the clock at `at` (aware) inside the block.

        Raises:
            ValueError: `at` is naive.
        """
        if at.tzinfo is None:
            msg = f"the clock needs an aware time, got {at!r}"
            raise ValueError(msg)
        before = (self._offset, self._frozen)
        self._frozen = at.astimezone(UTC)
        try:
            yield
        finally:
            self._offset, self._frozen = before


clock = Clock()
now = clock.now
