"""Keeps each starred message's one post as it ought to be, whatever happened to either of them."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import discord
from loguru import logger

from plugins.starboard import BOARD, Board
from plugins.starboard.emojis import emoji_key
from plugins.starboard.managers import StarboardMessageManager
from plugins.starboard.views import message_link, post_content, post_embed, shows_message

if TYPE_CHECKING:
    from collections.abc import Iterable
    from uuid import UUID

    from plugins.starboard.models import StarboardMessage
    from tux.cog import PluginBot

# Discord names at most so many of those who reacted in one answer.
MAX_NAMED = 100
# How many posts are looked through for one that nobody remembers, from a minute before its message was known or written.
SEARCHED = 100
CLOCKS_DIFFER = timedelta(minutes=1)
NOBODY = discord.AllowedMentions.none()

log = logger.bind(plugin="starboard")


class Keeper:
    """Posts, changes and removes posts. Of one message one look is under way at a time; what comes meanwhile follows it."""

    def __init__(self, bot: PluginBot) -> None:
        self.bot = bot
        self.db = bot.db
        self.manager = bot.db[StarboardMessageManager]
        self._again: dict[int, bool] = {}

    async def refresh(self, guild_id: int, channel_id: int, message_id: int) -> None:
        """Look at a message, and bring its post into line with what is seen.

        While a look is under way others of the message only ask for another one: the last look saw everything, and
        a hundred stars in a second cost a few looks.
        """
        if message_id in self._again:
            self._again[message_id] = True
            return
        self._again[message_id] = True
        try:
            while self._again[message_id]:
                self._again[message_id] = False
                await self._look(guild_id, channel_id, message_id)
        finally:
            del self._again[message_id]

    async def _look(self, guild_id: int, channel_id: int, message_id: int) -> None:
        board = BOARD.of(await self.db.snapshot(guild_id))
        if board is None or channel_id == board.channel_id:
            return
        if await self._is_hidden(board, channel_id):
            known = await self.manager.get_message_by_original(message_id)
            if known is not None:  # the channel was open when it was posted
                await self.remove_post(known)
            return
        message = await self._find_message(channel_id, message_id)
        if message is None:
            return
        stars = await self.manager.note_stars(
            guild_id=guild_id,
            channel_id=channel_id,
            message_id=message_id,
            author_id=message.author.id,
            count=await count_stars(message, board.emoji),
        )
        if stars is None:
            return
        if stars.claim is not None:
            await self._post(board, message, stars.message, stars.claim)
        elif stars.message.starboard_message_id is not None:
            await self._follow(board, message, stars.message)

    async def _is_hidden(self, board: Board, channel_id: int) -> bool:
        """Return whether the messages of a channel are not for the board: age-restricted where children may read."""
        try:
            channel = self.bot.get_channel(channel_id) or await self.bot.fetch_channel(channel_id)
        except (discord.NotFound, discord.Forbidden):
            return False
        return _is_restricted(channel) and not _is_restricted(self.bot.get_channel(board.channel_id))

    async def _find_message(self, channel_id: int, message_id: int) -> discord.Message | None:
        try:
            return await self.bot.get_partial_messageable(channel_id).fetch_message(message_id)
        except (discord.NotFound, discord.Forbidden):
            return None

    async def _post(self, board: Board, message: discord.Message, row: StarboardMessage, claim: UUID) -> None:
        found = await self._find_post(board, message, row)
        try:
            post_id = found or await self._send(board, message, row)
        except discord.HTTPException as error:
            await self.manager.release_claim(message.id, claim)
            log.warning("Message {} could not be posted: {}", message.id, error)
            return
        known = await self.manager.record_post(
            message.id, claim, starboard_message_id=post_id, starboard_channel_id=board.channel_id
        )
        if known is None:  # the message is gone, or another process took over
            await self._delete(board.channel_id, post_id)
        elif found is not None or known.star_count != row.star_count:  # it was counted anew meanwhile
            await self._follow(board, message, known)

    async def _send(self, board: Board, message: discord.Message, row: StarboardMessage) -> int:
        post = await self.bot.get_partial_messageable(board.channel_id).send(
            post_content(board, row.star_count, message.channel.id),
            embed=post_embed(message, row.guild_id),
            allowed_mentions=NOBODY,
        )
        return post.id

    async def _find_post(self, board: Board, message: discord.Message, row: StarboardMessage) -> int | None:
        """Return a post that nobody remembers: its process died, or its author had everything about them deleted since."""
        is_new = row.claimed_at is None or row.created_at >= row.claimed_at
        since = message.created_at if is_new else row.created_at
        link = message_link(row.guild_id, row.original_channel_id, row.original_message_id)
        board_channel = self.bot.get_partial_messageable(board.channel_id)
        try:
            async for post in board_channel.history(limit=SEARCHED, after=since - CLOCKS_DIFFER):
                if post.author == self.bot.user and any(shows_message(embed, link) for embed in post.embeds):
                    return post.id
        except (discord.Forbidden, discord.NotFound):
            log.debug("The starboard of guild {} cannot be read", row.guild_id)
        return None

    async def _follow(self, board: Board, message: discord.Message, row: StarboardMessage) -> None:
        if row.star_count < board.threshold:
            await self.remove_post(row)
            return
        if row.starboard_channel_id is None or row.starboard_message_id is None:
            return
        post = self.bot.get_partial_messageable(row.starboard_channel_id).get_partial_message(row.starboard_message_id)
        content = post_content(board, row.star_count, row.original_channel_id)
        try:
            await post.edit(content=content, embed=post_embed(message, row.guild_id), allowed_mentions=NOBODY)
        except discord.NotFound:
            await self.manager.withdraw_post(row.original_message_id, row.starboard_message_id)
        except discord.Forbidden as error:
            log.warning("Post {} could not be changed: {}", row.starboard_message_id, error)

    async def remove_post(self, row: StarboardMessage) -> None:
        """Take a post off the starboard; of several processes one does."""
        if row.starboard_message_id is None or row.starboard_channel_id is None:
            return
        if await self.manager.withdraw_post(row.original_message_id, row.starboard_message_id):
            await self._delete(row.starboard_channel_id, row.starboard_message_id)

    async def drop_posts(self, rows: Iterable[StarboardMessage]) -> None:
        """Delete the posts of messages that are forgotten."""
        for row in rows:
            if row.starboard_message_id is not None and row.starboard_channel_id is not None:
                await self._delete(row.starboard_channel_id, row.starboard_message_id)

    async def follow_threshold(self, guild_id: int, threshold: int) -> None:
        """Post what has enough stars by a new threshold, and take down what has not."""
        after = 0
        while rows := await self.manager.list_misplaced(guild_id, threshold, after):
            for row in rows:
                if row.starboard_message_id is None:
                    await self.refresh(guild_id, row.original_channel_id, row.original_message_id)
                else:
                    await self.remove_post(row)
            after = rows[-1].id

    async def _delete(self, channel_id: int, post_id: int) -> None:
        try:
            await self.bot.get_partial_messageable(channel_id).get_partial_message(post_id).delete()
        except (discord.NotFound, discord.Forbidden) as error:
            log.debug("Post {} could not be deleted: {}", post_id, error)


async def count_stars(message: discord.Message, emoji: str) -> int:
    """Return how many members starred a message: not its author, and no bots (these are told from a hundred stars at most)."""
    wanted = emoji_key(emoji)
    reaction = next((each for each in message.reactions if emoji_key(str(each.emoji)) == wanted), None)
    if reaction is None:
        return 0
    if reaction.count <= MAX_NAMED:
        users = {
            user.id: user for kind in _kinds(reaction) async for user in reaction.users(limit=MAX_NAMED, type=kind)
        }
        return sum(not user.bot and user.id != message.author.id for user in users.values())
    first = discord.Object(message.author.id - 1)
    named = {user.id for kind in _kinds(reaction) async for user in reaction.users(limit=1, after=first, type=kind)}
    return reaction.count - (message.author.id in named)


def _kinds(reaction: discord.Reaction) -> list[discord.ReactionType]:
    """Return the kinds of reaction that there are of an emoji; Discord names those of each kind apart."""
    counts = {discord.ReactionType.normal: reaction.normal_count, discord.ReactionType.burst: reaction.burst_count}
    return [kind for kind, count in counts.items() if count]


def _is_restricted(channel: object) -> bool:
    is_nsfw = getattr(channel, "is_nsfw", None)
    return bool(is_nsfw is not None and is_nsfw())
