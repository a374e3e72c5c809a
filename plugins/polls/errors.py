"""What the polls plugin refuses."""

from __future__ import annotations

from tux.errors import UserError


class PollBanned(UserError):
    """A moderator barred the member from starting polls."""


class InvalidPoll(UserError):
    """A poll with too few or too many options, or with the same one twice."""


class UnknownPoll(UserError):
    """The guild has no such poll, or it is gone."""


class PollOver(UserError):
    """The poll takes no votes any more."""


class NotYourPoll(UserError):
    """Somebody else started the poll, and whoever wants to close it is no moderator."""


class PollsOff(UserError):
    """Polls are switched off in the guild whose button was clicked."""
