from __future__ import annotations

from datetime import UTC, datetime, timedelta

import discord as discord_py
import pytest

from tux.clock import clock
from tux.errors import CannotAct
from tux.offline.happenings import InteractionFailed, ModalOpened


@pytest.fixture
def alice(discord):
    return discord.member("alice")


async def test_an_ephemeral_answer_and_its_followup_are_for_one_person(alice):
    reply = await alice.slash("secret")
    assert [message.content for message in reply.messages] == ["hush", "more"]
    assert reply.is_ephemeral


@pytest.mark.parametrize("hidden", [True, False])
async def test_the_first_followup_of_a_deferral_takes_its_place_and_visibility(alice, hidden):
    reply = await alice.slash("slow", hidden=hidden)
    assert [(message.content, message.is_ephemeral) for message in reply.messages] == [("done at last", hidden)]


async def test_a_command_without_an_answer_shows_that_the_application_did_not_respond(discord, alice):
    seen = []
    discord.watch(seen.append)
    reply = await alice.slash("silent")
    assert reply.failure == "The application did not respond"
    assert isinstance(seen[-1], InteractionFailed)


async def test_an_interaction_takes_one_first_answer(alice):
    assert (await alice.slash("twice")).text == "one\n400 40060"


async def test_an_answer_after_three_seconds_of_the_clock_is_refused(discord, alice):
    def slow_clock(happening):
        clock.shift(timedelta(seconds=1))

    stop = discord.watch(slow_clock)
    discord.world.now = iter_clock(seconds=4)
    try:
        reply = await alice.slash("secret")
    finally:
        discord.world.now = clock.now
        clock.reset()
        stop()
    assert reply.failure is not None
    assert discord.errors[0].error.original.code == 10062
    discord.errors.clear()


def iter_clock(seconds):
    """Return a clock that goes on by `seconds` each time that it is read."""
    start = datetime.now(UTC)
    reads = iter(range(10**6))
    return lambda: start + timedelta(seconds=seconds * next(reads))


async def test_a_followup_after_fifteen_minutes_is_refused(discord, bot, alice):
    await alice.slash("secret")
    interaction = bot.heard_of("interaction")[-1][0]
    clock.shift(timedelta(minutes=16))
    try:
        with pytest.raises(discord_py.HTTPException) as caught:
            await interaction.followup.send("too late")
    finally:
        clock.reset()
    assert (caught.value.status, caught.value.code) == (401, 50027)


async def test_a_followup_before_the_answer_is_an_unknown_webhook(bot, alice):
    await alice.slash("silent")
    interaction = bot.heard_of("interaction")[-1][0]
    with pytest.raises(discord_py.NotFound) as caught:
        await interaction.followup.send("too early")
    assert caught.value.code == 10015


async def test_a_world_in_the_past_still_gets_answers_as_interactions(alice, discord):
    with clock.freeze(datetime(2024, 1, 1, tzinfo=UTC)):
        bob = discord.member("bob")
        reply = await alice.slash("warn", member=bob)
    assert reply.interaction.acked == discord_py.InteractionResponseType.channel_message.value


async def test_followups_are_read_edited_and_deleted(bot, alice):
    reply = await alice.slash("secret")
    interaction = bot.heard_of("interaction")[-1][0]
    original = await interaction.original_response()
    assert original.content == "hush"
    await interaction.followup.edit_message(reply.messages[1].id, content="most")
    assert reply.messages[1].content == "most"
    await interaction.delete_original_response()
    assert reply.messages[0].is_deleted
    with pytest.raises(discord_py.NotFound):
        await interaction.edit_original_response(content="gone")


async def test_a_button_is_clicked_by_label_number_or_custom_id(alice):
    panel = (await alice.says("!panel")).last
    assert panel.buttons == ["Confirm", "Ask me"]
    assert (await alice.clicks(panel, "ask")).modal["title"] == "Survey"
    await alice.clicks(panel, 1)
    assert panel.content == "confirmed"
    assert panel.components == []
    with pytest.raises(CannotAct, match="no 'Confirm'"):
        await alice.clicks(panel, "Confirm")


async def test_what_is_disabled_or_gone_or_hidden_cannot_be_clicked(discord, alice):
    reply = await alice.says("!panel")
    with pytest.raises(CannotAct, match="disabled"):
        await alice.clicks(reply, "🔒")
    with pytest.raises(CannotAct, match="no 'Nope' to use; there are: Confirm"):
        await alice.clicks(reply, "Nope")
    await discord.owner.deletes(reply.last)
    with pytest.raises(CannotAct, match="gone"):
        await alice.clicks(reply.last, "Confirm")
    secret = await alice.slash("secret")
    with pytest.raises(CannotAct, match="does not see"):
        await discord.member("bob").clicks(secret.last, "Confirm")
    with pytest.raises(CannotAct, match="nothing to click"):
        await alice.clicks(secret, "Confirm")


