"""Texts that are kept tidy, in memory and on every way into the table."""

from __future__ import annotations

import pytest
from tortoise import fields

from tux.errors import InvalidValue
from tux.models import text_column
from tux.models.texts import tidy


def test_a_row_in_memory_has_no_outer_spaces():
    from plugins.points.models import User

    assert User(discord_id=1, guild_id=2, username="  Bob \n").username == "Bob"


def test_a_row_in_memory_cannot_be_blank():
    from plugins.points.models import User

    with pytest.raises(InvalidValue, match="username must not be blank"):
        User(discord_id=1, guild_id=2, username="   ")


def test_to_aerich_it_is_a_plain_text_column():
    described = text_column(max_length=7).describe(serializable=True)
    assert described == fields.CharField(max_length=7).describe(serializable=True)
    assert type(text_column(max_length=7)) is fields.CharField


def test_other_columns_keep_their_spaces():
    assert tidy(fields.CharField(max_length=7), "  x ") == "  x "
    assert tidy(text_column(max_length=7), None) is None


async def test_save_and_querysets_tidy_too(db):
    from plugins.points.models import User

    made = await db.user.create(discord_id=1, guild_id=2, username="Bob")
    made.username = "  Al "
    await made.save()
    assert (await db.user.get_user(made.id)).username == "Al"
    await User.filter(id=made.id).update(username=" Bo ")
    assert (await db.user.get_user(made.id)).username == "Bo"
    made.username = " "
    with pytest.raises(InvalidValue, match="blank"):
        await made.save()


async def test_a_filter_takes_the_text_as_it_is(db):
    await db.user.create(discord_id=1, guild_id=2, username="Bob")
    assert await db.user.find_all({"username": " Bob "}) == []
    assert await db.user.find_all({"username": "  "}) == []
    assert len(await db.user.find_all({"username": "Bob"})) == 1
