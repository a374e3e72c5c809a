"""Experience points that members earn by talking, and the levels that follow from them."""

from __future__ import annotations

from plugins.levels.settings import LevelSettings
from tux.plugin import Plugin

plugin = Plugin(
    name="levels",
    summary="XP, levels and leaderboards",
    version="1.0.0",
    needs=("guild",),
    settings=LevelSettings,
)
