from __future__ import annotations

from datetime import timedelta

import pytest

from tux.errors import UserError
from tux.offline.script import (
    BOOLEAN,
    CHANNEL,
    GROUP,
    INTEGER,
    NUMBER,
    ROLE,
    STRING,
    SUBCOMMAND,
    USER,
    Kind,
    Line,
    bind_options,
    find_call,
    read_line,
    read_span,
    split_words,
)


def option(name, kind=STRING, *, required=False, **more):
    return {"name": name, "type": kind, "required": required, **more}


COMMANDS = [
    {"name": "warn", "type": 1, "options": [option("member", USER, required=True), option("reason", required=True)]},
    {
        "name": "ban",
        "type": 1,
        "options": [
            option("member", USER, required=True),
            option("days", INTEGER, min_value=0, max_value=7),
            option("reason", max_length=20),
        ],
    },
    {
        "name": "cases",
        "type": 1,
        "options": [
            option("list", SUBCOMMAND, options=[option("member", USER), option("kind", choices=[
                {"name": "Ban", "value": "BAN"}, {"name": "Warn", "value": "WARN"}])]),
            option("log", GROUP, options=[option("set", SUBCOMMAND, options=[option("channel", CHANNEL, required=True)])]),
        ],
    },
    {
        "name": "set",
        "type": 1,
        "options": [option("title", required=True), option("role", ROLE), option("share", NUMBER), option("on", BOOLEAN)],
    },
    {"name": "ping", "type": 1},
    {"name": "Report", "type": 3},
]  # fmt: skip


def find(word, kind):
    if word.lstrip("@#&") not in ("bob", "general", "Mods"):
        raise UserError(f"nobody is called {word}")
    return (word.lstrip("@#&"), kind)


def bound(text):
    return bind_options(find_call(COMMANDS, text), find)


def refusal(text):
    with pytest.raises(UserError) as caught:
        bound(text)
    return str(caught.value)


@pytest.mark.parametrize(
    ("raw", "line"),
    [
        ("", Line(Kind.BLANK)),
        ("   \n", Line(Kind.BLANK)),
        ("# Warnings", Line(Kind.HEADING, "Warnings")),
        ("#general is quiet", Line(Kind.SAY, "#general is quiet")),
        ("/cases list\n", Line(Kind.SLASH, "cases list")),
        ("/ 2 is half", Line(Kind.SAY, "/ 2 is half")),
        (":click 1", Line(Kind.ORDER, "1", "click")),
        (":who", Line(Kind.ORDER, "", "who")),
        (":)", Line(Kind.SAY, ":)")),
        (":smile: hello", Line(Kind.SAY, ":smile: hello")),
        ("\\/warn is a command", Line(Kind.SAY, "/warn is a command")),
        ("!warn @bob spam", Line(Kind.SAY, "!warn @bob spam")),
    ],
)
def test_a_line_is_read_by_its_first_sign(raw, line):
    assert read_line(raw) == line


def test_options_are_taken_by_position_and_the_last_text_takes_the_rest():
    assert bound("warn @bob spam in  general") == {"member": ("bob", USER), "reason": "spam in  general"}


def test_options_are_taken_by_name_in_any_order():
    assert bound("warn reason:being rude member:@bob") == {"member": ("bob", USER), "reason": "being rude"}


def test_a_named_user_takes_one_word_and_leaves_the_rest_to_the_others():
    assert bound("warn member:@bob spam again") == {"member": ("bob", USER), "reason": "spam again"}


def test_a_space_after_the_colon_of_a_name_is_allowed():
    assert bound("warn member: @bob reason: spam") == {"member": ("bob", USER), "reason": "spam"}


def test_a_quoted_text_is_one_value_and_a_colon_in_it_names_nothing():
    assert bound('set "a title: on: x" &Mods') == {"title": "a title: on: x", "role": ("Mods", ROLE)}


def test_a_url_is_text_though_it_has_a_colon():
    assert bound("warn @bob http://a.b/c?d=e and more") == {
        "member": ("bob", USER),
        "reason": "http://a.b/c?d=e and more",
    }


def test_an_optional_option_that_a_word_does_not_fit_is_passed_over():
    assert bound("ban @bob was rude") == {"member": ("bob", USER), "reason": "was rude"}
    assert bound("ban @bob 3 was rude") == {"member": ("bob", USER), "days": 3, "reason": "was rude"}


def test_values_get_the_type_that_the_option_asks_for():
    assert bound("set title:x share:0.5 on:yes") == {"title": "x", "share": 0.5, "on": True}


def test_subcommands_and_groups_are_walked_down():
    call = find_call(COMMANDS, "cases log set #general")
    assert call.name == "/cases log set"
    assert bind_options(call, find) == {"channel": ("general", CHANNEL)}


def test_a_choice_is_known_by_name_or_value_in_any_case():
    assert bound("cases list kind:warn") == {"kind": "WARN"}
    assert bound("cases list Ban") == {"kind": "BAN"}


def test_a_command_without_options_takes_no_words():
    assert bound("ping") == {}
    assert refusal("ping now") == "/ping has no place for 'now'; it takes: /ping"


def test_usage_shows_types_choices_and_what_is_optional():
    assert find_call(COMMANDS, "ban").usage == "/ban member:@user [days:number] [reason:text]"
    assert find_call(COMMANDS, "cases list").usage == "/cases list [member:@user] [kind:Ban|Warn]"


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("warm @bob x", "there is no command warm; did you mean warn?"),
        ("zzz", "there is no command zzz; :commands lists them"),
        ("Report", "there is no command Report; :commands lists them"),
        ("cases", "/cases needs one of: list, log"),
        ("cases lst", "/cases needs one of: list, log; not lst"),
        ("warn @bob", "/warn needs reason; it takes: /warn member:@user reason:text"),
        ("warn", "/warn needs member; it takes: /warn member:@user reason:text"),
        ("warn @nobody spam", "nobody is called @nobody"),
        ("ban @bob days:many", "days is a whole number, not 'many'; /ban takes: /ban member:@user [days:number] [reason:text]"),
        ("ban @bob days:9", "days is at most 7, not 9"),
        ("ban @bob days:-1", "days is at least 0, not -1"),
        ("ban @bob reason:" + "x" * 21, "reason is at most 20 characters, not 21"),
        ("cases list kind:Mute", "kind is one of: Ban, Warn; not 'Mute'"),
        ("set x on:perhaps", "on is yes or no, not 'perhaps'; /set takes: /set title:text [role:&role] [share:number] [on:yes|no]"),
    ],
)  # fmt: skip
def test_a_wrong_call_says_what_is_wrong_and_what_would_be_right(text, sentence):
    assert refusal(text) == sentence


@pytest.mark.parametrize(
    ("text", "span"),
    [
        ("30s", timedelta(seconds=30)),
        ("2h30m", timedelta(hours=2, minutes=30)),
        ("1 d", timedelta(days=1)),
        ("1W", timedelta(weeks=1)),
    ],
)
def test_spans_of_time_are_read(text, span):
    assert read_span(text) == span


@pytest.mark.parametrize("text", ["", "soon", "10", "10m and more", "-5m"])
def test_what_is_no_span_is_refused(text):
    with pytest.raises(UserError, match="is not a span of time"):
        read_span(text)


def test_a_span_beyond_all_clocks_is_refused():
    with pytest.raises(UserError, match="too long a span"):
        read_span("9999999999999w")


def test_words_in_quotes_are_one():
    assert split_words('2 "Level 1" Ban') == ["2", "Level 1", "Ban"]
