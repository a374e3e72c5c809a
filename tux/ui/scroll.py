"""A list of any length that is paged by buttons, from where the page before ended: no page costs more than the first."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeAlias

import discord

from tux.ui.view import OwnedView

if TYPE_CHECKING:
    from collections.abc import Callable

    from discord.ext import commands

    from tux.manager import Manager
    from tux.manager.core import Order
    from tux.manager.filters import Filters
    from tux.manager.keyset import CursorPage

    Show: TypeAlias = Callable[[CursorPage[Any], int], discord.Embed]

ROWS = 10


class Scroll(OwnedView):
    """Shows one page of a manager's rows at a time, each by one statement; `show(page, number)` makes its embed.

    Pages are numbered from 1 as far as somebody turned; how many there are nobody counts.
    """

    def __init__(self, owner: discord.abc.Snowflake, manager: Manager[Any], show: Show, **rows: Any) -> None:
        super().__init__(owner)
        self._manager = manager
        self._show = show
        self._rows = rows
        self._number = 1
        self._page: CursorPage[Any] | None = None

    @classmethod
    async def send(
        cls, ctx: commands.Context[Any], manager: Manager[Any], show: Show, *, filters: Filters, order_by: Order
    ) -> None:
        """Answer a command with the first page; a single page has no buttons."""
        view = cls(ctx.author, manager, show, filters=filters, order_by=order_by)
        page = await manager.page_after(None, ROWS, filters=filters, order_by=order_by)
        embed = view._turn(page, 1)
        if page.has_next:
            await view.send_to(ctx, embed)
        else:
            await ctx.send(embed=embed)

    @discord.ui.button(label="Previous", style=discord.ButtonStyle.secondary)
    async def previous(self, interaction: discord.Interaction[Any], _button: discord.ui.Button[Scroll]) -> None:
        """Show the page before."""
        number = self._number - 1
        cursor = self._page.previous_cursor if self._page else None
        turn = self._manager.page_before if number > 1 else self._manager.page_after
        page = await turn(cursor if number > 1 else None, ROWS, **self._rows)
        await interaction.response.edit_message(embed=self._turn(page, number), view=self)

    @discord.ui.button(label="Next", style=discord.ButtonStyle.secondary)
    async def following(self, interaction: discord.Interaction[Any], _button: discord.ui.Button[Scroll]) -> None:
        """Show the page after."""
        cursor = self._page.next_cursor if self._page else None
        page = await self._manager.page_after(cursor, ROWS, **self._rows)
        await interaction.response.edit_message(embed=self._turn(page, self._number + 1), view=self)

    def _turn(self, page: CursorPage[Any], number: int) -> discord.Embed:
        self._page, self._number = page, number
        self.previous.disabled, self.following.disabled = number <= 1, not page.has_next
        return self._show(page, number)
