"""Tables of the points plugin: the members of guilds with their points, and what they gave each other."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from tortoise import fields
from tortoise.validators import MaxValueValidator, MinValueValidator

from plugins.moderation.models import Case
from tux.clock import now
from tux.models import Check, Ddl, Index, Matched, Model, TimestampedModel, guild_key, text_column, user_column

if TYPE_CHECKING:
    from datetime import datetime

    from plugins.guild.models import Guild

# Leaves room in the 32-bit column, so that a sum of two balances never overflows before it is refused.
MAX_POINTS = 1_000_000_000


class User(TimestampedModel):
    """A member of one guild; the same person has a row in each."""

    id: int = fields.BigIntField(primary_key=True)
    discord_id: int = user_column(forget="delete")
    guild: fields.ForeignKeyRelation[Guild] = guild_key(related_name="users")
    guild_id: int
    username: str = text_column(max_length=100)
    points: int = fields.IntField(default=0, validators=[MinValueValidator(0), MaxValueValidator(MAX_POINTS)])
    message_count: int = fields.BigIntField(default=0, validators=[MinValueValidator(0)])
    is_active = fields.BooleanField(default=True)
    last_active: datetime = fields.DatetimeField(default=now)

    # Cases do not refer to this row: they are about users who may have none.
    cases = Matched(Case, guild_id="guild_id", discord_id="case_user_id")

    class Meta(Model.Meta):
        """Where the rows are."""

        table = "points_users"
        unique_together = (("guild_id", "discord_id"),)

    ddl: ClassVar[tuple[Ddl, ...]] = (
        Check(f"points BETWEEN 0 AND {MAX_POINTS}", name="points_users_points_check"),
        Check("message_count >= 0", name="points_users_message_count_check"),
        Check("btrim(username) <> ''", name="points_users_username_check"),
        Index("guild_id", "-points", "id", name="points_users_richest"),
        Index("guild_id", "-message_count", "-last_active", name="points_users_most_active"),
    )


class PointsTransaction(Model):
    """Points that went from one member to another; the side of a deleted member is empty."""

    id: int = fields.BigIntField(primary_key=True)
    guild: fields.ForeignKeyRelation[Guild] = guild_key(related_name="points_transactions")
    guild_id: int
    from_user: fields.ForeignKeyNullableRelation[User] = fields.ForeignKeyField(
        "models.User", related_name="points_given", null=True, on_delete=fields.SET_NULL
    )
    from_user_id: int | None
    to_user: fields.ForeignKeyNullableRelation[User] = fields.ForeignKeyField(
        "models.User", related_name="points_received", null=True, on_delete=fields.SET_NULL
    )
    to_user_id: int | None
    amount: int = fields.IntField()
    created_at: datetime = fields.DatetimeField(default=now)

    class Meta(Model.Meta):
        """Where the rows are."""

        table = "points_transactions"

    ddl: ClassVar[tuple[Ddl, ...]] = (
        Check("amount > 0", name="points_transactions_amount_check"),
        Index("guild_id", "-id", name="points_transactions_guild"),
        Index("from_user_id", "-id", name="points_transactions_given"),
        Index("to_user_id", "-id", name="points_transactions_received"),
    )
