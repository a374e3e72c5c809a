"""What the afk plugin refuses."""

from __future__ import annotations

from tux.errors import UserError


class InvalidSpan(UserError):
    """A span of time that cannot be read, or is too short or too long."""


class StillAway(UserError):
    """An enforced entry that does not end yet."""


class NotAway(UserError):
    """Whoever was meant is not away."""


class CannotTimeOut(UserError):
    """Discord does not let the bot time this member out."""
