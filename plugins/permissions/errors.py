"""What the permissions plugin refuses."""

from __future__ import annotations

from tux.errors import UserError


class RankOutOfReach(UserError):
    """A rank above that of the member who wants to give, take or ask for it."""


class RankNameTaken(UserError):
    """Another rank of the guild has that name."""


class UnknownCommand(UserError):
    """The bot has no command of that name."""


class NothingToRemove(UserError):
    """What should be removed is not there."""
