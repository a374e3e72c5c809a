"""`/purge`, `/slowmode` and `/report`: what is done in channels."""

from __future__ import annotations

from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING

import discord
from discord import app_commands
from discord.ext import commands
from loguru import logger

from plugins.moderation.checks import DISCORD_TROUBLE, MODERATOR, check_channel
from plugins.moderation.cog.orders import Context, moderator_of
from plugins.moderation.durations import parse_duration
from plugins.moderation.errors import CannotModerate, CannotReport
from plugins.moderation.views import ReportModal, report_embed
from tux.clock import now
from tux.cog import BaseCog, PluginBot, requires_rank
from tux.core.witness import note_change
from tux.ui import info, success
from tux.ui.spans import span_words

if TYPE_CHECKING:
    from collections.abc import Callable

MAX_PURGE = 500
# Older messages have to be deleted one by one.
# https://discord.com/developers/docs/resources/message#bulk-delete-messages
BULK_AGE = timedelta(days=14) - timedelta(minutes=5)
# https://discord.com/developers/docs/resources/channel#modify-channel
MAX_SLOWMODE = timedelta(hours=6)
REPORT_SECONDS = 30.0

Place = discord.TextChannel | discord.VoiceChannel | discord.StageChannel | discord.Thread

log = logger.bind(plugin="moderation")


