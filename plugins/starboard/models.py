"""Tables of the starboard plugin: each guild's board, and the messages that came onto it."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from tortoise import fields
from tortoise.validators import MinValueValidator

from tux.models import Check, Ddl, Index, Model, TimestampedModel, guild_key, text_column, user_column

if TYPE_CHECKING:
    from datetime import datetime
    from uuid import UUID

    from plugins.guild.models import Guild

DEFAULT_EMOJI = "⭐"
DEFAULT_THRESHOLD = 3
# `<a:name:id>` with a name of 32 characters and an id of 20.
MAX_EMOJI_LENGTH = 60


class Starboard(TimestampedModel):
    """Where a guild's starred messages are shown, and how many stars it takes."""

    id: int = fields.BigIntField(primary_key=True)
    guild: fields.ForeignKeyRelation[Guild] = guild_key(related_name="starboards")
    guild_id: int
    channel_id: int = fields.BigIntField()
    # The emoji itself, or a custom one as Discord writes it in messages: <:name:id>, <a:name:id>.
    emoji: str = text_column(max_length=MAX_EMOJI_LENGTH, default=DEFAULT_EMOJI)
    threshold: int = fields.IntField(default=DEFAULT_THRESHOLD, validators=[MinValueValidator(1)])

    class Meta(Model.Meta):
        """Where the rows are."""

        table = "starboard_boards"
        unique_together = (("guild_id",),)

    ddl: ClassVar[tuple[Ddl, ...]] = (Check("threshold >= 1", name="starboard_boards_threshold_check"),)


class StarboardMessage(TimestampedModel):
    """A message that has, or once had, enough stars."""

    id: int = fields.BigIntField(primary_key=True)
    guild: fields.ForeignKeyRelation[Guild] = guild_key(related_name="starboard_messages")
    guild_id: int
    original_message_id: int = fields.BigIntField()
    original_channel_id: int = fields.BigIntField()
    author_id: int = user_column(forget="delete")
    star_count: int = fields.IntField(default=0, validators=[MinValueValidator(0)])
    # The post on the starboard; NULL while there is none.
    starboard_message_id: int | None = fields.BigIntField(null=True, unique=True)
    starboard_channel_id: int | None = fields.BigIntField(null=True)
    # Whoever holds the claim posts; one that was not used in time may be taken over.
    claim: UUID | None = fields.UUIDField(null=True)
    claimed_at: datetime | None = fields.DatetimeField(null=True)

    class Meta(Model.Meta):
        """Where the rows are."""

        table = "starboard_messages"
        unique_together = (("original_message_id",),)

    ddl: ClassVar[tuple[Ddl, ...]] = (
        Check("star_count >= 0", name="starboard_messages_star_count_check"),
        Index("guild_id", "-star_count", "id", name="starboard_messages_top"),
        Index("claimed_at", where="claim IS NOT NULL", name="starboard_messages_claims"),
    )
