"""The numbers that stand before buttons and selects in the terminal, and what they mean."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tux.errors import UserError
from tux.offline.render import SELECTS

if TYPE_CHECKING:
    from tux.offline.render import Numbering
    from tux.offline.shapes import Json
    from tux.offline.state import Message


class Buttons:
    """The numbers under which buttons and selects were shown; each turn that shows some starts again at 1."""

    def __init__(self) -> None:
        self.shown: dict[int, tuple[Message, Json]] = {}
        self._last = 0
        self._new_turn = True

    def next_turn(self) -> None:
        """Let the next button shown be number 1; until then the old numbers hold."""
        self._new_turn = True

    def numbering(self, message: Message) -> Numbering:
        """Forget the numbers of a message, and return what numbers its components anew."""
        self.shown = {number: pair for number, pair in self.shown.items() if pair[0] is not message}

        def number(component: Json) -> int:
            if self._new_turn:
                self.shown, self._last, self._new_turn = {}, 0, False
            self._last += 1
            self.shown[self._last] = (message, component)
            return self._last

        return number

    def find(self, wanted: str, *, select: bool = False) -> tuple[Message, Json]:
        """Return the message and the button (or the select) that a number, or a part of the label, means.

        Raises:
            UserError: none is shown so; lists those that are.
        """
        what = "select" if select else "button"
        fitting = {
            number: (message, component)
            for number, (message, component) in self.shown.items()
            if (component["type"] in SELECTS) is select
        }
        if wanted.isdigit() and int(wanted) in fitting:
            return fitting[int(wanted)]
        for message, component in fitting.values():
            if wanted and wanted.lower() in _caption(component).lower():
                return message, component
        listed = ", ".join(f"[{number}] {_caption(component)}" for number, (_, component) in fitting.items())
        raise UserError(
            f"there is no {what} {wanted or 'without a name'} now; "
            + (f"there is {listed}" if listed else "none is shown")
        )


def _caption(component: Json) -> str:
    emoji = (component.get("emoji") or {"name": ""})["name"]
    return str(component.get("label") or component.get("placeholder") or emoji)
