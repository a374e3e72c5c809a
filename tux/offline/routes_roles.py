"""Roles: reading, creating, changing, moving, deleting."""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING

import discord

from tux.offline.audit import Deed, differences, record
from tux.offline.building import add_role, announce_role, drop_role
from tux.offline.limits import ROLE_NAME_LENGTH, check_lengths
from tux.offline.permissions import guild_permissions, require, require_role_below, top_rank
from tux.offline.refusals import missing_permissions, refuse, unknown
from tux.offline.routing import Call, Routes

if TYPE_CHECKING:
    from tux.offline.shapes import Json

routes = Routes()
ROLES = "/guilds/{guild}/roles"
ROLE = ROLES + "/{role}"
ROLES_IN_ALL = 250
EDITABLE = ("name", "color", "hoist", "mentionable", "permissions", "unicode_emoji", "icon")


@routes.add("GET", ROLES)
def list_roles(call: Call) -> object:
    """Return all roles."""
    return list(call.guild.roles.values())


@routes.add("GET", ROLES + "/member-counts")
def count_members(call: Call) -> object:
    """Return how many members have each role but @everyone."""
    held = [key for member in call.guild.members.values() for key in member["roles"]]
    return {key: held.count(key) for key in call.guild.roles if key != call.guild.id}


@routes.add("GET", ROLE)
def get_role(call: Call) -> object:
    """Return a role, or refuse with 10011."""
    role = call.guild.roles.get(call.params["role"])
    if role is None:
        raise unknown("Role")
    return role


@routes.add("POST", ROLES)
def create_role(call: Call) -> object:
    """Create a role at the bottom, with no permission that the bot lacks."""
    guild = call.guild
    require(call.world, guild, "manage_roles")
    if len(guild.roles) >= ROLES_IN_ALL:
        raise refuse(400, 30005, f"Maximum number of guild roles reached ({ROLES_IN_ALL})")
    fields = _checked(call)
    role = add_role(call.world, guild, fields.pop("name", None) or "new role", int(fields.pop("permissions", 0)))
    if fields:
        role |= fields
        announce_role(call.world, guild, role, "update")
    changes = differences({}, role, ("name", "permissions", "color", "hoist", "mentionable"))
    record(call.world, guild, Deed(discord.AuditLogAction.role_create, role["id"], call.doer, changes))
    return role


def _checked(call: Call) -> Json:
    check_lengths(call.body, {"name": ROLE_NAME_LENGTH})
    fields: Json = {key: call.body[key] for key in EDITABLE if key in call.body and call.body[key] is not None}
    if "permissions" in fields:
        have = guild_permissions(call.guild, call.world.bot["id"])
        if int(fields["permissions"]) & ~have:
            raise missing_permissions()
        fields["permissions"] = str(fields["permissions"])
    colors: Json | None = call.body.get("colors")
    if colors is not None:
        fields["color"] = colors.get("primary_color") or 0
    if "color" in fields:
        fields["colors"] = {"primary_color": fields["color"], "secondary_color": None, "tertiary_color": None}
    return fields


@routes.add("PATCH", ROLES)
def move_roles(call: Call) -> object:
    """Give roles new positions, all below the bot's highest."""
    guild = call.guild
    require(call.world, guild, "manage_roles")
    highest = top_rank(guild, call.world.bot["id"])[0]
    wanted = {str(item["id"]): item.get("position") for item in call.rows}
    for role_id, position in wanted.items():
        role = guild.roles.get(role_id)
        if role is None:
            raise unknown("Role")
        if position is None or role["position"] == position:
            continue
        require_role_below(call.world, guild, role_id)
        if position >= highest:
            raise missing_permissions()
        role["position"] = position
        announce_role(call.world, guild, role, "update")
    return list(guild.roles.values())


@routes.add("PATCH", ROLE)
def edit_role(call: Call) -> object:
    """Change a role below the bot's highest."""
    guild = call.guild
    require(call.world, guild, "manage_roles")
    is_everyone = call.params["role"] == guild.id
    role = guild.roles[guild.id] if is_everyone else require_role_below(call.world, guild, call.params["role"])
    before = copy.copy(role)
    role |= _checked(call)
    announce_role(call.world, guild, role, "update")
    changes = differences(before, role, EDITABLE)
    record(call.world, guild, Deed(discord.AuditLogAction.role_update, role["id"], call.doer, changes))
    return role


@routes.add("DELETE", ROLE)
def delete_role(call: Call) -> object:
    """Delete a role below the bot's highest."""
    guild = call.guild
    require(call.world, guild, "manage_roles")
    if call.params["role"] == guild.id:
        raise refuse(400, 50028, "Invalid Role")
    role = require_role_below(call.world, guild, call.params["role"])
    drop_role(call.world, guild, role)
    changes = [{"key": "name", "old_value": role["name"]}]
    record(call.world, guild, Deed(discord.AuditLogAction.role_delete, role["id"], call.doer, changes))
    return None
