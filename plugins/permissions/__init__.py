"""Who may use which command: ranks of roles and members, and the rank that a command asks for."""

from __future__ import annotations

from tux.plugin import Plugin

plugin = Plugin(
    name="permissions",
    summary="Ranks 0 to 10 of roles and members, and the rank that each command asks for",
    version="1.0.0",
    needs=("guild",),
)
