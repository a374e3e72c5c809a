"""The table of the snippets plugin."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from tortoise import fields
from tortoise.fields.db_defaults import Now

from tux.clock import now
from tux.models import Check, Ddl, Index, Model, guild_key, user_column

if TYPE_CHECKING:
    from datetime import datetime

    from plugins.guild.models import Guild

MAX_NAME_LENGTH = 100


class Snippet(Model):
    """A text under a name, or another name for one: either `snippet_content` or `alias` is set."""

    snippet_id: int = fields.BigIntField(primary_key=True)
    guild: fields.ForeignKeyRelation[Guild] = guild_key(related_name="snippets")
    guild_id: int
    snippet_name = fields.CharField(max_length=MAX_NAME_LENGTH)
    snippet_content: str | None = fields.TextField(null=True)
    # The name that this one stands for. A name and no key, so that it outlives the snippet and finds its successor.
    alias = fields.CharField(max_length=MAX_NAME_LENGTH, null=True)
    # The text is the guild's once it is stored; only who wrote it is forgotten.
    snippet_user_id: int | None = user_column(forget="null", null=True)
    snippet_created_at: datetime = fields.DatetimeField(default=now, db_default=Now())
    uses: int = fields.BigIntField(default=0, db_default=0)
    locked = fields.BooleanField(default=False, db_default=False)

    class Meta(Model.Meta):
        """Where the rows are."""

        table = "snippets_snippets"
        unique_together = (("guild_id", "snippet_name"),)

    ddl: ClassVar[tuple[Ddl, ...]] = (
        Check("snippet_name <> ''", name="snippets_snippets_name_check"),
        Check("num_nonnulls(snippet_content, alias) = 1", name="snippets_snippets_content_check"),
        Check("uses >= 0", name="snippets_snippets_uses_check"),
        # In bytewise order, whatever the database's own is, a name's beginning is a range of this index.
        Index("guild_id", 'lower(snippet_name) COLLATE "C"', name="snippets_snippets_spelling"),
        Index("guild_id", "-uses", "snippet_id", name="snippets_snippets_popular"),
    )
