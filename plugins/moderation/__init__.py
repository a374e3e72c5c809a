"""Warn, kick, ban and time out members, with a numbered case for everything that happened."""

from __future__ import annotations

from plugins.moderation.settings import ModerationSettings
from tux.plugin import Plugin

plugin = Plugin(
    name="moderation",
    summary="Moderation commands, numbered cases and the mod-log",
    version="1.0.0",
    needs=("guild",),
    settings=ModerationSettings,
    intents=("members",),
)
