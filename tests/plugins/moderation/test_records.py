from __future__ import annotations

from datetime import timedelta

import pytest

from tux.clock import now
from tux.testing import max_queries


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


@pytest.mark.parametrize("style", ["slash", "prefix"])
async def test_cases_are_found_by_words_of_their_reason(discord, db, alice, style):
    await make_cases(db, discord, 1, case_reason="sells FOLLOWERS")
    await make_cases(db, discord, 1, case_reason="100% rude")
    await make_cases(db, discord, 1, case_reason="followers elsewhere", guild_id=77)

    async def search(text):
        line = f"cases search {text}"
        return (await (alice.slash(f"/{line}") if style == "slash" else alice.says(f"!{line}"))).text

    assert "Cases (1)" in await search("followers")
    assert "#2" in await search("0% r")
    assert "There are none" in await search("__")


@pytest.mark.parametrize("style", ["slash", "prefix"])
async def test_a_case_is_voided_and_reopened_and_its_log_follows(discord, db, alice, bob, log, style):  # noqa: PLR0917 - fixtures
    async def use(line):
        return (await (alice.slash(f"/{line}") if style == "slash" else alice.says(f"!{line}"))).text

    await alice.says("!warn @bob spam")
    assert "stands already" in await use("cases reopen 1")
    assert "voided" in await use("cases void 1 wrong member")
    assert "wrong member" in log.last.text
    case = await db.case.get_case_by_number(1, discord.guild.id)
    assert (case.case_status, case.case_voided_by, case.case_reason) == (False, alice.id, "spam")
    assert "voided already: wrong member" in await use("cases void 1 again")
    assert "active" in await use("cases reopen 1")
    assert "voided" not in log.last.text
    case = await db.case.get_case_by_number(1, discord.guild.id)
    assert (case.case_status, case.case_voided_at, case.case_void_reason) == (True, None, None)
    for line in ("cases reopen 9", "cases void 9 no such case"):
        assert "no case #9" in await use(line)


async def test_every_change_of_a_case_is_in_the_audit_log_as_before_and_after(discord, db, alice, bob):
    await alice.says("!warn @bob spam")
    await discord.owner.slash("cases modify", number=1, status="closed", reason="advertising")
    await discord.owner.says("!cases reopen 1")
    await discord.owner.says("!cases void 1 wrong member")
    entries = (await db.audit.list_entries(guild_id=discord.guild.id, action="case.")).items
    assert [entry.action for entry in entries] == ["case.void", "case.reopen", "case.modify", "case.create"]
    assert [entry.actor_id for entry in entries] == [discord.owner.id] * 3 + [alice.id]
    assert {entry.target_id for entry in entries} == {bob.id}
    modified = entries[2]
    assert modified.before == {"case": 1, "reason": "spam", "active": True}
    assert (modified.after["reason"], modified.after["active"]) == ("advertising", False)
    assert entries[0].reason == "wrong member"


async def test_a_modification_is_four_statements_and_a_savepoint(discord, db, alice):
    await make_cases(db, discord, 1)
    await alice.says("!cases modify 1 first")
    with max_queries(6):  # BEGIN, the change with what was before, SAVEPOINT, its audit row, RELEASE, COMMIT
        await alice.says("!cases modify 1 second")


@pytest.mark.parametrize(
    ("kind", "told"),
    [
        ("TEMPBAN", "itself stays until"),
        ("BAN", "/unban"),
        ("TIMEOUT", "/untimeout"),
        ("JAIL", "/unjail"),
        ("WARN", None),
    ],
)
async def test_who_closes_or_voids_a_case_is_told_what_stays(discord, db, alice, kind, told):
    until = now() + timedelta(hours=1) if kind in {"TEMPBAN", "TIMEOUT"} else None
    await make_cases(db, discord, 1, case_type=kind, case_expires_at=until)
    for line in ("cases modify 1 closed", "cases void 1 mistake"):
        shown = (await alice.says(f"!{line}")).text
        assert "itself stays" in shown if told else "itself stays" not in shown
        assert (told or "") in shown
    assert "itself stays" not in (await alice.says("!cases reopen 1")).text


