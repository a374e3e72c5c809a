"""The import path of older callers: `from tux.core.base_cog import BaseCog`."""

from tux.cog import BaseCog

__all__ = ["BaseCog"]
