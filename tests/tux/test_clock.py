from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest

from tux.clock import Clock


def test_the_time_is_aware_and_utc():
    moment = Clock().now()
    assert moment.tzinfo is UTC
    assert abs(moment - datetime.now(UTC)) < timedelta(seconds=5)


def test_a_shifted_clock_keeps_running():
    clock = Clock()
    clock.shift(timedelta(days=1))
    first = clock.now()
    assert first - datetime.now(UTC) > timedelta(hours=23)
    assert clock.now() >= first
    clock.reset()
    assert abs(clock.now() - datetime.now(UTC)) < timedelta(seconds=5)


def test_a_frozen_clock_stands_and_is_released():
    clock = Clock()
    at = datetime(2030, 1, 1, 13, tzinfo=timezone(timedelta(hours=1)))
    with clock.freeze(at):
        assert clock.now() == datetime(2030, 1, 1, 12, tzinfo=UTC)
        assert clock.now().tzinfo is UTC
        clock.shift(timedelta(minutes=1))
        assert clock.now() == datetime(2030, 1, 1, 12, 1, tzinfo=UTC)
    assert clock.now().year < 2030


def test_a_naive_time_is_refused():
    with pytest.raises(ValueError, match="needs an aware time"), Clock().freeze(datetime(2030, 1, 1)):  # noqa: DTZ001
        pass
