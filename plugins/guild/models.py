"""Tables of the guild plugin; other plugins refer to `Guild` by `tux.models.guild_key`.

Defaults are also in the database (`db_default`), so that a statement of another plugin can make a guild's row from its id alone.
"""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, ClassVar

from tortoise import fields
from tortoise.fields.db_defaults import Now

from tux.clock import now
from tux.models import Check, Ddl, Model, guild_key, user_column

if TYPE_CHECKING:
    from datetime import datetime

MAX_PREFIX_LENGTH = 16
MAX_LEVEL = 10


class OnboardingStage(StrEnum):
    """How far a guild's owner has come with setting the bot up."""

    NOT_STARTED = "not_started"
    INITIALIZED = "initialized"
    CONFIGURED = "configured"
    COMPLETED = "completed"


class Guild(Model):
    """A guild that the bot is or was in."""

    guild_id: int = fields.BigIntField(primary_key=True, generated=False)
    # Discord allows 100 characters; empty until the bot has seen the guild itself.
    guild_name = fields.CharField(max_length=100, default="", db_default="")
    # How many cases were ever numbered, for display. The numbers themselves come from moderation's own counter.
    case_count: int = fields.BigIntField(default=0, db_default=0)
    joined_at: datetime = fields.DatetimeField(default=now, db_default=Now())
    # Set when the bot saw that it was removed; core's queue of purges says when the data go.
    left_at: datetime | None = fields.DatetimeField(null=True)

    class Meta(Model.Meta):
        """Where the rows are."""

        table = "guild_guilds"


class GuildConfig(Model):
    """What a guild's administrators chose; NULL means the bot's default."""

    # A one-to-one field as key gives `guild_id BIGINT PRIMARY KEY REFERENCES guild_guilds`, in a form that aerich
    # writes and compares rightly: the row is found by the guild's id and goes with the guild, without `ddl`.
    guild: fields.OneToOneRelation[Guild] = fields.OneToOneField(
        "models.Guild", related_name="config", source_field="guild_id", primary_key=True
    )
    guild_id: int
    prefix = fields.CharField(max_length=MAX_PREFIX_LENGTH, null=True)
    mod_log_id: int | None = fields.BigIntField(null=True)
    audit_log_id: int | None = fields.BigIntField(null=True)
    join_log_id: int | None = fields.BigIntField(null=True)
    private_log_id: int | None = fields.BigIntField(null=True)
    report_log_id: int | None = fields.BigIntField(null=True)
    dev_log_id: int | None = fields.BigIntField(null=True)
    log_channel_id: int | None = fields.BigIntField(null=True)
    jail_channel_id: int | None = fields.BigIntField(null=True)
    jail_role_id: int | None = fields.BigIntField(null=True)
    general_channel_id: int | None = fields.BigIntField(null=True)
    starboard_channel_id: int | None = fields.BigIntField(null=True)
    onboarding_stage = fields.CharField(
        max_length=20, default=OnboardingStage.NOT_STARTED.value, db_default=OnboardingStage.NOT_STARTED.value
    )

    class Meta(Model.Meta):
        """Where the rows are."""

        table = "guild_configs"

    ddl: ClassVar[tuple[Ddl, ...]] = (Check("prefix <> ''", name="guild_configs_prefix_check"),)


class GuildLevelRole(Model):
    """The role whose members have a permission level in a guild."""

    id: int = fields.BigIntField(primary_key=True)
    guild: fields.ForeignKeyRelation[Guild] = guild_key(related_name="level_roles")
    guild_id: int
    level: int = fields.SmallIntField()
    role_id: int = fields.BigIntField()

    class Meta(Model.Meta):
        """Where the rows are."""

        table = "guild_level_roles"
        unique_together = (("guild_id", "level"),)

    ddl: ClassVar[tuple[Ddl, ...]] = (Check(f"level BETWEEN 0 AND {MAX_LEVEL}", name="guild_level_roles_level_check"),)


class GuildMemberStatus(Model):
    """What a guild calls the state of one of its members, in its own words."""

    id: int = fields.BigIntField(primary_key=True)
    guild: fields.ForeignKeyRelation[Guild] = guild_key(related_name="member_statuses")
    guild_id: int
    user_id: int = user_column(forget="delete")
    status = fields.CharField(max_length=100)
    changed_at: datetime = fields.DatetimeField(default=now, db_default=Now())

    class Meta(Model.Meta):
        """Where the rows are."""

        table = "guild_member_statuses"
        unique_together = (("guild_id", "user_id"),)
