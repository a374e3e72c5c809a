from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest

from plugins.moderation.settings import ModerationSettings
from tux.clock import now
from tux.ui import Confirm


async def cases_of(db, discord):
    return await db.case.find_all({"guild_id": discord.guild.id}, order_by="case_number")


async def act(actor, style, line):
    return await (actor.slash(f"/{line}") if style == "slash" else actor.says(f"!{line}"))


styles = pytest.mark.parametrize("style", ["slash", "prefix"])


@styles
async def test_a_warning_makes_a_case_and_tells_the_member(discord, db, alice, bob, style):
    reply = await act(alice, style, "warn @bob spam in general")
    assert "Case #1: WARN" in reply.text
    [case] = await cases_of(db, discord)
    assert (case.case_type, case.case_user_id, case.case_moderator_id) == ("WARN", bob.id, alice.id)
    assert (case.case_reason, case.case_status) == ("spam in general", True)
    assert "warned" in bob.inbox[0].text
    assert "spam in general" in bob.inbox[0].text


@styles
async def test_a_kick_removes_the_member_after_telling_them(discord, db, alice, bob, style):
    reply = await act(alice, style, "kick @bob raid")
    assert "Case #1: KICK" in reply.text
    assert not bob.is_member
    assert "kicked" in bob.inbox[0].text


@styles
async def test_a_ban_waits_for_the_button(discord, db, alice, bob, style):
    asked = await act(alice, style, "ban @bob raid")
    assert asked.buttons == ["Ban", "Cancel"]
    assert not bob.is_banned
    assert await cases_of(db, discord) == []
    reply = await alice.clicks(asked, "Ban")
    assert "Case #1: BAN" in reply.text
    assert bob.is_banned
    assert "banned" in bob.inbox[0].text
    assert [case.case_reason for case in await cases_of(db, discord)] == ["raid"]


async def test_a_cancelled_ban_does_nothing(discord, db, alice, bob):
    asked = await alice.says("!ban @bob")
    reply = await alice.clicks(asked, "Cancel")
    assert "Nothing was done" in reply.text
    assert (bob.is_banned, bob.inbox, await cases_of(db, discord)) == (False, [], [])


async def test_nobody_else_may_press_the_button(discord, db, alice, bob):
    asked = await alice.says("!ban @bob")
    carol = discord.member("carol")
    reply = await carol.clicks(asked, "Ban")
    assert reply.is_ephemeral
    assert not bob.is_banned
    assert await cases_of(db, discord) == []
    await alice.clicks(asked, "Cancel")


async def test_a_question_without_an_answer_means_no(discord, db, alice, bob, monkeypatch):
    monkeypatch.setattr(Confirm, "timeout_seconds", 0.05)
    asked = await alice.says("!ban @bob")
    async with asyncio.timeout(5):
        while asked.buttons:
            await asyncio.sleep(0.02)
            await discord.settle()
    assert not bob.is_banned
    assert await cases_of(db, discord) == []


async def test_what_changed_while_the_moderator_thought_is_checked_again(discord, db, alice, bob):
    chiefs = discord.guild.role("Chiefs")
    asked = await alice.says("!ban @bob")
    await discord.owner.changes(bob, roles=[str(chiefs.id)])
    reply = await alice.clicks(asked, "Ban")
    assert "not below yours" in reply.text
    assert not bob.is_banned
    assert await cases_of(db, discord) == []


async def test_who_lost_the_rank_before_the_button_bans_nobody(discord, db, alice, bob):
    asked = await alice.slash("ban", user=bob)
    await discord.owner.changes(alice, roles=[])
    reply = await alice.clicks(asked, "Ban")
    assert "is for rank 3" in reply.text
    assert reply.is_ephemeral
    assert not bob.is_banned
    assert await cases_of(db, discord) == []


@pytest.mark.parametrize("style", ["slash", "prefix"])
async def test_who_fell_below_the_member_before_the_button_bans_nobody(discord, db, alice, bob, style):
    await db.guild_permissions.upsert({"guild_id": discord.guild.id, "user_id": alice.id}, permission_level="MODERATOR")
    await discord.owner.changes(bob, roles=[str(discord.guild.role("Gamers").id)])
    asked = await (alice.slash("ban", user=bob) if style == "slash" else alice.says("!ban @bob"))
    await discord.owner.changes(alice, roles=[])
    assert "not below yours" in (await alice.clicks(asked, "Ban")).text
    assert not bob.is_banned


async def test_a_question_of_a_plugin_that_was_switched_off_meanwhile_does_nothing(discord, db, alice, bob):
    asked = await alice.says("!ban @bob")
    await db.switches.turn(discord.guild.id, "moderation", enabled=False)
    assert "switched off" in (await alice.clicks(asked, "Ban")).text
    assert not bob.is_banned


