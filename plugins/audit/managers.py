"""The audit log: written with the change it tells of, read by filters and pages, purged by age."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Required, TypedDict, Unpack

from plugins.audit.models import AuditEntry
from tux.clock import now
from tux.database.engine import active_client
from tux.manager import Manager

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from tux.manager import PaginationResult

# What core keeps of a guild's settings; one that does not fit any more is as good as none.
_PURGE = """
DELETE FROM audit_entries WHERE id IN (
    SELECT old.id FROM guild_guilds AS guild
    LEFT JOIN core_settings AS kept ON kept.guild_id = guild.guild_id AND kept.plugin = 'audit'
    CROSS JOIN LATERAL (
        SELECT id FROM audit_entries AS entry
        WHERE entry.guild_id = guild.guild_id AND entry.created_at < $1::timestamptz - make_interval(days => CASE
            WHEN kept.changed->>'retention_days' ~ '^[0-9]{1,4}$' THEN (kept.changed->>'retention_days')::int ELSE $2
        END)
        LIMIT $3 FOR UPDATE SKIP LOCKED
    ) AS old
    LIMIT $3
)
"""

_ACTIONS = """
SELECT DISTINCT action FROM (
    SELECT action FROM audit_entries WHERE guild_id = $1 ORDER BY created_at DESC, id DESC LIMIT 500
) AS lately ORDER BY action
"""

_LOOK_UPS = {"since": "created_at__gte", "until": "created_at__lt"}


class NewEntry(TypedDict, total=False):
    """What is told of a change; `target_id` is whom or what it was done to."""

    guild_id: Required[int]
    actor_id: Required[int]
    action: Required[str]
    target_id: int | None
    before: Mapping[str, object] | None
    after: Mapping[str, object] | None
    reason: str | None


class EntryFilters(TypedDict, total=False):
    """Which changes are wanted: from `since` on, before `until`."""

    actor_id: int | None
    target_id: int | None
    action: str | None
    since: datetime | None
    until: datetime | None


class AuditManager(Manager[AuditEntry], name="audit"):
    """The changes in all guilds."""

    async def log_action(self, **values: Unpack[NewEntry]) -> AuditEntry:
        """Note a change; call it inside the transaction of the change, so that both happen or neither.

        Values in `before` and `after` that JSON has no word for, such as times, are kept as text.
        """
        given: dict[str, object] = {**values}
        states = {name: _as_json(given[name]) for name in ("before", "after") if given.get(name) is not None}
        return await self.create(**{**given, **states})

    async def list_entries(
        self, *, guild_id: int, page: int = 1, per_page: int = 20, **wanted: Unpack[EntryFilters]
    ) -> PaginationResult[AuditEntry]:
        """Return a page of a guild's changes, newest first; what is None does not count.

        An action that ends with a dot stands for all that begin with it: "config." finds "config.update".
        """
        filters: dict[str, object] = {"guild_id": guild_id}
        for name, value in wanted.items():
            if value is not None:
                filters[_LOOK_UPS.get(name, name)] = value
        if str(filters.get("action", "")).endswith("."):
            filters["action__startswith"] = filters.pop("action")
        return await self.paginate(page, per_page, filters, ["-created_at", "-id"])

    async def purge_before(self, moment: datetime, *, guild_id: int | None = None) -> int:
        """Delete the changes before a time, of one guild or of all, and return how many there were."""
        guild = {} if guild_id is None else {"guild_id": guild_id}
        return await self.delete_where({"created_at__lt": moment, **guild})

    async def purge_expired(self, default_days: int, *, limit: int) -> int:
        """Delete up to `limit` changes that their guild has kept for as many days as it wants, and say how many."""
        return await active_client().run(_PURGE, (now(), default_days, limit))

    async def list_actions(self, *, guild_id: int) -> list[str]:
        """Return what was done in a guild lately, each once, in the order of the alphabet."""
        return [row["action"] for row in await active_client().fetch(_ACTIONS, (guild_id,))]


def _as_json(state: object) -> str:
    return json.dumps(state, default=str)
