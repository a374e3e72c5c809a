"""Reads from the text of a statement which tables it writes, and what all rows that it touches have in common.

It errs to the safe side only: what it does not understand may write anything (None), and a row condition that it does
not understand may match any row. What a function or trigger writes it cannot see.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Final

_TOKEN: Final = re.compile(
    r"""
    (?P<skipped>  --[^\n]* | /\*.*?\*/ | \s+ )
  | (?P<text>     [eE]'(?:[^'\\]|\\.|'')*' | '(?:[^']|'')*' | (?P<tag>\$\w*\$).*?(?P=tag) )
  | (?P<token>    "(?:[^"]|"")*" | \$\d+ | [^\W\d][\w$]* | . )
    """,
    re.VERBOSE | re.DOTALL,
)
_PARAMETER: Final = re.compile(r"\$\d+")
_VERBS: Final = {"insert": "into", "update": "", "delete": "from", "merge": "into", "copy": ""}
_HEADS: Final = frozenset(
    {*_VERBS, "with", "select", "values", "explain", "show", "set", "lock", "declare", "fetch", "move", "close", "("}
)
# FOR UPDATE, FOR NO KEY UPDATE, ON CONFLICT DO UPDATE and ON DELETE write nothing by themselves
_NO_VERB_AFTER: Final = frozenset({"for", "key", "do", "on", "."})
_UNCLEAR: Final = frozenset({"or", "case", "between", "from", "using"})

Columns = Mapping[str, tuple[int, ...]]


@dataclass(frozen=True, slots=True)
class Target:
    """A table that a statement writes.

    `equals` are columns of which every row that is written has, before and after, the value of one of these parameters.
    """

    table: str
    verb: str
    equals: Columns = field(default_factory=dict[str, tuple[int, ...]])


def tokens_of(sql: str) -> list[str]:
    """Return the words and signs of a statement in lower case, texts as `''`, quoted names as they are, no last `;`."""
    tokens = [found["token"] or "''" for found in _TOKEN.finditer(sql) if not found["skipped"]]
    tokens = [token if token[0] == '"' else token.lower() for token in tokens]
    while tokens and tokens[-1] == ";":
        tokens.pop()
    return tokens


def targets_of(sql: str) -> tuple[Target, ...] | None:
    """Return the tables that a statement writes; None when that could be any table."""
    tokens = tokens_of(sql)
    if not tokens:
        return ()
    if tokens[0] not in _HEADS or ";" in tokens:
        return None
    found: list[Target] = []
    for before, (position, token) in zip(["", *tokens], enumerate(tokens), strict=False):
        if token in _VERBS and before not in _NO_VERB_AFTER:
            target = _target(token, tokens[position + 1 :])
            if target is None:
                return None
            found.append(target)
    return tuple(found)


def _target(verb: str, rest: list[str]) -> Target | None:
    """Return what one verb writes; `rest` is everything behind it."""
    opening = _VERBS[verb].split()
    if rest[: len(opening)] != opening:
        return None
    rest = rest[len(opening) :]
    if rest[:1] == ["only"]:
        rest = rest[1:]
    if rest[1:2] == ["."]:
        rest = rest[2:]
    if not rest or not _is_name(rest[0]):
        return None
    body = _until_closed(rest[1:])
    reader = _READERS.get(verb)
    return Target(_name(rest[0]), verb, reader(body) if reader else {})


def _inserted(body: list[str]) -> Columns:
    """Read `(columns) VALUES (…), (…) ON CONFLICT …`."""
    if body[:1] == ["as"]:
        body = body[2:]
    if body[:1] != ["("]:
        return {}
    inside = _until_closed(body[1:])
    columns = [_name(word) for word in inside if word != ","]  # more than there are values when one is `x[1]`
    body = body[len(inside) + 2 :]
    rows: list[list[int | None]] = []
    while body[:2] in (["values", "("], [",", "("]):
        inside = _until_closed(body[2:])
        rows.append([_parameter(part) for part in _split(inside, ",")])
        body = body[len(inside) + 3 :]
    if any(len(row) != len(columns) for row in rows):
        return {}
    given = {column: _complete(row[number] for row in rows) for number, column in enumerate(columns)}
    kept = _conflict_key(body, columns)
    return {column: numbers for column, numbers in given.items() if numbers and column in kept}


def _conflict_key(tail: list[str], columns: list[str]) -> list[str]:
    """Return the columns in which a row that is overwritten instead equals the one that is given."""
    if ("do", "update") not in pairwise(tail):
        return columns
    if tail[:3] != ["on", "conflict", "("]:
        return []
    return [_name(part[0]) for part in _split(_until_closed(tail[3:]), ",") if len(part) == 1]


def _updated(body: list[str]) -> Columns:
    """Read `SET … WHERE …`; a column that is set is not the same before and after."""
    if "set" not in body:
        return {}
    assigned = {_name(token) for token in _before(body[body.index("set") + 1 :], "where") if _is_name(token)}
    return {column: numbers for column, numbers in _matched(body).items() if column not in assigned}


def _matched(body: list[str]) -> Columns:
    """Read `WHERE …` of a statement that joins nothing."""
    before = _before(body, "where")
    if len(before) == len(body) or _UNCLEAR & set(_outside(before)):
        return {}
    return _equalities(_before(body[len(before) + 1 :], "returning"))


def _equalities(condition: list[str]) -> Columns:
    """Return what must be equal for a condition to hold."""
    if _UNCLEAR & set(_outside(condition)):
        return {}
    found: dict[str, tuple[int, ...]] = {}
    for part in _split(condition, "and"):
        if part[:1] == ["("] and len(_until_closed(part[1:])) == len(part) - 2:
            found.update(_equalities(part[1:-1]))
        column = part[2:] if part[1:2] == ["."] else part
        number = _parameter(column[2:]) if column[1:2] == ["="] and _is_name(column[0]) else None
        if number is not None:
            found[_name(column[0])] = (number,)
    return found


def _parameter(tokens: list[str]) -> int | None:
    """Return n of `$n` or `$n::type`, None for anything else."""
    if not tokens or not _PARAMETER.fullmatch(tokens[0]):
        return None
    cast = tokens[1:]
    return int(tokens[0][1:]) if not cast or (cast[:2] == [":", ":"] and len(cast) == 3) else None  # noqa: PLR2004 - `::` and a name


def _complete(numbers: Iterable[int | None]) -> tuple[int, ...]:
    """Return the numbers, or none when one is missing."""
    given = tuple(numbers)
    return tuple(number for number in given if number is not None) if None not in given else ()


def _split(words: list[str], separator: str) -> list[list[str]]:
    """Split at a word that is outside of all parentheses."""
    parts: list[list[str]] = [[]]
    depth = 0
    for word in words:
        depth += (word == "(") - (word == ")")
        if word == separator and not depth:
            parts.append([])
        else:
            parts[-1].append(word)
    return parts


def _outside(words: list[str]) -> list[str]:
    """Return the words that are outside of all parentheses."""
    depth = 0
    found: list[str] = []
    for word in words:
        depth += (word == "(") - (word == ")")
        if not depth:
            found.append(word)
    return found


def _before(words: list[str], end: str) -> list[str]:
    """Return the words before a word that is outside of all parentheses; all of them without it."""
    return _split(words, end)[0]


def _until_closed(words: list[str]) -> list[str]:
    """Return the words before the parenthesis that closes one opened in front of them, or all of them."""
    depth = 0
    for position, word in enumerate(words):
        depth += (word == "(") - (word == ")")
        if depth < 0:
            return words[:position]
    return words


def _is_name(token: str) -> bool:
    return token[0] == '"' or token[0].isalpha() or token[0] == "_"


def _name(token: str) -> str:
    return token[1:-1].replace('""', '"') if token[0] == '"' else token


_READERS: Final[Mapping[str, Callable[[list[str]], Columns]]] = {
    "insert": _inserted,
    "update": _updated,
    "delete": _matched,
}
