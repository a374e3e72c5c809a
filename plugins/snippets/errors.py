"""What snippets refuse."""

from __future__ import annotations

from tux.errors import UserError


class AliasLoop(UserError):
    """An alias that would lead back to itself."""
