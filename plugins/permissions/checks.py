"""Who may give which rank, and which commands there are."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from discord import AppCommandType, app_commands
from discord.ext import commands

from plugins.permissions.errors import RankOutOfReach, UnknownCommand
from plugins.permissions.ranks import AskedRank, asked_rank
from tux.cog import BaseCog, PluginBot, required_rank

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tux.plugin import Snapshot

    SlashOrMenu = app_commands.Command[Any, ..., Any] | app_commands.ContextMenu
    AnyCommand = commands.Command[Any, ..., Any] | SlashOrMenu

Context = commands.Context[PluginBot]


async def check_reach(ctx: Context, *ranks: int) -> None:
    """Let pass who has the highest of these ranks: nobody gives, takes or asks for one above their own.

    Raises:
        RankOutOfReach: it is above theirs.
    """
    name = ctx.command.qualified_name if ctx.command else ""
    if not await ctx.bot.has_rank(ctx.author, max(ranks), name):
        raise RankOutOfReach(f"Rank {max(ranks)} is above your own, so only somebody of that rank can do this.")


def command_names(bot: PluginBot) -> list[str]:
    """Return the full names of all commands and of those in menus, in order."""
    known = {command.qualified_name: command for command in bot.walk_commands()}
    fallbacks = {
        f"{name} {command.fallback}" for name, command in known.items() if isinstance(command, commands.HybridGroup)
    }
    slash = {command.qualified_name for command in bot.tree.walk_commands()}
    menus = {menu.qualified_name for menu in _menus(bot)}
    return sorted((known.keys() | slash | menus) - fallbacks)


def find_command(bot: PluginBot, name: str) -> AnyCommand:
    """Return a command by its full name or an alias, as `cases view`, `/cases view` or `cases`.

    Raises:
        UnknownCommand: there is none.
    """
    name = " ".join(name.removeprefix("/").split())
    command = bot.get_command(name)
    if command is not None:
        return command
    above, _, last = name.rpartition(" ")
    group = bot.get_command(above)
    if getattr(group, "fallback", None) == last and group is not None:
        return group  # what the slash command of a group itself is called
    others: list[SlashOrMenu] = [each for each in bot.tree.walk_commands() if isinstance(each, app_commands.Command)]
    for other in (*others, *_menus(bot)):
        if other.qualified_name == name:
            return other
    raise UnknownCommand(f"There is no command `{name[:100]}`. Write it in full, such as `cases view`.")


def plugin_of(command: AnyCommand) -> str:
    """Return the plugin that a command belongs to, "" when it is nobody's."""
    owner: object = getattr(command.callback, "__self__", None)
    if not isinstance(command, app_commands.ContextMenu):
        owner = command.binding if isinstance(command, app_commands.Command) else command.cog
    return owner.plugin if isinstance(owner, BaseCog) else ""


def is_for_bot_owner(command: AnyCommand) -> bool:
    """Return whether a command is marked with discord.py's `is_owner`, or stands below one that is."""
    each: Any = command
    while each is not None:
        if any(getattr(check, "__qualname__", "").startswith("is_owner.") for check in getattr(each, "checks", ())):
            return True
        each = getattr(each, "parent", None)
    return False


def _menus(bot: PluginBot) -> Iterator[app_commands.ContextMenu]:
    for kind in (AppCommandType.message, AppCommandType.user):
        yield from bot.tree.get_commands(type=kind)


def wanted_rank(snapshot: Snapshot, command: AnyCommand) -> tuple[AskedRank | None, int | None]:
    """Return what the guild asks for a command, and what the command asks for by itself; the first one wins."""
    return asked_rank(snapshot, command.qualified_name), required_rank(command)
