from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plugins.reminders.times import find_zone, next_time

BERLIN, NEW_YORK = ZoneInfo("Europe/Berlin"), ZoneInfo("America/New_York")
DAY, HOUR = timedelta(days=1), timedelta(hours=1)


def berlin(month, day, hour, minute=0):
    return datetime(2026, month, day, hour, minute, tzinfo=BERLIN)


def times(first, every, zone, count):
    """Return the times of a series that is told promptly every time."""
    found = [first]
    while len(found) < count:
        found.append(next_time(first, every, found[-1], zone))
    return [moment.astimezone(zone or UTC).strftime("%d %H:%M") for moment in found]


def test_nine_in_the_morning_stays_that_when_the_clock_goes_forward_and_back():
    assert times(berlin(3, 28, 9), DAY, BERLIN, 3) == ["28 09:00", "29 09:00", "30 09:00"]
    assert times(berlin(10, 24, 9), DAY, BERLIN, 3) == ["24 09:00", "25 09:00", "26 09:00"]


def test_a_time_that_is_left_out_is_later_on_that_day_only():
    assert times(berlin(3, 28, 2, 30), DAY, BERLIN, 3) == ["28 02:30", "29 03:30", "30 02:30"]


def test_a_time_that_comes_twice_is_told_once():
    first = berlin(10, 24, 2, 30)
    second = next_time(first, DAY, first, BERLIN)
    assert second == datetime(2026, 10, 25, 0, 30, tzinfo=UTC)
    assert next_time(first, DAY, second, BERLIN) == berlin(10, 26, 2, 30)
    assert next_time(first, DAY, second + HOUR, BERLIN) == berlin(10, 26, 2, 30)


def test_hours_are_counted_in_real_time():
    assert times(berlin(3, 29, 0), 2 * HOUR, BERLIN, 3) == ["29 00:00", "29 03:00", "29 05:00"]


def test_without_a_zone_days_are_those_of_utc():
    first = datetime(2026, 3, 28, 8, tzinfo=UTC)
    assert next_time(first, DAY, first) == first + DAY
    assert next_time(berlin(3, 28, 9), DAY, berlin(3, 28, 9)) == berlin(3, 29, 10)


def test_times_that_were_missed_are_skipped():
    first = datetime(2026, 1, 1, 9, tzinfo=UTC)
    assert next_time(first, DAY, first + 9.5 * DAY) == first + 10 * DAY
    assert next_time(first, DAY, first + 10 * DAY) == first + 11 * DAY
    assert next_time(first, timedelta(seconds=1), first + 1000 * DAY) == first + 1000 * DAY + timedelta(seconds=1)


@given(
    st.datetimes(datetime(2020, 1, 1), datetime(2030, 1, 1), timezones=st.just(UTC)),  # noqa: DTZ001 - bounds are naive
    st.one_of(
        st.integers(1, 14).map(lambda days: days * DAY), st.integers(1, 10**6).map(lambda s: timedelta(seconds=s))
    ),
    st.timedeltas(timedelta(), timedelta(days=800)),
    st.sampled_from([None, BERLIN, NEW_YORK, ZoneInfo("Australia/Lord_Howe"), ZoneInfo("Pacific/Apia")]),
)
def test_the_next_time_is_the_first_of_the_series_that_is_later(first, every, late, zone):
    after = first + late
    found = next_time(first, every, after, zone)
    assert found > after
    assert found - after <= every + 25 * HOUR
    clock = zone if zone is not None and not every % DAY else UTC
    steps = (found.astimezone(clock).replace(tzinfo=None) - first.astimezone(clock).replace(tzinfo=None)) / every
    moved = abs(steps - round(steps)) * every
    assert moved <= 25 * HOUR if clock is not UTC else not moved


@pytest.mark.parametrize("name", ["", "Europe", "Berlin", "../etc/passwd", "/etc/passwd", "nul\0", "x" * 300, "Европа"])
def test_a_zone_that_does_not_exist_is_none(name):
    assert find_zone(name) is None


def test_zones_are_found_by_name():
    assert find_zone("Europe/Berlin") == BERLIN
    assert find_zone("UTC") is not None
