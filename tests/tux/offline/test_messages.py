from __future__ import annotations

import io
from datetime import timedelta

import discord as discord_py
import pytest

from tux.clock import clock


async def refusal(awaitable):
    """Return the refusal that awaiting something meets."""
    with pytest.raises(discord_py.HTTPException) as caught:
        await awaitable
    return caught.value


def embed(**fields):
    return discord_py.Embed(**fields)


def view_of(*items):
    view = discord_py.ui.View(timeout=None)
    for item in items:
        view.add_item(item)
    return view


def with_fields(*fields):
    out = embed()
    for name, value in fields:
        out.add_field(name=name, value=value)
    return out


@pytest.mark.parametrize(
    ("fields", "place"),
    [
        ({"content": "x" * 2001}, "content"),
        ({"embed": embed(title="x" * 257)}, "embeds.0.title"),
        ({"embed": embed(description="x" * 4097)}, "embeds.0.description"),
        ({"embed": embed().set_footer(text="x" * 2049)}, "embeds.0.footer.text"),
        ({"embed": embed().set_author(name="x" * 257)}, "embeds.0.author.name"),
        ({"embed": with_fields(("x" * 257, "v"))}, "embeds.0.fields.0.name"),
        ({"embed": with_fields(("n", "x" * 1025))}, "embeds.0.fields.0.value"),
        ({"embed": with_fields(("n", ""))}, "embeds.0.fields.0.value"),
        ({"embed": with_fields(*[("n", "v")] * 26)}, "embeds.0.fields"),
        ({"embeds": [embed(description="x" * 3001), embed(description="y" * 3000)]}, "embeds"),
        ({"view": view_of(discord_py.ui.Button(label="x" * 81))}, "components.0.components.0.label"),
        (
            {"view": view_of(discord_py.ui.Button(label="a", custom_id="x" * 101))},
            "components.0.components.0.custom_id",
        ),
        ({"view": view_of(*[discord_py.ui.Button(label="a", custom_id="same")] * 2)}, "components"),
        ({"view": view_of(discord_py.ui.Button())}, "components.0.components.0"),
        ({"view": view_of(discord_py.ui.Select(options=[]))}, "components.0.components.0.options"),
        (
            {"view": view_of(discord_py.ui.Select(options=[discord_py.SelectOption(label="x" * 101, value="v")]))},
            "components.0.components.0.options.0.label",
        ),
        (
            {
                "view": view_of(
                    discord_py.ui.Select(options=[discord_py.SelectOption(label=n, value="v") for n in "ab"])
                )
            },
            "components.0.components.0.options",
        ),
    ],
)
async def test_a_message_outside_the_limits_is_refused_at_its_place(discord, general, fields, place):
    error = await refusal(general.send(**fields))
    assert (error.status, error.code) == (400, 50035)
    assert f"In {place}:" in error.text
    assert discord.guild.channel().messages == []


async def test_a_message_at_the_limits_is_taken(general):
    full = with_fields(*[("n" * 100, "v" * 100)] * 9)
    full.description = "d" * 4096
    buttons = [discord_py.ui.Button(label="b" * 80, custom_id=f"{n:0100}") for n in range(25)]
    await general.send("x" * 2000, embed=full, view=view_of(*buttons))


async def test_an_empty_message_is_refused(general):
    assert (await refusal(general.send(""))).code == 50006


async def test_a_message_comes_back_as_it_was_sent(discord, general):
    colour = embed(title="t", colour=0x123456, timestamp=clock.now()).set_image(url="https://example.org/a.png")
    sent = await general.send("hi", embed=colour, file=discord_py.File(io.BytesIO(b"data"), "a.txt", description="d"))
    fetched = await general.fetch_message(sent.id)
    assert fetched.embeds[0].to_dict()["title"] == "t"
    assert await fetched.attachments[0].read() == b"data"
    assert discord.guild.channel().last.attachments == {"a.txt": b"data"}
    changed = await sent.edit(content="bye", attachments=[], embed=None)
    assert (changed.content, changed.attachments, changed.embeds) == ("bye", [], [])
    assert changed.edited_at is not None
    assert await fetched.author.display_avatar.read()


