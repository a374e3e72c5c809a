"""Discord's text for a terminal: mentions become names, timestamps words, and marks like **bold** styles."""

from __future__ import annotations

import io
import re
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from rich.console import Console
from rich.text import Text

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

_MESSAGES = "https://discord.com/channels/"
_MENTION = re.compile(
    r"<(?P<kind>@!?|@&|\#)(?P<id>\d+)>"
    r"|<a?:(?P<emoji>\w+):\d+>"
    r"|</(?P<command>[\w -]+):\d+>"
    r"|<t:(?P<time>-?\d{1,13})(?::(?P<style>[tTdDfFR]))?>"
    r"|\b(?P<snowflake>\d{17,20})\b"
)
_TWICE_TOLD = re.compile(r"(<t:(-?\d+)(?::\w)?>) ?\(<t:\2:R>\)")
_MENTION_AND_ID = re.compile(r"(<@!?(\d+)>) \(`?\2`?\)")
_NAME_AND_ID = re.compile(r"\b([\w.]+) \(`?(\d{17,20})`?\)")
_MARK = re.compile(
    r"\\(?P<escaped>[*_~`|>\\#-])"
    r"|```(?:\w*\n)?(?P<block>.+?)```"
    r"|`(?P<code>[^`\n]+)`"
    r"|\*\*(?P<bold>.+?)\*\*"
    r"|__(?P<underline>.+?)__"
    r"|~~(?P<strike>.+?)~~"
    r"|\|\|(?P<dim>.+?)\|\|"
    r"|\*(?P<italic>[^*\s](?:[^*]*[^*\s])?)\*"
    r"|(?<!\w)_(?P<slanted>[^_\s](?:[^_]*[^_\s])?)_(?!\w)"
    r"|\[(?P<label>[^\]\n]+)\]\((?P<url>https?://[^)\s]+)\)",
    re.DOTALL,
)
_LINE_MARK = re.compile(r"^(?:(?P<heading>#{1,3})|(?P<small>-#)) +", re.MULTILINE)
_STYLES = {"slanted": "italic", "block": "cyan", "code": "cyan"}
_RULER = Console(file=io.StringIO(), width=80, color_system=None, legacy_windows=False)

# (below so many seconds, seconds of one unit, the unit); coarse, so that a slow machine reads the same words
_SPANS = (
    (100, 10, "second"),
    (100 * 60, 60, "minute"),
    (36 * 3600, 3600, "hour"),
    (45 * 86400, 86400, "day"),
    (540 * 86400, 30 * 86400, "month"),
)
_YEAR_SECONDS = 365 * 86400
_NOW_SECONDS = 5


def _no_names() -> Mapping[str, str]:
    return {}


@dataclass(frozen=True, slots=True)
class Names:
    """What ids are called, and what time it is; with `dates` absolute timestamps show their date, else words."""

    users: Mapping[str, str] = field(default_factory=_no_names)
    channels: Mapping[str, str] = field(default_factory=_no_names)
    roles: Mapping[str, str] = field(default_factory=_no_names)
    now: Callable[[], datetime] = lambda: datetime.now(UTC)
    dates: bool = False

    def user(self, user_id: object) -> str:
        """Return `@bob`, or `@unknown`."""
        return f"@{self.users.get(str(user_id), 'unknown')}"

    def channel(self, channel_id: object) -> str:
        """Return `#general`, or `#unknown`."""
        return f"#{self.channels.get(str(channel_id), 'unknown')}"

    def role(self, role_id: object) -> str:
        """Return `@Moderators`, or `@unknown-role`; the role of everyone is `@everyone`."""
        return f"@{self.roles.get(str(role_id), 'unknown-role').removeprefix('@')}"

    def label(self, snowflake: str) -> str:
        """Return the name of whatever has this id, `<server>` or `<id>`: people read names, and ids change."""
        if snowflake in self.users:
            return self.user(snowflake)
        if snowflake in self.channels:
            return self.channel(snowflake)
        if snowflake not in self.roles:
            return "<id>"
        # a guild's id is also that of its role of everyone
        return "<server>" if self.roles[snowflake] == "@everyone" else self.role(snowflake)

    def moment(self, when: datetime, style: str = "R") -> str:
        """Return a time as words relative to now, or as a date (UTC) when `dates` is set and the style asks for one."""
        if style == "R" or not self.dates:
            return relative_words((when - self.now()).total_seconds())
        form = {"t": "%H:%M", "T": "%H:%M:%S", "d": "%Y-%m-%d", "D": "%-d %B %Y"}.get(style, "%-d %B %Y %H:%M")
        return when.astimezone(UTC).strftime(form)


