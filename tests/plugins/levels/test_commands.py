from __future__ import annotations

import asyncio
import re
from functools import partial

import pytest

from plugins.levels.events import LevelChanged
from plugins.levels.settings import LevelSettings
from tux.clock import now
from tux.core.errors import InvalidSetting
from tux.offline.building import announce_role
from tux.testing import max_queries


@pytest.fixture
def alice(discord):
    return discord.member("alice")


@pytest.fixture
def bob(discord):
    return discord.member("bob")


async def settings(db, discord):
    return await db.settings.read(discord.guild.id, LevelSettings)


async def test_rank_shows_level_xp_and_position_with_ties(discord, db, alice, bob):
    for member, xp in ((alice, 100), (bob, 100), (discord.member("carol"), 500)):
        await db.levels.set_xp(member.id, discord.guild.id, xp)
    for reply in (await alice.slash("/rank"), await alice.says("!rank @bob")):
        assert "Level: 2" in reply.text
        assert "XP: 100 of 180" in reply.text
        assert "Position: #2" in reply.text
    assert "Rank of bob" in (await alice.slash("rank", member=bob)).text


async def test_rank_of_somebody_without_xp_and_of_somebody_who_does_not_count(discord, db, alice, bob):
    assert "No XP yet" in (await alice.slash("/rank")).text
    await db.levels.set_xp(bob.id, discord.guild.id, 50)
    await db.levels.blacklist_member(bob.id, discord.guild.id)
    assert "Position: none" in (await alice.says("!rank bob")).text
    with max_queries(2):
        await alice.slash("rank", member=bob)


async def test_rank_of_nobody_is_refused(discord, alice):
    reply = await alice.says("!rank nobody")
    assert "nobody" in reply.text
    assert reply.text.startswith("I did not understand")


