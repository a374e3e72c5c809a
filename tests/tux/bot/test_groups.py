"""Commands that a cog puts into another plugin's group."""

from __future__ import annotations

import pytest
from discord.ext import commands
from support import added

from tux.cog import BaseCog, requires_rank, subcommand_of
from tux.errors import PluginError


class Extra(BaseCog, name="Extra"):
    plugin = "moderation"

    @commands.hybrid_command()
    @subcommand_of("config")
    async def greet(self, ctx, word: str):
        """Say a word."""
        await ctx.send(f"{word}!")

    @commands.hybrid_group(fallback="show")
    @subcommand_of("config")
    @requires_rank(0)
    async def colours(self, ctx):
        """Show colours."""
        await ctx.send("red")

    @colours.command()
    async def add(self, ctx, name: str):
        """Add one."""
        await ctx.send(f"{name} added")


async def test_a_contributed_command_works_by_prefix_and_slash_in_its_group_alone(discord, bot):
    async with added(bot, Extra(bot)):
        assert (await discord.owner.says("!config greet hello")).text == "hello!"
        assert (await discord.owner.slash("config greet", word="hello")).text == "hello!"
        assert (await discord.owner.says("!greet hello")).messages == []
        assert bot.get_command("config greet").qualified_name == "config greet"
    assert bot.get_command("config greet") is None
    assert bot.tree.get_command("config").get_command("greet") is None


async def test_a_contributed_group_brings_its_own_commands(discord, bot):
    async with added(bot, Extra(bot)):
        assert (await discord.owner.slash("config colours show")).text == "red"
        assert (await discord.owner.slash("config colours add", name="blue")).text == "blue added"
        assert (await discord.owner.says("!config colours add blue")).text == "blue added"


async def test_a_contributed_command_asks_for_its_groups_rank_unless_it_says_otherwise(discord, bot):
    alice = discord.member("alice")
    async with added(bot, Extra(bot)):
        for reply in (await alice.says("!config greet hello"), await alice.slash("config greet", word="hello")):
            assert "rank 7" in reply.text
        assert (await alice.says("!config colours")).text == "red"


async def test_a_contributed_command_falls_silent_with_its_own_plugin(discord, bot):
    async with added(bot, Extra(bot)):
        await discord.owner.says("!plugins disable moderation")
        assert (await discord.owner.says("!config greet hello")).messages == []
        assert "switched off" in (await discord.owner.slash("config greet", word="x")).text
        assert "Configuration of" in (await discord.owner.slash("config show")).text


async def test_a_group_whose_own_cog_is_loaded_anew_is_filled_again(discord, bot):
    core = await bot.remove_cog("Config")
    await bot.add_cog(type(core)(bot))
    assert "Configuration of" in (await discord.owner.says("!config show")).text
    assert "Ranks of roles" in (await discord.owner.slash("config roles show")).text


async def test_a_group_that_nobody_has_is_refused(discord, bot):
    class Lost(BaseCog):
        plugin = "moderation"

        @commands.hybrid_command()
        @subcommand_of("nonsense")
        async def lost(self, ctx):
            """Get lost."""

    with pytest.raises(PluginError, match="'lost' goes into the group 'nonsense', which is not there"):
        await bot.add_cog(Lost(bot))
    assert bot.get_cog("Lost") is None
    assert bot.get_command("lost") is None


async def test_a_name_that_the_group_has_already_is_refused_with_both_sides(discord, bot):
    class Rival(BaseCog):
        plugin = "moderation"

        @commands.hybrid_command()
        @subcommand_of("config")
        async def logs(self, ctx):
            """Take another's place."""

    with pytest.raises(PluginError, match="its command 'logs' is also in 'guild'"):
        await bot.add_cog(Rival(bot))
    assert bot.get_command("config logs").cog.plugin == "guild"