def relative_words(seconds: float) -> str:
    """Return "in 10 minutes", "3 days ago" or "just now" for a span in seconds from now (negative: past)."""
    size = abs(seconds)
    if size < _NOW_SECONDS:
        return "just now"
    limit = next((span for span in _SPANS if size < span[0]), (0, _YEAR_SECONDS, "year"))
    count = max(1, round(size / limit[1])) * (10 if limit[2] == "second" else 1)
    words = f"{count} {limit[2]}{'' if count == 1 else 's'}"
    return f"in {words}" if seconds > 0 else f"{words} ago"


def with_names(text: str, names: Names) -> str:
    """Return the text with every mention, custom emoji, timestamp and id in words."""

    def word(match: re.Match[str]) -> str:
        if kind := match["kind"]:
            lookup = {"#": names.channel, "@&": names.role}.get(kind, names.user)
            return lookup(match["id"])
        if match["emoji"]:
            return f":{match['emoji']}:"
        if match["command"]:
            return f"/{match['command']}"
        if match["snowflake"]:
            return names.label(match["snowflake"])
        return names.moment(datetime.fromtimestamp(int(match["time"]), UTC), match["style"] or "f")

    return _MENTION.sub(word, said_once(text, names))


def said_once(text: str, names: Names) -> str:
    """Return the text without what would repeat itself in words: `<@1> (1)`, `bob (1)`, a date beside its own span."""
    if not names.dates:
        text = _TWICE_TOLD.sub(r"\1", text)
    text = _MENTION_AND_ID.sub(r"\1", text)
    return _NAME_AND_ID.sub(lambda match: match[1] if names.users.get(match[2]) == match[1] else match[0], text)


def styled(text: str, names: Names, style: str = "") -> Text:
    """Return Discord's markdown as styled text, its marks removed (code keeps its backticks), ids as names."""
    out = Text(style=style)
    end = 0
    text = _LINE_MARK.sub("", said_once(text, names))
    for match in _MARK.finditer(text):
        out.append(with_names(text[end : match.start()], names))
        out.append_text(_marked(match, names))
        end = match.end()
    out.append(with_names(text[end:], names))
    return out


def _marked(match: re.Match[str], names: Names) -> Text:
    kind = match.lastgroup or ""
    inner = match[kind]
    if kind == "escaped":
        return Text(inner)
    if kind == "url":
        # the way to a message is a click in Discord, and nothing that a terminal could follow
        return Text(match["label"] if inner.startswith(_MESSAGES) else f"{match['label']} ({inner})")
    if kind in ("code", "block"):
        fence = "`" if kind == "code" else ""
        return Text(f"{fence}{with_names(inner.rstrip(), names)}{fence}", _STYLES[kind])
    return styled(inner, names, _STYLES.get(kind, kind))


def wrapped(text: Text, width: int) -> list[Text]:
    """Return the text's lines, broken at `width` cells (an emoji counts two), without trailing spaces."""
    lines: list[Text] = []
    for line in text.split("\n", allow_blank=True):
        lines += line.wrap(_RULER, max(width, 10)) if line.plain.strip() else [Text()]
    for line in lines:
        line.rstrip()
    return lines


def indented(lines: list[Text], first: str, rest: str | None = None, style: str = "") -> list[Text]:
    """Return the lines with a prefix, `first` on the first one and `rest` (default: the same) on the others."""
    out: list[Text] = []
    for number, line in enumerate(lines):
        prefix = first if number == 0 or rest is None else rest
        joined = Text.assemble((prefix, style), line)
        joined.rstrip()
        out.append(joined)
    return out
