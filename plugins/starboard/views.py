"""How starred messages look, and the answers of `/starboard`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import discord

from tux.ui import info
from tux.ui.embeds import MAX_DESCRIPTION, shorten

if TYPE_CHECKING:
    from plugins.starboard import Board
    from plugins.starboard.managers import BoardSummary
    from plugins.starboard.models import StarboardMessage
    from tux.manager import PaginationResult

COLOUR = 0xFFAC33


def post_content(board: Board, count: int, channel_id: int) -> str:
    """Return the line above a starred message."""
    return f"{board.emoji} **{count}** in <#{channel_id}>"


def post_embed(message: discord.Message, guild_id: int) -> discord.Embed:
    """Return a starred message as the starboard shows it: its words, who wrote it, its first picture and the way to it."""
    quoted = message.content or next((embed.description for embed in message.embeds if embed.description), "")
    embed = discord.Embed(
        colour=COLOUR, description=shorten(quoted or "", MAX_DESCRIPTION), timestamp=message.created_at
    )
    embed.set_author(name=message.author.display_name, icon_url=message.author.display_avatar.url)
    pictures = [each for each in message.attachments if _is_picture(each)]
    if pictures:
        embed.set_image(url=pictures[0].url)
    others = [each for each in message.attachments if each not in pictures[:1]]
    if others:
        shown = "\n".join(f"[{each.filename}]({each.url})" for each in others[:5])
        embed.add_field(name="Attached", value=shorten(shown, 1024), inline=False)
    embed.add_field(name="Original", value=f"[Jump to it]({message_link(guild_id, message.channel.id, message.id)})")
    return embed


def shows_message(embed: discord.Embed, link: str) -> bool:
    """Return whether an embed is the post of the message that a link leads to."""
    return any(f"({link})" in (field.value or "") for field in embed.fields)


def board_embed(board: Board, summary: BoardSummary) -> discord.Embed:
    """Return a guild's starboard and its numbers."""
    need = f"{board.threshold} {board.emoji} bring a message to <#{board.channel_id}>."
    embed = info("Starboard", f"{need} Nobody's own star counts, nor those of bots.")
    embed.add_field(name="Shown", value=str(summary.posts))
    embed.add_field(name="Ever with enough", value=str(summary.messages))
    embed.add_field(name="Stars", value=str(summary.stars))
    if summary.best_author_id is not None:
        embed.add_field(name="Most starred", value=f"<@{summary.best_author_id}>")
    return embed


def top_embed(page: PaginationResult[StarboardMessage]) -> discord.Embed:
    """Return one page of the messages with the most stars."""
    if not page.total:
        return info("Top messages", "No message had enough stars yet.")
    first = (page.page - 1) * page.per_page + 1
    lines = [f"{number}. {_line(row)}" for number, row in enumerate(page.items, first)]
    embed = info(f"Top messages ({page.total})", "\n".join(lines))
    if page.pages > 1:
        embed.set_footer(text=f"Page {page.page} of {page.pages}")
    return embed


def _line(row: StarboardMessage) -> str:
    link = message_link(row.guild_id, row.original_channel_id, row.original_message_id)
    stars = "1 star" if row.star_count == 1 else f"{row.star_count} stars"
    return f"**{stars}**: [message]({link}) of <@{row.author_id}>"


def message_link(guild_id: int, channel_id: int, message_id: int) -> str:
    """Return the way to a message; discord.py knows no guild of one that was fetched by its channel's id alone."""
    return f"https://discord.com/channels/{guild_id}/{channel_id}/{message_id}"


def _is_picture(attachment: discord.Attachment) -> bool:
    return (attachment.content_type or "").startswith("image/") and not attachment.is_spoiler()
