from __future__ import annotations

from datetime import timedelta

import pytest

from plugins.afk.settings import AfkSettings
from tux.clock import now
from tux.testing import at, max_queries

HOUR = timedelta(hours=1)


@pytest.fixture
def alice(discord):
    return discord.member("alice")


@pytest.fixture
def bob(discord):
    return discord.member("bob")


async def entry_of(db, discord, member):
    return await db.afk.find_one({"user_id": member.id, "guild_id": discord.guild.id})


@pytest.mark.parametrize("line", ["!afk lunch time", "!afk set lunch time"])
async def test_a_member_goes_away_by_prefix(discord, db, bob, line):
    reply = await bob.says(line)
    assert "lunch time" in reply.text
    assert (await entry_of(db, discord, bob)).afk_message == "lunch time"
    assert bob.nick == "[AFK] bob"


async def test_a_member_goes_away_by_slash_in_four_statements(discord, db, bob):
    await bob.says("hello")
    with max_queries(4):
        reply = await bob.slash("afk set", message="lunch")
    assert "Your next message" in reply.text
    assert await db.afk.is_member_afk(bob.id, discord.guild.id)


async def test_a_message_ends_it_and_restores_the_nickname(discord, db, alice, bob):
    await discord.owner.changes(bob, nick="Bobby")
    await bob.says("!afk lunch")
    assert bob.nick == "[AFK] Bobby"
    assert "Welcome back" in (await bob.says("here again")).text
    assert bob.nick == "Bobby"
    assert await entry_of(db, discord, bob) is None
    assert (await bob.says("and more")).messages == []


async def test_a_member_without_a_nickname_has_none_afterwards(bob):
    await bob.says("!afk")
    await bob.says("back")
    assert bob.nick is None


async def test_a_new_absence_keeps_the_first_nickname(discord, bob):
    await discord.owner.changes(bob, nick="Bobby")
    await bob.says("!afk lunch")
    assert "Welcome back" not in (await bob.says("!afk tea")).text
    await bob.says("back")
    assert bob.nick == "Bobby"


@pytest.mark.parametrize("nick", ["[AFK] Bobby", "[AFK] [AFK] Bobby"])
async def test_a_mark_that_stood_there_before_goes_and_the_name_behind_it_stays(discord, bob, nick):
    await discord.owner.changes(bob, nick=nick)
    await bob.says("!afk lunch")
    await bob.says("!afk tea")
    assert bob.nick == nick
    await bob.says("back")
    assert bob.nick == "Bobby"


async def test_a_nickname_that_was_changed_meanwhile_stays(discord, bob):
    await bob.says("!afk lunch")
    await discord.owner.changes(bob, nick="Robert")
    await bob.says("back")
    assert bob.nick == "Robert"


async def test_a_long_nickname_is_cut_to_what_discord_takes_and_comes_back_whole(discord, bob):
    name = "x" * 32
    await discord.owner.changes(bob, nick=name)
    await bob.says("!afk lunch")
    assert bob.nick == "[AFK] " + "x" * 26
    await bob.says("!afk tea")
    await bob.says("back")
    assert bob.nick == name


async def test_without_the_right_to_rename_it_works_all_the_same(discord, db, bob):
    discord.bot_permissions("send_messages", "embed_links", "view_channel", "read_message_history")
    await discord.settle()
    assert "may not change your nickname" in (await bob.slash("afk set", message="lunch")).text
    assert bob.nick is None
    assert "Welcome back" in (await bob.says("back")).text


async def test_a_nickname_that_discord_refuses_to_change_stops_nothing(discord, db, bob):
    discord.fail("PATCH", rf"/guilds/\d+/members/{bob.id}")
    assert "may not change your nickname" in (await bob.says("!afk lunch")).text
    assert await db.afk.is_member_afk(bob.id, discord.guild.id)


async def test_the_owner_whom_nobody_can_rename_can_be_away(discord):
    assert "may not change your nickname" in (await discord.owner.says("!afk lunch")).text
    assert "Welcome back" in (await discord.owner.says("back")).text


async def test_names_stay_where_the_guild_wants_it_so(discord, db, bob):
    await db.settings.change(discord.guild.id, AfkSettings, mark_nicknames=False)
    assert "nickname" not in (await bob.says("!afk lunch")).text
    assert bob.nick is None


