"""Several members in one command, flags and stored reasons, through the local Discord."""

from __future__ import annotations

import pytest

from tux.testing import max_queries

styles = pytest.mark.parametrize("style", ["slash", "prefix"])


@pytest.fixture
def carol(discord):
    return discord.member("carol")


async def bulk(alice, style, command, bob, carol, rest=""):  # noqa: PLR0917 - a line's parts
    if style == "prefix":
        return await alice.says(f"!{command} @bob @carol {rest}")
    first = {"ban": "user", "tempban": "user"}.get(command, "member")
    values = {first: bob, "reason": f"{carol.mention} {rest}"}
    if command in {"timeout", "tempban"}:
        duration, _, others = rest.partition(" ")
        values |= {"duration": duration, "reason": f"{carol.mention} {others}"}
    return await alice.slash(command, **values)


@styles
@pytest.mark.parametrize(
    ("command", "rest", "label"),
    [
        ("warn", "spam", "Warn"),
        ("kick", "spam", "Kick"),
        ("ban", "spam", "Ban"),
        ("tempban", "1d spam", "Ban"),
        ("timeout", "10m spam", "Time out"),
        ("snippetban", "spam", "Bar"),
    ],
)
async def test_several_members_are_named_and_asked_for_first(  # noqa: PLR0917 - fixtures
    discord, alice, bob, carol, cases, style, command, rest, label
):
    asked = await bulk(alice, style, command, bob, carol, rest)
    assert "bob" in asked.text
    assert "carol" in asked.text
    assert await cases() == []
    reply = await alice.clicks(asked, label)
    assert "2 of 2 members" in reply.text
    made = await cases()
    assert {case.case_user_id for case in made} == {bob.id, carol.id}
    assert {case.case_reason for case in made} == {"spam"}


async def test_several_members_are_jailed_and_freed_in_one_command(discord, alice, bob, carol, jail, cases):  # noqa: PLR0917 - fixtures
    await alice.clicks(await alice.says("!jail @bob @carol brawl"), "Jail")
    assert (bob.roles, carol.roles) == (["Jailed"], ["Jailed"])
    await alice.clicks(await alice.says("!unjail @bob @carol"), "Unjail")
    assert (bob.roles, carol.roles) == ([], [])
    assert [case.case_status for case in await cases()] == [False, False, True, True]


async def test_one_of_several_that_is_refused_stops_all_before_anything_is_done(discord, alice, bob, cases):
    discord.member("chief", roles=[discord.guild.role("Chiefs")])
    reply = await alice.says("!kick @bob @chief")
    assert "not below yours" in reply.text
    assert bob.is_member
    assert await cases() == []


@pytest.mark.parametrize("command", ["warn", "kick"])
async def test_who_rose_while_the_moderator_thought_is_spared_with_all_others(  # noqa: PLR0917 - fixtures
    discord, alice, bob, carol, cases, command
):
    asked = await alice.says(f"!{command} @bob @carol brawl")
    await discord.owner.changes(bob, roles=[str(discord.guild.role("Chiefs").id)])
    assert "not below yours" in (await alice.clicks(asked, command.capitalize())).text
    assert (bob.is_member, carol.is_member) == (True, True)
    assert await cases() == []


@styles
async def test_cases_of_a_servers_own_type_are_asked_for_when_they_are_about_several(  # noqa: PLR0917 - fixtures
    discord, alice, bob, carol, cases, style
):
    await discord.owner.says("!casetypes add NICKBAN past: barred from names")
    if style == "prefix":
        asked = await alice.says("!cases add NICKBAN @bob @carol rude")
    else:
        asked = await alice.slash("cases add", type="NICKBAN", member=bob, reason=f"{carol.mention} rude")
    assert "Act on 2 members" in asked.text
    assert await cases() == []
    assert "2 of 2 members" in (await alice.clicks(asked, "Act on")).text
    assert [case.case_type for case in await cases()] == ["NICKBAN", "NICKBAN"]


