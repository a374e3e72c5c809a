"""The objects of Discord's API with all fields that its documents require, in their state at birth.

The world keeps these plain dicts, so that what is stored is what is sent.
"""

from __future__ import annotations

from typing import Any, TypeAlias

import discord

Json: TypeAlias = dict[str, Any]
"""One object as it travels over REST or the gateway."""

PRIVATE_FIELDS = ("home_header", "incidents_data", "max_presences", "region", "safety_alerts_channel_id")


def new_user(user_id: str, name: str, *, bot: bool = False) -> Json:
    """Return a user without avatar."""
    return {
        "id": user_id,
        "username": name,
        "discriminator": "0",
        "global_name": None,
        "avatar": None,
        "bot": bot,
        "flags": 0,
        "public_flags": 0,
        "primary_guild": None,
    }


def new_member(user: Json, joined_at: str) -> Json:
    """Return a member without roles; it shares `user`."""
    return {
        "user": user,
        "nick": None,
        "avatar": None,
        "banner": None,
        "roles": [],
        "joined_at": joined_at,
        "premium_since": None,
        "deaf": False,
        "mute": False,
        "flags": 0,
        "pending": False,
        "communication_disabled_until": None,
    }


def new_role(role_id: str, name: str, permissions: int, position: int) -> Json:
    """Return a role without colour."""
    return {
        "id": role_id,
        "name": name,
        "permissions": str(permissions),
        "position": position,
        "color": 0,
        "colors": {"primary_color": 0, "secondary_color": None, "tertiary_color": None},
        "hoist": False,
        "managed": False,
        "mentionable": False,
        "icon": None,
        "unicode_emoji": None,
        "flags": 0,
    }


def new_guild(guild_id: str, name: str, owner_id: str) -> Json:
    """Return a guild's own fields, without its collections."""
    return {
        "id": guild_id,
        "name": name,
        "owner_id": owner_id,
        **dict.fromkeys(
            ("icon", "description", "splash", "discovery_splash", "banner", "application_id", "afk_channel_id")
        ),
        **dict.fromkeys(("system_channel_id", "widget_channel_id", "vanity_url_code", "rules_channel_id")),
        **dict.fromkeys(("public_updates_channel_id", *PRIVATE_FIELDS)),
        **dict.fromkeys(("mfa_level", "explicit_content_filter", "premium_tier", "nsfw_level"), 0),
        **dict.fromkeys(("premium_subscription_count", "system_channel_flags", "verification_level"), 0),
        **dict.fromkeys(("widget_enabled", "premium_progress_bar_enabled", "nsfw"), False),
        "region": "local",
        "features": [],
        "stickers": [],
        "afk_timeout": 60,
        "default_message_notifications": 0,
        "max_members": 500_000,
        "max_stage_video_channel_users": 50,
        "max_video_channel_users": 25,
        "preferred_locale": "en-US",
    }


def new_channel(channel_id: str, guild_id: str, name: str, kind: int, position: int) -> Json:
    """Return a guild channel of type `kind` (discord.ChannelType)."""
    channel: Json = {
        "id": channel_id,
        "type": kind,
        "guild_id": guild_id,
        "name": name,
        "position": position,
        "permission_overwrites": [],
        "parent_id": None,
        "flags": 0,
    }
    if kind == discord.ChannelType.category.value:
        return channel
    channel |= {"last_message_id": None, "rate_limit_per_user": 0, "nsfw": False}
    if kind in {discord.ChannelType.voice.value, discord.ChannelType.stage_voice.value}:
        return channel | {"bitrate": 64_000, "user_limit": 0, "rtc_region": None}
    channel |= {"topic": None}
    if kind == discord.ChannelType.forum.value:
        channel |= {"available_tags": [], "default_reaction_emoji": None, "default_sort_order": None}
        channel |= {"default_forum_layout": 0}
    return channel


def new_thread(thread_id: str, parent: Json, name: str, owner_id: str, created_at: str) -> Json:
    """Return a public thread under `parent` that nobody has joined yet."""
    return {
        "id": thread_id,
        "type": discord.ChannelType.public_thread.value,
        "guild_id": parent["guild_id"],
        "parent_id": parent["id"],
        "name": name,
        "owner_id": owner_id,
        "message_count": 0,
        "member_count": 0,
        "total_message_sent": 0,
        "rate_limit_per_user": 0,
        "flags": 0,
        "last_message_id": None,
        "thread_metadata": {
            "archived": False,
            "auto_archive_duration": 1440,
            "archive_timestamp": created_at,
            "create_timestamp": created_at,
            "locked": False,
        },
    }


def new_private(channel_id: str, user: Json) -> Json:
    """Return the direct-message channel of the bot with `user`."""
    return {
        "id": channel_id,
        "type": discord.ChannelType.private.value,
        "recipients": [user],
        "last_message_id": None,
        "flags": 0,
    }


def items_of(data: Json, key: str) -> list[Json]:
    """Return the list of objects under `key`, empty when it is absent or null."""
    items: list[Json] | None = data.get(key)
    return items or []


def part_of(data: Json, key: str) -> Json:
    """Return the object under `key`, empty when it is absent or null."""
    part: Json | None = data.get(key)
    return part or {}


def without(data: Json, *keys: str) -> Json:
    """Return a shallow copy of `data` that lacks `keys`."""
    return {key: value for key, value in data.items() if key not in keys}
