"""`/config ranks`, `roles`, `members`, `commands` and `why`; answers the bot's questions about ranks."""

from __future__ import annotations

from typing import TYPE_CHECKING

import discord
from discord import app_commands
from discord.ext import commands

from plugins.permissions import MEMBERS, NAMES, ROLES
from plugins.permissions.checks import (
    Context,
    check_reach,
    command_names,
    find_command,
    is_for_bot_owner,
    plugin_of,
    wanted_rank,
)
from plugins.permissions.errors import NothingToRemove, RankNameTaken
from plugins.permissions.managers import (
    GuildPermissionManager,
    PermissionAssignmentManager,
    PermissionCommandManager,
    PermissionRankManager,
)
from plugins.permissions.models import MAX_RANK, PermissionLevel
from plugins.permissions.ranks import asked_rank, default_name, effective_rank, rank_name, reasons_for
from plugins.permissions.views import (
    asked_line,
    commands_embed,
    members_embed,
    ranks_embed,
    reason_lines,
    roles_embed,
    why_embed,
)
from tux.cog import BaseCog, PluginBot, guild_of, required_rank, requires_rank, subcommand_of
from tux.core.witness import note_change
from tux.errors import UniqueViolation
from tux.ui import success

if TYPE_CHECKING:
    from collections.abc import Mapping

    from plugins.permissions.checks import AnyCommand
    from tux.plugin import Snapshot

ADMINISTRATOR = 7
# https://discord.com/developers/docs/interactions/application-commands
MAX_CHOICES = 25

Rank = commands.Range[int, 0, MAX_RANK]
Interaction = discord.Interaction[PluginBot]
RANK = "0 to 10"


