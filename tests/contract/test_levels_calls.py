"""A test per call of CALLS.md that concerns `db.levels`."""

from __future__ import annotations

from datetime import UTC, datetime

BOB, ALICE, GUILD = 31, 32, 930
SENT_AT = datetime(2026, 3, 1, 12, tzinfo=UTC)


async def test_get_xp_and_level_is_a_pair(db):
    assert await db.levels.get_xp_and_level(BOB, GUILD) == (0.0, 0)
    await db.levels.set_xp(BOB, GUILD, 100)
    xp, level = await db.levels.get_xp_and_level(BOB, GUILD)
    assert (xp, level) == (100.0, 2)


async def test_update_xp_and_level_stores_what_it_is_given(db):
    row = await db.levels.update_xp_and_level(BOB, GUILD, 12.5, 7, SENT_AT)
    assert (row.member_id, row.guild_id, row.xp, row.level, row.last_message) == (BOB, GUILD, 12.5, 7, SENT_AT)
    row = await db.levels.update_xp_and_level(BOB, GUILD, xp=1, level=2, timestamp=SENT_AT)
    assert (row.xp, row.level) == (1.0, 2)
    assert await db.levels.count() == 1


async def test_add_xp_adds_and_derives_the_level(db):
    assert (await db.levels.add_xp(BOB, GUILD, 19)).level == 0
    row = await db.levels.add_xp(BOB, GUILD, 1)
    assert (row.xp, row.level) == (20.0, 1)
    assert await db.levels.get_xp(BOB, GUILD + 1) == 0


async def test_set_xp_derives_the_level(db):
    assert (await db.levels.set_xp(BOB, GUILD, 500)).level == 5
    assert (await db.levels.set_xp(BOB, GUILD, 499)).level == 4


async def test_set_level_stores_the_points_at_which_it_begins(db):
    row = await db.levels.set_level(BOB, GUILD, 5)
    assert (row.xp, row.level) == (500.0, 5)


async def test_reset_xp_takes_everything_away(db):
    await db.levels.set_xp(BOB, GUILD, 500)
    row = await db.levels.reset_xp(BOB, GUILD)
    assert (row.xp, row.level) == (0.0, 0)
    assert await db.levels.reset_xp(ALICE, GUILD) is None


async def test_get_xp_and_get_level_are_zero_for_a_stranger(db):
    assert (await db.levels.get_xp(BOB, GUILD), await db.levels.get_level(BOB, GUILD)) == (0.0, 0)
    await db.levels.set_xp(BOB, GUILD, 80)
    assert (await db.levels.get_xp(BOB, GUILD), await db.levels.get_level(BOB, GUILD)) == (80.0, 2)


async def test_get_levels_batch_is_by_user_id(db):
    await db.levels.set_xp(BOB, GUILD, 80)
    await db.levels.set_xp(ALICE, GUILD, 20)
    await db.levels.set_xp(ALICE, GUILD + 1, 999)
    found = await db.levels.get_levels_batch([ALICE, BOB, 77, BOB], GUILD)
    assert {user_id: row.xp for user_id, row in found.items()} == {BOB: 80.0, ALICE: 20.0}
    assert await db.levels.get_levels_batch([], GUILD) == {}


async def test_get_top_members_comes_by_points(db):
    for member_id, xp in ((1, 10), (2, 30), (3, 20), (4, 30)):
        await db.levels.set_xp(member_id, GUILD, xp)
    await db.levels.set_xp(5, GUILD + 1, 99)
    assert [row.member_id for row in await db.levels.get_top_members(GUILD, 3)] == [4, 2, 3]
    assert len(await db.levels.get_top_members(GUILD, limit=10)) == 4
    assert await db.levels.get_top_members(GUILD + 2, 3) == []


async def test_get_member_rank_is_shared_by_equals(db):
    for member_id, xp in ((1, 10), (2, 30), (3, 20), (4, 30)):
        await db.levels.set_xp(member_id, GUILD, xp)
    assert [await db.levels.get_member_rank(member_id, GUILD) for member_id in (2, 4, 3, 1)] == [1, 1, 3, 4]
    assert await db.levels.get_member_rank(99, GUILD) is None


async def test_toggle_blacklist_says_what_holds_now(db):
    assert await db.levels.toggle_blacklist(BOB, GUILD) is True
    assert await db.levels.is_blacklisted(BOB, GUILD) is True
    assert await db.levels.toggle_blacklist(BOB, GUILD) is False
    assert await db.levels.is_blacklisted(BOB, GUILD) is False


async def test_is_blacklisted_is_false_for_a_stranger(db):
    assert await db.levels.is_blacklisted(BOB, GUILD) is False


async def test_blacklist_member_and_unblacklist_member(db):
    assert (await db.levels.blacklist_member(BOB, GUILD)).blacklisted is True
    assert (await db.levels.blacklist_member(BOB, GUILD)).blacklisted is True
    assert (await db.levels.unblacklist_member(BOB, GUILD)).blacklisted is False
    assert await db.levels.unblacklist_member(ALICE, GUILD) is None


async def test_get_last_message_time_is_none_before_the_first(db):
    assert await db.levels.get_last_message_time(BOB, GUILD) is None
    await db.levels.add_xp(BOB, GUILD, 1)
    assert await db.levels.get_last_message_time(BOB, GUILD) is None
    await db.levels.update_xp_and_level(BOB, GUILD, 1, 0, SENT_AT)
    assert await db.levels.get_last_message_time(BOB, GUILD) == SENT_AT
