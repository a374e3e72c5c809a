"""The mod-log: one message a case, kept up to date."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import discord
from loguru import logger

from plugins.moderation.checks import DISCORD_TROUBLE
from plugins.moderation.managers import CaseManager
from plugins.moderation.views import case_embed, case_title
from tux.errors import DatabaseError

if TYPE_CHECKING:
    from plugins.moderation.models import Case
    from tux.cog import PluginBot

# How many messages are looked through, from a minute before a case was made by our clock: one request to Discord.
SEARCHED = 100
CLOCKS_DIFFER = timedelta(minutes=1)

log = logger.bind(plugin="moderation")


async def show_case(bot: PluginBot, case: Case) -> None:
    """Post a case to its guild's mod-log, or edit the message that shows it.

    What it reports has happened, so a log that cannot be written is logged and stops nobody.
    """
    message_id = await post_case(bot, case, fresh=False)
    if message_id is None or message_id == case.mod_log_message_id:
        return
    try:
        await bot.db[CaseManager].update_mod_log_message_id(case.case_id, message_id)
    except DatabaseError as error:
        log.warning("The mod-log's message of case {} could not be remembered: {}", case.case_id, error)


async def post_case(bot: PluginBot, case: Case, *, fresh: bool = True) -> int | None:
    """Do the same, and return the message's id for whoever stores it with the rest of what happened.

    A case that is not `fresh` may have a message that nobody remembers, because the process died: it is looked for.
    """
    try:
        channel_id = await bot.db.guild_config.get_mod_log_id(case.guild_id)
        if channel_id is None:
            return None
        channel = bot.get_partial_messageable(channel_id, guild_id=case.guild_id)
        embed = case_embed(case, (await bot.db[CaseManager].kinds_in(case.guild_id)).get(case.case_type))
        known = case.mod_log_message_id
        if known is None and not fresh:
            known = await _find(bot, channel, case)
        is_shown = known is not None and await _edit(channel, known, embed)
        return known if is_shown else (await channel.send(embed=embed)).id
    except (*DISCORD_TROUBLE, DatabaseError) as error:
        log.warning("Mod-log of guild {} could not be written: {}", case.guild_id, error)
    return None


def as_done(case: Case) -> Case:
    """Return a case as it is shown once its action has happened, though that is not stored yet."""
    case.case_pending = False
    return case


async def _find(bot: PluginBot, channel: discord.PartialMessageable, case: Case) -> int | None:
    """Return the id of the message that shows a case, among those that followed its making."""
    wanted = case_title(case)
    since = case.case_created_at - CLOCKS_DIFFER
    try:
        async for message in channel.history(limit=SEARCHED, after=since, oldest_first=True):
            if message.author == bot.user and any((embed.title or "").endswith(wanted) for embed in message.embeds):
                return message.id
    except discord.Forbidden:
        log.debug("The mod-log of guild {} may be written, not read", case.guild_id)
    return None


async def _edit(channel: discord.PartialMessageable, message_id: int, embed: discord.Embed) -> bool:
    try:
        await channel.get_partial_message(message_id).edit(embed=embed)
    except discord.NotFound:  # somebody deleted it, or chose another channel since
        return False
    return True
