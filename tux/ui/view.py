"""A view that answers one member only."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Any, ClassVar

import discord
from discord.ui.select import BaseSelect

from tux.errors import UserError

if TYPE_CHECKING:
    from discord.ext import commands

TIMEOUT_SECONDS = 120.0


class OwnedView(discord.ui.View):
    """Buttons for the member who asked, as long as they may use the command; everybody else is told so.

    Send it by `send_to`, which remembers message and command. After `timeout_seconds` of the class they are greyed out.
    """

    timeout_seconds: ClassVar[float] = TIMEOUT_SECONDS

    def __init__(self, owner: discord.abc.Snowflake) -> None:
        super().__init__(timeout=self.timeout_seconds)
        self.owner_id = owner.id
        self.message: discord.Message | None = None
        self._ctx: commands.Context[Any] | None = None

    async def send_to(self, ctx: commands.Context[Any], embed: discord.Embed, *, ephemeral: bool = False) -> None:
        """Answer a command with this view."""
        self._ctx = ctx
        self.message = await ctx.send(embed=embed, view=self, ephemeral=ephemeral)

    async def interaction_check(self, interaction: discord.Interaction[Any], /) -> bool:
        """Let only the owner through, whose rank may have changed since the command, as may the plugin's switch."""
        if interaction.user.id != self.owner_id:
            raise UserError("These buttons belong to whoever asked. Run the command yourself to get your own.")
        if self._ctx is not None and self._ctx.command is not None:
            await interaction.client.check_use(self._ctx.command, self._ctx.cog, interaction.user, interaction.guild)
        return True

    async def on_error(
        self,
        interaction: discord.Interaction[Any],
        error: Exception,
        item: discord.ui.Item[Any],  # noqa: ARG002 - discord.py's signature
        /,
    ) -> None:
        """Hand what a button raised to the bot's one error handler."""
        await interaction.client.answer_failure(interaction, error)

    async def on_timeout(self) -> None:
        """Grey the buttons out; a message that is gone or closed to us by now stays as it is."""
        self.disable_all()
        if self.message is not None:
            with suppress(discord.HTTPException):
                await self.message.edit(view=self)

    def disable_all(self) -> None:
        """Grey every button and select out; the message still has to be edited."""
        for item in self.children:
            if isinstance(item, discord.ui.Button | BaseSelect):
                item.disabled = True
