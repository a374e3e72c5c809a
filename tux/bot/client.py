"""`Tux`: built inside an async main, started with `await bot.start(token)`."""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack
from typing import TYPE_CHECKING, Any

import discord
from discord import app_commands
from discord.ext import commands
from loguru import logger

from tux.bot.failures import RankTooLow, SwitchedOff, explain, usage_of
from tux.bot.gate import SwitchGate
from tux.bot.loading import load_cogs
from tux.cog import BaseCog, required_rank
from tux.runtime import open_runtime
from tux.settings import Settings, load_settings
from tux.ui import danger

if TYPE_CHECKING:
    from tux.coordinator import DatabaseCoordinator

STOP_GRACE_SECONDS = 5.0


def default_intents() -> discord.Intents:
    """Return the intents that the shipped plugins live on: the ordinary ones, members and message content."""
    intents = discord.Intents.default()
    intents.members = True
    intents.message_content = True
    return intents


class Tux(SwitchGate):
    """The bot. With `db` it uses an open database and leaves it open; else it opens the one of the settings (or `url`).

    Everything else goes to discord.py's Client.
    """

    def __init__(
        self,
        settings: Settings | None = None,
        *,
        db: DatabaseCoordinator | None = None,
        url: str | None = None,
        **client_options: Any,
    ) -> None:
        self.settings = settings or load_settings()
        client_options.setdefault("intents", default_intents())
        client_options.setdefault("allowed_mentions", discord.AllowedMentions(everyone=False, roles=False))
        if self.settings.bot.owner_ids:
            client_options.setdefault("owner_ids", self.settings.bot.owner_ids)
        super().__init__(command_prefix=_prefixes_of, tree_cls=TuxTree, **client_options)
        self._given_db = db
        self._url = url
        self._resources = AsyncExitStack()
        self._running: set[asyncio.Task[Any]] = set()
        self._switches = {}
        self.add_check(self._may_run)

    @property
    def db_service(self) -> Any:
        """The database service, under the name that older cogs use."""
        return self.db.service

    async def setup_hook(self) -> None:
        """Open the database, load the cogs and tell Discord which slash commands there are."""
        if self._given_db is not None:
            self.db = self._given_db
        else:
            opening = open_runtime(self.settings, self._url, refuse_old_schema=False)
            self.db = await self._resources.enter_async_context(opening)
        self.registry = self.db.registry
        self.registry.check_required()
        await self.load_switches()
        await load_cogs(self)
        self.registry.check_required()
        if self.settings.bot.sync_commands:
            await self.tree.sync()
        states = [record.state.value for record in self.registry.records.values()]
        logger.info("Started with {} plugins, {} of them ready", len(states), states.count("ready"))

    async def close(self) -> None:
        """Stop: running commands finish (5 s at most), then Discord and the database are closed."""
        if not self.is_closed():
            others = self._running - {asyncio.current_task()}
            if others:
                await asyncio.wait(others, timeout=STOP_GRACE_SECONDS)
            await super().close()
        await self._resources.aclose()

    async def add_cog(self, cog: commands.Cog, /, **options: Any) -> None:
        """Add a cog, and subscribe its event handlers."""
        await super().add_cog(cog, **options)
        if isinstance(cog, BaseCog):
            for event, handler in cog.event_handlers():
                self.db.events.subscribe(event, handler, plugin=cog.plugin)

    async def remove_cog(self, name: str, /, **options: Any) -> commands.Cog | None:
        """Remove a cog, and unsubscribe its event handlers."""
        cog = await super().remove_cog(name, **options)
        if isinstance(cog, BaseCog):
            for _, handler in cog.event_handlers():
                self.db.events.unsubscribe(handler)
        return cog

    async def invoke(self, ctx: commands.Context[Any], /) -> None:
        """Run a prefix command; `close` waits for it."""
        self.track_task()
        await super().invoke(ctx)

    def track_task(self) -> None:
        """Make `close` wait for the current task."""
        task = asyncio.current_task()
        if task is not None:
            self._running.add(task)
            task.add_done_callback(self._running.discard)

    async def _may_run(self, ctx: commands.Context[Any]) -> bool:
        """Check switch and rank, for prefix and slash, before arguments are converted."""
        command = ctx.command
        plugin = command.cog.plugin if command is not None and isinstance(command.cog, BaseCog) else ""
        guild_id = ctx.guild.id if ctx.guild else None
        if self.is_silent(plugin, guild_id):
            raise SwitchedOff("This feature is switched off in this server.")
        rank = required_rank(command)
        if rank is not None and command is not None:
            await self.check_rank(ctx.author, rank, command.qualified_name)
        return True

    async def check_rank(self, actor: discord.Member | discord.User, rank: int, command: str) -> None:
        """Let a member of sufficient rank pass; without a permissions plugin that is the owners only.

        Raises:
            RankTooLow: the rank does not suffice; NoPrivateMessage: ranks exist in servers only.
        """
        if await self.is_owner(actor):
            return
        if not isinstance(actor, discord.Member):
            raise commands.NoPrivateMessage
        if actor.id == actor.guild.owner_id:
            return
        if self.authorizer is None or not await self.authorizer(actor, rank, command):
            raise RankTooLow(f"`{command}` is for rank {rank} and above. Ask an administrator of this server for it.")

    async def on_command_error(self, ctx: commands.Context[Any], error: commands.CommandError, /) -> None:
        """Answer a failed prefix or hybrid command."""
        await self.answer_failure(ctx, error)

    async def on_error(self, event_method: str, /, *_args: Any, **_kwargs: Any) -> None:
        """Log what a listener raised; the other listeners have run."""
        logger.opt(exception=True).error("A listener of {} failed", event_method)

    async def answer_failure(self, target: commands.Context[Any] | discord.Interaction[Any], error: Exception) -> None:
        """Tell whoever asked what went wrong, only to them where Discord allows it."""
        answer = explain(error, usage_of(target) if isinstance(target, commands.Context) else "")
        interaction = target.interaction if isinstance(target, commands.Context) else target
        if answer is None:
            if interaction is None or isinstance(error, commands.CommandNotFound):
                return
            embed = danger("Switched off", "This feature is switched off in this server.")
        else:
            embed = danger(answer.title, answer.text)
        try:
            if isinstance(target, commands.Context):
                await target.send(embed=embed, ephemeral=True)
            elif target.response.is_done():
                await target.followup.send(embed=embed, ephemeral=True)
            else:
                await target.response.send_message(embed=embed, ephemeral=True)
        except discord.HTTPException as refused:
            logger.warning("An error could not be answered: {}", refused.text)


