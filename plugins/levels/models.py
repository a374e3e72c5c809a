"""The table of the levels plugin."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from tortoise import fields

from plugins.levels.formula import MAX_XP
from tux.models import Check, Ddl, Index, TimestampedModel, guild_key, user_column

if TYPE_CHECKING:
    from datetime import datetime

    from plugins.guild.models import Guild


class MemberLevel(TimestampedModel):
    """The points of a member in a guild, and the level that was derived from them."""

    id: int = fields.BigIntField(primary_key=True)
    guild: fields.ForeignKeyRelation[Guild] = guild_key(related_name="levels")
    guild_id: int
    member_id: int = user_column(forget="delete")
    xp: float = fields.FloatField(default=0.0, db_default=0)
    level: int = fields.IntField(default=0, db_default=0)
    # Earns nothing, and is on no leaderboard.
    blacklisted = fields.BooleanField(default=False, db_default=False)
    # When a message last earned something; the cooldown counts from here.
    last_message: datetime | None = fields.DatetimeField(null=True)
    # Up to when silence has taken its part, where the guild lets it.
    decayed_at: datetime | None = fields.DatetimeField(null=True)

    class Meta(TimestampedModel.Meta):
        """Where the rows are."""

        table = "levels_member_levels"
        unique_together = (("member_id", "guild_id"),)

    ddl: ClassVar[tuple[Ddl, ...]] = (
        # PostgreSQL takes NaN for greater than any number, so this refuses it as well.
        Check(f"xp BETWEEN 0 AND {MAX_XP}", name="levels_member_levels_xp_check"),
        Check("level >= 0", name="levels_member_levels_level_check"),
        # Read backwards it is the leaderboard, from any row on; a member's position is a count within it.
        Index("guild_id", "blacklisted", "xp", "member_id", name="levels_member_levels_board"),
    )
