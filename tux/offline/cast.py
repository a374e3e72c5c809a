"""The server that the console opens: the same people, channels, roles and ids every time."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from tux.clock import clock
from tux.offline.building import add_channel, add_guild, add_role
from tux.offline.members import add_member
from tux.offline.permissions import VIEW, bits
from tux.offline.world import World

if TYPE_CHECKING:
    from tux.offline.shapes import Json
    from tux.offline.state import Channel, Guild

SERVER = "Tux server"
MODERATORS = "Moderators"
MODERATOR_LEVEL = 3
MODERATOR_PERMISSIONS = bits(
    "moderate_members", "kick_members", "ban_members", "manage_messages", "manage_nicknames", "view_audit_log"
)
# ids are made of the time: a world founded at a fixed moment has the same ones in every run, so its rows are found again
FOUNDED = datetime(2024, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Cast:
    """The world, its one server, the channel where the console starts and who it starts as."""

    world: World
    guild: Guild
    channel: Channel
    user: Json


def build_cast() -> Cast:
    """Return a server with #general, #mod-log, #starboard and #staff; alice and dave moderate it, bob and carol are members."""
    world = World(now=lambda: FOUNDED)
    guild = add_guild(world, SERVER)
    moderators = add_role(world, guild, MODERATORS, MODERATOR_PERMISSIONS, below_bot=True)
    add_channel(world, guild, "mod-log")
    add_channel(world, guild, "starboard")
    everyone, staff = {"id": guild.id, "type": 0}, {"id": moderators["id"], "type": 0}
    hidden: list[Json] = [everyone | {"allow": "0", "deny": str(VIEW)}, staff | {"allow": str(VIEW), "deny": "0"}]
    add_channel(world, guild, "staff", permission_overwrites=hidden)
    alice = world.add_user("alice")
    add_member(world, guild, alice, [moderators["id"]])
    for name in ("bob", "carol"):
        add_member(world, guild, world.add_user(name), [])
    add_member(world, guild, world.add_user("dave"), [moderators["id"]])
    world.now = clock.now
    return Cast(world, guild, next(iter(guild.channels.values())), alice)