async def test_a_ban_that_somebody_else_made_in_the_meantime_is_not_repeated(discord, db, alice, bob):
    asked = await alice.says("!ban @bob")
    await discord.owner.clicks(await discord.owner.says("!ban @bob"), "Ban")
    reply = await alice.clicks(asked, "Ban")
    assert "banned already" in reply.text
    assert len(await cases_of(db, discord)) == 1


async def test_somebody_who_is_not_here_can_be_banned_too(discord, db, alice):
    stranger = discord.stranger("mallory")
    asked = await alice.says(f"!ban {stranger.id} known raider")
    await alice.clicks(asked, "Ban")
    assert stranger.is_banned
    assert [case.case_type for case in await cases_of(db, discord)] == ["HACKBAN"]


async def test_a_banned_user_is_not_banned_again(discord, db, alice, bob):
    await alice.clicks(await alice.says("!ban @bob"), "Ban")
    reply = await alice.says(f"!ban {bob.id}")
    assert "banned already" in reply.text
    assert len(await cases_of(db, discord)) == 1


@styles
async def test_an_unban_lifts_the_ban(discord, db, alice, bob, style):
    await alice.clicks(await alice.says("!ban @bob"), "Ban")
    reply = await act(alice, style, f"unban {bob.id} appeal" if style == "prefix" else "unban @bob appeal")
    assert "Case #2: UNBAN" in reply.text
    assert not bob.is_banned


async def test_who_is_not_banned_cannot_be_unbanned(discord, db, alice, bob):
    reply = await alice.slash("/unban @bob")
    assert "is not banned" in reply.text
    assert reply.is_ephemeral
    assert await cases_of(db, discord) == []


@styles
async def test_a_timeout_ends_when_it_was_said_to(discord, db, alice, bob, style):
    before = now()
    reply = await act(alice, style, "timeout @bob 2h30m calm down")
    assert "Case #1: TIMEOUT" in reply.text
    [case] = await cases_of(db, discord)
    assert abs(case.case_expires_at - before - timedelta(hours=2, minutes=30)) < timedelta(seconds=10)
    assert abs(bob.timed_out_until - case.case_expires_at) < timedelta(seconds=1)


@pytest.mark.parametrize("duration", ["29d", "soon", "0s"])
async def test_a_duration_that_does_not_work_is_refused_before_anything(discord, db, alice, bob, duration):
    reply = await alice.slash("timeout", member=bob, duration=duration)
    assert reply.is_ephemeral
    assert bob.timed_out_until is None
    assert await cases_of(db, discord) == []


async def test_the_longest_timeout_is_twenty_eight_days(discord, db, alice, bob):
    assert "Case #1" in (await alice.says("!timeout @bob 28d")).text
    assert bob.timed_out_until - now() > timedelta(days=27, hours=23)


async def test_an_untimeout_needs_a_timeout(discord, db, alice, bob):
    assert "is not timed out" in (await alice.says("!untimeout @bob")).text
    await alice.says("!timeout @bob 10m")
    assert "Case #2: UNTIMEOUT" in (await alice.says("!untimeout @bob enough")).text
    assert bob.timed_out_until is None


async def test_closed_direct_messages_are_no_error(discord, db, alice, bob):
    bob.close_dms()
    reply = await alice.says("!kick @bob raid")
    assert "No message reached them" in reply.text
    assert not bob.is_member
    assert [case.case_status for case in await cases_of(db, discord)] == [True]


async def test_silent_sends_the_member_nothing(discord, db, alice, bob):
    reply = await alice.says("!warn @bob -silent spam")
    assert "No message" in reply.text
    assert bob.inbox == []
    assert [case.case_reason for case in await cases_of(db, discord)] == ["spam"]


@pytest.mark.parametrize("command", ["warn", "kick", "ban", "timeout"])
@pytest.mark.parametrize("whom", ["yourself", "the bot", "the owner", "somebody above", "somebody beside"])
async def test_the_hierarchy_is_checked_before_anything_is_done(discord, db, alice, command, whom):
    chief = discord.member("chief", roles=[discord.guild.role("Chiefs")])
    equal = discord.member("equal", roles=["Moderators"])
    user_id = {
        "yourself": alice.id,
        "the bot": discord.bot.user.id,
        "the owner": discord.owner.id,
        "somebody above": chief.id,
        "somebody beside": equal.id,
    }[whom]
    before = len(discord.requests)
    reply = await alice.says(f"!{command} {user_id}" + (" 10m" if command == "timeout" else ""))
    assert "That did not work" in reply.text
    assert await cases_of(db, discord) == []
    changes = [r for r in list(discord.requests)[before:] if r.method in {"PUT", "PATCH", "DELETE"}]
    assert changes == []