async def test_cancelled_means_nobody(discord, alice, bob, carol, cases):
    asked = await alice.says("!kick @bob @carol")
    assert "Nothing was done" in (await alice.clicks(asked, "Cancel")).text
    assert bob.is_member
    assert await cases() == []


async def test_what_discord_refuses_for_one_is_told_and_the_others_go_on(discord, alice, bob, carol, cases):
    asked = await alice.says("!kick @bob @carol")
    failure = discord.fail("DELETE", rf"/guilds/\d+/members/{bob.id}")
    reply = await alice.clicks(asked, "Kick")
    failure.times = 0
    assert "1 of 2 members" in reply.text
    assert "case #1 is voided" in reply.text
    assert (bob.is_member, carol.is_member) == (True, False)
    assert [case.case_status for case in await cases()] == [False, True]


async def test_too_many_and_unknown_members_are_refused(discord, alice, bob, cases):
    crowd = " ".join(str(10**17 + number) for number in range(20))
    assert "At most 20" in (await alice.says(f"!warn @bob {crowd}")).text
    assert "no user" in (await alice.says(f"!warn @bob {10**17}")).text
    stranger = discord.stranger("mallory")
    assert "not in this server" in (await alice.says(f"!warn @bob {stranger.id}")).text
    assert await cases() == []


async def test_strangers_may_be_among_those_banned(discord, alice, bob, cases):
    stranger = discord.stranger("mallory")
    await alice.clicks(await alice.says(f"!ban @bob {stranger.id} raid"), "Ban")
    assert (bob.is_banned, stranger.is_banned) == (True, True)
    assert [case.case_type for case in await cases()] == ["BAN", "HACKBAN"]
    reply = await alice.clicks(await alice.says(f"!unban {bob.id} {stranger.id}"), "Unban")
    assert "2 of 2" in reply.text
    assert (bob.is_banned, stranger.is_banned) == (False, False)


async def test_a_slash_command_about_several_is_answered_before_discord_is_asked_for_them(discord, alice, bob, cases):
    stranger = discord.stranger("mallory")
    asked = await alice.slash("ban", user=bob, reason=f"{stranger.id} raid")
    paths = [request.path for request in discord.requests]
    answered = next(place for place, path in enumerate(paths) if path.endswith("/callback"))
    assert answered < next(place for place, path in enumerate(paths) if path.endswith(f"/{stranger.id}"))
    assert asked.is_ephemeral
    reply = await alice.clicks(asked, "Ban")
    assert "2 of 2 members" in reply.text
    answer = discord.guild.channel().last
    assert ("2 of 2 members" in answer.text, answer.is_ephemeral) == (True, False)
    refused = await alice.slash("warn", member=alice, reason=f"{10**17} spam")
    assert "no user" in refused.text
    assert refused.is_ephemeral


async def test_a_ban_with_purge_deletes_what_was_written(discord, alice, bob):
    await bob.says("buy this")
    await alice.clicks(await alice.says("!ban @bob -purge 1d spam"), "Ban")
    assert [message for message in discord.guild.channel().messages if message.author_name == "bob"] == []


async def test_purge_is_refused_where_it_makes_no_sense(discord, alice, bob, cases):
    assert "takes no `-purge`" in (await alice.says("!kick @bob -purge 1d")).text
    assert await cases() == []


@styles
async def test_a_stored_reason_is_filled_in_and_offered(discord, db, alice, bob, cases, style):  # noqa: PLR0917 - fixtures
    await db.reason_template.set_template(discord.guild.id, "spam", "Unasked advertising.", actor_id=alice.id)
    await (alice.says("!warn @bob =spam twice") if style == "prefix" else alice.slash("/warn @bob =spam twice"))
    assert [case.case_reason for case in await cases()] == ["Unasked advertising. twice"]
    choices = await alice.autocomplete("warn", "reason", member=bob, reason="adv")
    assert choices == [{"name": "spam: Unasked advertising.", "value": "=spam"}]
    reply = await alice.says("!warn @bob =scam")
    assert "`=spam`" in reply.text


