"""How snippets look in lists and in full."""

from __future__ import annotations

from typing import TYPE_CHECKING

import discord

from tux.ui import info
from tux.ui.embeds import shorten

if TYPE_CHECKING:
    from collections.abc import Sequence

    from plugins.snippets.models import Snippet
    from tux.manager.keyset import CursorPage

PREVIEW_LENGTH = 60
# https://discord.com/developers/docs/resources/message#embed-object-embed-limits
MAX_FIELD = 1024


def info_embed(snippet: Snippet) -> discord.Embed:
    """Return what is known of a snippet."""
    embed = info(f"Snippet {snippet.snippet_name}")
    if snippet.alias is not None:
        embed.add_field(name="Stands for", value=f"`{snippet.alias}`")
    else:
        embed.add_field(name="Uses", value=str(snippet.uses))
    author = f"<@{snippet.snippet_user_id}>" if snippet.snippet_user_id else "unknown"
    embed.add_field(name="Author", value=author)
    embed.add_field(name="Created", value=discord.utils.format_dt(snippet.snippet_created_at, "R"))
    embed.add_field(name="Locked", value="yes" if snippet.locked else "no")
    if snippet.snippet_content is not None:
        embed.add_field(name="Text", value=shorten(snippet.snippet_content, MAX_FIELD), inline=False)
    return embed


def page_embed(page: CursorPage[Snippet], number: int) -> discord.Embed:
    """Return one page of a guild's snippets."""
    embed = rows_embed("Snippets", page.items, "There are none yet. Make one: `/snippet create`.")
    if page.has_next or number > 1:
        embed.set_footer(text=f"Page {number}")
    return embed


def rows_embed(title: str, rows: Sequence[Snippet], nothing: str) -> discord.Embed:
    """Return some snippets, a line each."""
    return info(title, "\n".join(map(_line, rows)) or nothing)


def _line(snippet: Snippet) -> str:
    mark = " 🔒" if snippet.locked else ""
    if snippet.alias is not None:
        return f"`{snippet.snippet_name}`{mark} → `{snippet.alias}`"
    text = shorten(" ".join((snippet.snippet_content or "").split()), PREVIEW_LENGTH)
    return f"`{snippet.snippet_name}`{mark} ({snippet.uses}x) {discord.utils.escape_markdown(text)}"
