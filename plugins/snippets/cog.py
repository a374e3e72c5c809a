"""`/snippet`: texts that members store under a name, and the short form `$name` that recalls them."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Protocol

import discord
from discord import app_commands
from discord.ext import commands
from loguru import logger

from plugins.snippets.errors import InvalidSnippet, NotYours, SnippetBanned, UnknownSnippet
from plugins.snippets.managers import SnippetManager
from plugins.snippets.names import checked_content, checked_name, short_name
from plugins.snippets.settings import SnippetSettings
from plugins.snippets.views import info_embed, page_embed, rows_embed
from tux.cog import BaseCog, PluginBot, guild_of, requires_rank
from tux.core.witness import note_change
from tux.errors import UniqueViolation
from tux.ui import Scroll, success

if TYPE_CHECKING:
    from collections.abc import Mapping

    from plugins.snippets.models import Snippet

MODERATOR = 3
# Discord shows at most 25 choices. https://discord.com/developers/docs/interactions/application-commands
MAX_CHOICES = 25
SEARCH_ROWS = 20
POPULAR_ROWS = 10
# What somebody stored pings nobody when others recall it.
NOBODY = discord.AllowedMentions.none()

Context = commands.Context[PluginBot]


class Change(Protocol):
    """What is done to a snippet: None or False when it is gone, or not its author's to change any more."""

    async def __call__(self, snippet_id: int, /, *, author_id: int | None) -> object:
        """Do it; without an author whoever's it is, locked or not."""
        ...


log = logger.bind(plugin="snippets")


