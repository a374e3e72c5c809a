"""`/notes`: list, add, edit and delete."""

from __future__ import annotations

from typing import TYPE_CHECKING

import discord
from discord import app_commands
from discord.ext import commands

from plugins.notes.checks import MODERATOR
from plugins.notes.errors import UnknownNote
from plugins.notes.managers import NoteManager
from plugins.notes.models import MAX_NOTE_LENGTH
from plugins.notes.views import page_embed
from tux.cog import BaseCog, PluginBot, guild_of, requires_rank
from tux.ui import Pages, success
from tux.ui.embeds import shorten

if TYPE_CHECKING:
    from plugins.notes.models import Note
    from tux.manager import PaginationResult

# An embed holds 6000 characters, a note 1000.
PER_PAGE = 5
# https://discord.com/developers/docs/interactions/application-commands
MAX_CHOICES = 25
MAX_CHOICE = 100

Context = commands.Context[PluginBot]
Number = commands.Range[int, 1]
Text = commands.Range[str, 1, MAX_NOTE_LENGTH]


async def complete_number(interaction: discord.Interaction[PluginBot], typed: str) -> list[app_commands.Choice[int]]:
    """Offer the server's newest notes that have what was typed in their number or text."""
    if interaction.guild is None:
        return []
    newest = await interaction.client.db[NoteManager].list_newest(guild_id=interaction.guild.id, limit=MAX_CHOICES)
    labels = {note.id: f"#{note.id} {' '.join(note.content.split())}" for note in newest}
    return [
        app_commands.Choice(name=shorten(label, MAX_CHOICE), value=number)
        for number, label in labels.items()
        if str(typed).lower() in label.lower()
    ]


class NotesCog(BaseCog, name="Notes"):
    """What moderators note about members, for each other; slash commands answer the moderator alone."""

    def __init__(self, bot: PluginBot) -> None:
        super().__init__(bot)
        self.manager = self.db[NoteManager]

    @commands.hybrid_group(fallback="list")
    @app_commands.describe(user="About whom")
    @commands.guild_only()
    @requires_rank(MODERATOR)
    async def notes(self, ctx: Context, user: discord.User) -> None:
        """Show the notes about a member, newest first."""
        filters = {"guild_id": guild_of(ctx).id, "user_id": user.id}

        async def load(page: int) -> PaginationResult[Note]:
            return await self.manager.paginate(page, PER_PAGE, filters, "-id")

        await Pages.send(ctx, load, lambda page: page_embed(page, user), ephemeral=True)

    @notes.command(name="add")
    @app_commands.describe(user="About whom; they need not be here", text="What to remember")
    @commands.guild_only()
    @requires_rank(MODERATOR)
    async def add_note(self, ctx: Context, user: discord.User, *, text: Text) -> None:
        """Note something about a member."""
        author_id = ctx.author.id
        note = await self.manager.add_note(
            guild_id=guild_of(ctx).id, user_id=user.id, author_id=author_id, content=text, actor_id=author_id
        )
        await ctx.send(embed=success(f"Note #{note.id}", f"Noted about {user.mention}: {note.content}"), ephemeral=True)

    @notes.command(name="edit")
    @app_commands.describe(number="Which note", text="What it shall say")
    @app_commands.autocomplete(number=complete_number)
    @commands.guild_only()
    @requires_rank(MODERATOR)
    async def edit_note(self, ctx: Context, number: Number, *, text: Text) -> None:
        """Change what a note says."""
        note = await self.manager.edit_note(number, guild_id=guild_of(ctx).id, content=text, actor_id=ctx.author.id)
        if note is None:
            raise _unknown(number)
        await ctx.send(embed=success(f"Note #{number} changed", note.content), ephemeral=True)

    @notes.command(name="delete")
    @app_commands.describe(number="Which note")
    @app_commands.autocomplete(number=complete_number)
    @commands.guild_only()
    @requires_rank(MODERATOR)
    async def delete_note(self, ctx: Context, number: Number) -> None:
        """Delete a note for good."""
        if not await self.manager.delete_note(number, guild_id=guild_of(ctx).id, actor_id=ctx.author.id):
            raise _unknown(number)
        await ctx.send(embed=success(f"Note #{number} deleted"), ephemeral=True)


def _unknown(number: int) -> UnknownNote:
    return UnknownNote(f"There is no note #{number} in this server. `/notes list` shows those about a member.")
