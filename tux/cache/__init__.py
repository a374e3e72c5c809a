"""The cache in memory: bounded, with an age limit, and loaded once however many ask; it knows no database."""

from __future__ import annotations

from tux.cache.store import Cache, CacheStatistics, Store

__all__ = ["Cache", "CacheStatistics", "Store"]
