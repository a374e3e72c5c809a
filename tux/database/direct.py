"""The connection that statements run on: asyncpg's, which knows what its session may hold and takes a short way to it.

asyncpg passes a statement through five coroutines and sets a timer for it. A statement that a connection has prepared
already goes to the protocol at once, while asyncpg does just what is repeated here; one guard looks after all that run.
"""

from __future__ import annotations

from inspect import signature
from time import monotonic
from typing import TYPE_CHECKING, Any, cast

import asyncpg
from asyncpg.exceptions import OutdatedSchemaCacheError
from asyncpg.protocol.protocol import NO_TIMEOUT, BaseProtocol
from loguru import logger

from tux.database.leftovers import leaves_nothing
from tux.settings import FAST

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, Sequence

    from asyncpg.pool import PoolConnectionProxy

STALE = (asyncpg.InvalidCachedStatementError, OutdatedSchemaCacheError)
"""What a statement raises that was prepared before the schema changed; `DatedConnection.recover` knows what to do."""

# The names that asyncpg's own way uses: while they are these, the short one does the same.
_KNOWN = {
    "_Connection__execute": {"_do_execute", "_get_timeout", "_protocol", "_query_loggers", "_time_and_log"},
    "_do_execute": {
        "InvalidCachedStatementError", "OutdatedSchemaCacheError", "_do_execute", "_drop_global_statement_cache",
        "_get_statement", "_protocol", "exceptions", "is_in_transaction", "monotonic", "reload_schema_state", "time",
    },
    "_execute": {"_Connection__execute", "_stmt_exclusive_section"},
}  # fmt: skip
_PARAMETERS = ["self", "state", "args", "portal_name", "limit", "return_extra", "timeout"]


def _is_known() -> bool:
    own: dict[str, Any] = {name: getattr(asyncpg.Connection, name, None) for name in _KNOWN}
    moved = [name for name, way in own.items() if way is None or set(way.__code__.co_names) != _KNOWN[name]]
    if list(signature(cast("Any", BaseProtocol).bind_execute).parameters) != _PARAMETERS:
        moved.append("bind_execute")
    if moved:
        logger.warning("asyncpg runs statements in a new way, so its own way is taken: {}", moved)
    return not moved


IS_ON = FAST and _is_known()


class DatedConnection(asyncpg.Connection):
    """A connection that knows when it was made, by the monotonic clock, and what its session may hold.

    `handle` is what the pool knows it by. Where `is_guarded`, somebody cuts the statement that began at `since` when it
    takes too long; that is 0 while none runs.
    """

    __slots__ = ("born", "handle", "is_busy", "is_cut", "is_guarded", "is_touched", "since")
    born: float
    since: float
    is_busy: bool
    is_touched: bool
    is_guarded: bool
    is_cut: bool
    handle: PoolConnectionProxy[asyncpg.Record] | None

    if TYPE_CHECKING:  # asyncpg's own, which `_is_known` looks after
        _query_loggers: set[object]
        _stmt_cache: Any
        _protocol: Any
        _execute: Callable[..., Coroutine[Any, Any, Any]]

    def start(self, *, is_guarded: bool) -> None:
        """Make a new connection a clean one of this moment."""
        self.born, self.since, self.handle = monotonic(), 0.0, None
        self.is_busy = self.is_touched = self.is_cut = False
        self.is_guarded = is_guarded

    def itself(self) -> DatedConnection:
        """Return the connection, also when the handle is asked, which passes on what it does not know."""
        return self

    def cut(self) -> None:
        """Close the connection under a statement that takes too long."""
        self.is_cut = True
        self.terminate()

    def begin(self, sql: str) -> None:
        """Note a statement that is about to be sent."""
        self.is_busy = True
        if not leaves_nothing(sql):
            self.is_touched = True

    def end(self) -> None:
        """Note that the statement has ended well; after one that did not, nobody knows what goes on."""
        self.is_busy = False

    def ask(self, sql: str, args: Sequence[object], limit: int, *, with_tag: bool) -> Coroutine[Any, Any, Any]:
        """Return what gives a statement's rows when it is awaited: at most `limit` of them, unless that is 0.

        `with_tag` gives the rows, the command tag as bytes, and whether these were all rows.
        """
        if IS_ON and not self._query_loggers:
            statement = self._stmt_cache.get((sql, self._protocol.get_record_class(), False))
            if statement is not None:
                timeout = None
                if self.is_guarded:
                    self.since, timeout = monotonic(), NO_TIMEOUT
                send: Callable[..., Coroutine[Any, Any, Any]] = self._protocol.bind_execute
                return send(statement, args, "", limit, with_tag, timeout)
        return self._execute(sql, args, limit, None, return_status=with_tag)

    async def recover(self, error: Exception, sql: str, args: Sequence[object], limit: int, *, with_tag: bool) -> Any:
        """Return what `ask` does, for a statement that failed with one of STALE before it ran; raise after one that ran."""
        if isinstance(error, OutdatedSchemaCacheError):
            await self.reload_schema_state()
            raise error
        return await self._execute(sql, args, limit, None, return_status=with_tag)  # asyncpg prepares it anew

    def is_clean(self) -> bool:
        """Whether the session is as it was when the connection was made."""
        return FAST and not (self.is_touched or self.is_busy or self.is_closed() or self.is_in_transaction())

    def get_reset_query(self) -> str:
        """Return asyncpg's reset with the temporary tables, which it forgets; nothing for a clean session."""
        if self.is_clean():
            return ""
        self.is_touched = self.is_busy = False  # a reset that fails closes the connection
        return f"{super().get_reset_query()}\nDISCARD TEMP;"