class TuxTree(app_commands.CommandTree[Tux]):
    """Slash commands: the same checks and the same error handler as prefix commands."""

    async def interaction_check(self, interaction: discord.Interaction[Tux], /) -> bool:
        """Make `close` wait for the command; rank and switch of pure slash commands are checked here."""
        bot = interaction.client
        bot.track_task()
        command = interaction.command
        if isinstance(command, app_commands.Command) and not hasattr(command, "wrapped"):
            plugin = getattr(command.binding, "plugin", "")
            if bot.is_silent(plugin, interaction.guild_id):
                raise SwitchedOff("This feature is switched off in this server.")
            rank = required_rank(command)
            if rank is not None:
                await bot.check_rank(interaction.user, rank, command.qualified_name)
        return True

    async def on_error(self, interaction: discord.Interaction[Tux], error: app_commands.AppCommandError, /) -> None:
        """Answer a failed slash command."""
        await interaction.client.answer_failure(interaction, error)


async def _prefixes_of(bot: Tux, message: discord.Message) -> list[str]:
    """Return what a command may begin with: the guild's prefix, else the default one, or a mention of the bot."""
    own = None
    if message.guild is not None and bot.prefixes is not None:
        own = await bot.prefixes(message.guild.id)
    return [own or bot.settings.bot.prefix, *commands.when_mentioned(bot, message)]
