"""What Discord refuses beyond the limits of one message: rights, states and forms."""

from __future__ import annotations

import discord as discord_py
import pytest


async def code_of(awaitable):
    """Return the code of the refusal that awaiting something meets."""
    with pytest.raises(discord_py.HTTPException) as caught:
        await awaitable
    return caught.value.code


@pytest.fixture
async def interaction(discord, bot):
    """An interaction that nobody has answered."""
    await discord.member("alice").slash("silent")
    return bot.heard_of("interaction")[-1][0]


def modal_of(title="t", inputs=1, **fields):
    modal = discord_py.ui.Modal(title=title, custom_id=fields.pop("form_id", "form"))
    for number in range(inputs):
        modal.add_item(discord_py.ui.TextInput(**{"label": "l", "custom_id": f"c{number}", **fields}))
    return modal


@pytest.mark.parametrize(
    "modal",
    [
        modal_of(title="x" * 46),
        modal_of(label="x" * 46),
        modal_of(placeholder="x" * 101),
        modal_of(custom_id="x" * 101),
        modal_of(inputs=0),
        modal_of(inputs=2, custom_id="same"),
    ],
)
async def test_a_form_outside_the_limits_is_refused(interaction, modal):
    assert await code_of(interaction.response.send_modal(modal)) == 50035


async def test_an_answer_of_the_wrong_kind_is_refused(interaction):
    params = discord_py.webhook.async_.interaction_response_params(type=7, data={"content": "x"})
    adapter = discord_py.webhook.async_.async_context.get()
    sent = adapter.create_interaction_response(
        interaction.id, interaction.token, session=interaction._session, params=params
    )
    assert await code_of(sent) == 50035


async def test_more_than_25_choices_are_refused(discord, bot):
    alice = discord.member("alice")
    seen = []

    async def many(interaction, current):
        choices = [discord_py.app_commands.Choice(name=str(n), value=str(n)) for n in range(26)]
        try:
            await interaction.response.autocomplete(choices)
        except discord_py.HTTPException as error:
            seen.append(error.code)
        return []

    dish = bot.tree.get_command("order")._params["dish"]
    before, dish.autocomplete = dish.autocomplete, many
    try:
        await alice.autocomplete("order", "dish", dish="")
    finally:
        dish.autocomplete = before
        discord.errors.clear()
    assert seen == [50035]


async def test_an_old_token_answers_nothing(bot, interaction):
    interaction.token = "unknown"
    assert await code_of(interaction.response.send_message("hello")) == 10062


async def test_second_version_components_exclude_content(bot, general):
    class Mixed(discord_py.ui.LayoutView):
        text = discord_py.ui.TextDisplay("shown")

    params = discord_py.http.handle_message_parameters(view=Mixed())
    params.payload["content"] = "and this"
    params.payload["flags"] = 1 << 15
    assert await code_of(bot.http.send_message(general.id, params=params)) == 50035


async def test_reacting_first_needs_the_right_to_add_reactions(discord, general):
    alice = discord.member("alice")
    message = await general.send("vote")
    discord.guild.channel().overwrite(int(discord.world.bot["id"]), deny=["add_reactions"])
    assert await code_of(message.add_reaction("👍")) == 50013
    await alice.reacts(discord.guild.channel().last, "👍")
    await message.add_reaction("👍")
    assert discord.guild.channel().last.reactions == {"👍": 2}


async def test_what_moderators_may_do_is_refused_to_a_bot_without_rights(discord, bot, guild, general):
    message = await general.send("mine")
    await discord.member("bob").says("theirs")
    theirs = await general.fetch_message(discord.guild.channel().last.id)
    discord.bot_permissions("view_channel", "send_messages", "read_message_history")
    for attempt in (
        theirs.delete(),
        message.pin(),
        message.clear_reactions(),
        general.edit(name="x"),
        general.delete(),
        general.create_webhook(name="x"),
        guild.edit(name="Mine"),
        guild.create_custom_emoji(name="tux", image=b"\x89PNG\r\n\x1a\n"),
        general.set_permissions(guild.default_role, send_messages=True),
    ):
        assert await code_of(attempt) == 50013
    assert await code_of(bot.http.edit_message(general.id, theirs.id, params=flags_only())) == 50013


def flags_only():
    return discord_py.http.handle_message_parameters(flags=discord_py.MessageFlags(suppress_embeds=True))


async def test_private_channels_have_no_moderation(discord, bot):
    alice = discord.member("alice")
    await alice.dm("!later")
    private = await bot.get_user(alice.id).create_dm()
    theirs = next(message for message in [found async for found in private.history()] if message.author.id == alice.id)
    assert await code_of(theirs.delete()) == 50003
    assert await code_of(bot.http.create_webhook(private.id, name="x")) == 50024


async def test_that_somebody_types_is_told(discord, bot):
    alice = discord.member("alice")
    await alice.types()
    assert [args[1].name for args in bot.heard_of("typing")] == ["alice"]


async def test_a_closed_bot_is_settled(discord):
    from tests.tux.offline.sample_bot import SampleBot
    from tux.offline.driver import LocalDiscord

    async with LocalDiscord.run(SampleBot) as other:
        await other.bot.close()
        other.member("late")
        await other.settle(1)


async def test_a_locked_thread_is_changed_by_moderators_only(discord, guild, general):
    thread = await general.create_thread(name="T", type=discord_py.ChannelType.public_thread)
    await thread.edit(locked=True, archived=True)
    discord.bot_permissions("view_channel", "send_messages", "send_messages_in_threads")
    assert await code_of(thread.edit(name="New")) == 50013
    assert await code_of(thread.edit(locked=False)) == 50013
    assert await code_of(thread.send("hello")) == 50013


async def test_the_bot_can_be_renamed(discord, bot):
    await bot.user.edit(username="Penguin")
    await discord.settle()
    try:
        assert bot.user.name == "Penguin"
    finally:
        await bot.user.edit(username="Tux")
