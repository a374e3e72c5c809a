"""The table of the audit plugin."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from tortoise import fields

from tux.clock import now
from tux.models import Ddl, Index, Model, guild_key, text_column, user_column

if TYPE_CHECKING:
    from datetime import datetime

    from plugins.guild.models import Guild

MAX_ACTION_LENGTH = 100
_KEPT = "a server can only be run if its staff see who changed what; entries go when the server's retention is over"


class AuditEntry(Model):
    """One change; it is written once, with the change itself, and never edited."""

    id: int = fields.BigIntField(primary_key=True)
    guild: fields.ForeignKeyRelation[Guild] = guild_key(related_name="audit_entries")
    guild_id: int
    actor_id: int = user_column(forget="keep", reason=_KEPT)
    # What was done, as `area.verb`: "case.create", "config.update".
    action: str = text_column(max_length=MAX_ACTION_LENGTH)
    # Whom or what it was done to: a user, a role, a channel, a row.
    target_id: int | None = user_column(forget="keep", reason=_KEPT, null=True)
    before: Any = fields.JSONField[Any](null=True)
    after: Any = fields.JSONField[Any](null=True)
    reason: str | None = fields.TextField(null=True)
    created_at: datetime = fields.DatetimeField(default=now)

    class Meta(Model.Meta):
        """Where the rows are."""

        table = "audit_entries"

    ddl: ClassVar[tuple[Ddl, ...]] = (
        Index("guild_id", "-created_at", "-id", name="audit_entries_newest"),
        Index("guild_id", "actor_id", "-created_at", "-id", name="audit_entries_actor"),
        Index("guild_id", "target_id", "-created_at", "-id", name="audit_entries_target"),
        # Rows are only ever added, in the order of time: a few pages find the old ones of all guilds.
        Index("created_at", using="brin", name="audit_entries_age"),
    )
