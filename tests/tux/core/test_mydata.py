"""`/mydata`: about, export and delete."""

from __future__ import annotations

import json

import pytest

from tux.testing import max_queries


@pytest.fixture
async def alice(discord, db):
    """Alice has XP, a message while she is away, and a warning."""
    found = discord.member("alice")
    await db.levels.set_xp(found.id, discord.guild.id, 50)
    await db.case.create_case(
        case_type="WARN", case_user_id=found.id, case_moderator_id=discord.owner.id, guild_id=discord.guild.id
    )
    return found


async def test_about_names_every_table_with_what_a_deletion_does(discord, alice):
    reply = await alice.slash("mydata about")
    assert reply.is_ephemeral
    assert "levels_member_levels.member_id`: deleted" in reply.text
    assert "snippets_snippets.snippet_user_id`: made anonymous" in reply.text
    assert "moderation_cases.case_user_id`: kept (" in reply.text
    assert "Your data" in (await alice.says("!mydata")).text


async def test_an_export_by_slash_is_a_file_that_nobody_else_sees(discord, alice):
    with max_queries(2):
        reply = await alice.slash("mydata export")
    assert reply.is_ephemeral
    document = json.loads(reply.last.attachments["mydata.json"])
    assert document["user_id"] == alice.id
    assert set(document["tables"]) == {"levels_member_levels", "moderation_cases"}
    [level] = document["tables"]["levels_member_levels"]
    assert (level["xp"], level["guild_id"]) == (50, discord.guild.id)


async def test_an_export_by_prefix_comes_by_direct_message(discord, alice):
    reply = await alice.says("!mydata export")
    [private] = reply.private
    assert "levels_member_levels" in json.loads(private.attachments["mydata.json"])["tables"]
    [public] = [message for message in reply.messages if not message.is_private]
    assert public.attachments == {}
    assert "direct message" in public.text


async def test_an_export_to_closed_messages_says_how_else(discord, alice):
    alice.close_dms()
    reply = await alice.says("!mydata export")
    assert "`/mydata export`" in reply.text
    assert all(message.attachments == {} for message in reply.messages)


async def test_an_export_works_in_a_direct_message(discord, alice):
    reply = await alice.dm("!mydata export")
    assert "mydata.json" in reply.last.attachments


async def test_a_large_export_is_compressed(discord, alice, monkeypatch):
    monkeypatch.setattr("tux.core.cog.mydata.MAX_FILE_BYTES", 600)
    assert set((await alice.slash("mydata export")).last.attachments) == {"mydata.json.gz"}
    monkeypatch.setattr("tux.core.cog.mydata.MAX_FILE_BYTES", 60)
    reply = await alice.slash("mydata export")
    assert "Ask the bot's owner" in reply.text
    assert reply.last.attachments == {}


async def test_a_deletion_is_confirmed_first_and_reports_on_each_table(discord, db, alice):
    question = await alice.slash("mydata delete")
    assert question.is_ephemeral
    assert await db.levels.get_xp(alice.id, discord.guild.id) == 50
    reply = await alice.clicks(question, "Delete my data")
    assert "levels_member_levels: 1 deleted" in reply.text
    assert "moderation_cases: 1 kept (a ban or a warning" in reply.text
    assert await db.levels.get_xp(alice.id, discord.guild.id) == 0
    assert await db.case.count() == 1


async def test_a_deletion_that_is_not_confirmed_does_nothing(discord, db, alice):
    question = await alice.says("!mydata delete")
    reply = await alice.clicks(question, "Cancel")
    assert "Nothing was done" in reply.text
    assert await db.levels.get_xp(alice.id, discord.guild.id) == 50


async def test_a_deletion_cannot_be_confirmed_by_another(discord, db, alice):
    question = await alice.says("!mydata delete")
    assert "belong to whoever asked" in (await discord.owner.clicks(question, "Delete my data")).text
    assert await db.levels.get_xp(alice.id, discord.guild.id) == 50


async def test_a_deletion_of_nothing_says_so(discord):
    question = await discord.member("bob").slash("mydata delete")
    assert "nothing about you" in (await discord.member("bob").clicks(question, "Delete my data")).text
