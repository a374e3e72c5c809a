"""A plugin that a guild switched off is silent there: its commands, its listeners, its completions."""

from __future__ import annotations

import discord as discord_py
import pytest
import pytest_asyncio
from discord import app_commands
from discord.ext import commands
from support import added

from tux.bot import Tux
from tux.cog import BaseCog
from tux.offline.building import add_guild
from tux.offline.driver import LocalDiscord
from tux.offline.world import World
from tux.settings import load_settings

EVENTS = [
    "on_message",
    "on_message_edit",
    "on_raw_message_edit",
    "on_message_delete",
    "on_raw_message_delete",
    "on_bulk_message_delete",
    "on_reaction_add",
    "on_raw_reaction_add",
    "on_raw_reaction_remove",
    "on_member_join",
    "on_raw_member_remove",
    "on_member_update",
    "on_member_ban",
    "on_guild_role_create",
    "on_guild_channel_create",
    "on_interaction",
    "on_command",
]


class Moody(BaseCog):
    """A cog of the moderation plugin that notes all that it hears."""

    plugin = "moderation"

    def __init__(self, bot):
        super().__init__(bot)
        self.heard = []
        for event in EVENTS:
            bot.add_listener(getattr(self, event), event)

    async def cog_unload(self):
        for event in EVENTS:
            self.bot.remove_listener(getattr(self, event), event)

    def __getattr__(self, name):
        if not name.startswith("on_"):
            raise AttributeError(name)

        async def listen(self, *args):
            self.heard.append(name)

        method = listen.__get__(self)
        setattr(self, name, method)
        return method

    @commands.hybrid_command()
    async def mood(self, ctx):
        """Tell the mood."""
        await ctx.send("fine")

    @app_commands.command()
    async def pure(self, interaction: discord_py.Interaction, word: str):
        """Tell it as a slash command only."""
        await interaction.response.send_message("pure")

    @pure.autocomplete("word")
    async def words(self, interaction, current):
        return [app_commands.Choice(name="a", value="a")]


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def moody_cog(tux_stage):
    cog = Moody(tux_stage.bot)
    async with added(tux_stage.bot, cog):
        yield cog


@pytest.fixture
async def moody(discord, bot, moody_cog):
    return moody_cog


@pytest.fixture
async def off(discord, moody):
    await discord.owner.says("!plugins disable moderation")
    moody.heard.clear()


async def test_a_prefix_command_of_a_switched_off_plugin_is_met_with_silence(discord, off):
    assert (await discord.owner.says("!mood")).messages == []
    assert (await discord.owner.says("!warn @bob spam")).messages == []


@pytest.mark.parametrize("line", ["/mood", "/pure x"])
async def test_a_slash_command_of_a_switched_off_plugin_is_answered_to_the_asker_only(discord, off, line):
    reply = await discord.owner.slash(line)
    assert reply.is_ephemeral
    assert "switched off in this server" in reply.text


async def test_a_switched_off_plugin_completes_nothing(discord, moody):
    assert await discord.owner.autocomplete("pure", "word") != []
    await discord.owner.says("!plugins disable moderation")
    assert await discord.owner.autocomplete("pure", "word") == []


async def test_the_switch_is_back_on_at_once(discord, off):
    await discord.owner.slash("plugins enable", plugin="Moderation")
    assert (await discord.owner.says("!mood")).text == "fine"


async def test_the_switch_holds_in_its_guild_only(discord, off, moody):
    other = await discord.join_guild("Elsewhere")
    assert (await discord.member("alice", guild=other).says("!mood")).text == "fine"
    assert (await discord.member("alice").dm("!mood")).text == "fine"
    assert (await discord.owner.says("!mood")).messages == []


async def live(discord):
    """Let happen what a server sees in a day."""
    alice, bob = discord.member("alice"), discord.member("bob", permissions=["manage_messages"])
    await alice.says("one")
    message = discord.guild.channel("general").last
    await alice.edits(message, "two")
    await bob.reacts(message, "👍")
    await bob.unreacts(message, "👍")
    await alice.deletes(message)
    await alice.slash("prefix show")
    await alice.says("!prefix")
    channel = discord.bot.get_channel(discord.guild.channel("general").id)
    await channel.delete_messages([await channel.send("a"), await channel.send("b")])
    await discord.owner.changes(bob, nick="bobby")
    await bob.leaves()
    await discord.bot.get_guild(discord.guild.id).ban(discord_py.Object(alice.id))
    await discord.stranger("carol").joins()
    discord.guild.role("fresh")
    discord.guild.channel("fresh")
    await discord.settle()


async def test_every_kind_of_event_reaches_a_plugin_that_is_on(discord, moody):
    moody.heard.clear()
    await live(discord)
    assert set(EVENTS) - set(moody.heard) == set()


async def test_no_event_of_the_guild_reaches_a_plugin_that_is_off(discord, off, moody):
    await live(discord)
    assert set(moody.heard) == set()


async def test_a_switch_survives_a_restart(db):
    world = World()
    add_guild(world, "Home")

    def make_bot(**options):
        return Tux(load_settings(), db=db, **options)

    async with LocalDiscord.run(make_bot, world=world) as discord:
        await discord.owner.says("!plugins disable moderation")
    async with LocalDiscord.run(make_bot, world=world) as discord:
        assert "switched off" in (await discord.owner.slash("cases list")).text
        await discord.owner.says("!plugins enable moderation")
        assert "switched off" not in (await discord.owner.slash("cases list")).text


async def test_a_plugin_that_is_off_by_default_is_silent_until_a_guild_wants_it(discord, bot, moody, monkeypatch):
    record = bot.registry.records["moderation"]
    monkeypatch.setattr(record, "plugin", record.plugin.model_copy(update={"default_on": False}))
    assert (await discord.owner.says("!mood")).messages == []
    await discord.owner.says("!plugins enable moderation")
    assert (await discord.owner.says("!mood")).text == "fine"
