"""What hot paths read of a guild, loaded whole by one statement on first sight and read synchronously from then on.

The parts come from the manifests: `Plugin(contributes={"core.snapshot": (SnapshotPart(...),)})`. Whoever writes one of
their tables, by whatever path, drops the snapshots of the guild, or of all guilds when that cannot be told.
"""

from __future__ import annotations

from contextvars import ContextVar
from datetime import timedelta
from functools import partial
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from loguru import logger

from tux.cache import Cache, Store
from tux.database.engine import Transaction, active_client
from tux.errors import InvalidValue, StatementError
from tux.manager.deriving import refuse_mutable
from tux.manager.watching import watch_guild
from tux.models.meta import meta_of
from tux.plugin import SNAPSHOT
from tux.registry import State

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Iterable, Sequence

    from loguru import Logger

    from tux.database.engine import Client
    from tux.database.writes import Writes
    from tux.plugin import Snapshot, SnapshotPart
    from tux.registry import Registry

    Parts = tuple[SnapshotPart[Any], ...]

KEPT = Cache(max_rows=50_000, ttl=timedelta(hours=1))

first_sight: ContextVar[bool] = ContextVar("first_sight", default=False)
"""True in a listener whose event made the bot load the guild's snapshot: what can wait a little costs no more now."""


class Snapshots:
    """`await db.snapshot(guild_id)` loads what is not there; `db.snapshot.peek(guild_id)` gives what is, or None.

    `drop(guild_id)` is for a guild that the bot left. Inside a transaction a snapshot shows what the transaction sees,
    and is not kept.
    """

    def __init__(self, registry: Registry) -> None:
        self._registry = registry
        self._store: Store[Snapshot] = Store(KEPT)
        self._writes: Writes | None = None
        self._parts: Parts = ()
        self._broken: set[str] = set()
        self._watched: set[str] = set()
        self.peek: Callable[[Hashable], Snapshot | None] = self._store.peek
        self.drop = self._store.drop
        self.statistics = self._store.statistics

    async def __call__(self, guild_id: int) -> Snapshot:
        """Return a guild's snapshot; read a value by its part: `PREFIX.of(snapshot)`."""
        client = active_client()
        if isinstance(client, Transaction):
            return await self._read(client, self._ready_parts(), guild_id)
        if client.writes is not self._writes or self.peek(guild_id) is None:
            self._prepare(client.writes)
        return await self._store.get(guild_id, partial(self._load, client, guild_id), guild_id)

    def _ready_parts(self) -> Parts:
        return tuple(
            part
            for record in self._registry.records.values()
            if record.state is State.READY and record.plugin is not None
            for part in record.plugin.contributes.get(SNAPSHOT, ())
            if part.name not in self._broken
        )

    def _prepare(self, writes: Writes) -> None:
        """Watch the tables of all parts; what was kept goes when it is of another database, or has other parts."""
        parts = self._ready_parts()
        if writes is self._writes and parts == self._parts:
            return
        if writes is not self._writes:
            self._watched.clear()
        wanted = {table for part in parts for table in part.tables} - self._watched
        for model in self._registry.models():
            if meta_of(model).db_table in wanted:
                watch_guild(writes, model, self._store.drop)
                self._watched.add(meta_of(model).db_table)
        for part in parts:
            if unknown := set(part.tables) - self._watched:
                self._broken.add(part.name)
                _log(part).error("The snapshot part {} reads {}, which is no plugin's", part.name, ", ".join(unknown))
        self._writes, self._parts = writes, self._ready_parts()
        self._store.drop()

    async def _load(self, client: Client, guild_id: int) -> Snapshot:
        try:
            return await self._read(client, self._parts, guild_id)
        except (StatementError, InvalidValue):
            return await self._read_apart(client, guild_id)

    async def _read(self, client: Client | Transaction, parts: Parts, guild_id: int) -> Snapshot:
        row = await client.fetch_row(_statement(parts), (guild_id,))
        return _decoded(zip(parts, row or (), strict=False))

    async def _read_apart(self, client: Client, guild_id: int) -> Snapshot:
        """Read part by part, when the statement of all failed, and leave out from now on what fails alone."""
        found: list[tuple[SnapshotPart[Any], object]] = []
        for part in self._parts:
            try:
                row = await client.fetch_row(_statement((part,)), (guild_id,))
            except (StatementError, InvalidValue):
                self._broken.add(part.name)
                _report(part)
            else:
                found.append((part, row[0] if row else None))
        return _decoded(found)


def _statement(parts: Sequence[SnapshotPart[Any]]) -> str:
    # the guild's id is a column of its own, so that a part which does not ask for it changes nothing
    return f"SELECT {', '.join([f'({part.sql})' for part in parts] + ['$1::bigint'])}"


def _decoded(found: Iterable[tuple[SnapshotPart[Any], object]]) -> Snapshot:
    values: dict[str, object] = {}
    for part, raw in found:
        if raw is None:
            continue  # the part's default
        try:
            value = part.decode(raw)
            refuse_mutable(value, part.name)
        except Exception:  # noqa: BLE001 - one plugin's part must not take the others' values away
            _report(part)
        else:
            values[part.name] = value
    return MappingProxyType(values)


def _report(part: SnapshotPart[Any]) -> None:
    _log(part).opt(exception=True).error("The snapshot part {} failed; its default holds", part.name)


def _log(part: SnapshotPart[Any]) -> Logger:
    return logger.bind(plugin=part.name.partition(".")[0])
