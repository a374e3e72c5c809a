"""The import path of older callers for models and enums: `from tux.database.models import Case`.

The registry fills it when a plugin is registered; this module knows no plugin.
"""

from __future__ import annotations

published: dict[str, object] = {}


def __getattr__(name: str) -> object:
    """Return a model or enum that a plugin registered."""
    if name in published:
        return published[name]
    known = ", ".join(sorted(published)) or "none: no plugin is registered yet"
    raise AttributeError(f"no registered plugin has a model or enum {name!r}; there are: {known}")
