"""What Discord lets the bot do to a member."""

from __future__ import annotations

from typing import TYPE_CHECKING

import discord

from plugins.afk.errors import CannotTimeOut

if TYPE_CHECKING:
    from datetime import datetime


async def rename_member(member: discord.Member, nick: str | None) -> bool:
    """Give a member a nickname, None for none; False when Discord does not let the bot."""
    if member.nick == nick:
        return True
    if not _is_above(member, "manage_nicknames"):
        return False
    try:
        await member.edit(nick=nick, reason="Away or back")
    except (discord.Forbidden, discord.NotFound):
        return False
    return True


def check_time_out(member: discord.Member) -> None:
    """Refuse a time-out that Discord would refuse.

    Raises:
        CannotTimeOut: the bot lacks the right, or the member is an administrator or not below it.
    """
    if member.guild_permissions.administrator:
        raise CannotTimeOut("Discord does not let anybody time administrators out. `/afk permanent` is what is left.")
    if not _is_above(member, "moderate_members"):
        raise CannotTimeOut("I may not time you out: I need the right for it, and a role above yours.")


async def time_out(member: discord.Member, until: datetime | None) -> None:
    """Time a member out until then, None for no longer.

    Raises:
        CannotTimeOut: Discord refused.
    """
    try:
        await member.timeout(until, reason="A time-out that the member asked for")
    except discord.Forbidden:
        raise CannotTimeOut(
            "Discord does not let me change your time-out. Ask an administrator to look at my role."
        ) from None


def _is_above(member: discord.Member, permission: str) -> bool:
    """Return whether the bot has a right and its roles are above the member's; what is not known is not refused."""
    me = member.guild.me
    if me is None:  # pyright: ignore[reportUnnecessaryComparison] - a guild that was fetched has no members
        return True
    mine = bool(getattr(me.guild_permissions, permission)) or me.guild_permissions.administrator
    return mine and member.id != member.guild.owner_id and me.top_role > member.top_role
