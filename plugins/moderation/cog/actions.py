"""How an order is carried out: the case first, then Discord; what Discord refuses voids the case."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import discord
from loguru import logger

from plugins.moderation.checks import DISCORD_TROUBLE, is_refusal
from plugins.moderation.cog.modlog import as_done, post_case, show_case
from plugins.moderation.errors import ActionFailed
from plugins.moderation.managers import CaseManager
from plugins.moderation.settings import ModerationSettings
from plugins.moderation.views import notice_embed
from tux.clock import now
from tux.ui import Confirm, success, warning
from tux.ui.embeds import shorten

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import datetime

    from plugins.moderation.cog.orders import Context, Order, Request, Target
    from plugins.moderation.kinds import CaseKind
    from plugins.moderation.models import Case
    from tux.cog import PluginBot

log = logger.bind(plugin="moderation")


class Done(NamedTuple):
    """An order that was carried out, its case, and whether the user could be told."""

    order: Order
    case: Case
    told: bool


async def confirm_targets(
    ctx: Context, verb: str, targets: Sequence[Target], reason: str | None, until: datetime | None = None
) -> bool:
    """Ask whether all of them are meant, and say so when the answer is no."""
    ends = f"Until {discord.utils.format_dt(until)} ({discord.utils.format_dt(until, 'R')})." if until else ""
    names = "\n".join(f"{target.mention} (`{target.id}`)" for target in targets)
    whom = names if len(targets) == 1 else f"{len(targets)} members:\n{names}"
    label = verb[0].upper() + verb[1:]
    if await Confirm.ask(
        ctx, "Please confirm", "\n".join(filter(None, (f"{label} {whom}?", ends, reason))), label=label
    ):
        return True
    who = f"{targets[0].mention} was" if len(targets) == 1 else "They were"
    past = {"ban": "banned"}.get(verb, "touched")
    await ctx.send(embed=warning("Nothing was done", f"{who} not {past}."), ephemeral=True)
    return False


async def order_each(ctx: Context, verb: str, request: Request, order: Callable[[discord.Member], Order]) -> None:
    """Check every member before anything is done to one; several are asked for first, then checked again.

    One of several may only be named in the reason, and roles may change while the moderator thinks.
    """

    def orders() -> list[Order]:
        return [order(target) for target in request.targets if isinstance(target, discord.Member)]

    ready = orders()
    if len(ready) > 1:
        if not await confirm_targets(ctx, verb, request.targets, request.words.reason):
            return
        ready = orders()
    await carry_out(ctx, ready)


async def carry_out(ctx: Context, orders: Sequence[Order]) -> None:
    """Carry out each order and answer with what became of it; one that fails does not stop the next.

    Raises:
        ActionFailed: it was the only one.
    """
    if ctx.interaction is None or not ctx.interaction.response.is_done():  # after a question it has its answer already
        await ctx.defer()
    if len(orders) == 1:
        await ctx.send(embed=_answer(await perform(ctx.bot, orders[0])))
        return
    lines: list[str] = []
    failed = 0
    for order in orders:
        try:
            done = await perform(ctx.bot, order)
        except ActionFailed as error:
            failed += 1
            lines.append(f"{order.target.mention}: {error}")
        else:
            lines.append(f"{order.target.mention} was {order.kind.past} (case #{done.case.case_number}).")
    title = f"{orders[0].kind.name}: {len(orders) - failed} of {len(orders)} members"
    await ctx.send(embed=(warning if failed else success)(title, "\n".join(lines)))


async def perform(bot: PluginBot, order: Order) -> Done:
    """Make the case, tell the user, act, and show the case in the mod-log.

    Raises:
        ActionFailed: Discord refused; the case is voided with the reason and the user's notice is taken back. Or it did
            not answer: then the case stays under way, and due work asks what became of it.
    """
    cases = bot.db[CaseManager]
    logged = await bot.db.guild_config.get_mod_log_id(order.moderator.guild.id) is not None
    case = await cases.begin_case(
        pending=order.act is not None or logged,
        guild_id=order.moderator.guild.id,
        case_type=order.kind.name,
        case_user_id=order.target.id,
        case_moderator_id=order.moderator.id,
        case_reason=order.reason,
        case_expires_at=order.expires_at,
        case_user_roles=order.roles,
        case_metadata=order.metadata,
    )
    notice = None if order.silent else await _notify(bot, order, case)
    if order.act is not None:
        try:
            await order.act()
        except DISCORD_TROUBLE as error:
            if is_refusal(error):
                await _take_back(bot, case, notice, error)
            raise ActionFailed(_what_went_wrong(case, error)) from error
    if case.case_pending or order.kind.ends:
        await _confirm(bot, case, order.kind)
    return Done(order, case, notice is not None)


async def _confirm(bot: PluginBot, case: Case, kind: CaseKind) -> None:
    """Show a case as it stands now and note that it happened; who finds it half done looks for the message first."""
    cases = bot.db[CaseManager]
    if case.case_claimed_until is None or now() < case.case_claimed_until:
        message_id = await post_case(bot, as_done(case)) if case.case_pending else None
        done = await cases.confirm_case(case, ends=kind.ends, message_id=message_id)
    else:  # it took so long that another process may have looked, and shown what it saw
        done = await cases.confirm_case(case, ends=kind.ends)
        if done.case is not None:
            await show_case(bot, done.case)
    for closed in done.closed:
        await show_case(bot, closed)


async def _notify(bot: PluginBot, order: Order, case: Case) -> discord.Message | None:
    """Send the user a direct message; before a ban or kick, because none gets through after it."""
    if not (await bot.db.settings.read(case.guild_id, ModerationSettings)).tell_members:
        return None
    embed = notice_embed(case, order.kind, order.moderator.guild.name)
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


def _what_went_wrong(case: Case, error: Exception) -> str:
    if not isinstance(error, discord.HTTPException) or not is_refusal(error):
        number = case.case_number
        return (
            "Discord did not say whether it was done. I ask again in a few minutes; "
            f"case #{number} is under way until then, and `/cases view {number}` shows how it ended."
        )
    hint = " Check my permissions and the position of my role." if isinstance(error, discord.Forbidden) else ""
    return f"Discord refused: {error.text}. Nothing was done, and case #{case.case_number} is voided.{hint}"


def _answer(done: Done) -> discord.Embed:
    order, case, told = done
    text = f"{order.target.mention} was {order.kind.past}."
    if order.expires_at is not None:
        text += (
            f" Until {discord.utils.format_dt(order.expires_at)} ({discord.utils.format_dt(order.expires_at, 'R')})."
        )
    embed = success(f"Case #{case.case_number}: {order.kind.name}", f"{text}\n{order.reason or ''}".strip())
    if not told:
        embed.set_footer(text="No message was sent to them." if order.silent else "No message reached them.")
    return embed