async def test_all_mentions_of_a_message_cost_one_query(discord, db, alice, bob):
    carol = discord.member("carol")
    discord.member("dave")
    await bob.says("!afk lunch")
    await carol.says("!afk tea")
    await alice.says("hello")
    with max_queries(1):
        reply = await alice.says("@bob @carol @dave where are you?")
    assert "lunch" in reply.text
    assert "tea" in reply.text
    assert "dave" not in reply.text


async def test_mentions_of_members_who_are_here_and_quiet_messages_cost_none(discord, alice, bob):
    await bob.says("!afk lunch")
    await alice.says("hello")
    with max_queries(0):
        reply = await alice.says("@alice is quiet")
    assert reply.messages == []


async def test_notices_can_be_switched_off(discord, db, alice, bob):
    await bob.says("!afk lunch")
    await db.settings.change(discord.guild.id, AfkSettings, tell_mentioners=False)
    assert (await alice.says("@bob hello")).messages == []


async def test_a_message_of_the_afk_commands_brings_no_notice(discord, db, alice, bob):
    await bob.says("!afk lunch")
    assert len((await discord.owner.says("!afk remove @bob")).messages) == 1


async def test_who_is_not_seen_to_write_is_not_ended_twice(discord, db, bob):
    await bob.says("!afk lunch")
    await db.afk.come_back(bob.id, discord.guild.id)
    assert (await bob.says("back")).messages == []


async def test_a_timed_absence_ends_by_itself_and_restores_the_nickname(discord, db, bot, bob):
    reply = await bob.slash("afk timed", duration="2h30m", message="cinema")
    assert "cinema" in reply.text
    await bot.run_due()
    assert bob.nick == "[AFK] bob"
    with at(now() + 3 * HOUR):
        await bot.run_due()
        await discord.settle()
    assert bob.nick is None
    assert await entry_of(db, discord, bob) is None


async def test_whose_time_is_over_is_not_reported_as_away(discord, alice, bob):
    await bob.says("!afk timed 1h cinema")
    with at(now() + 2 * HOUR):
        assert (await alice.says("@bob hello")).messages == []


async def test_a_timed_absence_ends_by_a_message_too(discord, bob):
    await bob.says("!afk timed 1h cinema")
    assert "Welcome back" in (await bob.says("hello")).text


async def test_the_end_of_an_absence_is_tried_again_when_discord_fails(discord, db, bot, bob):
    await bob.says("!afk timed 1h cinema")
    failure = discord.fail("PATCH", rf"/guilds/\d+/members/{bob.id}", 400, 50035)
    with at(now() + 2 * HOUR):
        await bot.run_due()
        assert await entry_of(db, discord, bob) is not None
    failure.times = 0
    with at(now() + 3 * HOUR):
        await bot.run_due()
    assert await entry_of(db, discord, bob) is None
    assert bob.nick is None


async def test_the_end_of_the_absence_of_somebody_who_left_is_noted(discord, db, bot, bob):
    await db.afk.set_member_afk(1, discord.guild.id, "x", until=now() + HOUR)
    await db.afk.set_member_afk(1, 12345, "x", until=now() + HOUR)  # a guild that the bot is not in
    with at(now() + 2 * HOUR):
        await bot.run_due()
    assert await db.afk.count() == 0


async def test_nothing_due_costs_one_statement_and_leaves_the_snapshots_alone(discord, bot, alice):
    await alice.says("hello")
    cog = bot.get_cog("AFK")
    with max_queries(1):
        await cog.end_expired()
    with max_queries(0):
        await alice.says("quiet")


@pytest.mark.parametrize("duration", ["soon", "0m", "10"])
async def test_a_span_that_cannot_be_read_is_refused(discord, db, bob, duration):
    reply = await bob.slash("afk timed", duration=duration)
    assert reply.is_ephemeral
    assert "30m" in reply.text
    assert await db.afk.count() == 0


async def test_a_permanent_absence_survives_messages_without_a_statement(discord, db, bob):
    await bob.slash("afk permanent", message="holidays")
    await bob.says("still gone")
    with max_queries(0):
        assert (await bob.says("just passing")).messages == []
    assert await db.afk.is_member_afk(bob.id, discord.guild.id)
    assert "Welcome back" in (await bob.slash("/afk back")).text
    assert bob.nick is None


async def test_coming_back_by_prefix_answers_once(discord, bob):
    await bob.says("!afk lunch")
    reply = await bob.says("!afk back")
    assert reply.text.count("Welcome back") == 1


async def test_who_is_here_cannot_come_back(discord, bob):
    reply = await bob.slash("/afk back")
    assert "not away" in reply.text
    assert reply.is_ephemeral


