"""What the levels plugin refuses."""

from __future__ import annotations

from tux.errors import UserError


class UnfitRole(UserError):
    """A role that Discord gives and takes by itself, so no level can bring it."""
