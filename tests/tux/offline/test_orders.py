"""The orders for what no shipped command uses yet: forms, menus, and a bot that does not answer."""

from __future__ import annotations

import io

import discord
import pytest_asyncio
from discord import app_commands
from discord.ext import commands

from tux.offline.cast import build_cast
from tux.offline.console import converse
from tux.offline.conversation import Conversation
from tux.offline.driver import LocalDiscord
from tux.offline.terminal import ScriptLines, make_screen
from tux.offline.transcript import Transcript


class Form(discord.ui.Modal, title="Report"):
    who = discord.ui.TextInput(label="Who")
    why = discord.ui.TextInput(label="Why", required=False)

    async def on_submit(self, interaction):
        await interaction.response.send_message(f"{self.who.value} because {self.why.value or 'of nothing'}")


class Menu(discord.ui.View):
    @discord.ui.select(
        placeholder="Kind",
        min_values=1,
        max_values=2,
        options=[
            discord.SelectOption(label="Ban hammer", value="ban"),
            discord.SelectOption(label="Warn", value="warn"),
        ],
    )
    async def kind(self, interaction, select):
        await interaction.response.edit_message(content="You chose " + " and ".join(select.values), view=None)

    @discord.ui.select(cls=discord.ui.UserSelect, placeholder="Member")
    async def member(self, interaction, select):
        await interaction.response.send_message(f"You chose {select.values[0].mention}", ephemeral=True)


class FormBot(commands.Bot):
    async def setup_hook(self):
        @self.tree.command()
        async def form(interaction: discord.Interaction):
            await interaction.response.send_modal(Form())

        @self.tree.command()
        async def menu(interaction: discord.Interaction):
            await interaction.response.send_message("Choose", view=Menu())

        @self.tree.command()
        async def silent(interaction: discord.Interaction):
            pass

        @self.tree.command()
        @app_commands.default_permissions(ban_members=True)
        async def hidden(interaction: discord.Interaction):
            await interaction.response.send_message("seen")

        await self.tree.sync()


@pytest_asyncio.fixture(loop_scope="session")
async def says():
    """Plays lines to a bot with a form and a menu; returns what is written."""
    file = io.StringIO()
    start = build_cast()
    screen = make_screen(scripted=True, file=file)
    transcript = Transcript(start, screen.print, width=80, dates=False)

    def make_bot(**options):
        return FormBot(command_prefix="!", intents=discord.Intents.all(), **options)

    async with LocalDiscord.run(make_bot, world=start.world) as local:
        local.watch(transcript.watch)
        talk = Conversation(local, start, transcript)

        async def play(*lines):
            file.seek(0)
            file.truncate()
            await converse(talk, ScriptLines("\n".join(lines)), echo=False)
            return file.getvalue().splitlines()[1:]

        yield play


async def test_a_form_is_filled_in_order_and_may_be_filled_again_after_a_mistake(says):
    lines = await says("/form", ":fill a|b|c", ":fill carol|she sells followers", ":fill again")
    assert lines == [
        "    ╭─ Report",
        "    │ 1. Who",
        "    │ 2. Why (optional)",
        "    ╰─ answer with :fill first|second|…",
        "  ! the form has 2 inputs, not 3.",
        "  Tux: carol because she sells followers",
        "  ! there is no form to fill in now.",
    ]


async def test_a_field_that_may_be_empty_may_be_left_out(says):
    assert (await says("/form", ":fill bob"))[-1] == "  Tux: bob because of nothing"


async def test_choices_are_picked_by_label_or_value(says):
    lines = await says("/menu", ':pick 1 "Ban hammer" warn')
    assert lines == [
        "  Tux: Choose",
        "    [1] ▾ Kind: Ban hammer / Warn",
        "    [2] ▾ Member: @user",
        "  Tux (edited): You chose ban and warn",
    ]


async def test_members_are_picked_by_name(says):
    assert (await says("/menu", ":pick member @bob"))[-1] == "  Tux (only you can see this): You chose @bob"


async def test_a_wrong_choice_says_which_there_are(says):
    assert (await says("/menu", ":pick 1 Kick"))[-1:] == [
        "  ! 'Kind' has no option 'Kick'; it has: ban, warn, Ban hammer, Warn.",
    ]


async def test_a_bot_that_does_not_answer_is_told(says):
    assert await says("/silent") == ["  ! The application did not respond"]


async def test_a_command_that_the_speaker_may_not_use_is_not_offered(says):
    assert await says("/hidden") == ["  Tux: seen"]
    assert await says(":as bob", "/hidden") == ["  ! there is no command hidden; :commands lists them."]
