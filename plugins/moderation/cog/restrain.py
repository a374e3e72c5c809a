"""Time-outs, jail, and what keeps members from snippets and polls."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

import discord
from discord import app_commands
from discord.ext import commands

from plugins.moderation.checks import MODERATOR, check_jail_role, check_permission, check_target, check_timeout
from plugins.moderation.cog.actions import order_each
from plugins.moderation.cog.jail import free, jail_roles, lock_up, role_given, roles_taken
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
from plugins.moderation.durations import MAX_TIMEOUT
from plugins.moderation.errors import CannotModerate
from plugins.moderation.kinds import KINDS
from plugins.moderation.managers import CaseManager
from plugins.moderation.words import Takes
from tux.cog import BaseCog, requires_rank

_TIMEOUT = Takes(longest=MAX_TIMEOUT)
_TIMED = Takes(frozenset({"duration"}))
_TIMED_REASON = "Why; -duration 7d ends it by itself, -silent sends no message, @others are meant too"


class RestrainCog(BaseCog, name="Restraints"):
    """Commands that keep a member from something for a while."""

    @commands.hybrid_command()
    @app_commands.describe(member="Whom to time out", duration="How long: 10m, 2h30m, at most 28d", reason=REASON)
    @app_commands.autocomplete(reason=complete_reason)
    @commands.guild_only()
    @requires_rank(MODERATOR)
    async def timeout(self, ctx: Context, member: discord.Member, duration: str, *, reason: str | None = None) -> None:
        """Keep a member from talking for a while."""
        request = await read_request(ctx, member, after_duration(duration, reason), _TIMEOUT)

        def order(target: discord.Member) -> Order:
            check_target(request.moderator, target, "time out")
            check_timeout(target)
            act = partial(target.timeout, request.expires_at, reason=request.audit_reason)
            return request.order(KINDS["TIMEOUT"], target, act)

        await order_each(ctx, "time out", request, order)

    @commands.hybrid_command()
    @app_commands.describe(member="Whose timeout to end", reason=REASON)
    @app_commands.autocomplete(reason=complete_reason)
    @commands.guild_only()
    @requires_rank(MODERATOR)
    async def untimeout(self, ctx: Context, member: discord.Member, *, reason: str | None = None) -> None:
        """Let a member talk again."""
        request = await read_request(ctx, member, reason)

        def order(target: discord.Member) -> Order:
            check_target(request.moderator, target, "release")
            if not target.is_timed_out():
                raise CannotModerate(f"{target.mention} is not timed out.")
            act = partial(target.timeout, None, reason=request.audit_reason)
            return request.order(KINDS["UNTIMEOUT"], target, act)

        await order_each(ctx, "release", request, order)

    @commands.hybrid_command()
    @app_commands.describe(member="Whom to jail", reason=_TIMED_REASON)
    @app_commands.autocomplete(reason=complete_reason)
    @commands.guild_only()
    @requires_rank(MODERATOR)
    async def jail(self, ctx: Context, member: discord.Member, *, reason: str | None = None) -> None:
        """Take a member's roles away and put them in jail."""
        request = await read_request(ctx, member, reason, _TIMED)
        role = check_jail_role(request.guild, await self.db.guild_config.get_jail_role_id(request.guild.id))

        def order(target: discord.Member) -> Order:
            check_target(request.moderator, target, "jail")
            if role in target.roles:
                raise CannotModerate(f"{target.mention} is in jail already.")
            act = partial(lock_up, target, role, request.audit_reason)
            taken = request.order(KINDS["JAIL"], target, act, roles_taken(target, role))
            return replace(taken, metadata=role_given(role))

        await order_each(ctx, "jail", request, order)

    @commands.hybrid_command()
    @app_commands.describe(member="Whom to let out", reason=REASON)
    @app_commands.autocomplete(reason=complete_reason)
    @commands.guild_only()
    @requires_rank(MODERATOR)
    async def unjail(self, ctx: Context, member: discord.Member, *, reason: str | None = None) -> None:
        """Let a member out of jail and give their roles back."""
        request = await read_request(ctx, member, reason)
        check_permission(request.guild, "unjail")
        role_id = await self.db.guild_config.get_jail_role_id(request.guild.id)
        cases = await self.db[CaseManager].find_jailed(request.guild.id, [each.id for each in request.targets])

        def order(target: discord.Member) -> Order:
            check_target(request.moderator, target, "unjail")
            case = cases.get(target.id)
            jails = jail_roles(case, role_id)
            if not any(map(target.get_role, jails)) and (case is None or not case.case_status):
                raise CannotModerate(f"{target.mention} is not in jail.")
            act = partial(free, target, jails, case.case_user_roles if case else (), request.audit_reason)
            freed = request.order(KINDS["UNJAIL"], target, act)
            return replace(freed, metadata=case.case_metadata if case else None)

        await order_each(ctx, "unjail", request, order)

    @commands.hybrid_command()
    @app_commands.describe(member="Whom to keep from snippets", reason=_TIMED_REASON)
    @app_commands.autocomplete(reason=complete_reason)
    @commands.guild_only()
    @requires_rank(MODERATOR)
    async def snippetban(self, ctx: Context, member: discord.Member, *, reason: str | None = None) -> None:
        """Keep a member from making and changing snippets."""
        await self._bar(ctx, await read_request(ctx, member, reason, _TIMED), "SNIPPETBAN", "SNIPPETUNBAN")

    @commands.hybrid_command()
    @app_commands.describe(member="Who may use snippets again", reason=REASON)
    @app_commands.autocomplete(reason=complete_reason)
    @commands.guild_only()
    @requires_rank(MODERATOR)
    async def snippetunban(self, ctx: Context, member: discord.Member, *, reason: str | None = None) -> None:
        """Let a member make and change snippets again."""
        await self._unbar(ctx, await read_request(ctx, member, reason), "SNIPPETBAN", "SNIPPETUNBAN")

    @commands.hybrid_command()
    @app_commands.describe(member="Whom to keep from polls", reason=_TIMED_REASON)
    @app_commands.autocomplete(reason=complete_reason)
    @commands.guild_only()
    @requires_rank(MODERATOR)
    async def pollban(self, ctx: Context, member: discord.Member, *, reason: str | None = None) -> None:
        """Keep a member from making polls."""
        await self._bar(ctx, await read_request(ctx, member, reason, _TIMED), "POLLBAN", "POLLUNBAN")

    @commands.hybrid_command()
    @app_commands.describe(member="Who may make polls again", reason=REASON)
    @app_commands.autocomplete(reason=complete_reason)
    @commands.guild_only()
    @requires_rank(MODERATOR)
    async def pollunban(self, ctx: Context, member: discord.Member, *, reason: str | None = None) -> None:
        """Let a member make polls again."""
        await self._unbar(ctx, await read_request(ctx, member, reason), "POLLBAN", "POLLUNBAN")

    async def _bar(self, ctx: Context, request: Request, active: str, lifted: str) -> None:
        for target in request.targets:
            if await self._is_barred(request, target, active, lifted):
                raise CannotModerate(f"{target.mention} is {KINDS[active].past} already.")

        def order(target: discord.Member) -> Order:
            check_target(request.moderator, target, "bar")
            return request.order(KINDS[active], target)

        await order_each(ctx, "bar", request, order)

    async def _unbar(self, ctx: Context, request: Request, active: str, lifted: str) -> None:
        for target in request.targets:
            if not await self._is_barred(request, target, active, lifted):
                raise CannotModerate(f"{target.mention} is not {KINDS[active].past}.")

        def order(target: discord.Member) -> Order:
            check_target(request.moderator, target, "release")
            return request.order(KINDS[lifted], target)

        await order_each(ctx, "release", request, order)

    async def _is_barred(self, request: Request, target: Target, active: str, lifted: str) -> bool:
        return await self.db[CaseManager].is_user_under_restriction(
            guild_id=request.guild.id,
            user_id=target.id,
            active_restriction_type=active,
            inactive_restriction_type=lifted,
        )
