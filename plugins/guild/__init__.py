"""What the bot knows of a guild: its row, its channels and roles, its prefix."""

from __future__ import annotations

from tux.plugin import Plugin

plugin = Plugin(
    name="guild",
    summary="Guilds and their configuration: prefix, log channels, jail, level roles",
    version="1.0.0",
)
