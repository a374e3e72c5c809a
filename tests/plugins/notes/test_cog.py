"""`/notes`, by people who use it."""

from __future__ import annotations

import pytest

from tux.testing import max_queries

styles = pytest.mark.parametrize("style", ["slash", "prefix"])


@pytest.fixture
async def alice(discord, db):
    role = discord.guild.role("Moderators")
    await db.guild_config.update_perm_level_role(discord.guild.id, 3, role.id)
    return discord.member("alice", roles=[role])


@pytest.fixture
def bob(discord):
    return discord.member("bob")


async def act(actor, style, line):
    return await (actor.slash(f"/{line}") if style == "slash" else actor.says(f"!{line}"))


@styles
async def test_a_note_is_added_listed_edited_and_deleted(discord, db, alice, bob, style):
    assert "There are none" in (await act(alice, style, "notes list @bob" if style == "slash" else "notes @bob")).text
    reply = await act(alice, style, "notes add @bob was late again")
    assert "was late again" in reply.text
    [note] = await db.note.list_notes(guild_id=discord.guild.id, user_id=bob.id)
    assert (note.author_id, note.content) == (alice.id, "was late again")
    assert f"#{note.id}" in (await act(alice, style, "notes list @bob" if style == "slash" else "notes @bob")).text
    await act(alice, style, f"notes edit {note.id} came on time")
    shown = (await act(alice, style, "notes list @bob" if style == "slash" else "notes @bob")).text
    assert "came on time" in shown
    assert "edited" in shown
    await act(alice, style, f"notes delete {note.id}")
    assert await db.note.count() == 0


async def test_slash_answers_are_for_the_moderator_alone(discord, db, alice, bob):
    await alice.slash("/notes add @bob first")
    [note] = await db.note.get_all()
    for line in ("notes list @bob", "notes add @bob second", f"notes edit {note.id} other", f"notes delete {note.id}"):
        assert (await alice.slash(f"/{line}")).is_ephemeral


@styles
async def test_a_note_of_another_server_or_of_nobody_is_unknown(discord, db, alice, bob, style):
    other = await db.note.add_note(guild_id=77, user_id=bob.id, author_id=1, content="elsewhere")
    for number in (other.id, 10**15):
        assert "no note" in (await act(alice, style, f"notes edit {number} mine")).text
        assert "no note" in (await act(alice, style, f"notes delete {number}")).text
    assert (await db.note.get_by_id(other.id)).content == "elsewhere"


async def test_notes_are_paged_five_at_a_time(discord, db, alice, bob):
    for number in range(7):
        await db.note.add_note(guild_id=discord.guild.id, user_id=bob.id, author_id=alice.id, content=f"note {number}")
    reply = await alice.slash("/notes list @bob")
    assert "Notes about bob (7)" in reply.text
    assert reply.buttons == ["Next"]
    assert "note 1" in (await alice.clicks(reply, "Next")).text


async def test_numbers_are_completed_by_what_notes_say(discord, db, alice, bob):
    for text in ("late", "rude"):
        await db.note.add_note(guild_id=discord.guild.id, user_id=bob.id, author_id=alice.id, content=text)
    await db.note.add_note(guild_id=77, user_id=bob.id, author_id=alice.id, content="rude elsewhere")
    for command in ("notes edit", "notes delete"):
        offered = await alice.autocomplete(command, "number", number="rude")
        assert [each["name"].partition(" ")[2] for each in offered] == ["rude"]
    assert await bob.autocomplete("notes edit", "number", number="") == []


async def test_blank_and_too_long_notes_are_refused(discord, db, alice, bob):
    assert "does not fit" in (await alice.slash("notes add", user=bob, text="   ")).text
    assert "1000" in (await alice.says(f"!notes add @bob {'x' * 1001}")).text
    discord.errors.clear()
    assert await db.note.count() == 0


async def test_members_without_the_level_see_and_write_nothing(discord, db, alice, bob):
    await db.note.add_note(guild_id=discord.guild.id, user_id=bob.id, author_id=alice.id, content="secret")
    for line in ("notes @bob", "notes add @bob x", "notes edit 1 x", "notes delete 1"):
        reply = await bob.says(f"!{line}")
        assert "rank 3" in reply.text
        assert "secret" not in reply.text
    assert [note.content for note in await db.note.get_all()] == ["secret"]


async def test_changes_are_in_the_audit_log_with_what_was_there(discord, db, alice, bob):
    await alice.says("!notes add @bob old")
    [note] = await db.note.get_all()
    await alice.says(f"!notes edit {note.id} new")
    await alice.says(f"!notes delete {note.id}")
    deleted, edited, added = (await db.audit.list_entries(guild_id=discord.guild.id)).items
    assert (added.action, added.before, added.after["text"]) == ("note.add", None, "old")
    assert (edited.action, edited.before["text"], edited.after["text"]) == ("note.edit", "old", "new")
    assert (deleted.action, deleted.before["text"], deleted.after) == ("note.delete", "new", None)
    assert {(each.actor_id, each.target_id) for each in (deleted, edited, added)} == {(alice.id, bob.id)}


async def test_without_the_audit_plugin_notes_change_all_the_same(discord, db, alice, bob, monkeypatch):
    note = await db.note.add_note(guild_id=discord.guild.id, user_id=bob.id, author_id=1, content="old")
    record = db.registry.records["audit"]
    monkeypatch.setattr(record, "state", type(record.state).OFF)
    await alice.says(f"!notes edit {note.id} new")
    assert (await db.note.get_by_id(note.id)).content == "new"


async def test_a_change_is_four_statements_and_a_savepoint(discord, db, alice, bob):
    await alice.says("!notes add @bob so that the guild is known")
    [note] = await db.note.get_all()
    with max_queries(6):  # BEGIN, the change with what was before, SAVEPOINT, its audit row, RELEASE, COMMIT
        await alice.says(f"!notes edit {note.id} other")
    with max_queries(6):
        await alice.says("!notes add @bob another")


async def test_switched_off_in_a_server_it_is_silent(discord, db, alice, bob):
    await discord.owner.says("!plugins disable notes")
    await alice.says("!notes add @bob x")
    assert "switched off" in (await alice.slash("/notes add @bob x")).text
    assert await db.note.count() == 0
