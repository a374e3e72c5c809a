"""`/audit`: who changed what; and the end of what was kept long enough."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import TYPE_CHECKING

import discord
from discord import app_commands
from discord.ext import commands
from loguru import logger

from plugins.audit.checks import ADMINISTRATOR
from plugins.audit.errors import InvalidSpan
from plugins.audit.managers import AuditManager
from plugins.audit.models import MAX_ACTION_LENGTH
from plugins.audit.settings import DEFAULT_DAYS
from plugins.audit.views import page_embed
from tux.clock import now
from tux.cog import BaseCog, PluginBot, every, requires_rank
from tux.ui import Pages

if TYPE_CHECKING:
    from plugins.audit.models import AuditEntry
    from tux.manager import PaginationResult

PER_PAGE = 10
# https://discord.com/developers/docs/interactions/application-commands
MAX_CHOICES = 25
RETENTION_SECONDS = 3600
PURGED_AT_ONCE = 5000

_UNITS = {"h": "hours", "d": "days", "w": "weeks"}
_SPAN = re.compile(r"(\d{1,4})([hdw])", re.ASCII)

Context = commands.Context[PluginBot]
Action = commands.Range[str, 1, MAX_ACTION_LENGTH]

log = logger.bind(plugin="audit")


async def complete_action(interaction: discord.Interaction[PluginBot], typed: str) -> list[app_commands.Choice[str]]:
    """Offer what was done here lately, and the areas that it belongs to."""
    if interaction.guild is None:
        return []
    actions = await interaction.client.db[AuditManager].list_actions(guild_id=interaction.guild.id)
    areas = dict.fromkeys(f"{action.partition('.')[0]}." for action in actions if "." in action)
    found = [name for name in (*areas, *actions) if name.startswith(typed.lower())]
    return [app_commands.Choice(name=name, value=name) for name in found[:MAX_CHOICES]]


class AuditCog(BaseCog, name="Audit"):
    """Who changed what in moderation, permissions and configuration."""

    def __init__(self, bot: PluginBot) -> None:
        super().__init__(bot)
        self.manager = self.db[AuditManager]

    @commands.hybrid_command()
    @app_commands.describe(
        actor="Only changes by them",
        target="Only changes to them",
        action="Only this; with a dot at the end all of its area, as case.",
        since="Only the last 12h, 7d or 4w",
    )
    @app_commands.autocomplete(action=complete_action)
    @commands.guild_only()
    @requires_rank(ADMINISTRATOR)
    async def audit(
        self,
        ctx: Context,
        actor: discord.User | None = None,
        target: discord.User | None = None,
        action: Action | None = None,
        since: str | None = None,
    ) -> None:
        """Show who changed what, newest first."""
        guild = ctx.guild
        if guild is None:
            raise commands.NoPrivateMessage
        if action is not None and since is None and _SPAN.fullmatch(action):  # `!audit 7d`
            action, since = None, action
        begin = None if since is None else now() - read_span(since)

        async def load(page: int) -> PaginationResult[AuditEntry]:
            return await self.manager.list_entries(
                guild_id=guild.id,
                page=page,
                per_page=PER_PAGE,
                actor_id=actor.id if actor else None,
                target_id=target.id if target else None,
                action=action,
                since=begin,
            )

        await Pages.send(ctx, load, lambda page: page_embed(page, guild), ephemeral=True)

    @every(RETENTION_SECONDS)
    async def end_retention(self) -> None:
        """Delete what each guild has kept long enough, a part at a time."""
        total = 0
        while deleted := await self.manager.purge_expired(DEFAULT_DAYS, limit=PURGED_AT_ONCE):
            total += deleted
        if total:
            log.info("Deleted {} entries whose retention was over", total)


def read_span(text: str) -> timedelta:
    """Return the span that `12h`, `7d` or `4w` says.

    Raises:
        InvalidSpan: it cannot be read.
    """
    found = _SPAN.fullmatch(text.strip().lower())
    if found is None:
        raise InvalidSpan(f"`{text[:30]}` is no span of time. Write it like `12h`, `7d` or `4w`.")
    return timedelta(**{_UNITS[found[2]]: int(found[1])})
