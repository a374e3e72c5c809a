"""Members who say that they are away, and why."""

from __future__ import annotations

from tux.plugin import Plugin

plugin = Plugin(
    name="afk",
    summary="Members who are away: until they write, until a time, or until they say so",
    version="1.0.0",
    needs=("guild",),
)
