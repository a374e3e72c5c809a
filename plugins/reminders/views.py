"""How reminders look, and the buttons that put them off."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any, Self

import discord
from discord.utils import format_dt

from plugins.reminders.errors import UnknownReminder
from plugins.reminders.managers import ReminderManager
from tux.clock import now
from tux.cog import PluginBot, get_db
from tux.ui import info, success
from tux.ui.embeds import shorten
from tux.ui.spans import span_words

if TYPE_CHECKING:
    import re

    from plugins.reminders.models import Reminder
    from tux.manager import PaginationResult

MAX_LINE = 120
# Discord: a choice's name has at most 100 characters.
MAX_CHOICE = 100

SNOOZES = {"10 minutes": timedelta(minutes=10), "1 hour": timedelta(hours=1), "1 day": timedelta(days=1)}


def snooze_id(reminder_id: int, seconds: int | str = "") -> str:
    """Return the id of a snooze button; without seconds, what those of a reminder begin with."""
    return f"reminders:snooze:{reminder_id}:{seconds}"


class Snooze(
    discord.ui.DynamicItem[discord.ui.Button[discord.ui.View]],
    template=r"reminders:snooze:(?P<reminder>\d+):(?P<seconds>\d+)",
):
    """A button that puts a reminder off. What it does is in its id, so it works after a restart too."""

    def __init__(self, reminder_id: int, span: timedelta) -> None:
        seconds = int(span.total_seconds())
        super().__init__(
            discord.ui.Button(
                label=f"In {span_words(span)}",
                emoji="💤",
                style=discord.ButtonStyle.secondary,
                custom_id=snooze_id(reminder_id, seconds),
            )
        )
        self.reminder_id, self.span = reminder_id, span

    @classmethod
    async def from_custom_id(
        cls,
        _interaction: discord.Interaction[Any],
        _item: discord.ui.Item[Any],
        match: re.Match[str],
        /,
    ) -> Self:
        """Return the button that was clicked."""
        return cls(int(match["reminder"]), timedelta(seconds=int(match["seconds"])))

    async def callback(self, interaction: discord.Interaction[PluginBot]) -> None:  # type: ignore[override] # discord.py leaves the client open
        """Put the reminder off, for whom it is; everybody else is told that it is not theirs."""
        try:
            await self._put_off(interaction)
        except Exception as error:  # noqa: BLE001 - the boundary of a button: whoever clicked gets an answer
            await interaction.client.answer_failure(interaction, error)

    async def _put_off(self, interaction: discord.Interaction[PluginBot]) -> None:
        until = now() + self.span
        moved = await get_db(interaction)[ReminderManager].snooze_reminder(self.reminder_id, interaction.user.id, until)
        if moved is None:
            raise UnknownReminder("That reminder is not yours, or it is gone. `/remind create` makes a new one.")
        embed = success("Put off", f"{shorten(moved.reminder_content, MAX_LINE)}\nAgain {format_dt(until, 'R')}.")
        await interaction.response.edit_message(embed=embed, view=None)


def snooze_buttons(reminder: Reminder) -> discord.ui.View:
    """Return the buttons below a reminder that was told; nothing of them is kept in memory."""
    view = discord.ui.View(timeout=None)
    for span in SNOOZES.values():
        view.add_item(Snooze(reminder.id, span))
    view.stop()
    return view


def told_embed(reminder: Reminder) -> discord.Embed:
    """Return a reminder as it is told."""
    embed = info("Reminder", reminder.reminder_content)
    asked = f"You asked for it {format_dt(reminder.reminder_created_at, 'R')}."
    embed.add_field(name="Asked", value=asked if reminder.reminder_repeat_seconds is None else repeat_words(reminder))
    embed.timestamp = reminder.reminder_expires_at  # of a repeating one it says which time this was
    return embed


def created_embed(reminder: Reminder) -> discord.Embed:
    """Return what a user is told who set or changed a reminder."""
    at = reminder.reminder_expires_at
    place = "in a direct message" if reminder.reminder_by_dm else f"in <#{reminder.reminder_channel_id}>"
    lines = [f"I will remind you {place} {format_dt(at, 'F')} ({format_dt(at, 'R')}).", reminder.reminder_content]
    if reminder.reminder_repeat_seconds is not None:
        lines.insert(1, f"{repeat_words(reminder)} until you use `/remind cancel {reminder.id}`.")
    return success(f"Reminder #{reminder.id}", "\n".join(lines))


def list_embed(page: PaginationResult[Reminder]) -> discord.Embed:
    """Return one page of a user's reminders."""
    if not page.total:
        return info("Reminders", "You have none. `/remind create` makes one.")
    embed = info(f"Reminders ({page.total})", "\n".join(_line(reminder) for reminder in page.items))
    if page.pages > 1:
        embed.set_footer(text=f"Page {page.page} of {page.pages}")
    return embed


def choice_text(reminder: Reminder) -> str:
    """Return a reminder in one line without markup, for completion."""
    wait = max(reminder.reminder_expires_at - now(), timedelta(seconds=1))
    content = " ".join(reminder.reminder_content.split())
    return shorten(f"#{reminder.id} in {span_words(wait)}: {content}", MAX_CHOICE)


def repeat_words(reminder: Reminder) -> str:
    """Return how often a reminder comes again."""
    words = span_words(timedelta(seconds=reminder.reminder_repeat_seconds or 0), exact=True)
    return f"Every {words.removeprefix('1 ')}"


def _line(reminder: Reminder) -> str:
    again = f" ({repeat_words(reminder).lower()})" if reminder.reminder_repeat_seconds is not None else ""
    content = shorten(" ".join(reminder.reminder_content.split()), MAX_LINE)
    return f"**#{reminder.id}** {format_dt(reminder.reminder_expires_at, 'R')}{again}: {content}"
