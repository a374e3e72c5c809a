"""Discord views and embeds that any plugin can use, so that the bot has one look."""

from tux.ui.confirm import Confirm
from tux.ui.embeds import danger, info, success, warning
from tux.ui.pages import Pages
from tux.ui.scroll import Scroll
from tux.ui.view import OwnedView

__all__ = ["Confirm", "OwnedView", "Pages", "Scroll", "danger", "info", "success", "warning"]
