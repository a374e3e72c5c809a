"""How an action is carried out: the case first, then Discord; what Discord refuses voids the case."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import discord
from loguru import logger

from plugins.moderation.checks import DISCORD_TROUBLE
from plugins.moderation.cog.modlog import show_case
from plugins.moderation.errors import ActionFailed
from plugins.moderation.kinds import BUILT_IN
from plugins.moderation.managers import CaseManager
from plugins.moderation.views import notice_embed
from tux.ui import success
from tux.ui.embeds import shorten

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from datetime import datetime

    from discord.ext import commands

    from plugins.moderation.models import Case, CaseType
    from tux.cog import PluginBot

# https://discord.com/developers/docs/resources/audit-log
MAX_AUDIT_REASON = 512

_KINDS = {kind.name: kind for kind in BUILT_IN}

log = logger.bind(plugin="moderation")


@dataclass(frozen=True, slots=True)
class Order:
    """What a moderator wants done to whom. `silent` sends the member no message."""

    case_type: CaseType
    moderator: discord.Member
    target: discord.Member | discord.User
    reason: str | None = None
    silent: bool = False
    expires_at: datetime | None = None

    @property
    def audit_reason(self) -> str:
        """The reason as it fits into Discord's audit log, with the moderator's name; the case holds all of it."""
        return shorten(f"{self.moderator} ({self.moderator.id}): {self.reason or 'no reason given'}", MAX_AUDIT_REASON)


async def carry_out(
    ctx: commands.Context[PluginBot], order: Order, act: Callable[[], Awaitable[object]] | None
) -> Case:
    """Make the case, tell the member, act, and show the case in the mod-log and to the moderator.

    Raises:
        ActionFailed: Discord refused; the case is voided with the reason and the member's notice is taken back.
    """
    if ctx.interaction is None or not ctx.interaction.response.is_done():  # after a question it has its answer already
        await ctx.defer()
    case = await ctx.bot.db[CaseManager].create_case(
        guild_id=order.moderator.guild.id,
        case_type=order.case_type,
        case_user_id=order.target.id,
        case_moderator_id=order.moderator.id,
        case_reason=order.reason,
        case_expires_at=order.expires_at,
    )
    notice = None if order.silent else await _notify(order, case)
    if act is not None:
        try:
            await act()
        except DISCORD_TROUBLE as error:
            await _take_back(ctx.bot, case, notice, error)
            raise ActionFailed(_refusal(case, error)) from error
    await show_case(ctx.bot, case)
    await ctx.send(embed=_answer(order, case, told=notice is not None))
    return case


async def _notify(order: Order, case: Case) -> discord.Message | None:
    """Send the member a direct message; before a ban or kick, because none gets through after it."""
    embed = notice_embed(case, _KINDS[order.case_type], order.moderator.guild.name)
    try:
        return await order.target.send(embed=embed)
    except DISCORD_TROUBLE:
        log.debug("Direct messages of user {} are closed", order.target.id)
        return None


async def _take_back(bot: PluginBot, case: Case, notice: discord.Message | None, error: Exception) -> None:
    voided = await bot.db[CaseManager].void(case.case_id, shorten(f"Discord refused: {error}", 500))
    try:
        if notice is not None:
            await notice.delete()
    except DISCORD_TROUBLE as trouble:
        log.warning("The notice of case {} could not be taken back: {}", case.case_id, trouble)
    if voided is not None:
        await show_case(bot, voided)


def _refusal(case: Case, error: Exception) -> str:
    why = error.text if isinstance(error, discord.HTTPException) else "it did not answer"
    hint = " Check my permissions and the position of my role." if isinstance(error, discord.Forbidden) else ""
    return f"Discord refused: {why}. Nothing was done, and case #{case.case_number} is voided.{hint}"


def _answer(order: Order, case: Case, *, told: bool) -> discord.Embed:
    done = f"{order.target.mention} was {_KINDS[order.case_type].past}."
    if order.expires_at is not None:
        done += f" Until {discord.utils.format_dt(order.expires_at)}."
    embed = success(f"Case #{case.case_number}: {order.case_type}", f"{done}\n{order.reason or ''}".strip())
    if not told:
        embed.set_footer(text="No message was sent to them." if order.silent else "They could not be sent a message.")
    return embed
