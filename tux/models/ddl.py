"""What a model declares and aerich cannot see: checks, ordered or partial indexes, exclusions, raw SQL.

The migrations compare these declarations with those of the last migration file by name, so a name follows from what is
declared: a changed declaration has another name, which drops the old object and creates the new one.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tux.errors import InvalidQuery

if TYPE_CHECKING:
    from collections.abc import Sequence

# PostgreSQL cuts longer names silently (NAMEDATALEN - 1 bytes).
MAX_NAME_BYTES = 63
_DIGEST_CHARACTERS = 8
_IDENTIFIER = re.compile(r"[a-z_][a-z0-9_]*", re.IGNORECASE)


@dataclass(frozen=True)
class Check:
    """A CHECK constraint; `condition` is SQL over columns of the table."""

    condition: str
    name: str | None = None

    def name_for(self, table: str) -> str:
        """Return the constraint's name on a table."""
        return self.name or _fitted(table, _words(self.condition), "check", digest=_digest(self.condition))

    def create_sql(self, table: str) -> str:
        """Return the statement that adds it."""
        return f"ALTER TABLE {_quoted(table)} ADD CONSTRAINT {_quoted(self.name_for(table))} CHECK ({self.condition})"

    def drop_sql(self, table: str) -> str:
        """Return the statement that removes it."""
        return f"ALTER TABLE {_quoted(table)} DROP CONSTRAINT IF EXISTS {_quoted(self.name_for(table))}"


@dataclass(frozen=True, init=False)
class Index:
    """An index over columns ("-xp" is DESC) or expressions ("lower(name)"), partial with `where`.

    A column may name its operator class: `Index("extra jsonb_path_ops", using="gin")` serves `find_json`.
    """

    columns: tuple[str, ...]
    where: str | None
    unique: bool
    using: str | None
    name: str | None

    def __init__(
        self,
        *columns: str,
        where: str | None = None,
        unique: bool = False,
        using: str | None = None,
        name: str | None = None,
    ) -> None:
        values = {"columns": columns, "where": where, "unique": unique, "using": using, "name": name}
        for key, value in values.items():
            object.__setattr__(self, key, value)

    def name_for(self, table: str) -> str:
        """Return the index's name on a table."""
        plain = all(_IDENTIFIER.fullmatch(each) for each in self.columns) and not self.where and not self.using
        digest = "" if plain else _digest(*self.columns, self.where or "", self.using or "")
        words = _words(" ".join(self.columns))
        return self.name or _fitted(table, words, "key" if self.unique else "idx", digest=digest)

    def create_sql(self, table: str) -> str:
        """Return the statement that creates it."""
        kind = "UNIQUE INDEX" if self.unique else "INDEX"
        using = f"USING {self.using} " if self.using else ""
        columns = ", ".join(_index_column(each) for each in self.columns)
        where = f" WHERE {self.where}" if self.where else ""
        return f"CREATE {kind} {_quoted(self.name_for(table))} ON {_quoted(table)} {using}({columns}){where}"

    def drop_sql(self, table: str) -> str:
        """Return the statement that drops it."""
        return f"DROP INDEX IF EXISTS {_quoted(self.name_for(table))}"


@dataclass(frozen=True, init=False)
class SearchIndex(Index):
    """The index of a full-text search over text columns, which `manager.search` uses.

    `language` is a configuration of PostgreSQL's text search: "simple" takes words as they are, "english" also finds
    other forms of a word.
    """

    fields: tuple[str, ...]
    language: str

    def __init__(self, *fields: str, language: str = "simple", name: str | None = None) -> None:
        if not fields or not all(_IDENTIFIER.fullmatch(each) for each in (*fields, language)):
            raise InvalidQuery(f"SearchIndex takes names of columns and of a language, got {fields}, {language!r}")
        object.__setattr__(self, "fields", fields)
        object.__setattr__(self, "language", language)
        super().__init__(search_vector(fields, language), using="gin", name=name)

    def name_for(self, table: str) -> str:
        """Return the index's name on a table."""
        return self.name or _fitted(table, "_".join(self.fields), "search", digest=_digest(*self.columns))


def search_vector(columns: Sequence[str], language: str) -> str:
    """Return the words of text columns as PostgreSQL's text search sees them; the index's expression, to the letter."""
    text = " || ' ' || ".join(f"coalesce({_quoted(column)}, '')" for column in columns)
    return f"to_tsvector('{language}'::regconfig, {text})"


@dataclass(frozen=True, init=False)
class Exclude:
    """An exclusion constraint of elements such as "guild_id WITH =" and "during WITH &&"."""

    elements: tuple[str, ...]
    using: str
    where: str | None
    name: str | None

    def __init__(self, *elements: str, using: str = "gist", where: str | None = None, name: str | None = None) -> None:
        for key, value in {"elements": elements, "using": using, "where": where, "name": name}.items():
            object.__setattr__(self, key, value)

    def name_for(self, table: str) -> str:
        """Return the constraint's name on a table."""
        digest = _digest(*self.elements, self.using, self.where or "")
        return self.name or _fitted(table, _words(" ".join(self.elements)), "excl", digest=digest)

    def create_sql(self, table: str) -> str:
        """Return the statement that adds it."""
        where = f" WHERE ({self.where})" if self.where else ""
        body = f"EXCLUDE USING {self.using} ({', '.join(self.elements)}){where}"
        return f"ALTER TABLE {_quoted(table)} ADD CONSTRAINT {_quoted(self.name_for(table))} {body}"

    def drop_sql(self, table: str) -> str:
        """Return the statement that removes it."""
        return f"ALTER TABLE {_quoted(table)} DROP CONSTRAINT IF EXISTS {_quoted(self.name_for(table))}"


@dataclass(frozen=True)
class Sql:
    """Anything else, such as a trigger or an extension: `up` creates it, `down` takes it back."""

    up: str
    down: str
    name: str | None = None

    def name_for(self, table: str) -> str:
        """Return the name under which the migrations remember it."""
        return self.name or _fitted(table, "", "sql", digest=_digest(self.up, self.down))

    def create_sql(self, table: str) -> str:  # noqa: ARG002 - the same call for every declaration
        """Return the SQL that creates it, as written."""
        return self.up

    def drop_sql(self, table: str) -> str:  # noqa: ARG002 - the same call for every declaration
        """Return the SQL that takes it back, as written."""
        return self.down


Ddl = Check | Index | Exclude | Sql


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _index_column(each: str) -> str:
    name = each.removeprefix("-")
    column, _, operator_class = name.partition(" ")
    if _IDENTIFIER.fullmatch(column) and _IDENTIFIER.fullmatch(operator_class):
        return f"{_quoted(column)} {operator_class}"
    column = _quoted(name) if _IDENTIFIER.fullmatch(name) else f"({name})"
    return f"{column} DESC" if each.startswith("-") else column


def _words(text: str) -> str:
    return "_".join(dict.fromkeys(word.lower() for word in _IDENTIFIER.findall(text)))


def _digest(*parts: str) -> str:
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()[:_DIGEST_CHARACTERS]


def _fitted(table: str, words: str, kind: str, *, digest: str) -> str:
    """Join the parts; a name that is too long loses words at its end and gets a digest of the whole instead."""
    name = "_".join(part for part in (table, words, digest, kind) if part)
    if len(name.encode()) <= MAX_NAME_BYTES:
        return name
    tail = f"_{digest or _digest(name)}_{kind}"
    head = f"{table}_{words}".encode()[: MAX_NAME_BYTES - len(tail.encode())]
    return head.decode(errors="ignore").rstrip("_") + tail
