"""Spans of time as moderators write them: `10m`, `2h30m`, `7d`."""

from __future__ import annotations

import re
from datetime import timedelta

from plugins.moderation.errors import InvalidDuration

# Discord: a timeout ends at most 28 days from now.
# https://discord.com/developers/docs/resources/guild#modify-guild-member
MAX_TIMEOUT = timedelta(days=28)
# Ours: what is meant for longer is meant for ever.
MAX_SPAN = timedelta(days=3650)

_SECONDS = {"w": 604_800, "d": 86_400, "h": 3_600, "m": 60, "s": 1}
_SPAN = re.compile(r"(?:\d{1,7}[wdhms])+", re.ASCII)
_PART = re.compile(r"(\d+)([wdhms])", re.ASCII)


def parse_duration(text: str, *, longest: timedelta = MAX_SPAN) -> timedelta:
    """Return the span that `text` says, in weeks, days, hours, minutes and seconds.

    Raises:
        InvalidDuration: it cannot be read, is nothing, or is more than `longest`.
    """
    compact = text.strip().lower().replace(" ", "")
    if not _SPAN.fullmatch(compact):
        raise InvalidDuration(f"`{text[:50]}` is no duration. Write it like `10m`, `2h30m` or `7d` (w, d, h, m, s).")
    seconds = sum(int(number) * _SECONDS[letter] for number, letter in _PART.findall(compact))
    if not seconds:
        raise InvalidDuration("A duration is at least one second, such as `10m`.")
    if seconds > longest.total_seconds():
        raise InvalidDuration(f"`{text[:50]}` is too long: at most {_spoken(longest)} are possible here.")
    return timedelta(seconds=seconds)


def _spoken(span: timedelta) -> str:
    return f"{span.days} days" if span.days else f"{span.seconds // 3600} hours"
