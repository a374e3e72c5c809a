"""Tux: discord.py bots whose features bring their own data.

The names below are resolved on first use, so that `import tux` costs nothing.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tux.bot import Tux
    from tux.cache import Cache
    from tux.cog import BaseCog, get_db, requires_rank
    from tux.coordinator import DatabaseCoordinator
    from tux.database.service import DatabaseService
    from tux.errors import TuxError, UserError
    from tux.manager import Manager, PaginationResult, derived
    from tux.migrations.steps import StepRun, step
    from tux.plugin import Plugin, SnapshotPart
    from tux.runtime import open_database
    from tux.runtime.sync import SyncDatabase

__version__ = "0.1.0"
__all__ = [
    "BaseCog",
    "Cache",
    "DatabaseCoordinator",
    "DatabaseService",
    "Manager",
    "PaginationResult",
    "Plugin",
    "SnapshotPart",
    "StepRun",
    "SyncDatabase",
    "Tux",
    "TuxError",
    "UserError",
    "derived",
    "get_db",
    "open_database",
    "requires_rank",
    "step",
]

_HOMES = {
    "BaseCog": "tux.cog",
    "Cache": "tux.cache",
    "DatabaseCoordinator": "tux.coordinator",
    "DatabaseService": "tux.database.service",
    "Manager": "tux.manager",
    "PaginationResult": "tux.manager",
    "Plugin": "tux.plugin",
    "SnapshotPart": "tux.plugin",
    "StepRun": "tux.migrations.steps",
    "SyncDatabase": "tux.runtime.sync",
    "Tux": "tux.bot",
    "TuxError": "tux.errors",
    "UserError": "tux.errors",
    "derived": "tux.manager",
    "get_db": "tux.cog",
    "open_database": "tux.runtime",
    "requires_rank": "tux.cog",
    "step": "tux.migrations.steps",
}


def __getattr__(name: str) -> object:
    """Import a public name from the module that defines it."""
    if name in _HOMES:
        return getattr(import_module(_HOMES[name]), name)
    raise AttributeError(f"module 'tux' has no attribute {name!r}; it has {', '.join(__all__)}")
