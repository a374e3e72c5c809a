from __future__ import annotations

from datetime import timedelta

import discord as discord_py
import pytest

from tux.clock import clock


@pytest.fixture
async def bob(discord):
    bob = discord.member("bob")
    await discord.settle()
    return bob


async def refused(awaitable):
    """Return status and code of the refusal that awaiting something meets."""
    with pytest.raises(discord_py.HTTPException) as caught:
        await awaitable
    return caught.value.status, caught.value.code


@pytest.fixture
async def boss(discord):
    """Somebody with a role above the bot's."""
    boss = discord.member("boss", roles=["Bosses"])
    discord.guild.role("Bosses").data["position"] = 50
    discord.world.emit(
        "GUILD_ROLE_UPDATE",
        {"guild_id": discord.guild.state.id, "role": discord.guild.role("Bosses").data},
        guild=discord.guild.state,
    )
    await discord.settle()
    return boss


async def test_a_kick_removes_the_member_and_enters_the_audit_log(discord, bot, guild, bob):
    await guild.kick(discord_py.Object(bob.id), reason="noise & more")
    await discord.settle()
    assert not bob.is_member
    assert [args[0].name for args in bot.heard_of("member_remove")] == ["bob"]
    entry = bot.heard_of("audit_log_entry_create")[-1][0]
    assert (entry.action, entry.target.id, entry.reason) == (discord_py.AuditLogAction.kick, bob.id, "noise & more")
    assert [entry.id async for entry in guild.audit_logs(action=discord_py.AuditLogAction.kick)] == [entry.id]


async def test_a_ban_keeps_a_member_out_until_it_is_lifted(discord, bot, guild, bob):
    await bob.says("rude words")
    await guild.ban(discord_py.Object(bob.id), reason="spam", delete_message_seconds=600)
    assert discord.guild.channel().messages == []
    assert (await guild.fetch_ban(discord_py.Object(bob.id))).reason == "spam"
    assert [entry.user.name async for entry in guild.bans()] == ["bob"]
    await guild.unban(discord_py.Object(bob.id))
    await discord.settle()
    assert [len(bot.heard_of(name)) for name in ("member_ban", "member_unban")] == [1, 1]
    assert await refused(guild.fetch_ban(discord_py.Object(bob.id))) == (404, 10026)
    assert await refused(guild.unban(discord_py.Object(bob.id))) == (404, 10026)


async def test_somebody_who_is_no_member_can_be_banned_but_not_kicked(discord, guild):
    eve = discord.stranger("eve")
    assert await refused(guild.kick(discord_py.Object(eve.id))) == (404, 10007)
    await guild.ban(discord_py.Object(eve.id))
    assert eve.is_banned
    assert await refused(guild.ban(discord_py.Object(12345))) == (404, 10013)


async def test_a_bulk_ban_tells_whom_it_could_not_ban(discord, guild, bob, boss):
    result = await guild.bulk_ban([discord_py.Object(bob.id), discord_py.Object(boss.id), discord_py.Object(10**17)])
    assert [user.id for user in result.banned] == [bob.id]
    assert {user.id for user in result.failed} == {boss.id, 10**17}
    assert await refused(guild.bulk_ban([discord_py.Object(boss.id)])) == (400, 500000)


async def test_deleting_more_than_a_week_of_messages_is_refused(guild, bob):
    assert await refused(guild.ban(discord_py.Object(bob.id), delete_message_seconds=604_801)) == (400, 50035)


@pytest.mark.parametrize("who", ["boss", "owner"])
async def test_nobody_above_the_bot_can_be_touched(discord, guild, boss, who):
    target = boss if who == "boss" else discord.owner
    member = guild.get_member(target.id)
    for attempt in (
        member.kick(),
        member.ban(),
        member.timeout(timedelta(hours=1)),
        member.edit(nick="small"),
    ):
        assert await refused(attempt) == (403, 50013)
    assert target.is_member


async def test_without_its_permissions_the_bot_can_do_nothing(discord, guild, bob):
    discord.bot_permissions("view_channel")
    await discord.settle()
    member = guild.get_member(bob.id)
    role = discord_py.Object(discord.guild.role("Member").id)
    for attempt in (
        member.kick(),
        member.ban(),
        member.timeout(timedelta(hours=1)),
        member.edit(nick="x"),
        member.add_roles(role),
        guild.create_role(name="x"),
        guild.create_text_channel("x"),
        guild.fetch_ban(member),
    ):
        assert await refused(attempt) == (403, 50013)


