"""What the points plugin refuses."""

from __future__ import annotations

from tux.errors import UserError


class InvalidTransfer(UserError, ValueError):
    """A transfer of no points, of a negative or broken number of them, or to oneself."""


class TooFewPoints(UserError):
    """Somebody wanted to give more than they have."""


class TooManyPoints(UserError):
    """Nobody can have so many points."""


class CannotGive(UserError):
    """To oneself, or to a bot."""
