"""Refusing a malformed body as Discord does: code 50035 with one entry for each field that is wrong."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tux.errors import DiscordRefusal

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from tux.offline.shapes import Json

AUDIT_REASON_LENGTH = 512
BAN_DELETE_SECONDS = 604_800
BULK_DELETE = (2, 100)
BULK_DELETE_DAYS = 14
CHANNEL_NAME_LENGTH = 100
CHANNEL_TOPIC_LENGTH = 1024
DISTINCT_REACTIONS = 20
NICKNAME_LENGTH = 32
PINS = 50
ROLE_NAME_LENGTH = 100
SLOWMODE_SECONDS = 21_600
TIMEOUT_DAYS = 28


class Form:
    """Collects what is wrong with a body; `refuse` raises when anything is."""

    def __init__(self) -> None:
        self.errors: Json = {}

    def fault(self, path: tuple[str | int, ...], code: str, message: str) -> None:
        """Note one error at a path of keys and indexes."""
        node = self.errors
        for key in path:
            node = node.setdefault(str(key), {})
        node.setdefault("_errors", []).append({"code": code, "message": message})

    def length(self, path: tuple[str | int, ...], value: object, high: int, low: int = 0) -> None:
        """Check the length of a text or list; a value that is None is too short only when `low` asks for one."""
        size = len(value) if isinstance(value, (str, list, tuple)) else 0  # pyright: ignore[reportUnknownArgumentType] - any list
        if value is None and low:
            self.fault(path, "BASE_TYPE_REQUIRED", "This field is required")
        elif low and not low <= size <= high:
            self.fault(path, "BASE_TYPE_BAD_LENGTH", f"Must be between {low} and {high} in length.")
        elif size > high:
            self.fault(path, "BASE_TYPE_MAX_LENGTH", f"Must be {high} or fewer in length.")

    def number(self, path: tuple[str | int, ...], value: object, low: int, high: int) -> None:
        """Check that a whole number lies between `low` and `high`."""
        if not isinstance(value, int) or isinstance(value, bool):
            self.fault(path, "NUMBER_TYPE_COERCE", f'Value "{value}" is not int.')
        elif value < low:
            self.fault(path, "NUMBER_TYPE_MIN", f"int value should be greater than or equal to {low}.")
        elif value > high:
            self.fault(path, "NUMBER_TYPE_MAX", f"int value should be less than or equal to {high}.")

    def refuse(self) -> None:
        """Raise what was collected, if anything."""
        if self.errors:
            raise DiscordRefusal(400, 50035, "Invalid Form Body", self.errors)


def invalid(field: str, code: str, message: str) -> DiscordRefusal:
    """Return the refusal of a body in which one field is wrong."""
    return DiscordRefusal(400, 50035, "Invalid Form Body", {field: {"_errors": [{"code": code, "message": message}]}})


def check_lengths(body: Json, limits: Mapping[str, int]) -> None:
    """Refuse a body in which one of these texts is longer than its limit; absent and null ones are fine."""
    form = Form()
    for name, high in limits.items():
        form.length((name,), body.get(name), high)
    form.refuse()


def query_number(query: Mapping[str, str], name: str, default: int, high: int) -> int:
    """Return a number of the query string, from 1 to `high`, or refuse."""
    form = Form()
    text = query.get(name, str(default))
    value: Any = int(text) if text.lstrip("-").isdigit() else text
    form.number((name,), value, 1, high)
    form.refuse()
    return int(value)


def newest_first(items: list[Json], query: Mapping[str, str], key: Callable[[Json], int], limit: int) -> list[Json]:
    """Return a page of items by `before` and `after`: newest first, but oldest first after a given one."""
    ordered = sorted(items, key=key, reverse=True)
    if "before" in query:
        ordered = [item for item in ordered if key(item) < int(query["before"])]
    if "after" in query:
        ordered = [item for item in reversed(ordered) if key(item) > int(query["after"])]
    return ordered[:limit]
