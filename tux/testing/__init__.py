"""Tests of plugins on a real PostgreSQL and, through a local Discord, on the real discord.py.

pytest finds the fixtures by itself (`tux.testing.plugin`): `db`, `fresh_db`, `discord`, `bot`. The names below work
anywhere; they are resolved on first use, because pytest imports this package in every project.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tux.testing.blocks import at, max_queries
    from tux.testing.databases import scratch_database
    from tux.testing.standin import stand_in

__all__ = ["at", "max_queries", "scratch_database", "stand_in"]

_HOMES = {
    "at": "tux.testing.blocks",
    "max_queries": "tux.testing.blocks",
    "scratch_database": "tux.testing.databases",
    "stand_in": "tux.testing.standin",
}


def __getattr__(name: str) -> object:
    """Import a public name from the module that defines it."""
    if name in _HOMES:
        return getattr(import_module(_HOMES[name]), name)
    raise AttributeError(f"module 'tux.testing' has no attribute {name!r}; it has {', '.join(__all__)}")
