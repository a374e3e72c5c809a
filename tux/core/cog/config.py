"""`/config`: the one group for all that administrators choose; plugins put their own commands into it."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any

import discord
from discord import app_commands
from discord.ext import commands

from tux.cog import BaseCog, guild_of, requires_rank
from tux.core.errors import InvalidSetting
from tux.core.fields import MAX_TOML_BYTES, read_toml, toml_text
from tux.core.managers import SettingsManager
from tux.core.views import SettingsPanel
from tux.core.witness import note_change
from tux.ui import info, success

if TYPE_CHECKING:
    from tux.cog import PluginBot

ADMINISTRATOR_RANK = 7

Context = commands.Context[Any]


class ConfigCog(BaseCog, name="Config"):
    """The settings of plugins in a server, which their settings models declare."""

    def __init__(self, bot: PluginBot) -> None:
        super().__init__(bot)
        self.settings = self.db[SettingsManager]

    @commands.hybrid_group(fallback="panel")
    @commands.guild_only()
    @requires_rank(ADMINISTRATOR_RANK)
    async def config(self, ctx: Context) -> None:
        """Show and change the settings of the plugins in this server."""
        if not self.settings.schemas():
            await ctx.send(embed=info("Settings", "No plugin has any. See `/help` for the other `/config` commands."))
            return
        panel = SettingsPanel(ctx.author, self.db, guild_of(ctx).id)
        await panel.send_to(ctx, await panel.embed())

    @config.command(name="export")
    @commands.guild_only()
    @requires_rank(ADMINISTRATOR_RANK)
    async def export_settings(self, ctx: Context) -> None:
        """Get the settings of all plugins in this server as a TOML file."""
        guild_id = guild_of(ctx).id
        sections = [
            (
                plugin,
                await self.settings.read(guild_id, schema),
                await self.settings.changed_names(guild_id, schema),
            )
            for plugin, schema in self.settings.schemas().items()
        ]
        file = discord.File(io.BytesIO(toml_text(sections).encode()), "settings.toml")
        await ctx.send(embed=success("Settings", "Lines without `#` are what this server chose."), file=file)

    @config.command(name="import")
    @app_commands.describe(file="A TOML file as /config export gives it; what it does not name stays")
    @commands.guild_only()
    @requires_rank(ADMINISTRATOR_RANK)
    async def import_settings(self, ctx: Context, file: discord.Attachment) -> None:
        """Change the settings of plugins in this server to those of a TOML file; all of it, or nothing."""
        await ctx.defer()
        if file.size > MAX_TOML_BYTES:
            raise InvalidSetting(f"The file is longer than {MAX_TOML_BYTES // 1024} KiB.")
        sections = read_toml(await file.read())
        schemas = self.settings.schemas()
        if unknown := sorted(sections.keys() - schemas.keys()):
            raise InvalidSetting(f"No plugin {unknown[0]!r} has settings; these have: {', '.join(sorted(schemas))}.")
        old = {plugin: await self.settings.read(guild_of(ctx).id, schemas[plugin]) for plugin in sections}
        async with self.db.transaction():
            for plugin, values in sections.items():
                new = await self.settings.change(guild_of(ctx).id, schemas[plugin], **values)
                states = [
                    {"plugin": plugin, **each.model_dump(mode="json", include=set(values))}
                    for each in (old[plugin], new)
                ]
                await note_change(
                    self.db,
                    "config.settings",
                    guild_id=guild_of(ctx).id,
                    actor_id=ctx.author.id,
                    before=states[0],
                    after=states[1],
                )
        count = sum(len(values) for values in sections.values())
        await ctx.send(embed=success("Settings imported", f"{count} settings of {len(sections)} plugins are stored."))
