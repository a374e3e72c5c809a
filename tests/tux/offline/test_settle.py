from __future__ import annotations

import asyncio

import discord as discord_py
import pytest

from tux.errors import Unsettled


async def test_a_handler_that_waits_for_a_view_does_not_hold_the_test(discord):
    alice = discord.member("alice")
    reply = await alice.says("!panel")
    assert reply.text == "panel"
    assert (await alice.clicks(reply, "Confirm")).text == "panel closed\nconfirmed"


async def test_a_handler_that_waits_for_an_event_does_not_hold_the_test(discord):
    alice = discord.member("alice")
    assert (await alice.says("!count")).text == "say a number"
    assert (await alice.says("7")).text == "you said 7"


async def test_a_handler_that_sleeps_does_not_hold_the_test(discord):  # it sleeps an hour
    assert (await discord.member("alice").says("!later")).text == "now"


async def test_a_handler_that_is_at_work_holds_the_test_and_is_named_when_the_time_is_up(discord, bot):
    alice = discord.member("alice")
    bot.released.clear()
    usual, discord.settle_seconds = discord.settle_seconds, 0.05
    try:
        with pytest.raises(Unsettled, match=r"on_message in .*Event\.wait"):
            await alice.says("!busy")
    finally:
        discord.settle_seconds = usual
        bot.released.set()
    await discord.settle()


async def test_further_reasons_to_wait_are_respected(discord):
    queue = [1, 2, 3]
    discord.settler.also_busy.append(lambda: bool(queue and queue.pop()))
    try:
        await discord.settle()
    finally:
        discord.settler.also_busy.clear()
    assert queue == []


async def test_many_people_at_once_all_get_their_answers(discord):
    people = [discord.member(f"person{number}") for number in range(20)]
    await asyncio.gather(*(person.says("!warn @person0 hello") for person in people))
    answers = [message for message in discord.guild.channel().messages if message.author_name == "Tux"]
    assert len(answers) == 20


async def test_a_missing_private_name_of_the_client_is_said_clearly(discord):
    from tux.errors import TuxError
    from tux.offline.settle import Settler

    class Renamed(discord_py.Client):
        def __init__(self) -> None:
            pass

    with pytest.raises(TuxError, match=r"adapt settle\.py"):
        Settler(discord.server, Renamed())
