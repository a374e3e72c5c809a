"""`commands` is what members use and what Discord tells; `keeper` keeps the posts as they ought to be."""

from plugins.starboard.cog.commands import StarboardCog

__all__ = ["StarboardCog"]
