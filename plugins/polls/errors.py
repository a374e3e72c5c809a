"""What the polls plugin refuses."""

from __future__ import annotations

from tux.errors import UserError


class PollBanned(UserError):
    """A moderator barred the member from starting polls."""


class InvalidPoll(UserError):
    """A poll with too few or too many options, or with the same one twice."""
