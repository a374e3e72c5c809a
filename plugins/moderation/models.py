"""Tables of the moderation plugin: cases, the counter that numbers them, and what a guild chose for them."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, ClassVar

from tortoise import fields
from tortoise.fields.db_defaults import Now

from tux.clock import now
from tux.models import Check, Ddl, Index, Model, guild_key, text_column, user_column

if TYPE_CHECKING:
    from datetime import datetime

    from plugins.guild.models import Guild


MAX_TYPE_LENGTH = 40
MAX_TEMPLATE_LENGTH = 500


class CaseType(StrEnum):
    """The types that this plugin makes; the column holds text, because other plugins add their own."""

    BAN = "BAN"
    UNBAN = "UNBAN"
    HACKBAN = "HACKBAN"
    TEMPBAN = "TEMPBAN"
    KICK = "KICK"
    TIMEOUT = "TIMEOUT"
    UNTIMEOUT = "UNTIMEOUT"
    WARN = "WARN"
    JAIL = "JAIL"
    UNJAIL = "UNJAIL"
    SNIPPETBAN = "SNIPPETBAN"
    SNIPPETUNBAN = "SNIPPETUNBAN"
    POLLBAN = "POLLBAN"
    POLLUNBAN = "POLLUNBAN"


class Case(Model):
    """One thing that a moderator did to a user, numbered within the guild."""

    case_id: int = fields.BigIntField(primary_key=True)
    guild: fields.ForeignKeyRelation[Guild] = guild_key(related_name="cases")
    guild_id: int
    case_number: int = fields.IntField()
    case_type = fields.CharField(max_length=MAX_TYPE_LENGTH)
    case_user_id: int = user_column(
        forget="keep", reason="a ban or a warning must not end because its subject asks for deletion"
    )
    case_moderator_id: int = user_column(
        forget="keep", reason="whoever punishes a member stays answerable for it as long as the case stands"
    )
    case_reason: str | None = fields.TextField(null=True)
    # True while the case stands: a closed, voided or expired one is False.
    case_status = fields.BooleanField(default=True, db_default=True)
    # True once the end of a temporary case was carried out.
    case_processed = fields.BooleanField(default=False, db_default=False)
    # The roles that a jailed member had before, given back by unjail.
    case_user_roles: list[int] = fields.JSONField[list[int]](default=list, db_default=[])
    case_metadata: dict[str, object] | None = fields.JSONField[dict[str, object]](null=True)
    case_expires_at: datetime | None = fields.DatetimeField(null=True)
    case_created_at: datetime = fields.DatetimeField(default=now, db_default=Now())
    # True until Discord has carried the action out; who finds it so after `case_claimed_until` asks Discord.
    case_pending = fields.BooleanField(default=False, db_default=False)
    # A process is at work on the case and has until then; nobody else touches it before.
    case_claimed_until: datetime | None = fields.DatetimeField(null=True)
    mod_log_message_id: int | None = fields.BigIntField(null=True)
    # A voided case never took effect or was taken back; it stays, with the reason.
    case_voided_at: datetime | None = fields.DatetimeField(null=True)
    case_voided_by: int | None = user_column(forget="null", null=True)
    case_void_reason: str | None = fields.TextField(null=True)

    class Meta(Model.Meta):
        """Where the rows are."""

        table = "moderation_cases"
        unique_together = (("guild_id", "case_number"),)

    ddl: ClassVar[tuple[Ddl, ...]] = (
        Check("case_number > 0", name="moderation_cases_number_check"),
        # The unique pair above also serves the newest cases of a guild: PostgreSQL reads it backwards.
        Index("guild_id", "case_user_id", "-case_number", name="moderation_cases_user"),
        Index("guild_id", "case_moderator_id", "-case_number", name="moderation_cases_moderator"),
        # The two questions of due work, each over the few rows that it can concern: of all guilds in one query.
        Index(
            "case_expires_at",
            where="NOT case_processed AND case_expires_at IS NOT NULL",
            name="moderation_cases_due",
        ),
        Index("case_claimed_until", where="case_pending", name="moderation_cases_pending"),
    )


class CaseCounter(Model):
    """The last case number that a guild has given out; only `create_case` writes it."""

    guild: fields.OneToOneRelation[Guild] = fields.OneToOneField(
        "models.Guild", related_name="case_counter", source_field="guild_id", primary_key=True
    )
    guild_id: int
    last_number: int = fields.IntField()

    class Meta(Model.Meta):
        """Where the rows are."""

        table = "moderation_case_counters"


class GuildCaseKind(Model):
    """A type of case that a guild added."""

    id: int = fields.BigIntField(primary_key=True)
    guild: fields.ForeignKeyRelation[Guild] = guild_key(related_name="case_kinds")
    guild_id: int
    name: str = text_column(max_length=MAX_TYPE_LENGTH)
    # Completes "<member> was …".
    past: str = text_column(max_length=100)
    colour: int = fields.IntField()
    emoji = fields.CharField(max_length=80, default="", db_default="")
    # A case that restricts holds until it is closed; one that expires may be given a duration.
    restricts = fields.BooleanField(default=False, db_default=False)
    expires = fields.BooleanField(default=False, db_default=False)

    class Meta(Model.Meta):
        """Where the rows are."""

        table = "moderation_case_kinds"
        unique_together = (("guild_id", "name"),)

    ddl: ClassVar[tuple[Ddl, ...]] = (
        Check("colour BETWEEN 0 AND 16777215", name="moderation_case_kinds_colour_check"),
        Check("name ~ '^[A-Z][A-Z0-9_]*$'", name="moderation_case_kinds_name_check"),
    )


class ReasonTemplate(Model):
    """A reason that a guild's moderators need often, under a short name."""

    id: int = fields.BigIntField(primary_key=True)
    guild: fields.ForeignKeyRelation[Guild] = guild_key(related_name="reason_templates")
    guild_id: int
    name: str = text_column(max_length=30)
    text: str = text_column(max_length=MAX_TEMPLATE_LENGTH)

    class Meta(Model.Meta):
        """Where the rows are."""

        table = "moderation_reason_templates"
        unique_together = (("guild_id", "name"),)