async def test_the_leaderboard_is_paged_by_buttons_without_offset(discord, db, alice, bob):
    assert "Nobody has earned" in (await alice.says("!leaderboard")).text
    for number in range(1, 24):
        await db.levels.set_xp(number, discord.guild.id, number // 2 * 10)
    await db.levels.blacklist_member(23, discord.guild.id)
    await db.levels.set_xp(99, discord.guild.id + 1, 9000)
    reply = await alice.slash("/leaderboard")
    assert "**1.** <@22>" in reply.text
    assert reply.buttons == ["Next"]
    shown = [reply.text]
    with max_queries(1) as sent:
        shown.append((await alice.clicks(reply, "Next")).text)
    assert "OFFSET" not in sent[0]
    shown.append((await alice.clicks(reply, "Next")).text)
    for member, place in ((13, 10), (12, 10), (3, 20), (2, 20)):  # a page lies between those who share a place
        assert await db.levels.get_member_rank(member, discord.guild.id) == place
        assert f"**{place}.** <@{member}>" in "".join(shown)
    members = [int(found) for text in shown for found in re.findall(r"<@(\d+)>", text)]
    assert members == list(range(22, 1, -1))  # without the blacklisted one, the other guild's, and who has no XP
    assert "belong to whoever asked" in (await bob.clicks(reply, "Previous")).text
    assert "**10.** <@12>" in (await alice.clicks(reply, "Previous")).text


async def test_a_page_deep_in_a_large_leaderboard_reads_its_own_rows_only(fresh_db):
    guild_id = 931
    await fresh_db.guild.get_or_create_guild(guild_id)
    await fresh_db.service.execute(
        "INSERT INTO levels_member_levels (guild_id, member_id, xp, created_at, updated_at)"
        " SELECT $1, n, n / 10, $2, $2 FROM generate_series(1, 50000) AS n",
        guild_id,
        now(),
    )
    await fresh_db.service.execute("ANALYZE levels_member_levels")
    filters = {"guild_id": guild_id, "blacklisted": False, "xp": {"gt": 0}}
    order = ["-xp", "-member_id"]
    first = await fresh_db.levels.page_after(None, 30_000, filters=filters, order_by=order)
    last = first.items[-1]
    with max_queries(1) as sent:
        page = await fresh_db.levels.page_after(first.next_cursor, 10, filters=filters, order_by=order)
    assert page.items[0].member_id == 20_000
    values = (guild_id, False, 0.0, 11, last.xp, last.member_id, last.id)
    plan = await fresh_db.service.fetch(f"EXPLAIN (ANALYZE, COSTS OFF, TIMING OFF) {sent[0]}", *values)
    read = [int(float(part)) for row in plan for part in re.findall(r"actual rows=([\d.]+)", row[0])]
    assert max(read) < 30


async def test_levels_shows_what_the_guild_chose(discord, db, alice):
    shown = (await alice.slash("/levels show")).text
    assert "15 XP" in shown
    assert "/levels reward" in shown
    role, channel = discord.guild.role("Regular"), discord.guild.channel("busy")
    await db.settings.change(
        discord.guild.id,
        LevelSettings,
        max_level=50,
        decay_percent=2,
        rewards=dict.fromkeys(range(1, 31), role.id),
        channel_factors={channel.id: 1.5},
    )
    shown = (await alice.says("!levels")).text
    assert "level 50" in shown
    assert "2 %" in shown
    assert "Level 1: @Regular" in shown
    assert "and 11 more" in shown
    assert "#busy: x1.5" in shown


@pytest.mark.parametrize(
    ("line", "rank"),
    [
        ("set @bob 5", 7),
        ("set-xp @bob 5", 7),
        ("reset @bob", 7),
        ("blacklist @bob", 3),
        ("reward 5 @Regular", 7),
        ("unreward 5", 7),
        ("role-factor @Regular 2", 7),
        ("channel-factor #general 2", 7),
        ("recompute", 7),
    ],
)
async def test_members_change_nothing(discord, db, alice, bob, line, rank):  # noqa: PLR0917 - fixtures
    discord.guild.role("Regular")
    assert f"rank {rank}" in (await alice.says(f"!levels {line}")).text
    assert (await db.levels.count(), await settings(db, discord)) == (0, LevelSettings())


async def test_levels_and_xp_are_set_and_reset(discord, db, alice, bob):
    standing = db.levels.get_xp_and_level
    assert "level 5 now, 500 XP" in (await discord.owner.slash("levels set", member=bob, level=5)).text
    assert await standing(bob.id, discord.guild.id) == (500, 5)
    assert "level 10" in (await discord.owner.says("!levels set-xp @bob 2100")).text
    assert await standing(bob.id, discord.guild.id) == (2100, 10)
    assert "begins anew" in (await discord.owner.slash("levels reset", member=bob)).text
    assert await standing(bob.id, discord.guild.id) == (0, 0)
    assert "had no XP" in (await discord.owner.says("!levels reset @alice")).text


@pytest.mark.parametrize(
    "line",
    [
        "set @bob 1001",
        "set @bob -1",
        "set-xp @bob -5",
        "reward 0 @Regular",
        "reward 5 @Nobody",
        "role-factor @Regular 11",
    ],
)
async def test_numbers_out_of_range_are_refused(discord, db, bob, line):
    discord.guild.role("Regular")
    reply = await discord.owner.says(f"!levels {line}")
    assert "I did not understand" in reply.text
    assert (await db.levels.count(), await settings(db, discord)) == (0, LevelSettings())


async def test_moderators_blacklist_and_lift_it(discord, db, bob):
    role = discord.guild.role("Moderators")
    await db.guild_config.update_perm_level_role(discord.guild.id, 3, role.id)
    carol = discord.member("carol", roles=[role])
    await db.levels.set_level(bob.id, discord.guild.id, 5)
    assert "@bob" in (await carol.says("!leaderboard")).text
    assert "earns nothing" in (await carol.slash("levels blacklist", member=bob)).text
    assert "@bob" not in (await carol.says("!leaderboard")).text
    assert await db.levels.is_blacklisted(bob.id, discord.guild.id)
    assert "earns XP again" in (await carol.says("!levels blacklist @bob")).text
    assert not await db.levels.is_blacklisted(bob.id, discord.guild.id)


async def test_who_has_as_much_shares_a_place_on_the_leaderboard_as_in_the_rank(discord, db, alice, bob):
    for member, xp in ((alice, 100), (bob, 100), (discord.member("carol"), 500), (discord.member("dave"), 7)):
        await db.levels.set_xp(member.id, discord.guild.id, xp)
    shown = (await alice.says("!leaderboard")).embeds[0]["description"]
    assert [line.split(" ")[0] for line in shown.splitlines()] == ["**1.**", "**2.**", "**2.**", "**4.**"]
    assert "#2" in (await alice.says("!rank @bob")).text


async def test_rewards_are_chosen_one_by_one_and_removed(discord, db):
    low, high = discord.guild.role("Regular"), discord.guild.role("Veteran")
    assert "Level 5 brings @Regular" in (await discord.owner.slash("levels reward", level=5, role=low)).text
    # BEGIN, the entry and the audit's row, each in a savepoint, COMMIT, and the snapshot that is read anew
    with max_queries(9):
        await discord.owner.says("!levels reward 10 @Veteran")
    assert (await settings(db, discord)).rewards == {5: low.id, 10: high.id}
    assert "brings nothing" in (await discord.owner.slash("levels unreward", level=5)).text
    await discord.owner.says("!levels unreward 7")
    assert (await settings(db, discord)).rewards == {10: high.id}


async def test_rewards_of_two_administrators_at_once_are_both_kept(discord, db):
    role = discord.guild.role("Regular")
    await db.settings.change(discord.guild.id, LevelSettings, rewards={1: role.id, 2: role.id})
    put = partial(db.settings.put_entry, discord.guild.id, LevelSettings, "rewards")
    removed = [put(level, None) for level in (1, 2)]
    await asyncio.gather(*(put(level, role.id) for level in range(3, 33)), *removed)
    assert (await settings(db, discord)).rewards == dict.fromkeys(range(3, 33), role.id)


async def test_the_first_reward_may_come_from_many_at_once(discord, db):
    put = partial(db.settings.put_entry, discord.guild.id, LevelSettings, "role_factors")
    await asyncio.gather(*(put(role_id, 1.5) for role_id in range(10)))
    assert (await settings(db, discord)).role_factors == dict.fromkeys(range(10), 1.5)


async def test_a_wrong_entry_changes_nothing(discord, db):
    for level, role_id in ((0, 5), (5, "no role")):
        with pytest.raises(InvalidSetting, match=r"levels\.rewards"):
            await db.settings.put_entry(discord.guild.id, LevelSettings, "rewards", level, role_id)
    assert (await settings(db, discord)).rewards == {}


async def test_who_changed_a_reward_is_in_the_audit_log(discord, db):
    role = discord.guild.role("Regular")
    await discord.owner.says("!levels reward 5 @Regular")
    await discord.owner.says("!levels unreward 5")
    entries = (await db.audit.list_entries(guild_id=discord.guild.id)).items
    assert [(entry.actor_id, entry.after["rewards"]) for entry in entries] == [
        (discord.owner.id, "5: nothing"),
        (discord.owner.id, f"5: {role.id}"),
    ]


async def test_a_reward_that_the_bot_cannot_give_is_said(discord, bot):
    role = discord.guild.role("Above").data
    role["position"] = 50
    announce_role(discord.world, discord.guild.state, role, "update")
    await discord.settle()
    assert (
        "cannot give it" in (await discord.owner.slash("levels reward", level=5, role=discord.guild.role("Above"))).text
    )
    discord.guild.role("Regular")
    assert "cannot give it" not in (await discord.owner.says("!levels reward 5 @Regular")).text
    discord.bot_permissions("send_messages", "embed_links", "view_channel")
    assert "let me manage roles" in (await discord.owner.says("!levels reward 5 @Regular")).text


async def test_a_role_that_discord_gives_itself_is_refused_as_a_reward(discord, db, bot):
    guild = bot.get_guild(discord.guild.id)
    for role in (guild.self_role, guild.default_role):
        reply = await discord.owner.says(f"!levels reward 5 {role.id}")
        assert "Discord itself decides" in reply.text
    assert (await settings(db, discord)).rewards == {}


async def test_levels_with_a_role_are_completed_without_a_statement(discord, db):
    for level, name in ((5, "Regular"), (20, "Veteran")):
        await discord.owner.slash("levels reward", level=level, role=discord.guild.role(name))
    await discord.owner.says("hello")
    with max_queries(0):
        choices = await discord.owner.autocomplete("levels unreward", "level", level="")
    assert [(each["name"], each["value"]) for each in choices] == [("5: Regular", 5), ("20: Veteran", 20)]
    choices = await discord.owner.autocomplete("levels unreward", "level", level="veter")
    assert [each["value"] for each in choices] == [20]


async def test_factors_are_chosen_and_removed(discord, db):
    role, channel = discord.guild.role("Booster"), discord.guild.channel("busy")
    assert "@Booster: XP x2" in (await discord.owner.slash("levels role-factor", role=role, factor=2)).text
    assert "#busy: XP x0" in (await discord.owner.says("!levels channel-factor #busy 0")).text
    chosen = await settings(db, discord)
    assert (chosen.role_factors, chosen.channel_factors) == ({role.id: 2.0}, {channel.id: 0.0})
    assert "XP x1" in (await discord.owner.slash("levels role-factor", role=role, factor=1)).text
    await discord.owner.slash("levels channel-factor", channel=channel, factor=1)
    assert (await settings(db, discord)) == LevelSettings()


async def test_levels_are_derived_anew_after_the_formula_changed(discord, db, bob):
    await db.levels.update_xp_and_level(bob.id, discord.guild.id, 500, 3, now())
    assert "1 of them changed" in (await discord.owner.slash("/levels recompute")).text
    assert await db.levels.get_level(bob.id, discord.guild.id) == 5


async def test_roles_follow_levels_that_were_derived_anew(discord, db, bob):
    role = discord.guild.role("Regular")
    await discord.owner.slash("levels reward", level=5, role=role)
    for xp, stored, held in ((500, 3, ["Regular"]), (20, 7, [])):
        await db.levels.set_xp(bob.id, discord.guild.id, xp)
        await db.levels.update_where({"member_id": bob.id}, {"level": stored})
        await db.emit(LevelChanged(discord.guild.id, bob.id, stored))
        await discord.settle()
        assert bob.roles != held
        assert "1 of them changed" in (await discord.owner.slash("/levels recompute")).text
        assert bob.roles == held
    await db.levels.update_where({"member_id": bob.id}, {"level": 7})
    assert await db.levels.recompute_levels(discord.guild.id) == 1
