from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta

import pytest

from tux.testing import at, max_queries

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


@pytest.fixture
def alice(discord):
    return discord.member("alice")


@pytest.fixture
def bob(discord):
    return discord.member("bob")


async def start(person, duration=None):
    values = {"question": "What to drink?", "options": "tea | coffee | water"}
    reply = await person.slash("poll create", **values, **({"duration": duration} if duration else {}))
    return reply.last


async def test_a_poll_is_started_by_slash_and_prefix(discord, db, alice, bob):
    shown = await start(alice)
    assert "What to drink?" in shown.text
    assert "Open until it is closed" in shown.text
    assert shown.buttons == ["tea", "coffee", "water"]
    await alice.says("hello")
    with max_queries(3):
        shown = (await bob.says('!poll create "Where to go?" the park | the sea -for 2h')).last
    assert ("Where to go?" in shown.text, "Ends" in shown.text, shown.buttons) == (True, True, ["the park", "the sea"])
    polls = await db.poll.get_all(order_by="id")
    assert [poll.author_id for poll in polls] == [alice.id, bob.id]
    assert polls[1].message_id == shown.id


async def test_votes_are_counted_moved_and_taken_back_by_the_buttons(discord, db, alice, bob):
    shown = await start(alice)
    reply = await bob.clicks(shown, "coffee")
    assert "Your vote: coffee" in reply.messages[0].text.replace("**", "")
    assert reply.messages[0].is_ephemeral
    assert "1 (100%)" in shown.text
    with max_queries(3):
        await alice.clicks(shown, "tea")
    assert ("2 votes" in shown.text, shown.text.count("1 (50%)")) == (True, 2)
    await bob.clicks(shown, "tea")
    assert "2 (100%)" in shown.text
    assert "taken back" in (await bob.clicks(shown, "tea")).text
    assert "1 vote" in shown.text


async def test_the_votes_of_many_at_once_are_all_there(discord, db, alice):
    shown = await start(alice)
    people = [discord.member(f"member{number}") for number in range(12)]
    await discord.settle()
    await asyncio.gather(*(person.clicks(shown, "tea") for person in people))
    [poll] = await db.poll.get_all()
    assert [result.votes for result in await db.poll.get_results(poll.id)] == [12, 0, 0]


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ('"What?" tea', "not 1"),
        ('"What?" ' + " | ".join(str(number) for number in range(11)), "not 11"),
        ('"What?" tea | Tea', "the same"),
        ('"What?" tea | ', "not 1"),
        (f'"What?" tea | {"x" * 81}', "has 81 characters"),
        ('" " tea | coffee', "needs a question"),
        ('"What?" tea | coffee -for soon', "no duration"),
        ('"What?" tea | coffee -for 91d', "at most 90 days"),
        ('"What?"', "I did not understand"),
        (f'"{"x" * 301}" tea | coffee', "I did not understand"),
    ],
)
async def test_a_poll_that_cannot_be_is_refused(discord, db, alice, line, said):
    reply = await alice.says(f"!poll create {line}")
    assert said in reply.text
    assert await db.poll.count() == 0


async def test_who_is_barred_from_polls_starts_none_until_it_is_lifted(discord, db, alice):
    values = {"case_user_id": alice.id, "case_moderator_id": 1, "guild_id": discord.guild.id}
    await db.case.create_case(case_type="POLLBAN", **values)
    reply = await alice.slash("poll create", question="What?", options="tea | coffee")
    assert "ask a moderator why" in reply.text
    assert reply.is_ephemeral
    assert "ask a moderator why" in (await alice.says('!poll create "What?" tea | coffee')).text
    assert await db.poll.count() == 0
    await db.case.create_case(case_type="POLLUNBAN", **values)
    assert (await start(alice)).buttons == ["tea", "coffee", "water"]


async def test_a_poll_that_could_not_be_posted_is_not_kept(discord, db, alice):
    failure = discord.fail("POST", r"/channels/\d+/messages")
    await alice.says('!poll create "What?" tea | coffee')
    failure.times = 0
    assert await db.poll.count() == 0


async def test_a_poll_is_closed_on_time_by_the_due_work(discord, db, alice, bob, bot):
    with at(NOON):
        shown = await start(alice, "2h")
        await bob.clicks(shown, "tea")
    with at(NOON + timedelta(minutes=119)):
        await bot.run_due()
        assert shown.buttons == ["tea", "coffee", "water"]
    with at(NOON + timedelta(hours=2)):
        await bot.run_due()
    assert ("This poll is over" in shown.text, "1 (100%)" in shown.text, shown.buttons) == (True, True, [])
    [poll] = await db.poll.get_all()
    assert poll.closed_at == NOON + timedelta(hours=2)


