from __future__ import annotations

import pytest

from plugins.starboard.emojis import custom_id, emoji_key, is_plain_emoji

DUCK = "<:duck:123456789012345678>"


def test_a_custom_emoji_is_known_by_its_id_alone():
    assert emoji_key(DUCK) == emoji_key("<a:renamed:123456789012345678>")
    assert custom_id(f" {DUCK} ") == 123456789012345678
    assert custom_id("⭐") is None


def test_the_variation_of_an_emoji_makes_no_difference():
    assert emoji_key("❤\ufe0f") == emoji_key("❤")
    assert emoji_key("⭐") != emoji_key("🌟")


@pytest.mark.parametrize("text", ["⭐", "1\ufe0f\u20e3", "👩\u200d👩\u200d👧\u200d👦", "🇩🇪", "👍🏽"])
def test_everybodys_emojis_are_taken(text):
    assert is_plain_emoji(text)


@pytest.mark.parametrize("text", ["", "star", "é", ":star:", "⭐ ⭐", "⭐a", "⭐" * 17])
def test_what_is_no_emoji_is_not(text):
    assert not is_plain_emoji(text)
