"""What is due: ends on time and once, also after downtime, and what a dead process left behind."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest

from tux.clock import clock, now
from tux.offline.happenings import MemberChanged, MemberLeft, MessageSent
from tux.testing import max_queries


@pytest.fixture(autouse=True)
def later():
    """Give the clock back."""
    yield clock.shift
    clock.reset()


async def tempban(alice, line="tempban @bob 1d raid"):
    return await alice.clicks(await alice.says(f"!{line}"), "Ban")


async def test_who_bans_for_a_time_is_asked_with_its_end(discord, alice, bob):
    assert "Until" in (await alice.says("!tempban @bob 1d raid")).text
    assert "Until" not in (await alice.says("!ban @bob raid")).text


@pytest.mark.parametrize("style", ["slash", "prefix"])
async def test_a_temporary_ban_ends_on_time_and_once(discord, db, alice, bob, cases, log, later, style):  # noqa: PLR0917 - fixtures
    line = "tempban @bob 1d raid"
    asked = await (alice.slash(f"/{line}") if style == "slash" else alice.says(f"!{line}"))
    reply = await alice.clicks(asked, "Ban")
    assert "Case #1: TEMPBAN" in reply.text
    assert bob.is_banned
    later(timedelta(hours=23))
    await discord.bot.run_due()
    assert bob.is_banned
    later(timedelta(hours=1, seconds=1))
    await discord.bot.run_due()
    assert not bob.is_banned
    [case] = await cases()
    assert (case.case_status, case.case_processed) == (False, True)
    assert "closed" in log.last.text
    await discord.bot.run_due()
    unbans = [request for request in discord.requests if request.method == "DELETE" and "/bans/" in request.path]
    assert len(unbans) == 1


async def test_two_processes_end_a_ban_once(discord, db, alice, bob, later):
    await tempban(alice)
    later(timedelta(days=1, seconds=1))
    await asyncio.gather(*(discord.bot.run_due() for _ in range(5)))
    unbans = [request for request in discord.requests if request.method == "DELETE" and "/bans/" in request.path]
    assert len(unbans) == 1
    assert not bob.is_banned


async def test_what_one_process_claimed_is_left_to_it_until_its_lease_is_over(discord, db, alice, bob, later):
    await tempban(alice)
    later(timedelta(days=1, seconds=1))
    claimed = [len(await db.case.claim_due([discord.guild.id], limit=10)) for _ in range(2)]
    later(timedelta(days=1, minutes=5))
    claimed.append(len(await db.case.claim_due([discord.guild.id], limit=10)))
    assert claimed == [1, 0, 1]


async def test_what_ended_during_a_day_of_downtime_ends_in_all_guilds_by_one_query(discord, db, alice, bob, later):
    other = await discord.join_guild("Another server")
    due = now() - timedelta(days=1)
    for guild_id in (discord.guild.id, other.id):
        for user_id in range(20):
            await db.case.create_case(
                guild_id=guild_id,
                case_type="TIMEOUT",
                case_user_id=10**17 + user_id,
                case_moderator_id=alice.id,
                case_expires_at=due,
            )
    with max_queries(1):
        claimed = await db.case.claim_due([discord.guild.id, other.id], limit=100)
    assert len(claimed) == 40
    later(timedelta(minutes=3))
    await discord.bot.run_due()
    assert await db.case.count({"case_processed": False}) == 0


async def test_more_than_a_batch_is_worked_off_in_one_round(discord, db, alice):
    values = {"case_type": "SNIPPETBAN", "case_moderator_id": alice.id, "guild_id": discord.guild.id}
    for user_id in range(120):
        await db.case.create_case(case_user_id=user_id, case_expires_at=now() - timedelta(hours=1), **values)
    await discord.bot.run_due()
    assert await db.case.count({"case_status": True}) == 0


async def test_guilds_of_other_processes_are_left_to_them(discord, db):
    foreign = await db.case.create_case(
        guild_id=4711, case_type="TEMPBAN", case_user_id=5, case_moderator_id=6, case_expires_at=now()
    )
    await discord.bot.run_due()
    assert (await db.case.get_by_id(foreign.case_id)).case_status


async def test_a_ban_that_was_lifted_by_hand_just_ends(discord, db, alice, bob, cases, later):  # noqa: PLR0917 - fixtures
    await tempban(alice)
    discord.guild.state.bans.pop(str(bob.id))
    later(timedelta(days=1, seconds=1))
    await discord.bot.run_due()
    [case] = await cases()
    assert case.case_processed


async def test_a_ban_that_was_made_by_hand_since_outlives_the_end_of_the_temporary_one(  # noqa: PLR0917 - fixtures
    discord, db, alice, bob, cases, later
):
    await tempban(alice)
    discord.guild.state.bans.pop(str(bob.id))
    await discord.owner.bans(bob, "for good")
    later(timedelta(days=1, seconds=1))
    await discord.bot.run_due()
    assert bob.is_banned
    [case] = await cases()
    assert (case.case_status, case.case_processed) == (False, True)


async def test_the_ban_of_a_case_that_another_program_stored_ends_on_time(discord, db, alice, bob, later):
    await discord.owner.bans(bob, "raid")
    await db.case.create_case(
        guild_id=discord.guild.id,
        case_type="TEMPBAN",
        case_user_id=bob.id,
        case_moderator_id=alice.id,
        case_expires_at=now() + timedelta(hours=1),
    )
    later(timedelta(hours=1, seconds=1))
    await discord.bot.run_due()
    assert not bob.is_banned


async def test_what_discord_refuses_waits_and_is_tried_again(discord, db, alice, bob, cases, later):  # noqa: PLR0917 - fixtures
    await tempban(alice)
    later(timedelta(days=1, seconds=1))
    failure = discord.fail("DELETE", r"/guilds/\d+/bans/\d+")
    await discord.bot.run_due()
    failure.times = 0
    [case] = await cases()
    assert case.case_status
    await discord.bot.run_due()
    assert bob.is_banned
    later(timedelta(hours=1, seconds=1))
    await discord.bot.run_due()
    assert not bob.is_banned


async def test_what_discord_does_not_answer_is_tried_again_in_a_minute(discord, alice, bob, later):
    await tempban(alice)
    later(timedelta(days=1, seconds=1))
    failure = discord.fail("DELETE", r"/guilds/\d+/bans/\d+", 503, 0)
    await discord.bot.run_due()
    failure.times = 0
    assert bob.is_banned
    later(timedelta(minutes=1, seconds=1))
    await discord.bot.run_due()
    assert not bob.is_banned


@pytest.mark.parametrize("happened", [True, False])
async def test_an_action_without_an_answer_is_under_way_until_discord_was_asked(  # noqa: PLR0917 - fixtures
    discord, alice, bob, cases, log, later, happened
):
    failure = discord.fail("DELETE", r"/guilds/\d+/members/\d+", 503, 0)
    reply = await alice.says("!kick @bob raid")
    failure.times = 0
    assert "did not say whether it was done" in reply.text
    assert "under way" in (await alice.says("!cases view 1")).text
    if happened:
        await bob.leaves()
    later(timedelta(minutes=3))
    await discord.bot.run_due()
    [case] = await cases()
    assert (case.case_status, case.case_pending) == (happened, False)
    assert ("active" if happened else "voided") in log.last.text


async def test_a_ban_for_good_outlives_the_end_of_the_temporary_one(discord, db, alice, bob, cases, later):  # noqa: PLR0917 - fixtures
    await tempban(alice)
    await alice.says(f"!unban {bob.id}")
    await alice.clicks(await alice.says(f"!ban {bob.id} for good"), "Ban")
    later(timedelta(days=2))
    await discord.bot.run_due()
    assert bob.is_banned
    assert [case.case_status for case in await cases()] == [False, True, True]


async def test_a_ban_for_good_takes_the_place_of_one_that_still_runs(discord, db, alice, bob, cases, later):  # noqa: PLR0917 - fixtures
    running = await db.case.create_case(
        guild_id=discord.guild.id,
        case_type="TEMPBAN",
        case_user_id=bob.id,
        case_moderator_id=alice.id,
        case_expires_at=now() + timedelta(hours=1),
    )
    await alice.clicks(await alice.says("!ban @bob for good"), "Ban")
    assert not (await db.case.get_by_id(running.case_id)).case_status
    later(timedelta(hours=2))
    await discord.bot.run_due()
    assert bob.is_banned


async def test_a_jail_with_a_duration_opens_by_itself(discord, db, alice, bob, cases, jail, later):  # noqa: PLR0917 - fixtures
    member = discord.member("bob", roles=["Gamers"])
    await alice.says("!jail @bob -duration 2h shouting")
    later(timedelta(hours=2, seconds=1))
    await discord.bot.run_due()
    assert member.roles == ["Gamers"]
    assert [case.case_processed for case in await cases()] == [True]


async def away(discord, *happenings):
    """Let things happen while the bot is not there; then it comes back and Discord tells it what is."""
    sinks, told = discord.world.sinks, list(discord.world.sinks)
    sinks.clear()
    for happen in happenings:
        await happen()
    sinks[:] = told
    discord.server.gateway.sessions.clear()
    await discord.drop_connection()
    await discord.bot.wait_for("ready", timeout=20)
    await discord.settle()
    discord.errors.clear()  # the broken connection


async def test_who_comes_back_while_the_bot_is_away_is_jailed_at_its_start(discord, db, alice, jail):
    member, other, freed, gone = (discord.member(name, roles=["Gamers"]) for name in ("bob", "dave", "erin", "frank"))
    for name in ("bob", "dave", "erin", "frank"):
        await alice.says(f"!jail @{name}")
    await db.case.update_where({"case_user_id": other.id}, {"case_expires_at": now()})
    with max_queries(4) as sent:
        await away(
            discord,
            *(member.leaves, member.joins, other.leaves, other.joins, gone.leaves),
            lambda: discord.owner.changes(freed, roles=[]),
        )
    assert sum("moderation_cases" in sql for sql in sent) == 1
    assert (member.roles, other.roles, freed.roles) == (["Jailed"], [], [])


async def test_where_moderation_is_off_nobody_is_jailed_at_the_bots_start(discord, db, alice, bob, jail):
    await alice.says("!jail @bob")
    await db.switches.turn(discord.guild.id, "moderation", enabled=False)
    await away(discord, bob.leaves, bob.joins)
    assert bob.roles == []


async def pending(db, discord, alice, kind, user, **changes):
    case = await db.case.begin_case(
        pending=True,
        guild_id=discord.guild.id,
        case_type=kind,
        case_user_id=user.id,
        case_moderator_id=alice.id,
        **changes,
    )
    assert case.case_pending
    return case


async def settled(db, discord, case, later):
    await discord.bot.run_due()
    assert (await db.case.get_by_id(case.case_id)).case_pending, "its process may be at work still"
    later(timedelta(minutes=2, seconds=1))
    await discord.bot.run_due()
    found = await db.case.get_by_id(case.case_id)
    assert not found.case_pending
    return found


async def test_a_jail_takes_the_place_of_one_that_was_opened_by_hand(discord, alice, bob, cases, jail, later):  # noqa: PLR0917 - fixtures
    member = discord.member("bob", roles=["Artists"])
    await alice.says("!jail @bob -duration 1d raid")
    await discord.owner.changes(member, roles=[str(discord.guild.role("Artists").id)])
    await alice.says("!jail @bob -duration 7d again")
    later(timedelta(days=1, seconds=1))
    await discord.bot.run_due()
    assert member.roles == ["Jailed"]
    later(timedelta(days=7, seconds=1))
    await discord.bot.run_due()
    assert member.roles == ["Artists"]
    assert [case.case_processed for case in await cases()] == [True, True]


async def test_a_jail_opens_by_itself_when_another_role_was_chosen_since(discord, db, alice, bob, jail, later):  # noqa: PLR0917 - fixtures
    member = discord.member("bob", roles=["Artists"])
    await alice.says("!jail @bob -duration 1d raid")
    await db.guild_config.update_jail_role_id(discord.guild.id, None)
    later(timedelta(days=1, seconds=1))
    await discord.bot.run_due()
    assert member.roles == ["Artists"]


@pytest.mark.parametrize("happened", [True, False])
async def test_a_ban_whose_process_died_is_what_discord_says(discord, db, alice, bob, log, later, happened):  # noqa: PLR0917 - fixtures
    case = await pending(db, discord, alice, "BAN", bob)
    if happened:
        await discord.owner.bans(bob)
    case = await settled(db, discord, case, later)
    assert case.case_status is happened
    assert (case.case_void_reason is None) is happened
    assert "Case #1: BAN" in log.last.text
    assert ("voided" in log.last.text) is not happened


@pytest.mark.parametrize("happened", [True, False])
async def test_a_kick_whose_process_died_is_what_discord_says(discord, db, alice, bob, later, happened):  # noqa: PLR0917 - fixtures
    case = await pending(db, discord, alice, "KICK", bob)
    if happened:
        await discord.owner.kicks(bob)
    assert (await settled(db, discord, case, later)).case_status is happened


@pytest.mark.parametrize("happened", [True, False])
async def test_a_timeout_whose_process_died_is_what_discord_says(discord, db, alice, bob, later, happened):  # noqa: PLR0917 - fixtures
    until = now() + timedelta(hours=1)
    case = await pending(db, discord, alice, "TIMEOUT", bob, case_expires_at=until)
    wanted = until if happened else until + timedelta(hours=3)
    await discord.owner.changes(bob, communication_disabled_until=wanted.isoformat())
    assert (await settled(db, discord, case, later)).case_status is happened


@pytest.mark.parametrize("happened", [True, False])
async def test_releases_whose_process_died_are_what_discord_says(discord, db, alice, bob, later, happened):  # noqa: PLR0917 - fixtures
    until = now() + timedelta(hours=1)
    if not happened:
        await discord.owner.changes(bob, communication_disabled_until=until.isoformat())
    case = await pending(db, discord, alice, "UNTIMEOUT", bob)
    assert (await settled(db, discord, case, later)).case_status is happened


@pytest.mark.parametrize("happened", [True, False])
async def test_jail_whose_process_died_is_what_discord_says(discord, db, alice, bob, jail, later, happened):  # noqa: PLR0917 - fixtures
    locked = await pending(db, discord, alice, "JAIL", bob)
    if happened:
        await discord.owner.changes(bob, roles=[str(jail.id)])
    assert (await settled(db, discord, locked, later)).case_status is happened
    freed = await pending(db, discord, alice, "UNJAIL", bob)
    assert (await settled(db, discord, freed, later)).case_status is not happened


async def test_an_unban_whose_process_died_closes_the_ban(discord, db, alice, bob, later):
    ban = await db.case.create_case(
        guild_id=discord.guild.id, case_type="BAN", case_user_id=bob.id, case_moderator_id=alice.id
    )
    case = await pending(db, discord, alice, "UNBAN", bob)
    assert (await settled(db, discord, case, later)).case_status
    assert not (await db.case.get_by_id(ban.case_id)).case_status


async def test_a_kick_of_somebody_who_is_gone_is_not_a_timeout(discord, db, alice, bob, later):
    case = await pending(db, discord, alice, "TIMEOUT", bob, case_expires_at=now() + timedelta(hours=1))
    await bob.leaves()
    assert not (await settled(db, discord, case, later)).case_status


async def test_a_case_that_was_given_up_stands_again_when_it_did_happen(discord, db, alice, bob, later):
    case = await pending(db, discord, alice, "BAN", bob)
    await settled(db, discord, case, later)
    confirmed = (await db.case.confirm_case(case)).case
    assert (confirmed.case_status, confirmed.case_voided_at, confirmed.case_void_reason) == (True, None, None)


async def test_a_case_that_a_moderator_voided_stays_voided(discord, db, alice, bob):
    case = await pending(db, discord, alice, "BAN", bob)
    await db.case.void(case.case_id, "wrong member", voided_by=alice.id)
    assert (await db.case.confirm_case(case)).case is None
    assert not (await db.case.get_by_id(case.case_id)).case_status


async def test_a_round_without_work_is_two_statements(discord, db):
    with max_queries(2):
        for cog in list(discord.bot.cogs.values()):
            if cog.qualified_name == "Moderation work":
                for _, work in cog.due_work():
                    await work()


@pytest.mark.parametrize("line", ["cases modify 1 closed", "cases void 1 mistake"])
async def test_a_ban_whose_case_was_closed_by_hand_still_ends_on_its_day(  # noqa: PLR0917 - fixtures
    discord, db, alice, bob, cases, log, later, line
):
    await tempban(alice)
    assert "itself stays until" in (await alice.says(f"!{line}")).text
    later(timedelta(hours=23))
    await discord.bot.run_due()
    assert bob.is_banned
    later(timedelta(hours=1, seconds=1))
    await discord.bot.run_due()
    assert not bob.is_banned
    [case] = await cases()
    assert (case.case_status, case.case_processed) == (False, True)


@pytest.mark.parametrize("line", ["cases modify 1 active", "cases reopen 1"])
@pytest.mark.parametrize("how", ["ended", "due", "lifted"])
async def test_a_temporary_case_that_is_over_cannot_stand_again(discord, db, alice, bob, cases, later, line, how):  # noqa: PLR0917 - fixtures
    await alice.says("!snippetban @bob -duration 1d spam")
    if how == "lifted":
        await alice.says("!snippetunban @bob")
    else:
        await alice.says("!cases modify 1 closed")
        later(timedelta(days=1, seconds=1))
    if how == "ended":
        await discord.bot.run_due()
    assert "is over" in (await alice.says(f"!{line}")).text
    assert not (await cases())[0].case_status


async def test_a_temporary_case_that_is_reopened_in_time_ends_on_its_day(discord, db, alice, bob, cases, later):  # noqa: PLR0917 - fixtures
    await alice.says("!snippetban @bob -duration 1d spam")
    await alice.says("!cases modify 1 closed")
    await alice.says("!cases reopen 1")
    assert (await cases())[0].case_status
    later(timedelta(days=1, seconds=1))
    await discord.bot.run_due()
    assert not (await cases())[0].case_status


async def test_the_end_of_a_closed_case_spares_the_ban_that_took_its_place(discord, db, alice, bob, later):
    await tempban(alice)
    await alice.says("!cases modify 1 closed")
    await alice.says(f"!unban {bob.id}")
    await alice.clicks(await alice.says(f"!ban {bob.id} for good"), "Ban")
    later(timedelta(days=1, seconds=1))
    await discord.bot.run_due()
    assert bob.is_banned


async def test_a_ban_that_never_happened_ends_nothing(discord, db, alice, bob, later):
    discord.fail("PUT", r"/guilds/\d+/bans/\d+", times=1)
    await tempban(alice)
    await discord.owner.bans(bob)
    later(timedelta(days=1, seconds=1))
    await discord.bot.run_due()
    assert bob.is_banned


async def test_who_is_let_out_of_a_jail_whose_case_was_closed_gets_the_roles_back(discord, db, alice, jail, later):
    member = discord.member("bob", roles=["Gamers"])
    await alice.says("!jail @bob shouting")
    await alice.says("!cases void 1 mistake")
    assert member.roles == ["Jailed"]
    await alice.says("!unjail @bob")
    assert member.roles == ["Gamers"]
    assert "not in jail" in (await alice.says("!unjail @bob")).text
    assert await db.case.find_jailed(discord.guild.id, [member.id]) == {}


@pytest.mark.parametrize("line", ["timeout @bob 1h loud", "kick @bob spam", "warn @bob spam"])
async def test_the_mod_log_says_from_the_first_how_it_ended(discord, db, alice, bob, log, line):  # noqa: PLR0917 - fixtures
    await alice.says(f"!{line}")
    assert "active" in log.last.text
    written = [request for request in discord.requests if f"/channels/{log.id}/messages" in request.path]
    assert [request.method for request in written] == ["POST"]


async def test_a_case_whose_process_died_after_the_post_is_posted_once(discord, db, alice, bob, cases, log, later):  # noqa: PLR0917 - fixtures
    for line in ("warn @bob spam", "kick @bob spam"):
        # From the post on nothing can be stored: so dies a process, or its database.
        await db.service.execute("ALTER TABLE moderation_cases ADD CONSTRAINT dead CHECK (case_pending) NOT VALID")
        try:
            await alice.says(f"!{line}")
        finally:
            await db.service.execute("ALTER TABLE moderation_cases DROP CONSTRAINT dead")
        discord.errors.clear()
        assert (await cases())[-1].mod_log_message_id is None
        later(timedelta(minutes=5) * len(await cases()))
        await discord.bot.run_due()
        assert len(log.messages) == len(await cases())
        assert (await cases())[-1].mod_log_message_id == log.last.id
    assert [case.case_pending for case in await cases()] == [False, False]
    await alice.says("!cases void 2 mistake")
    assert len(log.messages) == 2
    assert "voided" in log.last.text


async def test_a_case_whose_process_died_before_the_post_is_posted_at_the_next_start(  # noqa: PLR0917 - fixtures
    discord, db, alice, bob, log, later
):
    for kind in ("WARN", "SNIPPETBAN"):
        case = await pending(db, discord, alice, kind, bob)
        assert (await settled(db, discord, case, later)).case_status
        assert kind in log.last.text
        assert "active" in log.last.text
    assert len(log.messages) == 2


@pytest.mark.parametrize("line", ["warn @bob spam", "kick @bob spam", "timeout @bob 1h loud"])
async def test_who_is_killed_while_the_mod_log_is_written_leaves_one_message(  # noqa: PLR0917 - fixtures
    discord, db, alice, bob, cases, log, later, line
):
    def kill(happening):
        if isinstance(happening, MessageSent) and happening.message.channel.id == str(log.id):
            for task in tuple(discord.bot._running):
                task.cancel()

    unwatch = discord.watch(kill)
    try:
        await alice.says(f"!{line}")
    finally:
        unwatch()
    discord.errors.clear()
    [case] = await cases()
    assert (case.case_pending, case.mod_log_message_id) == (True, None)
    [message] = log.messages
    later(timedelta(minutes=3))
    await discord.bot.run_due()
    await discord.bot.run_due()
    [case] = await cases()
    assert (case.case_pending, case.case_status, case.mod_log_message_id) == (False, True, message.id)
    assert [each.id for each in log.messages] == [message.id]
    assert "active" in log.last.text


@pytest.mark.parametrize("line", ["kick @bob spam", "timeout @bob 1h loud", "jail @bob shouting"])
async def test_who_is_killed_while_discord_is_asked_leaves_what_discord_says(  # noqa: PLR0917 - fixtures
    discord, db, alice, bob, jail, cases, log, later, line
):
    def kill(happening):
        if isinstance(happening, MemberChanged | MemberLeft):  # Discord has done it, and nobody heard
            for task in tuple(discord.bot._running):
                task.cancel()

    unwatch = discord.watch(kill)
    try:
        await alice.says(f"!{line}")
    finally:
        unwatch()
    discord.errors.clear()
    [case] = await cases()
    assert case.case_pending
    assert log.messages == []
    later(timedelta(minutes=3))
    await discord.bot.run_due()
    [case] = await cases()
    assert (case.case_pending, case.case_status) == (False, True)
    assert "active" in log.last.text
