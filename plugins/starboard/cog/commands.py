"""`/starboard`, and what Discord tells of reactions, edits and deletions."""

from __future__ import annotations

from typing import TYPE_CHECKING

import discord
from discord import app_commands
from discord.ext import commands
from loguru import logger

from plugins.starboard import BOARD, Board
from plugins.starboard.cog.keeper import Keeper
from plugins.starboard.emojis import custom_id, emoji_key, is_plain_emoji
from plugins.starboard.errors import CannotPost, InvalidEmoji, NoStarboard
from plugins.starboard.managers import BoardValues, StarboardManager, StarboardMessageManager
from plugins.starboard.views import board_embed, top_embed
from tux.cog import BaseCog, PluginBot, every, guild_of, requires_rank
from tux.core.witness import note_change
from tux.ui import Pages, success

if TYPE_CHECKING:
    from collections.abc import Iterable

    from plugins.starboard.models import StarboardMessage
    from tux.manager import PaginationResult

ADMINISTRATOR = 7
PER_PAGE = 10
CLAIM_SECONDS = 60.0

log = logger.bind(plugin="starboard")

Context = commands.Context[PluginBot]
Threshold = commands.Range[int, 1, 1000]
Reactions = discord.RawReactionActionEvent | discord.RawReactionClearEvent | discord.RawReactionClearEmojiEvent


