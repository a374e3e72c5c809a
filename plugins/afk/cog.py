"""`/afk`; tells who mentions a member who is away, and notices when they are back."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import discord
from discord import app_commands
from discord.ext import commands
from discord.utils import format_dt
from loguru import logger

from plugins.afk import AWAY
from plugins.afk.checks import check_time_out, rename_member, time_out
from plugins.afk.errors import InvalidSpan, NotAway, StillAway
from plugins.afk.holds import Hold
from plugins.afk.managers import AfkManager
from plugins.afk.names import is_marked, marked_name
from plugins.afk.settings import AfkSettings
from plugins.afk.views import MAX_SHOWN, away_embed, back_embed, list_embed, notice_embed
from tux.clock import now
from tux.cog import BaseCog, PluginBot, every, requires_rank
from tux.core.managers import SettingsManager
from tux.core.witness import note_change
from tux.ui import Confirm, Pages, success
from tux.ui.spans import parse_span

if TYPE_CHECKING:
    from plugins.afk.models import AfkEntry
    from tux.manager import PaginationResult

MODERATOR = 3
PER_PAGE = 10
EXPIRY_SECONDS = 15.0
BATCH = 50
# Discord: https://discord.com/developers/docs/resources/guild#modify-guild-member
MAX_TIME_OUT = timedelta(days=28)
NO_MESSAGE = "No message"

log = logger.bind(plugin="afk")

Context = commands.Context[PluginBot]
Words = commands.Range[str, 1, MAX_SHOWN]

_WORDS = "Why, for those who mention you"
_SPAN = "For how long, such as 30m, 2h30m or 3 days"


class AfkCog(BaseCog, name="AFK"):
    """Members who are away."""

    def __init__(self, bot: PluginBot) -> None:
        super().__init__(bot)
        self.manager = self.db[AfkManager]

    @commands.hybrid_group()
    @commands.guild_only()
    async def afk(self, ctx: Context, *, message: Words = NO_MESSAGE) -> None:
        """Say that you are away until you write again."""
        await self._leave(ctx, message)

    @afk.command(name="set")
    @app_commands.describe(message=_WORDS)
    @commands.guild_only()
    async def set_away(self, ctx: Context, *, message: Words = NO_MESSAGE) -> None:
        """Say that you are away until you write again."""
        await self._leave(ctx, message)

    @afk.command(name="timed")
    @app_commands.describe(duration=_SPAN, message=_WORDS)
    @commands.guild_only()
    async def set_timed(self, ctx: Context, duration: str, *, message: Words = NO_MESSAGE) -> None:
        """Say that you are away for a while, or until you write again."""
        await self._leave(ctx, message, until=now() + _checked_span(duration))

    @afk.command(name="permanent")
    @app_commands.describe(message=_WORDS)
    @commands.guild_only()
    async def set_permanent(self, ctx: Context, *, message: Words = NO_MESSAGE) -> None:
        """Say that you are away, also while you write, until you use /afk back."""
        await self._leave(ctx, message, hold=Hold.ASKING)

    @afk.command(name="timeout")
    @app_commands.describe(duration=f"{_SPAN}; at most 28 days", message=_WORDS)
    @commands.guild_only()
    async def set_enforced(self, ctx: Context, duration: str, *, message: Words = NO_MESSAGE) -> None:
        """Time yourself out: you cannot write here, nor end it, before the time is over."""
        member, span = _member(ctx), _checked_span(duration, MAX_TIME_OUT)
        check_time_out(member)
        question = f"You cannot write here until {format_dt(now() + span)}, and only a moderator can end it before."
        if not await Confirm.ask(ctx, "Time yourself out?", question, label="Time me out"):
            return
        until = now() + span
        await time_out(member, until)
        await self._leave(ctx, message, until=until, hold=Hold.RELEASE)

    @afk.command(name="back")
    @commands.guild_only()
    async def come_back(self, ctx: Context) -> None:
        """Say that you are back."""
        member = _member(ctx)
        entry = await self.manager.come_back(member.id, member.guild.id, Hold.ASKING)
        if entry is None:
            await self._refuse_enforced(member)
            raise NotAway("You are not away.")
        await _defer(ctx)
        await ctx.send(embed=back_embed(entry, renamed=await _give_name_back(member, entry)))

    @afk.command(name="list")
    @commands.guild_only()
    async def list_away(self, ctx: Context) -> None:
        """List who is away, the longest first."""
        guild_id = _member(ctx).guild.id

        async def load(page: int) -> PaginationResult[AfkEntry]:
            return await self.manager.page_away(guild_id, page, PER_PAGE)

        await Pages.send(ctx, load, list_embed)

    @afk.command(name="remove")
    @app_commands.describe(member="Who is not away any more")
    @commands.guild_only()
    @requires_rank(MODERATOR)
    async def remove_away(self, ctx: Context, member: discord.Member) -> None:
        """End somebody's absence, also a time-out that they asked for."""
        guild_id = member.guild.id
        async with self.db.transaction():
            entry = await self.manager.come_back(member.id, guild_id, Hold.RELEASE)
            if entry is None:
                raise NotAway(f"{member.mention} is not away.")
            before = {"enforced": entry.enforced, "until": entry.until}
            await note_change(
                self.db, "afk.remove", guild_id=guild_id, actor_id=ctx.author.id, target_id=member.id, before=before
            )
        await _defer(ctx)
        await _give_name_back(member, entry)
        if entry.enforced and member.is_timed_out():
            await time_out(member, None)
        await ctx.send(embed=success("Removed", f"{member.mention} is not away any more."))

    @commands.Cog.listener("on_message")
    async def read_message(self, message: discord.Message) -> None:
        """End the absence of a member who writes, and tell them who of those they mention is away."""
        if message.guild is None or not isinstance(message.author, discord.Member) or message.author.bot:
            return
        away = AWAY.of(await self.db.snapshot(message.guild.id))
        mentioned = [user.id for user in message.mentions if user.id in away and user.id != message.author.id]
        returns = away.get(message.author.id) is Hold.WRITING
        if not (mentioned or returns):
            return
        command = (await self.bot.get_context(message)).command
        if command is not None and command.cog is self:
            return  # `!afk back` does it itself, and `!afk set` means the opposite
        if returns:
            await self._welcome_back(message, message.author)
        settings = await self.db[SettingsManager].read(message.guild.id, AfkSettings)
        if mentioned and settings.tell_mentioners:
            found = await self.manager.get_afk_batch(mentioned, message.guild.id)
            if found:
                await _answer(message, notice_embed(found[user_id] for user_id in mentioned if user_id in found))

    @commands.Cog.listener("on_member_remove")
    async def forget_member(self, member: discord.Member) -> None:
        """End the absence of a member who left the server."""
        if member.id in AWAY.of(await self.db.snapshot(member.guild.id)):
            await self.manager.remove_left(member.id, member.guild.id)

    @every(EXPIRY_SECONDS)
    async def end_expired(self) -> None:
        """Give those whose time is over their nicknames back, and end their entries."""
        for guild_id in await self.manager.list_expired_guilds():
            while entries := await self.manager.claim_expired(BATCH, guild_id=guild_id):
                for entry in entries:
                    await self._end_expired(entry)

    async def _end_expired(self, entry: AfkEntry) -> None:
        try:
            member = await self._find_member(entry)
            if member is not None:
                await _give_name_back(member, entry)
        except discord.HTTPException as error:  # the claim runs out, then it is tried again
            log.warning("An absence could not be ended, it is tried again: {}", error)
        else:
            await self.manager.end_expired(entry)

    async def _find_member(self, entry: AfkEntry) -> discord.Member | None:
        try:
            guild = self.bot.get_guild(entry.guild_id) or await self.bot.fetch_guild(entry.guild_id, with_counts=False)
            return guild.get_member(entry.user_id) or await guild.fetch_member(entry.user_id)
        except (discord.NotFound, discord.Forbidden):
            return None

    async def _leave(
        self, ctx: Context, message: str, *, until: datetime | None = None, hold: Hold = Hold.WRITING
    ) -> None:
        member = _member(ctx)
        if hold is not Hold.RELEASE:
            await self._refuse_enforced(member)
        entry = await self.manager.set_member_afk(
            member.id,
            member.guild.id,
            message,
            until=until,
            permanent=hold is Hold.ASKING,
            enforced=hold is Hold.RELEASE,
            nickname=member.nick,
        )
        settings = await self.db[SettingsManager].read(member.guild.id, AfkSettings)
        await _defer(ctx)
        renamed = not settings.mark_nicknames or await rename_member(member, marked_name(member.display_name))
        await ctx.send(embed=away_embed(entry, renamed))

    async def _refuse_enforced(self, member: discord.Member) -> None:
        """Refuse to end an enforced entry before its time; members without one cost no statement."""
        if AWAY.of(await self.db.snapshot(member.guild.id)).get(member.id) is not Hold.RELEASE:
            return
        entry = await self.manager.get_afk_by_member(member.id, member.guild.id)
        if entry is not None and entry.enforced and entry.until is not None:
            raise StillAway(
                f"You timed yourself out; it ends {format_dt(entry.until, 'R')}. A moderator can end it now."
            )

    async def _welcome_back(self, message: discord.Message, member: discord.Member) -> None:
        entry = await self.manager.come_back(member.id, member.guild.id)
        if entry is not None:  # another message of theirs was first
            await _answer(message, back_embed(entry, renamed=await _give_name_back(member, entry)))


