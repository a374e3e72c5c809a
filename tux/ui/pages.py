"""A list that is paged by buttons, one statement a page."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import discord

from tux.ui.view import OwnedView

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from discord.ext import commands

    from tux.manager import PaginationResult


class Pages(OwnedView):
    """Shows one page at a time: `load(number)` fetches one (from 1), `show(page)` makes its embed."""

    def __init__(
        self,
        owner: discord.abc.Snowflake,
        load: Callable[[int], Awaitable[PaginationResult[Any]]],
        show: Callable[[PaginationResult[Any]], discord.Embed],
    ) -> None:
        super().__init__(owner)
        self._load = load
        self._show = show
        self._number = 1

    @classmethod
    async def send(
        cls,
        ctx: commands.Context[Any],
        load: Callable[[int], Awaitable[PaginationResult[Any]]],
        show: Callable[[PaginationResult[Any]], discord.Embed],
        *,
        ephemeral: bool = False,
    ) -> None:
        """Answer a command with the first page; a single page has no buttons."""
        view = cls(ctx.author, load, show)
        embed, only_one = await view._turn_to(1)
        if only_one:
            await ctx.send(embed=embed, ephemeral=ephemeral)
        else:
            await view.send_to(ctx, embed, ephemeral=ephemeral)

    @discord.ui.button(label="Previous", style=discord.ButtonStyle.secondary)
    async def previous(self, interaction: discord.Interaction[Any], _button: discord.ui.Button[Pages]) -> None:
        """Show the page before."""
        await self._show_page(interaction, self._number - 1)

    @discord.ui.button(label="Next", style=discord.ButtonStyle.secondary)
    async def following(self, interaction: discord.Interaction[Any], _button: discord.ui.Button[Pages]) -> None:
        """Show the page after."""
        await self._show_page(interaction, self._number + 1)

    async def _show_page(self, interaction: discord.Interaction[Any], number: int) -> None:
        embed, _ = await self._turn_to(number)
        await interaction.response.edit_message(embed=embed, view=self)

    async def _turn_to(self, number: int) -> tuple[discord.Embed, bool]:
        page = await self._load(number)
        if page.pages and number > page.pages:  # rows went away while somebody was reading
            page = await self._load(page.pages)
        self._number = page.page
        self.previous.disabled, self.following.disabled = not page.has_prev, not page.has_next
        return self._show(page), page.pages <= 1
