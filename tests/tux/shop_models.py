"""Small models for the tests of models and managers: every kind of column, key and relation once."""

from __future__ import annotations

from enum import IntEnum, StrEnum
from typing import TYPE_CHECKING, Any

from tortoise import fields
from tortoise.contrib.postgres.fields import ArrayField
from tortoise.fields.db_defaults import Now

from tux.models import (
    LIVE,
    Check,
    Index,
    Matched,
    Model,
    SearchIndex,
    SoftDeleteModel,
    TimestampedModel,
    UuidModel,
    guild_key,
    user_column,
)

if TYPE_CHECKING:
    from datetime import datetime, timedelta
    from decimal import Decimal
    from uuid import UUID


class Rank(StrEnum):
    MEMBER = "MEMBER"
    ADMIN = "ADMIN"


class Size(IntEnum):
    SMALL = 1
    LARGE = 2


class Guild(Model):
    guild_id: int = fields.BigIntField(primary_key=True, generated=False)
    guild_name: str = fields.CharField(max_length=100, default="unnamed")
    joined_at: datetime = fields.DatetimeField(auto_now_add=True)

    class Meta(Model.Meta):
        table = "shop_guilds"


class GuildSetting(Model):
    guild = fields.OneToOneField("models.Guild", related_name="setting", source_field="guild_id", primary_key=True)
    guild_id: int
    prefix: str | None = fields.CharField(max_length=5, null=True)
    colour: str = fields.CharField(max_length=10, db_default="blue")

    class Meta(Model.Meta):
        table = "shop_guild_settings"


class Member(TimestampedModel):
    guild = guild_key(related_name="members")
    guild_id: int
    member_id: int = user_column(forget="delete")
    name: str = fields.CharField(max_length=12, default="nobody")
    xp: float = fields.FloatField(default=0)
    level: int = fields.IntField(default=0)
    rank: Rank = fields.CharEnumField(Rank, default=Rank.MEMBER, max_length=10, description="rank")
    is_active: bool = fields.BooleanField(default=True)
    note: str | None = fields.TextField(null=True)
    seen_at: datetime | None = fields.DatetimeField(null=True)
    extra: Any = fields.JSONField(null=True)

    class Meta(Model.Meta):
        table = "shop_members"
        unique_together = (("member_id", "guild_id"),)

    ddl = (Check("xp >= 0"), Index("guild_id", "-xp"))


class Team(Model):
    name: str = fields.CharField(max_length=20, unique=True, source_field="team_name")
    hits: int = fields.SmallIntField(default=0)
    members = fields.ManyToManyField("models.Member", related_name="teams", through="shop_team_members")

    class Meta(Model.Meta):
        table = "shop_teams"
        ordering = ("-name",)


class Shelf(Model):
    """Nothing in it must be given but the key."""

    id: int = fields.BigIntField(primary_key=True, generated=False)
    label: str | None = fields.CharField(max_length=20, null=True)

    class Meta(Model.Meta):
        table = "shop_shelves"


class Box(Model):
    """Unique in two ways; the first identifies."""

    shelf = fields.ForeignKeyField("models.Shelf", related_name="boxes")
    shelf_id: int
    place: int = fields.IntField(default=1)
    weight: int = fields.IntField(default=1)

    class Meta(Model.Meta):
        table = "shop_boxes"
        unique_together = (("shelf", "place"), ("shelf", "weight"))


class Thing(Model):
    """One column of each remaining type."""

    id: UUID = fields.UUIDField(primary_key=True)
    code: str | None = fields.CharField(max_length=8, null=True, unique=True)
    price: Decimal | None = fields.DecimalField(max_digits=6, decimal_places=2, null=True)
    size: Size | None = fields.IntEnumField(Size, null=True)
    span: timedelta | None = fields.TimeDeltaField(null=True)
    data: bytes | None = fields.BinaryField(null=True)
    day: Any = fields.DateField(null=True)
    clock: Any = fields.TimeField(null=True)
    numbers: Any = ArrayField(element_type="int", null=True)
    tags: Any = fields.JSONField(default=list)
    made_at: datetime = fields.DatetimeField(db_default=Now())

    class Meta(Model.Meta):
        table = "shop_things"


class Note(SoftDeleteModel, TimestampedModel):
    """Hidden when deleted; a title may be used again then."""

    guild = guild_key(related_name="notes")
    guild_id: int
    author = fields.ForeignKeyField("models.Member", related_name="notes", null=True, on_delete=fields.SET_NULL)
    author_id: int | None
    title: str = fields.CharField(max_length=20)
    text: str = fields.TextField(default="")
    stars: int = fields.IntField(default=0)
    labels: Any = ArrayField(element_type="text", default=list)
    extra: Any = fields.JSONField(default=dict)

    class Meta(Model.Meta):
        table = "shop_notes"

    ddl = (
        Index("guild_id", "title", unique=True, where=LIVE),
        Index("extra jsonb_path_ops", using="gin"),
        Index("labels", using="gin"),
        SearchIndex("title", "text", language="english"),
        Index("guild_id", "-stars"),
    )


class Receipt(UuidModel, SoftDeleteModel):
    """With a key that hidden rows keep."""

    number: int = fields.IntField(unique=True)
    notes = Matched(Note, number="stars")
    total: Decimal = fields.DecimalField(max_digits=8, decimal_places=2, default=0)

    class Meta(Model.Meta):
        table = "shop_receipts"
