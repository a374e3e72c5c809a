"""What the starboard plugin refuses."""

from __future__ import annotations

from tux.errors import UserError


class NoStarboard(UserError):
    """The guild has no starboard."""


class InvalidEmoji(UserError):
    """What was given is no emoji, or one that the bot does not see."""


class CannotPost(UserError):
    """The bot may not write in the channel that was chosen."""
