from __future__ import annotations

import pytest

from plugins.notes.models import MAX_NOTE_LENGTH
from tux.errors import InvalidValue

GUILD, BOB, ALICE = 300, 31, 32


async def add(db, content="late again", **changes):
    return await db.note.add_note(
        **{"guild_id": GUILD, "user_id": BOB, "author_id": ALICE, "content": content, **changes}
    )


async def texts(db, **which):
    return [note.content for note in await db.note.list_notes(**{"guild_id": GUILD, "user_id": BOB, **which})]


async def test_notes_of_a_member_come_newest_first(db):
    for content in ("one", "two", "three"):
        await add(db, content)
    await add(db, "other member", user_id=33)
    await add(db, "other guild", guild_id=GUILD + 1)
    assert await texts(db) == ["three", "two", "one"]
    assert await texts(db, limit=2) == ["three", "two"]
    assert await texts(db, user_id=34) == []


async def test_a_note_keeps_who_wrote_it_and_loses_outer_spaces(db):
    note = await add(db, "  was polite \n")
    assert (note.guild_id, note.user_id, note.author_id, note.content) == (GUILD, BOB, ALICE, "was polite")
    assert note.created_at == note.updated_at


@pytest.mark.parametrize("content", ["", "  \n ", "x" * (MAX_NOTE_LENGTH + 1), "nul\0"])
async def test_blank_and_too_long_notes_are_refused_on_adding_and_editing(db, content):
    note = await add(db)
    with pytest.raises(InvalidValue, match=r"notes_notes\.content"):
        await add(db, content)
    with pytest.raises(InvalidValue, match=r"notes_notes\.content"):
        await db.note.edit_note(note.id, guild_id=GUILD, content=content)
    assert await texts(db) == ["late again"]


async def test_a_note_of_the_longest_length_fits(db):
    assert len((await add(db, "🦆" * MAX_NOTE_LENGTH)).content) == MAX_NOTE_LENGTH


async def test_editing_changes_the_text_and_the_stamp(db):
    note = await add(db)
    changed = await db.note.edit_note(note.id, guild_id=GUILD, content=" better ")
    assert (changed.id, changed.content, changed.author_id, changed.created_at) == (
        note.id,
        "better",
        ALICE,
        note.created_at,
    )
    assert changed.updated_at > note.updated_at
    assert await db.note.edit_note(note.id + 1, guild_id=GUILD, content="x") is None


async def test_a_note_is_not_reached_from_another_guild(db):
    note = await add(db)
    assert await db.note.edit_note(note.id, guild_id=GUILD + 1, content="mine") is None
    assert await db.note.delete_note(note.id, guild_id=GUILD + 1) is False
    assert await texts(db) == ["late again"]


async def test_a_note_is_deleted_once(db):
    note = await add(db)
    assert await db.note.delete_note(note.id, guild_id=GUILD) is True
    assert await db.note.delete_note(note.id, guild_id=GUILD) is False
    assert await texts(db) == []
