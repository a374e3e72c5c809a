"""`/levels`: what a guild chose, and what its moderators and administrators change."""

from __future__ import annotations

from typing import TYPE_CHECKING

import discord
from discord import app_commands
from discord.ext import commands

from plugins.levels.errors import UnfitRole
from plugins.levels.managers import LevelsManager
from plugins.levels.settings import MAX_FACTOR, MAX_LEVEL, LevelSettings
from plugins.levels.views import settings_embed
from tux.cog import BaseCog, PluginBot, guild_of, requires_rank
from tux.core.witness import note_change
from tux.ui import info, success

if TYPE_CHECKING:
    from collections.abc import Mapping

MODERATOR = 3
ADMINISTRATOR = 7
MAX_GIVEN_XP = 1_000_000_000
# Discord shows at most 25 choices, each with at most 100 characters.
# https://discord.com/developers/docs/interactions/application-commands
MAX_CHOICES = 25
MAX_CHOICE = 100

Context = commands.Context[PluginBot]


class LevelsCog(BaseCog, name="Levels"):
    """How XP is earned here, and what levels bring."""

    def __init__(self, bot: PluginBot) -> None:
        super().__init__(bot)
        self.manager = self.db[LevelsManager]

    @commands.hybrid_group(fallback="show")
    @commands.guild_only()
    async def levels(self, ctx: Context) -> None:
        """Show how XP is earned in this server, and what levels bring."""
        await ctx.send(embed=settings_embed(await self._settings(ctx)))

    @levels.command(name="set")
    @app_commands.describe(member="Whose", level="The level, with the XP at which it begins")
    @commands.guild_only()
    @requires_rank(ADMINISTRATOR)
    async def set_level(self, ctx: Context, member: discord.Member, level: commands.Range[int, 0, MAX_LEVEL]) -> None:
        """Set a member's level."""
        async with self.db.transaction():
            row = await self.manager.set_level(member.id, member.guild.id, level)
            await _note(ctx, "levels.set", {"xp": row.xp, "level": row.level}, member)
        await ctx.send(embed=success("Level set", f"{member.mention} has level {level} now, {row.xp:,.0f} XP."))

    @levels.command(name="set-xp")
    @app_commands.describe(member="Whose", xp="How many points")
    @commands.guild_only()
    @requires_rank(ADMINISTRATOR)
    async def set_xp(self, ctx: Context, member: discord.Member, xp: commands.Range[int, 0, MAX_GIVEN_XP]) -> None:
        """Set a member's XP; the level follows."""
        async with self.db.transaction():
            row = await self.manager.set_xp(member.id, member.guild.id, xp)
            await _note(ctx, "levels.set", {"xp": row.xp, "level": row.level}, member)
        await ctx.send(embed=success("XP set", f"{member.mention} has {xp:,} XP now, level {row.level}."))

    @levels.command()
    @app_commands.describe(member="Whose")
    @commands.guild_only()
    @requires_rank(ADMINISTRATOR)
    async def reset(self, ctx: Context, member: discord.Member) -> None:
        """Take all XP and the level of a member away."""
        async with self.db.transaction():
            row = await self.manager.reset_xp(member.id, member.guild.id)
            if row is not None:
                await _note(ctx, "levels.set", {"xp": row.xp, "level": row.level}, member)
        text = f"{member.mention} begins anew." if row else f"{member.mention} had no XP."
        await ctx.send(embed=success("Level reset", text))

    @levels.command()
    @app_commands.describe(member="Who earns nothing from now on, or again")
    @commands.guild_only()
    @requires_rank(MODERATOR)
    async def blacklist(self, ctx: Context, member: discord.Member) -> None:
        """Let a member earn no XP and be on no leaderboard, or lift that."""
        async with self.db.transaction():
            is_on = await self.manager.toggle_blacklist(member.id, member.guild.id)
            await _note(ctx, "levels.blacklist", {"blacklisted": is_on}, member)
        text = f"{member.mention} earns nothing from now on." if is_on else f"{member.mention} earns XP again."
        await ctx.send(embed=success("Blacklist", text))

    @levels.command()
    @app_commands.describe(level="Which level", role="What it brings")
    @commands.guild_only()
    @requires_rank(ADMINISTRATOR)
    async def reward(self, ctx: Context, level: commands.Range[int, 1, MAX_LEVEL], role: discord.Role) -> None:
        """Choose the role that a level brings; members get it when their level next moves."""
        if role.is_default() or role.managed:
            raise UnfitRole(f"Discord itself decides who has {role.mention}. Choose a role that members can be given.")
        await self._put(ctx, "rewards", level, role.id)
        text = f"Level {level} brings {role.mention}."
        if not role.is_assignable() or not role.guild.me.guild_permissions.manage_roles:
            text += " I cannot give it now: move my role above it, and let me manage roles."
        await ctx.send(embed=success("Saved", text))

    @levels.command()
    @app_commands.describe(level="Which level")
    @commands.guild_only()
    @requires_rank(ADMINISTRATOR)
    async def unreward(self, ctx: Context, level: commands.Range[int, 1, MAX_LEVEL]) -> None:
        """Let a level bring no role any more; who has it keeps it."""
        await self._put(ctx, "rewards", level, None)
        await ctx.send(embed=success("Saved", f"Level {level} brings nothing."))

    @unreward.autocomplete("level")
    async def complete_reward(
        self, interaction: discord.Interaction[PluginBot], typed: str
    ) -> list[app_commands.Choice[int]]:
        """Offer the levels that bring a role, with its name."""
        guild = interaction.guild
        if guild is None:
            return []
        settings = await self.db.settings.read(guild.id, LevelSettings)
        roles = {level: guild.get_role(role_id) for level, role_id in sorted(settings.rewards.items())}
        named = {
            level: f"{level}: {role.name if role else 'a role that is gone'}"[:MAX_CHOICE]
            for level, role in roles.items()
        }
        found = [
            app_commands.Choice(name=name, value=level)
            for level, name in named.items()
            if typed.lower() in name.lower()
        ]
        return found[:MAX_CHOICES]

    @levels.command(name="role-factor")
    @app_commands.describe(role="Whose members", factor="What their XP is multiplied by; 1 as for everybody")
    @commands.guild_only()
    @requires_rank(ADMINISTRATOR)
    async def role_factor(
        self, ctx: Context, role: discord.Role, factor: commands.Range[float, 0.0, MAX_FACTOR]
    ) -> None:
        """Choose how much more or less members of a role earn; of several the highest counts."""
        await self._put(ctx, "role_factors", role.id, _telling(factor))
        await ctx.send(embed=success("Saved", f"{role.mention}: XP x{factor:g}."))

    @levels.command(name="channel-factor")
    @app_commands.describe(channel="Where", factor="What XP is multiplied by; 0 for none, 1 as everywhere")
    @commands.guild_only()
    @requires_rank(ADMINISTRATOR)
    async def channel_factor(
        self,
        ctx: Context,
        channel: discord.TextChannel | discord.VoiceChannel,
        factor: commands.Range[float, 0.0, MAX_FACTOR],
    ) -> None:
        """Choose how much more or less messages of a channel earn; its threads follow."""
        await self._put(ctx, "channel_factors", channel.id, _telling(factor))
        await ctx.send(embed=success("Saved", f"{channel.mention}: XP x{factor:g}."))

    @levels.command()
    @commands.guild_only()
    @requires_rank(ADMINISTRATOR)
    async def recompute(self, ctx: Context) -> None:
        """Derive all levels of this server from the XP anew, after the formula changed."""
        await ctx.defer()
        async with self.db.transaction():
            changed = await self.manager.derive_levels(guild_of(ctx).id)
            await _note(ctx, "levels.recompute", {"changed": len(changed)})
        await ctx.send(embed=info("Levels recomputed", f"{len(changed):,} of them changed; their roles follow."))
        for event in changed:  # at the pace that Discord allows, which may be longer than it waits for an answer
            await self.db.emit(event)

    async def _settings(self, ctx: Context) -> LevelSettings:
        return await self.db.settings.read(guild_of(ctx).id, LevelSettings)

    async def _put(self, ctx: Context, setting: str, key: int, value: float | None) -> None:
        """Change one entry and leave those alone that somebody else changes at the same time."""
        async with self.db.transaction():
            await self.db.settings.put_entry(guild_of(ctx).id, LevelSettings, setting, key, value)
            after = {"plugin": "levels", setting: f"{key}: {'nothing' if value is None else value}"}
            await _note(ctx, "config.settings", after)


async def _note(ctx: Context, action: str, after: Mapping[str, object], member: discord.Member | None = None) -> None:
    guild_id, target_id = guild_of(ctx).id, member.id if member else None
    await note_change(ctx.bot.db, action, guild_id=guild_id, actor_id=ctx.author.id, target_id=target_id, after=after)


def _telling(factor: float) -> float | None:
    """Return a factor, None for one that changes nothing."""
    return None if factor == 1 else factor