async def test_a_member_above_the_bot_is_refused_to_the_owner_too(discord, db, bob):
    top = discord.guild.role("Top")
    top.data["position"] = 50
    discord.world.emit(
        "GUILD_ROLE_UPDATE", {"guild_id": str(discord.guild.id), "role": top.data}, guild=discord.guild.state
    )
    await discord.settle()
    await discord.owner.changes(bob, roles=[str(top.id)])
    reply = await discord.owner.says("!kick @bob")
    assert "Move my role above it" in reply.text
    assert bob.is_member
    assert await cases_of(db, discord) == []


@pytest.mark.parametrize(
    ("line", "missing"),
    [("kick @bob", "Kick Members"), ("ban @bob", "Ban Members"), ("timeout @bob 10m", "Moderate Members")],
)
async def test_a_permission_that_the_bot_lacks_is_named(discord, db, alice, bob, line, missing):  # noqa: PLR0917 - fixtures
    discord.bot_permissions("send_messages", "view_channel", "embed_links")
    await discord.settle()
    reply = await alice.says(f"!{line}")
    assert missing in reply.text
    assert await cases_of(db, discord) == []


async def test_an_administrator_cannot_be_timed_out(discord, db, alice):
    boss = discord.member("boss", permissions=["administrator"])
    reply = await discord.owner.says(f"!timeout {boss.mention} 10m")
    assert "administrator" in reply.text
    assert await cases_of(db, discord) == []


async def test_a_member_without_the_level_is_refused(discord, db, bob):
    carol = discord.member("carol")
    for reply in (await carol.says("!warn @bob spam"), await carol.slash("/warn @bob spam")):
        assert "rank 3" in reply.text
    assert await cases_of(db, discord) == []
    assert bob.inbox == []


async def test_what_discord_refuses_voids_the_case_and_takes_the_notice_back(discord, db, alice, bob):
    failure = discord.fail("DELETE", r"/guilds/\d+/members/\d+")
    reply = await alice.says("!kick @bob raid")
    failure.times = 0
    assert "Discord refused" in reply.text
    assert "voided" in reply.text
    [case] = await cases_of(db, discord)
    assert (case.case_status, case.case_reason) == (False, "raid")
    assert "Missing Permissions" in case.case_void_reason
    assert bob.is_member
    assert bob.inbox == []


async def test_a_notice_that_cannot_be_sent_at_all_stops_nothing(discord, db, alice, bob):
    failure = discord.fail("POST", r"/users/@me/channels", 400, 50035)
    reply = await alice.says("!kick @bob raid")
    failure.times = 0
    assert "Case #1" in reply.text
    assert not bob.is_member


async def test_a_refused_ban_of_a_slash_command_is_told_too(discord, db, alice, bob):
    asked = await alice.slash("/ban @bob raid")
    failure = discord.fail("PUT", r"/guilds/\d+/bans/\d+")
    reply = await alice.clicks(asked, "Ban")
    failure.times = 0
    assert "case #1 is voided" in reply.text
    assert [case.case_status for case in await cases_of(db, discord)] == [False]
    assert not bob.is_banned


async def test_two_moderators_who_warn_at_once_get_two_numbers(discord, db, alice, bob):
    other = discord.member("dave", roles=["Moderators"])
    await asyncio.gather(alice.says("!warn @bob one"), other.says("!warn @bob two"))
    assert [case.case_number for case in await cases_of(db, discord)] == [1, 2]


async def test_a_long_reason_is_stored_whole_and_shortened_for_discord(discord, db, alice, bob):
    reason = "spam " * 200
    await alice.says(f"!kick @bob {reason}")
    [case] = await cases_of(db, discord)
    assert case.case_reason == reason.strip()
    noted = discord.guild.state.audit[-1]["reason"]
    assert len(noted) == 512
    assert noted.startswith(f"alice ({alice.id}): spam spam")


async def test_unknown_members_and_missing_arguments_get_the_usage(discord, db, alice):
    assert "warn" in (await alice.says("!warn")).text
    assert "nobody" in (await alice.says("!warn nobody")).text
    assert await cases_of(db, discord) == []


async def test_moderating_works_in_a_server_only(discord, db, alice):
    reply = await alice.dm("!warn alice")
    assert "server only" in reply.text


async def test_a_server_may_do_without_messages_and_questions(discord, db, alice, bob, cases):
    await db.settings.change(discord.guild.id, ModerationSettings, tell_members=False, confirm_bans=False)
    reply = await alice.says("!ban @bob raid")
    assert "Case #1: BAN" in reply.text
    assert "No message" in reply.text
    assert (bob.is_banned, bob.inbox) == (True, [])
    discord.member("carol")
    discord.member("dave")
    asked = await alice.says("!ban @carol @dave")
    assert asked.buttons == ["Ban", "Cancel"]
