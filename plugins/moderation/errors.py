"""What moderation refuses."""

from __future__ import annotations

from tux.errors import InvalidValue, TuxError, UserError


class UnknownCaseType(InvalidValue):
    """No plugin has a case type of that name; the message lists those that exist."""


class WrongCaseCall(TuxError, ValueError):
    """A call of `db.case` with arguments in another order, or with an option that does not exist."""


class UnknownCase(UserError):
    """The guild has no case of that number."""


class CaseCannotChange(UserError):
    """A change of a case that its member may not make, or that would say what did not happen."""


class UnknownChoice(UserError):
    """The guild has no case type or reason of that name."""


class InvalidFlag(UserError):
    """A flag in a reason that the command does not take, or that lacks its value."""


class InvalidDuration(UserError):
    """A span of time that cannot be read, or that Discord does not allow."""


class CannotModerate(UserError):
    """The action was refused before anything was done: whom it would hit, or who asked, forbids it."""


class ActionFailed(UserError):
    """Discord refused the action and its case was voided, or did not answer and the case waits until somebody looks."""


class CannotReport(UserError):
    """A report that cannot be taken; the message says what to do instead."""
