"""A test per call of CALLS.md that concerns `db.afk`."""

from __future__ import annotations

from datetime import timedelta

from tux.clock import now

BOB, ALICE, GUILD = 41, 42, 940


async def test_set_member_afk_takes_every_documented_keyword(db):
    until = now() + timedelta(hours=1)
    await db.afk.set_member_afk(
        user_id=BOB,
        guild_id=GUILD,
        afk_message="lunch",
        until=until,
        permanent=True,
        enforced=True,
        nickname="Bobby",
    )
    entry = await db.afk.get_afk_by_member(BOB, GUILD)
    assert (entry.user_id, entry.guild_id, entry.afk_message, entry.until) == (BOB, GUILD, "lunch", until)
    assert (entry.permanent, entry.enforced, entry.nickname) == (True, True, "Bobby")


async def test_set_member_afk_has_the_documented_defaults(db):
    entry = await db.afk.set_member_afk(user_id=BOB, guild_id=GUILD, afk_message="lunch")
    assert (entry.until, entry.permanent, entry.enforced, entry.nickname) == (None, False, False, None)
    assert (await db.afk.set_member_afk(ALICE, GUILD, "tea")).afk_message == "tea"


async def test_is_member_afk_takes_the_user_first(db):
    assert await db.afk.is_member_afk(BOB, GUILD) is False
    await db.afk.set_member_afk(user_id=BOB, guild_id=GUILD, afk_message="lunch")
    assert await db.afk.is_member_afk(BOB, GUILD) is True
    assert await db.afk.is_member_afk(BOB, GUILD + 1) is False


async def test_get_afk_by_member_is_none_for_one_who_is_there(db):
    assert await db.afk.get_afk_by_member(BOB, GUILD) is None


async def test_remove_member_afk_says_whether_there_was_one(db):
    await db.afk.set_member_afk(user_id=BOB, guild_id=GUILD, afk_message="lunch", permanent=True)
    assert await db.afk.remove_member_afk(BOB, GUILD) is True
    assert await db.afk.remove_member_afk(BOB, GUILD) is False
    assert await db.afk.is_member_afk(BOB, GUILD) is False


async def test_get_all_afk_members_comes_by_the_longest_away(db):
    for user_id in (BOB, ALICE):
        await db.afk.set_member_afk(user_id=user_id, guild_id=GUILD, afk_message="lunch")
    await db.afk.set_member_afk(user_id=9, guild_id=GUILD + 1, afk_message="lunch")
    assert [entry.user_id for entry in await db.afk.get_all_afk_members(GUILD)] == [BOB, ALICE]
    assert await db.afk.get_all_afk_members(GUILD + 2) == []
