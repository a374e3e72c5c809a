"""Time zones, and when a repeating reminder is due again."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, tzinfo
from zoneinfo import ZoneInfo

from tortoise.exceptions import ValidationError
from tortoise.validators import Validator

_DAY = timedelta(days=1)


class ZoneValidator(Validator):
    """Refuses what the time zone database does not know."""

    def __call__(self, value: str) -> None:
        """Accept the name of a zone, such as Europe/Berlin, or raise Tortoise's ValidationError."""
        if find_zone(value) is None:
            raise ValidationError(f"{value!r} is no time zone; write it like Europe/Berlin or UTC")


def find_zone(name: str) -> tzinfo | None:
    """Return the zone of that name, or None when the time zone database does not know it."""
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError):  # not there, no name at all, a folder of the database
        return None


def next_time(first: datetime, every: timedelta, after: datetime, zone: tzinfo | None = None) -> datetime:
    """Return the first time after `after` in a series that began at `first`, skipping those that have passed.

    Whole days are counted on the clock of the zone, so nine in the morning stays nine in the morning; anything else in
    real time. A time that a change of clocks leaves out is as much later, and only on that day.
    """
    clock = zone if zone is not None and not every % _DAY else UTC
    local_first = first.astimezone(clock).replace(tzinfo=None)
    local_after = after.astimezone(clock).replace(tzinfo=None)
    count = max(1, (local_after - local_first) // every + 1)
    while (found := (local_first + count * every).replace(tzinfo=clock).astimezone(UTC)) <= after:
        count += 1  # on the day on which the clock goes back, an hour comes twice
    return found