async def test_polls_of_a_day_of_downtime_are_closed_in_one_round(discord, db, alice, bot):
    with at(NOON):
        shown = [await start(alice, "1h") for _ in range(3)]
    await bot.run_due()
    assert [each.buttons for each in shown] == [[], [], []]


async def test_a_click_that_comes_too_late_shows_the_end(discord, db, alice, bob):
    with at(NOON):
        shown = await start(alice, "1h")
    with at(NOON + timedelta(hours=1)):
        reply = await bob.clicks(shown, "tea")
    assert "came too late" in reply.text
    assert ("This poll is over" in shown.text, "0 votes" in shown.text, shown.buttons) == (True, True, [])


async def test_a_message_that_is_gone_stops_no_closing(discord, db, alice, bot):
    with at(NOON):
        first, second = await start(alice, "1h"), await start(alice, "1h")
    await discord.owner.deletes(first)
    await bot.run_due()
    assert second.buttons == []
    assert await db.poll.count({"closed_at": None}) == 0


async def test_the_author_and_moderators_close_a_poll_and_nobody_else(discord, db, alice, bob):
    role = discord.guild.role("Moderators")
    await db.guild_config.update_perm_level_role(discord.guild.id, 3, role.id)
    carol = discord.member("carol", roles=[role])
    first, second = await start(alice), await start(alice)
    polls = await db.poll.get_all(order_by="id")
    assert "Somebody else started" in (await bob.slash("poll close", poll=str(polls[0].id))).text
    assert first.buttons
    with max_queries(4):
        reply = await alice.slash("poll close", poll=str(polls[0].id))
    assert "takes no more votes" in reply.text
    assert (first.buttons, second.buttons) == ([], ["tea", "coffee", "water"])
    await carol.says(f"!poll close {polls[1].id}")
    assert second.buttons == []
    assert "over already" in (await alice.says(f"!poll close {polls[0].id}")).text


async def test_results_are_shown_to_everybody_of_this_server_only(discord, db, alice, bob):
    shown = await start(alice)
    await bob.clicks(shown, "water")
    [poll] = await db.poll.get_all()
    for reply in (await bob.slash("poll results", poll=str(poll.id)), await bob.says(f"!poll results {poll.id}")):
        assert "1 (100%)" in reply.text
        assert reply.buttons == []
    elsewhere = await db.poll.create_poll(
        options=["a", "b"], guild_id=1, channel_id=1, author_id=1, question="Elsewhere?"
    )
    for number in (elsewhere.id, 999, "x", "9" * 30):
        assert "no poll" in (await bob.says(f"!poll results {number}")).text
        assert "no poll" in (await alice.slash("poll close", poll=str(number))).text


async def test_polls_are_completed_by_their_questions(discord, db, alice):
    await start(alice)
    await alice.slash("poll create", question="Where to go?", options="the park | the sea")
    newest, oldest = await db.poll.get_all(order_by="-id")
    await db.poll.close_poll(oldest.id)
    await alice.says("hello")
    with max_queries(1):
        choices = await alice.autocomplete("poll results", "poll", poll="")
    assert [choice["value"] for choice in choices] == [str(newest.id), str(oldest.id)]
    choices = await alice.autocomplete("poll results", "poll", poll="DRINK")
    assert [choice["name"] for choice in choices] == ["What to drink?"]
    choices = await alice.autocomplete("poll close", "poll", poll="")
    assert [choice["name"] for choice in choices] == ["Where to go?"]


async def test_where_the_plugin_is_off_buttons_and_closing_are_silent(discord, db, alice, bob, bot):
    with at(NOON):
        shown = await start(alice, "1h")
        await db.switches.turn(discord.guild.id, "polls", enabled=False)
        assert "switched off" in (await bob.clicks(shown, "tea")).text
    await bot.run_due()
    assert shown.buttons == ["tea", "coffee", "water"]
    await db.switches.turn(discord.guild.id, "polls", enabled=True)
    assert "came too late" in (await bob.clicks(shown, "tea")).text
    assert shown.buttons == []


async def test_the_group_alone_says_what_there_is(discord, alice):
    assert "create" in (await alice.says("!poll")).text


async def test_buttons_of_a_poll_whose_rows_are_gone_say_so(discord, db, alice, bob):
    shown = await start(alice)
    await db.poll.delete_where(None, all_rows=True)
    assert "is gone" in (await bob.clicks(shown, "tea")).text


async def test_buttons_work_after_a_restart_of_the_cog(discord, db, alice, bob, bot):
    shown = await start(alice)
    cog = await bot.remove_cog("Polls")
    assert (await bob.clicks(shown, "tea")).failure
    await bot.add_cog(cog)
    assert "Your vote" in (await bob.clicks(shown, "tea")).text
