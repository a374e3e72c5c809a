from __future__ import annotations

from datetime import timedelta

import pytest

from plugins.moderation.errors import InvalidDuration
from plugins.polls.texts import span_of, split_options


@pytest.mark.parametrize(
    ("text", "options", "span"),
    [
        ("tea | coffee", ["tea", "coffee"], None),
        ("tea|coffee -for 2h", ["tea", "coffee"], "2h"),
        ("one for all | all for one", ["one for all", "all for one"], None),
        ("tea -for 2h | coffee", ["tea -for 2h", "coffee"], None),
        ("tea", ["tea"], None),
        (" tea || | coffee | ", ["tea", "coffee"], None),
    ],
)
def test_options_stand_between_bars_and_the_time_at_the_end(text, options, span):
    assert split_options(text) == (options, span)


def test_the_time_is_read_and_limited():
    assert span_of("2h30m") == timedelta(hours=2, minutes=30)
    assert span_of(None) is None
    for wrong in ("soon", "91d"):
        with pytest.raises(InvalidDuration):
            span_of(wrong)
