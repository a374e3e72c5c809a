"""A plugin that a server switched off is silent there: its commands say so, its listeners do nothing, neither costs anything."""

from __future__ import annotations

import pytest
from discord import AppCommandType

from plugins.levels.events import LevelChanged
from plugins.levels.settings import LevelSettings
from tests.contract.commands import commands_of, menus_of
from tests.contract.scenarios import Theatre, counted, load_scenarios, slash_name
from tux.cog import BaseCog
from tux.core.managers import SwitchesManager
from tux.offline.building import drop_channel
from tux.offline.places import ChannelHandle
from tux.registry import REQUIRED

SCENARIOS = load_scenarios()
STAR = "⭐"
PLUGINS = (
    "afk",
    "audit",
    "levels",
    "moderation",
    "notes",
    "permissions",
    "points",
    "polls",
    "reminders",
    "snippets",
    "starboard",
)


@pytest.fixture
async def theatre(discord, db):
    theatre = Theatre(discord, db)
    await theatre.open()
    return theatre


def test_every_plugin_that_can_be_switched_off_is_tried(bot):
    assert set(bot.registry.records) - set(REQUIRED) == set(PLUGINS)


@pytest.mark.parametrize("plugin", PLUGINS)
async def test_its_commands_say_so_by_slash_and_nothing_by_prefix_and_cost_no_statement(bot, db, theatre, plugin):
    await db[SwitchesManager].turn(theatre.discord.guild.id, plugin, enabled=False)
    await theatre.play("bob: wise words")
    said = theatre.discord.guild.channel("general").last
    await theatre.warm()
    found = commands_of(bot)[plugin]
    assert found
    with counted() as sent:
        for command in found:
            scenario = SCENARIOS[command.qualified_name]
            reply = await theatre.call(command, scenario, "prefix", "owner", scenario.given("prefix"))
            assert reply.messages == [], command.qualified_name
            if slash_name(command):
                reply = await theatre.call(command, scenario, "slash", "owner", scenario.given("slash"))
                assert "switched off in this server" in reply.text, command.qualified_name
                assert reply.is_ephemeral
        for menu in (each for each in menus_of(bot) if bot.plugin_of(each.callback, None) == plugin):
            target = theatre.person("bob") if menu.type is AppCommandType.user else said
            reply = await theatre.person("dave").uses_menu(menu.name, target)
            assert "switched off in this server" in reply.text
            assert reply.is_ephemeral
    assert sent == []


async def prepare(theatre, db):
    """Make what every listener has something to do for."""
    for line in (
        "owner: /snippet create rules Be kind.",
        "dave: /afk set lunch",
        "owner: /starboard setup channel:#mod-log threshold:1",
        "owner: /config jail #general @Jailed",
        "alice: /jail @bob spam",
        "bob: wise words",
    ):
        await theatre.play(line)
    guild = theatre.discord.guild
    await db.permission_assignments.assign_permission_rank(guild.id, 1, guild.role("Short-lived").id)
    await db.levels.set_level(theatre.person("bob").id, guild.id, 5)
    await db.settings.change(guild.id, LevelSettings, rewards={5: guild.role("Artists").id}, cooldown_seconds=0)


async def happen(theatre, db):
    """Let everything happen that a plugin listens to."""
    discord, bot = theatre.discord, theatre.discord.bot
    bob, general = theatre.person("bob"), discord.guild.channel("general")
    words = general.last
    await theatre.person("carol").reacts(words, STAR)
    await bob.edits(words, "wiser words")
    await theatre.person("carol").unreacts(words, STAR)
    message = bot.get_partial_messageable(general.id).get_partial_message(words.id)
    for clear in (message.clear_reactions, lambda: message.clear_reaction(STAR)):
        await theatre.person("carol").reacts(words, STAR)
        await clear()
    await theatre.play("bob: $rules")
    await theatre.play("bob: @dave are you there?")
    await theatre.play("dave: here")
    await bob.leaves()
    await bob.joins()
    await discord.owner.deletes(words)
    channel = bot.get_channel(general.id)
    thread = await channel.create_thread(name="short-lived")
    place = ChannelHandle(discord.world, discord.world.channels[str(thread.id)])
    for number in range(2):
        await discord.owner.says(f"number {number}", place)
    await thread.delete_messages(
        [bot.get_partial_messageable(thread.id).get_partial_message(each.id) for each in place.messages]
    )
    await thread.delete()
    await bot.get_guild(discord.guild.id).get_role(discord.guild.role("Short-lived").id).delete()
    drop_channel(discord.world, discord.guild.channel("short-lived").state)
    await db.emit(LevelChanged(guild_id=discord.guild.id, member_id=bob.id, level=5))
    await discord.settle()


def listened_to(bot):
    """Return the events of a server that plugins which can be switched off listen to; a start is of all servers at once."""
    cogs = [cog for cog in bot.cogs.values() if isinstance(cog, BaseCog) and cog.plugin in PLUGINS]
    return {event for cog in cogs for event, _ in cog.get_listeners()} - {"on_ready"}


@pytest.mark.parametrize("enabled", [True, False])
async def test_their_listeners_send_nothing_and_cost_no_statement(discord, bot, db, theatre, monkeypatch, enabled):  # noqa: PLR0917 - fixtures
    await prepare(theatre, db)
    for plugin in PLUGINS if not enabled else ():
        await db[SwitchesManager].turn(discord.guild.id, plugin, enabled=False)
    await theatre.warm()
    happened = set()
    schedule = bot._schedule_event  # where discord.py hands an event to a listener

    def note(listener, event, *args, **kwargs):
        happened.add(event)
        return schedule(listener, event, *args, **kwargs)

    monkeypatch.setattr(bot, "_schedule_event", note)
    with counted() as sent, discord.record() as recorder:
        await happen(theatre, db)
    said = [message.text for message in recorder.reply_for(discord.owner.user["id"]).messages]
    assert listened_to(bot) <= happened
    if enabled:  # so that what is silent below would be heard
        assert len(said) >= len(("post", "snippet", "afk notice", "welcome back"))
        assert "Artists" in theatre.person("bob").roles
        assert len(sent) > 10
    else:
        assert said == []
        assert theatre.person("bob").roles == []
        assert sent == []