class StarboardCog(BaseCog, name="Starboard"):
    """The messages that members liked most."""

    def __init__(self, bot: PluginBot) -> None:
        super().__init__(bot)
        self.boards = self.db[StarboardManager]
        self.messages = self.db[StarboardMessageManager]
        self.keeper = Keeper(bot)

    @commands.hybrid_group(fallback="show")
    @commands.guild_only()
    async def starboard(self, ctx: Context) -> None:
        """Show this server's starboard and its numbers."""
        guild_id = guild_of(ctx).id
        board = await self._board(guild_id)
        await ctx.send(embed=board_embed(board, await self.messages.summarize_board(guild_id)))

    @starboard.command()
    @app_commands.describe(
        channel="Where starred messages are shown",
        emoji="Which emoji counts; ⭐ at first",
        threshold="How many it takes",
    )
    @commands.guild_only()
    @requires_rank(ADMINISTRATOR)
    async def setup(
        self,
        ctx: Context,
        channel: discord.TextChannel,
        emoji: str | None = None,
        threshold: Threshold | None = None,
    ) -> None:
        """Set the starboard up, or change it; what you leave out stays."""
        _check_channel(channel)
        values: BoardValues = {"channel_id": channel.id}
        if emoji is not None:
            values["emoji"] = self._checked_emoji(emoji)
        if threshold is not None:
            values["threshold"] = threshold
        await ctx.defer()  # what follows the new threshold may take a while
        await self._store(ctx, values)

    @starboard.command(name="threshold")
    @app_commands.describe(threshold="How many stars it takes")
    @commands.guild_only()
    @requires_rank(ADMINISTRATOR)
    async def set_threshold(self, ctx: Context, threshold: Threshold) -> None:
        """Choose how many stars it takes; what is shown follows."""
        board = await self._board(guild_of(ctx).id)
        await ctx.defer()
        values: BoardValues = {"channel_id": board.channel_id, "threshold": threshold}
        await self._store(ctx, values)

    @starboard.command()
    @commands.guild_only()
    @requires_rank(ADMINISTRATOR)
    async def remove(self, ctx: Context) -> None:
        """Take the starboard away; what was posted stays where it is."""
        async with self.db.transaction():
            if not await self.boards.delete_starboard(guild_of(ctx).id):
                raise _no_board()
            await _note(ctx, "starboard.remove")
        await ctx.send(
            embed=success("Starboard removed", "No more messages come there. `/starboard setup` brings it back.")
        )

    @starboard.command()
    @commands.guild_only()
    async def top(self, ctx: Context) -> None:
        """List the messages with the most stars."""
        guild_id = guild_of(ctx).id

        async def load(page: int) -> PaginationResult[StarboardMessage]:
            return await self.messages.page_top(guild_id, page, PER_PAGE)

        await Pages.send(ctx, load, top_embed)

    @commands.Cog.listener("on_raw_reaction_add")
    @commands.Cog.listener("on_raw_reaction_remove")
    @commands.Cog.listener("on_raw_reaction_clear")
    @commands.Cog.listener("on_raw_reaction_clear_emoji")
    async def follow_reaction(self, payload: Reactions) -> None:
        """Count the stars of a message anew when somebody gave or took one."""
        board = await self._board_of(payload.guild_id, payload.channel_id)
        emoji = None if isinstance(payload, discord.RawReactionClearEvent) else str(payload.emoji)
        if board is None or payload.guild_id is None or (emoji and emoji_key(emoji) != emoji_key(board.emoji)):
            return
        await self.keeper.refresh(payload.guild_id, payload.channel_id, payload.message_id)

    @commands.Cog.listener("on_raw_message_edit")
    async def follow_edit(self, payload: discord.RawMessageUpdateEvent) -> None:
        """Change the post of a message that was edited; one that is known to have no star costs nothing."""
        board = await self._board_of(payload.guild_id, payload.channel_id)
        if board is None or payload.guild_id is None:
            return
        known = payload.cached_message
        if known is not None and emoji_key(board.emoji) not in {emoji_key(str(each.emoji)) for each in known.reactions}:
            return
        row = await self.messages.get_message_by_original(payload.message_id)
        if row is not None and row.starboard_message_id is not None:
            await self.keeper.refresh(payload.guild_id, payload.channel_id, payload.message_id)

    @commands.Cog.listener("on_raw_message_delete")
    async def follow_deletion(self, payload: discord.RawMessageDeleteEvent) -> None:
        """Take the post of a message down that was deleted, or note that a post is gone."""
        await self._forget(payload.guild_id, payload.channel_id, [payload.message_id])

    @commands.Cog.listener("on_raw_bulk_message_delete")
    async def follow_bulk_deletion(self, payload: discord.RawBulkMessageDeleteEvent) -> None:
        """Do the same for many messages by one statement."""
        await self._forget(payload.guild_id, payload.channel_id, payload.message_ids)

    @commands.Cog.listener("on_guild_channel_delete")
    async def follow_channel(self, channel: discord.abc.GuildChannel) -> None:
        """Take the posts down whose messages went with a channel; without its own channel there is no starboard."""
        await self._forget_channel(channel.guild.id, channel.id)

    @commands.Cog.listener("on_raw_thread_delete")
    async def follow_thread(self, payload: discord.RawThreadDeleteEvent) -> None:
        """Take the posts down whose messages went with a thread."""
        await self._forget_channel(payload.guild_id, payload.thread_id)

    @every(CLAIM_SECONDS)
    async def finish_posts(self) -> None:
        """Post what a process claimed that died before it did; each process looks after its own guilds."""
        guilds = [guild.id for guild in self.bot.guilds if not guild.unavailable]
        for row in await self.messages.list_unfinished(guilds) if guilds else ():
            await self.db.snapshot(row.guild_id)
            if self.bot.is_silent(self.plugin, row.guild_id):
                continue
            if row.claim is None or not await self.messages.release_claim(row.original_message_id, row.claim):
                continue
            try:
                await self.keeper.refresh(row.guild_id, row.original_channel_id, row.original_message_id)
            except discord.HTTPException as error:
                log.warning("Message {} could not be looked at again: {}", row.original_message_id, error)

    async def _forget_channel(self, guild_id: int, channel_id: int) -> None:
        board = BOARD.of(await self.db.snapshot(guild_id))
        if board is None:
            return
        if channel_id != board.channel_id:
            await self.keeper.drop_posts(await self.messages.forget_channel(guild_id, channel_id))
            return
        async with self.db.transaction():
            await self.messages.forget_board_channel(guild_id, channel_id)
            await self.boards.delete_starboard(guild_id)

    async def _forget(self, guild_id: int | None, channel_id: int, message_ids: Iterable[int]) -> None:
        if guild_id is None:
            return
        board = BOARD.of(await self.db.snapshot(guild_id))
        if board is None:
            return
        if channel_id == board.channel_id:
            await self.messages.forget_posts(guild_id, message_ids)
        else:
            await self.keeper.drop_posts(await self.messages.forget_messages(guild_id, message_ids))

    async def _board_of(self, guild_id: int | None, channel_id: int) -> Board | None:
        """Return the starboard that the messages of a channel can come onto: none has its own."""
        if guild_id is None:
            return None
        board = BOARD.of(await self.db.snapshot(guild_id))
        return None if board is None or board.channel_id == channel_id else board

    async def _board(self, guild_id: int) -> Board:
        board = BOARD.of(await self.db.snapshot(guild_id))
        if board is None:
            raise _no_board()
        return board

    async def _store(self, ctx: Context, values: BoardValues) -> None:
        async with self.db.transaction():
            board = await self.boards.create_or_update_starboard(guild_of(ctx).id, **values)
            await _note(ctx, "starboard.set", **values)
        await self.keeper.follow_threshold(board.guild_id, board.threshold)
        text = f"{board.threshold} {board.emoji} bring a message to <#{board.channel_id}> from now on."
        await ctx.send(embed=success("Starboard", text))

    def _checked_emoji(self, text: str) -> str:
        """Return an emoji that the bot can see.

        Raises:
            InvalidEmoji: it is none, or a custom one of a server that the bot is not in.
        """
        key = custom_id(text)
        if key is not None:
            emoji = self.bot.get_emoji(key)
            if emoji is None:
                raise InvalidEmoji("I do not see that emoji: take one of this server, or of one that I am in.")
            return str(emoji)
        if not is_plain_emoji(text):
            raise InvalidEmoji(
                f"`{text[:50]}` is no emoji. Pick one from Discord's list, such as ⭐ or one of this server."
            )
        return text.strip()


async def _note(ctx: Context, action: str, **after: object) -> None:
    await note_change(ctx.bot.db, action, guild_id=guild_of(ctx).id, actor_id=ctx.author.id, after=after)


def _check_channel(channel: discord.TextChannel) -> None:
    rights = channel.permissions_for(channel.guild.me)
    wanted = {"view_channel": "see it", "send_messages": "write in it", "embed_links": "embed links in it"}
    missing = [words for name, words in wanted.items() if not getattr(rights, name)]
    if missing:
        raise CannotPost(
            f"I may not {' nor '.join(missing)}: {channel.mention}. Change its permissions, or take another."
        )


def _no_board() -> NoStarboard:
    return NoStarboard("This server has no starboard. An administrator makes one by `/starboard setup`.")
