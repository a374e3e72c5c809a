from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest

from plugins.polls.errors import InvalidPoll, PollBanned
from plugins.polls.models import PollOption
from tux.clock import now
from tux.errors import InvalidQuery, InvalidValue, NotNullViolation
from tux.testing import at

GUILD, BOB, ALICE = 200, 21, 22


async def start(db, options=("tea", "coffee", "water"), **changes):
    values = {"guild_id": GUILD, "channel_id": 23, "author_id": BOB, "question": "What to drink?"}
    return await db.poll.create_poll(options=options, **{**values, **changes})


async def ban(db, case_type, **changes):
    values = {"case_type": case_type, "case_user_id": BOB, "case_moderator_id": ALICE, "guild_id": GUILD}
    return await db.case.create_case(**{**values, **changes})


async def vote(db, poll, position, user_id=ALICE):
    return await db.poll_vote.vote(poll_id=poll.id, user_id=user_id, position=position)


async def votes(db, poll):
    return [result.votes for result in await db.poll.get_results(poll.id)]


async def test_a_poll_is_made_with_its_options_in_an_unknown_guild(db):
    poll = await start(db, [" tea ", "coffee"], ends_at=now() + timedelta(hours=1))
    stored = await db.poll.get_by_id(poll.id)
    assert (stored.guild_id, stored.channel_id, stored.author_id, stored.question) == (GUILD, 23, BOB, "What to drink?")
    assert (stored.message_id, stored.closed_at, stored.ends_at) == (None, None, poll.ends_at)
    assert await db.poll.get_results(poll.id) == [(1, "tea", 0), (2, "coffee", 0)]
    assert await db.guild.exists({"guild_id": GUILD})


@pytest.mark.parametrize(
    ("options", "message"),
    [(["tea"], "not 1"), ([], "not 0"), ([str(n) for n in range(11)], "not 11"), (["Tea", "tea "], "the same")],
)
async def test_two_to_ten_different_options_are_needed(db, options, message):
    with pytest.raises(InvalidPoll, match=message):
        await start(db, options)
    assert (await db.poll.count(), await PollOption.all().count()) == (0, 0)


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"options": ["tea", " "]}, "text"),
        ({"options": ["tea", "x" * 81]}, "text"),
        ({"question": " "}, "question"),
        ({"question": "x" * 301}, "question"),
        ({"ends_at": now().replace(tzinfo=None)}, "ends_at"),
    ],
)
async def test_blank_too_long_and_naive_values_are_refused(db, changes, field):
    with pytest.raises(InvalidValue, match=field):
        await start(db, **changes)
    assert await db.poll.count() == 0


async def test_missing_and_unknown_values_are_named(db):
    with pytest.raises(NotNullViolation, match="channel_id"):
        await db.poll.create_poll(options=["a", "b"], guild_id=GUILD, author_id=BOB, question="?")
    with pytest.raises(InvalidQuery, match="colour"):
        await start(db, colour="red")


async def test_a_poll_ban_is_obeyed_until_it_is_lifted(db):
    await ban(db, "POLLBAN")
    with pytest.raises(PollBanned, match="may not start polls"):
        await start(db)
    assert await db.poll.count() == 0
    assert (await start(db, author_id=ALICE)).author_id == ALICE
    assert (await start(db, guild_id=GUILD + 1)).guild_id == GUILD + 1
    await ban(db, "POLLUNBAN")
    assert (await start(db)).author_id == BOB


async def test_a_voided_poll_ban_does_not_hold(db):
    case = await ban(db, "POLLBAN")
    assert await db.poll.is_poll_banned(guild_id=GUILD, user_id=BOB)
    await db.case.void(case.case_id, "wrong member")
    assert not await db.poll.is_poll_banned(guild_id=GUILD, user_id=BOB)


async def test_a_vote_is_counted_moved_and_taken_back(db):
    poll = await start(db)
    first = await vote(db, poll, 2)
    assert await votes(db, poll) == [0, 1, 0]
    assert (await vote(db, poll, 3)).id == first.id
    assert await votes(db, poll) == [0, 0, 1]
    assert (await vote(db, poll, 3)).option_id is None
    assert await votes(db, poll) == [0, 0, 0]
    assert (await vote(db, poll, 3)).option_id is not None
    await vote(db, poll, 3, BOB)
    assert await votes(db, poll) == [0, 0, 2]


