"""The table of the afk plugin."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from tortoise import fields
from tortoise.fields.db_defaults import Now

from plugins.afk.holds import Hold
from tux.clock import now
from tux.models import Ddl, Index, Model, guild_key, user_column

if TYPE_CHECKING:
    from datetime import datetime

    from plugins.guild.models import Guild

# Discord: a nickname has at most 32 characters.
# https://discord.com/developers/docs/resources/user#usernames-and-nicknames
MAX_NICKNAME_LENGTH = 32


class AfkEntry(Model):
    """A member who is away from a guild; the row goes when they are back."""

    id: int = fields.BigIntField(primary_key=True)
    guild: fields.ForeignKeyRelation[Guild] = guild_key(related_name="afk_entries")
    guild_id: int
    user_id: int = user_column(forget="delete")
    afk_message: str = fields.TextField()
    since: datetime = fields.DatetimeField(default=now, db_default=Now())
    # From then on the member counts as back, whether or not the row is gone already.
    until: datetime | None = fields.DatetimeField(null=True)
    # Stays away although they write.
    permanent = fields.BooleanField(default=False, db_default=False)
    # Cannot come back before `until`: a time-out that the member asked for.
    enforced = fields.BooleanField(default=False, db_default=False)
    # What the member was called before, given back in the end.
    nickname = fields.CharField(max_length=MAX_NICKNAME_LENGTH, null=True)
    # A process is at work on the end of this entry until then.
    claimed_until: datetime | None = fields.DatetimeField(null=True)

    @property
    def hold(self) -> Hold:
        """What it takes to end the entry before its time."""
        return Hold.RELEASE if self.enforced else Hold.ASKING if self.permanent else Hold.WRITING

    class Meta(Model.Meta):
        """Where the rows are."""

        table = "afk_entries"
        unique_together = (("user_id", "guild_id"),)

    ddl: ClassVar[tuple[Ddl, ...]] = (
        Index("guild_id", "since", name="afk_entries_guild"),
        # Of all guilds: those that are over are found in one read.
        Index("until", where="until IS NOT NULL", name="afk_entries_due"),
    )
