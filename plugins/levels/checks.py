"""Which roles of levels a member gets and loses, as far as the bot may."""

from __future__ import annotations

from typing import TYPE_CHECKING

import discord
from loguru import logger

if TYPE_CHECKING:
    from collections.abc import Set as AbstractSet

    from plugins.levels.settings import LevelSettings

log = logger.bind(plugin="levels")


async def move_roles(member: discord.Member, settings: LevelSettings, level: int, *, ask: bool = False) -> bool:
    """Give a member the roles of a level and take the other levels' roles; what Discord refuses is left as it is.

    With `ask` Discord is asked first which roles they have: it may not have told yet. Returns whether any may have moved.
    """
    wanted, rewards = settings.roles_at(level), set(settings.rewards.values())
    try:
        if ask:
            member = await member.guild.fetch_member(member.id)
        held = {role.id for role in member.roles}
        given = _assignable(member.guild, wanted - held)
        taken = _assignable(member.guild, (rewards & held) - wanted)
        if given:
            await member.add_roles(*given, reason=f"Level {level}")
        if taken:
            await member.remove_roles(*taken, reason=f"Level {level}")
        return bool(given or taken)
    except discord.HTTPException as refused:  # the member left, or rights were taken away this moment
        log.warning("Roles of user {} in guild {} stay: {}", member.id, member.guild.id, refused.text)
        return True


def _assignable(guild: discord.Guild, role_ids: AbstractSet[int]) -> list[discord.Role]:
    """Return those of some roles that exist and are below the bot's, if it may manage any."""
    if not role_ids or not guild.me.guild_permissions.manage_roles:
        return []
    found = (guild.get_role(role_id) for role_id in sorted(role_ids))
    return [role for role in found if role is not None and role.is_assignable()]
