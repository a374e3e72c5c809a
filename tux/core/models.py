"""What the framework itself keeps about each guild."""

from __future__ import annotations

from datetime import datetime  # noqa: TC003 - Tortoise reads the annotations
from typing import Any, ClassVar

from tortoise import fields

from tux.models import Ddl, Index, Model, TimestampedModel, guild_column


class PluginSetting(TimestampedModel):
    """The settings that a guild has changed in one plugin; what is absent has its default."""

    id: int = fields.BigIntField(primary_key=True)
    guild_id: int = guild_column()
    plugin = fields.CharField(max_length=30)
    changed = fields.JSONField[dict[str, Any]](default=dict)

    class Meta(Model.Meta):
        """Where the rows are."""

        table = "core_settings"
        unique_together = (("guild_id", "plugin"),)


class PluginSwitch(TimestampedModel):
    """A guild's own decision to have a plugin on or off; without a row the manifest's `default_on` holds."""

    id: int = fields.BigIntField(primary_key=True)
    guild_id: int = guild_column()
    plugin = fields.CharField(max_length=30)
    enabled = fields.BooleanField()

    class Meta(Model.Meta):
        """Where the rows are."""

        table = "core_switches"
        unique_together = (("guild_id", "plugin"),)


class GuildPurge(Model):
    """A guild that the bot left, whose data are deleted when the time has come, unless the bot is back by then."""

    guild_id: int = guild_column(primary_key=True, generated=False)
    left_at: datetime = fields.DatetimeField()
    due_at: datetime = fields.DatetimeField()

    class Meta(Model.Meta):
        """Where the rows are."""

        table = "core_purges"

    ddl: ClassVar[tuple[Ddl, ...]] = (Index("due_at", name="core_purges_due"),)


class AppliedMigration(Model):
    """What an applied migration file held, so that one that was edited afterwards is noticed."""

    version = fields.CharField(max_length=255, primary_key=True)
    digest = fields.CharField(max_length=64)
    applied_at: datetime = fields.DatetimeField()
    took_seconds: float = fields.FloatField()

    class Meta(Model.Meta):
        """Where the rows are; tux.migrations writes them."""

        table = "core_migrations"


class DataStep(Model):
    """How far a data step of a plugin is: done with `finished_at`, else to be resumed at `position`."""

    id: int = fields.BigIntField(primary_key=True)
    plugin = fields.CharField(max_length=30)
    name = fields.CharField(max_length=60)
    position = fields.JSONField[Any](null=True)
    rows_done: int = fields.BigIntField(db_default=0, default=0)
    started_at: datetime = fields.DatetimeField()
    finished_at: datetime | None = fields.DatetimeField(null=True)

    class Meta(Model.Meta):
        """Where the rows are; tux.migrations writes them."""

        table = "core_steps"
        unique_together = (("plugin", "name"),)
