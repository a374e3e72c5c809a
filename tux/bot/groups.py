"""Puts the commands that cogs contribute into the groups of other plugins, such as core's `/config`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from discord.ext import commands

from tux.cog import BaseCog, PluginBot, group_of

if TYPE_CHECKING:
    from tux.cog import Contributed

    HybridGroup = commands.HybridGroup[Any, ..., Any]


def find_group(bot: PluginBot, command: Contributed) -> HybridGroup | None:
    """Return the group that a contributed command goes into, None while nobody has it."""
    group = bot.get_command(group_of(command) or "")
    return cast("HybridGroup", group) if isinstance(group, commands.HybridGroup) else None


def fill_groups(bot: PluginBot) -> None:
    """Put what all cogs contribute into its groups, also when a group's own cog was loaded anew."""
    for cog in bot.cogs.values():
        for command in cog.contributed if isinstance(cog, BaseCog) else ():
            group = find_group(bot, command)
            if group is not None and group.get_command(command.name) is not command:
                group.add_command(command)


def leave_groups(bot: PluginBot, cog: BaseCog) -> None:
    """Take out of the groups what a cog contributed."""
    for command in cog.contributed:
        group = find_group(bot, command)
        if group is not None:
            group.remove_command(command.name)