async def test_menus_take_options_by_label_and_people_by_name(discord, alice):
    discord.member("bob")
    reply = await alice.says("!panel")
    assert (await alice.selects(reply, "Colour", "Red")).text == "you chose r"
    assert (await alice.selects(reply, "Who", alice, "bob")).text == "alice and bob"
    with pytest.raises(CannotAct, match="no option 'Green'"):
        await alice.selects(reply, "Colour", "Green")
    with pytest.raises(CannotAct, match="takes 1 to 1 values, not 2"):
        await alice.selects(reply, "Colour", "Red", "Blue")


async def test_a_form_is_filled_in_order_or_by_name(discord, alice):
    seen = []
    discord.watch(seen.append)
    form = await alice.clicks(await alice.says("!panel"), "Ask me")
    assert isinstance(seen[-1], ModalOpened)
    assert (await alice.submits(form, "Al", "because")).text == "Al: because"
    form = await alice.clicks(await alice.says("!panel"), "Ask me")
    assert (await alice.submits(form, your_name="Al")).text == "Al: no reason"
    with pytest.raises(CannotAct, match="takes 1 to 20 characters, got 0"):
        await alice.submits(form)
    with pytest.raises(CannotAct, match="the form has no 'age'"):
        await alice.submits(form, age=3)
    with pytest.raises(CannotAct, match="no form is open"):
        await alice.submits(await alice.says("hello"))


async def test_options_are_checked_as_discords_client_does(alice):
    assert (await alice.slash("order", size="Large", dish="soup", amount=2)).text == "2 Large soup -"
    assert (await alice.slash("/order Small salad")).text == "1 Small salad -"
    assert (await alice.slash("order", size=10, dish="x", note=("a.txt", b"hi"))).text == "1 Large x hi"
    for values, message in [
        ({"size": "Huge", "dish": "x"}, "no choice 'Huge'"),
        ({"size": 1}, "'dish' is required"),
        ({"size": 1, "dish": "x", "amount": 9}, "between 1 and 5"),
        ({"size": 1, "dish": "x", "amount": "many"}, "wants a integer"),
        ({"size": 1, "dish": "x", "salt": True}, "no option 'salt'"),
    ]:
        with pytest.raises(CannotAct, match=message):
            await alice.slash("order", **values)


async def test_what_is_typed_is_completed_by_the_bot(alice):
    choices = await alice.autocomplete("order", "dish", dish="s")
    assert [choice["name"] for choice in choices] == ["soup", "salad"]
    assert [choice["name"] for choice in await alice.autocomplete("order", "dish", dish="so")] == ["soup"]


async def test_a_command_for_moderators_is_hidden_from_others(discord, alice):
    with pytest.raises(CannotAct, match="no command /admin"):
        await alice.slash("admin", role="Mods", channel="general")
    assert "admin" not in {command["name"] for command in alice.commands()}
    mod = discord.member("mod", permissions=["manage_guild"])
    discord.guild.role("Mods")
    assert (await mod.slash("admin", role="Mods", channel="#general")).text == "Mods general"
    with pytest.raises(CannotAct, match="no role called 'Nobody'"):
        await mod.slash("admin", role="Nobody", channel="general")


async def test_subcommands_are_found_and_named_when_missing(alice):
    assert (await alice.slash("tag show", name="hi", loud=True)).text == "HI"
    assert (await alice.slash("/tag show hi")).text == "hi"
    with pytest.raises(CannotAct, match="/tag needs one of: show"):
        await alice.slash("tag")
    with pytest.raises(CannotAct, match="no command /nothing"):
        await alice.slash("nothing")


async def test_context_menus_of_messages_and_people_work(discord, alice):
    bob = discord.member("bob")
    await bob.says("wise words")
    assert (await alice.uses_menu("Quote", discord.guild.channel().last)).text == "> wise words"
    assert (await alice.uses_menu("Greet", bob)).text == "hello bob"
    with pytest.raises(CannotAct, match="no user menu 'Quote'"):
        await alice.uses_menu("Quote", bob)


async def test_an_ephemeral_message_is_not_told_to_the_gateway(discord, bot, alice):
    reply = await alice.slash("secret")
    assert reply.messages
    assert [args[0].content for args in bot.heard_of("message")] == []
    assert [message.content async for message in bot.get_channel(discord.guild.channel().id).history()] == []
