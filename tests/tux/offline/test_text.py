from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from tux.offline.text import Names, indented, relative_words, styled, with_names, wrapped

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
BOB, GENERAL, MODS, SERVER = "100000000000000001", "200000000000000001", "300000000000000001", "400000000000000001"
NAMES = Names({BOB: "bob"}, {GENERAL: "general"}, {MODS: "Mods", SERVER: "@everyone"}, now=lambda: NOW)


def stamp(**ahead):
    return int((NOW + timedelta(**ahead)).timestamp())


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        (f"<@{BOB}> and <@!{BOB}>", "@bob and @bob"),
        (f"<@&{MODS}> in <#{GENERAL}>", "@Mods in #general"),
        (f"<@&{SERVER}>", "@everyone"),
        ("<@1> <#1> <@&1>", "@unknown #unknown @unknown-role"),
        ("<:star:123> <a:wave:456>", ":star: :wave:"),
        ("</cases list:123>", "/cases list"),
        (f"id {BOB}, {GENERAL}, {MODS}", "id @bob, #general, @Mods"),
        (f"server {SERVER}, message 999999999999999999", "server <server>, message <id>"),
        ("case 12345 of 2026", "case 12345 of 2026"),
        (f"<@{BOB}> ({BOB}) and bob ({BOB})", "@bob and bob"),
        (f"alice ({BOB})", "alice (@bob)"),
    ],
)
def test_mentions_and_ids_are_shown_by_name(text, shown):
    assert with_names(text, NAMES) == shown


def test_a_timestamp_is_words_relative_to_the_clock_of_the_world():
    assert with_names(f"<t:{stamp(minutes=10)}:R>", NAMES) == "in 10 minutes"
    assert with_names(f"<t:{stamp(days=-3)}:R>", NAMES) == "3 days ago"


def test_a_date_beside_its_words_is_said_once_where_dates_are_not_shown():
    text = f"ends <t:{stamp(minutes=10)}:f> (<t:{stamp(minutes=10)}:R>)"
    assert with_names(text, NAMES) == "ends in 10 minutes"
    dated = Names(now=lambda: NOW, dates=True)
    assert with_names(text, dated) == "ends 1 March 2026 12:10 (in 10 minutes)"


@pytest.mark.parametrize(
    ("style", "shown"),
    [
        ("t", "12:00"),
        ("T", "12:00:00"),
        ("d", "2026-03-01"),
        ("D", "1 March 2026"),
        ("F", "1 March 2026 12:00"),
        ("R", "just now"),
    ],
)
def test_each_style_of_a_timestamp_has_its_form(style, shown):
    assert with_names(f"<t:{stamp()}:{style}>", Names(now=lambda: NOW, dates=True)) == shown


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (0, "just now"),
        (-4.9, "just now"),
        (29.4, "in 30 seconds"),
        (-30, "30 seconds ago"),
        (89.7, "in 90 seconds"),
        (599.6, "in 10 minutes"),
        (3599, "in 60 minutes"),
        (7199.5, "in 2 hours"),
        (86399, "in 24 hours"),
        (28 * 86400 - 0.5, "in 28 days"),
        (60 * 86400, "in 2 months"),
        (-3 * 365 * 86400, "3 years ago"),
    ],
)
def test_spans_are_words_that_a_slow_machine_does_not_change(seconds, words):
    assert relative_words(seconds) == words


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        ("**bold** *it* _it_ __under__ ~~gone~~ ||dark||", "bold it it under gone dark"),
        ("use `!warn <member>` now", "use `!warn <member>` now"),
        ("```py\nprint(1)\n```", "print(1)"),
        ("snake_case_name and 2 * 3 * 4", "snake_case_name and 2 * 3 * 4"),
        (r"not \*bold\*", "not *bold*"),
        ("[docs](https://example.org/a)", "docs (https://example.org/a)"),
        ("## Title\n-# small", "Title\nsmall"),
        (f"**warned <@{BOB}>** (`{BOB}`)", "warned @bob (`@bob`)"),
        (f"Ban <@{BOB}> (`{BOB}`)?", "Ban @bob?"),
    ],
)
def test_markdown_loses_its_marks_but_code_keeps_its_backticks(text, plain):
    assert styled(text, NAMES).plain == plain


def test_bold_text_is_styled_and_a_name_is_never_read_as_markdown():
    names = Names({BOB: "_bob_"})
    text = styled(f"**hi** <@{BOB}>", names)
    assert text.plain == "hi @_bob_"
    assert [(span.start, span.end, span.style) for span in text.spans] == [(0, 2, "bold")]


def test_lines_break_between_words_and_leave_no_trailing_spaces():
    lines = [line.plain for line in wrapped(styled("one two three  \n\nfour", NAMES), 10)]
    assert lines == ["one two", "three", "", "four"]


def test_an_emoji_counts_two_cells():
    lines = wrapped(styled("🔨🔨🔨🔨🔨🔨", NAMES), 10)
    assert [line.plain for line in lines] == ["🔨" * 5, "🔨"]


def test_a_prefix_stands_before_each_line_and_not_before_nothing():
    lines = indented(wrapped(styled("a\n\nb", NAMES), 10), "> ", "| ")
    assert [line.plain for line in lines] == ["> a", "|", "| b"]
