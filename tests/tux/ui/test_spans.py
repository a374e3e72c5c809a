from __future__ import annotations

from datetime import timedelta

import pytest

from tux.ui.spans import parse_span, span_words


@pytest.mark.parametrize(
    ("text", "minutes"),
    [
        ("10m", 10),
        ("2h30m", 150),
        (" 2 H 30 min ", 150),
        ("1 hour and 30 minutes", 90),
        ("a day, 1 hour", 1500),
        ("an hour", 60),
        ("1w", 10080),
        ("90 seconds", 1.5),
    ],
)
def test_a_span_is_read_as_people_write_it(text, minutes):
    assert parse_span(text) == timedelta(minutes=minutes)


@pytest.mark.parametrize(
    "text",
    ["", "10", "m", "0m", "1x", "ten minutes", "10m and", "1handful", "9999d", "9999999w" * 20, "-5m", "\u0661m"],
)
def test_what_is_no_span_is_none(text):
    assert parse_span(text) is None


@pytest.mark.parametrize(
    ("seconds", "words", "exact"),
    [
        (0, "now", "now"),
        (1, "1 second", "1 second"),
        (90, "1 minute", "90 seconds"),
        (9000, "2 hours", "150 minutes"),
        (86_400, "1 day", "1 day"),
        (1_209_600, "14 days", "14 days"),
    ],
)
def test_a_span_is_said_in_its_largest_unit(seconds, words, exact):
    assert span_words(timedelta(seconds=seconds)) == words
    assert span_words(timedelta(seconds=seconds), exact=True) == exact
