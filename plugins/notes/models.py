"""The table of the notes plugin."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from tortoise import fields

from tux.models import Ddl, Index, Model, TimestampedModel, guild_key, text_column, user_column

if TYPE_CHECKING:
    from plugins.guild.models import Guild

# A field of an embed takes 1024 characters.
MAX_NOTE_LENGTH = 1000


class Note(TimestampedModel):
    """What one moderator noted about a member."""

    id: int = fields.BigIntField(primary_key=True)
    guild: fields.ForeignKeyRelation[Guild] = guild_key(related_name="notes")
    guild_id: int
    user_id: int = user_column(
        forget="keep", reason="what moderators know of a member must not end because the member asks for deletion"
    )
    author_id: int | None = user_column(forget="null")
    content: str = text_column(max_length=MAX_NOTE_LENGTH)

    class Meta(Model.Meta):
        """Where the rows are."""

        table = "notes_notes"

    ddl: ClassVar[tuple[Ddl, ...]] = (Index("guild_id", "user_id", "-id", name="notes_notes_member"),)
