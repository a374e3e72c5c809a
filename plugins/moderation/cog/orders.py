"""From a moderator's words to orders: whom, which case, for how long, and what is asked of Discord."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import discord
from discord import app_commands
from discord.ext import commands

from plugins.moderation.checks import find_member
from plugins.moderation.cog.bans import signature_of
from plugins.moderation.errors import CannotModerate
from plugins.moderation.managers import ReasonTemplateManager
from plugins.moderation.words import MAX_TARGETS, TEMPLATE, Takes, Words, fill_template, read_words
from tux.clock import now
from tux.cog import PluginBot
from tux.ui.embeds import shorten

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping, Sequence
    from datetime import datetime

    from plugins.moderation.kinds import CaseKind

Context = commands.Context[PluginBot]
Target = discord.Member | discord.User

# https://discord.com/developers/docs/resources/audit-log
MAX_AUDIT_REASON = 512
# https://discord.com/developers/docs/interactions/application-commands
MAX_CHOICES = 25
MAX_CHOICE = 100

REASON = "Why; =name for a stored reason, -silent to send no message, and @others to act on them too"


@dataclass(frozen=True, slots=True)
class Order:
    """One action on one user; `act` is None where Discord has no part in it. `silent` sends the user no message."""

    kind: CaseKind
    moderator: discord.Member
    target: Target
    reason: str | None = None
    silent: bool = False
    expires_at: datetime | None = None
    roles: tuple[int, ...] = ()
    act: Callable[[], Awaitable[object]] | None = None
    metadata: Mapping[str, object] | None = None


@dataclass(frozen=True, slots=True)
class Request:
    """What a moderator asked for; `targets` holds at least one."""

    moderator: discord.Member
    targets: Sequence[Target]
    words: Words
    expires_at: datetime | None = None

    @property
    def guild(self) -> discord.Guild:
        """The server that it is about."""
        return self.moderator.guild

    @property
    def audit_reason(self) -> str:
        """The reason as it fits into Discord's audit log, with the moderator's name; the case holds all of it."""
        reason = self.words.reason or "no reason given"
        return shorten(f"{self.moderator} {signature_of(self.moderator.id)} {reason}", MAX_AUDIT_REASON)

    def order(
        self,
        kind: CaseKind,
        target: Target,
        act: Callable[[], Awaitable[object]] | None = None,
        roles: tuple[int, ...] = (),
    ) -> Order:
        """Return the order for one of the targets."""
        words, expires_at = self.words, self.expires_at if kind.expires else None
        return Order(kind, self.moderator, target, words.reason, words.silent, expires_at, roles, act)


async def read_request(ctx: Context, first: Target, text: str | None, takes: Takes | None = None) -> Request:
    """Read what follows the first member.

    Raises:
        UserError: a flag, a duration, a stored reason or a member that does not exist; too many members.
    """
    takes = takes or Takes()
    moderator = moderator_of(ctx)
    words = read_words(text, takes)
    others = [user_id for user_id in words.targets if user_id != first.id]
    if len(others) >= MAX_TARGETS:
        raise CannotModerate(f"At most {MAX_TARGETS} members fit into one command.")
    if (
        others and ctx.interaction is not None
    ):  # each may be asked for at Discord; the question that follows is theirs alone
        await ctx.defer(ephemeral=True)
    targets = [first, *[await _find_target(ctx, user_id, outside=takes.outsiders) for user_id in others]]
    if words.reason is not None and words.reason.startswith(TEMPLATE):
        templates = await ctx.bot.db[ReasonTemplateManager].guild_templates(moderator.guild.id)
        words = replace(words, reason=fill_template(words.reason, templates))
    return Request(moderator, targets, words, now() + words.duration if words.duration else None)


def moderator_of(ctx: Context) -> discord.Member:
    """Return who asked.

    Raises:
        NoPrivateMessage: they did so outside of a server.
    """
    if not isinstance(ctx.author, discord.Member):
        raise commands.NoPrivateMessage
    return ctx.author


def after_duration(duration: str, text: str | None) -> str:
    """Return a duration and what follows it as one text; in a prefix command members may stand before it."""
    return f"{''.join(duration.split())} {text or ''}"


async def complete_reason(interaction: discord.Interaction[PluginBot], typed: str) -> list[app_commands.Choice[str]]:
    """Offer the server's stored reasons whose name or text has what was typed."""
    if interaction.guild is None:
        return []
    templates = await interaction.client.db[ReasonTemplateManager].guild_templates(interaction.guild.id)
    typed = typed.removeprefix(TEMPLATE).lower()
    found = [(name, text) for name, text in templates.items() if typed in name or typed in text.lower()]
    return [
        app_commands.Choice(name=shorten(f"{name}: {text}", MAX_CHOICE), value=f"{TEMPLATE}{name}")
        for name, text in found[:MAX_CHOICES]
    ]


async def _find_target(ctx: Context, user_id: int, *, outside: bool) -> Target:
    guild = moderator_of(ctx).guild
    member = guild.get_member(user_id)
    if member is not None:
        return member
    try:
        user = ctx.bot.get_user(user_id) or await ctx.bot.fetch_user(user_id)
    except discord.NotFound:
        raise CannotModerate(f"There is no user `{user_id}`.") from None
    found = await find_member(guild, user)
    if not outside and not isinstance(found, discord.Member):
        raise CannotModerate(f"{user.mention} is not in this server.")
    return found
