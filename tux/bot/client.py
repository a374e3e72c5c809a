"""`Tux`: built inside an async main, started with `await bot.start(token)`."""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack
from typing import TYPE_CHECKING, Any

import discord
from discord import app_commands
from discord.ext import commands
from loguru import logger

from tux import errors
from tux.bot.arguments import make_strict
from tux.bot.due import DueWork, run_work
from tux.bot.failures import RankTooLow, Stopping, SwitchedOff, Unchecked, explain, parameter_of, unwrap, usage_of
from tux.bot.gate import SwitchGate
from tux.bot.groups import fill_groups, leave_groups
from tux.bot.loading import check_names, load_cogs
from tux.cog import BaseCog, group_of, required_rank
from tux.runtime import open_runtime
from tux.settings import Settings, load_settings
from tux.ui import Confirm, danger

if TYPE_CHECKING:
    from tux.coordinator import DatabaseCoordinator

STOP_GRACE_SECONDS = 5.0
CANCEL_SECONDS = 1.0

# Voice is no part of Tux, and every start would warn of the packages that it takes.
discord.VoiceClient.warn_nacl = discord.VoiceClient.warn_dave = False


def default_intents() -> discord.Intents:
    """Return the intents that the shipped plugins live on: the ordinary ones, members and message content."""
    intents = discord.Intents.default()
    intents.members = True
    intents.message_content = True
    return intents


