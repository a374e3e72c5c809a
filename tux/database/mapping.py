"""Turns what asyncpg raises into the errors of tux.errors; the only module that knows SQLSTATE codes.

https://www.postgresql.org/docs/current/errcodes-appendix.html
"""

from __future__ import annotations

import re
import socket
from typing import TYPE_CHECKING, Final

import asyncpg

from tux.errors import (
    CheckViolation,
    ConnectionLost,
    DatabaseConnectionError,
    DatabaseError,
    ForeignKeyViolation,
    InvalidValue,
    LockNotAvailable,
    NotNullViolation,
    StatementError,
    StatementTimeout,
    TransactionAborted,
    TransactionConflict,
    TransactionMisuse,
    UniqueViolation,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

DRIVER_ERRORS: Final = (
    asyncpg.PostgresError,
    asyncpg.InterfaceError,
    asyncpg.InternalClientError,
    OSError,  # TimeoutError is one
)

_BY_STATE: Final[Mapping[str, type[DatabaseError]]] = {
    "23001": ForeignKeyViolation,
    "23502": NotNullViolation,
    "23503": ForeignKeyViolation,
    "23505": UniqueViolation,
    "25P02": TransactionAborted,
    "25P03": ConnectionLost,
    "40001": TransactionConflict,
    "40P01": TransactionConflict,
    "55P03": LockNotAvailable,
    "57014": StatementTimeout,
    "57P01": ConnectionLost,
    "57P02": ConnectionLost,
    "57P03": ConnectionLost,
    "57P05": ConnectionLost,
}
_BY_CLASS: Final[Mapping[str, type[DatabaseError]]] = {
    "08": ConnectionLost,
    "22": InvalidValue,
    "23": CheckViolation,
    "25": TransactionMisuse,
}

# DETAIL is translated, but "(columns)=(values)" is the same in every language.
_KEY: Final = re.compile(r"\(([^()]+)\)=\(")
_STALE_PLAN: Final = (asyncpg.InvalidCachedStatementError, asyncpg.OutdatedSchemaCacheError)

_NOBODY: Final = "nobody listens there; start PostgreSQL, or correct host and port in the URL"
_CONNECT_REASONS: Final[tuple[tuple[type[BaseException], str], ...]] = (
    (asyncpg.InvalidCatalogNameError, "the database does not exist; create it with createdb, or correct the URL"),
    (asyncpg.CannotConnectNowError, "the server is starting up or shutting down; try again in a moment"),
    (
        asyncpg.TooManyConnectionsError,
        "the server has no free connection; lower pool_max_size or raise its max_connections",
    ),
    (TimeoutError, "no answer in time; check host, port and firewall"),
    (socket.gaierror, "the host name is unknown; correct the URL"),
    (FileNotFoundError, "there is no socket; start PostgreSQL, or correct the folder in the URL"),
    (ConnectionRefusedError, _NOBODY),
)


def database_error(error: BaseException, *, lost: bool = False) -> DatabaseError:
    """Return the error of Tux for one of `DRIVER_ERRORS`; `lost` says that the connection is gone."""
    if isinstance(error, _STALE_PLAN):
        return TransactionConflict("the schema changed under a prepared statement; run the transaction again")
    if isinstance(error, asyncpg.PostgresError):
        return _server_error(error)
    if isinstance(error, TimeoutError):
        return StatementTimeout("the statement took longer than it may and was cancelled")
    if lost or isinstance(error, OSError | asyncpg.InternalClientError):  # the latter in the middle of a COPY
        return ConnectionLost("the connection broke; the statement may or may not have run")
    if isinstance(error, ValueError):
        return InvalidValue(_first_line(error))
    return StatementError(_first_line(error))


def _server_error(error: asyncpg.PostgresError) -> DatabaseError:
    state = error.sqlstate or ""
    kind = _BY_STATE.get(state) or _BY_CLASS.get(state[:2]) or StatementError
    message = _first_line(error)
    if kind is TransactionAborted:
        message = "an earlier error ended this transaction; only its rollback is left"
    elif kind is TransactionConflict:
        message = f"{message}; run the transaction again"
    # It quotes the row or the key, and every traceback would show it: what members wrote does not belong into a log.
    detail, error.detail = error.detail, None
    return kind(
        message,
        table=error.table_name,
        column=error.column_name or _key_columns(detail),
        constraint=error.constraint_name,
        detail=detail,
    )


def _key_columns(detail: str | None) -> str | None:
    found = _KEY.search(detail) if detail else None
    return found[1] if found else None


def _first_line(error: BaseException) -> str:
    return str(error.args[0]).partition("\n")[0] if error.args else type(error).__name__


def connection_error(error: BaseException, where: str, user: str | None) -> DatabaseConnectionError:
    """Return the error for a connection to `where` ("host:port/database") that could not be made; never a password."""
    return DatabaseConnectionError(f"cannot connect to {where}: {_connect_reason(error, user)}")


def is_starting(error: BaseException | None) -> bool:
    """Whether the server only asked for patience: it starts, recovers, or has no free slot at the moment."""
    return isinstance(error, asyncpg.CannotConnectNowError | asyncpg.TooManyConnectionsError | ConnectionResetError)


def _connect_reason(error: BaseException, user: str | None) -> str:
    for kinds, reason in _CONNECT_REASONS:
        if isinstance(error, kinds):
            return reason
    if isinstance(error, asyncpg.InvalidAuthorizationSpecificationError):
        return f"user {user!r} was refused ({_first_line(error)}); check user, password and pg_hba.conf"
    if "Connect call failed" in str(error):  # asyncio's sum of the errors of several addresses
        return _NOBODY
    if isinstance(error, OSError):
        return error.strerror or str(error)
    return _first_line(error)
