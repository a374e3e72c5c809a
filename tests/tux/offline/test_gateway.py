from __future__ import annotations

import asyncio

import discord as discord_py
import pytest
from discord.ext import commands

from tests.tux.offline.sample_bot import SampleBot
from tux.offline.driver import LocalDiscord
from tux.offline.world import World


def bot_with(**intents):
    """Return a factory of silent bots with these intents alone; they note what they hear in `heard`."""

    class Quiet(commands.Bot):
        def __init__(self, **options):
            super().__init__("!", intents=discord_py.Intents(**intents), **options)
            self.heard = []
            self.ended = asyncio.Event()

        async def close(self):
            await super().close()
            self.ended.set()

        def dispatch(self, event, /, *args, **kwargs):
            self.heard.append((event, args))
            super().dispatch(event, *args, **kwargs)

        def names(self):
            return [name for name, _ in self.heard]

    return Quiet


async def test_content_is_withheld_without_its_intent():
    async with LocalDiscord.run(bot_with(guilds=True, guild_messages=True, dm_messages=True)) as discord:
        alice = discord.member("alice")
        await alice.says("secret")
        await alice.says(f"hello <@{discord.world.bot['id']}>")
        await alice.dm("in private")
        contents = [args[0].content for name, args in discord.bot.heard if name == "message"]
        assert contents == ["", f"hello <@{discord.world.bot['id']}>", "in private"]


async def test_events_come_only_with_their_intent():
    async with LocalDiscord.run(bot_with(guilds=True)) as discord:
        alice = discord.member("alice")
        await alice.says("hello")
        await alice.dm("hello")
        await alice.reacts(discord.guild.channel().last, "👍")
        await discord.owner.bans(alice)
        discord.guild.channel("new")
        await discord.settle()
        names = discord.bot.names()
        assert "guild_channel_create" in names
        assert not {"message", "member_join", "raw_reaction_add", "member_ban", "audit_log_entry_create"} & set(names)
        members = discord.bot.get_guild(discord.guild.id).members
        assert [member.name for member in members] == ["Tux"]


@pytest.mark.parametrize("intent", ["members", "presences", "message_content"])
async def test_a_privileged_intent_that_is_not_enabled_is_refused(intent):
    world = World()
    world.privileged = frozenset({"members", "presences", "message_content"} - {intent})
    with pytest.raises(discord_py.PrivilegedIntentsRequired):
        async with LocalDiscord.run(bot_with(guilds=True, **{intent: True}), world=world):
            pass


async def test_a_token_that_became_wrong_ends_the_connection():
    async with LocalDiscord.run(bot_with(guilds=True)) as discord:
        discord.world.token = "changed"
        await discord.drop_connection()
        async with asyncio.timeout(20):
            await discord.bot.ended.wait()


async def test_a_broken_connection_is_resumed_without_losing_an_event(discord, bot):
    alice = discord.member("alice")
    await discord.settle()
    await discord.drop_connection()
    discord.guild.channel("made-meanwhile")
    reply = await alice.says("!warn @alice still there")
    assert "still there" in reply.text
    assert len(bot.heard_of("resumed")) == 1
    assert [args[0].name for args in bot.heard_of("guild_channel_create")] == ["made-meanwhile"]
    discord.errors.clear()


async def test_a_session_that_is_forgotten_is_identified_anew():
    class Hasty(SampleBot):
        async def before_identify_hook(self, shard_id, *, initial=False):
            """Do not wait the five seconds that Discord asks for."""

    async with LocalDiscord.run(Hasty) as discord:
        discord.server.gateway.sessions.clear()
        await discord.drop_connection()
        reply = await discord.bot.wait_for("ready", timeout=20)
        assert reply is None
        assert (await discord.member("alice").says("!later")).text == "now"


async def test_members_of_a_large_guild_come_in_chunks():
    world = World()
    from tux.offline.building import add_guild
    from tux.offline.members import add_member

    guild = add_guild(world, "Large")
    for number in range(1500):
        add_member(world, guild, world.add_user(f"member{number}"), [])
    async with LocalDiscord.run(SampleBot, world=world) as discord:
        assert len(discord.bot.guilds[0].members) == 1502
        assert discord.bot.guilds[0].chunked


async def test_a_bot_in_shards_settles_too():
    class Sharded(commands.AutoShardedBot):
        def __init__(self, **options):
            super().__init__("!", intents=discord_py.Intents.all(), shard_count=2, **options)

        async def before_identify_hook(self, shard_id, *, initial=False):
            """Do not wait the five seconds that Discord asks for."""

        async def on_message(self, message):
            if not message.author.bot:
                await message.channel.send(f"shard {message.guild.shard_id}")

    async with LocalDiscord.run(Sharded) as discord:
        alice = discord.member("alice")
        expected = (discord.guild.id >> 22) % 2
        assert (await alice.says("where?")).text == f"shard {expected}"


async def test_the_bot_shows_its_presence(discord, bot):
    await bot.change_presence(activity=discord_py.Game("chess"))
    await bot.get_guild(discord.guild.id).query_members("own")
    session = next(iter(discord.server.gateway.sessions.values()))
    assert session.presence["activities"][0]["name"] == "chess"
