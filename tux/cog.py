"""What a plugin's cog stands on: `self.db`, the marks of its methods, and the way to `db` from elsewhere."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any, TypeVar, cast

import discord
from discord.ext import commands

from tux.coordinator import DatabaseCoordinator
from tux.errors import TuxError
from tux.events import handled_event

if TYPE_CHECKING:
    from tux.registry import Registry
    from tux.settings import Settings

C = TypeVar("C", bound=Callable[..., Any])

Contributed = commands.HybridCommand[Any, ..., Any] | commands.HybridGroup[Any, ..., Any]

MAX_RANK = 10
_RANK = "__tux_rank__"
_EVERY = "__tux_every__"
_GROUP = "__tux_group__"

Authorizer = Callable[[discord.Member, int, str], Awaitable[bool]]
"""Asked with the member, the rank that is required and the command's qualified name: may the member use it?"""

PrefixResolver = Callable[[int], Awaitable[str | None]]
"""Asked with a guild's id for its own prefix; None: the default one."""

RankResolver = Callable[[int, str], Awaitable[int | None]]
"""Asked with a guild's id and a command's qualified name for the rank that the guild wants; None: the command's own."""


class PluginBot(commands.Bot, ABC):
    """What plugins may count on in the bot, `tux.bot.Tux`, which is written above this layer.

    `authorizer`, `ranks` and `prefixes` are None until a plugin installs them.
    """

    settings: Settings
    registry: Registry
    db: DatabaseCoordinator
    authorizer: Authorizer | None = None
    ranks: RankResolver | None = None
    prefixes: PrefixResolver | None = None

    @abstractmethod
    def is_silent(self, plugin: str, guild_id: int | None) -> bool:
        """Return whether a plugin is switched off in a guild, by what is in memory of it."""

    @abstractmethod
    async def has_rank(self, actor: discord.Member | discord.User, rank: int, command: str) -> bool:
        """Return whether somebody has a rank, for the sake of a command: the owners have every rank, nobody has one in a DM."""

    @abstractmethod
    async def answer_failure(self, target: commands.Context[Any] | discord.Interaction[Any], error: Exception) -> None:
        """Tell whoever asked what went wrong, and log what they cannot mend."""


class BaseCog(commands.Cog):
    """A cog with the bot and the coordinator; its methods marked with `handles` receive events while it is loaded.

    `plugin` is the name of the plugin that it came with; the bot sets it when the cog is added. `contributed` are its
    commands that go into other plugins' groups.
    """

    plugin: str = ""

    def __init__(self, bot: PluginBot) -> None:
        self.bot = bot
        self.db: DatabaseCoordinator = bot.db
        self.contributed: list[Contributed] = [
            command
            for command in self.get_commands()
            if isinstance(command, commands.HybridCommand | commands.HybridGroup) and group_of(command) is not None
        ]

    def event_handlers(self) -> list[tuple[type[Any], Callable[..., Any]]]:
        """Return the event types that this cog handles, each with its bound method."""
        found = ((handled_event(getattr(type(self), name, None)), name) for name in dir(type(self)))
        return [(event, getattr(self, name)) for event, name in found if event is not None]

    def due_work(self) -> list[tuple[float, Callable[[], Awaitable[object]]]]:
        """Return the methods marked with `every`, each after its pause in seconds."""
        found = ((getattr(getattr(type(self), name, None), _EVERY, None), name) for name in dir(type(self)))
        return [(seconds, getattr(self, name)) for seconds, name in found if seconds is not None]


def every(seconds: float) -> Callable[[C], C]:
    """Mark a cog's method without arguments as due work: the bot calls it once it is ready, then every so many seconds.

    What it raises is logged and stops neither it nor others. Several processes call it, so it claims its rows with
    `FOR UPDATE SKIP LOCKED`. Tests call it themselves: there the bot does not.
    """
    if seconds <= 0:
        raise TuxError(f"every({seconds}): due work needs a pause of more than 0 seconds")

    def mark(method: C) -> C:
        setattr(method, _EVERY, float(seconds))
        return method

    return mark


def guild_of(ctx: commands.Context[Any]) -> discord.Guild:
    """Return the server in which a command was used, for commands that are marked `guild_only`.

    Raises:
        NoPrivateMessage: it was a direct message, which `guild_only` refuses before the command runs.
    """
    if ctx.guild is None:
        raise commands.NoPrivateMessage
    return ctx.guild


def requires_rank(rank: int) -> Callable[[C], C]:
    """Mark a command: only members of at least this rank (0 to 10) may use it.

    It only marks. The bot checks the mark of the command, else of its nearest parent, before arguments are converted.
    """
    if not 0 <= rank <= MAX_RANK:
        raise TuxError(f"requires_rank({rank}): a rank is a number from 0 to {MAX_RANK}")

    def mark(command: C) -> C:
        setattr(getattr(command, "callback", command), _RANK, rank)
        return command

    return mark


def required_rank(command: Any) -> int | None:
    """Return the rank that a command asks for, by its own mark or its nearest parent's; None when nobody marked it."""
    while command is not None:
        rank = getattr(getattr(command, "callback", None), _RANK, None)
        if rank is not None:
            return cast("int", rank)
        command = getattr(command, "parent", None)  # a command of a context menu has none
    return None


def subcommand_of(group: str) -> Callable[[C], C]:
    """Mark a hybrid command or group: it goes into a group of another plugin, such as core's `config`.

    A plugin whose group is not there does not load, so its manifest names the group's plugin in `needs` (but for core's).
    """

    def mark(command: C) -> C:
        setattr(getattr(command, "callback", command), _GROUP, group)
        return command

    return mark


def group_of(command: Any) -> str | None:
    """Return the group that a command is marked for, None for one that stands where it was written."""
    return cast("str | None", getattr(getattr(command, "callback", None), _GROUP, None))


def get_db(
    source: commands.Context[Any] | discord.Interaction[Any] | discord.Client | None = None,
) -> DatabaseCoordinator:
    """Return the coordinator of a context, an interaction or a bot; without one, that of the running service.

    Raises:
        TuxError: there is no running service.
    """
    holder: Any = source
    if isinstance(source, commands.Context):
        holder = source.bot
    elif isinstance(source, discord.Interaction):
        holder = source.client
    db = getattr(holder, "db", None)
    if isinstance(db, DatabaseCoordinator):
        return db
    if DatabaseCoordinator.running:
        return DatabaseCoordinator.running[-1]
    raise TuxError("no database is open: start the bot, or use `async with tux.open_database() as db:`")
