"""Everything but Discord: registry, connection, schema and coordinator, opened and closed together."""

from __future__ import annotations

from tux.runtime.opening import load_registry, open_database, open_runtime

__all__ = ["load_registry", "open_database", "open_runtime"]
