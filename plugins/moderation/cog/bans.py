"""How the ban of a temporary case is told from one that somebody made by hand since, and lifted."""

from __future__ import annotations

from typing import TYPE_CHECKING

import discord
from loguru import logger

from plugins.moderation.checks import find_ban

if TYPE_CHECKING:
    from plugins.moderation.models import Case

# What a case remembers whose ban has the moderator's signature; the id itself is not kept a second time.
SIGNED = {"ban_signed": True}

log = logger.bind(plugin="moderation")


def signature_of(moderator_id: int) -> str:
    """Return what tells an action of the bot for a moderator, in Discord's audit log, from one that was done by hand."""
    return f"({moderator_id}):"


async def lift_ban(guild: discord.Guild, case: Case, reason: str) -> None:
    """Lift the ban that a case began; one that was lifted, or made anew without the bot, is left as it is."""
    user = discord.Object(case.case_user_id)
    ban = await find_ban(guild, user)
    if ban is not None and _is_of(ban, case):
        await guild.unban(user, reason=reason)
    else:
        log.info("The ban of case {} was lifted before", case.case_id)


def _is_of(ban: discord.BanEntry, case: Case) -> bool:
    """Say whether a ban is the one of a case; of a case that remembers no signature, every ban is."""
    is_signed = SIGNED.items() <= (case.case_metadata or {}).items()
    return not is_signed or signature_of(case.case_moderator_id) in (ban.reason or "")
