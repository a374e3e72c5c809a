from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plugins.reminders.words import parse_when, split_when

BERLIN = ZoneInfo("Europe/Berlin")
# a Friday, 13:30 in Berlin
AT = datetime(2026, 11, 20, 12, 30, tzinfo=UTC)


def shown(when):
    return f"{when.at.astimezone(BERLIN):%a %Y-%m-%d %H:%M}"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("10m", "Fri 2026-11-20 13:40"),
        ("2h30m", "Fri 2026-11-20 16:00"),
        ("in an hour", "Fri 2026-11-20 14:30"),
        ("in 3 days", "Mon 2026-11-23 13:30"),
        ("in 3 days at 9am", "Mon 2026-11-23 09:00"),
        ("tomorrow", "Sat 2026-11-21 09:00"),
        ("Tomorrow  9AM", "Sat 2026-11-21 09:00"),
        ("tomorrow at 9", "Sat 2026-11-21 09:00"),
        ("tomorrow evening", "Sat 2026-11-21 19:00"),
        ("the day after tomorrow at 9:30 pm", "Sun 2026-11-22 21:30"),
        ("today at 18:00", "Fri 2026-11-20 18:00"),
        ("tonight", "Fri 2026-11-20 20:00"),
        ("17:30", "Fri 2026-11-20 17:30"),
        ("9am", "Sat 2026-11-21 09:00"),
        ("12am", "Sat 2026-11-21 00:00"),
        ("12pm", "Sat 2026-11-21 12:00"),
        ("midnight", "Sat 2026-11-21 00:00"),
        ("friday at 18:30", "Fri 2026-11-20 18:30"),
        ("friday 9am", "Fri 2026-11-27 09:00"),
        ("on mon 10", "Mon 2026-11-23 10:00"),
        ("2026-12-24 18:00", "Thu 2026-12-24 18:00"),
        ("24 dec", "Thu 2026-12-24 09:00"),
        ("24th of december at 6pm", "Thu 2026-12-24 18:00"),
        ("dec 24th, 18.00", "Thu 2026-12-24 18:00"),
        ("24.12. 18:00", "Thu 2026-12-24 18:00"),
        ("1 jan", "Fri 2027-01-01 09:00"),
        ("3 may 2028", "Wed 2028-05-03 09:00"),
        ("3 sept", "Fri 2027-09-03 09:00"),
        ("tues 9am", "Tue 2026-11-24 09:00"),
        ("next friday at 18:30", "Fri 2026-11-27 18:30"),
        ("next monday", "Mon 2026-11-23 09:00"),
        ("next week", "Fri 2026-11-27 09:00"),
        ("a week from now", "Fri 2026-11-27 13:30"),
    ],
)
def test_a_time_is_read_on_the_clock_of_the_zone(text, expected):
    when = parse_when(text, AT, BERLIN)
    assert (shown(when), when.every) == (expected, None)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2pm tomorrow", "Sat 2026-11-21 14:00"),
        ("at 3 tomorrow", "Sat 2026-11-21 03:00"),
        ("noon tomorrow", "Sat 2026-11-21 12:00"),
        ("at 6pm on monday", "Mon 2026-11-23 18:00"),
        ("14:30 on 24 dec", "Thu 2026-12-24 14:30"),
        ("9 in the evening on the 24th of december 2026", "Thu 2026-12-24 21:00"),
        ("at 9am in 3 days", "Mon 2026-11-23 09:00"),
    ],
)
def test_the_day_may_stand_behind_the_time_of_day(text, expected):
    assert shown(parse_when(text, AT, BERLIN)) == expected
    when, rest = split_when(f"{text} buy 2 tickets", AT, BERLIN)
    assert (shown(when), rest) == (expected, "buy 2 tickets")


def test_a_span_behind_a_time_of_day_is_no_day():
    when, rest = split_when("2pm 2 days before the deadline", AT, BERLIN)
    assert (shown(when), rest) == ("Fri 2026-11-20 14:00", "2 days before the deadline")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("tonight at 9", "Fri 2026-11-20 21:00"),
        ("at 9 tonight", "Fri 2026-11-20 21:00"),
        ("tonight 9:30", "Fri 2026-11-20 21:30"),
        ("tonight at 9pm", "Fri 2026-11-20 21:00"),
        ("tonight 21:00", "Fri 2026-11-20 21:00"),
        ("tonight at 12", "Sat 2026-11-21 00:00"),
        ("tonight at midnight", "Sat 2026-11-21 00:00"),
        ("tonight at 1", "Sat 2026-11-21 01:00"),
        ("this evening", "Fri 2026-11-20 19:00"),
        ("this evening at 8", "Fri 2026-11-20 20:00"),
        ("this afternoon", "Fri 2026-11-20 15:00"),
        ("this afternoon at 2", "Fri 2026-11-20 14:00"),
        ("at 5 in the afternoon", "Fri 2026-11-20 17:00"),
        ("in the evening at 8", "Fri 2026-11-20 20:00"),
        ("tomorrow morning at 7", "Sat 2026-11-21 07:00"),
        ("tomorrow at 9 in the morning", "Sat 2026-11-21 09:00"),
        ("tomorrow night", "Sat 2026-11-21 20:00"),
        ("friday evening at 7", "Fri 2026-11-20 19:00"),
    ],
)
def test_a_number_means_an_hour_of_the_part_of_the_day_that_is_named(text, expected):
    assert shown(parse_when(text, AT, BERLIN)) == expected
    when, rest = split_when(f"{text} tea", AT, BERLIN)
    assert (shown(when), rest) == (expected, "tea")


