"""Times as people write them: `10m`, `in 3 days`, `tomorrow 9am`, `friday at 18:30`, `24 dec`, `9pm on 24 dec`, `every day at 9`."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from typing import NamedTuple

from tux.ui.spans import parse_span

DAY = timedelta(days=1)
WEEK = timedelta(days=7)
# A day that is named without a time means this one.
MORNING = time(9)
# No time takes more words than `at 9 in the evening on the 24th of december 2026`.
MAX_WORDS = 11

_WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_MONTHS = ("january", "february", "march", "april", "may", "june", "july", "august", "september", "october", "november", "december")  # fmt: skip
_NEAR = {"today": 0, "tomorrow": 1, "the day after tomorrow": 2, "day after tomorrow": 2, "next week": 7}
_PARTS = {"morning": MORNING, "afternoon": time(15), "evening": time(19), "night": time(20)}
_OF_TODAY = {"tonight": "night", **{f"this {part}": part for part in _PARTS}}
_CLOCKS = {
    "noon": time(12),
    "midnight": time(0),
    **_PARTS,
    **{f"in the {part}": clock for part, clock in _PARTS.items()},
}
# What is earlier belongs to the night before: `tonight at 1`.
_DAWN = time(6)
_UNITS = frozenset({"minute", "hour", "day", "week"})
_SHORT = {"hourly": "every hour", "daily": "every day", "weekly": "every week"}

_CLOCK = re.compile(r"(\d{1,2})(?:[:.](\d{2}))?\s*(am|pm)?", re.ASCII)
_PART_CLOCK = re.compile(rf"(?:in the )?({'|'.join(_PARTS)})(?: at)? (.+)", re.ASCII)
_CLOCK_PART = re.compile(rf"(.+) (?:in the|at) ({'|'.join(_PARTS)})", re.ASCII)
_ISO = re.compile(r"(2\d{3})-(\d{1,2})-(\d{1,2})", re.ASCII)
_DOTTED = re.compile(r"(\d{1,2})\.(\d{1,2})\.(2\d{3})?", re.ASCII)
_DAY_MONTH = re.compile(r"(?:on )?(?:the )?(\d{1,2})(?:st|nd|rd|th)?(?: of)? ([a-z]{3,9})\.?,?(?: (2\d{3}))?", re.ASCII)
_QUOTED = re.compile(r"\s*[\"“„«]([^\"”“»]+)[\"”“»]\s*(.*)", re.DOTALL)
_MONTH_DAY = re.compile(r"(?:on )?([a-z]{3,9})\.? (\d{1,2})(?:st|nd|rd|th)?,?(?: (2\d{3}))?", re.ASCII)


@dataclass(frozen=True, slots=True)
class When:
    """A time, aware, in UTC, and after which span it comes again; a time may have passed."""

    at: datetime
    every: timedelta | None = None


class _Days(NamedTuple):
    """The day that was named, and those that are meant if it has passed."""

    first: date
    later: tuple[date, ...] = ()


def split_when(text: str, at: datetime, zone: tzinfo) -> tuple[When, str] | None:
    """Return the time that the longest possible beginning of a text says, and the rest; None when it begins with none.

    A text may put its time into quotes, which then is all between them.
    """
    if quoted := _QUOTED.fullmatch(text):
        when = parse_when(quoted[1], at, zone)
        return None if when is None else (when, quoted[2])
    words = text.split(maxsplit=MAX_WORDS)
    for count in range(min(len(words), MAX_WORDS), 0, -1):
        when = parse_when(" ".join(words[:count]), at, zone)
        if when is not None:
            rest = text.split(maxsplit=count)
            return None if _names_another_day(words[count:]) else (when, rest[count] if len(rest) > count else "")
    return None


def _names_another_day(rest: list[str]) -> bool:
    """Whether what follows a time goes on with a second weekday, as in `every monday and thursday`: nobody means the first alone."""
    return len(rest) > 1 and rest[0].lower() in {"and", "or", "&"} and _weekday(rest[1].lower().rstrip(",")) is not None


def parse_when(text: str, at: datetime, zone: tzinfo) -> When | None:
    """Return the time that a text says at the time `at`, on the clock of `zone`; None when it cannot be read."""
    words = " ".join(text.lower().split()).rstrip(",")
    first, _, rest = words.partition(" ")
    words = f"{_SHORT[first]} {rest}".strip() if first in _SHORT else words
    local = at.astimezone(zone)
    if words.startswith(("every ", "each ")):
        return _repeating(words.partition(" ")[2], local)
    found = _once(words, local)
    return None if found is None else When(found.astimezone(UTC))


def _once(words: str, local: datetime) -> datetime | None:
    span = parse_span(words.removeprefix("in ").removesuffix(" from now"))
    if span is not None:
        return _after(local, span)
    clock = _clock(words, bare=False)
    if clock is not None:
        today = local.date()
        return _first_after(local, _Days(today, (today + DAY,)), clock)
    for day_words, clock in (*_splits(words), *_turned_splits(words)):
        days = _days(day_words, local.date(), clock)
        if days is not None:
            return _first_after(local, days, clock or MORNING)
    return None


def _repeating(words: str, local: datetime) -> When | None:
    words = f"day {words}" if words.partition(" ")[0] in _CLOCKS else words  # every evening at 8
    for head, clock in _splits(words):
        weekday = _weekday(head)
        span = WEEK if weekday is not None else parse_span(f"1 {head}" if head in _UNITS else head)
        if span is None or (clock is not None and span % DAY):
            continue
        if clock is None and weekday is None:
            return When(_after(local, span).astimezone(UTC), span)
        today = local.date()
        begin = today if weekday is None else today + (weekday - today.weekday()) % 7 * DAY
        step = DAY if weekday is None else WEEK
        return When(_first_after(local, _Days(begin, (begin + step,)), clock or MORNING).astimezone(UTC), span)
    return None


def _splits(words: str) -> list[tuple[str, time | None]]:
    """Return every way to read a text as a day and a time of day behind it; first without a time."""
    parts = words.split()
    found: list[tuple[str, time | None]] = [(words, _CLOCKS.get(_OF_TODAY.get(words, "")))]
    for count in range(len(parts) - 1, 0, -1):
        head, tail = " ".join(parts[:count]), " ".join(parts[count:])
        clock = _clock(tail, bare=True, part=_OF_TODAY.get(head))
        if clock is not None:
            found.append((head, clock))
    return found


def _turned_splits(words: str) -> list[tuple[str, time | None]]:
    """Return every way to read a text as a time of day and a day behind it: `9am tomorrow`, `at 6 on friday`."""
    parts = words.split()
    found: list[tuple[str, time | None]] = []
    for count in range(1, len(parts)):
        head, tail = " ".join(parts[:count]), " ".join(parts[count:])
        clock = _clock(head, bare=False, part=_OF_TODAY.get(tail))
        # `9am 2 days before` says nothing of in two days
        if clock is not None and parse_span(tail) is None:
            found.append((tail, clock))
    return found


def _clock(words: str, *, bare: bool, part: str | None = None) -> time | None:
    """Return a time of day; `bare` says that a number alone is one, as it is behind a day or `at`."""
    bare = bare or words.startswith("at ")
    words = words.removeprefix("at ")
    if found := _PART_CLOCK.fullmatch(words):
        part, words = found.groups()
        bare = True
    elif found := _CLOCK_PART.fullmatch(words):
        words, part = found.groups()
        bare = True
    if words in _CLOCKS:
        return _CLOCKS[words]
    found = _CLOCK.fullmatch(words)
    if found is None or not (bare or found[2] or found[3]):
        return None
    hour, minute, half = int(found[1]), int(found[2] or 0), found[3]
    if half is not None:
        if not 1 <= hour <= 12:  # noqa: PLR2004 - hours on a clock
            return None
        hour = hour % 12 + (12 if half == "pm" else 0)
    elif part is not None:
        hour = _hour_in(part, hour)
    return time(hour, minute) if hour < 24 and minute < 60 else None  # noqa: PLR2004 - hours and minutes


def _hour_in(part: str, hour: int) -> int:
    """Return the hour of the day that a number means in a part of it: nine in the evening is 21, one at night stays."""
    if part in {"evening", "night"} and hour == 12:  # noqa: PLR2004 - hours on a clock
        return 0
    first = {"morning": 12, "night": _DAWN.hour}.get(part, 1)
    return hour + 12 if first <= hour < 12 else hour  # noqa: PLR2004 - hours on a clock


def _days(words: str, today: date, clock: time | None) -> _Days | None:
    if words in _OF_TODAY:
        return _Days(today, (today + DAY,) if clock is not None and clock < _DAWN else ())
    if words in _NEAR:
        return _Days(today + _NEAR[words] * DAY) if clock or _NEAR[words] else None
    weekday = _weekday(words)
    if weekday is not None:
        first = today + (weekday - today.weekday()) % 7 * DAY
        if words.startswith("next ") and first == today:
            return _Days(today + WEEK)
        return _Days(first, (first + WEEK,))
    span = parse_span(words.removeprefix("in "))
    if span is not None:
        return None if span % DAY else _Days(today + span)
    return _date(words, today)


def _weekday(words: str) -> int | None:
    name = words.removeprefix("on ").removeprefix("next ").removeprefix("this ")
    return _number_of(name, _WEEKDAYS)


def _date(words: str, today: date) -> _Days | None:
    words = words.removeprefix("on ")
    if found := _ISO.fullmatch(words):
        year, month, day = found.groups()
    elif (found := _DOTTED.fullmatch(words)) or (found := _DAY_MONTH.fullmatch(words)):
        day, month, year = found.groups()
    elif found := _MONTH_DAY.fullmatch(words):
        month, day, year = found.groups()
    else:
        return None
    number = int(month) if month.isdigit() else _month(month)
    years = (int(year),) if year else (today.year, today.year + 1)
    days = [made for each in years if (made := _made_date(each, number, int(day))) is not None]
    return _Days(days[0], tuple(days[1:])) if days else None


def _month(name: str) -> int:
    """Return the number of a month by its name or the beginning of it, 0 when there is none."""
    number = _number_of(name, _MONTHS)
    return 0 if number is None else number + 1


def _number_of(name: str, names: tuple[str, ...]) -> int | None:
    """Return which of some names this is, or begins with these three letters or more."""
    return next((number for number, each in enumerate(names) if len(name) > 2 and each.startswith(name)), None)  # noqa: PLR2004 - letters of a short form


def _made_date(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:  # 30 February, 13th month
        return None


def _after(local: datetime, span: timedelta) -> datetime:
    """Return the time a span later: whole days on the clock of the zone, anything else in real time."""
    if span % DAY:
        return local.astimezone(UTC) + span
    return (local.replace(tzinfo=None) + span).replace(tzinfo=local.tzinfo)


def _first_after(local: datetime, days: _Days, clock: time) -> datetime:
    """Return the first of the days' times that has not passed, else the first."""
    times = [datetime.combine(day, clock, local.tzinfo) for day in (days.first, *days.later)]
    return next((each for each in times if each.astimezone(UTC) > local.astimezone(UTC)), times[0])
