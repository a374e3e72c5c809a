"""Who may use which command: ranks of roles and members, and the rank that a command asks for."""

from __future__ import annotations

import json
from types import MappingProxyType
from typing import TYPE_CHECKING

from tux.plugin import SNAPSHOT, Plugin, SnapshotPart

if TYPE_CHECKING:
    from collections.abc import Mapping

_NOTHING: Mapping[int, int] = MappingProxyType({})

NAMES: SnapshotPart[Mapping[int, str]] = SnapshotPart(
    "permissions.names",
    "SELECT jsonb_object_agg(rank, name) FROM permissions_ranks WHERE guild_id = $1",
    ("permissions_ranks",),
    MappingProxyType({}),
    lambda text: MappingProxyType({int(rank): str(name) for rank, name in json.loads(text).items()}),
)
"""What the guild calls its ranks."""

ROLES: SnapshotPart[Mapping[int, int]] = SnapshotPart(
    "permissions.roles",
    "SELECT array_agg(ARRAY[role_id, rank]) FROM permissions_assignments WHERE guild_id = $1",
    ("permissions_assignments",),
    _NOTHING,
    lambda pairs: MappingProxyType(dict(pairs)),
)
"""Ranks by role id."""

MEMBERS: SnapshotPart[Mapping[int, str]] = SnapshotPart(
    "permissions.members",
    "SELECT jsonb_object_agg(user_id, permission_level) FROM permissions_members "
    "WHERE guild_id = $1 AND permission_level <> 'MEMBER'",
    ("permissions_members",),
    MappingProxyType({}),
    lambda text: MappingProxyType({int(user): str(level) for user, level in json.loads(text).items()}),
)
"""Levels by user id, of those that have one above the lowest."""

COMMANDS: SnapshotPart[Mapping[str, int]] = SnapshotPart(
    "permissions.commands",
    "SELECT jsonb_object_agg(command_name, required_rank) FROM permissions_commands WHERE guild_id = $1",
    ("permissions_commands",),
    MappingProxyType({}),
    lambda text: MappingProxyType(json.loads(text)),
)
"""The ranks that the guild asks for commands, by their full names."""

plugin = Plugin(
    name="permissions",
    summary="Ranks 0 to 10 of roles and members, and the rank that each command asks for",
    version="1.0.0",
    needs=("guild",),
    contributes={SNAPSHOT: (NAMES, ROLES, MEMBERS, COMMANDS)},
)
