"""The types of cases: what each is called and how it looks. Other plugins add theirs in their manifest.

    contributes={"moderation.case_types": (CaseKind("NICKBAN", "barred from changing names", 0x9B59B6, restricts=True),)}

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
    """One type of case: `name` is what the column holds, `past` completes "<member> was …", `colour` is the embed's.

    A kind that `restricts` holds until its case is closed; one that `expires` may be given a duration. A new case of
    it closes those that still stand of the types in `ends`.
    """

    name: str
    past: str
    colour: int = _ORANGE
    emoji: str = ""
    restricts: bool = False
    expires: bool = False
    ends: tuple[str, ...] = ()


# A ban of any kind takes the place of the one before it, as a jail does, so that the end of an old one cannot lift a new one.
_BANS = ("BAN", "HACKBAN", "TEMPBAN")

BUILT_IN = (
    CaseKind("BAN", "banned", _RED, "🔨", restricts=True, ends=_BANS),
    CaseKind("UNBAN", "unbanned", _GREEN, "🕊️", ends=_BANS),
    CaseKind("HACKBAN", "banned", _RED, "🔨", restricts=True, ends=_BANS),
    CaseKind("TEMPBAN", "banned for a time", _RED, "⏳", restricts=True, expires=True, ends=_BANS),
    CaseKind("KICK", "kicked", emoji="👢"),
    CaseKind("TIMEOUT", "timed out", emoji="🔇", restricts=True, expires=True, ends=("TIMEOUT",)),
    CaseKind("UNTIMEOUT", "released from a timeout", _GREEN, "🔊", ends=("TIMEOUT",)),
    CaseKind("WARN", "warned", emoji="⚠️"),
    CaseKind("JAIL", "jailed", emoji="🔒", restricts=True, expires=True, ends=("JAIL",)),
    CaseKind("UNJAIL", "released from jail", _GREEN, "🔓", ends=("JAIL",)),
    CaseKind("SNIPPETBAN", "barred from snippets", emoji="✂️", restricts=True, expires=True, ends=("SNIPPETBAN",)),
    CaseKind("SNIPPETUNBAN", "allowed snippets again", _GREEN, "📝", ends=("SNIPPETBAN",)),
    CaseKind("POLLBAN", "barred from polls", emoji="📊", restricts=True, expires=True, ends=("POLLBAN",)),
    CaseKind("POLLUNBAN", "allowed polls again", _GREEN, "🗳️", ends=("POLLBAN",)),
)
KINDS = {kind.name: kind for kind in BUILT_IN}


def find_kinds(plugins: Iterable[Plugin | None]) -> dict[str, CaseKind]:
    """Return every kind by its name: the built-in ones and those that plugins contribute."""
    return {kind.name: kind for kind in (*BUILT_IN, *_contributed(plugins))}


def _contributed(plugins: Iterable[Plugin | None]) -> Iterator[CaseKind]:
    for plugin in plugins:
        if plugin is not None:
            yield from plugin.contributes.get(CONTRIBUTION, ())
