"""Whether a reminder was told already by a process that could not note it any more."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import discord

from plugins.reminders.views import snooze_id

if TYPE_CHECKING:
    from datetime import datetime

    from plugins.reminders.models import Reminder
    from tux.cog import PluginBot

# How many messages are looked through, from a minute before the reminder was due by our clock: one request a place.
SEARCHED = 100
CLOCKS_DIFFER = timedelta(minutes=1)


async def was_told(bot: PluginBot, reminder: Reminder) -> bool:
    """Return whether the reminder stands in its channel or in the direct messages, known by its snooze buttons.

    Asked only when it is tried again: the process that tried before may have died after it was told.
    """
    since = reminder.reminder_expires_at - CLOCKS_DIFFER
    begin = snooze_id(reminder.id)
    try:
        private = await bot.create_dm(discord.Object(reminder.reminder_user_id))
    except (discord.Forbidden, discord.NotFound):
        private = None
    for place in (bot.get_partial_messageable(reminder.reminder_channel_id), private):
        if place is None:
            continue
        try:
            async for message in place.history(limit=SEARCHED, after=since, oldest_first=True):
                is_its = any(each.startswith(begin) for each in _button_ids(message))
                if is_its and message.author == bot.user and _is_of(message, reminder.reminder_expires_at):
                    return True
        except (discord.Forbidden, discord.NotFound):
            continue  # who may not read there may not have written there either
    return False


def _is_of(message: discord.Message, due_at: datetime) -> bool:
    """Return whether a message is about this time of a repeating reminder; Discord keeps milliseconds."""
    times = [embed.timestamp for embed in message.embeds if embed.timestamp is not None]
    return any(abs(each - due_at) < timedelta(seconds=1) for each in times)


def _button_ids(message: discord.Message) -> list[str]:
    rows = [row for row in message.components if isinstance(row, discord.ActionRow)]
    buttons = [button for row in rows for button in row.children if isinstance(button, discord.Button)]
    return [button.custom_id for button in buttons if button.custom_id]
