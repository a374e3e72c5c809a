"""Who is away, and who is back."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from tortoise.expressions import Q

from plugins.afk.holds import HOLD_SQL, Hold
from plugins.afk.models import AfkEntry
from plugins.afk.names import is_marked, unmarked_name
from tux.clock import now
from tux.database.engine import active_client
from tux.manager import Manager
from tux.manager.core import whole_number

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from tux.manager import PaginationResult

LEASE = timedelta(minutes=1)

_COME_BACK = f"""
DELETE FROM afk_entries
WHERE user_id = $1 AND guild_id = $2 AND (until <= $3 OR {HOLD_SQL} <= $4)
RETURNING {{columns}}
"""  # noqa: S608 - a constant

# The guild as a parameter tells the snapshots which of them the update concerns.
_CLAIM = """
WITH claimed AS (
    UPDATE afk_entries SET claimed_until = $3 WHERE {scope}id = ANY (ARRAY(
        SELECT id FROM afk_entries
        WHERE {scope}until <= $1 AND (claimed_until IS NULL OR claimed_until <= $1)
        ORDER BY until, id LIMIT $2 FOR UPDATE SKIP LOCKED
    )) RETURNING {columns}
)
SELECT * FROM claimed ORDER BY until, id
"""

_EXPIRED_GUILDS = """
SELECT DISTINCT guild_id FROM afk_entries
WHERE until <= $1 AND (claimed_until IS NULL OR claimed_until <= $1) ORDER BY guild_id
"""


class AfkManager(Manager[AfkEntry], name="afk"):
    """Members who are away. An entry past its `until` is over: it is only seen by `claim_expired`."""

    async def set_member_afk(  # noqa: PLR0913 - the call as its callers make it
        self,
        user_id: int,
        guild_id: int,
        afk_message: str,
        *,
        until: datetime | None = None,
        permanent: bool = False,
        enforced: bool = False,
        nickname: str | None = None,
    ) -> AfkEntry:
        """Note that a member is away, from now on; what was noted before is replaced.

        Args:
            user_id: who.
            guild_id: from where.
            afk_message: why, shown to those who mention them.
            until: when they are back by themselves; None for not at all.
            permanent: writing does not end it.
            enforced: nothing ends it before `until`.
            nickname: what they are called now. With the mark, or without a nickname, one that was noted before is kept;
                where nothing was noted, what stands behind the mark is.
        """
        name = {"nickname": unmarked_name(nickname)}
        first, always = (name, {}) if nickname is None or is_marked(nickname) else ({}, name)
        values: dict[str, object] = {
            "afk_message": afk_message,
            "until": until,
            "permanent": permanent,
            "enforced": enforced,
            **always,
        }
        entry, _ = await self.upsert(
            {"user_id": user_id, "guild_id": guild_id}, first, **values, since=now(), claimed_until=None
        )
        return entry

    async def is_member_afk(self, user_id: int, guild_id: int) -> bool:
        """Say whether a member is away."""
        return await self.exists([{"user_id": user_id, "guild_id": guild_id}, _away()])

    async def get_afk_by_member(self, user_id: int, guild_id: int) -> AfkEntry | None:
        """Return the entry of a member who is away, or None."""
        return await self.find_one([{"user_id": user_id, "guild_id": guild_id}, _away()])

    async def get_afk_batch(self, user_ids: Iterable[int], guild_id: int) -> dict[int, AfkEntry]:
        """Return the entries of those of several users who are away, by their ids; of nobody without a statement."""
        wanted = list(user_ids)
        if not wanted:
            return {}
        rows = await self.find_all([{"user_id": {"in": wanted}, "guild_id": guild_id}, _away()])
        return {row.user_id: row for row in rows}

    async def get_all_afk_members(self, guild_id: int) -> list[AfkEntry]:
        """Return everybody who is away from a guild, the longest first."""
        return await self.find_all([{"guild_id": guild_id}, _away()], ["since", "id"])

    async def remove_member_afk(self, user_id: int, guild_id: int) -> bool:
        """Delete the entry of a member, whatever it says; False when there was none."""
        return await self.delete_by_id((user_id, guild_id))

    async def come_back(self, user_id: int, guild_id: int, by: Hold = Hold.WRITING) -> AfkEntry | None:
        """End the entry of a member, and return it for its nickname; None when there is none, or it takes more than `by`."""
        return await self.row(_COME_BACK.format(columns=self.columns()), user_id, guild_id, now(), int(by))

    async def page_away(self, guild_id: int, page: int, per_page: int) -> PaginationResult[AfkEntry]:
        """Return one page of everybody who is away from a guild, the longest first."""
        return await self.paginate(page, per_page, [{"guild_id": guild_id}, _away()], ["since", "id"])

    async def list_expired_guilds(self) -> list[int]:
        """Return the guilds with entries that are over and that nobody is at work on, in the order of their ids."""
        return [row["guild_id"] for row in await active_client().fetch(_EXPIRED_GUILDS, (now(),))]

    async def claim_expired(
        self, limit: int = 100, lease: timedelta = LEASE, *, guild_id: int | None = None
    ) -> list[AfkEntry]:
        """Return entries that are over, for this caller alone until the lease ends, the oldest first.

        Of all guilds, or of one: the latter leaves what is in memory of the others alone. Give the nickname back, then
        `end_expired`; an entry that is not ended by then is claimed again.
        """
        at = now()
        sql = _CLAIM.format(columns=self.columns(), scope="" if guild_id is None else "guild_id = $4 AND ")
        values: list[object] = [at, whole_number("limit", limit, least=0), at + lease]
        return await self.rows(sql, *values, *(() if guild_id is None else (guild_id,)))

    async def end_expired(self, entry: AfkEntry) -> bool:
        """Delete an entry that is over; False when it is gone, or the member is away anew."""
        return await self.delete_where({"id": entry.id, "guild_id": entry.guild_id, "until": {"lte": now()}}) > 0

    async def remove_left(self, user_id: int, guild_id: int) -> bool:
        """Delete the entry of a member who left the guild, unless it is enforced: leaving ends no time-out."""
        return await self.delete_where({"user_id": user_id, "guild_id": guild_id, "enforced": False}) > 0


def _away() -> Q:
    return Q(until__isnull=True) | Q(until__gt=now())
