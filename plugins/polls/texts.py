"""How a poll is written: its options in one text, at the end perhaps for how long."""

from __future__ import annotations

import re
from datetime import timedelta

from plugins.moderation.durations import parse_duration
from plugins.polls.errors import InvalidPoll
from plugins.polls.models import MAX_OPTION_LENGTH

# Ours: what runs longer nobody remembers.
LONGEST = timedelta(days=90)
SEPARATOR = "|"

_FOR = re.compile(r"\s+-for\s+(\S+)\s*$")


def split_options(text: str) -> tuple[list[str], str | None]:
    """Return the options of a text such as "tea | coffee -for 2h", and for how long it says, if it does.

    Raises:
        InvalidPoll: an option is too long for a button.
    """
    found = _FOR.search(text)
    if found is not None:
        text = text[: found.start()]
    options = [option.strip() for option in text.split(SEPARATOR) if option.strip()]
    for option in options:
        if len(option) > MAX_OPTION_LENGTH:
            raise InvalidPoll(
                f"`{option[:20]}…` has {len(option)} characters; an option has at most {MAX_OPTION_LENGTH}."
            )
    return options, found[1] if found else None


def checked_question(question: str) -> str:
    """Return a question without the spaces around it.

    Raises:
        InvalidPoll: nothing is left of it.
    """
    if not question.strip():
        raise InvalidPoll("A poll needs a question, such as `What to drink?`.")
    return question.strip()


def span_of(text: str | None) -> timedelta | None:
    """Return for how long a poll runs; None for until somebody closes it.

    Raises:
        InvalidDuration: it cannot be read, or is too long.
    """
    return parse_duration(text, longest=LONGEST) if text else None
