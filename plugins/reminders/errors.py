"""What the reminders plugin refuses."""

from __future__ import annotations

from tux.errors import UserError


class InvalidTime(UserError):
    """A time that cannot be read, has passed, or is too far away, or a repetition that is too fast."""


class InvalidZone(UserError):
    """A time zone that does not exist."""


class NothingToSay(UserError):
    """A reminder without words, or an edit that changes nothing."""


class TooManyReminders(UserError):
    """A user who has as many reminders as anybody may have."""


class UnknownReminder(UserError):
    """The user has no such reminder, or was told it already."""