async def test_a_warning_is_four_statements_and_a_savepoint_as_case_and_audit_row_are_one_transaction(
    discord, db, alice, bob, log
):
    await alice.says("!warn @bob once, so that the guild's choices are in memory")
    with max_queries(7) as sent:  # BEGIN, case, SAVEPOINT, audit row, RELEASE, COMMIT, and the message of the mod-log
        await alice.says("!warn @bob again")
    assert len(sent) == 7
    assert await db.audit.count({"action": "case.create"}) == 2


async def test_a_kick_costs_the_same(discord, db, alice, bob, log):
    await alice.says("!warn @bob first")
    with max_queries(7):  # its confirmation also stores the message of the mod-log
        await alice.says("!kick @bob")


async def test_a_case_and_its_audit_row_happen_together_or_not_at_all(discord, db, alice, bob, cases):
    nobodys = "FOREIGN KEY (actor_id) REFERENCES guild_guilds DEFERRABLE INITIALLY DEFERRED NOT VALID"
    await db.service.execute(f"ALTER TABLE audit_entries ADD CONSTRAINT nobodys {nobodys}")  # refuses the COMMIT
    try:
        reply = await alice.says("!kick @bob")
    finally:
        await db.service.execute("ALTER TABLE audit_entries DROP CONSTRAINT nobodys")
    discord.errors.clear()
    assert "Nothing was changed" in reply.text
    assert await cases() == []
    assert await db.audit.count() == 0
    assert bob.is_member


@pytest.mark.parametrize(
    ("breaks", "mends"),
    [
        ("ALTER TABLE audit_entries ADD CONSTRAINT full_up CHECK (actor_id = 0)", "DROP CONSTRAINT full_up"),
        ("ALTER TABLE audit_entries RENAME TO audit_lost", None),
    ],
)
async def test_an_audit_log_that_cannot_be_written_stops_nothing(discord, db, alice, bob, cases, breaks, mends):  # noqa: PLR0917 - fixtures
    await db.service.execute(breaks)
    try:
        await alice.says("!warn @bob spam")
        await alice.says("!cases modify 1 closed")
        await alice.says("!reasons add spam Unasked advertising.")
        await discord.owner.says("!plugins disable polls")
        await alice.says("!kick @bob")
    finally:
        repair = f"ALTER TABLE audit_entries {mends}" if mends else "ALTER TABLE audit_lost RENAME TO audit_entries"
        await db.service.execute(repair)
    assert len(discord.errors) >= 4, "each that was lost is in the log"
    discord.errors.clear()
    assert [(case.case_type, case.case_status) for case in await cases()] == [("WARN", False), ("KICK", True)]
    assert not bob.is_member
    assert await db.audit.count() == 0
    assert await db.switches.exists({"plugin": "polls", "enabled": False})


async def test_a_change_that_is_undone_leaves_no_audit_row(discord, db, alice):
    reply = await alice.says("!cases void 77 nothing")
    assert "no case #77" in reply.text
    assert await db.audit.count() == 0


async def test_without_the_audit_plugin_everything_goes_on(discord, db, alice, bob, cases, monkeypatch):  # noqa: PLR0917 - fixtures
    record = db.registry.records["audit"]
    monkeypatch.setattr(record, "state", type(record.state).OFF)
    await alice.says("!warn @bob first")
    with max_queries(3):
        await alice.says("!warn @bob again")
    await alice.says("!kick @bob")
    await alice.says("!cases modify 1 closed")
    await alice.says("!cases void 2 mistake")
    assert [case.case_status for case in await cases()] == [False, False, True]


async def test_a_server_without_an_audit_log_moderates_all_the_same(discord, db, alice, bob, cases):
    await discord.owner.says("!plugins disable audit")
    await alice.says("!warn @bob spam")
    assert len(await cases()) == 1
    assert await db.audit.count({"action": "case.create"}) == 0