class RanksCog(BaseCog, name="Permissions"):
    """What ranks are called, and which roles and members have them."""

    @commands.Cog.listener("on_guild_role_delete")
    async def forget_role(self, role: discord.Role) -> None:
        """Forget the rank of a role that was deleted; one without a rank costs no statement."""
        if role.id in ROLES.of(await self.db.snapshot(role.guild.id)):
            await self.db[PermissionAssignmentManager].remove_role_assignment(role.guild.id, role.id)

    @commands.hybrid_group(fallback="show")
    @subcommand_of("config")
    @commands.guild_only()
    @requires_rank(ADMINISTRATOR)
    async def ranks(self, ctx: Context) -> None:
        """Show the ranks, what they are called and which roles have them."""
        guild = guild_of(ctx)
        named = await self.db[PermissionRankManager].get_permission_ranks_by_guild(guild.id)
        await ctx.send(embed=ranks_embed(await self.db.snapshot(guild.id), named))

    @ranks.command(name="name")
    @app_commands.describe(rank=RANK, name="What it is called here", description="What it is for")
    @commands.guild_only()
    @requires_rank(ADMINISTRATOR)
    async def name_rank(
        self,
        ctx: Context,
        rank: Rank,
        name: commands.Range[str, 1, 100],
        *,
        description: commands.Range[str, 1, 500] | None = None,
    ) -> None:
        """Give a rank a name of this server's own."""
        await check_reach(ctx, rank)
        key = {"guild_id": guild_of(ctx).id, "rank": rank}
        before = await self._state(ctx, rank)
        try:
            async with self.db.transaction():
                await self.db[PermissionRankManager].upsert(key, name=name, description=description)
                await _note(ctx, "permissions.rank_name", before=before, after={"rank": rank, "name": name})
        except UniqueViolation as error:
            raise RankNameTaken(f"Another rank is called {name} already; take another name.") from error
        await ctx.send(embed=success("Saved", f"Rank {rank} is called {name} now."))

    @ranks.command(name="reset")
    @app_commands.describe(rank=RANK)
    @commands.guild_only()
    @requires_rank(ADMINISTRATOR)
    async def reset_rank(self, ctx: Context, rank: Rank) -> None:
        """Call a rank as the bot does."""
        await check_reach(ctx, rank)
        before = await self._state(ctx, rank)
        async with self.db.transaction():
            if not await self.db[PermissionRankManager].delete_by_id((guild_of(ctx).id, rank)):
                raise NothingToRemove(f"Rank {rank} has no name of its own here.")
            await _note(ctx, "permissions.rank_name", before=before, after={"rank": rank, "name": None})
        await ctx.send(embed=success("Saved", f"Rank {rank} is called {default_name(rank)} again."))

    @commands.hybrid_group(fallback="show")
    @subcommand_of("config")
    @commands.guild_only()
    @requires_rank(ADMINISTRATOR)
    async def roles(self, ctx: Context) -> None:
        """Show which roles have which rank."""
        await ctx.send(embed=roles_embed(await self.db.snapshot(guild_of(ctx).id)))

    @roles.command(name="set")
    @app_commands.describe(role="Whose members get it", rank=RANK)
    @commands.guild_only()
    @requires_rank(ADMINISTRATOR)
    async def set_role(self, ctx: Context, role: discord.Role, rank: Rank) -> None:
        """Give the members with a role a rank."""
        snapshot = await self.db.snapshot(role.guild.id)
        before = ROLES.of(snapshot).get(role.id)
        await check_reach(ctx, rank, before or 0)
        async with self.db.transaction():
            await self.db[PermissionAssignmentManager].assign_permission_rank(role.guild.id, rank, role.id)
            await _note(ctx, "permissions.role", role.id, before={"rank": before}, after={"rank": rank})
        await ctx.send(embed=success("Saved", f"{role.mention} has rank {rank} ({rank_name(snapshot, rank)}) now."))

    @roles.command(name="remove")
    @app_commands.describe(role="Whose members lose it")
    @commands.guild_only()
    @requires_rank(ADMINISTRATOR)
    async def remove_role(self, ctx: Context, role: discord.Role) -> None:
        """Take the rank from a role."""
        before = ROLES.of(await self.db.snapshot(role.guild.id)).get(role.id)
        await check_reach(ctx, before or 0)
        async with self.db.transaction():
            if not await self.db[PermissionAssignmentManager].remove_role_assignment(role.guild.id, role.id):
                raise NothingToRemove(f"{role.mention} has no rank.")
            await _note(ctx, "permissions.role", role.id, before={"rank": before}, after={"rank": None})
        await ctx.send(embed=success("Saved", f"{role.mention} has no rank any more."))

    @commands.hybrid_group(fallback="show")
    @subcommand_of("config")
    @commands.guild_only()
    @requires_rank(ADMINISTRATOR)
    async def members(self, ctx: Context) -> None:
        """Show which members have a rank of their own, whatever their roles."""
        await ctx.send(embed=members_embed(await self.db.snapshot(guild_of(ctx).id)))

    @members.command(name="set")
    @app_commands.describe(member="Who gets it", rank=RANK)
    @commands.guild_only()
    @requires_rank(ADMINISTRATOR)
    async def set_member(self, ctx: Context, member: discord.Member, rank: Rank) -> None:
        """Give a member a rank of their own."""
        guild_id = member.guild.id
        before = await self._own_rank(guild_id, member.id)
        await check_reach(ctx, rank, before)
        pair = {"guild_id": guild_id, "user_id": member.id}
        name = rank_name(await self.db.snapshot(guild_id), rank)
        async with self.db.transaction():
            await self.db[GuildPermissionManager].upsert(pair, permission_level=list(PermissionLevel)[rank])
            await _note(ctx, "permissions.member", member.id, before={"rank": before}, after={"rank": rank})
        await ctx.send(embed=success("Saved", f"{member.mention} has rank {rank} ({name}) now."))

    @members.command(name="remove")
    @app_commands.describe(member="Who loses it; they need not be here any more")
    @commands.guild_only()
    @requires_rank(ADMINISTRATOR)
    async def remove_member(self, ctx: Context, member: discord.User) -> None:
        """Take a member's own rank; that of their roles stays."""
        guild_id = guild_of(ctx).id
        before = await self._own_rank(guild_id, member.id)
        await check_reach(ctx, before)
        async with self.db.transaction():
            if not await self.db[GuildPermissionManager].delete_by_id((guild_id, member.id)):
                raise NothingToRemove(f"{member.mention} has no rank of their own.")
            await _note(ctx, "permissions.member", member.id, before={"rank": before}, after={"rank": None})
        await ctx.send(embed=success("Saved", f"{member.mention} has no rank of their own any more."))

    @name_rank.autocomplete("rank")
    @reset_rank.autocomplete("rank")
    @set_role.autocomplete("rank")
    @set_member.autocomplete("rank")
    async def complete_rank(self, interaction: Interaction, typed: str) -> list[app_commands.Choice[int]]:
        """Offer the ranks with their names."""
        return await rank_choices(interaction, typed)

    async def _state(self, ctx: Context, rank: int) -> dict[str, object]:
        """Return what a rank is called in this server before a change."""
        return {"rank": rank, "name": NAMES.of(await self.db.snapshot(guild_of(ctx).id)).get(rank)}

    async def _own_rank(self, guild_id: int, user_id: int) -> int:
        level = MEMBERS.of(await self.db.snapshot(guild_id)).get(user_id)
        return PermissionLevel(level).rank if level else 0