def test_next_friday_is_never_today():
    early = datetime(2026, 11, 20, 7, tzinfo=UTC)
    assert shown(parse_when("friday", early, BERLIN)) == "Fri 2026-11-20 09:00"
    assert shown(parse_when("next friday", early, BERLIN)) == "Fri 2026-11-27 09:00"


@pytest.mark.parametrize("text", ["every monday and thursday at 9 run", "friday or saturday tidy up"])
def test_a_second_weekday_is_not_taken_for_the_words(text):
    assert split_when(text, AT, BERLIN) is None


@pytest.mark.parametrize(
    ("text", "first", "hours"),
    [
        ("every day at 9", "Sat 2026-11-21 09:00", 24),
        ("every day at 18:00", "Fri 2026-11-20 18:00", 24),
        ("daily at 7:30", "Sat 2026-11-21 07:30", 24),
        ("every morning", "Sat 2026-11-21 09:00", 24),
        ("every morning at 7", "Sat 2026-11-21 07:00", 24),
        ("every evening at 8", "Fri 2026-11-20 20:00", 24),
        ("every night at 10", "Fri 2026-11-20 22:00", 24),
        ("every monday morning at 7", "Mon 2026-11-23 07:00", 168),
        ("every 2 hours", "Fri 2026-11-20 15:30", 2),
        ("hourly", "Fri 2026-11-20 14:30", 1),
        ("every week", "Fri 2026-11-27 13:30", 168),
        ("every monday at 9", "Mon 2026-11-23 09:00", 168),
        ("every friday", "Fri 2026-11-27 09:00", 168),
        ("each friday 18:00", "Fri 2026-11-20 18:00", 168),
        ("every 3 days at 18:00", "Fri 2026-11-20 18:00", 72),
    ],
)
def test_a_repetition_begins_at_its_next_time(text, first, hours):
    when = parse_when(text, AT, BERLIN)
    assert (shown(when), when.every) == (first, timedelta(hours=hours))


@pytest.mark.parametrize(
    "text",
    [
        "",
        "9",
        "today",
        "soon",
        "every",
        "every month",
        "every 2 hours at 9",
        "13pm",
        "25:00",
        "9:60",
        "30 feb 2027",
        "32.1.",
    ],
)
def test_what_is_no_time_is_none(text):
    assert parse_when(text, AT, BERLIN) is None


def test_a_time_of_today_that_has_passed_is_returned_as_such():
    assert parse_when("today at 9", AT, BERLIN).at < AT


def test_days_are_counted_on_the_clock_and_hours_are_not():
    before = datetime(2026, 3, 28, 9, tzinfo=BERLIN)  # the clock goes forward that night
    assert shown(parse_when("in 1 day", before, BERLIN)) == "Sun 2026-03-29 09:00"
    assert shown(parse_when("24h1m", before, BERLIN)) == "Sun 2026-03-29 10:01"


@pytest.mark.parametrize(
    ("text", "time", "rest"),
    [
        ("10m tea", "Fri 2026-11-20 13:40", "tea"),
        ("tomorrow 9am buy  milk", "Sat 2026-11-21 09:00", "buy  milk"),
        ("in 3 days water the plants", "Mon 2026-11-23 13:30", "water the plants"),
        ("2h30m and then go", "Fri 2026-11-20 16:00", "and then go"),
        ("10m 5 apples", "Fri 2026-11-20 13:40", "5 apples"),
        ("friday", "Fri 2026-11-27 09:00", ""),
        ('"tomorrow 9am" buy milk', "Sat 2026-11-21 09:00", "buy milk"),
        ('"10m" 5 "apples"', "Fri 2026-11-20 13:40", '5 "apples"'),
        ("“in 3 days”  water\nthe plants", "Mon 2026-11-23 13:30", "water\nthe plants"),
        ('10m "tea"', "Fri 2026-11-20 13:40", '"tea"'),
    ],
)
def test_the_longest_time_that_a_text_begins_with_is_split_off(text, time, rest):
    when, found = split_when(text, AT, BERLIN)
    assert (shown(when), found) == (time, rest)


def test_a_text_that_begins_with_no_time_is_not_split():
    assert split_when("buy milk tomorrow", AT, BERLIN) is None
    assert split_when('"buy milk" tomorrow', AT, BERLIN) is None
    assert split_when('"tomorrow buy milk', AT, BERLIN) is None


WORDS = st.sampled_from(
    [
        "in",
        "a",
        "3",
        "days",
        "tomorrow",
        "at",
        "9",
        "9am",
        "25:99",
        "every",
        "monday",
        "tonight",
        "in the evening",
        "2026-02-30",
        "29",
        "feb",
        "0m",
        "9999d",
        "31.4.",
        "\n",
        "😀",
    ]
)


@given(st.lists(WORDS, max_size=9).map(" ".join) | st.text(max_size=40))
def test_whatever_is_written_is_read_or_not_but_never_fails(text):
    when = parse_when(text, AT, BERLIN)
    split_when(text, AT, BERLIN)
    assert when is None or when.at.tzinfo is UTC
