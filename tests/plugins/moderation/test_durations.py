from __future__ import annotations

from contextlib import suppress
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plugins.moderation.durations import MAX_TIMEOUT, parse_duration
from plugins.moderation.errors import InvalidDuration


@pytest.mark.parametrize(
    ("text", "span"),
    [
        ("10m", timedelta(minutes=10)),
        ("2h30m", timedelta(hours=2, minutes=30)),
        ("1w 2d", timedelta(days=9)),
        (" 45S ", timedelta(seconds=45)),
        ("28d", MAX_TIMEOUT),
    ],
)
def test_a_duration_is_read_as_a_moderator_writes_it(text, span):
    assert parse_duration(text, longest=MAX_TIMEOUT) == span


@pytest.mark.parametrize("text", ["", "10", "m", "10x", "-5m", "1.5h", "10m!", "ten minutes", "٣m", "0s", "99999999d"])
def test_what_is_no_duration_is_refused_with_an_example(text):
    with pytest.raises(InvalidDuration, match="10m"):
        parse_duration(text)


@pytest.mark.parametrize("text", ["28d1s", "5w", "9999999w"])
def test_more_than_discord_allows_is_refused_with_the_limit(text):
    with pytest.raises(InvalidDuration, match="28 days"):
        parse_duration(text, longest=MAX_TIMEOUT)


@pytest.mark.parametrize("text", ["3651d", "9999999w", "9999999w" * 20])
def test_more_than_a_calendar_holds_is_refused_with_the_limit(text):
    with pytest.raises(InvalidDuration, match="3650 days"):
        parse_duration(text)


@given(st.integers(1, 40_000), st.sampled_from("wdhms"))
def test_every_unit_is_read_exactly(number, unit):
    seconds = {"w": 604_800, "d": 86_400, "h": 3_600, "m": 60, "s": 1}[unit]
    assert parse_duration(f"{number}{unit}", longest=timedelta(weeks=40_000)) == timedelta(seconds=number * seconds)


@given(st.text(max_size=20))
def test_any_text_gives_a_span_or_a_refusal(text):
    with suppress(InvalidDuration):
        assert parse_duration(text) > timedelta()
