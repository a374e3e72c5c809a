"""Polls with one vote for each member; whoever is barred from polls cannot start one."""

from __future__ import annotations

from tux.plugin import Plugin

plugin = Plugin(
    name="polls",
    summary="Polls with one vote for each member",
    version="1.0.0",
    needs=("guild", "moderation"),
)
