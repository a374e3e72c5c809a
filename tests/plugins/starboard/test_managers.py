from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest

from plugins.starboard.managers import CLAIM_LEASE
from plugins.starboard.models import DEFAULT_EMOJI, DEFAULT_THRESHOLD
from tux.clock import now
from tux.errors import InvalidValue, NotNullViolation, UniqueViolation
from tux.testing import at

GUILD, BOARD, MESSAGE, POST = 610, 65, 6100, 6199


@pytest.fixture
async def board(db):
    return await db.starboard.create_or_update_starboard(GUILD, channel_id=BOARD, emoji="🦆", threshold=3)


async def star(db, count, message_id=MESSAGE, guild_id=GUILD):
    return await db.starboard_message.note_stars(
        guild_id=guild_id, channel_id=66, message_id=message_id, author_id=67, count=count
    )


async def post(db, claim, post_id=POST):
    return await db.starboard_message.record_post(
        MESSAGE, claim, starboard_message_id=post_id, starboard_channel_id=BOARD
    )


async def test_a_new_starboard_has_defaults_and_a_change_keeps_what_it_does_not_name(db):
    made = await db.starboard.create_or_update_starboard(GUILD, channel_id=BOARD)
    assert (made.emoji, made.threshold) == (DEFAULT_EMOJI, DEFAULT_THRESHOLD)
    await db.starboard.create_or_update_starboard(GUILD, channel_id=BOARD, emoji=" <:duck:1234567890123456789> ")
    changed = await db.starboard.create_or_update_starboard(GUILD, channel_id=BOARD + 1, threshold=9)
    assert (changed.channel_id, changed.emoji, changed.threshold) == (BOARD + 1, "<:duck:1234567890123456789>", 9)


@pytest.mark.parametrize("wrong", [{"threshold": 0}, {"threshold": -3}, {"emoji": " "}, {"emoji": "x" * 61}])
async def test_a_wrong_threshold_or_emoji_is_refused(db, wrong):
    with pytest.raises(InvalidValue, match=next(iter(wrong))):
        await db.starboard.create_or_update_starboard(GUILD, channel_id=BOARD, **wrong)
    assert await db.starboard.get_starboard_by_guild(GUILD) is None


async def test_a_starboard_needs_a_channel(db):
    with pytest.raises(NotNullViolation, match="channel_id"):
        await db.starboard.create_or_update_starboard(GUILD, emoji="🦆")


async def test_fifty_concurrent_set_ups_make_one_starboard(db):
    await asyncio.gather(*(db.starboard.create_or_update_starboard(GUILD, channel_id=n) for n in range(1, 51)))
    assert await db.starboard.count() == 1


async def test_without_a_starboard_nothing_is_noted(db):
    assert await star(db, 50) is None
    assert await db.starboard_message.count() == 0


async def test_a_message_is_noted_and_claimed_once_it_has_enough_stars(db, board):
    assert await star(db, 2) is None
    assert await db.starboard_message.count() == 0
    stars = await star(db, 3)
    assert stars.claim is not None
    assert (stars.message.star_count, stars.message.starboard_message_id) == (3, None)
    again = await star(db, 4)
    assert (again.claim, again.message.star_count) == (None, 4)


async def test_of_fifty_concurrent_stars_one_may_post(db, board):
    found = await asyncio.gather(*(star(db, count) for count in range(3, 53)))
    assert sum(stars.claim is not None for stars in found) == 1
    assert await db.starboard_message.count() == 1


async def test_a_posted_message_is_not_claimed_again_even_after_the_lease(db, board):
    stars = await star(db, 3)
    posted = await post(db, stars.claim)
    assert (posted.starboard_message_id, posted.starboard_channel_id, posted.claim) == (POST, BOARD, None)
    with at(now() + 10 * CLAIM_LEASE):
        later = await star(db, 8)
    assert (later.claim, later.message.star_count, later.message.starboard_message_id) == (None, 8, POST)


async def test_an_unused_claim_is_taken_over_after_its_lease_and_the_late_post_is_told(db, board):
    first = await star(db, 3)
    with at(now() + CLAIM_LEASE - timedelta(seconds=1)):
        assert (await star(db, 4)).claim is None
    with at(now() + CLAIM_LEASE + timedelta(seconds=1)):
        second = await star(db, 4)
    assert second.claim not in (None, first.claim)
    assert await post(db, first.claim, POST) is None
    assert (await post(db, second.claim, POST + 1)).starboard_message_id == POST + 1
    assert await post(db, second.claim, POST + 2) is None


