"""`/cases`: list, view, search, add, modify, reopen and void."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

import discord
from discord import app_commands
from discord.ext import commands

from plugins.moderation.checks import MODERATOR, check_target
from plugins.moderation.cog.actions import order_each
from plugins.moderation.cog.modlog import show_case
from plugins.moderation.cog.orders import (
    MAX_CHOICE,
    MAX_CHOICES,
    REASON,
    Context,
    Order,
    complete_reason,
    read_request,
)
from plugins.moderation.errors import CaseCannotChange, InvalidFlag, UnknownCase
from plugins.moderation.kinds import KINDS
from plugins.moderation.managers import MAX_NUMBER, CaseManager, case_filters
from plugins.moderation.views import add_notes, case_embed, lasting_note, page_embed
from plugins.moderation.words import Takes
from tux.cog import BaseCog, PluginBot, guild_of, requires_rank
from tux.errors import UserError
from tux.ui import Pages
from tux.ui.embeds import shorten

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from plugins.moderation.models import Case
    from tux.manager import PaginationResult

PER_PAGE = 10
SHOWN_NOTES = 3

Number = commands.Range[int, 1, MAX_NUMBER]
Words = commands.Range[str, 2, 100]


async def complete_number(interaction: discord.Interaction[PluginBot], typed: str) -> list[app_commands.Choice[int]]:
    """Offer the newest cases whose number, type or reason has what was typed."""
    if interaction.guild is None:
        return []
    recent = await interaction.client.db[CaseManager].get_recent_cases(interaction.guild.id, MAX_CHOICES)
    labels = {case.case_number: f"#{case.case_number} {case.case_type}: {case.case_reason or ''}" for case in recent}
    return [
        app_commands.Choice(name=shorten(label, MAX_CHOICE), value=number)
        for number, label in labels.items()
        if str(typed).lower() in label.lower()
    ]


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
        await self._send_pages(ctx, case_filters(guild_of(ctx).id, {"user_id": user.id if user else None}))

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
        if kind is not None and kind not in (kinds := await self.manager.kinds_in(guild_of(ctx).id)):
            raise UserError(f"`{kind[:50]}` is neither a member nor a type of case. Types: {', '.join(sorted(kinds))}.")
        options = {
            "user_id": user.id if user else None,
            "moderator_id": moderator.id if moderator else None,
            "case_type": kind,
        }
        await self._send_pages(ctx, case_filters(guild_of(ctx).id, options))

    @cases.command(name="search")
    @app_commands.describe(text="What the reason has in it")
    @commands.guild_only()
    @requires_rank(MODERATOR)
    async def search_cases(self, ctx: Context, *, text: Words) -> None:
        """List the cases whose reason has some words in it, newest first."""
        await self._send_pages(ctx, {"guild_id": guild_of(ctx).id, "case_reason": {"icontains": text}})

    @cases.command(name="view")
    @app_commands.describe(number="The number of the case")
    @app_commands.autocomplete(number=complete_number)
    @commands.guild_only()
    @requires_rank(MODERATOR)
    async def view_case(self, ctx: Context, number: Number) -> None:
        """Show a case in full, and what moderators noted about the member."""
        case = _found(await self.manager.get_case_by_number(number, guild_of(ctx).id), number)
        embed = await self._embed(case)
        found = await self._notes(case)
        if ctx.interaction is not None or _is_closed(ctx):
            add_notes(embed, found)
        elif found:
            embed.set_footer(text="There are notes about the member: /notes list shows them to you alone.")
        await ctx.send(embed=embed, ephemeral=bool(found))

    @cases.command(name="add")
    @app_commands.describe(
        kind="The type: one that this server or another plugin added", member="About whom", reason=REASON
    )
    @app_commands.rename(kind="type")
    @app_commands.autocomplete(reason=complete_reason)
    @commands.guild_only()
    @requires_rank(MODERATOR)
    async def add_case(self, ctx: Context, kind: str, member: discord.Member, *, reason: str | None = None) -> None:
        """Make a case of a type that this server or another plugin added."""
        kinds = {k: v for k, v in (await self.manager.kinds_in(guild_of(ctx).id)).items() if k not in KINDS}
        chosen = kinds.get(kind.upper())
        if chosen is None:
            known = ", ".join(sorted(kinds))
            others = f"There are: {known}." if known else "There are none yet; `/casetypes add` makes one."
            raise UserError(f"`{kind[:50]}` is no type that cases can be added of. {others}")
        request = await read_request(ctx, member, reason, Takes(frozenset({"duration"})))
        if request.words.duration is not None and not chosen.expires:
            raise InvalidFlag(f"Cases of type {chosen.name} do not expire; leave `-duration` out.")

        def order(target: discord.Member) -> Order:
            check_target(request.moderator, target, "act on")
            return request.order(chosen, target)

        await order_each(ctx, "act on", request, order)

    @cases.command(name="modify")
    @app_commands.describe(number="The number of the case", status="Whether it still stands", reason="The new reason")
    @app_commands.autocomplete(number=complete_number)
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
        """Change reason or status of a case; what it began goes on until it ends or is lifted."""
        if status is None and reason is None:
            raise UserError("Say what to change: a status (`active` or `closed`), a new reason, or both.")
        case = await self.manager.change_case(
            guild_of(ctx).id,
            number,
            actor_id=ctx.author.id,
            reason=reason,
            active=None if status is None else status == "active",
        )
        await self._show(ctx, _found(case, number))

    @cases.command(name="reopen")
    @app_commands.describe(number="The number of a closed or voided case")
    @app_commands.autocomplete(number=complete_number)
    @commands.guild_only()
    @requires_rank(MODERATOR)
    async def reopen_case(self, ctx: Context, number: Number) -> None:
        """Let a closed or voided case stand again; nothing is done to the member."""
        case = await self.manager.reopen_case(guild_of(ctx).id, number, actor_id=ctx.author.id)
        if case is None:
            case = _found(await self.manager.get_case_by_number(number, guild_of(ctx).id), number)
            if case.case_status:
                raise UserError(f"Case #{number} stands already.")
            why = shorten(case.case_void_reason or "", 200)
            raise CaseCannotChange(f"Case #{number} cannot stand, for nothing happened: {why}")
        await self._show(ctx, case)

    @cases.command(name="void")
    @app_commands.describe(number="The number of the case", reason="Why it shall not count")
    @app_commands.autocomplete(number=complete_number)
    @commands.guild_only()
    @requires_rank(MODERATOR)
    async def void_case(self, ctx: Context, number: Number, *, reason: str) -> None:
        """Declare that a case does not count; what it began goes on until it ends or is lifted."""
        guild_id = guild_of(ctx).id
        voided = await self.manager.void_by_number(guild_id, number, reason, voided_by=ctx.author.id)
        if voided is None:
            case = _found(await self.manager.get_case_by_number(number, guild_id), number)
            raise UserError(f"Case #{number} is voided already: {shorten(case.case_void_reason or '', 200)}")
        await self._show(ctx, voided)

    @list_cases.autocomplete("kind")
    async def complete_kind(
        self, interaction: discord.Interaction[PluginBot], typed: str
    ) -> list[app_commands.Choice[str]]:
        """Offer the types that begin with what was typed."""
        kinds = await self.manager.kinds_in(interaction.guild.id) if interaction.guild else self.manager.kinds()
        return _choices(name for name in kinds if name.startswith(typed.upper()))

    @add_case.autocomplete("kind")
    async def complete_open_kind(
        self, interaction: discord.Interaction[PluginBot], typed: str
    ) -> list[app_commands.Choice[str]]:
        """Offer the types that cases can be added of."""
        kinds = await self.manager.kinds_in(interaction.guild.id) if interaction.guild else self.manager.kinds()
        return _choices(name for name in kinds if name.startswith(typed.upper()) and name not in KINDS)

    async def _notes(self, case: Case) -> list[Any]:
        """Return the newest notes about a case's member; none without the plugin that keeps them."""
        notes: Any = self.db.find("note")
        if notes is None:
            return []
        found: list[Any] = await notes.list_notes(guild_id=case.guild_id, user_id=case.case_user_id, limit=SHOWN_NOTES)
        return found

    async def _embed(self, case: Case) -> discord.Embed:
        return case_embed(case, (await self.manager.kinds_in(case.guild_id)).get(case.case_type))

    async def _show(self, ctx: Context, case: Case) -> None:
        await show_case(self.bot, case)
        embed = await self._embed(case)
        embed.description = lasting_note(case)
        await ctx.send(embed=embed)

    async def _send_pages(self, ctx: Context, filters: Mapping[str, object]) -> None:
        async def load(page: int) -> PaginationResult[Case]:
            return await self.manager.paginate(page, PER_PAGE, dict(filters), "-case_number")

        await Pages.send(ctx, load, page_embed)


def _choices(names: Iterable[str]) -> list[app_commands.Choice[str]]:
    return [app_commands.Choice(name=name, value=name) for name in sorted(names)[:MAX_CHOICES]]


def _is_closed(ctx: Context) -> bool:
    """Say whether only chosen members see the channel."""
    channel = ctx.channel
    if ctx.guild is None or not isinstance(channel, discord.abc.GuildChannel):
        return False
    return not channel.permissions_for(ctx.guild.default_role).view_channel


def _found(case: Case | None, number: int) -> Case:
    if case is None:
        raise UnknownCase(f"There is no case #{number} here. `/cases list` shows those that exist.")
    return case
