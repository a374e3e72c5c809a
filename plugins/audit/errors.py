"""What the audit plugin refuses."""

from __future__ import annotations

from tux.errors import UserError


class InvalidSpan(UserError):
    """A span of time that cannot be read."""
