"""How a poll looks, and the buttons that take the votes, also after a restart."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Self

import discord

from plugins.polls.errors import PollOver, PollsOff, UnknownPoll
from plugins.polls.managers import PollManager, PollVoteManager
from tux.clock import now
from tux.ui import info

if TYPE_CHECKING:
    import re
    from collections.abc import Sequence

    from plugins.polls.managers import OptionResult
    from plugins.polls.models import Poll
    from tux.cog import PluginBot

BAR_LENGTH = 10


def is_over(poll: Poll) -> bool:
    """Say whether a poll takes no votes any more."""
    return poll.closed_at is not None or (poll.ends_at is not None and poll.ends_at <= now())


def poll_embed(poll: Poll, results: Sequence[OptionResult]) -> discord.Embed:
    """Return a poll with the votes as they are."""
    total = sum(result.votes for result in results)
    lines = [_line(result, total) for result in results]
    if is_over(poll):
        ending = "This poll is over."
    elif poll.ends_at is not None:
        ending = f"Ends {discord.utils.format_dt(poll.ends_at, 'R')}."
    else:
        ending = "Open until it is closed."
    # a title takes 256 characters, a question has up to 300
    embed = info("Poll", "\n".join([f"**{poll.question}**", "", *lines, "", ending]))
    embed.set_footer(text=f"Poll {poll.id} · {total} {'vote' if total == 1 else 'votes'}")
    return embed


def _line(result: OptionResult, total: int) -> str:
    share = result.votes / total if total else 0.0
    done = round(BAR_LENGTH * share)
    return f"**{result.position}.** {result.text}\n{'▰' * done}{'▱' * (BAR_LENGTH - done)} {result.votes} ({share:.0%})"


def poll_view(poll: Poll, results: Sequence[OptionResult]) -> discord.ui.View | None:
    """Return the buttons of a poll, a button an option; none when it is over."""
    if is_over(poll):
        return None
    view = discord.ui.View(timeout=None)
    for result in results:
        view.add_item(PollButton(poll.id, result.position, result.text))
    return view


class PollButton(discord.ui.DynamicItem[discord.ui.Button[Any]], template=r"poll:(?P<poll>\d+):(?P<position>\d+)"):
    """Votes for an option; its id says which, so the bot need not remember what it sent."""

    def __init__(self, poll_id: int, position: int, label: str) -> None:
        super().__init__(discord.ui.Button(label=label, custom_id=f"poll:{poll_id}:{position}"))
        self.poll_id = poll_id
        self.position = position

    @classmethod
    async def from_custom_id(
        cls, _interaction: discord.Interaction[Any], item: discord.ui.Item[Any], match: re.Match[str], /
    ) -> Self:
        """Make the button of a click."""
        return cls(int(match["poll"]), int(match["position"]), getattr(item, "label", None) or "")

    async def callback(self, interaction: discord.Interaction[Any]) -> Any:
        """Take the vote, show everybody the new results and the member what was taken."""
        try:
            await self._vote(interaction)
        except Exception as error:  # noqa: BLE001 - discord.py would only log it, and the member see nothing
            await interaction.client.answer_failure(interaction, error)

    async def _vote(self, interaction: discord.Interaction[PluginBot]) -> None:
        bot, polls = interaction.client, interaction.client.db[PollManager]
        if interaction.guild_id is not None:
            await bot.db.snapshot(interaction.guild_id)
            if bot.is_silent("polls", interaction.guild_id):
                raise PollsOff("Polls are switched off in this server, so nobody can vote now.")
        votes = bot.db[PollVoteManager]
        vote = await votes.vote(poll_id=self.poll_id, user_id=interaction.user.id, position=self.position)
        poll = await polls.get_by_id(self.poll_id)
        if poll is None:
            raise UnknownPoll("This poll is gone.")
        results = await polls.get_results(poll.id)
        await interaction.response.edit_message(embed=poll_embed(poll, results), view=poll_view(poll, results))
        if vote is None:
            raise PollOver("This poll is over; your vote came too late.")
        text = f"Your vote: **{self.item.label}**." if vote.option_id else "Your vote is taken back."
        await interaction.followup.send(text, ephemeral=True)
