"""Embeds, questions and pages, as people use them."""

from __future__ import annotations

import asyncio

import discord as discord_py
import pytest
import pytest_asyncio
from discord.ext import commands
from support import added, logged

from tux.cog import BaseCog
from tux.ui import Confirm, OwnedView, Pages, danger, info, success, warning
from tux.ui.embeds import MAX_DESCRIPTION, MAX_TITLE, shorten


class Asking(BaseCog):
    """Uses each view."""

    @commands.hybrid_command()
    async def ask(self, ctx):
        """Ask."""
        answer = await Confirm.ask(ctx, "Sure?", "It cannot be undone.", label="Do it")
        await ctx.send(f"answer: {answer}")

    @commands.hybrid_command()
    async def pages(self, ctx):
        """Show all guilds, two a page."""

        async def load(number):
            return await self.db.guild.paginate(number, 2, order_by="guild_id")

        await Pages.send(
            ctx,
            load,
            lambda page: info(f"Page {page.page} of {page.pages}", ", ".join(str(row.guild_id) for row in page.items)),
        )

    @commands.command()
    async def menu(self, ctx):
        view = OwnedView(ctx.author)
        view.add_item(discord_py.ui.UserSelect(placeholder="Who"))
        view.add_item(discord_py.ui.Button(label="Go"))
        await view.send_to(ctx, info("Choose"))


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def asking_cog(tux_stage):
    cog = Asking(tux_stage.bot)
    async with added(tux_stage.bot, cog):
        yield cog


@pytest.fixture
def alice(discord, asking_cog):
    return discord.member("alice")


@pytest.fixture
async def three_more_guilds(db, alice):
    for number in (1, 2, 3):
        await db.guild.get_or_create_guild(number)
    await db.guild.delete_where({"guild_id__gt": 3})


@pytest.mark.parametrize(("label", "answer"), [("Do it", True), ("Cancel", False)])
@pytest.mark.parametrize("line", ["!ask", "/ask"])
async def test_a_question_is_answered_by_its_button(alice, line, label, answer):
    asked = await (alice.slash(line) if line.startswith("/") else alice.says(line))
    assert asked.buttons == ["Do it", "Cancel"]
    answered = await alice.clicks(asked, label)
    assert f"answer: {answer}" in answered.text
    assert asked.last.buttons == []


async def until_greyed(message):
    for _ in range(100):
        if not message.buttons:
            return
        await asyncio.sleep(0.02)


async def test_no_answer_means_no_and_the_buttons_are_greyed_out(discord, alice, monkeypatch):
    monkeypatch.setattr(Confirm, "timeout_seconds", 0.05)
    asked = (await alice.says("!ask")).messages[0]
    await until_greyed(asked)
    await discord.settle()
    assert asked.buttons == []
    assert "answer: False" in discord.guild.channel("general").last.text


async def test_a_question_whose_message_was_deleted_times_out_in_peace(discord, alice, monkeypatch):
    monkeypatch.setattr(Confirm, "timeout_seconds", 0.1)
    asked = (await alice.says("!ask")).messages[0]
    with logged() as lines:
        await discord.owner.deletes(asked)
        await asyncio.sleep(0.15)
        await discord.settle()
    assert "answer: False" in discord.guild.channel("general").last.text
    assert not [line for line in lines if line.startswith("ERROR")]


async def test_every_kind_of_component_is_greyed_out(discord, alice, monkeypatch):
    monkeypatch.setattr(OwnedView, "timeout_seconds", 0.05)
    shown = (await alice.says("!menu")).messages[0]
    await until_greyed(shown)
    assert all(component.get("disabled") for component in shown.components)
    assert len(shown.components) == 2


async def test_pages_turn_both_ways_and_end(alice, three_more_guilds):
    shown = await alice.says("!pages")
    assert "Page 1 of 2\n1, 2" in shown.text
    assert shown.buttons == ["Next"]
    turned = await alice.clicks(shown, "Next")
    assert "Page 2 of 2\n3" in turned.text
    assert shown.last.buttons == ["Previous"]
    await alice.clicks(shown, "Previous")
    assert "Page 1 of 2" in shown.last.text


async def test_a_single_page_has_no_buttons(alice, db, three_more_guilds):
    await db.guild.delete_by_id(3)
    assert (await alice.slash("pages")).buttons == []


async def test_a_page_that_went_away_while_somebody_read_is_the_last_one_now(alice, db, three_more_guilds):
    shown = await alice.says("!pages")
    await db.guild.delete_by_id(3)
    await db.guild.delete_by_id(2)
    turned = await alice.clicks(shown, "Next")
    assert "Page 1 of 1\n1" in turned.text


async def test_others_cannot_turn_the_pages(discord, alice, three_more_guilds):
    shown = await alice.says("!pages")
    refused = await discord.member("bob").clicks(shown, "Next")
    assert refused.is_ephemeral
    assert "Run the command yourself" in refused.text
    assert "Page 1" in shown.last.text


def test_each_kind_of_embed_has_a_colour_of_its_own():
    assert len({make("x").colour.value for make in (success, info, warning, danger)}) == 4


@pytest.mark.parametrize("make", [success, info, warning, danger])
def test_an_embed_never_exceeds_discords_limits(make):
    embed = make("t" * 300, "d" * 5000)
    assert (len(embed.title), len(embed.description)) == (MAX_TITLE, MAX_DESCRIPTION)
    assert embed.title.endswith("…")


@pytest.mark.parametrize(("text", "short"), [("", ""), ("abc", "abc"), ("abcd", "ab…")])
def test_what_is_cut_is_shown(text, short):
    assert shorten(text, 3) == short
