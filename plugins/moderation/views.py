"""How cases look: in answers, in the mod-log, in lists and in messages to members."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import discord

from plugins.moderation.kinds import CaseKind
from tux.clock import now
from tux.ui import info, warning
from tux.ui.embeds import shorten

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping, Sequence

    from plugins.moderation.models import Case
    from tux.manager import PaginationResult

# https://discord.com/developers/docs/resources/message#embed-object-embed-limits
MAX_FIELD = 1024
NO_REASON = "No reason given"

# What a case began in Discord, and the command that ends it.
LIFTED_BY = {
    "BAN": ("ban", "unban"),
    "HACKBAN": ("ban", "unban"),
    "TEMPBAN": ("ban", "unban"),
    "TIMEOUT": ("timeout", "untimeout"),
    "JAIL": ("jail", "unjail"),
}


def case_embed(case: Case, kind: CaseKind | None) -> discord.Embed:
    """Return a case in full; `kind` is None when the plugin that brought its type is gone."""
    kind = kind or CaseKind(case.case_type, case.case_type.lower())
    embed = discord.Embed(
        title=f"{kind.emoji} {case_title(case)}".strip(),
        colour=kind.colour,
        timestamp=case.case_created_at,
    )
    embed.add_field(name="Member", value=f"<@{case.case_user_id}> (`{case.case_user_id}`)")
    embed.add_field(name="Moderator", value=f"<@{case.case_moderator_id}>")
    embed.add_field(name="Reason", value=shorten(case.case_reason or NO_REASON, MAX_FIELD), inline=False)
    if case.case_expires_at is not None:
        embed.add_field(name="Until", value=discord.utils.format_dt(case.case_expires_at))
    embed.add_field(name="Status", value=case_status(case))
    if case.case_void_reason:
        embed.add_field(name="Voided because", value=shorten(case.case_void_reason, MAX_FIELD), inline=False)
    if case.case_user_roles:
        roles = " ".join(f"<@&{role_id}>" for role_id in case.case_user_roles)
        embed.add_field(name="Roles taken", value=shorten(roles, MAX_FIELD), inline=False)
    return embed


def case_title(case: Case) -> str:
    """Return what no other case of its guild is called; the mod-log's messages are known by it."""
    return f"Case #{case.case_number}: {case.case_type}"


def lasting_note(case: Case) -> str:
    """Return what closing or voiding a case leaves as it is: what it began in Discord stays there until it is lifted."""
    if case.case_status or case.case_processed or case.case_type not in LIFTED_BY:
        return ""
    what, command = LIFTED_BY[case.case_type]
    if case.case_expires_at is None:
        return f"The {what} itself stays: `/{command}` lifts it."
    until = f"{discord.utils.format_dt(case.case_expires_at)} ({discord.utils.format_dt(case.case_expires_at, 'R')})"
    return f"The {what} itself stays until {until}; `/{command}` lifts it now."


def case_status(case: Case) -> str:
    """Return whether a case stands, in one word."""
    if case.case_voided_at is not None:
        return "voided"
    if case.case_pending:
        return "under way"
    return "active" if case.case_status else "closed"


def add_notes(embed: discord.Embed, notes: Sequence[Any]) -> None:
    """Add what moderators noted about the member, newest first, to the embed of a case."""
    if notes:
        lines = [f"**{note.id}** {shorten(' '.join(note.content.split()), 200)}" for note in notes]
        embed.add_field(name="Notes", value=shorten("\n".join(lines), MAX_FIELD), inline=False)


def page_embed(page: PaginationResult[Case]) -> discord.Embed:
    """Return one page of a list of cases."""
    if not page.total:
        return info("Cases", "There are none.")
    embed = info(f"Cases ({page.total})", "\n".join(_line(case) for case in page.items))
    if page.pages > 1:
        embed.set_footer(text=f"Page {page.page} of {page.pages}")
    return embed


def _line(case: Case) -> str:
    mark = "" if case_status(case) == "active" else f" ({case_status(case)})"
    reason = shorten(" ".join((case.case_reason or NO_REASON).split()), 100)
    return f"**#{case.case_number}** {case.case_type}{mark} <@{case.case_user_id}> by <@{case.case_moderator_id}>: {reason}"


def notice_embed(case: Case, kind: CaseKind, guild_name: str) -> discord.Embed:
    """Return what the member is told in a direct message."""
    embed = discord.Embed(title=f"You were {kind.past} in {guild_name}", colour=kind.colour)
    embed.add_field(name="Reason", value=shorten(case.case_reason or NO_REASON, MAX_FIELD), inline=False)
    if case.case_expires_at is not None:
        embed.add_field(name="Until", value=discord.utils.format_dt(case.case_expires_at))
    return embed


class ReportModal(discord.ui.Modal, title="Report to the moderators"):
    """Asks what happened; `send` gets the words and the interaction to answer."""

    what: discord.ui.TextInput[ReportModal] = discord.ui.TextInput(
        label="What happened?", style=discord.TextStyle.paragraph, min_length=5, max_length=1000
    )

    def __init__(self, send: Callable[[discord.Interaction[Any], str], Awaitable[None]]) -> None:
        super().__init__()
        self._send = send

    async def on_submit(self, interaction: discord.Interaction[Any], /) -> None:
        """Hand on what was written."""
        await self._send(interaction, self.what.value)

    async def on_error(  # type: ignore[override]  # discord.py's own Modal takes no item either
        self, interaction: discord.Interaction[Any], error: Exception, /
    ) -> None:
        """Hand what went wrong to the bot's one error handler."""
        await interaction.client.answer_failure(interaction, error)


def report_embed(reporter: discord.abc.User, about: str, text: str) -> discord.Embed:
    """Return a report as moderators see it."""
    embed = warning("Report", shorten(text, MAX_FIELD * 2))
    embed.add_field(name="About", value=about)
    embed.add_field(name="From", value=f"{reporter.mention} (`{reporter.id}`)")
    embed.timestamp = now()
    return embed


def kinds_embed(own: Mapping[str, CaseKind], shared: Mapping[str, CaseKind]) -> discord.Embed:
    """Return the case types of a server: its own, then those that it shares with all."""
    embed = info("Case types")
    for title, kinds in (("Of this server", own), ("Of the bot", shared)):
        lines = [_kind_line(kind) for kind in kinds.values()]
        embed.add_field(name=title, value=shorten("\n".join(lines), MAX_FIELD) or "None", inline=False)
    return embed


def _kind_line(kind: CaseKind) -> str:
    marks = [word for word, holds in (("restricts", kind.restricts), ("expires", kind.expires)) if holds]
    suffix = f" ({', '.join(marks)})" if marks else ""
    return f"{kind.emoji} **{kind.name}** was {kind.past}{suffix}".strip()
