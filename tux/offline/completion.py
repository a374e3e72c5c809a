"""What the Tab key offers in the console: commands and their options, orders, and the names of people and places."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from tux.errors import UserError
from tux.offline.script import BOOLEAN, CHANNEL, GROUP, MENTIONABLE, ROLE, SUBCOMMAND, USER, find_call

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from tux.offline.shapes import Json

DELIMITERS = " \t\n"
_SIGNS = {USER: "@", MENTIONABLE: "@", CHANNEL: "#", ROLE: "&"}


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """Everything that can be completed; `orders` maps each word to the arguments it has to choose from."""

    commands: Sequence[Json]
    orders: Mapping[str, Sequence[str]]
    users: Sequence[str]
    channels: Sequence[str]
    roles: Sequence[str]

    def named(self, sign: str) -> list[str]:
        """Return the names that a sign (`@`, `#` or `&`) introduces, with it; one with spaces stands in quotes."""
        names = {"@": self.users, "#": self.channels, "&": self.roles}[sign]
        return [f'"{sign}{name}"' if " " in name else f"{sign}{name}" for name in names]


def completions(line: str, vocabulary: Vocabulary) -> list[str]:
    """Return what the last word of the line up to the cursor could become, in order; each ends as it should go on."""
    before, _, word = line.rpartition(" ")
    if line.startswith("/"):
        found = _slash(before, word, vocabulary)
    elif line.startswith(":") and not before:
        found = [f":{name} " for name in vocabulary.orders]
    elif line.startswith(":"):
        found = [f"{choice} " for choice in vocabulary.orders.get(before.split(" ")[0][1:], ())]
    else:
        found = []
    if word[:1] in ("@", "#", "&") and word:
        found += [f"{name} " for name in vocabulary.named(word[0])]
    return sorted({choice for choice in found if choice.lower().startswith(word.lower())})


def _slash(before: str, word: str, vocabulary: Vocabulary) -> list[str]:
    if not before:
        return [f"/{command['name']} " for command in vocabulary.commands if command.get("type", 1) == 1]
    try:
        call = find_call(vocabulary.commands, before.removeprefix("/"))
    except UserError:
        return _subcommands(before, vocabulary)
    name, colon, _ = word.partition(":")
    options = {option["name"]: option for option in call.options}
    if colon and name in options:
        return [f"{name}:{value} " for value in _values(options[name], vocabulary)]
    given = {part.partition(":")[0] for part in call.text.split() if ":" in part}
    return [f"{key}:" for key in options if key not in given]


def _subcommands(before: str, vocabulary: Vocabulary) -> list[str]:
    """The names below the command that the line has reached, when it still needs a subcommand."""
    options: list[Json] = list(vocabulary.commands)
    for step in before.removeprefix("/").split():
        found = next((option for option in options if option["name"] == step), None)
        options = (found.get("options") or []) if found is not None else []
    return [f"{option['name']} " for option in options if option["type"] in (SUBCOMMAND, GROUP)]


def _values(option: Json, vocabulary: Vocabulary) -> list[str]:
    if choices := option.get("choices"):
        return [str(choice["name"]) for choice in choices]
    if option["type"] == BOOLEAN:
        return ["yes", "no"]
    sign = _SIGNS.get(option["type"])
    return vocabulary.named(sign) if sign else []
