"""`/mydata`: what the bot keeps about whoever asks, as a file, and how to have it forgotten."""

from __future__ import annotations

import gzip
import io
from typing import Any

import discord
from discord.ext import commands
from loguru import logger

from tux.cog import BaseCog
from tux.core.errors import ClosedMessages
from tux.core.userdata import data_map, exported_json, report_lines
from tux.privacy import forget_user
from tux.ui import Confirm, info, success, warning

# what Discord takes of a bot without boosts: https://discord.com/developers/docs/reference#uploading-files
MAX_FILE_BYTES = 10 * 1024 * 1024

Context = commands.Context[Any]

_WORDS = {"delete": "deleted", "null": "made anonymous", "keep": "kept"}


class MyDataCog(BaseCog, name="My data"):
    """What members may ask of the data about them."""

    @commands.hybrid_group(fallback="about")
    async def mydata(self, ctx: Context) -> None:
        """Show what the bot may keep about you, and what becomes of it when you delete it."""
        found = await data_map(self.db)
        lines = [f"`{each.table}.{each.column}`: {_WORDS[each.forget]}{_why(each.reason)}" for each in found.users]
        text = "Get all of it with `/mydata export`. `/mydata delete` does this:\n" + "\n".join(dict.fromkeys(lines))
        await ctx.send(embed=info("Your data", text), ephemeral=True)

    @mydata.command()
    @commands.cooldown(2, 60, commands.BucketType.user)
    async def export(self, ctx: Context) -> None:
        """Get all that the bot keeps about you, in all servers, as a file for your eyes only."""
        await ctx.defer(ephemeral=True)
        content, name = (await exported_json(self.db, ctx.author.id)).encode(), "mydata.json"
        if len(content) > MAX_FILE_BYTES:
            content, name = gzip.compress(content), "mydata.json.gz"
        if len(content) > MAX_FILE_BYTES:
            raise ClosedMessages("Your data do not fit into a message. Ask the bot's owner for them.")
        embed = success("Your data", "All that I keep about you, from all servers.")
        await _send_privately(ctx, embed, discord.File(io.BytesIO(content), name))

    @mydata.command()
    @commands.max_concurrency(1, commands.BucketType.user)
    async def delete(self, ctx: Context) -> None:
        """Have all forgotten that the bot keeps about you, in all servers, after you confirm it."""
        await ctx.defer(ephemeral=True)
        question = "All that I keep about you in all servers is deleted or made anonymous, but for what `/mydata about` names. It cannot be undone."
        if not await Confirm.ask(ctx, "Delete your data?", question, label="Delete my data", ephemeral=True):
            await ctx.send(embed=warning("Nothing was done", "Your data are as they were."), ephemeral=True)
            return
        found = await data_map(self.db)
        report = await forget_user(self.db.service, found.users, ctx.author.id)
        logger.bind(plugin="core").info("A user's data were deleted from {} tables", len(report))
        lines = report_lines(report) or ["There was nothing about you."]
        if found.unreadable:
            lines.append(f"Not reachable now, ask the bot's owner: {', '.join(found.unreadable)}")
        await ctx.send(embed=success("Your data were deleted", "\n".join(lines)), ephemeral=True)


async def _send_privately(ctx: Context, embed: discord.Embed, file: discord.File) -> None:
    """Answer so that nobody else sees it: ephemerally, else by direct message.

    Raises:
        ClosedMessages: they take no direct messages from the bot.
    """
    if ctx.interaction is not None or ctx.guild is None:
        await ctx.send(embed=embed, file=file, ephemeral=True)
        return
    try:
        await ctx.author.send(embed=embed, file=file)
    except discord.Forbidden as error:
        raise ClosedMessages("You take no direct messages from me. Use `/mydata export` instead.") from error
    await ctx.send(embed=success("Your data", "I sent them to you by direct message."))


def _why(reason: str) -> str:
    return f" ({reason})" if reason else ""
