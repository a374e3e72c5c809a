"""What plugins declare their tables with; it knows no database connection and no plugin."""

from __future__ import annotations

from tux.models.base import Model, TimestampedModel
from tux.models.columns import Column, Relation, column, relation
from tux.models.ddl import Check, Ddl, Exclude, Index, SearchIndex, Sql
from tux.models.marks import FieldMark, field_mark, guild_column, guild_key, user_column
from tux.models.matched import Matched
from tux.models.mixins import LIVE, SoftDeleteModel, UuidModel
from tux.models.texts import text_column

__all__ = [
    "LIVE",
    "Check",
    "Column",
    "Ddl",
    "Exclude",
    "FieldMark",
    "Index",
    "Matched",
    "Model",
    "Relation",
    "SearchIndex",
    "SoftDeleteModel",
    "Sql",
    "TimestampedModel",
    "UuidModel",
    "column",
    "field_mark",
    "guild_column",
    "guild_key",
    "relation",
    "text_column",
    "user_column",
]