async def _give_name_back(member: discord.Member, entry: AfkEntry) -> bool:
    """Undo the mark of a nickname; one that was changed meanwhile stays. False when Discord does not let the bot."""
    return not is_marked(member.nick) or await rename_member(member, entry.nickname)


async def _defer(ctx: Context) -> None:
    """Tell Discord that the answer comes: changes of nicknames are slowed down to some in a minute."""
    if ctx.interaction is not None and not ctx.interaction.response.is_done():
        await ctx.defer()


async def _answer(message: discord.Message, embed: discord.Embed) -> None:
    try:
        await message.channel.send(embed=embed, reference=message, mention_author=False)
    except discord.HTTPException as error:  # a channel that is closed to us, a message that is gone
        log.debug("A notice could not be sent: {}", error)


def _member(ctx: Context) -> discord.Member:
    if not isinstance(ctx.author, discord.Member):
        raise commands.NoPrivateMessage
    return ctx.author


def _checked_span(text: str, longest: timedelta | None = None) -> timedelta:
    """Return the span that was written.

    Raises:
        InvalidSpan: it cannot be read, or is longer than `longest`.
    """
    span = parse_span(text)
    if span is None:
        raise InvalidSpan(f"`{text[:50]}` is no duration. Write it like `30m`, `2h30m` or `3 days`.")
    if longest is not None and span > longest:
        raise InvalidSpan(f"Discord allows at most {longest.days} days.")
    return span
