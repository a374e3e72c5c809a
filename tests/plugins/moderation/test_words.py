"""What moderators write after a command."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plugins.moderation.errors import InvalidDuration, InvalidFlag, UnknownChoice
from plugins.moderation.words import Takes, Words, fill_template, read_words

BOB, CAROL = 100000000000000001, 100000000000000002
ALL = Takes(frozenset({"duration", "purge"}))


def test_members_flags_and_reason_are_told_apart():
    found = read_words(f"<@{BOB}> <@!{CAROL}> {BOB} -silent third time -purge 1d -duration 2h30m over", ALL)
    assert found == Words((BOB, CAROL), "third time over", True, timedelta(hours=2.5), timedelta(days=1))
    assert found.purge_seconds == 86400


def test_flags_are_found_however_they_are_written_and_on_every_line():
    found = read_words("first rule\n\nsecond rule\n-Silent\n-DURATION 2h", ALL)
    assert found == Words((), "first rule\n\nsecond rule", silent=True, duration=timedelta(hours=2))


def test_a_member_in_the_middle_of_a_reason_is_not_meant():
    found = read_words(f"insulted <@{BOB}> twice", ALL)
    assert (found.targets, found.reason) == ((), f"insulted <@{BOB}> twice")


def test_the_first_word_is_the_duration_where_one_is_taken():
    takes = Takes(longest=timedelta(days=28))
    assert read_words(f"<@{BOB}> 10m <@{CAROL}> calm 5m", takes) == Words(
        (BOB, CAROL), "calm 5m", duration=timedelta(minutes=10)
    )
    with pytest.raises(InvalidDuration, match="28 days"):
        read_words("29d", takes)


@pytest.mark.parametrize(
    ("text", "takes", "error"),
    [
        ("-purge 1d", Takes(), InvalidFlag),
        ("-duration", ALL, InvalidFlag),
        ("-purge -silent", ALL, InvalidDuration),
        ("-purge 8d", ALL, InvalidDuration),
        ("-duration soon", ALL, InvalidDuration),
        ("-duration 9999999w", ALL, InvalidDuration),
    ],
)
def test_a_flag_that_is_wrong_is_refused(text, takes, error):
    with pytest.raises(error):
        read_words(text, takes)


@given(st.text(alphabet=st.characters(exclude_characters="<-0123456789"), max_size=60))
def test_an_ordinary_reason_is_kept_as_it_was_written(text):
    assert read_words(text, Takes()).reason == (text.strip() or None)


def test_a_template_stands_for_its_text_and_more_may_follow():
    templates = {"spam": "Unasked advertising."}
    assert fill_template("=spam third time", templates) == "Unasked advertising. third time"
    assert fill_template("=SPAM", templates) == "Unasked advertising."
    assert fill_template("a =spam", templates) == "a =spam"
    assert fill_template(None, templates) is None
    with pytest.raises(UnknownChoice, match="=spam"):
        fill_template("=scam", templates)
    with pytest.raises(UnknownChoice, match="There are none yet; `/reasons add` makes one"):
        fill_template("=scam", {})
