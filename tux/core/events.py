"""What core tells others."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class PluginSwitched:
    """A guild switched a plugin on or off."""

    guild_id: int
    plugin: str
    enabled: bool
