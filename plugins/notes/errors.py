"""What the notes plugin refuses."""

from __future__ import annotations

from tux.errors import UserError


class UnknownNote(UserError):
    """The guild has no note of that number."""
