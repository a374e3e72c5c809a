"""Ranks: what they are called, who has them, what commands ask for."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, cast

from plugins.guild.models import GuildLevelRole
from plugins.permissions.models import (
    GuildPermission,
    PermissionAssignment,
    PermissionCommand,
    PermissionLevel,
    PermissionRank,
)
from tux.cache import Cache
from tux.manager import Manager, derived

if TYPE_CHECKING:
    from collections.abc import Iterable

KEPT_RANKS = Cache(max_rows=100_000, ttl=timedelta(minutes=30))

# GREATEST passes over NULLs: a member without any row has rank 0. Level roles are those of `db.guild_config`.
_EFFECTIVE_RANK = """
SELECT GREATEST(
    0,
    (SELECT array_position($4::text[], permission_level::text) - 1 FROM permissions_members
     WHERE guild_id = $1 AND user_id = $2),
    (SELECT max(rank) FROM permissions_assignments WHERE guild_id = $1 AND role_id = ANY($3::bigint[])),
    (SELECT max(level) FROM guild_level_roles WHERE guild_id = $1 AND role_id = ANY($3::bigint[]))
) AS rank
"""


class PermissionRankManager(Manager[PermissionRank], name="permission_ranks"):
    """What guilds call their ranks."""

    async def create_permission_rank(
        self, guild_id: int, rank: int, name: str, description: str | None = None
    ) -> PermissionRank:
        """Name a rank, 0 to 10, in a guild.

        Raises:
            InvalidValue: there is no such rank, or the name is blank.
            UniqueViolation: the guild has named that rank, or used that name, before.
        """
        return await self.create(guild_id=guild_id, rank=rank, name=name, description=description)

    async def get_permission_ranks_by_guild(self, guild_id: int) -> list[PermissionRank]:
        """Return the ranks that a guild has named, lowest first."""
        return await self.find_all({"guild_id": guild_id}, "rank")


class PermissionAssignmentManager(Manager[PermissionAssignment], name="permission_assignments"):
    """Which role has which rank."""

    async def assign_permission_rank(self, guild_id: int, rank: int, role_id: int) -> PermissionAssignment:
        """Give the members with a role a rank, 0 to 10, instead of the one that the role had.

        Raises:
            InvalidValue: there is no such rank.
        """
        row, _ = await self.upsert({"guild_id": guild_id, "role_id": role_id}, rank=rank)
        return row

    async def remove_role_assignment(self, guild_id: int, role_id: int) -> bool:
        """Take the rank from a role; False when it had none."""
        return await self.delete_by_id((guild_id, role_id))

    async def get_user_permission_rank(self, guild_id: int, user_id: int, role_ids: Iterable[int]) -> int:
        """Return a member's rank, 0 to 10: the highest of their own level and of their roles.

        Roles count with the rank assigned here and with the level that `db.guild_config` gave them. Kept in memory
        until one of these changes in the guild.
        """
        return await self._effective_rank(guild_id, user_id, frozenset(role_ids))

    @derived(GuildPermission, PermissionAssignment, GuildLevelRole, cache=KEPT_RANKS)
    async def _effective_rank(self, guild_id: int, user_id: int, role_ids: frozenset[int]) -> int:
        levels = [level.value for level in PermissionLevel]
        [found] = await self.db.service.fetch(_EFFECTIVE_RANK, guild_id, user_id, list(role_ids), levels)
        return cast("int", found["rank"])


class PermissionCommandManager(Manager[PermissionCommand], name="permission_commands"):
    """Which command asks for which rank."""

    async def set_command_permission(self, guild_id: int, command_name: str, required_rank: int) -> PermissionCommand:
        """Ask for a rank, 0 to 10, for a command and those of its subcommands that have none of their own.

        Raises:
            InvalidValue: there is no such rank, or the name is blank.
        """
        name = " ".join(command_name.split())
        row, _ = await self.upsert({"guild_id": guild_id, "command_name": name}, required_rank=required_rank)
        return row

    async def get_command_permission(self, guild_id: int, command_name: str) -> PermissionCommand | None:
        """Return what a guild asks for a command, else for its nearest parent; None: the command's own rank holds."""
        words = command_name.split()
        names = [" ".join(words[:length]) for length in range(1, len(words) + 1)]
        # a parent's name is the beginning of its subcommand's, so it sorts before it
        return await self.find_one({"guild_id": guild_id, "command_name": {"in": names}}, "-command_name")


class GuildPermissionManager(Manager[GuildPermission], name="guild_permissions"):
    """The levels of members; `upsert` sets one, a name that is no level is refused."""