class CommandRanksCog(BaseCog, name="Command ranks"):
    """Which rank a command asks for, and why somebody may or may not use it."""

    async def cog_load(self) -> None:
        """Answer the bot's questions from now on."""
        self.bot.authorizer = self.is_allowed
        self.bot.ranks = self.rank_for

    async def cog_unload(self) -> None:
        """Leave every command with a rank to the owners."""
        self.bot.authorizer = self.bot.ranks = None

    async def is_allowed(self, member: discord.Member, rank: int, _command: str) -> bool:
        """Say whether a member has a rank."""
        snapshot = await self.db.snapshot(member.guild.id)
        return effective_rank(snapshot, member.id, (role.id for role in member.roles)) >= rank

    async def rank_for(self, guild_id: int, command: str) -> int | None:
        """Say which rank the guild asks for a command, None when it has not decided."""
        asked = asked_rank(await self.db.snapshot(guild_id), command)
        return None if asked is None else asked.rank

    @commands.hybrid_group(name="commands", fallback="show")
    @subcommand_of("config")
    @commands.guild_only()
    @requires_rank(ADMINISTRATOR)
    async def command_ranks(self, ctx: Context) -> None:
        """Show which ranks commands ask for."""
        own = {command.name: rank for command in self.bot.commands if (rank := required_rank(command)) is not None}
        await ctx.send(embed=commands_embed(await self.db.snapshot(guild_of(ctx).id), own))

    @command_ranks.command(name="set")
    @app_commands.describe(rank=RANK, command="Its full name; those below it follow")
    @commands.guild_only()
    @requires_rank(ADMINISTRATOR)
    async def set_command(self, ctx: Context, rank: Rank, *, command: str) -> None:
        """Ask for a rank for a command and its subcommands."""
        guild_id, found = guild_of(ctx).id, find_command(self.bot, command)
        snapshot = await self.db.snapshot(guild_id)
        before = _asked(snapshot, found)
        await check_reach(ctx, rank, before)
        state = {"command": found.qualified_name, "rank": before}
        async with self.db.transaction():
            await self.db[PermissionCommandManager].set_command_permission(guild_id, found.qualified_name, rank)
            await _note(ctx, "permissions.command", before=state, after=state | {"rank": rank})
        text = f"`{found.qualified_name}` asks for rank {rank} ({rank_name(snapshot, rank)}) now."
        await ctx.send(embed=success("Saved", text))

    @command_ranks.command(name="reset")
    @app_commands.describe(command="Its full name")
    @commands.guild_only()
    @requires_rank(ADMINISTRATOR)
    async def reset_command(self, ctx: Context, *, command: str) -> None:
        """Let a command ask for its own rank again."""
        guild_id, found = guild_of(ctx).id, find_command(self.bot, command)
        name = found.qualified_name
        snapshot = await self.db.snapshot(guild_id)
        before = _asked(snapshot, found)
        await check_reach(ctx, before)
        async with self.db.transaction():
            if not await self.db[PermissionCommandManager].delete_by_id((guild_id, name)):
                raise NothingToRemove(f"This server has not changed the rank of `{name}`.")
            state = {"command": name, "rank": before}
            await _note(ctx, "permissions.command", before=state, after=state | {"rank": None})
        text = asked_line(snapshot, name, asked_rank(snapshot, name.rpartition(" ")[0]), required_rank(found))
        await ctx.send(embed=success("Saved", f"`{name}` is as it was. {text}"))

    @commands.hybrid_command()
    @subcommand_of("config")
    @app_commands.describe(member="Who wants to use it", command="Its full name")
    @commands.guild_only()
    @requires_rank(ADMINISTRATOR)
    async def why(self, ctx: Context, member: discord.Member, *, command: str) -> None:
        """Explain why a member may or may not use a command."""
        found, guild = find_command(self.bot, command), member.guild
        snapshot = await self.db.snapshot(guild.id)
        asked, own = wanted_rank(snapshot, found)
        wanted = own if asked is None else asked.rank
        lines = [asked_line(snapshot, found.qualified_name, asked, own)]
        silent = self.bot.is_silent(plugin_of(found), guild.id)
        if silent:
            lines.insert(0, f"The plugin {plugin_of(found)} is switched off in this server.")
        lines += await self._rank_lines(snapshot, member)
        verdict = not silent and (wanted is None or await self.bot.has_rank(member, wanted, found.qualified_name))
        if is_for_bot_owner(found):
            lines.insert(0, "Only the bot's owner may use it, whatever the ranks.")
            verdict = verdict and await self.bot.is_owner(member)
        await ctx.send(embed=why_embed(str(member), f"`{found.qualified_name}`", verdict, lines))

    @set_command.autocomplete("rank")
    async def complete_rank(self, interaction: Interaction, typed: str) -> list[app_commands.Choice[int]]:
        """Offer the ranks with their names."""
        return await rank_choices(interaction, typed)

    @set_command.autocomplete("command")
    @reset_command.autocomplete("command")
    @why.autocomplete("command")
    async def complete_command(self, _: Interaction, typed: str) -> list[app_commands.Choice[str]]:
        """Offer the commands whose names hold what was typed."""
        names = [name for name in command_names(self.bot) if typed.lower().removeprefix("/") in name.lower()]
        return [app_commands.Choice(name=name, value=name) for name in names[:MAX_CHOICES]]

    async def _rank_lines(self, snapshot: Snapshot, member: discord.Member) -> list[str]:
        if await self.bot.is_owner(member):
            return [f"{member.mention} owns the bot, and may use every command."]
        if member.id == member.guild.owner_id:
            return [f"{member.mention} owns this server, and may use every command here."]
        reasons = reasons_for(snapshot, member.id, (role.id for role in member.roles))
        rank = reasons[0].rank if reasons else 0
        found = "the highest of:" if reasons else "neither they nor their roles have one."
        head = f"{member.mention} has rank {rank} ({rank_name(snapshot, rank)}): {found}"
        return [head, *reason_lines(snapshot, reasons)]


async def rank_choices(interaction: Interaction, typed: str) -> list[app_commands.Choice[int]]:
    """Return the ranks whose number or name holds what was typed."""
    if interaction.guild_id is None:
        return []
    snapshot = await interaction.client.db.snapshot(interaction.guild_id)
    labels = [f"{rank} — {rank_name(snapshot, rank)}"[:100] for rank in range(MAX_RANK + 1)]
    return [
        app_commands.Choice(name=label, value=rank)
        for rank, label in enumerate(labels)
        if typed.lower() in label.lower()
    ]


async def _note(ctx: Context, action: str, target_id: int | None = None, **states: Mapping[str, object]) -> None:
    await note_change(
        ctx.bot.db,
        action,
        guild_id=guild_of(ctx).id,
        actor_id=ctx.author.id,
        target_id=target_id,
        before=states.get("before"),
        after=states.get("after"),
    )


def _asked(snapshot: Snapshot, command: AnyCommand) -> int:
    asked, own = wanted_rank(snapshot, command)
    return own or 0 if asked is None else asked.rank
