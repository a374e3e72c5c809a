"""The one built-in plugin: settings and switches of plugins in each guild, `/plugins` and `/health`."""

from __future__ import annotations

import json
from types import MappingProxyType
from typing import TYPE_CHECKING

from tux.plugin import SNAPSHOT, Plugin, SnapshotPart

if TYPE_CHECKING:
    from collections.abc import Mapping


SWITCHES: SnapshotPart[Mapping[str, bool]] = SnapshotPart(
    "core.switches",
    "SELECT jsonb_object_agg(plugin, enabled) FROM core_switches WHERE guild_id = $1",
    ("core_switches",),
    MappingProxyType({}),
    lambda text: MappingProxyType(json.loads(text)),
)
"""What the guild decided itself: whether a plugin is on."""

SETTINGS: SnapshotPart[Mapping[str, str]] = SnapshotPart(
    "core.settings",
    "SELECT jsonb_object_agg(plugin, changed::text) FROM core_settings WHERE guild_id = $1",
    ("core_settings",),
    MappingProxyType({}),
    lambda text: MappingProxyType(json.loads(text)),
)
"""What the guild changed in the settings of plugins, each as a JSON text."""

plugin = Plugin(
    name="core",
    summary="Settings and switches of plugins, states and health",
    version="1.0.0",
    privacy="none",
    contributes={SNAPSHOT: (SWITCHES, SETTINGS)},
)
