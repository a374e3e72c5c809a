"""A plugin that somebody dropped in, for checkers."""

from tux import Plugin

plugin = Plugin(name="shop", summary="Things for points", version="1.0.0", needs=("guild",))
