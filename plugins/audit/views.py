"""How changes look."""

from __future__ import annotations

import re
from datetime import datetime
from typing import TYPE_CHECKING, cast

import discord

from tux.ui import info
from tux.ui.embeds import shorten

if TYPE_CHECKING:
    from collections.abc import Mapping

    from plugins.audit.models import AuditEntry
    from tux.manager import PaginationResult

MAX_VALUE = 60
MAX_DETAILS = 300
_MOMENT = re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)", re.ASCII)


def page_embed(page: PaginationResult[AuditEntry], guild: discord.Guild) -> discord.Embed:
    """Return one page of changes, newest first."""
    if not page.total:
        return info("Audit log", "There is nothing that fits.")
    embed = info(f"Audit log ({page.total})", "\n".join(_line(entry, guild) for entry in page.items))
    if page.pages > 1:
        embed.set_footer(text=f"Page {page.page} of {page.pages}")
    return embed


def _line(entry: AuditEntry, guild: discord.Guild) -> str:
    when = discord.utils.format_dt(entry.created_at, "R")
    target = f" → {_mention(entry.target_id, guild)}" if entry.target_id is not None else ""
    parts = [*_changes(entry.before, entry.after, guild), *([entry.reason] if entry.reason else [])]
    details = f"\n  {shorten('; '.join(parts), MAX_DETAILS)}" if parts else ""
    return f"{when} <@{entry.actor_id}> **{entry.action}**{target}{details}"


def _mention(target_id: int, guild: discord.Guild) -> str:
    """Return how Discord shows an id: a role or channel of the guild, else a user."""
    return _place(target_id, guild) or f"<@{target_id}>"


def _place(value: int, guild: discord.Guild) -> str | None:
    found = guild.get_role(value) or guild.get_channel_or_thread(value)
    return found.mention if found else None


def _changes(before: object, after: object, guild: discord.Guild) -> list[str]:
    """Return what is different, after the first thing that is not; what was only made or only removed has no other side."""
    old, new = _as_mapping(before), _as_mapping(after)
    if not old or not new:
        mark = "was " if old else ""
        return [f"{mark}{name}: {_shown(value, guild)}" for name, value in (old or new).items() if value is not None]
    both = [name for name in new if name in old]
    same = [f"{name}: {_shown(new[name], guild)}" for name in both if old[name] == new[name]]
    differ = [(name, _shown(old[name], guild), _shown(new[name], guild)) for name in both if old[name] != new[name]]
    return same[:1] + [f"{name}: {was} → {shown}" for name, was, shown in differ]


def _as_time(value: object) -> datetime | None:
    """Return the moment that a stored text is, in either of the forms in which times are stored."""
    if not isinstance(value, str) or not _MOMENT.fullmatch(value):
        return None
    try:
        return datetime.fromisoformat(value)
    except ValueError:  # such as 2026-02-30
        return None


def _as_mapping(state: object) -> Mapping[str, object]:
    return cast("Mapping[str, object]", state) if isinstance(state, dict) else {}


def _shown(value: object, guild: discord.Guild) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int) and (place := _place(value, guild)) is not None:
        return place
    if (moment := _as_time(value)) is not None:
        return f"{discord.utils.format_dt(moment)} ({discord.utils.format_dt(moment, 'R')})"
    return "nothing" if value is None else shorten(" ".join(str(value).split()), MAX_VALUE)
