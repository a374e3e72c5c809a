"""`/poll`: questions to the members of a server, closed on time."""

from __future__ import annotations

import discord
from discord import app_commands
from discord.ext import commands
from loguru import logger

from plugins.polls.errors import NotYourPoll, PollOver, UnknownPoll
from plugins.polls.managers import OptionResult, PollManager
from plugins.polls.models import MAX_QUESTION_LENGTH, Poll
from plugins.polls.texts import checked_question, span_of, split_options
from plugins.polls.views import PollButton, poll_embed, poll_view
from tux.clock import now
from tux.cog import BaseCog, PluginBot, every, guild_of
from tux.ui import success
from tux.ui.embeds import shorten

MODERATOR = 3
# Discord shows at most 25 choices, each with at most 100 characters.
# https://discord.com/developers/docs/interactions/application-commands
MAX_CHOICES = 25
MAX_CHOICE = 100
DUE_SECONDS = 15
DUE_ROWS = 100
MAX_DIGITS = 18  # of a number that fits into bigint

Context = commands.Context[PluginBot]
Question = commands.Range[str, 1, MAX_QUESTION_LENGTH]

log = logger.bind(plugin="polls")


class PollsCog(BaseCog, name="Polls"):
    """Polls with buttons."""

    def __init__(self, bot: PluginBot) -> None:
        super().__init__(bot)
        self.manager = self.db[PollManager]

    async def cog_load(self) -> None:
        """Answer the buttons of all polls, also of those from before a restart."""
        self.bot.add_dynamic_items(PollButton)

    async def cog_unload(self) -> None:
        """Leave the buttons without an answer."""
        self.bot.remove_dynamic_items(PollButton)

    @commands.hybrid_group()
    @commands.guild_only()
    async def poll(self, ctx: Context) -> None:
        """Ask the members of this server."""
        await ctx.send_help(ctx.command)

    @poll.command()
    @app_commands.describe(
        question="What to ask (in quotes, when you write it as a message)",
        options="Two to ten, with | between them: tea | coffee",
        duration="For how long, such as 2h or 3d; without it until you close it",
    )
    @commands.guild_only()
    async def create(self, ctx: Context, question: Question, *, options: str, duration: str | None = None) -> None:
        """Start a poll."""
        texts, written = split_options(options)
        span = span_of(duration or written)
        poll = await self.manager.create_poll(
            options=texts,
            guild_id=guild_of(ctx).id,
            channel_id=ctx.channel.id,
            author_id=ctx.author.id,
            question=checked_question(question),
            ends_at=now() + span if span else None,
        )
        results = [OptionResult(number, text, 0) for number, text in enumerate(texts, start=1)]
        view = poll_view(poll, results) or discord.utils.MISSING
        try:
            message = await ctx.send(embed=poll_embed(poll, results), view=view)
        except discord.HTTPException:
            await self.manager.delete_by_id(poll.id)
            raise
        await self.manager.update_by_id(poll.id, message_id=message.id)

    @poll.command()
    @app_commands.describe(poll="Which one: its number is below it")
    @commands.guild_only()
    async def results(self, ctx: Context, poll: str) -> None:
        """Show the votes of a poll, open or over."""
        found = await self._find(ctx, poll)
        await ctx.send(embed=poll_embed(found, await self.manager.get_results(found.id)))

    @poll.command()
    @app_commands.describe(poll="Which one: its number is below it")
    @commands.guild_only()
    async def close(self, ctx: Context, poll: str) -> None:
        """Close a poll that you started, or any one as a moderator."""
        found = await self._find(ctx, poll)
        if found.author_id != ctx.author.id and not await self.bot.has_rank(ctx.author, MODERATOR, "poll close"):
            raise NotYourPoll("Somebody else started this poll; ask them or a moderator to close it.")
        if not await self.manager.close_poll(found.id):
            raise PollOver("This poll is over already: `/poll results` shows it.")
        found.closed_at = now()
        await self._show_end(found)
        await ctx.send(embed=success("Poll closed", f"**{found.question}** takes no more votes."))

    @results.autocomplete("poll")
    @close.autocomplete("poll")
    async def complete_poll(
        self, interaction: discord.Interaction[PluginBot], typed: str
    ) -> list[app_commands.Choice[str]]:
        """Offer the newest polls in whose question the typed text occurs; to close, only open ones."""
        filters: dict[str, object] = {"guild_id": interaction.guild_id, "question": {"icontains": typed}}
        if interaction.command is not None and interaction.command.name == "close":
            filters["closed_at"] = None
        found = await self.manager.find_all(filters, "-id", MAX_CHOICES)
        return [app_commands.Choice(name=shorten(poll.question, MAX_CHOICE), value=str(poll.id)) for poll in found]

    @every(DUE_SECONDS)
    async def close_due(self) -> None:
        """Close the polls that are over and show their results; of several processes one gets each."""
        while polls := await self.manager.close_due_polls(DUE_ROWS):
            for poll in polls:
                await self.db.snapshot(poll.guild_id)
                if not self.bot.is_silent(self.plugin, poll.guild_id):
                    await self._show_end(poll)

    async def _show_end(self, poll: Poll) -> None:
        """Show the last results in the poll's message, without buttons; where it is gone nothing is shown."""
        if poll.message_id is None:
            return
        embed = poll_embed(poll, await self.manager.get_results(poll.id))
        channel = self.bot.get_partial_messageable(poll.channel_id, guild_id=poll.guild_id)
        try:
            await channel.get_partial_message(poll.message_id).edit(embed=embed, view=None)
        except discord.HTTPException as refused:
            log.debug("The end of poll {} could not be shown: {}", poll.id, refused.text)

    async def _find(self, ctx: Context, number: str) -> Poll:
        known = number.isdecimal() and len(number) <= MAX_DIGITS
        found = await self.manager.find_one({"id": int(number), "guild_id": guild_of(ctx).id}) if known else None
        if found is None:
            raise UnknownPoll(f"There is no poll `{number[:20]}` here; its number is below it, such as `Poll 12`.")
        return found
