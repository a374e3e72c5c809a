"""A question with two buttons."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import discord

from tux.ui.embeds import warning
from tux.ui.view import OwnedView

if TYPE_CHECKING:
    from discord.ext import commands


class Confirm(OwnedView):
    """Asks before something that is hard to undo."""

    def __init__(self, owner: discord.abc.Snowflake, *, label: str = "Confirm") -> None:
        super().__init__(owner)
        self.confirmed: bool | None = None
        self.interaction: discord.Interaction[Any] | None = None
        self.confirm.label = label

    @classmethod
    async def ask(
        cls,
        ctx: commands.Context[Any],
        title: str,
        description: str,
        *,
        label: str = "Confirm",
        ephemeral: bool = False,
    ) -> bool:
        """Ask whoever ran the command and wait for the answer; no answer within the timeout means no."""
        view = cls(ctx.author, label=label)
        await view.send_to(ctx, warning(title, description), ephemeral=ephemeral)
        await view.wait()
        return view.confirmed is True

    @discord.ui.button(label="Confirm", style=discord.ButtonStyle.danger)
    async def confirm(self, interaction: discord.Interaction[Any], _button: discord.ui.Button[Confirm]) -> None:
        """Go on."""
        await self._answer(interaction, confirmed=True)

    @discord.ui.button(label="Cancel", style=discord.ButtonStyle.secondary)
    async def cancel(self, interaction: discord.Interaction[Any], _button: discord.ui.Button[Confirm]) -> None:
        """Leave everything as it is."""
        await self._answer(interaction, confirmed=False)

    async def _answer(self, interaction: discord.Interaction[Any], *, confirmed: bool) -> None:
        self.confirmed, self.interaction = confirmed, interaction
        self.disable_all()
        await interaction.response.edit_message(view=self)
        self.stop()