class Tux(SwitchGate):
    """The bot. With `db` it uses an open database and leaves it open; else it opens the one of the settings (or `url`).

    Without `due_work` the methods marked with `every` run only by `run_due`. Everything else goes to discord.py's Client.
    """

    def __init__(
        self,
        settings: Settings | None = None,
        *,
        db: DatabaseCoordinator | None = None,
        url: str | None = None,
        due_work: bool = True,
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
        self._stopping = False
        self._due = DueWork() if due_work else None
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
        await load_cogs(self)
        self.registry.check_required()
        if self.settings.bot.sync_commands:
            await self._sync_commands()
        states = [record.state.value for record in self.registry.records.values()]
        logger.info("Started with {} plugins, {} of them ready", len(states), states.count("ready"))

    def dispatch(self, event_name: str, /, *args: Any, **kwargs: Any) -> None:
        """Hand an event to whoever listens; one that comes while Discord is being left, such as a late `ready`, to nobody."""
        if not self.is_closed():  # after it discord.py has no loop to run a listener in
            super().dispatch(event_name, *args, **kwargs)

    async def on_ready(self) -> None:
        """Log that Discord is there, and where nobody can see the bot yet, how to invite it."""
        logger.info("Connected to Discord as {}, in {} servers", self.user, len(self.guilds))
        if not self.guilds and self.application_id:
            invitation = discord.utils.oauth_url(self.application_id, scopes=("bot", "applications.commands"))
            logger.warning("The bot is in no server; invite it with {}", invitation)

    async def close(self) -> None:
        """Stop: running commands finish (5 s at most, then they are cancelled), then Discord and the database close.

        What waits for somebody's answer gets a no.
        """
        if not self.is_closed():
            self._stopping = True
            await Confirm.give_up(self)
            await self._finish_commands()
        await super().close()  # waits for the one that is under way
        await self._resources.aclose()

    async def _finish_commands(self) -> None:
        late = self._running - {asyncio.current_task()}
        if late:
            late = (await asyncio.wait(late, timeout=STOP_GRACE_SECONDS))[1]
        if late:
            logger.warning("{} commands did not end within {} s and are cancelled", len(late), STOP_GRACE_SECONDS)
            for task in late:
                task.cancel()
            await asyncio.wait(late, timeout=CANCEL_SECONDS)

    async def _sync_commands(self) -> None:
        try:
            await self.tree.sync()
        except discord.HTTPException as refused:  # one plugin's slash command must not stop the rest
            logger.error("Discord refused the slash commands, the old ones stay: {}", refused)

    async def add_cog(self, cog: commands.Cog, /, **options: Any) -> None:
        """Add a cog, and subscribe its event handlers.

        Raises:
            PluginError: one of its commands exists already; names both sides.
        """
        if isinstance(cog, BaseCog):
            cog.plugin = self.registry.plugin_of(type(cog).__module__) or cog.plugin
        check_names(self, cog)
        make_strict(cog.walk_commands())
        await super().add_cog(cog, **options)
        fill_groups(self)
        if isinstance(cog, BaseCog):
            for event, handler in cog.event_handlers():
                self.db.events.subscribe(event, handler, plugin=cog.plugin)
            if self._due is not None:
                self._due.start(cog, self.wait_until_ready)

    def add_command(self, command: commands.Command[Any, ..., Any], /) -> None:
        """Add a command, unless it goes into another plugin's group: that is done once its cog is there."""
        if group_of(command) is None:
            super().add_command(command)

    async def remove_cog(self, name: str, /, **options: Any) -> commands.Cog | None:
        """Remove a cog, unsubscribe its event handlers and end its due work."""
        cog = await super().remove_cog(name, **options)
        if isinstance(cog, BaseCog):
            leave_groups(self, cog)
            if self._due is not None:
                await self._due.stop(cog)
            for _, handler in cog.event_handlers():
                self.db.events.unsubscribe(handler)
        return cog

    async def run_due(self) -> None:
        """Run the due work of all cogs now, once; for tests and for a clock that was moved."""
        works = [(cog, work) for cog in self.cogs.values() if isinstance(cog, BaseCog) for _, work in cog.due_work()]
        with self.db.service.in_use():  # whoever calls may use another database
            for cog, work in works:
                await run_work(cog, work)

    async def invoke(self, ctx: commands.Context[Any], /) -> None:
        """Run a prefix command; `close` waits for it."""
        if ctx.command is not None:
            self.track_task()
        await super().invoke(ctx)

    def track_task(self) -> None:
        """Make `close` wait for the current task, unless it waits already."""
        task = asyncio.current_task()
        if task is not None and not self._stopping:
            self._running.add(task)
            task.add_done_callback(self._running.discard)

    async def _may_run(self, ctx: commands.Context[Any]) -> bool:
        """Check prefix commands, and hybrid ones however they are called, before arguments are converted."""
        if ctx.command is not None:
            await self.check_use(ctx.command, ctx.command.cog, ctx.author, ctx.guild)
        return True

    async def check_use(
        self, command: Any, owner: object, actor: discord.Member | discord.User, guild: discord.Guild | None
    ) -> None:
        """Let a command pass whose plugin is on here and whose rank the actor has.

        Raises:
            Stopping: the bot is going; SwitchedOff: the plugin is off here; RankTooLow: see `check_rank`.
            Unchecked: the database could not tell.
        """
        if self._stopping:
            raise Stopping
        try:
            if guild is not None:
                await self.db.snapshot(guild.id)
            if self.is_silent(self.plugin_of(command.callback, owner), guild.id if guild else None):
                raise SwitchedOff
            rank = required_rank(command)
            if guild is not None and self.ranks is not None:
                wanted = await self.ranks(guild.id, command.qualified_name)
                rank = rank if wanted is None else wanted
            if rank is not None:
                await self.check_rank(actor, rank, command.qualified_name)
        except errors.DatabaseError as error:
            raise Unchecked(error) from error

    async def check_rank(self, actor: discord.Member | discord.User, rank: int, command: str) -> None:
        """Let a member of sufficient rank pass; without a permissions plugin that is the owners only.

        Raises:
            RankTooLow: the rank does not suffice; NoPrivateMessage: ranks exist in servers only.
        """
        if await self.has_rank(actor, rank, command):
            return
        if not isinstance(actor, discord.Member):
            raise commands.NoPrivateMessage
        raise RankTooLow(f"`{command}` is for rank {rank} and above. Ask an administrator of this server for it.")

    async def has_rank(self, actor: discord.Member | discord.User, rank: int, command: str) -> bool:
        """Return whether somebody has a rank, for the sake of a command; without a permissions plugin only owners do."""
        if await self.is_owner(actor):
            return True
        if not isinstance(actor, discord.Member):
            return False
        if actor.id == actor.guild.owner_id:
            return True
        return self.authorizer is not None and await self.authorizer(actor, rank, command)

    async def on_command_error(self, ctx: commands.Context[Any], error: commands.CommandError, /) -> None:
        """Answer a failed prefix or hybrid command, unless it or its cog has done so by a handler of its own."""
        if ctx.command is not None and ctx.command.has_error_handler():
            return
        if ctx.cog is None or not ctx.cog.has_error_handler():
            await self.answer_failure(ctx, error)

    async def on_error(self, event_method: str, /, *_args: Any, **_kwargs: Any) -> None:
        """Log what a listener raised; the other listeners have run."""
        logger.opt(exception=True).error("A listener of {} failed", event_method)

    async def answer_failure(self, target: commands.Context[Any] | discord.Interaction[Any], error: Exception) -> None:
        """Tell whoever asked what went wrong, only to them where Discord allows it."""
        interaction = target.interaction if isinstance(target, commands.Context) else target
        if interaction is None and isinstance(unwrap(error), commands.CommandNotFound | SwitchedOff):
            return  # the prefix may be another bot's, too
        with logger.contextualize(**_context_of(target)):
            told = (usage_of(target), parameter_of(target)) if isinstance(target, commands.Context) else ()
            answer = explain(error, *told)
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
    """Slash commands and context menus: the same checks and the same error handler as prefix commands."""

    async def interaction_check(self, interaction: discord.Interaction[Tux], /) -> bool:
        """Make `close` wait for the command, and check all but hybrid ones, which come to the bot's own check.

        Who may not use a command gets no completions of it either.
        """
        bot, command = interaction.client, interaction.command
        completing = interaction.type is discord.InteractionType.autocomplete
        bot.track_task()
        if command is None or (hasattr(command, "wrapped") and not completing):
            return True
        owner = getattr(command, "binding", None) or getattr(command.callback, "__self__", None)
        try:
            await bot.check_use(command, owner, interaction.user, interaction.guild)
        except app_commands.AppCommandError:
            if not completing:
                raise
            await interaction.response.autocomplete([])
            return False
        return True

    async def on_error(self, interaction: discord.Interaction[Tux], error: app_commands.AppCommandError, /) -> None:
        """Answer a failed slash command, unless it or its cog has done so by a handler of its own."""
        command = interaction.command
        cog = getattr(command, "binding", None)
        if getattr(command, "on_error", None) is not None:
            return
        if not (isinstance(cog, commands.Cog) and cog.has_app_command_error_handler()):
            await interaction.client.answer_failure(interaction, error)


def _context_of(target: commands.Context[Any] | discord.Interaction[Any]) -> dict[str, object]:
    """Return what the log says of a command that failed: which one, and where; nothing that anybody wrote."""
    command = target.command
    place = {"command": command.qualified_name if command else None, "guild": target.guild.id if target.guild else None}
    cog = target.cog if isinstance(target, commands.Context) else getattr(command, "binding", None)
    if isinstance(cog, BaseCog):
        place["plugin"] = cog.plugin
    return {key: value for key, value in place.items() if value}


async def _prefixes_of(bot: Tux, message: discord.Message) -> list[str]:
    """Return what a command may begin with: the guild's prefix, else the default one, or a mention of the bot."""
    own = None
    if message.guild is not None and bot.prefixes is not None:
        try:
            own = await bot.prefixes(message.guild.id)
        except errors.DatabaseError as error:  # the command will say it, too
            logger.warning("The prefix of a guild could not be read, the default one holds: {}", error)
    return [own or bot.settings.bot.prefix, *commands.when_mentioned(bot, message)]
