"""Prefixes, ranks and stopping, by a person who talks to the bot."""

from __future__ import annotations

import asyncio

import discord as discord_py
import pytest
import pytest_asyncio
from discord import app_commands
from discord.ext import commands
from support import added, logged

from tux.bot import Tux, client
from tux.cog import BaseCog, requires_rank
from tux.core.events import PluginSwitched
from tux.errors import CannotAct
from tux.events import handles
from tux.offline.driver import LocalDiscord
from tux.offline.world import World
from tux.settings import load_settings
from tux.ui import Confirm


class Parrot(BaseCog):
    """A command of each kind."""

    def __init__(self, bot):
        super().__init__(bot)
        self.menu = app_commands.ContextMenu(name="Repeat", callback=self.repeat)
        self.bot.tree.add_command(self.menu)

    async def cog_unload(self):
        self.bot.tree.remove_command(self.menu.name, type=self.menu.type)

    @commands.hybrid_command()
    async def say(self, ctx, number: int, word: str = "hello"):
        """Say a word so many times."""
        await ctx.send(" ".join([word] * number))

    @commands.hybrid_command()
    @requires_rank(5)
    async def order(self, ctx, number: int):
        """Say a number by right."""
        await ctx.send(f"ordered {number}")

    @commands.hybrid_group(fallback="show")
    @requires_rank(4)
    async def vault(self, ctx):
        """Show the vault."""
        await ctx.send("the vault")

    @vault.command()
    async def inside(self, ctx):
        """Look inside: the group's rank holds."""
        await ctx.send("gold")

    @vault.command()
    @requires_rank(6)
    async def empty(self, ctx):
        """Empty it: a rank of its own."""
        await ctx.send("emptied")

    @app_commands.command()
    @requires_rank(5)
    async def pure(self, interaction: discord_py.Interaction, word: str):
        """Exist as a slash command only."""
        await interaction.response.send_message(f"pure {word}")

    @pure.autocomplete("word")
    async def words(self, interaction, current):
        return [app_commands.Choice(name="secret", value="secret")]

    @requires_rank(5)
    async def repeat(self, interaction: discord_py.Interaction, message: discord_py.Message):
        await interaction.response.send_message(f"repeated {message.content}")


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def parrot_cog(tux_stage):
    cog = Parrot(tux_stage.bot)
    async with added(tux_stage.bot, cog):
        yield cog


@pytest.fixture
def parrot(discord, parrot_cog):
    return parrot_cog


@pytest.fixture
def asked(bot, monkeypatch):
    """The questions that the bot asks the authorizer, who says yes up to `asked.rank`."""

    class Asked(list):
        rank = 0

    questions = Asked()

    async def authorize(member, rank, command):
        questions.append((member.id, rank, command))
        return rank <= questions.rank

    monkeypatch.setattr(bot, "authorizer", authorize)
    return questions


async def test_a_command_begins_with_the_default_prefix(discord, parrot):
    assert (await discord.member("alice").says("!say 2")).text == "hello hello"


async def test_a_mention_of_the_bot_is_a_prefix_too(discord, bot, parrot):
    assert (await discord.member("alice").says(f"<@{bot.user.id}> say 1 hi")).text == "hi"
    assert (await discord.member("alice").says(f"<@!{bot.user.id}> say 1 hi")).text == "hi"


async def test_each_guild_has_its_own_prefix(discord, bot, parrot, monkeypatch):
    other = await discord.join_guild("Elsewhere")

    async def prefix_of(guild_id):
        return "?" if guild_id == other.id else None

    monkeypatch.setattr(bot, "prefixes", prefix_of)
    here, there = discord.member("alice"), discord.member("alice", guild=other)
    assert (await here.says("!say 1")).text == "hello"
    assert (await here.says("?say 1")).messages == []
    assert (await there.says("?say 1")).text == "hello"
    assert (await there.says("!say 1")).messages == []
    assert (await there.says(f"<@{bot.user.id}> say 1")).text == "hello"


async def test_a_direct_message_has_the_default_prefix(discord, parrot):
    assert (await discord.member("alice").dm("!say 1")).text == "hello"


