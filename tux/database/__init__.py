"""The PostgreSQL side: engine, service, local server, schema state. It knows no plugin."""

from __future__ import annotations

from typing import TYPE_CHECKING

if not TYPE_CHECKING:  # to checkers, any misspelt module would be there

    def __getattr__(name: str) -> object:
        """Say what took the place of a name that older callers import from here."""
        from tux.database.translations import NAMES, missing_name

        if name in NAMES:
            raise missing_name(__name__, name, ())
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")  # Python looks for a module then