async def test_messages_of_others_can_be_deleted_but_not_edited(discord, bot, general):
    await discord.member("bob").says("mine")
    theirs = await general.fetch_message(discord.guild.channel().last.id)
    assert (await refusal(bot.http.edit_message(general.id, theirs.id, params=edited("yours")))).code == 50005
    await theirs.delete()
    await discord.settle()
    entry = bot.heard_of("audit_log_entry_create")[-1][0]
    assert (entry.action, entry.target.name) == (discord_py.AuditLogAction.message_delete, "bob")
    error = await refusal(theirs.delete())
    assert (error.status, error.code) == (404, 10008)


def edited(content):
    return discord_py.http.handle_message_parameters(content=content)


async def test_a_reply_refers_to_its_message(discord, general):
    await discord.member("bob").says("question")
    question = await general.fetch_message(discord.guild.channel().last.id)
    answer = await question.reply("answer")
    assert answer.reference.resolved.content == "question"
    await question.delete()
    assert (await refusal(question.reply("too late"))).code == 50035


async def test_only_allowed_mentions_count(discord, general):
    bob = discord.member("bob")
    nobody = discord_py.AllowedMentions.none()
    assert (await general.send(bob.mention)).mentions[0].id == bob.id
    assert (await general.send(bob.mention + " @everyone", allowed_mentions=nobody)).mentions == []
    assert (await general.send("@everyone")).mention_everyone
    discord.bot_permissions("send_messages", "view_channel")
    everyone = discord.guild.state.roles[discord.guild.state.id]
    everyone["permissions"] = "0"
    assert not (await general.send("@everyone")).mention_everyone


async def test_history_is_read_in_both_directions(general):
    sent = [await general.send(str(number)) for number in range(5)]
    assert [message.content async for message in general.history(limit=2)] == ["4", "3"]
    assert [message.content async for message in general.history(before=sent[2])] == ["1", "0"]
    assert [message.content async for message in general.history(after=sent[2])] == ["3", "4"]
    around = [message.content async for message in general.history(around=sent[2], limit=3)]
    assert sorted(around) == ["1", "2", "3"]


async def test_bulk_deletion_takes_2_to_100_young_messages(discord, bot, general):
    sent = [await general.send(str(number)) for number in range(4)]
    await general.delete_messages(sent[:3])
    await discord.settle()
    assert [message.content for message in discord.guild.channel().messages] == ["3"]
    assert len(bot.heard_of("raw_bulk_message_delete")) == 1
    assert (await refusal(bot.http.delete_messages(general.id, [sent[3].id]))).code == 50035
    assert (await refusal(bot.http.delete_messages(general.id, [sent[3].id] * 101))).code == 50035
    clock.shift(timedelta(days=15))
    try:
        more = await general.send("new")
        assert (await refusal(bot.http.delete_messages(general.id, [sent[3].id, more.id]))).code == 50034
    finally:
        clock.reset()


async def test_pins_are_kept_listed_and_announced(discord, bot, general):
    message = await general.send("important")
    await message.pin(reason="rules")
    await discord.settle()
    assert [pin.content async for pin in general.pins()] == ["important"]
    assert bot.heard_of("message")[-1][0].type is discord_py.MessageType.pins_add
    assert len(bot.heard_of("guild_channel_pins_update")) == 1
    await message.unpin()
    assert [pin async for pin in general.pins()] == []


async def test_the_51st_pin_is_refused(general):
    messages = [await general.send(str(number)) for number in range(51)]
    for message in messages[:50]:
        await message.pin()
    assert (await refusal(messages[50].pin())).code == 30003


async def test_reactions_are_added_listed_and_removed(discord, bot, general):
    bob = discord.member("bob")
    message = await general.send("vote")
    await message.add_reaction("👍")
    await bob.reacts(discord.guild.channel().last, "👍")
    fetched = await general.fetch_message(message.id)
    assert (fetched.reactions[0].count, fetched.reactions[0].me) == (2, True)
    assert {user.name async for user in fetched.reactions[0].users()} == {"bob", "Tux"}
    await message.remove_reaction("👍", discord_py.Object(bob.id))
    await message.remove_reaction("👍", bot.user)
    assert (await general.fetch_message(message.id)).reactions == []
    await message.add_reaction("👎")
    await message.clear_reaction("👎")
    await message.add_reaction("👎")
    await message.clear_reactions()
    await discord.settle()
    assert [len(bot.heard_of(name)) for name in ("reaction_clear", "reaction_clear_emoji")] == [1, 1]


