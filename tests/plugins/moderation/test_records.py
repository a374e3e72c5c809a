from __future__ import annotations

from datetime import timedelta

import pytest

from tux.clock import now


@pytest.fixture
async def alice(discord, db):
    role = discord.guild.role("Moderators")
    await db.guild_config.update_perm_level_role(discord.guild.id, 3, role.id)
    return discord.member("alice", roles=[role])


@pytest.fixture
def bob(discord):
    return discord.member("bob")


@pytest.fixture
async def log(discord, db):
    channel = discord.guild.channel("mod-log")
    await db.guild_config.update_mod_log_id(discord.guild.id, channel.id)
    return channel


async def make_cases(db, discord, count, **changes):
    values = {"case_type": "WARN", "case_user_id": 5, "case_moderator_id": 6, "guild_id": discord.guild.id}
    return [await db.case.create_case(**{**values, **changes}) for _ in range(count)]


async def test_the_list_is_empty_until_something_happened(discord, alice):
    assert "There are none" in (await alice.slash("/cases list")).text


async def test_the_list_shows_the_newest_first_ten_a_page(discord, db, alice):
    await make_cases(db, discord, 12)
    reply = await alice.slash("/cases list")
    assert "Page 1 of 2" in reply.text
    assert reply.text.index("#12") < reply.text.index("#3")
    assert reply.buttons == ["Next"]
    reply = await alice.clicks(reply, "Next")
    assert "Page 2 of 2" in reply.text
    assert "#1" in reply.text
    assert reply.buttons == ["Previous"]


async def test_the_list_is_filtered_by_member_moderator_and_type(discord, db, alice, bob):
    await make_cases(db, discord, 1)
    await make_cases(db, discord, 1, case_user_id=bob.id, case_type="BAN")
    await make_cases(db, discord, 1, case_moderator_id=alice.id)
    assert "Cases (3)" in (await alice.says("!cases")).text
    assert "#2" in (await alice.says("!cases list @bob")).text
    assert "Cases (1)" in (await alice.says("!cases @bob")).text
    assert "Cases (1)" in (await alice.slash("cases list", user=bob)).text
    assert "Cases (1)" in (await alice.slash("cases list", moderator=alice)).text
    assert "Cases (1)" in (await alice.slash("cases list", type="ban")).text
    assert "Cases (1)" in (await alice.says("!cases list BAN")).text


async def test_an_unknown_type_is_refused_with_those_that_exist(discord, alice):
    reply = await alice.says("!cases list tickle")
    assert "TICKLE" in reply.text
    assert "UNTIMEOUT" in reply.text


async def test_types_are_completed(discord, alice):
    choices = await alice.autocomplete("cases list", "type", type="un")
    assert [choice["name"] for choice in choices] == ["UNBAN", "UNJAIL", "UNTIMEOUT"]


async def test_a_case_is_shown_in_full(discord, db, alice, bob):
    await make_cases(db, discord, 1, case_user_id=bob.id, case_reason="spam")
    for reply in (await alice.slash("/cases view 1"), await alice.says("!cases view 1")):
        assert "Case #1: WARN" in reply.text
        assert "@bob" in reply.text
        assert "spam" in reply.text
        assert "active" in reply.text


async def test_a_case_of_another_guild_is_not_shown(discord, db, alice):
    await make_cases(db, discord, 1, guild_id=77)
    reply = await alice.slash("/cases view 1")
    assert "no case #1" in reply.text
    assert reply.is_ephemeral


async def test_a_case_is_modified_and_its_log_follows(discord, db, alice, bob, log):
    await alice.says("!warn @bob spam")
    shown = log.last
    assert "spam" in shown.text
    await alice.slash("cases modify", number=1, status="closed", reason="advertising")
    case = await db.case.get_case_by_number(1, discord.guild.id)
    assert (case.case_status, case.case_reason) == (False, "advertising")
    assert "advertising" in shown.text
    assert "closed" in shown.text
    assert shown.is_edited
    assert len(log.messages) == 1


@pytest.mark.parametrize(
    ("words", "status", "reason"),
    [("closed", False, "old"), ("a new reason", True, "a new reason"), ("closed and done", False, "and done")],
)
async def test_modify_by_prefix_takes_status_reason_or_both(discord, db, alice, words, status, reason):  # noqa: PLR0917 - fixtures
    await make_cases(db, discord, 1, case_reason="old")
    await alice.says(f"!cases modify 1 {words}")
    case = await db.case.get_case_by_number(1, discord.guild.id)
    assert (case.case_status, case.case_reason) == (status, reason)


async def test_modify_without_a_change_says_what_could_be_changed(discord, db, alice):
    await make_cases(db, discord, 1)
    assert "status" in (await alice.slash("/cases modify 1")).text


async def test_modify_of_a_case_that_does_not_exist_changes_nothing(discord, db, alice):
    assert "no case #9" in (await alice.slash("cases modify", number=9, status="closed")).text


async def test_every_action_is_in_the_mod_log(discord, db, alice, bob, log):
    await alice.says("!warn @bob spam")
    await alice.says("!timeout @bob 10m loud")
    await alice.says("!untimeout @bob")
    assert ["WARN" in m.text or "TIMEOUT" in m.text for m in log.messages] == [True] * 3
    case = await db.case.get_case_by_number(2, discord.guild.id)
    assert case.mod_log_message_id == log.messages[1].id


async def test_a_deleted_log_message_is_posted_anew(discord, db, alice, bob, log):
    await alice.says("!warn @bob spam")
    await discord.owner.deletes(log.last)
    await alice.slash("cases modify", number=1, reason="more")
    assert "more" in log.last.text
    assert (await db.case.get_case_by_number(1, discord.guild.id)).mod_log_message_id == log.last.id


async def test_a_log_that_cannot_be_written_stops_nothing(discord, db, alice, bob, log):
    failure = discord.fail("POST", rf"/channels/{log.id}/messages")
    reply = await alice.says("!warn @bob spam")
    failure.times = 0
    assert "Case #1" in reply.text
    assert (await db.case.get_case_by_number(1, discord.guild.id)).mod_log_message_id is None


async def test_members_without_the_level_see_no_cases(discord, db, bob):
    for line in ("/cases list", "/cases view 1"):
        assert "rank 3" in (await bob.slash(line)).text


async def test_a_voided_case_shows_why_and_until_when_it_was_meant(discord, db, alice):
    [case] = await make_cases(db, discord, 1, case_type="TIMEOUT", case_expires_at=now() + timedelta(hours=1))
    await db.case.void(case.case_id, "wrong member")
    shown = (await alice.slash("/cases view 1")).text
    assert "voided" in shown
    assert "wrong member" in shown
    assert "Until" in shown
    assert "(voided)" in (await alice.slash("/cases list")).text
