"""The one built-in plugin: settings and switches of plugins in each guild, `/plugins` and `/health`."""

from tux.plugin import Plugin

plugin = Plugin(
    name="core",
    summary="Settings and switches of plugins, states and health",
    version="1.0.0",
    privacy="none",
)