class SnippetsCog(BaseCog, name="Snippets"):
    """Texts that members store and recall by name."""

    def __init__(self, bot: PluginBot) -> None:
        super().__init__(bot)
        self.manager = self.db[SnippetManager]

    @commands.Cog.listener("on_message")
    async def answer_short_form(self, message: discord.Message) -> None:
        """Recall a snippet by `$name`; a message that does not look like it costs nothing."""
        first = message.content[:1]
        if not first or first.isalnum() or message.guild is None or message.author.bot:
            return
        settings = self.db.settings.peek(message.guild.id, SnippetSettings)
        name = short_name(message.content, settings.short_form) if settings else None
        if name is None or (await self.bot.get_context(message)).command is not None:  # the prefix may be the same
            return
        found = await self.manager.use_snippet(name, message.guild.id)
        if found is None:
            return
        try:
            await message.channel.send(found.snippet_content, allowed_mentions=NOBODY)
        except discord.Forbidden:
            log.debug("Channel {} is closed to the bot", message.channel.id)

    @commands.hybrid_group()
    @commands.guild_only()
    async def snippet(self, ctx: Context, name: str) -> None:
        """Recall a snippet."""
        await self._recall(ctx, name)

    @snippet.command()
    @app_commands.describe(name="Which one")
    @commands.guild_only()
    async def use(self, ctx: Context, name: str) -> None:
        """Recall a snippet."""
        await self._recall(ctx, name)

    @snippet.command()
    @app_commands.describe(name="What it will be recalled by", content="The text")
    @commands.guild_only()
    async def create(self, ctx: Context, name: str, *, content: str) -> None:
        """Store a text under a name."""
        name, content = checked_name(name), checked_content(content)
        await self._refuse_banned(ctx)
        try:
            await self.manager.create_snippet(
                snippet_name=name, snippet_content=content, snippet_user_id=ctx.author.id, guild_id=guild_of(ctx).id
            )
        except UniqueViolation:
            raise _exists(name) from None
        form = f"/snippet use {name}" if ctx.interaction else f"{ctx.clean_prefix}snippet {name}"
        await ctx.send(embed=success("Snippet created", f"Recall it by `{form}`."))

    @snippet.command()
    @app_commands.describe(name="The new name", target="The snippet that it stands for")
    @commands.guild_only()
    async def alias(self, ctx: Context, name: str, target: str) -> None:
        """Give a snippet another name."""
        name = checked_name(name)
        await self._refuse_banned(ctx)
        await self._refuse_dead_end(ctx, target)
        try:
            await self.manager.create_snippet_alias(
                snippet_name=name, snippet_alias=target, snippet_user_id=ctx.author.id, guild_id=guild_of(ctx).id
            )
        except UniqueViolation:
            raise _exists(name) from None
        await ctx.send(embed=success("Alias created", f"`{name}` stands for `{target}` now."))

    @snippet.command()
    @app_commands.describe(name="Which one", content="The new text")
    @commands.guild_only()
    async def edit(self, ctx: Context, name: str, *, content: str) -> None:
        """Give a snippet another text; an alias becomes a snippet of its own."""
        content = checked_content(content)
        await self._refuse_banned(ctx)
        own = await self._change(ctx, name, "snippet.edit", partial(self.manager.update_snippet_by_id, content=content))
        await ctx.send(embed=success("Snippet changed", f"`{own.snippet_name}` has its new text."))

    @snippet.command(name="edit-to-alias")
    @app_commands.describe(name="Which one", target="The snippet that it stands for from now on")
    @commands.guild_only()
    async def edit_to_alias(self, ctx: Context, name: str, target: str) -> None:
        """Turn a snippet into another name for one; its text goes."""
        await self._refuse_banned(ctx)

        async def make_alias(snippet_id: int, *, author_id: int | None) -> Snippet | None:
            await self._refuse_dead_end(ctx, target)
            return await self.manager.make_alias(snippet_id, target, author_id=author_id)

        own = await self._change(ctx, name, "snippet.edit", make_alias)
        await ctx.send(embed=success("Snippet changed", f"`{own.snippet_name}` stands for `{target}` now."))

    @snippet.command()
    @app_commands.describe(name="Which one")
    @commands.guild_only()
    async def delete(self, ctx: Context, name: str) -> None:
        """Delete a snippet or an alias; what stands for it leads nowhere then."""
        own = await self._change(ctx, name, "snippet.delete", self.manager.delete_snippet_by_id)
        await ctx.send(embed=success("Snippet deleted", f"`{own.snippet_name}` is gone."))

    @snippet.command()
    @app_commands.describe(name="Which one")
    @commands.guild_only()
    @requires_rank(MODERATOR)
    async def lock(self, ctx: Context, name: str) -> None:
        """Lock a snippet, so that moderators alone can change it, or unlock it."""
        found = await self._get(ctx, name)
        async with self.db.transaction():
            now = await self.manager.toggle_snippet_lock_by_id(found.snippet_id)
            if now is None:  # somebody deleted it this moment
                raise _unknown(name)
            await _note(ctx, "snippet.lock", now, after={"snippet": now.snippet_name, "locked": now.locked})
        word = "locked" if now.locked else "unlocked"
        await ctx.send(embed=success(f"Snippet {word}", f"`{now.snippet_name}` is {word}."))

    @snippet.command(name="info")
    @app_commands.describe(name="Which one")
    @commands.guild_only()
    async def show_info(self, ctx: Context, name: str) -> None:
        """Show who made a snippet, when, and how often it was used."""
        await ctx.send(embed=info_embed(await self._get(ctx, name)), allowed_mentions=NOBODY)

    @snippet.command(name="list")
    @commands.guild_only()
    async def list_snippets(self, ctx: Context) -> None:
        """List the snippets of this server by name."""
        await Scroll.send(
            ctx, self.manager, page_embed, filters={"guild_id": guild_of(ctx).id}, order_by="snippet_name"
        )

    @snippet.command()
    @app_commands.describe(term="What occurs in the name or the text")
    @commands.guild_only()
    async def search(self, ctx: Context, *, term: str) -> None:
        """Find snippets by their names and texts."""
        found = await self.manager.search_snippets(guild_of(ctx).id, term, limit=SEARCH_ROWS)
        await ctx.send(embed=rows_embed("Found", found, "Nothing has that in its name or text."))

    @snippet.command()
    @commands.guild_only()
    async def popular(self, ctx: Context) -> None:
        """Show the snippets that are used most."""
        found = await self.manager.get_popular_snippets(guild_of(ctx).id, POPULAR_ROWS)
        used = [snippet for snippet in found if snippet.uses]
        await ctx.send(embed=rows_embed("Most used", used, "Nobody has used one yet."))

    @use.autocomplete("name")
    @alias.autocomplete("target")
    @edit.autocomplete("name")
    @edit_to_alias.autocomplete("name")
    @edit_to_alias.autocomplete("target")
    @delete.autocomplete("name")
    @lock.autocomplete("name")
    @show_info.autocomplete("name")
    async def complete_name(
        self, interaction: discord.Interaction[PluginBot], typed: str
    ) -> list[app_commands.Choice[str]]:
        """Offer the names that begin with what was typed, the most used ones first; with nothing typed, those."""
        if interaction.guild_id is None:
            return []
        names = await self.manager.complete_names(interaction.guild_id, typed, limit=MAX_CHOICES)
        return [app_commands.Choice(name=name, value=name) for name in names]

    async def _recall(self, ctx: Context, name: str) -> None:
        found = await self.manager.use_snippet(name, guild_of(ctx).id)
        if found is None:
            alias = await self._get(ctx, name)
            raise UnknownSnippet(f"`{alias.snippet_name}` stands for `{alias.alias}`, which leads to no text any more.")
        await ctx.send(found.snippet_content, allowed_mentions=NOBODY)

    async def _get(self, ctx: Context, name: str) -> Snippet:
        found = await self.manager.get_snippet_by_name_and_guild_id(name, guild_of(ctx).id)
        if found is None:
            raise _unknown(name)
        return found

    async def _change(self, ctx: Context, name: str, action: str, change: Change) -> Snippet:
        """Change a snippet and return it as it was. Whoever was overtaken, by its lock or its end, is asked anew.

        Raises:
            UnknownSnippet: there is none.
            NotYours: it is somebody else's, or locked, and whoever asked is no moderator.
        """
        while True:
            found = await self._get(ctx, name)
            author_id = await self._author_of(ctx, found)
            if author_id is not None:
                is_changed = await change(found.snippet_id, author_id=author_id)
            else:
                is_changed = await self._moderate(ctx, found, action, change)
            if is_changed:
                return found

    async def _moderate(self, ctx: Context, found: Snippet, action: str, change: Change) -> bool:
        """Change whoever's snippet, and tell the audit log what it was."""
        async with self.db.transaction():
            is_changed = bool(await change(found.snippet_id, author_id=None))
            if is_changed:
                text = found.snippet_content or f"stands for {found.alias}"
                await _note(ctx, action, found, before={"snippet": found.snippet_name, "text": text})
        return is_changed

    async def _author_of(self, ctx: Context, found: Snippet) -> int | None:
        """Return as whose a snippet may be changed by whoever asked: as their own, or None, as anybody's by a moderator."""
        if found.snippet_user_id == ctx.author.id and not found.locked:
            return ctx.author.id
        command = ctx.command.qualified_name if ctx.command else "snippet"
        if await self.bot.has_rank(ctx.author, MODERATOR, command):
            return None
        reason = "is locked" if found.locked else "was made by somebody else"
        raise NotYours(f"`{found.snippet_name}` {reason}, so only moderators can change it. Ask one of them.")

    async def _refuse_banned(self, ctx: Context) -> None:
        if await self.manager.is_banned(ctx.author.id, guild_of(ctx).id):
            raise SnippetBanned("You may not make or change snippets in this server; ask a moderator why.")

    async def _refuse_dead_end(self, ctx: Context, target: str) -> None:
        if await self.manager.resolve_snippet(target, guild_of(ctx).id) is None:
            raise _unknown(target)


async def _note(
    ctx: Context,
    action: str,
    snippet: Snippet,
    *,
    before: Mapping[str, object] | None = None,
    after: Mapping[str, object] | None = None,
) -> None:
    await note_change(
        ctx.bot.db,
        action,
        guild_id=guild_of(ctx).id,
        actor_id=ctx.author.id,
        target_id=snippet.snippet_user_id,
        before=before,
        after=after,
    )


def _unknown(name: str) -> UnknownSnippet:
    return UnknownSnippet(f"There is no snippet `{name[:100]}` here. `/snippet list` shows those that exist.")


def _exists(name: str) -> InvalidSnippet:
    return InvalidSnippet(f"There is a snippet `{name}` already; choose another name, or `/snippet edit` it.")
