"""`/casetypes` and `/reasons`: what administrators choose for the moderation of their server."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import discord
from discord import app_commands
from discord.ext import commands

from plugins.moderation.checks import ADMINISTRATOR, MODERATOR
from plugins.moderation.cog.orders import MAX_CHOICES, Context
from plugins.moderation.kinds import CaseKind
from plugins.moderation.managers import CaseKindManager, CaseManager, ReasonTemplateManager
from plugins.moderation.models import MAX_TEMPLATE_LENGTH, MAX_TYPE_LENGTH
from plugins.moderation.views import kinds_embed
from tux.cog import BaseCog, PluginBot, guild_of, requires_rank
from tux.errors import UserError
from tux.ui import info, success

if TYPE_CHECKING:
    from collections.abc import Iterable

MAX_OWN = 25
_TYPE = re.compile(r"[A-Z][A-Z0-9_]*", re.ASCII)
_TEMPLATE = re.compile(r"[a-z0-9][a-z0-9_-]*", re.ASCII)

_ORANGE = discord.Colour(0xE67E22)

TypeName = commands.Range[str, 2, MAX_TYPE_LENGTH]
ReasonName = commands.Range[str, 1, 30]
ReasonText = commands.Range[str, 1, MAX_TEMPLATE_LENGTH]


class KindFlags(commands.FlagConverter):
    """How a new type of case is; with the prefix written as `past: barred from names restricts: yes`."""

    past: commands.Range[str, 3, 100] = commands.flag(description='Completes "<member> was …"')
    colour: discord.Colour = commands.flag(description="Such as #9B59B6", default=_ORANGE)
    emoji: commands.Range[str, 1, 80] = commands.flag(description="Shown beside it", default="")
    restricts: bool = commands.flag(description="Whether it holds until the case is closed", default=False)
    expires: bool = commands.flag(description="Whether -duration may be given", default=False)


class ChoicesCog(BaseCog, name="Case types and reasons"):
    """Types of cases of the server's own, and reasons that are needed often."""

    @commands.hybrid_group(fallback="list")
    @commands.guild_only()
    @requires_rank(MODERATOR)
    async def casetypes(self, ctx: Context) -> None:
        """Show the types that cases can have here."""
        own = await self.db[CaseKindManager].guild_kinds(guild_of(ctx).id)
        await ctx.send(embed=kinds_embed(own, self.db[CaseManager].kinds()))

    @casetypes.command(name="add")
    @app_commands.describe(name="Such as NICKBAN")
    @commands.guild_only()
    @requires_rank(ADMINISTRATOR)
    async def add_type(self, ctx: Context, name: TypeName, *, flags: KindFlags) -> None:
        """Add a type of case to this server, or change it."""
        guild, name = guild_of(ctx), name.upper()
        if not _TYPE.fullmatch(name):
            raise UserError("The name of a case type has letters, digits and `_`, and begins with a letter: `NICKBAN`.")
        if name in self.db[CaseManager].kinds():
            raise UserError(f"`{name}` is a type of the bot already; take another name.")
        kinds = self.db[CaseKindManager]
        own = await kinds.guild_kinds(guild.id)
        if name not in own and len(own) >= MAX_OWN:
            raise UserError(f"A server has at most {MAX_OWN} types of its own. Remove one by `/casetypes remove`.")
        kind = CaseKind(name, flags.past, flags.colour.value, flags.emoji, flags.restricts, flags.expires)
        await kinds.add_kind(guild.id, kind, actor_id=ctx.author.id)
        text = f"`/cases add type:{name}` makes a case: the member was {flags.past}."
        await ctx.send(embed=success(f"{flags.emoji} {name} is a type of case now".strip(), text))

    @casetypes.command(name="remove")
    @app_commands.describe(name="A type of this server's own")
    @commands.guild_only()
    @requires_rank(ADMINISTRATOR)
    async def remove_type(self, ctx: Context, name: str) -> None:
        """Take a type away; its cases stay."""
        name = name.upper()[:MAX_TYPE_LENGTH]
        await self.db[CaseKindManager].remove_kind(guild_of(ctx).id, name, actor_id=ctx.author.id)
        await ctx.send(embed=success(f"{name} is no type of case any more", "Its cases stay as they are."))

    @remove_type.autocomplete("name")
    async def complete_type(
        self, interaction: discord.Interaction[PluginBot], typed: str
    ) -> list[app_commands.Choice[str]]:
        """Offer the server's own types."""
        own = await self.db[CaseKindManager].guild_kinds(interaction.guild.id) if interaction.guild else ()
        return _choices(own, typed.upper())

    @commands.hybrid_group(fallback="list")
    @commands.guild_only()
    @requires_rank(MODERATOR)
    async def reasons(self, ctx: Context) -> None:
        """Show the stored reasons of this server."""
        templates = await self.db[ReasonTemplateManager].guild_templates(guild_of(ctx).id)
        lines = [f"**={name}** {text}" for name, text in templates.items()]
        await ctx.send(embed=info("Reasons", "\n".join(lines) or "There are none. `/reasons add` makes one."))

    @reasons.command(name="add")
    @app_commands.describe(name="Written as =name in a reason", text="What it stands for")
    @commands.guild_only()
    @requires_rank(ADMINISTRATOR)
    async def add_reason(self, ctx: Context, name: ReasonName, *, text: ReasonText) -> None:
        """Store a reason, or change it."""
        guild, name = guild_of(ctx), name.lower().removeprefix("=")
        if not _TEMPLATE.fullmatch(name):
            raise UserError("The name of a reason has letters, digits, `-` and `_`, and no spaces: `spam`.")
        templates = self.db[ReasonTemplateManager]
        own = await templates.guild_templates(guild.id)
        if name not in own and len(own) >= MAX_OWN:
            raise UserError(f"A server has at most {MAX_OWN} stored reasons. Remove one by `/reasons remove`.")
        await templates.set_template(guild.id, name, text, actor_id=ctx.author.id)
        await ctx.send(embed=success("Stored", f"Write `={name}` for: {text}"))

    @reasons.command(name="remove")
    @app_commands.describe(name="Which one")
    @commands.guild_only()
    @requires_rank(ADMINISTRATOR)
    async def remove_reason(self, ctx: Context, name: str) -> None:
        """Delete a stored reason; cases that used it keep their words."""
        name = name.lower().removeprefix("=")[:30]
        await self.db[ReasonTemplateManager].remove_template(guild_of(ctx).id, name, actor_id=ctx.author.id)
        await ctx.send(embed=success("Removed", f"`={name}` stands for nothing any more."))

    @remove_reason.autocomplete("name")
    async def complete_name(
        self, interaction: discord.Interaction[PluginBot], typed: str
    ) -> list[app_commands.Choice[str]]:
        """Offer the stored reasons."""
        templates = (
            await self.db[ReasonTemplateManager].guild_templates(interaction.guild.id) if interaction.guild else ()
        )
        return _choices(templates, typed.lower())


def _choices(names: Iterable[str], typed: str) -> list[app_commands.Choice[str]]:
    found = [name for name in names if name.startswith(typed)]
    return [app_commands.Choice(name=name, value=name) for name in found[:MAX_CHOICES]]
