"""Spans of time as people write and read them: `10m`, `2h30m`, `1 day and 6 hours`."""

from __future__ import annotations

import re
from datetime import timedelta

# Ours: what is meant for longer is meant for ever.
MAX_SPAN = timedelta(days=3650)

_WORDS = {
    "weeks": ("w", "week", "weeks"),
    "days": ("d", "day", "days"),
    "hours": ("h", "hr", "hrs", "hour", "hours"),
    "minutes": ("m", "min", "mins", "minute", "minutes"),
    "seconds": ("s", "sec", "secs", "second", "seconds"),
}
_SIZES = (("day", 86_400), ("hour", 3_600), ("minute", 60), ("second", 1))
_UNIT_OF = {word: unit for unit, words in _WORDS.items() for word in words}
_PART = re.compile(r"(\d{1,7}|an?(?=\s))\s*([a-z]+)(?:\s*(?:,|and)\s*(?=[\da])|\s*)", re.ASCII)


def parse_span(text: str) -> timedelta | None:
    """Return the span that a text says, more than nothing and ten years at most; None when it cannot be read."""
    rest, total = text.strip().lower(), timedelta()
    while rest:
        part = _PART.match(rest)
        unit = _UNIT_OF.get(part[2]) if part else None
        if part is None or unit is None or total > MAX_SPAN:
            return None
        total += timedelta(**{unit: 1 if part[1][0] == "a" else int(part[1])})
        rest = rest[part.end() :]
    return total if timedelta() < total <= MAX_SPAN else None


def span_words(span: timedelta, *, exact: bool = False) -> str:
    """Return a span in words, in its largest unit; with `exact` in the largest that divides it."""
    seconds = int(span.total_seconds())
    for unit, size in _SIZES:
        count, rest = divmod(seconds, size)
        if count and not (exact and rest):
            return f"{count} {unit}{'' if count == 1 else 's'}"
    return "now"
