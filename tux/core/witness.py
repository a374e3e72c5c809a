"""Tells what somebody changed to the plugins that want to know, in the transaction of the change."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Required, TypedDict, Unpack

from loguru import logger

from tux.core import SWITCHES
from tux.plugin import WITNESS
from tux.registry import State

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from config.typings import DatabaseCoordinator


class Change(TypedDict, total=False):
    """Who changed what; `target_id` is whom or what it was done to."""

    guild_id: Required[int]
    actor_id: Required[int]
    target_id: int | None
    before: Mapping[str, object] | None
    after: Mapping[str, object] | None
    reason: str | None


async def note_change(db: DatabaseCoordinator, action: str, **change: Unpack[Change]) -> None:
    """Tell of a change, such as "permissions.role"; call it inside the transaction of the change: undone, neither is told of.

    Where nobody wants to know, or who does is off, nothing happens. Who fails to note it, for whatever reason, stops
    nothing: that is logged, and a savepoint keeps the change whole.
    """
    switches: Mapping[str, bool] = {}
    if (known := db.snapshot.peek(change["guild_id"])) is not None:
        switches = SWITCHES.of(known)
    for plugin, name in _witnesses(db):
        witness: Any = db.find(name)
        if witness is not None and switches.get(plugin, True):
            try:
                async with db.transaction():
                    await witness.log_action(action=action, **change)
            except Exception:  # noqa: BLE001 - one plugin's failure must not undo what others did
                logger.bind(plugin=plugin).opt(exception=True).error("The change {} could not be noted", action)


def _witnesses(db: DatabaseCoordinator) -> Iterator[tuple[str, str]]:
    for record in db.registry.records.values():
        if record.state is State.READY and record.plugin is not None:
            for name in record.plugin.contributes.get(WITNESS, ()):
                yield record.name, name