async def test_a_hybrid_command_answers_slash_and_prefix_alike(discord, parrot):
    alice = discord.member("alice")
    by_prefix, by_slash = await alice.says("!say 2 ho"), await alice.slash("say", number=2, word="ho")
    assert by_prefix.text == by_slash.text == "ho ho"


async def test_no_such_command_is_met_with_silence(discord, parrot):
    assert (await discord.member("alice").says("!nosuchthing")).messages == []


@pytest.mark.parametrize(
    ("line", "rank", "command"),
    [
        ("!order 1", 5, "order"),
        ("/order 1", 5, "order"),
        ("!vault", 4, "vault"),
        ("/vault show", 4, "vault"),
        ("!vault inside", 4, "vault inside"),
        ("/vault inside", 4, "vault inside"),
        ("!vault empty", 6, "vault empty"),
        ("/vault empty", 6, "vault empty"),
        ("/pure x", 5, "pure"),
    ],
)
async def test_the_rank_of_a_command_or_of_its_parent_is_asked_for(discord, parrot, asked, *, line, rank, command):
    alice = discord.member("alice")
    act = alice.slash if line.startswith("/") else alice.says
    asked.rank = rank - 1
    refused = await act(line)
    assert f"`{command}` is for rank {rank} and above" in refused.text
    assert refused.is_ephemeral == line.startswith("/")
    asked.rank = rank
    passed = await act(line)
    assert "rank" not in passed.text
    assert passed.messages
    assert asked[-1] == (alice.id, rank, command)


async def test_a_context_menu_asks_for_its_rank(discord, parrot, asked):
    alice = discord.member("alice")
    await alice.says("look")
    message = discord.guild.channel("general").last
    assert "rank 5" in (await alice.uses_menu("Repeat", message)).text
    asked.rank = 5
    assert (await alice.uses_menu("Repeat", message)).text == "repeated look"


async def test_who_may_not_use_a_command_gets_no_completions_of_it(discord, parrot, asked):
    alice = discord.member("alice")
    with logged() as lines:
        assert await alice.autocomplete("pure", "word") == []
    assert not [line for line in lines if "could not be answered" in line]  # completions take no messages
    asked.rank = 5
    assert [choice["value"] for choice in await alice.autocomplete("pure", "word")] == ["secret"]


async def test_the_rank_is_checked_before_arguments_are_converted(discord, parrot, asked):
    alice = discord.member("alice")
    for line in ("!order", "!order nonsense"):
        assert "rank 5" in (await alice.says(line)).text
    asked.rank = 5
    assert "Write it as `!order <number>`" in (await alice.says("!order nonsense")).text


async def test_without_an_authorizer_only_owners_pass(discord, bot, parrot, monkeypatch):
    monkeypatch.setattr(bot, "authorizer", None)
    assert "rank 5" in (await discord.member("alice").says("!order 1")).text
    assert (await discord.owner.says("!order 1")).text == "ordered 1"


async def test_the_bots_owner_passes_in_a_guild_of_others_without_being_asked(discord, bot, parrot, asked, monkeypatch):
    alice = discord.member("alice")
    monkeypatch.setattr(bot, "owner_id", alice.id)
    assert (await alice.says("!order 1")).text == "ordered 1"
    assert asked == []


async def test_the_guilds_owner_passes_though_the_bot_is_somebody_elses(discord, bot, parrot, asked, monkeypatch):
    monkeypatch.setattr(bot, "owner_id", 1)
    assert (await discord.owner.says("!order 1")).text == "ordered 1"
    assert asked == []


async def test_ranks_exist_in_servers_only(discord, parrot, asked):
    asked.rank = 10
    assert "in a server only" in (await discord.member("alice").dm("!order 1")).text


@pytest.mark.parametrize("rank", [-1, 11])
def test_a_rank_outside_of_0_to_10_is_refused(rank):
    from tux.errors import TuxError

    with pytest.raises(TuxError, match="0 to 10"):
        requires_rank(rank)


