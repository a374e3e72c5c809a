"""`/plugins` and `/health`: what runs, and how well."""

from __future__ import annotations

from math import isfinite
from typing import TYPE_CHECKING, Any

import discord
from discord import app_commands
from discord.ext import commands

from tux.cog import BaseCog, PluginBot, guild_of, requires_rank
from tux.core.managers import SwitchesManager
from tux.core.witness import note_change
from tux.registry import REQUIRED
from tux.ui import info, success

if TYPE_CHECKING:
    from tux.registry import PluginRecord

ADMINISTRATOR_RANK = 7
# https://discord.com/developers/docs/interactions/application-commands
MAX_CHOICES = 25

Interaction = discord.Interaction[PluginBot]

_SIGNS = {"ready": "🟢", "off": "⚪", "blocked": "🟡", "failed": "🔴"}


class CoreCog(BaseCog, name="Core"):
    """States and health of the bot."""

    @commands.hybrid_group(fallback="list")
    @commands.guild_only()
    async def plugins(self, ctx: commands.Context[Any]) -> None:
        """Show the plugins and their states."""
        guild_id = ctx.guild.id if ctx.guild else None
        owner = await self.bot.is_owner(ctx.author)
        records = self.bot.registry.records.values()
        lines = [_describe(record, self.bot.is_silent(record.name, guild_id), owner) for record in records]
        await ctx.send(embed=info("Plugins", "\n".join(lines)), ephemeral=owner)  # reasons are for the owner's eyes

    @plugins.command()
    @requires_rank(ADMINISTRATOR_RANK)
    @commands.guild_only()
    async def enable(self, ctx: commands.Context[Any], plugin: str) -> None:
        """Switch a plugin on in this server.

        Args:
            ctx: who asked, and where.
            plugin: the plugin's name, as /plugins shows it.
        """
        await self._switch(ctx, plugin, enabled=True)

    @plugins.command()
    @requires_rank(ADMINISTRATOR_RANK)
    @commands.guild_only()
    async def disable(self, ctx: commands.Context[Any], plugin: str) -> None:
        """Switch a plugin off in this server: its commands and its listeners fall silent here.

        Args:
            ctx: who asked, and where.
            plugin: the plugin's name, as /plugins shows it.
        """
        await self._switch(ctx, plugin, enabled=False)

    @enable.autocomplete("plugin")
    @disable.autocomplete("plugin")
    async def complete_plugin(self, interaction: Interaction, typed: str) -> list[app_commands.Choice[str]]:
        """Offer the plugins that can be switched, those that are not as wanted first."""
        wanted = interaction.command is not None and interaction.command.name == "enable"
        names = sorted(
            (name for name in self.bot.registry.records if name not in REQUIRED and typed.lower() in name),
            key=lambda name: self.bot.is_silent(name, interaction.guild_id) is not wanted,
        )
        return [app_commands.Choice(name=name, value=name) for name in names[:MAX_CHOICES]]

    @commands.hybrid_command()
    @commands.is_owner()
    async def health(self, ctx: commands.Context[Any]) -> None:
        """Show how the bot and its database are (for the bot's owner)."""
        found = await self.db.service.health()
        embed = info("Health")
        server = f"PostgreSQL {found.server_version}, {found.role}, {found.latency_seconds * 1000:.1f} ms"
        embed.add_field(name="Database", value=server)
        embed.add_field(name="Schema", value=found.schema or "no migrations here")
        pool = f"{found.pool_free} free of {found.pool_size}, {found.pool_max} at most, {found.pool_waiting} waiting"
        embed.add_field(name="Pool", value=pool)
        latency = self.bot.latency  # not a number, or infinite, before the first heartbeat was answered
        embed.add_field(name="Gateway", value=f"{latency * 1000:.0f} ms" if isfinite(latency) else "not measured yet")
        embed.add_field(name="Servers", value=str(len(self.bot.guilds)))
        await ctx.send(embed=embed, ephemeral=True)

    async def _switch(self, ctx: commands.Context[Any], plugin: str, *, enabled: bool) -> None:
        plugin, guild_id = plugin.lower(), guild_of(ctx).id
        states = [{"plugin": plugin, "enabled": each} for each in (not self.bot.is_silent(plugin, guild_id), enabled)]
        async with self.db.transaction():
            await self.db[SwitchesManager].turn(guild_id, plugin, enabled=enabled)
            await note_change(
                self.db,
                "config.switch",
                guild_id=guild_id,
                actor_id=ctx.author.id,
                before=states[0],
                after=states[1],
            )
        word = "on" if enabled else "off"
        await ctx.send(embed=success(f"{plugin} is {word}", f"The plugin is switched {word} in this server."))


def _describe(record: PluginRecord, silent: bool, owner: bool) -> str:
    version = f" {record.plugin.version}" if record.plugin else ""
    summary = f" — {record.plugin.summary}" if record.plugin else ""
    state = "" if record.state == "ready" else f" is **{record.state}**"
    # reasons may hold file paths and tracebacks' words: for the owner only
    reason = f": {record.reason}" if record.reason and owner else ""
    note = " (off in this server)" if silent else ""
    return f"{_SIGNS[record.state]} **{record.name}**{version}{state}{reason or summary}{note}"
