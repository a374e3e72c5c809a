"""Warn, kick, ban, unban, time out and release."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import discord
from discord import app_commands
from discord.ext import commands

from plugins.moderation.checks import (
    MODERATOR,
    check_permission,
    check_target,
    check_timeout,
    find_ban,
    find_member,
)
from plugins.moderation.cog.actions import Order, carry_out
from plugins.moderation.durations import MAX_TIMEOUT, parse_duration
from plugins.moderation.errors import CannotModerate
from plugins.moderation.models import CaseType
from tux.clock import now
from tux.cog import BaseCog, PluginBot, requires_rank
from tux.ui import Confirm, warning

if TYPE_CHECKING:
    from datetime import datetime

Context = commands.Context[PluginBot]

SILENT = "-silent"
_REASON = f"Why; with {SILENT} in it the member gets no message"


class ModerationCog(BaseCog, name="Moderation"):
    """Commands that act on a member. Each makes a case exactly if the action happened."""

    @commands.hybrid_command()
    @app_commands.describe(member="Whom to warn", reason=_REASON)
    @commands.guild_only()
    @requires_rank(MODERATOR)
    async def warn(self, ctx: Context, member: discord.Member, *, reason: str | None = None) -> None:
        """Warn a member."""
        order = _order(ctx, CaseType.WARN, member, reason)
        check_target(order.moderator, member, "warn")
        await carry_out(ctx, order, None)

    @commands.hybrid_command()
    @app_commands.describe(member="Whom to kick", reason=_REASON)
    @commands.guild_only()
    @requires_rank(MODERATOR)
    async def kick(self, ctx: Context, member: discord.Member, *, reason: str | None = None) -> None:
        """Kick a member; they may come back."""
        order = _order(ctx, CaseType.KICK, member, reason)
        check_target(order.moderator, member, "kick")
        await carry_out(ctx, order, partial(member.kick, reason=order.audit_reason))

    @commands.hybrid_command()
    @app_commands.describe(user="Whom to ban; they need not be here", reason=_REASON)
    @commands.guild_only()
    @requires_rank(MODERATOR)
    async def ban(self, ctx: Context, user: discord.User, *, reason: str | None = None) -> None:
        """Ban a user, after you confirm it."""
        order = await self._ban_order(ctx, user, reason)
        question = f"Ban {order.target.mention} (`{order.target.id}`)?\n{order.reason or ''}".strip()
        if not await Confirm.ask(ctx, "Please confirm", question, label="Ban"):
            await ctx.send(embed=warning("Nothing was done", f"{order.target.mention} was not banned."), ephemeral=True)
            return
        # Roles and bans may have changed while the moderator thought.
        order = await self._ban_order(ctx, user, reason)
        guild = order.moderator.guild
        act = partial(guild.ban, order.target, reason=order.audit_reason, delete_message_seconds=0)
        await carry_out(ctx, order, act)

    async def _ban_order(self, ctx: Context, user: discord.User | discord.Member, reason: str | None) -> Order:
        moderator = _moderator(ctx)
        target = await find_member(moderator.guild, user)
        here = isinstance(target, discord.Member)
        order = _order(ctx, CaseType.BAN if here else CaseType.HACKBAN, target, reason)
        check_target(moderator, target, "ban")
        if not here and await find_ban(moderator.guild, target):
            raise CannotModerate(f"{target.mention} is banned already.")
        return order

    @commands.hybrid_command()
    @app_commands.describe(user="Whose ban to lift", reason=_REASON)
    @commands.guild_only()
    @requires_rank(MODERATOR)
    async def unban(self, ctx: Context, user: discord.User, *, reason: str | None = None) -> None:
        """Lift a ban."""
        order = _order(ctx, CaseType.UNBAN, user, reason)
        guild = order.moderator.guild
        check_permission(guild, "unban")
        if not await find_ban(guild, user):
            raise CannotModerate(f"{user.mention} is not banned.")
        await carry_out(ctx, order, partial(guild.unban, user, reason=order.audit_reason))

    @commands.hybrid_command()
    @app_commands.describe(member="Whom to time out", duration="How long: 10m, 2h30m, at most 28d", reason=_REASON)
    @commands.guild_only()
    @requires_rank(MODERATOR)
    async def timeout(self, ctx: Context, member: discord.Member, duration: str, *, reason: str | None = None) -> None:
        """Keep a member from talking for a while."""
        until = now() + parse_duration(duration, longest=MAX_TIMEOUT)
        order = _order(ctx, CaseType.TIMEOUT, member, reason, until)
        check_target(order.moderator, member, "time out")
        check_timeout(member)
        await carry_out(ctx, order, partial(member.timeout, until, reason=order.audit_reason))

    @commands.hybrid_command()
    @app_commands.describe(member="Whose timeout to end", reason=_REASON)
    @commands.guild_only()
    @requires_rank(MODERATOR)
    async def untimeout(self, ctx: Context, member: discord.Member, *, reason: str | None = None) -> None:
        """Let a member talk again."""
        order = _order(ctx, CaseType.UNTIMEOUT, member, reason)
        check_target(order.moderator, member, "release")
        if not member.is_timed_out():
            raise CannotModerate(f"{member.mention} is not timed out.")
        await carry_out(ctx, order, partial(member.timeout, None, reason=order.audit_reason))


def _moderator(ctx: Context) -> discord.Member:
    if not isinstance(ctx.author, discord.Member):
        raise commands.NoPrivateMessage
    return ctx.author


def _order(
    ctx: Context,
    case_type: CaseType,
    target: discord.Member | discord.User,
    text: str | None,
    expires_at: datetime | None = None,
) -> Order:
    words = (text or "").split(" ")
    reason = " ".join(word for word in words if word != SILENT).strip()
    return Order(case_type, _moderator(ctx), target, reason or None, SILENT in words, expires_at)
