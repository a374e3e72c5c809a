"""Texts that members store under a name and recall with it, and other names for them."""

from __future__ import annotations

from plugins.snippets.settings import SnippetSettings
from tux.plugin import Plugin

plugin = Plugin(
    name="snippets",
    summary="Named texts of a guild, with aliases, search and popularity",
    version="1.0.0",
    needs=("guild",),
    after=("moderation",),
    settings=SnippetSettings,
)
