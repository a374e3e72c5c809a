"""How members who are away look."""

from __future__ import annotations

from typing import TYPE_CHECKING

from discord.utils import format_dt

from plugins.afk.holds import Hold
from tux.ui import info, success
from tux.ui.embeds import shorten

if TYPE_CHECKING:
    from collections.abc import Iterable

    import discord

    from plugins.afk.models import AfkEntry
    from tux.manager import PaginationResult

MAX_SHOWN = 200

_ENDS = {
    Hold.WRITING: "Your next message here ends it.",
    Hold.ASKING: "Writing does not end it; `/afk back` does.",
    Hold.RELEASE: "Nothing ends it before that time.",
}


def away_embed(entry: AfkEntry, renamed: bool) -> discord.Embed:
    """Return what a member who goes away is told; `renamed` says whether their name shows it."""
    until = f" until {format_dt(entry.until)} ({format_dt(entry.until, 'R')})" if entry.until else ""
    lines = [f"You are away{until}: {shorten(entry.afk_message, MAX_SHOWN)}", _ENDS[entry.hold]]
    if not renamed:
        lines.append("I may not change your nickname, so it does not show.")
    return success("Away", "\n".join(lines))


def back_embed(entry: AfkEntry, *, renamed: bool) -> discord.Embed:
    """Return what a member who is back is told."""
    rest = "" if renamed else "\nI may not change your nickname; give yourself your own one back."
    return success("Welcome back", f"<@{entry.user_id}>, you were away since {format_dt(entry.since, 'R')}.{rest}")


def notice_embed(entries: Iterable[AfkEntry]) -> discord.Embed:
    """Return what somebody is told who mentioned members who are away."""
    return info("Away", "\n".join(_line(entry) for entry in entries))


def list_embed(page: PaginationResult[AfkEntry]) -> discord.Embed:
    """Return one page of the list."""
    if not page.total:
        return info("Away", "Everybody is here.")
    embed = info(f"Away ({page.total})", "\n".join(_line(entry) for entry in page.items))
    if page.pages > 1:
        embed.set_footer(text=f"Page {page.page} of {page.pages}")
    return embed


def _line(entry: AfkEntry) -> str:
    until = f", back {format_dt(entry.until, 'R')}" if entry.until else ""
    message = shorten(" ".join(entry.afk_message.split()), MAX_SHOWN)
    return f"<@{entry.user_id}> is away since {format_dt(entry.since, 'R')}{until}: {message}"
