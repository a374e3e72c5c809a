from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import RFC_4122

from tux.clock import clock
from tux.models.keys import uuid7

NOON = datetime(2026, 1, 1, 12, 0, 0, 123456, tzinfo=UTC)


def test_a_key_is_a_uuid_of_version_7():
    key = uuid7()
    assert (key.version, key.variant) == (7, RFC_4122)


def test_a_key_tells_when_it_was_made():
    with clock.freeze(NOON):
        assert uuid7().int >> 80 == int(NOON.timestamp() * 1000)


def test_keys_sort_as_they_were_made_and_never_repeat():
    made = []
    with clock.freeze(NOON):
        for _ in range(500):
            made.append(uuid7())
            clock.shift(timedelta(microseconds=1))
    assert made == sorted(made)
    with clock.freeze(NOON):
        assert len({uuid7() for _ in range(500)}) == 500
