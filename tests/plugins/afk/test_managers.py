from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta

import pytest

from tux.errors import InvalidQuery, InvalidValue, NotNullViolation
from tux.testing import at, max_queries

BOB, ALICE, GUILD = 43, 44, 941
NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)


async def go(db, user_id=BOB, guild_id=GUILD, message="lunch", **options):
    return await db.afk.set_member_afk(user_id=user_id, guild_id=guild_id, afk_message=message, **options)


async def test_fifty_concurrent_calls_of_one_member_in_an_unknown_guild_make_one_entry(db):
    await asyncio.gather(*(go(db, message=str(number)) for number in range(50)))
    assert await db.afk.count() == 1
    assert (await db.afk.get_afk_by_member(BOB, GUILD)).afk_message in map(str, range(50))


async def test_a_new_entry_replaces_the_old_one_from_now_on(db):
    with at(NOON):
        first = await go(db, until=NOON + HOUR, permanent=True, enforced=True, nickname="Bobby")
    with at(NOON + timedelta(minutes=5)):
        second = await go(db, message="tea")
    assert (second.id, second.afk_message, second.since) == (first.id, "tea", NOON + timedelta(minutes=5))
    assert (second.until, second.permanent, second.enforced) == (None, False, False)


async def test_the_nickname_is_kept_until_another_is_given(db):
    await go(db, nickname="Bobby")
    assert (await go(db)).nickname == "Bobby"
    assert (await go(db, nickname="Rob")).nickname == "Rob"


async def test_an_entry_is_over_exactly_at_its_end_in_every_read(db):
    with at(NOON):
        await go(db, until=NOON + HOUR)
    for moment, is_away in ((NOON + HOUR - timedelta(microseconds=1), True), (NOON + HOUR, False)):
        with at(moment):
            assert await db.afk.is_member_afk(BOB, GUILD) is is_away
            assert (await db.afk.get_afk_by_member(BOB, GUILD) is not None) is is_away
            assert len(await db.afk.get_all_afk_members(GUILD)) == is_away
            assert len(await db.afk.get_afk_batch([BOB], GUILD)) == is_away


async def test_all_mentions_of_a_message_are_answered_in_one_statement(db):
    for user_id in range(1, 21):
        await go(db, user_id)
    await go(db, 30, GUILD + 1)
    with max_queries(1) as sent:
        found = await db.afk.get_afk_batch([2, 1, 30, 99, 2], GUILD)
    assert len(sent) == 1
    assert {user_id: entry.afk_message for user_id, entry in found.items()} == {1: "lunch", 2: "lunch"}


async def test_no_mentions_are_answered_without_a_statement(db):
    with max_queries(0):
        assert await db.afk.get_afk_batch([], GUILD) == {}


async def test_a_member_who_writes_is_back_and_their_nickname_comes_with_it(db):
    await go(db, nickname="Bobby")
    await go(db, ALICE)
    assert (await db.afk.come_back(BOB, GUILD)).nickname == "Bobby"
    assert await db.afk.come_back(BOB, GUILD) is None
    assert await db.afk.come_back(ALICE, GUILD + 1) is None
    assert [entry.user_id for entry in await db.afk.get_all_afk_members(GUILD)] == [ALICE]


@pytest.mark.parametrize("option", ["permanent", "enforced"])
async def test_a_permanent_or_enforced_entry_is_not_ended_by_writing_before_its_end(db, option):
    with at(NOON):
        await go(db, until=NOON + HOUR, **{option: True})
        assert await db.afk.come_back(BOB, GUILD) is None
        assert await db.afk.is_member_afk(BOB, GUILD)
    with at(NOON + HOUR):
        assert (await db.afk.come_back(BOB, GUILD)).user_id == BOB
    await go(db, **{option: True})
    assert await db.afk.come_back(BOB, GUILD) is None


async def test_of_fifty_messages_at_once_one_ends_the_entry(db):
    await go(db)
    answers = await asyncio.gather(*(db.afk.come_back(BOB, GUILD) for _ in range(50)))
    assert sum(answer is not None for answer in answers) == 1