async def test_super_reactions_are_counted_with_the_others_and_named_apart(discord, general):
    message = await general.send("hello")
    seen = discord.guild.channel().last
    await discord.member("bob").reacts(seen, "⭐")
    await discord.member("carol").reacts(seen, "⭐", burst=True)
    [reaction] = (await general.fetch_message(message.id)).reactions
    assert (reaction.count, reaction.normal_count, reaction.burst_count) == (2, 1, 1)
    assert [user.name async for user in reaction.users()] == ["bob"]
    assert [user.name async for user in reaction.users(type=discord_py.ReactionType.burst)] == ["carol"]
    await discord.member("carol").unreacts(seen, "⭐")
    [reaction] = (await general.fetch_message(message.id)).reactions
    assert (reaction.count, reaction.burst_count) == (1, 0)


async def test_a_message_has_at_most_20_different_reactions(general):
    message = await general.send("many")
    for number in range(20):
        await message.add_reaction(chr(0x1F600 + number))
    assert (await refusal(message.add_reaction("⭐"))).code == 30010
    assert (await refusal(message.add_reaction("nonsense"))).code == 10014


async def test_a_custom_emoji_is_made_and_used(discord, general, guild):
    emoji = await guild.create_custom_emoji(name="tux", image=b"\x89PNG\r\n\x1a\n")
    message = await general.send("look")
    await message.add_reaction(emoji)
    assert discord.guild.channel().last.reactions == {"tux": 1}
    await emoji.edit(name="tuxedo")
    assert [found.name for found in await guild.fetch_emojis()] == ["tuxedo"]
    assert (await guild.fetch_emoji(emoji.id)).name == "tuxedo"
    await emoji.delete()
    assert (await refusal(guild.fetch_emoji(emoji.id))).code == 10014
    assert (await refusal(message.add_reaction(emoji))).code == 10014


async def test_closed_direct_messages_are_refused(discord, bot):
    bob = discord.member("bob")
    bob.close_dms()
    await discord.settle()
    error = await refusal(bot.get_user(bob.id).send("hello"))
    assert (error.status, error.code) == (403, 50007)
    assert bob.inbox == []


async def test_who_shares_no_server_with_the_bot_gets_no_direct_message(discord, bot):
    bob = discord.member("bob")
    await discord.settle()
    user = bot.get_user(bob.id)
    await bob.leaves()
    error = await refusal(user.send("come back"))
    assert (error.status, error.code) == (403, 50007)
    await bob.joins()
    await user.send("welcome back")
    assert [message.text for message in bob.inbox] == ["welcome back"]


async def test_a_channel_that_the_bot_cannot_see_is_closed_to_it(discord, bot, guild):
    channel = discord.guild.channel("secret")
    channel.overwrite(discord.guild.id, deny=["view_channel"])
    await discord.settle()
    there = guild.get_channel(channel.id)
    assert (await refusal(there.send("hello?"))).code == 50001
    await discord.owner.says("psst", channel)
    assert [args for args in bot.heard_of("message") if args[0].content == "psst"] == []
    channel.overwrite(discord.guild.id, deny=["send_messages", "embed_links"])
    assert (await refusal(there.send("hello?"))).code == 50013
    channel.overwrite(discord.guild.id, deny=["embed_links"])
    assert (await refusal(there.send(embed=embed(title="no")))).code == 50013


async def test_typing_is_shown(discord, general):
    seen = []
    stop = discord.watch(seen.append)
    async with general.typing():
        pass
    stop()
    assert len(seen) == 1


async def test_components_of_the_second_version_are_taken(discord, general):
    layout = discord_py.ui.LayoutView()
    layout.add_item(discord_py.ui.Container(discord_py.ui.TextDisplay("**Hello**"), discord_py.ui.Separator()))
    button = discord_py.ui.Button(label="Go")
    layout.add_item(discord_py.ui.Section("text", accessory=button))
    await general.send(view=layout)
    assert discord.guild.channel().last.text == "**Hello**\ntext"
    assert discord.guild.channel().last.buttons == ["Go"]
