"""The import path of older callers for managers: `from tux.database.controllers import CaseController`.

`CaseController` and `CaseManager` are one class. The registry fills this when a plugin is registered.
"""

from __future__ import annotations

from tux.database.translations import missing_name

published: dict[str, object] = {}


def __getattr__(name: str) -> object:
    """Return a manager that a plugin registered, or say what took the place of an older name."""
    if name in published:
        return published[name]
    raise missing_name(__name__, name, published)