async def test_a_released_claim_is_free_at_once(db, board):
    first = await star(db, 3)
    assert await db.starboard_message.release_claim(MESSAGE, first.claim) is True
    assert await db.starboard_message.release_claim(MESSAGE, first.claim) is False
    assert (await star(db, 3)).claim not in (None, first.claim)


async def test_fewer_stars_than_the_threshold_are_stored_but_claim_nothing(db, board):
    first = await star(db, 3)
    await db.starboard_message.release_claim(MESSAGE, first.claim)
    fewer = await star(db, 1)
    assert (fewer.claim, fewer.message.star_count) == (None, 1)
    assert (await star(db, 0)).message.star_count == 0


async def test_a_changed_threshold_holds_for_the_next_star(db, board):
    assert await star(db, 2) is None
    await db.starboard.create_or_update_starboard(GUILD, channel_id=BOARD, threshold=2)
    assert (await star(db, 2)).claim is not None
    await db.starboard.create_or_update_starboard(GUILD, channel_id=BOARD, threshold=5)
    assert await star(db, 4, MESSAGE + 1) is None


async def test_one_of_ten_withdraws_a_post_and_stars_may_bring_it_back(db, board):
    await post(db, (await star(db, 3)).claim)
    answers = await asyncio.gather(*(db.starboard_message.withdraw_post(MESSAGE, POST) for _ in range(10)))
    assert sorted(answers) == [False] * 9 + [True]
    row = await db.starboard_message.get_message_by_original(MESSAGE)
    assert (row.starboard_message_id, row.starboard_channel_id) == (None, None)
    assert (await star(db, 3)).claim is not None


async def test_a_removed_starboard_that_comes_back_does_not_post_twice(db, board):
    await post(db, (await star(db, 3)).claim)
    await db.starboard.delete_starboard(GUILD)
    assert await star(db, 5) is None
    await db.starboard.create_or_update_starboard(GUILD, channel_id=BOARD, threshold=3)
    assert (await star(db, 6)).claim is None


async def test_a_rolled_back_claim_is_free(db, board):
    async def fail():
        async with db.transaction():
            assert (await star(db, 3)).claim
            raise LookupError

    with pytest.raises(LookupError):
        await fail()
    assert await db.starboard_message.count() == 0
    assert (await star(db, 3)).claim is not None


async def test_negative_stars_are_refused(db, board):
    await star(db, 3)
    for write in (star(db, -1), db.starboard_message.update_star_count(MESSAGE, -1)):
        with pytest.raises(InvalidValue, match="star_count"):
            await write


async def test_a_message_and_a_post_are_known_once(db, board):
    await star(db, 3)
    row = await db.starboard_message.get_message_by_original(MESSAGE)
    values = {"guild_id": GUILD, "original_channel_id": 1, "author_id": 1}
    with pytest.raises(UniqueViolation):
        await db.starboard_message.create(original_message_id=MESSAGE, **values)
    await db.starboard_message.update_by_id(row.id, starboard_message_id=POST)
    with pytest.raises(UniqueViolation):
        await db.starboard_message.create(original_message_id=MESSAGE + 1, starboard_message_id=POST, **values)


async def test_the_top_list_reads_its_index(db, board):
    rows = [
        {
            "guild_id": guild,
            "original_message_id": guild * 10_000 + n,
            "original_channel_id": 1,
            "author_id": 1,
            "star_count": n,
        }
        for guild in range(GUILD, GUILD + 10)
        for n in range(500)
    ]
    await db.starboard_message.bulk_create(rows)
    await db.service.execute("ANALYZE starboard_messages")
    plan = await db.service.fetch(
        "EXPLAIN SELECT * FROM starboard_messages WHERE guild_id = $1 ORDER BY star_count DESC, id LIMIT 10", GUILD
    )
    text = "\n".join(row[0] for row in plan)
    assert "starboard_messages_top" in text
    assert "Sort" not in text
    assert [row.star_count for row in await db.starboard_message.get_top_messages(GUILD)] == list(range(499, 489, -1))


async def test_starboards_go_with_their_guild(db, board):
    await star(db, 3)
    await db.guild.delete_by_id(GUILD)
    assert (await db.starboard.count(), await db.starboard_message.count()) == (0, 0)
