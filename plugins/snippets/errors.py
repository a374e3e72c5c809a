"""What snippets refuse."""

from __future__ import annotations

from tux.errors import UserError


class AliasLoop(UserError):
    """An alias that would lead back to itself."""


class UnknownSnippet(UserError):
    """No snippet of the guild has that name, or the name leads nowhere."""


class InvalidSnippet(UserError):
    """A name or a text that cannot be stored, or a name that is taken."""


class NotYours(UserError):
    """The snippet is locked or somebody else's, and whoever asked is no moderator."""


class SnippetBanned(UserError):
    """A moderator barred the member from making and changing snippets."""
