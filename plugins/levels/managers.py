"""Points and levels of members, per guild."""

# ruff: noqa: S608 - statements are put together from texts of this module; every value is a parameter

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NamedTuple, cast, overload

from plugins.levels.adding import Earned, add_points, can_share
from plugins.levels.events import LevelChanged
from plugins.levels.formula import MAX_XP, level_of, level_sql, xp_of
from plugins.levels.models import MemberLevel
from tux.clock import now
from tux.database.engine import active_client
from tux.errors import InvalidValue, TuxError
from tux.manager import Manager
from tux.manager.core import whole_number
from tux.manager.grouping import in_group
from tux.models.meta import from_row

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime, timedelta

_GUILD = "WITH guild AS (INSERT INTO guild_guilds (guild_id) VALUES ($2) ON CONFLICT DO NOTHING)"

# The days on the blacklist are no silence: whoever is taken off it has lost nothing up to now.
_TOGGLE = f"""
{_GUILD}
INSERT INTO levels_member_levels AS known (member_id, guild_id, blacklisted, created_at, updated_at)
VALUES ($1, $2, TRUE, $3, $3)
ON CONFLICT (member_id, guild_id) DO UPDATE SET
    blacklisted = NOT known.blacklisted, updated_at = EXCLUDED.updated_at,
    decayed_at = CASE WHEN known.blacklisted THEN EXCLUDED.updated_at ELSE known.decayed_at END
RETURNING blacklisted
"""

_LIFT = """
UPDATE levels_member_levels SET
    blacklisted = FALSE, updated_at = $3, decayed_at = CASE WHEN blacklisted THEN $3 ELSE decayed_at END
WHERE member_id = $1 AND guild_id = $2 RETURNING {columns}
"""

_POSITION = """
SELECT 1 + (
    SELECT count(*) FROM levels_member_levels AS ahead
    WHERE ahead.guild_id = $2 AND NOT ahead.blacklisted AND ahead.xp > own.xp
) AS position
FROM levels_member_levels AS own WHERE own.member_id = $1 AND own.guild_id = $2 AND NOT own.blacklisted
"""

_TOP = """
SELECT {columns} FROM levels_member_levels WHERE guild_id = $1 AND NOT blacklisted {after}
ORDER BY xp DESC, member_id DESC LIMIT $2
"""
_AFTER = "AND (xp, member_id) < ($3, $4)"

_DERIVED = level_sql("xp")
_RECOMPUTE = f"""
UPDATE levels_member_levels SET level = {_DERIVED}, updated_at = $2 WHERE guild_id = $1 AND level <> {_DERIVED}
RETURNING member_id, level
"""


# Whole days of silence, each of which takes its part; of points that a year of it left, the next round goes on.
_SILENT_SINCE = "GREATEST(decayed_at, last_message + $3::interval)"
_LEFT = "floor(known.xp * power(1 - $4::float8, due.days))"
_DECAY = f"""
WITH due AS MATERIALIZED (
    SELECT id, level, {_SILENT_SINCE} AS since,
        LEAST(floor(extract(epoch FROM $2::timestamptz - {_SILENT_SINCE}) / 86400), 365)::int AS days
    FROM levels_member_levels
    WHERE guild_id = $1 AND NOT blacklisted AND last_message IS NOT NULL
        AND xp > 0 AND {_SILENT_SINCE} <= $2::timestamptz - interval '1 day'
    ORDER BY id LIMIT $5 FOR NO KEY UPDATE SKIP LOCKED
)
UPDATE levels_member_levels AS known SET
    xp = {_LEFT}, level = {level_sql(_LEFT)}, decayed_at = due.since + due.days * interval '1 day', updated_at = $2
FROM due WHERE known.id = due.id
RETURNING {{columns}}, due.level <> known.level AS is_moved
"""


class Standing(NamedTuple):
    """What a member has; nothing, for one who never earned any."""

    xp: float
    level: int


