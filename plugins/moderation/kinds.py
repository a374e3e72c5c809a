"""The types of cases: what each is called and how it looks. Other plugins add theirs in their manifest.

    contributes={"moderation.case_types": (CaseKind("NICKBAN", "barred from changing names", 0x9B59B6),)}

A manifest may import this module: it needs neither models nor discord.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from tux.plugin import Plugin

CONTRIBUTION = "moderation.case_types"

_RED, _ORANGE, _GREEN = 0xE74C3C, 0xE67E22, 0x2ECC71


@dataclass(frozen=True, slots=True)
class CaseKind:
    """One type of case: `name` is what the column holds, `past` completes "<member> was …", `colour` is the embed's."""

    name: str
    past: str
    colour: int = _ORANGE


BUILT_IN = (
    CaseKind("BAN", "banned", _RED),
    CaseKind("UNBAN", "unbanned", _GREEN),
    CaseKind("HACKBAN", "banned", _RED),
    CaseKind("TEMPBAN", "banned for a time", _RED),
    CaseKind("KICK", "kicked"),
    CaseKind("TIMEOUT", "timed out"),
    CaseKind("UNTIMEOUT", "released from a timeout", _GREEN),
    CaseKind("WARN", "warned"),
    CaseKind("JAIL", "jailed"),
    CaseKind("UNJAIL", "released from jail", _GREEN),
    CaseKind("SNIPPETBAN", "barred from snippets"),
    CaseKind("SNIPPETUNBAN", "allowed snippets again", _GREEN),
    CaseKind("POLLBAN", "barred from polls"),
    CaseKind("POLLUNBAN", "allowed polls again", _GREEN),
)


def find_kinds(plugins: Iterable[Plugin | None]) -> dict[str, CaseKind]:
    """Return every kind by its name: the built-in ones and those that plugins contribute."""
    return {kind.name: kind for kind in (*BUILT_IN, *_contributed(plugins))}


def _contributed(plugins: Iterable[Plugin | None]) -> Iterator[CaseKind]:
    for plugin in plugins:
        if plugin is not None:
            yield from plugin.contributes.get(CONTRIBUTION, ())
