"""Points that members have and give each other, and how active they are."""

from __future__ import annotations

from tux.plugin import Plugin

plugin = Plugin(
    name="points",
    summary="Members of a guild with their points and activity",
    version="1.0.0",
    needs=("guild", "moderation"),
)
