"""Which names and texts a snippet may have."""

from __future__ import annotations

import re

from plugins.snippets.errors import InvalidSnippet
from plugins.snippets.models import MAX_NAME_LENGTH

# Discord: a message has at most 2,000 characters.
MAX_CONTENT_LENGTH = 2000

# The commands of `/snippet`: `!snippet list` would never find a snippet of that name.
TAKEN = frozenset(
    {"use", "create", "alias", "edit", "edit-to-alias", "delete", "lock", "info", "list", "search", "popular"}
)

_NAME = re.compile(r"[\w-]+")


def checked_name(name: str) -> str:
    """Return a name as it is stored: in small letters.

    Raises:
        InvalidSnippet: too long, or with other characters than letters, digits, `-` and `_`; or a command's name.
    """
    name = name.lower()
    if len(name) > MAX_NAME_LENGTH or not _NAME.fullmatch(name):
        raise InvalidSnippet(
            f"A name has 1 to {MAX_NAME_LENGTH} letters, digits, `-` or `_` and no spaces, such as `server-rules`."
        )
    if name in TAKEN:
        raise InvalidSnippet(f"`{name}` is a command of `/snippet`; choose another name.")
    return name


def checked_content(content: str) -> str:
    """Return a text without the spaces around it.

    Raises:
        InvalidSnippet: nothing, or more than a message takes.
    """
    content = content.strip()
    if not 1 <= len(content) <= MAX_CONTENT_LENGTH:
        raise InvalidSnippet(f"A snippet has 1 to {MAX_CONTENT_LENGTH} characters, not {len(content)}.")
    return content


def short_name(text: str, mark: str) -> str | None:
    """Return the name that a message like `$rules` asks for by a guild's mark; None for any other message."""
    if not mark or not text.startswith(mark):
        return None
    word = text[len(mark) : len(mark) + MAX_NAME_LENGTH + 1].split(maxsplit=1)
    # "$5" is money, "$ rules" is none of ours, and nothing is asked for by "$".
    if not word or not text[len(mark)].isalpha() or not _NAME.fullmatch(word[0]):
        return None
    return word[0] if len(word[0]) <= MAX_NAME_LENGTH else None
