"""What takes the place here of names that other libraries and older callers have; docs/callers.md shows it as a table."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from tux.errors import NoEquivalent, UnknownName

if TYPE_CHECKING:
    from collections.abc import Iterable

_WRITE = "write through a manager: db.<name>.create(...), update_by_id(...), upsert(...)"
_READ = "read through a manager: db.<name>.find_one(...), find_all(...); or session.fetch(sql, *args) for raw SQL"
_SCOPE = "the block commits at its end, and an exception rolls it back: async with db.transaction():"
_SERVICE = "use tux.DatabaseService for the connection, tux.open_database() in scripts, self.db in cogs"
_MODEL = "subclass tux.models.Model: class Case(Model), with `class Meta(Model.Meta): table = ...`"

SESSION_WORDS: Final = {
    **dict.fromkeys(("add", "add_all", "merge", "bulk_save_objects"), _WRITE),
    **dict.fromkeys(("exec", "query", "scalar", "scalars", "stream", "get", "get_one"), _READ),
    **dict.fromkeys(("begin", "begin_nested", "close", "commit", "flush", "rollback"), _SCOPE),
    "delete": "delete through a manager: db.<name>.delete_by_id(...), delete_where(...)",
    "expire": "rows are plain objects and never expire; read again with db.<name>.get_by_id(...)",
    "expunge": "rows belong to no session; just keep them",
    "refresh": "the writing calls return the row as it is now; else db.<name>.get_by_id(...)",
    "run_sync": "managers are awaited directly; tux.SyncDatabase is for code without a loop",
}
"""Words of SQLAlchemy's session, each with what to write instead."""

NAMES: Final = {
    "BaseController": "subclass tux.Manager: class CaseManager(Manager[Case], name='case'); it takes no model and no session",
    **dict.fromkeys(("DatabaseClient", "DatabaseManager", "DatabaseController"), _SERVICE),
    **dict.fromkeys(("BaseModel", "SQLModel"), _MODEL),
}
"""Names that older callers import from tux.database and the modules below it."""

SQL_TEXT: Final = f"a session takes SQL as text, with $1, $2 for its parameters; {_READ}"


def missing_word(name: str) -> AttributeError:
    """Return the error for an attribute that a session does not have."""
    if name in SESSION_WORDS:
        return NoEquivalent(f"session.{name} does not exist here; {SESSION_WORDS[name]}")
    return AttributeError(f"a session has fetch, fetch_one and execute, not {name!r}")


def missing_name(module: str, name: str, known: Iterable[str]) -> Exception:
    """Return the error for a name that a module lacks: an ImportError, as `from` hides the text of an AttributeError."""
    if name in NAMES:
        return UnknownName(f"{name} does not exist here; {NAMES[name]}")
    if name.startswith("_"):
        return AttributeError(f"module {module!r} has no attribute {name!r}")
    return UnknownName(
        f"{module} has no {name!r}; it has {', '.join(sorted(known)) or 'nothing until plugins are loaded'}"
    )
