"""What moderators note about members, for each other."""

from __future__ import annotations

from tux.plugin import Plugin

plugin = Plugin(
    name="notes",
    summary="Notes of moderators about members",
    version="1.0.0",
    needs=("guild",),
)
