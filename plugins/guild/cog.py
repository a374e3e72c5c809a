"""`/prefix` and what `/config` shows and sets of a guild; keeps a row for every guild, and tells the bot its prefix."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import discord
from discord import app_commands
from discord.ext import commands

from plugins.guild import LEVELS, PREFIX
from plugins.guild.errors import InvalidJailRole, InvalidPrefix, LevelTooHigh
from plugins.guild.managers import GuildConfigManager, GuildManager
from plugins.guild.models import MAX_LEVEL, MAX_PREFIX_LENGTH
from plugins.guild.views import config_embed
from tux.cog import BaseCog, PluginBot, guild_of, requires_rank, subcommand_of
from tux.core.witness import note_change
from tux.ui import success, warning

if TYPE_CHECKING:
    from collections.abc import Mapping

ADMINISTRATOR = 7
# What the bot needs in a channel into which it shall write, in Discord's words.
NEEDED = ("view_channel", "send_messages", "embed_links")

LogName = Literal["mod", "audit", "join", "private", "report", "dev"]
ChannelName = Literal["general", "starboard"]
Context = commands.Context[PluginBot]


class GuildCog(BaseCog, name="Guild"):
    """What administrators choose for their server."""

    def __init__(self, bot: PluginBot) -> None:
        super().__init__(bot)
        self.configs = self.db[GuildConfigManager]

    async def cog_load(self) -> None:
        """Tell the bot each guild's prefix from now on."""
        self.bot.prefixes = self.prefix_of

    async def cog_unload(self) -> None:
        """Leave the bot with its default prefix."""
        self.bot.prefixes = None

    async def prefix_of(self, guild_id: int) -> str | None:
        """Return a guild's own prefix, None for the default one."""
        return PREFIX.of(await self.db.snapshot(guild_id))

    @commands.Cog.listener()
    async def on_ready(self) -> None:
        """Make the rows of all guilds that the bot is in."""
        await self.db[GuildManager].sync_guilds({guild.id: guild.name for guild in self.bot.guilds})

    @commands.Cog.listener("on_guild_join")
    async def note_guild(self, guild: discord.Guild) -> None:
        """Make the row of a guild that invited the bot."""
        await self.db[GuildManager].sync_guilds({guild.id: guild.name})

    @commands.Cog.listener("on_guild_update")
    async def note_name(self, before: discord.Guild, after: discord.Guild) -> None:
        """Follow a guild that changes its name."""
        if before.name != after.name:
            await self.note_guild(after)

    @commands.Cog.listener("on_guild_remove")
    async def note_leave(self, guild: discord.Guild) -> None:
        """Note when the bot was removed from a guild."""
        await self.db[GuildManager].mark_left(guild.id)

    @commands.hybrid_group(fallback="show")
    @commands.guild_only()
    async def prefix(self, ctx: Context) -> None:
        """Show what commands begin with in this server."""
        prefix = await self.prefix_of(guild_of(ctx).id) or self.bot.settings.bot.prefix
        await ctx.send(embed=success("Prefix", f"Commands begin with `{prefix}` here, or with a mention of me."))

    @prefix.command(name="set")
    @app_commands.describe(prefix="What commands shall begin with, such as ? or tux.")
    @commands.guild_only()
    @requires_rank(ADMINISTRATOR)
    async def set_prefix(self, ctx: Context, prefix: str) -> None:
        """Choose what commands begin with in this server."""
        prefix = checked_prefix(prefix)
        await self._store_prefix(ctx, prefix)
        await ctx.send(embed=success("Prefix changed", f"Commands begin with `{prefix}` from now on."))

    @prefix.command(name="reset")
    @commands.guild_only()
    @requires_rank(ADMINISTRATOR)
    async def reset_prefix(self, ctx: Context) -> None:
        """Go back to the bot's default prefix."""
        await self._store_prefix(ctx, None)
        default = self.bot.settings.bot.prefix
        await ctx.send(embed=success("Prefix changed", f"Commands begin with `{default}` again."))

    @commands.hybrid_command()
    @subcommand_of("config")
    @commands.guild_only()
    @requires_rank(ADMINISTRATOR)
    async def show(self, ctx: Context) -> None:
        """Show the configuration of this server."""
        guild = guild_of(ctx)
        config = await self.configs.get_config_by_guild_id(guild.id)
        levels = LEVELS.of(await self.db.snapshot(guild.id))
        await ctx.send(embed=config_embed(guild.name, config, levels, self.bot.settings.bot.prefix))

    @commands.hybrid_command(ignore_extra=False)
    @subcommand_of("config")
    @app_commands.describe(log="Which log", channel="Where it goes; leave it out for nowhere")
    @commands.guild_only()
    @requires_rank(ADMINISTRATOR)
    async def logs(self, ctx: Context, log: LogName, channel: discord.TextChannel | None = None) -> None:
        """Choose the channel of a log."""
        await self._store(ctx, f"The {log} log", _missing(channel), **{f"{log}_log_id": channel})

    @commands.hybrid_command(ignore_extra=False)
    @subcommand_of("config")
    @app_commands.describe(name="Which channel", channel="The channel; leave it out for none")
    @commands.guild_only()
    @requires_rank(ADMINISTRATOR)
    async def channel(self, ctx: Context, name: ChannelName, channel: discord.TextChannel | None = None) -> None:
        """Choose the general or the starboard channel."""
        await self._store(ctx, f"The {name} channel", _missing(channel), **{f"{name}_channel_id": channel})

    @commands.hybrid_command(ignore_extra=False)
    @subcommand_of("config")
    @app_commands.describe(
        channel="What jailed members see", role="The role that keeps them in; both left out: no jail"
    )
    @commands.guild_only()
    @requires_rank(ADMINISTRATOR)
    async def jail(
        self, ctx: Context, channel: discord.TextChannel | None = None, role: discord.Role | None = None
    ) -> None:
        """Choose channel and role of the jail."""
        if role is not None:
            check_jail_role(role, LEVELS.of(await self.db.snapshot(role.guild.id)))
        await self._store(ctx, "The jail", jail_channel_id=channel, jail_role_id=role)

    @commands.hybrid_command(ignore_extra=False)
    @subcommand_of("config")
    @app_commands.describe(level="0 to 10; moderators need 3, administrators 7", role="The role; leave it out for none")
    @commands.guild_only()
    @requires_rank(ADMINISTRATOR)
    async def level(
        self, ctx: Context, level: commands.Range[int, 0, MAX_LEVEL], role: discord.Role | None = None
    ) -> None:
        """Choose the role of a permission level."""
        if not await self.bot.has_rank(ctx.author, level, "config level"):
            raise LevelTooHigh(f"You cannot give level {level}: it is above your own rank.")
        guild, role_id = guild_of(ctx), role.id if role else None
        async with self.db.transaction():
            before = await self.configs.get_perm_level_role(guild.id, level)
            await self.configs.update_perm_level_role(guild.id, level, role_id)
            states = [{"level": level, "role_id": each} for each in (before, role_id)]
            await _note(ctx, "config.level", *states)
        await ctx.send(embed=success("Saved", f"Level {level} is now {_mention(role)}."))

    async def _store_prefix(self, ctx: Context, prefix: str | None) -> None:
        guild_id = guild_of(ctx).id
        before = await self.prefix_of(guild_id)
        async with self.db.transaction():
            await self.configs.update_config(guild_id, prefix=prefix)
            await _note(ctx, "config.prefix", {"prefix": before}, {"prefix": prefix})

    async def _store(
        self, ctx: Context, what: str, hint: str = "", **things: discord.TextChannel | discord.Role | None
    ) -> None:
        ids = {name: thing.id if thing else None for name, thing in things.items()}
        config = await self.configs.get_config_by_guild_id(guild_of(ctx).id)
        async with self.db.transaction():
            await self.configs.update_config(guild_of(ctx).id, **ids)
            await _note(ctx, "config.update", {name: getattr(config, name, None) for name in ids}, ids)
        shown = " with ".join(_mention(thing) for thing in things.values())
        await ctx.send(embed=(warning if hint else success)("Saved", f"{what} is now {shown}.{hint}"))