async def test_who_may_mention_everyone_is_not_the_bot(discord, parrot):
    await discord.member("alice").says("!say 1 @everyone")
    body = next(
        call for call in reversed(discord.requests) if call.method == "POST" and call.path.endswith("/messages")
    )
    assert "everyone" not in body.body["allowed_mentions"]["parse"]


class Listener(BaseCog):
    def __init__(self, bot):
        super().__init__(bot)
        self.heard = []

    @handles(PluginSwitched)
    async def hear(self, event):
        self.heard.append(event)


async def test_events_reach_a_cog_while_it_is_loaded(bot, db):
    cog, event = Listener(bot), PluginSwitched(1, "nobody", enabled=False)
    await db.emit(event)
    async with added(bot, cog):
        await db.emit(event)
    await db.emit(event)
    assert cog.heard == [event]


async def test_a_handler_that_raises_is_logged_with_its_plugin_and_stops_nobody(discord, bot, db):
    class Broken(BaseCog):
        plugin = "noisy"

        @handles(PluginSwitched)
        async def fail(self, event):
            raise LookupError("in the handler")

    heard = Listener(bot)
    with logged(discord) as lines:
        async with added(bot, Broken(bot), heard):
            await db.emit(PluginSwitched(1, "nobody", enabled=False))
    assert len(heard.heard) == 1
    assert any("noisy" in line and "in the handler" in line for line in lines)


class Slow(BaseCog):
    """Commands that take their time."""

    def __init__(self, bot):
        super().__init__(bot)
        self.begun, self.go, self.ended = asyncio.Event(), asyncio.Event(), []

    @commands.command()
    async def slow(self, ctx, word: str):
        self.begun.set()
        try:
            await self.go.wait()
            await self.db.guild.get_or_create_guild(77)
        except asyncio.CancelledError:
            self.ended.append("cancelled")
            raise
        self.ended.append(word)
        await ctx.send(f"{word} is done")


def make_bot(db, **more):
    return lambda **options: Tux(load_settings(), db=db, **more, **options)


async def begin(discord, cog):
    """Begin a slow command without waiting for its end."""
    await discord.bot.add_cog(cog)
    saying = asyncio.ensure_future(discord.owner.says("!slow work"))
    await cog.begun.wait()
    return saying


async def test_close_waits_for_a_running_command_and_takes_nothing_new(db):
    async with LocalDiscord.run(make_bot(db)) as discord:
        cog = Slow(discord.bot)
        saying = await begin(discord, cog)
        closing = asyncio.create_task(discord.bot.close())
        await asyncio.sleep(0.05)
        assert not closing.done()
        late = asyncio.ensure_future(discord.member("alice").says("!slow late"))
        await asyncio.sleep(0.1)
        assert not closing.done()
        cog.go.set()
        await closing
        for task in (saying, late):
            task.cancel()
        await asyncio.gather(saying, late, return_exceptions=True)
        said = [message.text for message in discord.guild.channel("general").messages]
    assert cog.ended == ["work"]
    assert "work is done" in said
    assert any("I am being restarted" in text for text in said)
    assert await db.guild.exists({"guild_id": 77})


async def test_an_event_that_comes_after_the_end_reaches_nobody(db):
    seen = []

    async def note():
        seen.append("late")

    async with LocalDiscord.run(make_bot(db)) as discord:
        discord.bot.add_listener(note, "on_ready")
        await discord.bot.close()
        discord.bot.dispatch("ready")  # as discord.py does when a bot is stopped while it waits for the last servers
    assert seen == []


async def test_close_waits_for_nobodys_answer(db):
    class Asking(BaseCog):
        @commands.command()
        async def ask(self, ctx):
            answer = await Confirm.ask(ctx, "Sure?", "It cannot be undone.")
            await ctx.send(f"answer: {answer}")

    async with LocalDiscord.run(make_bot(db)) as discord:
        await discord.bot.add_cog(Asking(discord.bot))
        asked = await discord.owner.says("!ask")
        assert asked.buttons == ["Confirm", "Cancel"]
        with logged() as lines:
            async with asyncio.timeout(client.STOP_GRACE_SECONDS / 2):
                await discord.bot.close()
        question, answer = list(discord.guild.channel("general").messages)[-2:]
    assert (question.buttons, answer.text) == ([], "answer: False")
    assert not any("did not end" in line for line in lines)


