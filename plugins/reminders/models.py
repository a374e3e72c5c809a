"""Tables of the reminders plugin: the reminders, and the time zones of those who set them."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from tortoise import fields
from tortoise.fields.db_defaults import Now

from plugins.reminders.times import ZoneValidator
from tux.clock import now
from tux.models import Check, Ddl, Index, Model, guild_key, user_column

if TYPE_CHECKING:
    from datetime import datetime

    from plugins.guild.models import Guild

MAX_ZONE_LENGTH = 64


class Reminder(Model):
    """Something to tell a user at a time; one that was told stays for a while, so that it can be put off."""

    id: int = fields.BigIntField(primary_key=True)
    # None in a direct message.
    guild: fields.ForeignKeyNullableRelation[Guild] = guild_key(related_name="reminders", null=True)
    guild_id: int | None
    reminder_user_id: int = user_column(forget="delete")
    # Where it was asked for; also where it goes when a direct message is refused.
    reminder_channel_id: int = fields.BigIntField()
    reminder_by_dm = fields.BooleanField(default=False, db_default=False)
    reminder_content: str = fields.TextField()
    reminder_created_at: datetime = fields.DatetimeField(default=now, db_default=Now())
    reminder_expires_at: datetime = fields.DatetimeField()
    reminder_repeat_seconds: int | None = fields.BigIntField(null=True)
    # When the series began, so that a day of 23 hours does not move all that follow; None before the first repetition.
    reminder_repeat_from: datetime | None = fields.DatetimeField(null=True)
    # The zone in which days are counted; None is UTC.
    reminder_zone = fields.CharField(max_length=MAX_ZONE_LENGTH, null=True, validators=[ZoneValidator()])
    reminder_sent_at: datetime | None = fields.DatetimeField(null=True)
    # A process is at work on it until then; the time is also the proof that it still is.
    reminder_claimed_until: datetime | None = fields.DatetimeField(null=True)
    # How often it was claimed since it was last told; whoever delivers gives up at some number.
    reminder_attempts: int = fields.SmallIntField(default=0, db_default=0)

    class Meta(Model.Meta):
        """Where the rows are."""

        table = "reminders_reminders"

    ddl: ClassVar[tuple[Ddl, ...]] = (
        Check("reminder_repeat_seconds > 0", name="reminders_reminders_repeat_check"),
        Index("guild_id", "reminder_expires_at", name="reminders_reminders_guild"),
        Index("reminder_user_id", "reminder_expires_at", name="reminders_reminders_user"),
        # Of all guilds and users: those that are due are found in one read.
        Index("reminder_expires_at", "id", where="reminder_sent_at IS NULL", name="reminders_reminders_due"),
        Index("reminder_sent_at", where="reminder_sent_at IS NOT NULL", name="reminders_reminders_sent"),
    )


class UserZone(Model):
    """The time zone in which a user writes times."""

    id: int = fields.BigIntField(primary_key=True)
    user_id: int = user_column(forget="delete", unique=True)
    zone = fields.CharField(max_length=MAX_ZONE_LENGTH, validators=[ZoneValidator()])

    class Meta(Model.Meta):
        """Where the rows are."""

        table = "reminders_user_zones"
