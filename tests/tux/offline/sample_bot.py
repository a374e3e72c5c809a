"""A small bot with one of everything, for the tests of the local Discord."""

from __future__ import annotations

import asyncio
from typing import Any

import discord
from discord import app_commands
from discord.ext import commands


class Survey(discord.ui.Modal, title="Survey"):
    name = discord.ui.TextInput(label="Your name", max_length=20)
    why: discord.ui.TextInput = discord.ui.TextInput(label="Why", required=False, style=discord.TextStyle.long)

    async def on_submit(self, interaction: discord.Interaction) -> None:
        await interaction.response.send_message(f"{self.name.value}: {self.why.value or 'no reason'}", ephemeral=True)


class Panel(discord.ui.View):
    @discord.ui.button(label="Confirm", style=discord.ButtonStyle.danger)
    async def confirm(self, interaction: discord.Interaction, _: discord.ui.Button) -> None:
        await interaction.response.edit_message(content="confirmed", view=None)
        self.stop()

    @discord.ui.button(label="Ask me", custom_id="ask")
    async def ask(self, interaction: discord.Interaction, _: discord.ui.Button) -> None:
        await interaction.response.send_modal(Survey())

    @discord.ui.button(emoji="🔒", disabled=True)
    async def locked(self, interaction: discord.Interaction, _: discord.ui.Button) -> None:
        await interaction.response.defer()

    @discord.ui.select(
        placeholder="Colour", options=[discord.SelectOption(label="Red", value="r"), discord.SelectOption(label="Blue")]
    )
    async def colour(self, interaction: discord.Interaction, select: discord.ui.Select) -> None:
        await interaction.response.send_message(f"you chose {select.values[0]}")

    @discord.ui.select(cls=discord.ui.UserSelect, placeholder="Who", max_values=2)
    async def who(self, interaction: discord.Interaction, select: discord.ui.UserSelect) -> None:
        await interaction.response.send_message(" and ".join(user.name for user in select.values))


class SampleCog(commands.Cog):
    def __init__(self, bot: SampleBot) -> None:
        self.bot = bot

    @commands.hybrid_command(description="Warn a member")
    @app_commands.describe(member="whom", reason="why")
    async def warn(self, ctx: commands.Context, member: discord.Member, *, reason: str = "no reason") -> None:
        await member.send(f"You were warned: {reason}")
        await ctx.send(f"Warned {member.mention}", embed=discord.Embed(title="Warning", description=reason))

    @commands.command()
    async def panel(self, ctx: commands.Context) -> None:
        view = Panel()
        await ctx.send("panel", view=view)
        if not await view.wait():  # else its time is over, minutes after the test
            await ctx.send("panel closed")

    @commands.command()
    async def count(self, ctx: commands.Context) -> None:
        await ctx.send("say a number")
        answer = await self.bot.wait_for("message", check=lambda message: message.author == ctx.author, timeout=60)
        await ctx.send(f"you said {answer.content}")

    @commands.command()
    async def later(self, ctx: commands.Context) -> None:
        await ctx.send("now")
        await asyncio.sleep(3600)

    @commands.command()
    async def boom(self, _: commands.Context) -> None:
        raise ZeroDivisionError

    @commands.command()
    async def busy(self, _: commands.Context) -> None:
        await self.bot.released.wait()

    @commands.Cog.listener()
    async def on_raw_reaction_add(self, event: discord.RawReactionActionEvent) -> None:
        channel = self.bot.get_channel(event.channel_id)
        if str(event.emoji) == "⭐" and isinstance(channel, discord.TextChannel):
            await channel.send(f"star on {event.message_id}")

    @commands.Cog.listener()
    async def on_member_join(self, member: discord.Member) -> None:
        if member.name.startswith("greet"):
            await member.guild.text_channels[0].send(f"Welcome {member.mention}")


class SampleBot(commands.Bot):
    def __init__(self, **options: Any) -> None:
        super().__init__("!", intents=discord.Intents.all(), **options)
        self.released = asyncio.Event()
        self.heard: list[tuple[str, Any]] = []

    async def setup_hook(self) -> None:
        await self.add_cog(SampleCog(self))
        for add in (add_commands, add_options, add_menus):
            add(self.tree)
        await self.tree.sync()

    def dispatch(self, event: str, /, *args: Any, **kwargs: Any) -> None:
        self.heard.append((event, args))
        super().dispatch(event, *args, **kwargs)

    def heard_of(self, event: str) -> list[Any]:
        """Return the arguments with which an event was dispatched."""
        return [args for name, args in self.heard if name == event]


def add_commands(tree: app_commands.CommandTree) -> None:
    """Add the commands that exist only with a slash."""

    @tree.command()
    async def secret(interaction: discord.Interaction) -> None:
        await interaction.response.send_message("hush", ephemeral=True)
        await interaction.followup.send("more", ephemeral=True)

    @tree.command()
    async def slow(interaction: discord.Interaction, hidden: bool = False) -> None:
        await interaction.response.defer(ephemeral=hidden)
        await interaction.followup.send("done")
        await interaction.edit_original_response(content="done at last")

    @tree.command()
    async def silent(interaction: discord.Interaction) -> None:
        pass

    @tree.command()
    async def twice(interaction: discord.Interaction) -> None:
        await interaction.response.send_message("one")
        interaction.response._response_type = None
        try:
            await interaction.response.send_message("two")
        except discord.HTTPException as error:
            await interaction.followup.send(f"{error.status} {error.code}")


def add_options(tree: app_commands.CommandTree) -> None:
    """Add the commands that take options of all kinds."""

    @tree.command()
    @app_commands.choices(
        size=[app_commands.Choice(name="Large", value=10), app_commands.Choice(name="Small", value=1)]
    )
    async def order(
        interaction: discord.Interaction,
        size: app_commands.Choice[int],
        dish: str,
        amount: app_commands.Range[int, 1, 5] = 1,
        note: discord.Attachment | None = None,
    ) -> None:
        text = (await note.read()).decode() if note is not None else "-"
        await interaction.response.send_message(f"{amount} {size.name} {dish} {text}")

    @order.autocomplete("dish")
    async def dishes(_: discord.Interaction, current: str) -> list[app_commands.Choice[str]]:
        return [app_commands.Choice(name=name, value=name) for name in ("soup", "salad") if name.startswith(current)]

    @tree.command()
    @app_commands.default_permissions(manage_guild=True)
    @app_commands.guild_only()
    async def admin(interaction: discord.Interaction, role: discord.Role, channel: discord.TextChannel) -> None:
        await interaction.response.send_message(f"{role.name} {channel.name}")

    group = app_commands.Group(name="tag", description="Tags")

    @group.command()
    async def show(interaction: discord.Interaction, name: str, loud: bool = False) -> None:
        await interaction.response.send_message(name.upper() if loud else name)

    tree.add_command(group)


def add_menus(tree: app_commands.CommandTree) -> None:
    """Add the commands of context menus."""

    @tree.context_menu(name="Quote")
    async def quote(interaction: discord.Interaction, message: discord.Message) -> None:
        await interaction.response.send_message(f"> {message.content}")

    @tree.context_menu(name="Greet")
    async def greet(interaction: discord.Interaction, user: discord.Member) -> None:
        await interaction.response.send_message(f"hello {user.name}")