async def test_numbers_are_completed_by_number_type_and_reason(discord, db, alice, bob):
    await make_cases(db, discord, 2, case_reason="spam")
    await make_cases(db, discord, 1, case_type="BAN", case_reason="raid")
    for command in ("view", "modify", "reopen", "void"):
        offered = await alice.autocomplete(f"cases {command}", "number", number="raid")
        assert offered == [{"name": "#3 BAN: raid", "value": 3}]
    assert [each["value"] for each in await alice.autocomplete("cases view", "number", number="")] == [3, 2, 1]
    assert await bob.autocomplete("cases view", "number", number="") == []


async def test_notes_about_the_member_are_shown_to_the_moderator_alone(discord, db, alice, bob):
    await make_cases(db, discord, 1, case_user_id=bob.id)
    assert not (await alice.slash("/cases view 1")).is_ephemeral
    await db.note.add_note(guild_id=discord.guild.id, user_id=bob.id, author_id=alice.id, content="second account?")
    reply = await alice.slash("/cases view 1")
    assert reply.is_ephemeral
    assert "second account?" in reply.text
    shown = (await alice.says("!cases view 1")).text
    assert "second account?" not in shown
    assert "/notes list" in shown
    staff = discord.guild.channel("staff")
    staff.overwrite(discord.guild.id, deny=["view_channel"])
    staff.overwrite(discord.guild.role("Moderators").id, allow=["view_channel"])
    staff.overwrite(discord.bot.user.id, allow=["view_channel"])
    await discord.settle()
    assert "second account?" in (await alice.says("!cases view 1", staff)).text


async def test_cases_are_shown_without_the_plugin_that_keeps_notes(discord, db, alice, monkeypatch):
    await make_cases(db, discord, 1)
    record = db.registry.records["notes"]
    monkeypatch.setattr(record, "state", type(record.state).OFF)
    assert "Case #1" in (await alice.slash("/cases view 1")).text


@pytest.mark.parametrize("line", ["cases void 1 innocent", "cases modify 1 closed", "cases modify 1 nothing happened"])
async def test_nobody_changes_a_case_about_themselves(discord, db, alice, line):
    await discord.owner.says("!pollban @alice flooding")
    assert "Case #1 is about you" in (await alice.says(f"!{line}")).text
    case = await db.case.get_case_by_number(1, discord.guild.id)
    assert (case.case_status, case.case_reason, case.case_voided_at) == (True, "flooding", None)
    assert [entry.action for entry in await db.audit.get_all()] == ["case.create"]
    await discord.owner.says("!cases modify 1 closed")
    assert "Case #1 is about you" in (await alice.says("!cases reopen 1")).text
    assert not (await db.case.get_case_by_number(1, discord.guild.id)).case_status


async def test_a_voided_case_is_not_made_active_beside_its_voiding(discord, db, alice, bob):
    await alice.says("!warn @bob spam")
    await alice.says("!cases void 1 wrong member")
    assert "`/cases reopen 1`" in (await alice.says("!cases modify 1 active")).text
    case = await db.case.get_case_by_number(1, discord.guild.id)
    assert (case.case_status, case.case_void_reason) == (False, "wrong member")
    await alice.says("!cases modify 1 closed spam in #art")
    assert (await db.case.get_case_by_number(1, discord.guild.id)).case_reason == "spam in #art"


async def test_what_discord_refused_cannot_stand(discord, db, alice, bob):
    discord.fail("DELETE", r"/members/")
    await alice.says("!kick @bob spam")
    reply = await alice.says("!cases reopen 1")
    assert "nothing happened: Discord refused" in reply.text
    assert not (await db.case.get_case_by_number(1, discord.guild.id)).case_status
