"""Reads SQL just so far as safety needs: where a statement ends, and which ones destroy data."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

_TOKEN = re.compile(
    r"""
    (?P<comment>--[^\n]*|/\*.*?\*/)
    |(?P<escaped>\b[eE]'(?:[^'\\]|''|\\.)*')
    |(?P<string>'(?:[^']|'')*')
    |(?P<name>"(?:[^"]|"")*")
    |(?P<body>(?P<tag>\$(?:[A-Za-z_]\w*)?\$).*?(?P=tag))
    |(?P<end>;)
    """,
    re.VERBOSE | re.DOTALL,
)
_NAME = r'((?:"?\w+"?\s*\.\s*)?(?:"[^"]+"|\w+))'
_ONLY = r"(?:IF\s+EXISTS\s+)?(?:ONLY\s+)?"
_ALTER = re.compile(rf"\bALTER\s+TABLE\s+{_ONLY}{_NAME}\s+(.*)", re.IGNORECASE | re.DOTALL)
_ACTIONS = re.compile(r",(?=\s*(?:DROP|ALTER|ADD|RENAME|SET|OWNER)\b)", re.IGNORECASE)
_DROP_COLUMN = re.compile(
    r'\s*DROP\s+(?!CONSTRAINT\b|DEFAULT\b|NOT\b|EXPRESSION\b|IDENTITY\b)(?:COLUMN\s+)?(?:IF\s+EXISTS\s+)?("[^"]+"|\w+)',
    re.IGNORECASE,
)
_TYPE = re.compile(r'\s*ALTER\s+(?:COLUMN\s+)?("[^"]+"|\w+)\s+(?:SET\s+DATA\s+)?TYPE\s+(.+)', re.IGNORECASE | re.DOTALL)
_RENAME_TABLE = re.compile(r'\s*RENAME\s+TO\s+("[^"]+"|\w+)', re.IGNORECASE)
_RENAME_COLUMN = re.compile(
    r'\s*RENAME\s+(?!CONSTRAINT\b|TO\b)(?:COLUMN\s+)?("[^"]+"|\w+)\s+TO\s+("[^"]+"|\w+)', re.IGNORECASE
)
_DROP_TABLES = re.compile(r"\bDROP\s+(?:FOREIGN\s+)?TABLE\s+(?:IF\s+EXISTS\s+)?([^;]+)", re.IGNORECASE)
_TRUNCATE = re.compile(r"\bTRUNCATE\s+(?:TABLE\s+)?(?:ONLY\s+)?([^;]+)", re.IGNORECASE)
# A condition that every row meets is none.
_ALWAYS = r"\(?\s*(?:TRUE|(\d+)\s*=\s*\2)\s*\)?\s*(?:$|;|RETURNING\b)"
_DELETE = re.compile(rf"\bDELETE\s+FROM\s+(?:ONLY\s+)?{_NAME}(?![^;]*\bWHERE\b(?!\s*{_ALWAYS}))", re.IGNORECASE)
_WHOLE = re.compile(r"\bDROP\s+(SCHEMA|DATABASE|OWNED)\b[^;]*", re.IGNORECASE)
_CASCADE = re.compile(r"\bDROP\s+(?!TABLE\b|CONSTRAINT\b)\w+[^;]*\bCASCADE\b", re.IGNORECASE)
_TAIL = re.compile(r"\b(CASCADE|RESTRICT|RESTART\s+IDENTITY|CONTINUE\s+IDENTITY)\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Loss:
    """Something that a statement destroys; `new_type` is set when a column's type changes, which may lose nothing."""

    what: str
    table: str = ""
    column: str = ""
    new_type: str = ""


def split_statements(sql: str) -> list[str]:
    """Return the statements of a script without the semicolons; those of comments and blanks alone are left out."""
    statements: list[str] = []
    start = 0
    for token in _TOKEN.finditer(sql):
        if token.lastgroup == "end" or token["end"]:
            statements.append(sql[start : token.start()])
            start = token.end()
    statements.append(sql[start:])
    return [statement.strip() for statement in statements if bare(statement).strip()]


