"""What the guild plugin refuses."""

from __future__ import annotations

from tux.errors import TuxError, UserError


class UnknownConfigField(TuxError, ValueError):
    """A guild's configuration has no field, log or level of that name; the message lists those that exist."""


class InvalidPrefix(UserError):
    """A prefix that nobody could type, or that Discord keeps for itself."""


class InvalidJailRole(UserError):
    """A role that would give a jailed member more than it takes, or that nobody can give."""


class LevelTooHigh(UserError):
    """A permission level above the rank of the member who wants to give it."""