async def test_a_member_times_themselves_out_after_a_question(discord, db, bob):
    question = await bob.slash("afk timeout", duration="1h", message="exam")
    assert bob.timed_out_until is None
    reply = await bob.clicks(question, "Time me out")
    assert "exam" in reply.text
    assert bob.timed_out_until is not None
    assert (await entry_of(db, discord, bob)).enforced


async def test_who_changes_their_mind_is_not_timed_out(discord, db, bob):
    question = await bob.says("!afk timeout 1h exam")
    await bob.clicks(question, "Cancel")
    assert bob.timed_out_until is None
    assert await db.afk.count() == 0


async def test_nothing_of_the_member_ends_a_time_out_before_its_time(discord, db, bob):
    await db.afk.set_member_afk(bob.id, discord.guild.id, "exam", until=now() + HOUR, enforced=True)
    assert (await bob.says("hello")).messages == []
    for line in ("/afk back", "/afk set x", "/afk timed 1m x", "/afk permanent x"):
        assert "timed yourself out" in (await bob.slash(line)).text
    assert (await entry_of(db, discord, bob)).afk_message == "exam"


async def test_a_time_out_longer_than_discords_is_refused(discord, db, bob):
    assert "28 days" in (await bob.slash("afk timeout", duration="29d")).text


async def test_who_cannot_be_timed_out_is_told_why_and_nothing_is_stored(discord, db, bob):
    admin = discord.member("admin", permissions=["administrator"])
    assert "administrators" in (await admin.slash("afk timeout", duration="1h")).text
    discord.fail("PATCH", rf"/guilds/\d+/members/{bob.id}")
    question = await bob.slash("afk timeout", duration="1h")
    assert "Discord does not let me" in (await bob.clicks(question, "Time me out")).text
    discord.bot_permissions("send_messages", "embed_links", "view_channel")
    await discord.settle()
    assert "need the right" in (await bob.slash("afk timeout", duration="1h")).text
    assert await db.afk.count() == 0


async def test_a_moderator_ends_an_absence_and_its_time_out(discord, db, bob):
    role = discord.guild.role("Moderators")
    await db.guild_config.update_perm_level_role(discord.guild.id, 3, role.id)
    carol = discord.member("carol", roles=[role])
    await bob.clicks(await bob.slash("afk timeout", duration="1h"), "Time me out")
    assert "not away any more" in (await carol.slash("afk remove", member=bob)).text
    assert bob.timed_out_until is None
    assert bob.nick is None
    assert "is not away" in (await carol.says("!afk remove @bob")).text


async def test_members_cannot_end_the_absence_of_others(discord, db, alice, bob):
    await bob.says("!afk lunch")
    for reply in (await alice.slash("afk remove", member=bob), await alice.says("!afk remove @bob")):
        assert "rank 3" in reply.text
    assert await db.afk.is_member_afk(bob.id, discord.guild.id)


async def test_the_list_shows_who_is_away_the_longest_first(discord, db, alice, bob):
    assert "Everybody is here" in (await alice.slash("/afk list")).text
    await bob.says("!afk lunch")
    await db.afk.set_member_afk(77, discord.guild.id, "gone", until=now() - HOUR)
    for number in range(11):
        await db.afk.set_member_afk(100 + number, discord.guild.id, f"reason {number}")
    reply = await alice.says("!afk list")
    assert "Away (12)" in reply.text
    assert reply.text.index("lunch") < reply.text.index("reason 1")
    assert "reason 10" in (await alice.clicks(reply, "Next")).text


async def test_the_absence_of_a_member_who_leaves_ends_but_not_a_time_out(discord, db, alice, bob):
    await bob.says("!afk permanent moving")
    await db.afk.set_member_afk(alice.id, discord.guild.id, "exam", until=now() + HOUR, enforced=True)
    await bob.leaves()
    await alice.leaves()
    assert await entry_of(db, discord, bob) is None
    assert await entry_of(db, discord, alice) is not None


async def test_a_guild_that_switched_it_off_has_neither_commands_nor_listeners(discord, db, alice, bob):
    await bob.says("!afk lunch")
    await discord.owner.slash("plugins disable", plugin="afk")
    assert (await alice.says("@bob hello")).messages == []
    assert (await bob.says("back")).messages == []
    assert "switched off" in (await bob.slash("/afk back")).text


async def test_it_works_in_a_server_only(discord, bob):
    assert "server only" in (await bob.dm("!afk lunch")).text
