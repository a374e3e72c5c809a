"""What core refuses, in words for the member who asked."""

from tux.errors import UserError


class InvalidSetting(UserError):
    """A setting that the plugin does not have, or a value that it does not take."""


class UnknownPlugin(UserError):
    """No plugin has that name."""


class ClosedMessages(UserError):
    """What is for one member's eyes cannot be sent to them."""