async def test_entries_that_are_over_are_claimed_once_the_oldest_first(db):
    with at(NOON):
        for user_id in (3, 1, 2):
            await go(db, user_id, GUILD + user_id, until=NOON + user_id * HOUR)
        await go(db, 4)
    with at(NOON + 2 * HOUR):
        assert [entry.user_id for entry in await db.afk.claim_expired(limit=1)] == [1]
        assert [entry.user_id for entry in await db.afk.claim_expired()] == [2]
        assert await db.afk.claim_expired() == []


async def test_fifty_entries_are_claimed_once_by_ten_workers(db):
    with at(NOON):
        for user_id in range(50):
            await go(db, user_id, until=NOON)
    claims = await asyncio.gather(*(db.afk.claim_expired(limit=7) for _ in range(10)))
    taken = [entry.user_id for claim in claims for entry in claim]
    assert len(taken) == len(set(taken))
    while more := await db.afk.claim_expired(limit=7):
        taken += [entry.user_id for entry in more]
    assert sorted(taken) == list(range(50))


async def test_an_entry_whose_process_died_is_claimed_again_when_the_lease_ends(db):
    with at(NOON):
        await go(db, until=NOON)
        assert len(await db.afk.claim_expired(lease=HOUR)) == 1
    with at(NOON + HOUR - timedelta(seconds=1)):
        assert await db.afk.claim_expired() == []
    with at(NOON + HOUR):
        assert len(await db.afk.claim_expired()) == 1


async def test_an_entry_that_is_over_is_ended_unless_the_member_is_away_anew(db):
    with at(NOON):
        for user_id in (BOB, ALICE):
            await go(db, user_id, until=NOON)
        ended, renewed = await db.afk.claim_expired()
        await go(db, ALICE, until=NOON + HOUR)
        assert await db.afk.end_expired(ended) is True
        assert await db.afk.end_expired(ended) is False
        assert await db.afk.end_expired(renewed) is False
        assert await db.afk.is_member_afk(ALICE, GUILD)
    with at(NOON + HOUR):
        assert [entry.user_id for entry in await db.afk.claim_expired()] == [ALICE]


async def test_a_member_who_is_away_anew_is_not_held_back_by_an_old_claim(db):
    with at(NOON):
        await go(db, until=NOON)
        assert len(await db.afk.claim_expired(lease=HOUR)) == 1
        await go(db, until=NOON)
        assert len(await db.afk.claim_expired()) == 1


async def test_a_claim_reads_what_is_due_from_the_index(db):
    await db.guild.get_or_create_guild(GUILD)
    await db.service.execute(
        "INSERT INTO afk_entries (guild_id, user_id, afk_message, until)"
        " SELECT $1, n, 'x', $2::timestamptz + n * interval '1 s' FROM generate_series(0, 5000) AS n",
        GUILD,
        NOON,
    )
    await db.service.execute("ANALYZE afk_entries")
    with at(NOON + timedelta(seconds=9)), max_queries(1) as sent:
        assert len(await db.afk.claim_expired(50)) == 10
    rows = await db.service.fetch(f"EXPLAIN {sent[0]}", NOON, 50, NOON + HOUR)
    assert "afk_entries_due" in "".join(row[0] for row in rows)


async def test_wrong_values_are_refused_by_name(db):
    with pytest.raises(InvalidValue, match="until"):
        await go(db, until=datetime(2026, 1, 1))  # noqa: DTZ001 - refused
    with pytest.raises(InvalidValue, match="nickname"):
        await go(db, nickname="x" * 33)
    with pytest.raises(NotNullViolation, match="afk_message"):
        await go(db, message=None)
    with pytest.raises(InvalidQuery, match="limit"):
        await db.afk.claim_expired(-1)
    assert await db.afk.count() == 0


async def test_entries_go_with_their_guild_and_no_other(db):
    await go(db)
    await go(db, guild_id=GUILD + 1)
    await db.guild.delete_by_id(GUILD)
    assert [entry.guild_id for entry in await db.afk.get_all()] == [GUILD + 1]