class ChannelsCog(BaseCog, name="Channels"):
    """Commands about what is written, and a way for members to tell the moderators."""

    def __init__(self, bot: PluginBot) -> None:
        super().__init__(bot)
        self._menu = app_commands.ContextMenu(name="Report message", callback=self.report_message)
        self._menu.guild_only = True

    async def cog_load(self) -> None:
        """Offer the report in the menu of a message."""
        self.bot.tree.add_command(self._menu)

    async def cog_unload(self) -> None:
        """Take it back."""
        self.bot.tree.remove_command(self._menu.name, type=self._menu.type)

    @commands.hybrid_command()
    @app_commands.describe(
        count="How many messages to look at", user="Only theirs", text="Only those with this in them"
    )
    @commands.guild_only()
    @requires_rank(MODERATOR)
    async def purge(
        self,
        ctx: Context,
        count: commands.Range[int, 1, MAX_PURGE],
        user: discord.User | None = None,
        *,
        text: str | None = None,
    ) -> None:
        """Delete the last messages of this channel, of the last 14 days."""
        channel, moderator = _place(ctx), moderator_of(ctx)
        check_channel(channel, "manage_messages", "read_message_history")
        await ctx.defer(ephemeral=True)
        deleted = await channel.purge(
            limit=count,
            check=_wanted(user, text),
            before=ctx.message if ctx.interaction is None else discord.Object(ctx.interaction.id),
            after=now() - BULK_AGE,
            oldest_first=False,
            reason=f"{moderator} ({moderator.id})",
        )
        await note_change(
            self.db,
            "messages.purge",
            guild_id=moderator.guild.id,
            actor_id=moderator.id,
            target_id=user.id if user else None,
            after={"channel": channel.id, "deleted": len(deleted)},
        )
        word = "message was" if len(deleted) == 1 else "messages were"
        await ctx.send(embed=success("Purged", f"{len(deleted)} {word} deleted in {channel.mention}."), ephemeral=True)

    @commands.hybrid_command()
    @app_commands.describe(duration="Such as 10s or 2m, at most 6h; off ends it; left out: shows it")
    @commands.guild_only()
    @requires_rank(MODERATOR)
    async def slowmode(self, ctx: Context, duration: str | None = None) -> None:
        """Let members write in this channel only every so often."""
        channel, moderator = _place(ctx), moderator_of(ctx)
        if duration is None:
            await ctx.send(embed=info("Slow mode", _pace(channel, channel.slowmode_delay)))
            return
        off = duration.lower() in {"off", "0", "none"}
        seconds = 0 if off else _seconds(duration)
        check_channel(channel, "manage_channels")
        before = channel.slowmode_delay
        await channel.edit(slowmode_delay=seconds, reason=f"{moderator} ({moderator.id})")
        await note_change(
            self.db,
            "channel.slowmode",
            guild_id=moderator.guild.id,
            actor_id=moderator.id,
            before={"channel": channel.id, "seconds": before},
            after={"channel": channel.id, "seconds": seconds},
        )
        await ctx.send(embed=success("Slow mode", _pace(channel, seconds)))

    @commands.hybrid_command()
    @app_commands.describe(member="Whom it is about", reason="What happened; left out, a form asks")
    @commands.guild_only()
    @commands.cooldown(1, REPORT_SECONDS, commands.BucketType.member)
    async def report(self, ctx: Context, member: discord.Member, *, reason: str | None = None) -> None:
        """Tell the moderators about a member; nobody else sees it."""
        about = f"{member.mention} (`{member.id}`) in <#{ctx.channel.id}>"
        if member.id == ctx.author.id:
            raise CannotReport("You cannot report yourself.")
        if reason is None and ctx.interaction is not None:
            await self._open(ctx.interaction, about)
            return
        if reason is None:
            raise CannotReport("Say what happened after the member, or use `/report`, which asks for it.")
        await self._file(moderator_of(ctx), about, reason)
        if ctx.interaction is None:
            await _hide(ctx.message)
        await ctx.send(embed=_thanks(), ephemeral=True)

    async def report_message(self, interaction: discord.Interaction[PluginBot], message: discord.Message) -> None:
        """Tell the moderators about a message."""
        author = message.author
        await self._open(interaction, f"{author.mention} (`{author.id}`): {message.jump_url}")

    async def _open(self, interaction: discord.Interaction[PluginBot], about: str) -> None:
        await self._log_of(interaction.guild)  # refused before anything has to be written
        await interaction.response.send_modal(ReportModal(partial(self._submitted, about)))

    async def _submitted(self, about: str, interaction: discord.Interaction[PluginBot], text: str) -> None:
        if isinstance(interaction.user, discord.Member):
            await self._file(interaction.user, about, text)
            await interaction.response.send_message(embed=_thanks(), ephemeral=True)

    async def _file(self, reporter: discord.Member, about: str, text: str) -> None:
        channel = await self._log_of(reporter.guild)
        try:
            await channel.send(embed=report_embed(reporter, about, text))
        except DISCORD_TROUBLE as error:
            log.warning("A report could not be written in guild {}: {}", reporter.guild.id, error)
            raise CannotReport("I cannot write to the moderators' channel. Tell one of them directly.") from error

    async def _log_of(self, guild: discord.Guild | None) -> discord.PartialMessageable:
        channel_id = await self.db.guild_config.get_report_log_id(guild.id) if guild else None
        if guild is None or channel_id is None:
            raise CannotReport("Reports are not taken here: no channel was chosen for them (`/config logs report`).")
        return self.bot.get_partial_messageable(channel_id, guild_id=guild.id)


def _thanks() -> discord.Embed:
    return success("Reported", "Thank you. The moderators have your report, and nobody else.")


async def _hide(message: discord.Message) -> None:
    """Delete a report that was written in the open; without the right to, it stays."""
    try:
        await message.delete()
    except DISCORD_TROUBLE as error:
        log.debug("A written report stays: {}", error)


def _wanted(user: discord.User | None, text: str | None) -> Callable[[discord.Message], bool]:
    def wanted(message: discord.Message) -> bool:
        if message.pinned or (user is not None and message.author.id != user.id):
            return False
        return text is None or text.lower() in message.content.lower()

    return wanted


def _place(ctx: Context) -> Place:
    if not isinstance(ctx.channel, Place):
        raise CannotModerate("That works in channels with messages only.")
    return ctx.channel


def _seconds(text: str) -> int:
    return int(parse_duration(text, longest=MAX_SLOWMODE).total_seconds())


def _pace(channel: Place, seconds: int) -> str:
    if not seconds:
        return f"There is none in {channel.mention}."
    pause = span_words(timedelta(seconds=seconds), exact=True)
    return f"Members write once every {pause.removeprefix('1 ')} in {channel.mention}."
