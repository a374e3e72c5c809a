"""How points look: of one member, and of the richest."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tux.ui import info
from tux.ui.scroll import ROWS

if TYPE_CHECKING:
    import discord

    from plugins.points.models import User
    from tux.manager.keyset import CursorPage


def balance_embed(member: discord.abc.User, row: User | None) -> discord.Embed:
    """Return what a member has."""
    return info("Balance", f"{member.mention} has **{row.points if row else 0:,}** points.")


def page_embed(page: CursorPage[User], number: int) -> discord.Embed:
    """Return one page of the richest members."""
    first = (number - 1) * ROWS + 1
    lines = [f"**{place}.** <@{row.discord_id}>: {row.points:,}" for place, row in enumerate(page.items, start=first)]
    embed = info("Most points", "\n".join(lines) or "Nobody has any points yet.")
    if page.has_next or number > 1:
        embed.set_footer(text=f"Page {number}")
    return embed
