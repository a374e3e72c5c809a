"""Everything that forbids an action, asked before anything is done."""

from __future__ import annotations

import aiohttp
import discord

from plugins.moderation.errors import CannotModerate

MODERATOR = 3
ADMINISTRATOR = 7

# What a request to Discord can end with: a refusal, or no answer at all.
DISCORD_TROUBLE = (discord.DiscordException, aiohttp.ClientError, OSError)

# What the bot needs for an action, in Discord's words; `warn` needs nothing.
PERMISSIONS = {
    "ban": "ban_members",
    "unban": "ban_members",
    "kick": "kick_members",
    "time out": "moderate_members",
    "release": "moderate_members",
    "jail": "manage_roles",
    "unjail": "manage_roles",
}


def check_target(moderator: discord.Member, target: discord.Member | discord.User, verb: str) -> None:
    """Refuse an action that whom it would hit, or who asked, forbids.

    Raises:
        CannotModerate: yourself, the bot, the owner, somebody as high as the moderator or the bot, a missing permission.
    """
    guild = moderator.guild
    moderator = guild.get_member(moderator.id) or moderator  # an interaction has them as they were when it began
    if target.id == moderator.id:
        raise CannotModerate(f"You cannot {verb} yourself.")
    if target.id == guild.me.id:
        raise CannotModerate(f"I cannot {verb} myself.")
    if target.id == guild.owner_id:
        raise CannotModerate(f"Nobody can {verb} the owner of the server.")
    if isinstance(target, discord.Member):
        if moderator.id != guild.owner_id and moderator.top_role <= target.top_role:
            raise CannotModerate(
                f"You cannot {verb} {target.mention}: their highest role, {target.top_role.mention}, is not below yours."
            )
        if verb in PERMISSIONS and guild.me.top_role <= target.top_role:
            raise CannotModerate(
                f"I cannot {verb} {target.mention}: their highest role, {target.top_role.mention}, is not below mine. "
                "Move my role above it."
            )
    check_permission(guild, verb)


def check_permission(guild: discord.Guild, verb: str) -> None:
    """Refuse an action that the bot itself may not do.

    Raises:
        CannotModerate: names the permission that is missing.
    """
    needed = PERMISSIONS.get(verb)
    if needed is not None and not getattr(guild.me.guild_permissions, needed):
        title = needed.replace("_", " ").title()
        raise CannotModerate(f"I cannot {verb} anybody here: I lack the permission **{title}**. Give it to my role.")


def check_jail_role(guild: discord.Guild, role_id: int | None) -> discord.Role:
    """Return the role that keeps members in jail.

    Raises:
        CannotModerate: none was chosen, it is gone, or it is not below the bot's highest role.
    """
    role = guild.get_role(role_id) if role_id is not None else None
    if role is None:
        raise CannotModerate("There is no jail here yet. Choose its channel and role by `/config jail`.")
    if role >= guild.me.top_role:
        raise CannotModerate(f"I cannot give {role.mention}: it is not below my highest role. Move my role above it.")
    return role


def check_channel(channel: discord.abc.GuildChannel | discord.Thread, *needed: str) -> None:
    """Refuse work in a channel where the bot lacks a permission for it.

    Raises:
        CannotModerate: names the permission that is missing.
    """
    have = channel.permissions_for(channel.guild.me)
    for name in needed:
        if not getattr(have, name):
            title = name.replace("_", " ").title()
            raise CannotModerate(f"I lack the permission **{title}** in {channel.mention}. Give it to my role.")


def check_timeout(target: discord.Member) -> None:
    """Refuse to time an administrator out, which Discord forbids.

    Raises:
        CannotModerate: the target is an administrator.
    """
    if target.guild_permissions.administrator:
        raise CannotModerate(f"Discord lets nobody time out an administrator, and {target.mention} is one.")


def is_refusal(error: Exception) -> bool:
    """Say whether Discord declined a request, so that nothing was done; after any other trouble that is open."""
    return isinstance(error, discord.HTTPException) and not isinstance(error, discord.DiscordServerError)


async def find_ban(guild: discord.Guild, user: discord.abc.Snowflake) -> discord.BanEntry | None:
    """Return the ban of a user in a guild, or None."""
    try:
        return await guild.fetch_ban(user)
    except discord.NotFound:
        return None


async def find_member(guild: discord.Guild, user: discord.Member | discord.User) -> discord.Member | discord.User:
    """Return the member as the guild has it now, or the user as they were given when they are not in it."""
    member = guild.get_member(user.id)
    if member is not None:
        return member
    try:
        return await guild.fetch_member(user.id)
    except discord.NotFound:
        return user
