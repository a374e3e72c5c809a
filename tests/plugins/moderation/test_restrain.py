"""Time-outs closed by releases, jail, and bars from snippets and polls."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tux.clock import clock, now

styles = pytest.mark.parametrize("style", ["slash", "prefix"])


async def act(actor, style, line):
    return await (actor.slash(f"/{line}") if style == "slash" else actor.says(f"!{line}"))


@styles
async def test_jail_takes_the_roles_and_unjail_gives_them_back(discord, db, alice, bob, jail, cases, style):  # noqa: PLR0917 - fixtures
    member = discord.member("bob", roles=["Artists", "Gamers"])
    reply = await act(alice, style, "jail @bob raiding")
    assert "Case #1: JAIL" in reply.text
    assert member.roles == ["Jailed"]
    assert "jailed" in bob.inbox[0].text
    reply = await act(alice, style, "unjail @bob served")
    assert "Case #2: UNJAIL" in reply.text
    assert sorted(member.roles) == ["Artists", "Gamers"]
    assert [(case.case_type, case.case_status) for case in await cases()] == [("JAIL", False), ("UNJAIL", True)]


async def test_roles_that_the_bot_cannot_take_stay_and_are_not_given_twice(discord, db, alice, bob, jail, cases):  # noqa: PLR0917 - fixtures
    role = discord.guild.role("Integration")
    role.data["managed"] = True
    discord.world.emit(
        "GUILD_ROLE_UPDATE", {"guild_id": str(discord.guild.id), "role": role.data}, guild=discord.guild.state
    )
    await discord.settle()
    member = discord.member("bob", roles=["Integration", "Gamers"])
    await alice.says("!jail @bob")
    assert sorted(member.roles) == ["Integration", "Jailed"]
    [case] = await cases()
    assert case.case_user_roles == [discord.guild.role("Gamers").id]
    await alice.says("!unjail @bob")
    assert sorted(member.roles) == ["Gamers", "Integration"]


async def test_a_role_that_was_deleted_meanwhile_is_left_out(discord, db, alice, bob, jail, cases):  # noqa: PLR0917 - fixtures
    member = discord.member("bob", roles=["Artists", "Gamers"])
    await alice.says("!jail @bob")
    [case] = await cases()
    await db.case.update_case(case.case_id, case_user_roles=[*case.case_user_roles, 12345])
    await alice.says("!unjail @bob")
    assert sorted(member.roles) == ["Artists", "Gamers"]


async def test_who_slipped_out_and_is_jailed_anew_gets_the_roles_of_the_first_time_back(
    discord, alice, bob, jail, cases
):
    member = discord.member("bob", roles=["Artists", "Gamers"])
    await alice.says("!jail @bob raid")
    await discord.owner.changes(member, roles=[])  # as after leaving and coming back while the bot was away
    await alice.says("!jail @bob again")
    assert [(case.case_status, len(case.case_user_roles)) for case in await cases()] == [(False, 2), (True, 2)]
    assert "Case #3: UNJAIL" in (await alice.says("!unjail @bob")).text
    assert sorted(member.roles) == ["Artists", "Gamers"]


async def test_what_was_given_since_the_first_jail_counts_after_the_second(discord, alice, bob, jail):
    member = discord.member("bob", roles=["Artists", "Gamers"])
    await alice.says("!jail @bob raid")
    await discord.owner.changes(member, roles=[str(discord.guild.role("Gamers").id)])
    await alice.says("!jail @bob again")
    await alice.says("!unjail @bob")
    assert member.roles == ["Gamers"]


@pytest.mark.parametrize("chosen", [True, False])
async def test_who_was_jailed_gets_out_of_the_role_they_were_given_when_another_is_chosen_since(  # noqa: PLR0917 - fixtures
    discord, db, alice, bob, jail, chosen
):
    member = discord.member("bob", roles=["Artists"])
    await alice.says("!jail @bob raid")
    other = discord.guild.role("Dungeon").id if chosen else None
    await db.guild_config.update_jail_role_id(discord.guild.id, other)
    assert "Case #2: UNJAIL" in (await alice.says("!unjail @bob")).text
    assert member.roles == ["Artists"]
    assert "is not in jail" in (await alice.says("!unjail @bob")).text


async def test_without_a_jail_nobody_is_jailed(discord, db, alice, bob, cases):
    assert "/config jail" in (await alice.says("!jail @bob")).text
    assert await cases() == []


async def test_a_jail_above_the_bot_is_refused(discord, db, alice, bob, cases, jail):  # noqa: PLR0917 - fixtures
    jail.data["position"] = 60
    discord.world.emit(
        "GUILD_ROLE_UPDATE", {"guild_id": str(discord.guild.id), "role": jail.data}, guild=discord.guild.state
    )
    await discord.settle()
    assert "Move my role above it" in (await alice.says("!jail @bob")).text
    assert await cases() == []


async def test_nobody_is_jailed_twice_or_freed_without_jail(discord, db, alice, bob, cases, jail):  # noqa: PLR0917 - fixtures
    assert "is not in jail" in (await alice.says("!unjail @bob")).text
    await alice.says("!jail @bob")
    assert "in jail already" in (await alice.says("!jail @bob")).text
    assert len(await cases()) == 1


async def test_a_refused_jail_is_voided_and_changes_nothing(discord, db, alice, bob, cases, jail):  # noqa: PLR0917 - fixtures
    member = discord.member("bob", roles=["Gamers"])
    failure = discord.fail("PATCH", r"/guilds/\d+/members/\d+")
    reply = await alice.says("!jail @bob")
    failure.times = 0
    assert "voided" in reply.text
    assert member.roles == ["Gamers"]
    [case] = await cases()
    assert (case.case_status, case.case_pending) == (False, False)


async def test_who_leaves_the_jail_by_the_door_comes_back_into_it(discord, db, alice, bob, jail):
    await alice.says("!jail @bob")
    await bob.leaves()
    await bob.joins()
    assert bob.roles == ["Jailed"]
    await alice.says("!unjail @bob")
    await bob.leaves()
    await bob.joins()
    assert bob.roles == []


@styles
@pytest.mark.parametrize(
    ("command", "lift", "words"),
    [("snippetban", "snippetunban", "barred from snippets"), ("pollban", "pollunban", "barred from polls")],
)
async def test_a_bar_holds_until_it_is_lifted(discord, db, alice, bob, cases, style, command, lift, words):  # noqa: PLR0917 - fixtures
    async def barred():
        return await db.case.is_user_under_restriction(
            guild_id=discord.guild.id,
            user_id=bob.id,
            active_restriction_type=command.upper(),
            inactive_restriction_type=lift.upper(),
        )

    assert f"is not {words}" in (await act(alice, style, f"{lift} @bob")).text
    assert words in (await act(alice, style, f"{command} @bob nonsense")).text
    assert await barred()
    assert f"{words} already" in (await act(alice, style, f"{command} @bob again")).text
    assert "again" in (await act(alice, style, f"{lift} @bob fine")).text
    assert not await barred()
    assert [case.case_status for case in await cases()] == [False, True]


async def test_a_bar_with_a_duration_is_over_on_time_even_before_its_case_is_closed(discord, db, alice, bob, cases):
    reply = await alice.says("!snippetban @bob -duration 2h nonsense")
    assert "Until" in reply.text
    question = {
        "guild_id": discord.guild.id,
        "user_id": bob.id,
        "active_restriction_type": "SNIPPETBAN",
        "inactive_restriction_type": "SNIPPETUNBAN",
    }
    assert await db.case.is_user_under_restriction(**question)
    clock.shift(timedelta(hours=2, seconds=1))
    try:
        assert not await db.case.is_user_under_restriction(**question)
        await discord.bot.run_due()
        [case] = await cases()
        assert (case.case_status, case.case_processed) == (False, True)
    finally:
        clock.reset()


async def test_an_untimeout_closes_the_case_of_the_timeout(discord, db, alice, bob, cases, log):  # noqa: PLR0917 - fixtures
    await alice.says("!timeout @bob 10m loud")
    await alice.says("!untimeout @bob")
    assert [(case.case_type, case.case_status) for case in await cases()] == [("TIMEOUT", False), ("UNTIMEOUT", True)]
    assert "closed" in log.messages[0].text
    assert bob.timed_out_until is None


async def test_a_new_timeout_takes_the_place_of_the_old_one(discord, db, alice, bob, cases):
    await alice.says("!timeout @bob 10m")
    await alice.says("!timeout @bob 5h")
    assert [case.case_status for case in await cases()] == [False, True]
    assert bob.timed_out_until - now() > timedelta(hours=4)


async def test_members_below_the_rank_restrain_nobody(discord, db, bob, jail, cases):
    carol = discord.member("carol")
    for line in ("jail @bob", "unjail @bob", "snippetban @bob", "pollban @bob", "snippetunban @bob", "pollunban @bob"):
        assert "rank 3" in (await carol.says(f"!{line}")).text
    assert await cases() == []


async def test_yourself_and_those_above_are_refused(discord, db, alice, jail, cases):
    chief = discord.member("chief", roles=[discord.guild.role("Chiefs")])
    for command in ("jail", "snippetban", "pollban"):
        assert "yourself" in (await alice.says(f"!{command} @alice")).text
        assert "not below yours" in (await alice.says(f"!{command} {chief.mention}")).text
    assert await cases() == []
