"""Every error that Tux raises on purpose.

    TuxError
    ├── SettingsError                     a setting is missing or wrong; the message names it
    ├── PluginError                       a plugin could not be loaded or used
    │   └── PluginUnavailable             its manager was asked for while it is not running
    ├── UnknownManager                    nobody registered a manager of that name
    ├── DatabaseError                     PostgreSQL said no, or did not answer
    │   ├── DatabaseConnectionError       no connection could be made
    │   ├── ConnectionLost                an open connection broke
    │   ├── PoolTimeout                   no free connection within the acquire timeout
    │   ├── UniqueViolation               ┐
    │   ├── ForeignKeyViolation           │ constraint errors: also Tortoise's IntegrityError
    │   ├── NotNullViolation              │
    │   ├── CheckViolation                ┘
    │   ├── InvalidValue                  too long, out of range, not of the column's type
    │   ├── InvalidQuery                  a name the model does not have, a wrong filter, a write to all rows unasked
    │   ├── StatementTimeout              cancelled by statement_timeout, or by the caller's timeout
    │   ├── LockNotAvailable              lock_timeout or NOWAIT
    │   ├── TransactionConflict           serialization failure or deadlock: run the transaction again
    │   ├── TransactionAborted            an error inside the transaction was swallowed; all was rolled back
    │   ├── TransactionMisuse             it is over, read-only, or cannot be opened the way that was asked
    │   └── StatementError                any other refusal: unknown table or column, syntax, privilege
    ├── NoEquivalent                      a name of another library; the message says what to use here
    ├── UnknownName                       an import that does not exist; the message says what does
    ├── MigrationError                    schema behind or diverged, destructive without consent, missing plugin
    ├── DiscordUnreachable                nobody answers at Discord's address
    ├── DiscordRefusal                    the local Discord refused a request, with Discord's status and code
    ├── CannotAct                         a person could not do that in Discord's own client
    ├── Unsettled                         the bot under the local Discord was still at work when the time was up
    └── UserError                         a refusal to show to the member who asked; plugins subclass it

Database errors derive from Tortoise's own error of the same kind, so `except IntegrityError` keeps working.
"""

from __future__ import annotations

from tortoise.exceptions import (
    DBConnectionError,
    FieldError,
    IntegrityError,
    OperationalError,
    TransactionManagementError,
)


class TuxError(Exception):
    """The base of all errors of Tux."""


class SettingsError(TuxError):
    """A setting is missing or wrong; the message names it and says what to do."""


class PluginError(TuxError):
    """A plugin could not be loaded or used; `plugin` names it, `reason` says why."""

    def __init__(self, plugin: str, reason: str) -> None:
        super().__init__(f"plugin {plugin!r}: {reason}")
        self.plugin = plugin
        self.reason = reason


class PluginUnavailable(PluginError):
    """The manager belongs to a plugin that is off, failed or blocked."""


class UnknownManager(TuxError, AttributeError):
    """No plugin registered a manager of that name; the message lists those that exist."""


class DatabaseError(TuxError):
    """PostgreSQL refused or did not answer; names table, column and constraint where it told them."""

    def __init__(
        self,
        message: str,
        *,
        table: str | None = None,
        column: str | None = None,
        constraint: str | None = None,
        detail: str | None = None,
    ) -> None:
        super().__init__(message)
        self.table = table
        self.column = column
        self.constraint = constraint
        self.detail = detail


class DatabaseConnectionError(DatabaseError, DBConnectionError):
    """No connection could be made; says host, port and database, never the password."""


class ConnectionLost(DatabaseError, OperationalError):
    """An open connection broke; the statement may or may not have run."""


class PoolTimeout(DatabaseError, OperationalError):
    """Every connection of the pool stayed busy for the whole acquire timeout."""


class UniqueViolation(DatabaseError, IntegrityError):
    """A row with these unique values exists already."""


class ForeignKeyViolation(DatabaseError, IntegrityError):
    """The row refers to one that does not exist, or is referred to by another."""


class NotNullViolation(DatabaseError, IntegrityError):
    """A required column got no value."""


class CheckViolation(DatabaseError, IntegrityError):
    """A value breaks a CHECK or an exclusion constraint."""


class InvalidValue(DatabaseError, OperationalError):
    """A value is too long, out of range or not of the column's type."""


class InvalidQuery(DatabaseError, FieldError):
    """A field, look-up or order that the model does not have, or a call that would touch every row unasked."""


class StatementTimeout(DatabaseError, OperationalError):
    """The statement ran longer than it may and was cancelled."""


class LockNotAvailable(DatabaseError, OperationalError):
    """Another transaction holds the lock for longer than this one may wait."""


class TransactionConflict(DatabaseError, OperationalError):
    """A serialization failure or a deadlock: run the whole transaction again."""


class TransactionAborted(DatabaseError, TransactionManagementError):
    """A database error inside the transaction was swallowed, so PostgreSQL rolled everything back."""


class TransactionMisuse(DatabaseError, TransactionManagementError):
    """The transaction is over, is read-only, or cannot be opened the way that was asked."""


class StatementError(DatabaseError, OperationalError):
    """PostgreSQL refused the statement for another reason: unknown table or column, syntax, privilege and so on."""


class NoEquivalent(TuxError, AttributeError):
    """A name that another library has and this one does not; the message says what to use instead."""


class UnknownName(TuxError, ImportError):
    """A name that is not there to import; the message says what to use instead, or which exist."""


class MigrationError(TuxError):
    """The schema is behind or diverged, or a migration was refused; the message says what to do."""


class UserError(TuxError):
    """A refusal in words for the member who asked; plugins subclass it in their errors.py."""


class DiscordUnreachable(TuxError):
    """Nobody answers at Discord's address; says what to check."""


class DiscordRefusal(TuxError):
    """The local Discord refused a request, with the status and code that Discord itself would give."""

    def __init__(self, status: int, code: int, message: str, errors: dict[str, object] | None = None) -> None:
        super().__init__(f"{status} {code}: {message}")
        self.status = status
        self.body: dict[str, object] = {"message": message, "code": code}
        if errors:
            self.body["errors"] = errors


class CannotAct(TuxError):
    """A person could not do that in Discord's own client: a hidden command, a disabled button, a closed channel."""


class Unsettled(TuxError):
    """The bot under the local Discord was still at work when the time was up; names the tasks."""
