"""The import path of older callers for managers: `from tux.database.controllers import CaseController`.

`CaseController` and `CaseManager` are one class. The registry fills this when a plugin is registered.
"""

from __future__ import annotations

published: dict[str, object] = {}

_TRANSLATIONS = {
    "BaseController": "subclass tux.Manager: class CaseManager(Manager[Case], name='case')",
    "DatabaseManager": "use tux.DatabaseService, or tux.open_database() for scripts",
    "DatabaseClient": "use tux.DatabaseService, or tux.open_database() for scripts",
}


def __getattr__(name: str) -> object:
    """Return a manager that a plugin registered, or say what took the place of an older name."""
    if name in published:
        return published[name]
    if name in _TRANSLATIONS:
        raise AttributeError(f"{name} does not exist here; {_TRANSLATIONS[name]}")
    known = ", ".join(sorted(published)) or "none: no plugin is registered yet"
    raise AttributeError(f"no registered plugin has a manager {name!r}; there are: {known}")