async def test_close_cancels_a_command_that_does_not_end(db, monkeypatch):
    monkeypatch.setattr(client, "STOP_GRACE_SECONDS", 0.1)
    async with LocalDiscord.run(make_bot(db)) as discord:
        cog = Slow(discord.bot)
        saying = await begin(discord, cog)
        with logged() as lines:
            await discord.bot.close()
        saying.cancel()
        await asyncio.gather(saying, return_exceptions=True)
    assert cog.ended == ["cancelled"]
    assert any("did not end within 0.1 s" in line for line in lines)


async def test_a_command_can_close_the_bot(db):
    class Off(BaseCog):
        @commands.command()
        async def off(self, ctx):
            await self.bot.close()

    async with LocalDiscord.run(make_bot(db)) as discord:
        await discord.bot.add_cog(Off(discord.bot))
        saying = asyncio.ensure_future(discord.owner.says("!off"))
        for _ in range(100):
            await asyncio.sleep(0 if discord.bot.is_closed() else 0.02)
        assert discord.bot.is_closed()
        saying.cancel()
        await asyncio.gather(saying, return_exceptions=True)


async def test_closing_twice_and_at_once_is_closing(db):
    async with LocalDiscord.run(make_bot(db)) as discord:
        await asyncio.gather(discord.bot.close(), discord.bot.close())
        await discord.bot.close()
        assert discord.bot.is_closed()
        assert not discord.bot.cogs


async def test_a_bot_leaves_a_database_that_it_was_given_open_and_unsubscribes(db):
    async with LocalDiscord.run(make_bot(db)) as discord:
        cog = Listener(discord.bot)
        await discord.bot.add_cog(cog)
    assert db.service.is_connected()
    await db.emit(PluginSwitched(1, "nobody", enabled=False))
    assert cog.heard == []


async def test_a_bot_closes_a_database_that_it_opened(scratch_url):
    async with LocalDiscord.run(lambda **options: Tux(load_settings(), url=scratch_url, **options)) as discord:
        service = discord.bot.db.service
        assert service.is_connected()
    assert not service.is_connected()


async def test_a_refused_sync_of_slash_commands_leaves_prefix_commands(db, monkeypatch):
    from discord.app_commands import CommandTree

    sync = CommandTree.sync

    async def refused(self, **options):
        self.add_command(app_commands.Command(name="toolong", description="x" * 101, callback=nothing))
        return await sync(self, **options)

    async def nothing(interaction: discord_py.Interaction):
        """Do nothing."""

    monkeypatch.setattr(CommandTree, "sync", refused)
    with logged() as lines:
        async with LocalDiscord.run(make_bot(db)) as discord:
            reply = await discord.owner.says("!plugins")
    assert "moderation" in reply.text
    assert any("refused the slash commands" in line for line in lines)


async def test_nothing_that_the_bot_logs_holds_the_token_or_what_members_say(db):
    world = World()
    world.token = "the.secret.token"
    with logged() as lines:
        async with LocalDiscord.run(make_bot(db), world=world) as discord:
            await discord.member("alice").says("!prefix set confidential words")
            await discord.member("alice").says("confidential words")
    assert lines
    assert not [line for line in lines if "secret" in line or "confidential" in line]


@pytest.fixture
async def scratch_url(tux_databases):
    from tux.testing import scratch_database

    async with scratch_database() as url:
        yield url


async def test_a_slash_command_is_gone_with_its_cog(discord, bot):
    class Guest(BaseCog):
        @commands.hybrid_command()
        async def guest(self, ctx):
            """Greet."""
            await ctx.send("welcome")

    alice = discord.member("alice")
    async with added(bot, Guest(bot)):
        assert (await alice.slash("guest")).text == "welcome"
    with pytest.raises(CannotAct, match="guest"):
        await alice.slash("guest")
