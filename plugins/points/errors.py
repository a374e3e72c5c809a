"""What the points plugin refuses."""

from __future__ import annotations

from tux.errors import UserError


class InvalidTransfer(UserError, ValueError):
    """A transfer of no points, of a negative or broken number of them, or to oneself."""
