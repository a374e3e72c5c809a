"""What the bot knows of a guild: its row, its channels and roles, its prefix."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING

from tux.plugin import SNAPSHOT, Plugin, SnapshotPart

if TYPE_CHECKING:
    from collections.abc import Mapping

PREFIX: SnapshotPart[str | None] = SnapshotPart(
    "guild.prefix", "SELECT prefix FROM guild_configs WHERE guild_id = $1", ("guild_configs",), None
)
"""The guild's own prefix; None: the bot's default."""

LEVELS: SnapshotPart[Mapping[int, int]] = SnapshotPart(
    "guild.levels",
    "SELECT array_agg(ARRAY[role_id, level] ORDER BY level) FROM guild_level_roles WHERE guild_id = $1",
    ("guild_level_roles",),
    MappingProxyType({}),
    lambda pairs: MappingProxyType(dict(pairs)),
)
"""Permission levels by role id; a role with several levels has its highest."""

plugin = Plugin(
    name="guild",
    summary="Guilds and their configuration: prefix, log channels, jail, level roles",
    version="1.0.0",
    contributes={SNAPSHOT: (PREFIX, LEVELS)},
)
