from __future__ import annotations

from datetime import UTC, datetime, timedelta

from tux.offline.render import component_lines, embed_lines, message_lines, modal_fields, modal_lines
from tux.offline.text import Names

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
BOB = "100000000000000001"
NAMES = Names({BOB: "bob"}, now=lambda: NOW)


class Numbers:
    """Gives 1, 2, 3… and remembers to whom."""

    def __init__(self):
        self.given = []

    def __call__(self, component):
        self.given.append(component)
        return len(self.given)


def plain(lines):
    return [line.plain for line in lines]


def row(*components):
    return {"type": 1, "components": list(components)}


def button(label, **more):
    return {"type": 2, "style": 1, "label": label, "custom_id": label, **more}


def test_an_embed_is_a_box_open_to_the_right_with_aligned_fields():
    embed = {
        "title": "Case 1: **warn**",
        "description": f"<@{BOB}> was warned",
        "fields": [{"name": "Reason", "value": "spam"}, {"name": "Moderator", "value": f"<@{BOB}>"}],
        "footer": {"text": "id 999999999999999999"},
        "color": 0xFF0000,
    }
    lines = embed_lines(embed, NAMES, 40)
    assert plain(lines) == [
        "╭─ Case 1: warn",
        "│ @bob was warned",
        "│ Reason     spam",
        "│ Moderator  @bob",
        "╰─ id <id>",
    ]
    assert {str(line.spans[0].style) for line in lines} == {"#ff0000"}


def test_a_long_field_stands_below_its_name_and_wraps_inside_the_box():
    embed = {"fields": [{"name": "Reason", "value": "one two three four five six"}, {"name": "By", "value": "x"}]}
    assert plain(embed_lines(embed, NAMES, 24)) == [
        "╭─",
        "│ Reason",
        "│   one two three four",
        "│   five six",
        "│ By  x",
        "╰─",
    ]


def test_an_embed_says_its_author_image_and_a_timestamp_that_is_not_now():
    embed = {
        "title": "Report",
        "author": {"name": "Tux"},
        "image": {"url": "https://cdn.example/a/cat.png"},
        "footer": {"text": "old"},
        "timestamp": (NOW - timedelta(hours=2)).isoformat(),
    }
    assert plain(embed_lines(embed, NAMES, 40)) == [
        "╭─ Report",
        "│ Tux",
        "│ [image cat.png]",
        "╰─ old · 2 hours ago",
    ]
    fresh = {"title": "Report", "timestamp": NOW.isoformat()}
    assert plain(embed_lines(fresh, NAMES, 40)) == ["╭─ Report", "╰─"]


def test_a_long_title_wraps_and_no_line_is_wider_than_asked():
    embed = {"title": "word " * 20, "description": "🔨 " * 40, "footer": {"text": "foot " * 20}}
    lines = embed_lines(embed, NAMES, 40)
    assert max(line.cell_len for line in lines) <= 40
    assert all(line.plain == line.plain.rstrip() for line in lines)


def test_buttons_are_numbered_and_a_disabled_or_linked_one_is_not():
    numbers = Numbers()
    buttons = row(
        button("Confirm"),
        button("Old", disabled=True),
        {"type": 2, "style": 5, "label": "Docs", "url": "https://e.org"},
        button("", emoji={"name": "🔨", "id": None}),
    )
    assert plain(component_lines([buttons], NAMES, 80, numbers)) == [
        "[1] Confirm  [-] Old  Docs (https://e.org)  [2] 🔨"
    ]
    assert [given["custom_id"] for given in numbers.given] == ["Confirm", ""]


def test_a_row_of_buttons_breaks_between_buttons():
    lines = component_lines([row(button("Confirm it"), button("Cancel it"))], NAMES, 20, Numbers())
    assert plain(lines) == ["[1] Confirm it", "[2] Cancel it"]


def test_selects_list_their_choices_or_what_they_take():
    kinds = {
        "type": 3,
        "custom_id": "k",
        "placeholder": "Kind",
        "options": [{"label": "Ban", "value": "b"}, {"label": "Warn", "value": "w", "default": True}],
    }
    channel = {"type": 8, "custom_id": "c"}
    assert plain(component_lines([row(kinds), row(channel)], NAMES, 80, Numbers())) == [
        "[1] ▾ Kind: Ban / Warn (chosen)",
        "[2] ▾ Make a selection: #channel",
    ]


def test_layouts_show_their_texts_and_buttons():
    layout = {
        "type": 17,
        "components": [
            {"type": 10, "content": "**Settings**"},
            {"type": 14},
            {"type": 9, "components": [{"type": 10, "content": "Log"}], "accessory": button("Change")},
        ],
    }
    assert plain(component_lines([layout], NAMES, 80, Numbers())) == [
        "│ Settings",
        "│ ────────────────────",
        "│ Log",
        "│ [1] Change",
    ]


def test_a_message_shows_text_files_embeds_and_components_in_this_order():
    message = {
        "content": f"hello <@{BOB}>",
        "attachments": [{"filename": "a.txt", "size": 12}],
        "sticker_items": [{"name": "wave"}],
        "poll": {"question": {"text": "Tea?"}, "answers": [{"poll_media": {"text": "yes"}}]},
        "embeds": [{"title": "T", "author": None, "footer": None}],
        "components": [row(button("Go"))],
    }
    assert plain(message_lines(message, NAMES, 80, Numbers())) == [
        "hello @bob",
        "[file a.txt, 12 bytes]",
        "[sticker wave]",
        "Tea?",
        "  ○ yes",
        "╭─ T",
        "╰─",
        "[1] Go",
    ]


def test_a_form_lists_its_fields_and_how_to_answer():
    modal = {
        "title": "Edit case",
        "components": [
            row({"type": 4, "custom_id": "r", "label": "Reason", "value": "spam", "required": True}),
            {"type": 18, "label": "Note", "component": {"type": 4, "custom_id": "n", "required": False}},
        ],
    }
    assert plain(modal_lines(modal, NAMES, 60)) == [
        "╭─ Edit case",
        "│ 1. Reason (now: spam)",
        "│ 2. Note (optional)",
        "╰─ answer with :fill first|second|…",
    ]
    assert [field["custom_id"] for field in modal_fields(modal)] == ["r", "n"]
