"""Tables of the polls plugin: polls, their options, and the members' votes."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from tortoise import fields

from tux.models import Check, Ddl, Index, Model, TimestampedModel, guild_key, text_column, user_column

if TYPE_CHECKING:
    from datetime import datetime

    from plugins.guild.models import Guild

MIN_OPTIONS = 2
# As many as there are digit emojis, and two rows of five buttons.
MAX_OPTIONS = 10
# As in Discord's own polls.
MAX_QUESTION_LENGTH = 300
# The label of a button takes 80 characters.
MAX_OPTION_LENGTH = 80


class Poll(TimestampedModel):
    """A question to the members of a guild."""

    id: int = fields.BigIntField(primary_key=True)
    guild: fields.ForeignKeyRelation[Guild] = guild_key(related_name="polls")
    guild_id: int
    channel_id: int = fields.BigIntField()
    # NULL until the message was sent.
    message_id: int | None = fields.BigIntField(null=True, unique=True)
    author_id: int | None = user_column(forget="null")
    question: str = text_column(max_length=MAX_QUESTION_LENGTH)
    ends_at: datetime | None = fields.DatetimeField(null=True)
    closed_at: datetime | None = fields.DatetimeField(null=True)

    class Meta(Model.Meta):
        """Where the rows are."""

        table = "polls_polls"

    ddl: ClassVar[tuple[Ddl, ...]] = (
        Index("guild_id", "-id", name="polls_polls_guild"),
        # The one question about all guilds: which polls are over.
        Index("ends_at", where="closed_at IS NULL AND ends_at IS NOT NULL", name="polls_polls_due"),
    )


class PollOption(Model):
    """One answer to choose, in its place from 1."""

    id: int = fields.BigIntField(primary_key=True)
    poll: fields.ForeignKeyRelation[Poll] = fields.ForeignKeyField(
        "models.Poll", related_name="options", on_delete=fields.CASCADE
    )
    poll_id: int
    position: int = fields.SmallIntField()
    text: str = text_column(max_length=MAX_OPTION_LENGTH)

    class Meta(Model.Meta):
        """Where the rows are."""

        table = "polls_options"
        unique_together = (("poll_id", "position"),)

    ddl: ClassVar[tuple[Ddl, ...]] = (
        Check(f"position BETWEEN 1 AND {MAX_OPTIONS}", name="polls_options_position_check"),
    )


class PollVote(TimestampedModel):
    """What a member chose; without an option the vote was taken back."""

    id: int = fields.BigIntField(primary_key=True)
    poll: fields.ForeignKeyRelation[Poll] = fields.ForeignKeyField(
        "models.Poll", related_name="votes", on_delete=fields.CASCADE
    )
    poll_id: int
    user_id: int = user_column(forget="delete")
    option: fields.ForeignKeyNullableRelation[PollOption] = fields.ForeignKeyField(
        "models.PollOption", related_name="votes", null=True, on_delete=fields.CASCADE
    )
    option_id: int | None

    class Meta(Model.Meta):
        """Where the rows are."""

        table = "polls_votes"
        unique_together = (("poll_id", "user_id"),)

    ddl: ClassVar[tuple[Ddl, ...]] = (Index("option_id", where="option_id IS NOT NULL", name="polls_votes_option"),)