class LevelsManager(Manager[MemberLevel], name="levels"):
    """The points of all members. A blacklisted member earns nothing and has no position."""

    async def get_xp_and_level(self, member_id: int, guild_id: int) -> Standing:
        """Return the points and the level of a member, (0.0, 0) for one without a row."""
        row = await self.get_by_id((member_id, guild_id))
        return Standing(row.xp, row.level) if row else Standing(0.0, 0)

    async def get_xp(self, member_id: int, guild_id: int) -> float:
        """Return the points of a member."""
        return (await self.get_xp_and_level(member_id, guild_id)).xp

    async def get_level(self, member_id: int, guild_id: int) -> int:
        """Return the level of a member."""
        return (await self.get_xp_and_level(member_id, guild_id)).level

    async def get_last_message_time(self, member_id: int, guild_id: int) -> datetime | None:
        """Return when a message of the member last earned something, or would have below the cap, or None."""
        row = await self.get_by_id((member_id, guild_id))
        return row.last_message if row else None

    async def get_levels_batch(self, user_ids: Iterable[int], guild_id: int) -> dict[int, MemberLevel]:
        """Return the rows of several members by their ids; those who have none are left out."""
        rows = await self.find_all({"member_id": {"in": list(user_ids)}, "guild_id": guild_id})
        return {row.member_id: row for row in rows}

    @overload
    async def add_xp(self, member_id: int, guild_id: int, amount: float) -> MemberLevel: ...
    @overload
    async def add_xp(
        self, member_id: int, guild_id: int, amount: float, *, cooldown: timedelta, max_level: int = 0
    ) -> MemberLevel | None: ...
    async def add_xp(
        self, member_id: int, guild_id: int, amount: float, *, cooldown: timedelta | None = None, max_level: int = 0
    ) -> MemberLevel | None:
        """Add points, or take some (never below 0), and derive the level; a blacklisted member's row stays as it is.

        The level has risen if it is above `level_of(row.xp - amount)`, whoever else adds points at the same moment.

        Args:
            member_id: whose points.
            guild_id: where.
            amount: how many.
            cooldown: set for a message, which earns its points only if the last one that did is so long ago, and
                becomes the last one. Earning nothing gives None, also for a blacklisted member.
            max_level: at whose beginning messages stop earning; 0 for none.

        Raises:
            InvalidValue: the amount is no number, or more than can be counted exactly; nothing is stored.
        """
        amount = cast("float", self.table.fields["xp"].codec.match(amount))
        if not -MAX_XP <= amount <= MAX_XP:
            raise InvalidValue(
                f"{self.table.label}.xp: {amount} is out of range, at most {MAX_XP} are added", column="xp"
            )
        cap = math.inf if cooldown is None or not max_level else xp_of(max_level)
        call = Earned(member_id, guild_id, amount, now(), cooldown, cap)
        if can_share(call):
            found = await in_group(add_points, call, line=(cooldown, cap), single=(member_id, guild_id))
        else:
            (found,) = await add_points(active_client(), (call,))
        if found is None:
            if cooldown is None:
                raise TuxError("the points of a member were swallowed by a rule or trigger of levels_member_levels")
            return None
        row = from_row(MemberLevel, found)
        if row.level != level_of(max(0.0, row.xp - amount)):
            await self.db.emit(_changed(row))
        return row

    async def update_xp_and_level(
        self, member_id: int, guild_id: int, xp: float, level: int, timestamp: datetime
    ) -> MemberLevel:
        """Store points, level and the time of the last message as given, even if they do not fit together."""
        row, _ = await self.upsert(
            {"member_id": member_id, "guild_id": guild_id}, xp=xp, level=level, last_message=timestamp
        )
        await self.db.emit(_changed(row))
        return row

    async def set_xp(self, member_id: int, guild_id: int, xp: float) -> MemberLevel:
        """Store a member's points and derive the level.

        Raises:
            InvalidValue: less than 0, or more than can be counted exactly.
        """
        if not 0 <= xp <= MAX_XP:
            raise InvalidValue(f"{self.table.label}.xp: {xp} is out of range, 0 to {MAX_XP}", column="xp")
        row, _ = await self.upsert({"member_id": member_id, "guild_id": guild_id}, xp=xp, level=level_of(xp))
        await self.db.emit(_changed(row))
        return row

    async def set_level(self, member_id: int, guild_id: int, level: int) -> MemberLevel:
        """Store a member's level, with the points at which it begins.

        Raises:
            CheckViolation: less than 0.
        """
        row, _ = await self.upsert({"member_id": member_id, "guild_id": guild_id}, xp=xp_of(level), level=level)
        await self.db.emit(_changed(row))
        return row

    async def reset_xp(self, member_id: int, guild_id: int) -> MemberLevel | None:
        """Take all points and the level away; None for a member without a row."""
        row = await self.update_by_id((member_id, guild_id), xp=0, level=0)
        if row is not None:
            await self.db.emit(_changed(row))
        return row

    async def note_capped(self, member_id: int, guild_id: int, max_level: int) -> bool:
        """Note that a member at the cap wrote, so that it is no silence although it earned nothing; False for others."""
        capped = {"blacklisted": False, "xp": {"gte": xp_of(max_level)}}
        keys = {"member_id": member_id, "guild_id": guild_id}
        return await self.update_where(keys | capped, {"last_message": now()}) > 0

    async def recompute_levels(self, guild_id: int) -> int:
        """Derive the levels of a guild anew, after a change of the formula; return how many changed."""
        changed = await self.derive_levels(guild_id)
        for event in changed:
            await self.db.emit(event)
        return len(changed)

    async def derive_levels(self, guild_id: int) -> list[LevelChanged]:
        """Do the same, and leave it to the caller to emit what is returned: to move the roles of many takes its time."""
        found = await active_client().fetch(_RECOMPUTE, [guild_id, now()])
        return [LevelChanged(guild_id, row["member_id"], row["level"]) for row in found]

    async def decay(self, guild_id: int, *, after: timedelta, percent: float, limit: int = 1000) -> int:
        """Take a part of the points for each day of silence, and return how many members lost some; others skip them.

        Days that nobody took note of, because the bot was down, count as well; none counts twice.

        Args:
            guild_id: where.
            after: the silence, counted from the last message that earned, with which it begins.
            percent: of the points, for each whole day beyond that; the rest is rounded down.
            limit: how many members at most; as many as that may mean that there are more.
        """
        sql = _DECAY.format(columns=self.columns("known"))
        found = await active_client().fetch(sql, [guild_id, now(), after, percent / 100, limit])
        for record, row in zip(found, await self.hydrated(found), strict=True):
            if record["is_moved"]:
                await self.db.emit(_changed(row))
        return len(found)

    async def get_top_members(
        self, guild_id: int, limit: int = 10, *, after: MemberLevel | None = None
    ) -> list[MemberLevel]:
        """Return the members with the most points, the younger account first among equals.

        `after` is the last row of the page before; the cost of a page does not grow with its depth.
        """
        values: list[object] = [guild_id, whole_number("limit", limit, least=0)]
        if after is not None:
            values += [after.xp, after.member_id]
        sql = _TOP.format(columns=self.columns(), after=_AFTER if after is not None else "")
        return await self.rows(sql, *values)

    async def get_member_rank(self, member_id: int, guild_id: int) -> int | None:
        """Return a member's position in the guild, from 1; members with equal points share it.

        None for a member without a row, or a blacklisted one.
        """
        found = await active_client().fetch_row(_POSITION, [member_id, guild_id])
        return int(found["position"]) if found else None

    async def toggle_blacklist(self, member_id: int, guild_id: int) -> bool:
        """Blacklist a member, or take them off when they were on; return whether they are on it now."""
        found = await active_client().fetch_row(_TOGGLE, [member_id, guild_id, now()])
        return bool(found and found["blacklisted"])

    async def is_blacklisted(self, member_id: int, guild_id: int) -> bool:
        """Say whether a member is blacklisted."""
        return await self.exists({"member_id": member_id, "guild_id": guild_id, "blacklisted": True})

    async def blacklist_member(self, member_id: int, guild_id: int) -> MemberLevel:
        """Blacklist a member, who keeps the points."""
        row, _ = await self.upsert({"member_id": member_id, "guild_id": guild_id}, blacklisted=True)
        return row

    async def unblacklist_member(self, member_id: int, guild_id: int) -> MemberLevel | None:
        """Take a member off the blacklist; None for one without a row."""
        return await self.row(_LIFT.format(columns=self.columns()), member_id, guild_id, now())


def _changed(row: MemberLevel) -> LevelChanged:
    return LevelChanged(row.guild_id, row.member_id, row.level)
