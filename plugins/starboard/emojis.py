"""Emojis as they are written in settings and in messages."""

from __future__ import annotations

import re

_CUSTOM = re.compile(r"<(a?):(\w{2,32}):(\d{15,20})>", re.ASCII)
# Discord leaves it out in some places: ❤ and ❤️ are one emoji.
_VARIATION = "\ufe0f"
# A family takes eleven characters, the flag of Scotland seven.
_LONGEST = 16


def emoji_key(text: str) -> str:
    """Return what makes an emoji: the id of a custom one, whatever its name and whether animated, else the emoji."""
    found = _CUSTOM.fullmatch(text.strip())
    return found[3] if found else text.strip().replace(_VARIATION, "")


def custom_id(text: str) -> int | None:
    """Return the id of a custom emoji, None for one of everybody's."""
    found = _CUSTOM.fullmatch(text.strip())
    return int(found[3]) if found else None


def is_plain_emoji(text: str) -> bool:
    """Return whether a text could be one of everybody's emojis: short, with no letters, not all ASCII."""
    text = text.strip()
    return (
        0 < len(text) <= _LONGEST
        and not text.isascii()
        and not any(letter.isalpha() or letter.isspace() for letter in text)
    )
