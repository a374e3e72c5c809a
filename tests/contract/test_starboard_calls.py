"""A test per line of CALLS.md that concerns `db.starboard` and `db.starboard_message`."""

from __future__ import annotations

GUILD = 600


async def set_up(db, **changes):
    return await db.starboard.create_or_update_starboard(
        GUILD, **{"channel_id": 61, "emoji": "⭐", "threshold": 1, **changes}
    )


async def star(db, message_id, count):
    return await db.starboard_message.note_stars(
        guild_id=GUILD, channel_id=62, message_id=message_id, author_id=63, count=count
    )


async def test_create_or_update_starboard_and_get_starboard_by_guild(db):
    assert await db.starboard.get_starboard_by_guild(GUILD) is None
    made = await set_up(db, threshold=5)
    assert (made.guild_id, made.channel_id, made.emoji, made.threshold) == (GUILD, 61, "⭐", 5)
    changed = await set_up(db, channel_id=64, emoji="<a:party:123456789012345678>", threshold=2)
    found = await db.starboard.get_starboard_by_guild(GUILD)
    assert (found.id, changed.id) == (made.id, made.id)
    assert (found.channel_id, found.emoji, found.threshold) == (64, "<a:party:123456789012345678>", 2)


async def test_delete_starboard(db):
    await set_up(db)
    assert await db.starboard.delete_starboard(GUILD) is True
    assert await db.starboard.delete_starboard(GUILD) is False
    assert await db.starboard.get_starboard_by_guild(GUILD) is None


async def test_get_message_by_original(db):
    await set_up(db)
    await star(db, 601, 3)
    found = await db.starboard_message.get_message_by_original(601)
    assert (found.guild_id, found.original_channel_id, found.author_id, found.star_count) == (GUILD, 62, 63, 3)
    assert await db.starboard_message.get_message_by_original(602) is None


async def test_update_star_count(db):
    await set_up(db)
    await star(db, 601, 3)
    assert (await db.starboard_message.update_star_count(601, 9)).star_count == 9
    assert (await db.starboard_message.get_message_by_original(601)).star_count == 9
    assert await db.starboard_message.update_star_count(602, 9) is None


async def test_get_top_messages(db):
    await set_up(db)
    for message_id, count in ((601, 3), (602, 8), (603, 8), (604, 1)):
        await star(db, message_id, count)
    top = await db.starboard_message.get_top_messages(GUILD, 3)
    assert [row.original_message_id for row in top] == [602, 603, 601]
    assert await db.starboard_message.get_top_messages(GUILD + 1, 3) == []
