"""Tells the audit log, which is another plugin's and may be missing or off."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Required, TypedDict, Unpack

if TYPE_CHECKING:
    from collections.abc import Mapping

    from config.typings import DatabaseCoordinator


class Noted(TypedDict, total=False):
    """What is told of a change; `target_id` is whom or what it was done to."""

    guild_id: Required[int]
    actor_id: Required[int]
    target_id: int | None
    before: Mapping[str, object] | None
    after: Mapping[str, object] | None
    reason: str | None


async def note_action(db: DatabaseCoordinator, action: str, **what: Unpack[Noted]) -> None:
    """Note what somebody did, in the transaction that is open; without an audit log nothing happens."""
    audit: Any = db.find("audit")
    if audit is not None:
        await audit.log_action(action=action, **what)
