"""A guild itself and its audit log."""

from __future__ import annotations

import discord

from tux.offline.audit import Deed, differences, record
from tux.offline.building import guild_json
from tux.offline.limits import Form, newest_first, query_number
from tux.offline.permissions import require
from tux.offline.routing import Call, Routes

routes = Routes()
NAME_LENGTH = (2, 100)
AUDIT_PAGE = 100
EDITABLE = (
    "name",
    "description",
    "verification_level",
    "default_message_notifications",
    "explicit_content_filter",
    "afk_channel_id",
    "afk_timeout",
    "system_channel_id",
    "system_channel_flags",
    "rules_channel_id",
    "public_updates_channel_id",
    "preferred_locale",
)
NOT_KEPT = ("integrations", "guild_scheduled_events", "application_commands", "auto_moderation_rules")


@routes.add("GET", "/guilds/{guild}")
def get_guild(call: Call) -> object:
    """Return a guild, with counts when asked."""
    guild = call.guild
    counts = {"approximate_member_count": len(guild.members), "approximate_presence_count": len(guild.members)}
    return guild_json(guild) | (counts if call.query.get("with_counts") in {"true", "1"} else {})


@routes.add("PATCH", "/guilds/{guild}")
def edit_guild(call: Call) -> object:
    """Change a guild's settings."""
    guild = call.guild
    require(call.world, guild, "manage_guild")
    form = Form()
    if "name" in call.body:
        form.length(("name",), call.body["name"], NAME_LENGTH[1], NAME_LENGTH[0])
    form.refuse()
    before = dict(guild.data)
    guild.data |= {key: call.body[key] for key in EDITABLE if key in call.body}
    call.world.emit("GUILD_UPDATE", guild_json(guild), guild=guild)
    changes = differences(before, guild.data, EDITABLE)
    record(call.world, guild, Deed(discord.AuditLogAction.guild_update, guild.id, call.doer, changes))
    return guild_json(guild)


@routes.add("GET", "/guilds/{guild}/preview")
def get_preview(call: Call) -> object:
    """Return what a stranger sees of the guild."""
    guild = call.guild
    keys = ("id", "name", "icon", "description", "home_header", "splash", "discovery_splash", "features", "stickers")
    counts = {"approximate_member_count": len(guild.members), "approximate_presence_count": len(guild.members)}
    return {key: guild.data[key] for key in keys} | counts | {"emojis": list(guild.emojis.values())}


@routes.add("GET", "/guilds/{guild}/audit-logs")
def list_audit(call: Call) -> object:
    """Return entries of the audit log, newest first, by user, action and target."""
    guild = call.guild
    require(call.world, guild, "view_audit_log")
    limit = query_number(call.query, "limit", 50, AUDIT_PAGE)
    wanted = {"user_id": "user_id", "target_id": "target_id", "action_type": "action_type"}
    found = [
        entry
        for entry in guild.audit
        if all(str(entry[key]) == call.query[name] for name, key in wanted.items() if call.query.get(name))
    ]
    page = newest_first(found, call.query, lambda entry: int(entry["id"]), limit)
    ids = {str(entry[key]) for entry in page for key in ("user_id", "target_id")}
    webhooks = [hook for hook in call.world.webhooks.values() if hook["guild_id"] == guild.id]
    return {
        "audit_log_entries": page,
        "users": [call.world.users[key] for key in sorted(ids) if key in call.world.users],
        "webhooks": webhooks,
        "threads": [thread.data for key, thread in guild.threads.items() if key in ids],
        **{key: [] for key in NOT_KEPT},
    }


@routes.add("GET", "/guilds/{guild}/integrations")
def list_integrations(call: Call) -> object:
    """Return the guild's integrations: none here."""
    require(call.world, call.guild, "manage_guild")
    return []


@routes.add("GET", "/guilds/{guild}/stickers")
def list_stickers(call: Call) -> object:
    """Return the guild's stickers: none here."""
    return call.guild.data["stickers"]
