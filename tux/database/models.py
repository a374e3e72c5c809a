"""The import path of older callers for models and enums: `from tux.database.models import Case`.

The registry fills it when a plugin is registered; this module knows no plugin.
"""

from __future__ import annotations

from tux.database.translations import missing_name

published: dict[str, object] = {}


def __getattr__(name: str) -> object:
    """Return a model or enum that a plugin registered, or say what took the place of an older name."""
    if name in published:
        return published[name]
    raise missing_name(__name__, name, published)
