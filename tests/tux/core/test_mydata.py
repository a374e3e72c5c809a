"""`/mydata`: about, export and delete."""

from __future__ import annotations

import json
import textwrap

import pytest

from tux.core.userdata import data_map, exported_json
from tux.privacy import forget_user, purge_guild
from tux.testing import max_queries


@pytest.fixture
async def alice(discord, db):
    """Alice has XP, a message while she is away, and a warning."""
    found = discord.member("alice")
    await db.levels.set_xp(found.id, discord.guild.id, 50)
    await db.case.create_case(
        case_type="WARN", case_user_id=found.id, case_moderator_id=discord.owner.id, guild_id=discord.guild.id
    )
    await discord.settle()  # the mod-log looks whether it has a channel
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


async def test_the_tables_of_a_kept_plugin_are_found_by_what_was_written_down_of_it(fresh_db, monkeypatch, tmp_path):
    text = """
        [kept.zoo]
        tables = ["zoo_visits"]

        [[kept.zoo.users]]
        table = "zoo_visits"
        column = "visitor"
        forget = "delete"

        [[kept.zoo.users]]
        table = "zoo_visits"
        column = "keeper"
        forget = "null"
    """
    (tmp_path / "migrations").mkdir()
    (tmp_path / "migrations" / "plugins.toml").write_text(textwrap.dedent(text))
    monkeypatch.setattr(fresh_db.registry, "root", tmp_path)
    await fresh_db.service.execute("CREATE TABLE zoo_visits (visitor bigint, keeper bigint, guild_id bigint)")
    await fresh_db.service.execute("INSERT INTO zoo_visits VALUES (11, 22, 900), (22, 11, 900), (22, 33, 901)")
    found = await data_map(fresh_db)
    assert [(each.column, each.forget) for each in found.users if each.plugin == "zoo"] == [
        ("visitor", "delete"),
        ("keeper", "null"),
    ]
    exported = json.loads(await exported_json(fresh_db, 11))
    assert len(exported["tables"]["zoo_visits"]) == 2
    [report] = await forget_user(fresh_db.service, found.users, 11)
    assert (report.plugin, report.deleted, report.anonymised) == ("zoo", 1, 1)
    assert await purge_guild(found.guilds, 900) == {"zoo_visits": 1}
    rows = await fresh_db.service.fetch("SELECT visitor, keeper FROM zoo_visits")
    assert [tuple(row) for row in rows] == [(22, 33)]
