"""The statements that add points: for one member, and for several at once."""

# ruff: noqa: S608 - put together from texts of this module and quoted names; every value is a parameter

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, cast

from plugins.levels.formula import level_sql
from plugins.levels.models import MemberLevel
from tux.database.statements import quote
from tux.manager.table import table_of

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime, timedelta

    from asyncpg import Record

    from tux.database.engine import Client, Transaction

_ONE = {
    "guilds": "VALUES ($2::bigint)",
    "rows": "(VALUES ($1::bigint, $2::bigint, $3::float8, $4::timestamptz))",
    "order": "",
    "more": "$3::float8",
}
# Guilds are made and members written in one order, so that two groups cannot wait for each other in a circle. What is
# added is at least 0, so it is just what the row would have if it were new.
_SEVERAL = {
    "guilds": "SELECT DISTINCT guild_id FROM unnest($2::bigint[]) AS guild_id ORDER BY guild_id",
    "rows": "unnest($1::bigint[], $2::bigint[], $3::float8[], $4::timestamptz[])",
    "order": "ORDER BY guild_id, member_id",
    "more": "EXCLUDED.xp",
}

_FIRST, _SUM = "GREATEST(0, given.amount)", "GREATEST(0, known.xp + {more})"
# Adding stops at the cap; who is beyond it stays there.
_FIRST_CAPPED, _SUM_CAPPED = f"LEAST({_FIRST}, {{cap}})", f"GREATEST(LEAST({_SUM}, {{cap}}), LEAST({_SUM}, known.xp))"
_ADD = f"""
WITH guild AS (INSERT INTO guild_guilds (guild_id) {{guilds}} ON CONFLICT DO NOTHING)
INSERT INTO levels_member_levels AS known (member_id, guild_id, xp, level, last_message, created_at, updated_at)
SELECT member_id, guild_id, {_FIRST_CAPPED}, {level_sql(_FIRST_CAPPED)}, {{message}}, at, at
FROM {{rows}} AS given (member_id, guild_id, amount, at) {{order}}
ON CONFLICT (member_id, guild_id) DO UPDATE SET
    xp = CASE WHEN known.blacklisted THEN known.xp ELSE {_SUM_CAPPED} END,
    level = CASE WHEN known.blacklisted THEN known.level ELSE {level_sql(_SUM_CAPPED)} END,
    last_message = COALESCE(EXCLUDED.last_message, known.last_message),
    updated_at = EXCLUDED.updated_at
{{earned}} RETURNING {{columns}}
"""
# Decided by the row as it is when its turn comes: of messages that arrive at once, one finds the cooldown over.
_EARNED = """
WHERE NOT known.blacklisted
  AND (known.last_message IS NULL OR known.last_message <= EXCLUDED.last_message - $5::interval)
  AND known.xp < $6
"""


class Earned(NamedTuple):
    """Points for a member; with a cooldown they are for a message, up to the cap."""

    member_id: int
    guild_id: int
    amount: float
    at: datetime
    cooldown: timedelta | None
    cap: float


async def add_points(client: Client | Transaction, calls: Sequence[Earned]) -> list[Record | None]:
    """Add points to different members, and return the row of each in order; None for who earned nothing.

    Several calls have the same cooldown and cap, and amounts of at least 0.
    """
    of_all = calls[0]
    limits = () if of_all.cooldown is None else (of_all.cooldown, of_all.cap)
    several = len(calls) > 1
    sql = _sql(several=several, message=bool(limits))
    if not several:
        return [await client.fetch_row(sql, (*of_all[:4], *limits))]
    members, guilds, amounts, moments = (list(column) for column in zip(*(call[:4] for call in calls), strict=True))
    found = await client.fetch(sql, (members, guilds, amounts, moments, *limits))
    rows = {(row["member_id"], row["guild_id"]): row for row in found}
    return [rows.get((call.member_id, call.guild_id)) for call in calls]


def can_share(call: Earned) -> bool:
    """Whether a call may go into one statement with others; what is no amount is refused by itself."""
    amount: object = cast("object", call.amount)
    return isinstance(amount, int | float) and amount >= 0


def _sql(*, several: bool, message: bool) -> str:
    table = table_of(MemberLevel)
    shape = ("add_points", several, message)
    sql = table.texts.find(shape)
    if sql is None:
        sums = _SEVERAL if several else _ONE
        sql = _ADD.format(
            **sums,
            cap="$6::float8" if message else "'Infinity'",
            message="at" if message else "NULL",
            earned=_EARNED if message else "",
            columns=", ".join(f"{quote('known')}.{field.column}" for field in table.fields.values()),
        )
        table.texts.keep(shape, sql)
    return sql
