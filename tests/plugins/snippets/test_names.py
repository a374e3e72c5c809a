from __future__ import annotations

import pytest

from plugins.snippets.errors import InvalidSnippet
from plugins.snippets.names import MAX_CONTENT_LENGTH, TAKEN, checked_content, checked_name, short_name


@pytest.mark.parametrize("name", ["rules", "server-rules", "faq_2", "Größe"])
def test_a_name_is_kept_in_small_letters(name):
    assert checked_name(name) == name.lower()


@pytest.mark.parametrize("name", ["", "two words", "a`b", "a*b", "x" * 101, "@everyone", *sorted(TAKEN)])
def test_a_name_that_could_not_be_recalled_or_would_break_the_answer_is_refused(name):
    with pytest.raises(InvalidSnippet):
        checked_name(name)


@pytest.mark.parametrize("content", ["", " \n ", "x" * (MAX_CONTENT_LENGTH + 1)])
def test_a_text_that_no_message_could_hold_is_refused(content):
    with pytest.raises(InvalidSnippet, match="1 to 2000"):
        checked_content(content)


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("$rules", "rules"),
        ("$rules @bob look", "rules"),
        ("$server-rules\nplease", "server-rules"),
        ("$5 for lunch", None),
        ("$", None),
        ("$ rules", None),
        ("$rules!", None),
        ("$$rules", None),
        ("rules", None),
        ("say $rules", None),
        ("$" + "x" * 101, None),
    ],
)
def test_the_short_form_is_a_mark_and_a_name_at_the_beginning(text, name):
    assert short_name(text, "$") == name


def test_without_a_mark_there_is_no_short_form():
    assert short_name("rules", "") is None


def test_every_command_of_the_group_is_taken(bot):
    assert {command.name for command in bot.get_command("snippet").commands} <= TAKEN
