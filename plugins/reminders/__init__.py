"""Messages that members ask to get later, once or again and again."""

from __future__ import annotations

from tux.plugin import Plugin

plugin = Plugin(
    name="reminders",
    summary="Reminders, delivered once by whichever process is free",
    version="1.0.0",
    needs=("guild",),
)
