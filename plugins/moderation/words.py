"""What moderators write after a command: further members, flags, and the reason.

    !ban @bob @carol -silent -purge 1d =spam third time

bans both, tells neither, deletes what they wrote within a day, and gives the server's template `spam` and two more
words as the reason. The same works in the reason of a slash command.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING

from plugins.moderation.durations import MAX_SPAN, parse_duration
from plugins.moderation.errors import InvalidFlag, UnknownChoice

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

# https://discord.com/developers/docs/resources/guild#create-guild-ban
MAX_PURGE = timedelta(days=7)
MAX_TARGETS = 20
TEMPLATE = "="

_TARGET = re.compile(r"<@!?(\d{15,20})>|(\d{15,20})", re.ASCII)
_FLAGS = {"-silent": "silent", "-duration": "duration", "-purge": "purge"}
_WORD = re.compile(r"(\s*)(\S+)")


@dataclass(frozen=True, slots=True)
class Words:
    """What was read: ids of further members, the reason without flags, and the flags."""

    targets: tuple[int, ...] = ()
    reason: str | None = None
    silent: bool = False
    duration: timedelta | None = None
    purge: timedelta | None = None

    @property
    def purge_seconds(self) -> int:
        """How far back messages are deleted."""
        return int(self.purge.total_seconds()) if self.purge else 0


@dataclass(frozen=True, slots=True)
class Takes:
    """What a command takes: flags besides -silent, users who are not in the server.

    With `longest` its first word that is neither flag nor member is a duration of at most that.
    """

    flags: frozenset[str] = frozenset()
    longest: timedelta | None = None
    outsiders: bool = False


def read_words(text: str | None, takes: Takes) -> Words:
    """Return what a moderator wrote.

    Raises:
        InvalidFlag: a flag that the command does not take, or one without its value.
        InvalidDuration: what should be a span of time is none.
    """
    words = iter(_WORD.findall(text or ""))
    found, kept, targets = Words(), list[str](), list[int]()
    for gap, word in words:
        flag = _FLAGS.get(word.lower())
        if flag is not None:
            found = _with_flag(found, flag, words, takes.flags)
        elif not kept and (target := _TARGET.fullmatch(word)):
            targets.append(int(target[1] or target[2]))
        elif takes.longest is not None and found.duration is None:
            found = replace(found, duration=parse_duration(word, longest=takes.longest))
        else:
            kept.append(gap + word)  # a reason keeps its lines
    return replace(found, targets=tuple(dict.fromkeys(targets)), reason="".join(kept).strip() or None)


def fill_template(reason: str | None, templates: Mapping[str, str]) -> str | None:
    """Return a reason with the template that it begins with (`=spam third time`) put in.

    Raises:
        UnknownChoice: there is no template of that name; lists those that exist.
    """
    if reason is None or not reason.startswith(TEMPLATE):
        return reason
    name, _, rest = reason.removeprefix(TEMPLATE).partition(" ")
    text = templates.get(name.lower())
    if text is None:
        known = ", ".join(f"`={each}`" for each in templates)
        others = f"There are: {known}." if known else "There are none yet; `/reasons add` makes one."
        raise UnknownChoice(f"There is no reason called `{name[:30]}` here. {others}")
    return f"{text} {rest}".strip()


def _with_flag(found: Words, flag: str, words: Iterator[tuple[str, str]], takes: frozenset[str]) -> Words:
    if flag == "silent":
        return replace(found, silent=True)
    if flag not in takes:
        raise InvalidFlag(f"This command takes no `-{flag}`.")
    _, value = next(words, ("", None))
    if value is None:
        raise InvalidFlag(f"`-{flag}` needs a span of time after it, such as `-{flag} 1d`.")
    span = parse_duration(value, longest=MAX_PURGE if flag == "purge" else MAX_SPAN)
    return replace(found, purge=span) if flag == "purge" else replace(found, duration=span)
