from __future__ import annotations

import discord as discord_py
import pytest

from tests.tux.offline.sample_bot import SampleBot
from tux.errors import CannotAct
from tux.offline.driver import LocalDiscord
from tux.offline.happenings import MemberJoined, MessageSent, RequestRefused


async def test_a_prefix_command_is_answered_in_the_channel_and_by_direct_message(discord):
    alice, bob = discord.member("alice"), discord.member("bob")
    reply = await alice.says("!warn @bob spam")
    assert reply.text == "Warned @bob\nWarning\nspam"
    assert [message.content for message in bob.inbox] == ["You were warned: spam"]
    assert alice.inbox == []


async def test_a_reply_holds_only_what_the_person_sees(discord):
    alice, bob = discord.member("alice"), discord.member("bob")
    with discord.record() as recorder:
        await alice.slash("secret")
    assert recorder.reply_for(bob.user["id"]).messages == []
    assert len(recorder.reply_for(alice.user["id"]).messages) == 2


async def test_a_slash_command_is_used_by_values_or_as_typed(discord):
    alice, bob = discord.member("alice"), discord.member("bob")
    by_values = await alice.slash("warn", member=bob, reason="loud noise")
    assert by_values.embeds[0]["description"] == "loud noise"
    assert (await alice.slash("/warn @bob loud noise")).text == by_values.text
    assert (await alice.slash("/warn reason:loud noise member:@bob")).text == by_values.text


async def test_the_last_word_of_a_person_is_a_number_of_messages_not_a_crash_when_the_bot_is_silent(discord):
    reply = await discord.member("alice").says("nothing to answer")
    assert reply.messages == []
    with pytest.raises(LookupError, match="said nothing"):
        _ = reply.last


async def test_joining_and_leaving_are_told_to_the_bot(discord, bot):
    carol = discord.stranger("greetme")
    reply = await carol.joins()
    assert reply.text == "Welcome @greetme"
    await carol.leaves()
    assert [args[0].name for args in bot.heard_of("member_remove")] == ["greetme"]
    with pytest.raises(CannotAct, match="not in Tux server"):
        await carol.says("hello?")


async def test_somebody_who_is_banned_cannot_join(discord, guild):
    bob = discord.member("bob")
    await guild.ban(discord_py.Object(bob.id))
    assert bob.is_banned
    assert not bob.is_member
    with pytest.raises(CannotAct, match="banned"):
        await bob.joins()


async def test_a_person_without_the_right_cannot_write(discord):
    channel = discord.guild.channel("staff")
    channel.overwrite(discord.guild.id, deny=["send_messages"])
    alice = discord.member("alice")
    with pytest.raises(CannotAct, match="send messages in #staff"):
        await alice.says("hello", channel)
    channel.overwrite(discord.guild.id, deny=["view_channel"])
    with pytest.raises(CannotAct, match="view channel"):
        await alice.says("hello", "staff")
    with pytest.raises(CannotAct, match="no channel called 'nowhere'"):
        await alice.says("hello", "nowhere")


async def test_only_own_messages_are_edited(discord, bot):
    alice, bob = discord.member("alice"), discord.member("bob")
    await alice.says("first")
    message = discord.guild.channel().last
    await alice.edits(message, "second")
    assert [after.content for _, after in bot.heard_of("message_edit")] == ["second"]
    assert message.is_edited
    with pytest.raises(CannotAct, match="did not write"):
        await bob.edits(message, "third")
    with pytest.raises(CannotAct, match="manage messages"):
        await bob.deletes(message)
    await alice.deletes(message)
    assert message.is_deleted
    assert [args[0].content for args in bot.heard_of("message_delete")] == ["second"]


async def test_a_reaction_reaches_the_bot_and_its_answer_the_person(discord, bot):
    alice = discord.member("alice")
    await alice.says("shine")
    message = discord.guild.channel().last
    reply = await alice.reacts(message, "⭐")
    assert reply.text == f"star on {message.id}"
    assert message.reactions == {"⭐": 1}
    await alice.unreacts(message, "⭐")
    assert message.reactions == {}
    assert len(bot.heard_of("raw_reaction_remove")) == 1


async def test_direct_messages_go_both_ways(discord):
    alice = discord.member("alice")
    assert (await alice.dm("!later")).text == "now"
    assert alice.inbox[-1].channel_name == "DM with alice"


async def test_mentions_are_made_of_names(discord, bot):
    role = discord.guild.role("Mods")
    alice = discord.member("alice")
    await alice.says("@alice @Mods #general @nobody mail@alice.org")
    message = bot.heard_of("message")[-1][0]
    assert message.content == f"<@{alice.id}> <@&{role.id}> <#{discord.guild.channel().id}> @nobody mail@alice.org"
    assert [user.id for user in message.mentions] == [alice.id]
    assert [mentioned.id for mentioned in message.role_mentions] == [role.id]


async def test_a_planted_failure_reaches_the_bot_as_discords_error(discord, general):
    failure = discord.fail("POST", r"^/channels/\d+/messages$", times=1)
    with pytest.raises(discord_py.Forbidden) as caught:
        await general.send("hello")
    assert caught.value.code == 50013
    await general.send("hello")
    assert failure.times == 0


async def test_a_route_that_is_missing_answers_501_by_name(discord, bot):
    with pytest.raises(discord_py.DiscordServerError, match="no route GET /sticker-packs"):
        await bot.fetch_premium_sticker_packs()
    assert discord.server.unknown == ["GET /sticker-packs"]
    discord.server.unknown.clear()


async def test_a_reset_leaves_nothing_behind(discord, bot):
    alice = discord.member("alice", roles=["Mods"])
    await alice.says("!warn @alice spam")
    old = discord.guild.id
    await discord.reset()
    assert [guild.id for guild in bot.guilds] == [discord.guild.id]
    assert discord.guild.id != old
    assert discord.guild.channel().messages == []
    assert set(discord.world.users) == {discord.world.bot["id"], discord.world.owner["id"]}
    assert len(discord.requests) == 0
    assert not discord.member("alice").roles


async def test_watchers_are_told_until_they_end_it(discord, general):
    seen = []
    stop = discord.watch(seen.append)
    discord.member("zoe")
    discord.fail("POST", "typing")
    with pytest.raises(discord_py.Forbidden):
        await general.typing()
    await general.send("hello")
    stop()
    await general.send("unseen")
    assert [type(happening) for happening in seen] == [MemberJoined, RequestRefused, MessageSent]
    assert seen[1].status == 403


async def test_another_guild_can_be_joined_and_left(discord, bot):
    other = await discord.join_guild("Elsewhere")
    assert {guild.name for guild in bot.guilds} == {"Tux server", "Elsewhere"}
    alice = discord.member("alice", guild=other)
    await alice.says("hi")
    assert other.channel().last.author_name == "alice"
    other.remove_bot()
    await discord.settle()
    assert [guild.name for guild in bot.guilds] == ["Tux server"]


async def test_errors_of_handlers_are_collected(discord):
    await discord.member("alice").says("!boom")
    assert isinstance(discord.errors[0].error.original, ZeroDivisionError)
    assert "boom" in discord.errors[0].report
    discord.errors.clear()


async def test_a_bot_that_cannot_log_in_is_not_waited_for():
    with pytest.raises(discord_py.LoginFailure):
        async with LocalDiscord.run(SampleBot, token="wrong"):
            pass
