"""Shows the messages that members starred most in a channel of their own."""

from __future__ import annotations

from tux.plugin import Plugin

plugin = Plugin(
    name="starboard",
    summary="Messages with enough stars are posted once to a channel of their own",
    version="1.0.0",
    needs=("guild",),
)
