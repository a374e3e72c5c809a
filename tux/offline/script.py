"""What a person types into the console, taken apart: lines, slash commands with their options, spans of time.

Pure: the commands are the JSON that the bot registered with Discord. Whatever cannot be understood raises `UserError`
with one sentence that says what would be.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import timedelta
from difflib import get_close_matches
from enum import StrEnum
from typing import TYPE_CHECKING, TypeAlias

from tux.errors import UserError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from tux.offline.shapes import Json

    Finder: TypeAlias = Callable[[str, int], object]

SUBCOMMAND, GROUP, STRING, INTEGER, BOOLEAN, USER, CHANNEL, ROLE, MENTIONABLE, NUMBER, ATTACHMENT = range(1, 12)

_ORDER = re.compile(r":([a-z]+)(?:\s+(.*))?", re.DOTALL)
_WORD = re.compile(r'(?:(?P<name>[\w-]+):\s*)?(?:"(?P<quoted>[^"]*)"(?=\s|$)|(?P<bare>\S+))')
_QUOTED = re.compile(r'"([^"]*)"(?=\s|$)|(\S+)')
_SPAN = re.compile(r"(\d+)\s*(w|d|h|m|s)")
_UNITS = {"w": "weeks", "d": "days", "h": "hours", "m": "minutes", "s": "seconds"}
_HINTS = {
    STRING: "text", INTEGER: "number", BOOLEAN: "yes|no", USER: "@user", CHANNEL: "#channel", ROLE: "&role",
    MENTIONABLE: "@user", NUMBER: "number", ATTACHMENT: "file",
}  # fmt: skip
_TRUTH = {"yes": True, "true": True, "on": True, "no": False, "false": False, "off": False}


class Kind(StrEnum):
    """What a line is."""

    BLANK = "blank"
    HEADING = "heading"
    SAY = "say"
    SLASH = "slash"
    ORDER = "order"


@dataclass(frozen=True, slots=True)
class Line:
    """One line; `name` is the word of an order (`click` in `:click 1`), `text` what follows the sign or the word."""

    kind: Kind
    text: str = ""
    name: str = ""


def read_line(raw: str) -> Line:
    """Return what a line is; a backslash in front says the rest as it stands."""
    text = raw.strip()
    if not text:
        return Line(Kind.BLANK)
    if text.startswith("\\"):
        return Line(Kind.SAY, text[1:])
    if text == "#" or text.startswith("# "):
        return Line(Kind.HEADING, text[1:].strip())
    if text[0] == "/" and text[1:2].isalpha():
        return Line(Kind.SLASH, text[1:])
    if match := _ORDER.fullmatch(text):
        return Line(Kind.ORDER, (match[2] or "").strip(), match[1])
    return Line(Kind.SAY, text)


def check_text(text: str) -> None:
    """Refuse what could not be sent.

    Raises:
        UserError: it came from bytes that are no UTF-8.
    """
    try:
        text.encode()
    except UnicodeEncodeError:
        raise UserError("this line is not UTF-8 text, so nothing was sent") from None


def split_words(text: str) -> list[str]:
    """Return the words of a text; what stands in double quotes is one."""
    return [quoted or bare for quoted, bare in _QUOTED.findall(text)]


def read_span(text: str) -> timedelta:
    """Return the span that `10m`, `2h30m` or `1 d` stands for.

    Raises:
        UserError: it is none, or longer than a computer can count.
    """
    compact = text.replace(" ", "").lower()
    parts = _SPAN.findall(compact)
    if not parts or "".join(count + unit for count, unit in parts) != compact:
        raise UserError(f"{text!r} is not a span of time; write for example 30s, 10m, 2h30m or 3d")
    try:
        return sum((timedelta(**{_UNITS[unit]: int(count)}) for count, unit in parts), timedelta())
    except OverflowError:
        raise UserError(f"{text!r} is too long a span of time; the clock ends in the year 9999") from None


def one_of(word: str, known: Iterable[str], what: str, more: str) -> str:
    """Return `word` when it is known.

    Raises:
        UserError: it is not; names the nearest known one, and `more` says where they are listed.
    """
    names = list(known)
    if word in names:
        return word
    near = get_close_matches(word, names, 1)
    raise UserError(f"there is no {what} {word}" + (f"; did you mean {near[0]}?" if near else f"; {more}"))


@dataclass(frozen=True, slots=True)
class Call:
    """A slash command that was found: its full path, its options as Discord stores them, and the text after the path."""

    path: tuple[str, ...]
    options: tuple[Json, ...]
    text: str

    @property
    def name(self) -> str:
        """Return the path as a person writes it, `/cases list`."""
        return "/" + " ".join(self.path)

    @property
    def usage(self) -> str:
        """Return the command with what it takes; optional parts in brackets."""
        return " ".join([self.name, *(_hint(option) for option in self.options)])


def _hint(option: Json) -> str:
    choices = "|".join(str(choice["name"]) for choice in option.get("choices") or ())
    hint = f"{option['name']}:{choices or _HINTS.get(option['type'], 'text')}"
    return hint if option.get("required") else f"[{hint}]"


def find_call(commands: Sequence[Json], text: str) -> Call:
    """Return the command that a line after its slash names, down to the subcommand.

    Raises:
        UserError: nothing is called so, or a subcommand is missing.
    """
    first, _, rest = text.partition(" ")
    known = {command["name"]: command for command in commands if command.get("type", 1) == 1}
    found = known[one_of(first, known, "command", ":commands lists them").removeprefix("/")]
    path = [first]
    options: list[Json] = found.get("options") or []
    while subs := {option["name"]: option for option in options if option["type"] in (SUBCOMMAND, GROUP)}:
        word, _, rest = rest.strip().partition(" ")
        if word not in subs:
            raise UserError(f"/{' '.join(path)} needs one of: {', '.join(subs)}" + (f"; not {word}" if word else ""))
        path.append(word)
        options = subs[word].get("options") or []
    return Call(tuple(path), tuple(options), rest.strip())


def call_names(commands: Sequence[Json]) -> list[tuple[str, str]]:
    """Return every slash command and subcommand as a person types it, with its description, by name."""
    found: list[tuple[str, str]] = []

    def walk(path: str, entry: Json) -> None:
        options: list[Json] = entry.get("options") or []
        below = [option for option in options if option["type"] in (SUBCOMMAND, GROUP)]
        for option in below:
            walk(f"{path} {option['name']}", option)
        if not below:
            usage = Call(tuple(path.split()), tuple(options), "").usage
            found.append((usage, entry.get("description") or ""))

    for command in commands:
        if command.get("type", 1) == 1:
            walk(command["name"], command)
    return sorted(found)


@dataclass(frozen=True, slots=True)
class _Word:
    name: str | None
    value: str
    quoted: bool
    start: int
    value_start: int


def bind_options(call: Call, find: Finder) -> dict[str, object]:
    """Return the value of each option that was given, by position or as `name:value`, in the type it asks for.

    The last text option takes everything up to the next `name:`. `find(word, type)` returns the user, channel or role
    that a word means.

    Raises:
        UserError: an option is missing, surplus or of the wrong type; says what the command takes.
    """
    binder = _Binder(call, find)
    for index in range(len(binder.words)):
        binder.take(index)
    for option in call.options:
        if option.get("required") and option["name"] not in binder.values:
            raise UserError(f"{call.name} needs {option['name']}; it takes: {call.usage}")
    return binder.values


class _Binder:
    """Walks through the words of one call; `values` is what they bound so far."""

    def __init__(self, call: Call, find: Finder) -> None:
        self.call = call
        self.find = find
        self.values: dict[str, object] = {}
        self.options = {option["name"]: option for option in call.options}
        self.words = self._words()
        named = {word.name for word in self.words}
        self.open = [option for option in call.options if option["name"] not in named]
        self.taken_to = 0

    def _words(self) -> list[_Word]:
        words: list[_Word] = []
        for match in _WORD.finditer(self.call.text):
            group = "quoted" if match["quoted"] is not None else "bare"
            if match["name"] in self.options:
                words.append(_Word(match["name"], match[group], group == "quoted", match.start(), match.start(group)))
            elif match["name"] is None:
                words.append(_Word(None, match[group], group == "quoted", match.start(), match.start(group)))
            else:  # "http://…" or "note: …" names no option: it is text, word by word
                for part in re.finditer(r"\S+", match[0]):
                    start = match.start() + part.start()
                    words.append(_Word(None, part[0], False, start, start))
        return words

    def take(self, index: int) -> None:
        """Bind the word of that index, and with a text option those after it; one already bound is passed over."""
        word = self.words[index]
        if word.start < self.taken_to:
            return
        if word.name is not None:
            option = self.options[word.name]
            value = self._rest(index) if _is_text(option) and not word.quoted else word.value
            self.values[word.name] = self._convert(option, value)
            return
        while self.open:
            option = self.open.pop(0)
            swallows = not word.quoted and _is_text(option) and not any(map(_is_text, self.open))
            try:
                self.values[option["name"]] = self._convert(option, self._rest(index) if swallows else word.value)
            except UserError:
                if option.get("required") or not self.open:
                    raise
                continue
            return
        raise UserError(f"{self.call.name} has no place for {word.value!r}; it takes: {self.call.usage}")

    def _rest(self, index: int) -> str:
        """The text from a word's value up to the next named one, which is thereby taken."""
        end = next((word.start for word in self.words[index + 1 :] if word.name is not None), len(self.call.text))
        self.taken_to = end
        return self.call.text[self.words[index].value_start : end].strip()

    def _convert(self, option: Json, value: str) -> object:
        kind = option["type"]
        if choices := option.get("choices"):
            return self._choice(option, choices, value)
        if kind in (USER, CHANNEL, ROLE, MENTIONABLE):
            return self.find(value, kind)
        if kind in (INTEGER, NUMBER):
            return self._number(option, value)
        if kind == BOOLEAN:
            if value.lower() not in _TRUTH:
                raise UserError(
                    f"{option['name']} is yes or no, not {value!r}; {self.call.name} takes: {self.call.usage}"
                )
            return _TRUTH[value.lower()]
        if kind == ATTACHMENT:
            raise UserError(f"{option['name']} is a file, and files cannot be sent from the console")
        self._check_range(option, len(value), "min_length", "max_length", " characters")
        return value

    def _choice(self, option: Json, choices: list[Json], value: str) -> object:
        for choice in choices:
            if value.lower() in (str(choice["name"]).lower(), str(choice["value"]).lower()):
                return choice["value"]
        names = ", ".join(str(choice["name"]) for choice in choices)
        raise UserError(f"{option['name']} is one of: {names}; not {value!r}")

    def _number(self, option: Json, value: str) -> float:
        whole = option["type"] == INTEGER
        try:
            number = int(value) if whole else float(value)
        except ValueError:
            kind = "a whole number" if whole else "a number"
            raise UserError(
                f"{option['name']} is {kind}, not {value!r}; {self.call.name} takes: {self.call.usage}"
            ) from None
        self._check_range(option, number, "min_value", "max_value", "")
        return number

    def _check_range(self, option: Json, size: float, low: str, high: str, unit: str) -> None:
        at_least, at_most = option.get(low), option.get(high)
        if at_least is not None and size < at_least:
            raise UserError(f"{option['name']} is at least {at_least}{unit}, not {size}")
        if at_most is not None and size > at_most:
            raise UserError(f"{option['name']} is at most {at_most}{unit}, not {size}")


def _is_text(option: Json) -> bool:
    return bool(option["type"] == STRING and not option.get("choices"))
