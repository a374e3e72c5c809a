"""How cases look: in answers, in the mod-log, in lists and in messages to members."""

from __future__ import annotations

from typing import TYPE_CHECKING

import discord

from plugins.moderation.kinds import CaseKind
from tux.ui import info
from tux.ui.embeds import shorten

if TYPE_CHECKING:
    from plugins.moderation.models import Case
    from tux.manager import PaginationResult

# https://discord.com/developers/docs/resources/message#embed-object-embed-limits
MAX_FIELD = 1024
NO_REASON = "No reason given"


def case_embed(case: Case, kind: CaseKind | None) -> discord.Embed:
    """Return a case in full; `kind` is None when the plugin that brought its type is gone."""
    kind = kind or CaseKind(case.case_type, case.case_type.lower())
    embed = discord.Embed(
        title=f"Case #{case.case_number}: {case.case_type}", colour=kind.colour, timestamp=case.case_created_at
    )
    embed.add_field(name="Member", value=f"<@{case.case_user_id}> (`{case.case_user_id}`)")
    embed.add_field(name="Moderator", value=f"<@{case.case_moderator_id}>")
    embed.add_field(name="Reason", value=shorten(case.case_reason or NO_REASON, MAX_FIELD), inline=False)
    if case.case_expires_at is not None:
        embed.add_field(name="Until", value=discord.utils.format_dt(case.case_expires_at))
    embed.add_field(name="Status", value=case_status(case))
    if case.case_void_reason:
        embed.add_field(name="Voided because", value=shorten(case.case_void_reason, MAX_FIELD), inline=False)
    return embed


def case_status(case: Case) -> str:
    """Return whether a case stands, in one word."""
    if case.case_voided_at is not None:
        return "voided"
    return "active" if case.case_status else "closed"


def page_embed(page: PaginationResult[Case]) -> discord.Embed:
    """Return one page of a list of cases."""
    if not page.total:
        return info("Cases", "There are none.")
    embed = info(f"Cases ({page.total})", "\n".join(_line(case) for case in page.items))
    if page.pages > 1:
        embed.set_footer(text=f"Page {page.page} of {page.pages}")
    return embed


def _line(case: Case) -> str:
    mark = "" if case.case_status else f" ({case_status(case)})"
    reason = shorten(" ".join((case.case_reason or NO_REASON).split()), 100)
    return f"**#{case.case_number}** {case.case_type}{mark} <@{case.case_user_id}> by <@{case.case_moderator_id}>: {reason}"


def notice_embed(case: Case, kind: CaseKind, guild_name: str) -> discord.Embed:
    """Return what the member is told in a direct message."""
    embed = discord.Embed(title=f"You were {kind.past} in {guild_name}", colour=kind.colour)
    embed.add_field(name="Reason", value=shorten(case.case_reason or NO_REASON, MAX_FIELD), inline=False)
    if case.case_expires_at is not None:
        embed.add_field(name="Until", value=discord.utils.format_dt(case.case_expires_at))
    return embed
