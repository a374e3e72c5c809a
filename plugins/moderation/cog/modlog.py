"""The mod-log: one message a case, kept up to date."""

from __future__ import annotations

from typing import TYPE_CHECKING

import discord
from loguru import logger

from plugins.moderation.checks import DISCORD_TROUBLE
from plugins.moderation.managers import CaseManager
from plugins.moderation.views import case_embed
from tux.errors import DatabaseError

if TYPE_CHECKING:
    from plugins.moderation.models import Case
    from tux.cog import PluginBot

log = logger.bind(plugin="moderation")


async def show_case(bot: PluginBot, case: Case) -> None:
    """Post a case to its guild's mod-log, or edit the message that shows it.

    What it reports has happened, so a log that cannot be written is logged and stops nobody.
    """
    message_id = await post_case(bot, case)
    if message_id is None:
        return
    try:
        await bot.db[CaseManager].update_mod_log_message_id(case.case_id, message_id)
    except DatabaseError as error:
        log.warning("The mod-log's message of case {} could not be remembered: {}", case.case_id, error)


async def post_case(bot: PluginBot, case: Case) -> int | None:
    """Do the same, and return the id of a new message for whoever stores it with the rest of what happened."""
    try:
        channel_id = await bot.db.guild_config.get_mod_log_id(case.guild_id)
        if channel_id is None:
            return None
        channel = bot.get_partial_messageable(channel_id, guild_id=case.guild_id)
        embed = case_embed(case, (await bot.db[CaseManager].kinds_in(case.guild_id)).get(case.case_type))
        if case.mod_log_message_id is None or not await _edit(channel, case.mod_log_message_id, embed):
            return (await channel.send(embed=embed)).id
    except (*DISCORD_TROUBLE, DatabaseError) as error:
        log.warning("Mod-log of guild {} could not be written: {}", case.guild_id, error)
    return None


async def _edit(channel: discord.PartialMessageable, message_id: int, embed: discord.Embed) -> bool:
    try:
        await channel.get_partial_message(message_id).edit(embed=embed)
    except discord.NotFound:  # somebody deleted it, or chose another channel since
        return False
    return True
