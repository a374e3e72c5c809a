"""How notes look."""

from __future__ import annotations

from typing import TYPE_CHECKING

import discord

from tux.ui import info

if TYPE_CHECKING:
    from plugins.notes.models import Note
    from tux.manager import PaginationResult


def page_embed(page: PaginationResult[Note], user: discord.abc.User) -> discord.Embed:
    """Return one page of the notes about a member, newest first."""
    title = f"Notes about {user.display_name}"
    if not page.total:
        return info(title, f"There are none. `/notes add` writes one about {user.mention}.")
    embed = info(f"{title} ({page.total})")
    for note in page.items:
        author = f"<@{note.author_id}>" if note.author_id else "somebody who was forgotten"
        when = discord.utils.format_dt(note.created_at, "R")
        changed = ", edited" if note.updated_at > note.created_at else ""
        embed.add_field(name=f"#{note.id}", value=f"{note.content}\n{author}, {when}{changed}", inline=False)
    if page.pages > 1:
        embed.set_footer(text=f"Page {page.page} of {page.pages}")
    return embed
