"""Purge, slow mode and reports."""

from __future__ import annotations

from datetime import timedelta

import pytest
from discord.utils import snowflake_time

from tux.clock import clock

styles = pytest.mark.parametrize("style", ["slash", "prefix"])


@pytest.fixture
async def reports(discord, db):
    channel = discord.guild.channel("reports")
    await db.guild_config.update_report_log_id(discord.guild.id, channel.id)
    return channel


def written(discord):
    return [message.content for message in discord.guild.channel().messages if message.author_name == "bob"]


@styles
async def test_purge_deletes_the_last_messages(discord, db, alice, bob, style):
    for number in range(5):
        await bob.says(f"message {number}")
    reply = await (alice.slash("/purge 3") if style == "slash" else alice.says("!purge 3"))
    assert "3 messages were deleted" in reply.text
    assert written(discord) == ["message 0", "message 1"]
    [entry] = (await db.audit.list_entries(guild_id=discord.guild.id, action="messages.purge")).items
    assert (entry.actor_id, entry.after["deleted"]) == (alice.id, 3)


async def test_purge_takes_only_those_of_a_member_with_a_text(discord, alice, bob):
    carol = discord.member("carol")
    for who, what in ((bob, "buy THIS"), (carol, "buy this"), (bob, "hello")):
        await who.says(what)
    reply = await alice.slash("purge", count=100, user=bob, text="buy")
    assert "1 message was deleted" in reply.text
    assert written(discord) == ["hello"]


async def test_purge_leaves_what_is_older_than_a_fortnight(discord, alice, bob):
    await bob.says("old")
    said = snowflake_time(int(discord.guild.channel().last.data["id"]))  # ids only grow, also after tests in the future
    clock.shift(said - clock.now() + timedelta(days=15))
    try:
        await bob.says("new")
        await alice.says("!purge 100")
        assert written(discord) == ["old"]
    finally:
        clock.reset()


async def test_purge_leaves_pinned_messages(discord, alice, bob):
    await bob.says("the rules")
    discord.guild.channel().last.data["pinned"] = True
    await bob.says("chatter")
    await alice.says("!purge 10")
    assert written(discord) == ["the rules"]


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("purge 0", "`count` must be between 1 and 500 but received 0."),
        ("purge 501", "`count` must be between 1 and 500 but received 501."),
        ("purge many", "`count` must be a whole number."),
    ],
)
async def test_a_count_that_makes_no_sense_is_refused(discord, alice, bob, line, says):
    await bob.says("here")
    assert says in (await alice.says(f"!{line}")).text
    assert written(discord) == ["here"]


async def test_purge_needs_the_rank_and_the_bots_right(discord, alice, bob):
    await bob.says("here")
    assert "rank 3" in (await bob.says("!purge 5")).text
    discord.bot_permissions("send_messages", "view_channel", "embed_links")
    await discord.settle()
    assert "Manage Messages" in (await alice.says("!purge 5")).text
    assert "here" in written(discord)


@styles
async def test_slow_mode_is_set_shown_and_ended(discord, db, alice, style):
    async def use(rest):
        return await (alice.slash(f"/slowmode {rest}".strip()) if style == "slash" else alice.says(f"!slowmode {rest}"))

    channel = discord.guild.channel()
    assert "none" in (await use("")).text
    assert "once every 90 seconds" in (await use("1m30s")).text
    assert "once every hour" in (await use("60m")).text
    assert "once every 2 minutes" in (await use("2m")).text
    assert channel.state.data["rate_limit_per_user"] == 120
    assert "2 minutes" in (await use("")).text
    await use("off")
    assert channel.state.data["rate_limit_per_user"] == 0
    assert len((await db.audit.list_entries(guild_id=discord.guild.id, action="channel.slowmode")).items) == 4


async def test_slow_mode_refuses_what_discord_does_not_know_and_whom_it_must(discord, alice, bob):
    assert "6 hours" in (await alice.says("!slowmode 7h")).text
    assert "no duration" in (await alice.says("!slowmode soon")).text
    assert "rank 3" in (await bob.says("!slowmode 5s")).text
    discord.bot_permissions("send_messages", "view_channel", "embed_links")
    await discord.settle()
    assert "Manage Channels" in (await alice.says("!slowmode 5s")).text
    assert discord.guild.channel().state.data["rate_limit_per_user"] == 0


async def test_a_report_is_a_form_that_goes_to_the_moderators(discord, bob, reports):
    discord.member("carol")
    form = await bob.slash("/report @carol")
    reply = await bob.submits(form, "she insults everybody")
    assert reply.messages[-1].is_ephemeral
    assert "Thank you" in reply.text
    assert "insults everybody" in reports.last.text
    assert "@carol" in reports.last.text
    assert "@bob" in reports.last.text


async def test_a_message_is_reported_from_its_menu(discord, bob, reports):
    carol = discord.member("carol")
    await carol.says("something vile")
    message = discord.guild.channel().last
    reply = await bob.submits(await bob.uses_menu("Report message", message), "just look at it")
    assert reply.messages[-1].is_ephemeral
    assert str(message.id) in reports.last.text


async def test_a_message_is_not_reported_where_reports_are_not_taken(discord, bob):
    await discord.member("carol").says("something vile")
    reply = await bob.uses_menu("Report message", discord.guild.channel().last)
    assert "/config logs report" in reply.text
    assert reply.is_ephemeral
    assert reply.modal is None


async def test_a_written_report_is_hidden_from_the_channel(discord, bob, reports):
    discord.member("carol")
    await bob.says("!report @carol sells followers")
    assert "sells followers" in reports.last.text
    assert written(discord) == []


async def test_reports_that_cannot_be_taken_are_refused(discord, db, bob):
    discord.member("carol")
    assert "/config logs report" in (await bob.slash("/report @carol")).text
    channel = discord.guild.channel("reports")
    await db.guild_config.update_report_log_id(discord.guild.id, channel.id)
    carol, dave = discord.member("carol"), discord.member("dave")
    assert "Say what happened" in (await carol.says("!report @bob")).text
    assert "yourself" in (await dave.slash("/report @dave")).text


async def test_a_report_that_cannot_be_written_is_not_thanked_for(discord, bob, reports):
    discord.member("carol")
    failure = discord.fail("POST", rf"/channels/{reports.id}/messages")
    reply = await bob.submits(await bob.slash("/report @carol"), "she insults everybody")
    failure.times = 0
    assert "cannot write" in reply.text


async def test_reports_have_a_pause(discord, bob, reports):
    discord.member("carol")
    await bob.says("!report @carol first report")
    assert "Not so fast" in (await bob.says("!report @carol second report")).text
    assert len(reports.messages) == 1