def bare(sql: str) -> str:
    """Return SQL without its comments and string literals; the bodies of functions and DO blocks stay: they may run."""

    def keep(token: re.Match[str]) -> str:
        if token["comment"]:
            return " "
        if token["string"] or token["escaped"]:
            return "''"
        if token["body"]:
            inner = token["body"].removeprefix(token["tag"]).removesuffix(token["tag"])
            return " " + re.sub(r"--[^\n]*", " ", inner).replace("'", " ") + " "
        return token[0]

    return _TOKEN.sub(keep, sql)


def losses(sql: str) -> Iterator[Loss]:
    """Yield what a script destroys, in order; names as they are before the script, so that a catalog knows them.

    Errs on the side of safety: a DROP in a function that nobody calls counts, too.
    """
    tables: dict[str, str] = {}
    columns: dict[tuple[str, str], str] = {}
    for statement in split_statements(sql):
        hidden = any(token["body"] for token in _TOKEN.finditer(statement))
        for each in bare(statement).split(";"):
            for loss in _statement_losses(each, tables, columns):
                yield Loss(loss.what) if hidden else loss


def _statement_losses(sql: str, tables: dict[str, str], columns: dict[tuple[str, str], str]) -> Iterator[Loss]:
    for pattern, verb in ((_DROP_TABLES, "drops"), (_TRUNCATE, "empties")):
        for found in pattern.finditer(sql):
            for name in _TAIL.sub("", found[1]).split(","):
                table = _plain(name)
                yield Loss(f"{verb} the table {table}", _known(tables.get(table, table)))
    for found in _DELETE.finditer(sql):
        yield Loss(f"deletes all rows of {_plain(found[1])}", _known(_plain(found[1])))
    for found in (*_WHOLE.finditer(sql), *_CASCADE.finditer(sql)):
        yield Loss(f"runs {' '.join(found[0].split())}")
    if altered := _ALTER.search(sql):
        table = _plain(altered[1])
        for action in _ACTIONS.split(altered[2]):
            yield from _action_losses(action, table, tables.get(table, table), columns)
            _follow_renames(action, table, tables, columns)


def _follow_renames(action: str, table: str, tables: dict[str, str], columns: dict[tuple[str, str], str]) -> None:
    first = tables.get(table, table)
    if renamed := _RENAME_TABLE.match(action):
        tables[_plain(renamed[1])] = first
    elif renamed := _RENAME_COLUMN.match(action):
        old, new = _plain(renamed[1]), _plain(renamed[2])
        columns[first, new] = columns.get((first, old), old)


def _action_losses(action: str, table: str, first: str, columns: dict[tuple[str, str], str]) -> Iterator[Loss]:
    if found := _DROP_COLUMN.match(action):
        column = _plain(found[1])
        yield Loss(f"drops the column {table}.{column}", _known(first), columns.get((first, column), column))
    if found := _TYPE.match(action):
        column = _plain(found[1])
        new = re.split(r"\bUSING\b|\bCOLLATE\b", found[2], flags=re.IGNORECASE)[0].strip()
        what = f"narrows {table}.{column} to {new}"
        yield Loss(what, _known(first), columns.get((first, column), column), new)


def _known(table: str) -> str:
    """Return the table's name for the catalog, "" for one of another schema, which is not looked up."""
    return "" if "." in table else table


def _plain(name: str) -> str:
    """Return a name without quotes; one of the schema `public` without that, one of another schema with it."""
    parts = [part if part.startswith('"') else part.lower() for part in re.split(r"\s*\.\s*", name.strip())]
    plain = [part.strip('"') for part in parts]
    return plain[-1] if plain[:-1] in ([], ["public"]) else ".".join(plain)
