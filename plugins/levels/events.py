"""What the levels plugin tells other plugins, after the commit."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class LevelChanged:
    """A member has this level now, which may be the one that they had."""

    guild_id: int
    member_id: int
    level: int
