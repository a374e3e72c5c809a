"""One change of one file, and what came of it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]


@dataclass(frozen=True)
class Mutant:
    """A file's text with a bug in it, and the tests that should notice.

    `group` is what the totals are counted by: the theme of a planted bug, the file of a random one. `each` says that every one of the tests has to notice, not just one of them. `why` is the bug in words.
    """

    name: str
    group: str
    file: str
    text: str
    tests: tuple[str, ...]
    why: str
    each: bool = False


@dataclass(frozen=True)
class Outcome:
    """What the tests said to a mutant: `caught`, `survived` or `broken`, with the first thing to know about it."""

    mutant: Mutant
    verdict: str
    detail: str
    seconds: float
