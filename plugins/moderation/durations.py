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

_UNITS = {"w": "weeks", "d": "days", "h": "hours", "m": "minutes", "s": "seconds"}
_SPAN = re.compile(r"(?:\d{1,7}[wdhms])+", re.ASCII)
_PART = re.compile(r"(\d+)([wdhms])", re.ASCII)


def parse_duration(text: str, *, longest: timedelta | None = None) -> timedelta:
    """Return the span that `text` says, in weeks, days, hours, minutes and seconds.

    Raises:
        InvalidDuration: it cannot be read, is nothing, or is more than `longest`.
    """
    compact = text.strip().lower().replace(" ", "")
    if not _SPAN.fullmatch(compact):
        raise InvalidDuration(f"`{text[:50]}` is no duration. Write it like `10m`, `2h30m` or `7d` (w, d, h, m, s).")
    parts = dict.fromkeys(_UNITS.values(), 0)
    for number, letter in _PART.findall(compact):
        parts[_UNITS[letter]] += int(number)
    span = timedelta(**parts)
    if not span:
        raise InvalidDuration("A duration is at least one second, such as `10m`.")
    if longest is not None and span > longest:
        raise InvalidDuration(f"`{text[:50]}` is too long: at most {_spoken(longest)} are possible here.")
    return span


def _spoken(span: timedelta) -> str:
    return f"{span.days} days" if span.days else f"{span.seconds // 3600} hours"
