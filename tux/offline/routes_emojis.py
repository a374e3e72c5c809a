"""Custom emojis of a guild."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import discord

from tux.offline.audit import Deed, differences, record
from tux.offline.limits import invalid
from tux.offline.permissions import require
from tux.offline.refusals import refuse, unknown
from tux.offline.routing import Call, Routes

if TYPE_CHECKING:
    from tux.offline.shapes import Json
    from tux.offline.state import Guild
    from tux.offline.world import World

routes = Routes()
EMOJIS = "/guilds/{guild}/emojis"
EMOJI = EMOJIS + "/{emoji}"
SLOTS = 50
NAME = re.compile(r"\w{2,32}")


def add_emoji(world: World, guild: Guild, name: str, *, creator: Json | None = None) -> Json:
    """Return a new custom emoji of the guild; all are told."""
    emoji: Json = {
        "id": world.snowflake(),
        "name": name,
        "roles": [],
        "require_colons": True,
        "managed": False,
        "animated": False,
        "available": True,
        "user": creator or world.owner,
    }
    guild.emojis[emoji["id"]] = emoji
    announce(world, guild)
    return emoji


def announce(world: World, guild: Guild) -> None:
    """Tell that a guild's emojis changed."""
    world.emit("GUILD_EMOJIS_UPDATE", {"guild_id": guild.id, "emojis": list(guild.emojis.values())}, guild=guild)


def find_emoji(call: Call) -> Json:
    """Return the emoji of the path, or refuse with 10014."""
    if call.params["emoji"] not in call.guild.emojis:
        raise unknown("Emoji")
    return call.guild.emojis[call.params["emoji"]]


def _check_name(call: Call) -> None:
    if not NAME.fullmatch(str(call.body.get("name"))):
        raise invalid("name", "BASE_TYPE_BAD_LENGTH", "Must be between 2 and 32 in length.")


@routes.add("GET", EMOJIS)
def list_emojis(call: Call) -> object:
    """Return a guild's emojis."""
    return list(call.guild.emojis.values())


@routes.add("GET", EMOJI)
def get_emoji(call: Call) -> object:
    """Return one emoji."""
    return find_emoji(call)


@routes.add("POST", EMOJIS, status=201)
def create_emoji(call: Call) -> object:
    """Add an emoji, at most 50."""
    guild = call.guild
    require(call.world, guild, "create_expressions")
    _check_name(call)
    if len(guild.emojis) >= SLOTS:
        raise refuse(400, 30008, f"Maximum number of emojis reached ({SLOTS})")
    emoji = add_emoji(call.world, guild, call.body["name"], creator=call.world.bot)
    changes = differences({}, emoji, ("name",))
    record(call.world, guild, Deed(discord.AuditLogAction.emoji_create, emoji["id"], call.doer, changes))
    return emoji


@routes.add("PATCH", EMOJI)
def edit_emoji(call: Call) -> object:
    """Rename an emoji."""
    require(call.world, call.guild, "manage_expressions")
    emoji = find_emoji(call)
    if "name" in call.body:
        _check_name(call)
        emoji["name"] = call.body["name"]
    announce(call.world, call.guild)
    return emoji


@routes.add("DELETE", EMOJI)
def delete_emoji(call: Call) -> object:
    """Delete an emoji."""
    require(call.world, call.guild, "manage_expressions")
    emoji = find_emoji(call)
    del call.guild.emojis[emoji["id"]]
    announce(call.world, call.guild)
    record(call.world, call.guild, Deed(discord.AuditLogAction.emoji_delete, emoji["id"], call.doer))
    return None