@pytest.mark.parametrize("clicks", [49, 50])
async def test_concurrent_clicks_on_one_option_take_turns(db, clicks):
    poll = await start(db)
    answers = await asyncio.gather(*(vote(db, poll, 1) for _ in range(clicks)))
    assert sum(answer.option_id is not None for answer in answers) == -(-clicks // 2)
    assert await votes(db, poll) == [clicks % 2, 0, 0]


async def test_fifty_members_who_vote_at_once_are_all_counted(db):
    poll = await start(db)
    await asyncio.gather(*(vote(db, poll, 1 + n % 3, user_id=n) for n in range(50)))
    assert await votes(db, poll) == [17, 17, 16]


async def test_unknown_polls_and_options_take_no_votes(db):
    poll, other = await start(db), await start(db, ["a", "b", "c", "d"])
    for position in (0, 4, -1):
        assert await vote(db, poll, position) is None
    assert (await vote(db, other, 4)).poll_id == other.id
    assert await db.poll_vote.vote(poll_id=0, user_id=ALICE, position=1) is None
    assert await db.poll.get_results(0) == []


async def test_a_closed_poll_takes_no_votes_and_is_closed_once(db):
    poll = await start(db)
    await vote(db, poll, 1)
    answers = await asyncio.gather(*(db.poll.close_poll(poll.id) for _ in range(10)))
    assert sorted(answers) == [False] * 9 + [True]
    assert await vote(db, poll, 1) is None
    assert await vote(db, poll, 2, BOB) is None
    assert await votes(db, poll) == [1, 0, 0]
    assert await db.poll.close_poll(0) is False


async def test_a_vote_waits_for_the_closing_of_its_poll_and_is_refused(db):
    poll = await start(db)
    closed, go_on = asyncio.Event(), asyncio.Event()

    async def close():
        async with db.transaction():
            await db.poll.close_poll(poll.id)
            closed.set()
            await go_on.wait()

    closing = asyncio.create_task(close())
    await closed.wait()
    waiting = asyncio.create_task(vote(db, poll, 1))
    done, _ = await asyncio.wait([waiting], timeout=0.1)
    go_on.set()
    await closing
    assert not done
    assert await waiting is None
    assert await votes(db, poll) == [0, 0, 0]


async def test_a_poll_that_is_over_takes_no_votes_and_is_closed_by_one_process(db):
    over = now() + timedelta(hours=1)
    polls = [await start(db, ends_at=over, guild_id=GUILD + n) for n in range(4)]
    await start(db)
    later = await start(db, ends_at=over + timedelta(hours=1))
    assert await db.poll.close_due_polls() == []
    with at(over):
        assert await vote(db, polls[0], 1) is None
        found = await asyncio.gather(*(db.poll.close_due_polls(limit=2) for _ in range(4)))
        assert sorted(poll.id for each in found for poll in each) == [poll.id for poll in polls]
        assert await db.poll.close_due_polls() == []
    assert (await vote(db, later, 1)).option_id is not None


async def test_closing_what_is_over_does_not_wait_for_another_process(db):
    polls = [await start(db, ends_at=now(), guild_id=GUILD + n) for n in range(4)]
    closed, go_on = asyncio.Event(), asyncio.Event()

    async def close_two():
        async with db.transaction():
            found = await db.poll.close_due_polls(limit=2)
            closed.set()
            await go_on.wait()
            return found

    first = asyncio.create_task(close_two())
    await closed.wait()
    second = asyncio.create_task(db.poll.close_due_polls(limit=2))
    done, _ = await asyncio.wait([second], timeout=2)
    go_on.set()
    ids = [sorted(poll.id for poll in await task) for task in (first, second)]
    assert done
    assert ids == [[poll.id for poll in half] for half in (polls[:2], polls[2:])]


async def test_a_poll_is_found_by_its_message(db):
    poll = await start(db)
    await db.poll.update_by_id(poll.id, message_id=777)
    assert (await db.poll.get_poll_by_message(777)).id == poll.id
    assert await db.poll.get_poll_by_message(778) is None


async def test_polls_go_with_their_guild(db):
    poll = await start(db)
    await vote(db, poll, 1)
    await db.guild.delete_by_id(GUILD)
    assert (await db.poll.count(), await db.poll_vote.count(), await PollOption.all().count()) == (0, 0, 0)
