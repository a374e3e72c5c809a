"""How firmly a member is away: what it takes to end an entry."""

from __future__ import annotations

from enum import IntEnum


class Hold(IntEnum):
    """What it takes to end an entry before its time, from the least on; each ends what those before it end."""

    WRITING = 0
    """A message of the member."""
    ASKING = 1
    """A permanent entry: the member says so."""
    RELEASE = 2
    """An enforced entry, a time-out that the member asked for: a moderator."""


HOLD_SQL = "(CASE WHEN enforced THEN 2 WHEN permanent THEN 1 ELSE 0 END)"
