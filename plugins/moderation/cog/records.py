"""`/cases`: list, view and modify."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import discord
from discord import app_commands
from discord.ext import commands

from plugins.moderation.checks import MODERATOR
from plugins.moderation.cog.modlog import show_case
from plugins.moderation.errors import UnknownCase
from plugins.moderation.managers import MAX_NUMBER, CaseManager, case_filters
from plugins.moderation.views import case_embed, page_embed
from tux.cog import BaseCog, PluginBot, requires_rank
from tux.errors import UserError
from tux.ui import Pages

if TYPE_CHECKING:
    from collections.abc import Mapping

    from plugins.moderation.models import Case
    from tux.manager import PaginationResult

PER_PAGE = 10
# Discord shows at most 25 choices. https://discord.com/developers/docs/interactions/application-commands
MAX_CHOICES = 25

Context = commands.Context[PluginBot]
Number = commands.Range[int, 1, MAX_NUMBER]


class CasesCog(BaseCog, name="Cases"):
    """What was done to whom, by whom and why."""

    def __init__(self, bot: PluginBot) -> None:
        super().__init__(bot)
        self.manager = self.db[CaseManager]

    @commands.hybrid_group()
    @commands.guild_only()
    @requires_rank(MODERATOR)
    async def cases(self, ctx: Context, user: discord.User | None = None) -> None:
        """List the cases of this server, or those about one user."""
        await self._send_pages(ctx, {"user_id": user.id if user else None})

    @cases.command(name="list")
    @app_commands.describe(user="Only cases about them", moderator="Only cases by them", kind="Only cases of this type")
    @app_commands.rename(kind="type")
    @commands.guild_only()
    @requires_rank(MODERATOR)
    async def list_cases(
        self,
        ctx: Context,
        user: discord.User | None = None,
        moderator: discord.User | None = None,
        kind: str | None = None,
    ) -> None:
        """List the cases of this server, newest first."""
        kind = kind.upper() if kind else None
        if kind is not None and kind not in (kinds := self.manager.kinds()):
            raise UserError(f"`{kind[:50]}` is neither a member nor a type of case. Types: {', '.join(sorted(kinds))}.")
        options = {
            "user_id": user.id if user else None,
            "moderator_id": moderator.id if moderator else None,
            "case_type": kind,
        }
        await self._send_pages(ctx, options)

    @cases.command(name="view")
    @app_commands.describe(number="The number of the case")
    @commands.guild_only()
    @requires_rank(MODERATOR)
    async def view_case(self, ctx: Context, number: Number) -> None:
        """Show a case in full."""
        case = await self.manager.get_case_by_number(number, _guild_id(ctx))
        if case is None:
            raise _unknown(number)
        await ctx.send(embed=case_embed(case, self.manager.kinds().get(case.case_type)))

    @cases.command(name="modify")
    @app_commands.describe(number="The number of the case", status="Whether it still stands", reason="The new reason")
    @commands.guild_only()
    @requires_rank(MODERATOR)
    async def modify_case(
        self,
        ctx: Context,
        number: Number,
        status: Literal["active", "closed"] | None = None,
        *,
        reason: str | None = None,
    ) -> None:
        """Change reason or status of a case; its message in the mod-log follows."""
        values: dict[str, object] = {}
        if status is not None:
            values["case_status"] = status == "active"
        if reason is not None:
            values["case_reason"] = reason
        if not values:
            raise UserError("Say what to change: a status (`active` or `closed`), a new reason, or both.")
        case = await self.manager.update_case_by_number(_guild_id(ctx), number, **values)
        if case is None:
            raise _unknown(number)
        await show_case(self.bot, case)
        await ctx.send(embed=case_embed(case, self.manager.kinds().get(case.case_type)))

    @list_cases.autocomplete("kind")
    async def complete_kind(self, _: discord.Interaction[PluginBot], typed: str) -> list[app_commands.Choice[str]]:
        """Offer the types that begin with what was typed."""
        names = sorted(name for name in self.manager.kinds() if name.startswith(typed.upper()))
        return [app_commands.Choice(name=name, value=name) for name in names[:MAX_CHOICES]]

    async def _send_pages(self, ctx: Context, options: Mapping[str, object]) -> None:
        filters = case_filters(_guild_id(ctx), options)

        async def load(page: int) -> PaginationResult[Case]:
            return await self.manager.paginate(page, PER_PAGE, filters, "-case_number")

        await Pages.send(ctx, load, page_embed)


def _guild_id(ctx: Context) -> int:
    if ctx.guild is None:
        raise commands.NoPrivateMessage
    return ctx.guild.id


def _unknown(number: int) -> UnknownCase:
    return UnknownCase(f"There is no case #{number} here. `/cases list` shows those that exist.")
