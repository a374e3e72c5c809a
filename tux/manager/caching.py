"""Cached reads of rows: kept in memory until the scope that they are in is written, by whatever path.

What is kept belongs to a database, not to a manager, and is dropped scope by scope: a guild where the table has guilds,
else a row. Inside a transaction nothing is read from a cache or kept in one: it may see what nobody else does.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any, ClassVar, cast

from tux.cache import Cache, CacheStatistics, Store
from tux.database.engine import Transaction, active_client
from tux.manager.core import Identity, M, ManagerCore
from tux.manager.watching import scope_field, watched_of
from tux.models.meta import from_row

if TYPE_CHECKING:
    import asyncpg

    from tux.database.writes import Writes


class Caching(ManagerCore[M]):
    """`class GuildConfigManager(Manager[GuildConfig], name="guild_config", cache=Cache(max_rows=1000))`."""

    cache: ClassVar[Cache | None] = None

    def __init_subclass__(cls, *, cache: Cache | None = None, **options: Any) -> None:
        super().__init_subclass__(**options)
        if cache is not None:
            cls.cache = cache

    def cache_statistics(self) -> CacheStatistics:
        """Return how often `get_by_id` found its answer in memory, in the database at hand; all 0 without a cache."""
        return CacheStatistics(0, 0, 0) if self.cache is None else self._store(active_client().writes).statistics()

    async def cached_row(self, identity: Identity, sql: str, values: list[object]) -> M | None:
        """Return the row with an identity, which `sql` reads, as an instance of the caller's own."""
        client = active_client()
        if isinstance(client, Transaction):
            return await self.row(sql, *values)
        store = self._store(client.writes)
        load = partial(client.fetch_row, sql, values)
        record = await store.get((sql, *values), load, self._scope_in(identity, values))
        return None if record is None else from_row(self.model, record)

    def _store(self, writes: Writes) -> Store[asyncpg.Record | None]:
        key = type(self)
        store = cast("Store[asyncpg.Record | None] | None", writes.stores.get(key))
        if store is None:
            watched = watched_of(self.model)
            store = Store(self.cache or Cache(), partial(_scope_of, watched.scope))
            writes.watch(watched, store.drop)
            writes.stores[key] = store
        return store

    def _scope_in(self, identity: Identity, values: list[object]) -> int | None:
        table = self.table
        identified = table.composite if isinstance(identity, tuple) else (table.key,)
        name = scope_field(self.model)
        found = [value for field, value in zip(identified, values, strict=False) if field.name == name]
        return found[0] if found and isinstance(found[0], int) else None


def _scope_of(column: str | None, record: asyncpg.Record | None) -> int | None:
    value = None if record is None or column is None else record[column]
    return value if isinstance(value, int) else None