async def test_a_time_out_ends_by_the_clock(discord, bot, guild, bob):
    from tux.errors import CannotAct

    await guild.get_member(bob.id).timeout(timedelta(hours=1), reason="cool down")
    await discord.settle()
    assert bot.heard_of("member_update")[-1][1].is_timed_out()
    with pytest.raises(CannotAct, match="send messages"):
        await bob.says("let me speak")
    clock.shift(timedelta(hours=2))
    try:
        await bob.says("free again")
    finally:
        clock.reset()


async def test_a_time_out_is_at_most_28_days_and_never_for_an_administrator(discord, guild, bob):
    member = guild.get_member(bob.id)
    await member.timeout(timedelta(days=28) - timedelta(seconds=5))
    assert await refused(member.timeout(timedelta(days=28, minutes=1))) == (400, 50035)
    await member.timeout(None)
    assert bob.timed_out_until is None
    admin = discord.member("admin", permissions=["administrator"])
    await discord.settle()
    assert await refused(guild.get_member(admin.id).timeout(timedelta(hours=1))) == (403, 50013)


async def test_a_nick_has_at_most_32_characters(discord, guild, bob):
    member = guild.get_member(bob.id)
    await member.edit(nick="b" * 32)
    assert bob.nick == "b" * 32
    assert await refused(member.edit(nick="b" * 33)) == (400, 50035)
    await member.edit(nick=None)
    assert bob.nick is None
    await guild.me.edit(nick="Robot")
    assert discord.guild.state.members[discord.world.bot["id"]]["nick"] == "Robot"


async def test_roles_are_given_and_taken_below_the_bot_only(discord, bot, guild, bob, boss):
    role = discord.guild.role("Member")
    await discord.settle()
    member = guild.get_member(bob.id)
    await member.add_roles(guild.get_role(role.id), reason="welcome")
    assert bob.roles == ["Member"]
    await discord.settle()
    assert bot.heard_of("audit_log_entry_create")[-1][0].action is discord_py.AuditLogAction.member_role_update
    await member.edit(roles=[])
    assert bob.roles == []
    await member.remove_roles(guild.get_role(role.id))
    high = discord_py.Object(discord.guild.role("Bosses").id)
    assert await refused(member.add_roles(high)) == (403, 50013)
    assert await refused(member.add_roles(discord_py.Object(5))) == (404, 10011)


async def test_members_are_listed_searched_and_fetched(discord, guild, bob):
    assert {member.name async for member in guild.fetch_members()} == {"owner", "Tux", "bob"}
    assert [member.name for member in await guild.query_members("bo")] == ["bob"]
    assert [member.name for member in await guild.query_members(user_ids=[bob.id])] == ["bob"]
    assert (await guild.fetch_member(bob.id)).name == "bob"
    eve = discord.stranger("eve")
    assert await refused(guild.fetch_member(eve.id)) == (404, 10007)
    assert await refused(guild.fetch_member(7)) == (404, 10013)


async def test_what_moderators_do_by_hand_is_told_with_their_names(discord, bot, bob):
    mod = discord.member("mod")
    await mod.changes(bob, nick="Bobby")
    await mod.kicks(bob, "by hand")
    entries = [args[0] for args in bot.heard_of("audit_log_entry_create")]
    assert [(entry.user.name, entry.action.name) for entry in entries] == [("mod", "member_update"), ("mod", "kick")]
    await mod.bans(bob, "for good")
    assert bot.heard_of("audit_log_entry_create")[-1][0].reason == "for good"


async def test_a_reason_for_the_audit_log_has_at_most_512_characters(guild, bob):
    assert await refused(guild.ban(discord_py.Object(bob.id), reason="x" * 513)) == (400, 50035)
    assert not bob.is_banned


async def test_an_equal_is_not_above(discord, guild):
    twin = discord.member("twin", roles=[discord.world.bot["username"]])
    await discord.settle()
    assert await refused(guild.kick(discord_py.Object(twin.id))) == (403, 50013)
