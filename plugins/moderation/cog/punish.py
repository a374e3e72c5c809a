"""Warn, kick, ban for good or for a time, and unban."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

import discord
from discord import app_commands
from discord.ext import commands

from plugins.moderation.checks import MODERATOR, check_permission, check_target, find_ban, find_member
from plugins.moderation.cog.actions import carry_out, confirm_targets, order_each
from plugins.moderation.cog.bans import SIGNED
from plugins.moderation.cog.orders import (
    REASON,
    Context,
    Order,
    Request,
    Target,
    after_duration,
    complete_reason,
    read_request,
)
from plugins.moderation.durations import MAX_SPAN
from plugins.moderation.errors import CannotModerate
from plugins.moderation.kinds import KINDS
from plugins.moderation.settings import ModerationSettings
from plugins.moderation.words import Takes
from tux.cog import BaseCog, requires_rank

_BAN = Takes(frozenset({"purge"}), outsiders=True)
_TEMPBAN = Takes(frozenset({"purge"}), MAX_SPAN, outsiders=True)
_BAN_REASON = "Why; -silent sends no message, -purge 1d deletes what they wrote in that time, @others bans them too"


class ModerationCog(BaseCog, name="Moderation"):
    """Commands that act on a member. Each makes a case exactly if the action happened."""

    @commands.hybrid_command()
    @app_commands.describe(member="Whom to warn", reason=REASON)
    @app_commands.autocomplete(reason=complete_reason)
    @commands.guild_only()
    @requires_rank(MODERATOR)
    async def warn(self, ctx: Context, member: discord.Member, *, reason: str | None = None) -> None:
        """Warn a member."""
        request = await read_request(ctx, member, reason)

        def order(target: discord.Member) -> Order:
            check_target(request.moderator, target, "warn")
            return request.order(KINDS["WARN"], target)

        await order_each(ctx, "warn", request, order)

    @commands.hybrid_command()
    @app_commands.describe(member="Whom to kick", reason=REASON)
    @app_commands.autocomplete(reason=complete_reason)
    @commands.guild_only()
    @requires_rank(MODERATOR)
    async def kick(self, ctx: Context, member: discord.Member, *, reason: str | None = None) -> None:
        """Kick a member; they may come back."""
        request = await read_request(ctx, member, reason)

        def order(target: discord.Member) -> Order:
            check_target(request.moderator, target, "kick")
            kick = partial(request.guild.kick, target, reason=request.audit_reason)
            return request.order(KINDS["KICK"], target, kick)

        await order_each(ctx, "kick", request, order)

    @commands.hybrid_command()
    @app_commands.describe(user="Whom to ban; they need not be here", reason=_BAN_REASON)
    @app_commands.autocomplete(reason=complete_reason)
    @commands.guild_only()
    @requires_rank(MODERATOR)
    async def ban(self, ctx: Context, user: discord.User, *, reason: str | None = None) -> None:
        """Ban a user, after you confirm it."""
        await self._ban(ctx, await read_request(ctx, user, reason, _BAN))

    @commands.hybrid_command()
    @app_commands.describe(
        user="Whom to ban; they need not be here", duration="How long: 12h, 7d, 2w", reason=_BAN_REASON
    )
    @app_commands.autocomplete(reason=complete_reason)
    @commands.guild_only()
    @requires_rank(MODERATOR)
    async def tempban(self, ctx: Context, user: discord.User, duration: str, *, reason: str | None = None) -> None:
        """Ban a user for a time, after you confirm it."""
        await self._ban(ctx, await read_request(ctx, user, after_duration(duration, reason), _TEMPBAN))

    @commands.hybrid_command()
    @app_commands.describe(user="Whose ban to lift", reason=REASON)
    @app_commands.autocomplete(reason=complete_reason)
    @commands.guild_only()
    @requires_rank(MODERATOR)
    async def unban(self, ctx: Context, user: discord.User, *, reason: str | None = None) -> None:
        """Lift a ban."""
        request = await read_request(ctx, user, reason, Takes(outsiders=True))
        check_permission(request.guild, "unban")
        for target in request.targets:
            if not await find_ban(request.guild, target):
                raise CannotModerate(f"{target.mention} is not banned.")
        targets = request.targets
        if len(targets) == 1 or await confirm_targets(ctx, "unban", targets, request.words.reason):
            unban = partial(request.guild.unban, reason=request.audit_reason)
            await carry_out(ctx, [request.order(KINDS["UNBAN"], each, partial(unban, each)) for each in targets])

    async def _ban(self, ctx: Context, request: Request) -> None:
        orders = await _ban_orders(request)
        settings = await self.db.settings.read(request.guild.id, ModerationSettings)
        asks, targets = settings.confirm_bans or len(orders) > 1, [each.target for each in orders]
        if asks and not await confirm_targets(ctx, "ban", targets, request.words.reason, request.expires_at):
            return
        # Roles and bans may have changed while the moderator thought.
        await carry_out(ctx, await _ban_orders(request))


async def _ban_orders(request: Request) -> list[Order]:
    return [await _ban_order(request, await find_member(request.guild, target)) for target in request.targets]


async def _ban_order(request: Request, target: Target) -> Order:
    guild, here = request.guild, isinstance(target, discord.Member)
    check_target(request.moderator, target, "ban")
    if not here and await find_ban(guild, target):
        raise CannotModerate(f"{target.mention} is banned already.")
    kind = "TEMPBAN" if request.expires_at else "BAN" if here else "HACKBAN"
    seconds = request.words.purge_seconds
    act = partial(guild.ban, target, reason=request.audit_reason, delete_message_seconds=seconds)
    return replace(request.order(KINDS[kind], target, act), metadata=SIGNED)
