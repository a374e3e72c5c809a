"""Nicknames of members who are away."""

from __future__ import annotations

from plugins.afk.models import MAX_NICKNAME_LENGTH

MARK = "[AFK] "


def is_marked(name: str | None) -> bool:
    """Return whether a nickname is one that `marked_name` made."""
    return name is not None and name.startswith(MARK)


def unmarked_name(name: str | None) -> str | None:
    """Return a nickname without the mark, None for one that is nothing else."""
    while name is not None and is_marked(name):
        name = name.removeprefix(MARK).lstrip()
    return name or None


def marked_name(name: str) -> str:
    """Return a name with the mark, cut to what Discord takes."""
    return name if is_marked(name) else (MARK + name)[:MAX_NICKNAME_LENGTH].rstrip()