def checked_prefix(prefix: str) -> str:
    """Return a prefix without the spaces around it.

    Raises:
        InvalidPrefix: it is empty, too long, holds a space, or begins like a slash command or a mention.
    """
    prefix = prefix.strip()
    if not 1 <= len(prefix) <= MAX_PREFIX_LENGTH or any(letter.isspace() for letter in prefix):
        raise InvalidPrefix(f"A prefix has 1 to {MAX_PREFIX_LENGTH} characters and no spaces, such as `!` or `tux.`.")
    if prefix[0] in "/@<#`":
        raise InvalidPrefix(f"A prefix cannot begin with `{prefix[0]}`: Discord reads that itself. Try `!` or `?`.")
    return prefix


def check_jail_role(role: discord.Role, levels: Mapping[int, int]) -> None:
    """Refuse a role as the jail's that no bot can give, or that would make its members powerful.

    Raises:
        InvalidJailRole: says which of it.
    """
    if role.is_default() or role.managed:
        raise InvalidJailRole(f"{role.mention} cannot be given to anybody. Make a role of its own for the jail.")
    if role.id in levels:
        raise InvalidJailRole(f"{role.mention} has permission level {levels[role.id]}: jailed members would get it.")
    elevated = [name for name, has in role.permissions & discord.Permissions.elevated() if has]
    if elevated:
        title = elevated[0].replace("_", " ").title()
        raise InvalidJailRole(f"{role.mention} has the permission **{title}**: jailed members would get it.")


def _missing(channel: discord.TextChannel | None) -> str:
    """Return what the bot lacks to write into a channel, "" when it lacks nothing."""
    have = channel.permissions_for(channel.guild.me) if channel else discord.Permissions.all()
    titles = [name.replace("_", " ").title() for name in NEEDED if not getattr(have, name)]
    return f" But I cannot write there: give my role **{'**, **'.join(titles)}**." if titles else ""


async def _note(ctx: Context, action: str, before: Mapping[str, object], after: Mapping[str, object]) -> None:
    guild_id, actor_id = guild_of(ctx).id, ctx.author.id
    await note_change(ctx.bot.db, action, guild_id=guild_id, actor_id=actor_id, before=before, after=after)


def _mention(thing: discord.TextChannel | discord.Role | None) -> str:
    return thing.mention if thing else "not set"
