"""What the framework itself keeps about each guild."""

from __future__ import annotations

from typing import Any

from tortoise import fields

from tux.models import Model, TimestampedModel, guild_column


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
