"""What the guild plugin tells other plugins, after the commit."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class PrefixChanged:
    """A guild's own prefix was set, or removed (None): the bot's default holds again."""

    guild_id: int
    prefix: str | None
