"""A question with two buttons."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

import discord

from tux.ui.embeds import warning
from tux.ui.view import OwnedView

if TYPE_CHECKING:
    from discord.ext import commands


class Confirm(OwnedView):
    """Asks before something that is hard to undo."""

    _open: ClassVar[dict[Confirm, discord.Client]] = {}

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
        cls._open[view] = ctx.bot
        try:
            await view.wait()
        finally:
            del cls._open[view]
        return view.confirmed is True

    @classmethod
    async def give_up(cls, bot: discord.Client) -> None:
        """End what a bot has asked and nobody has answered, as if the time were over: it stops, and people take long."""
        for view in [each for each, asker in cls._open.items() if asker is bot]:
            view.stop()
            await view.on_timeout()

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
