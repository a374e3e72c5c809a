"""People: what somebody is in a guild, and what all their actions have in common."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from tux.errors import CannotAct
from tux.offline.building import find_channel
from tux.offline.permissions import bits, channel_permissions
from tux.offline.places import ChannelHandle
from tux.offline.reply import Recorder, Reply, SeenMessage
from tux.offline.slash import key_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from tux.offline.interactions import Gesture
    from tux.offline.places import GuildHandle
    from tux.offline.shapes import Json
    from tux.offline.stage import Stage
    from tux.offline.state import Channel


class Person:
    """Somebody as the guild sees them now."""

    def __init__(self, stage: Stage, user: Json, guild: GuildHandle) -> None:
        self.stage = stage
        self.world = stage.world
        self.user = user
        self.guild = guild

    def __repr__(self) -> str:
        return f"<{self.name}>"

    @property
    def id(self) -> int:
        """The user's snowflake."""
        return int(self.user["id"])

    @property
    def name(self) -> str:
        """The user's name."""
        return str(self.user["username"])

    @property
    def mention(self) -> str:
        """What mentions the user."""
        return f"<@{self.id}>"

    @property
    def data(self) -> Json | None:
        """The member as Discord's API has it, None when not in the guild."""
        return self.guild.state.members.get(self.user["id"])

    @property
    def is_member(self) -> bool:
        """Whether they are in the guild."""
        return self.data is not None

    @property
    def is_banned(self) -> bool:
        """Whether they are banned from the guild."""
        return self.user["id"] in self.guild.state.bans

    @property
    def nick(self) -> str | None:
        """Their name in the guild when they have one of their own."""
        return self.data["nick"] if self.data is not None else None

    @property
    def roles(self) -> list[str]:
        """The names of their roles."""
        held = self.data["roles"] if self.data is not None else ()
        return [str(self.guild.state.roles[key]["name"]) for key in held]

    @property
    def timed_out_until(self) -> datetime | None:
        """When their time-out ends, None without one."""
        until = self.data["communication_disabled_until"] if self.data is not None else None
        return datetime.fromisoformat(until) if until is not None else None

    @property
    def inbox(self) -> list[SeenMessage]:
        """What the bot wrote to them directly, oldest first."""
        channel = self.world.private.get(self.user["id"])
        found = channel.messages.values() if channel is not None else ()
        return [SeenMessage(self.world, message) for message in found if message.author_id == self.world.bot["id"]]

    def can(self, channel: Channel, *permissions: str) -> bool:
        """Whether they have all these permissions in a channel."""
        needed = bits(*permissions)
        return channel_permissions(self.world, channel, self.user["id"]) & needed == needed

    def close_dms(self) -> None:
        """Refuse direct messages of the bot from now on."""
        self.world.closed_dms.add(self.user["id"])


class Doing(Person):
    """Somebody who can do things; what each costs in rights is checked as Discord's client checks it."""

    def place(self, channel: ChannelHandle | str | None) -> Channel:
        """Return the channel that is meant, #general when none is named.

        Raises:
            CannotAct: there is no such channel, or they do not see it.
        """
        if isinstance(channel, ChannelHandle):
            place = channel.state
        else:
            found = find_channel(self.guild.state, key_of(channel or "general"))
            if found is None:
                raise CannotAct(f"there is no channel called {channel!r}")
            place = found
        if place.guild is not None:
            if not self.is_member:
                raise CannotAct(f"{self.name} is not in {self.guild.name}")
            self.need(place, "view_channel")
        return place

    def need(self, channel: Channel, permission: str) -> None:
        """Refuse unless they have the permission in the channel."""
        if channel.guild is not None and not self.can(channel, permission):
            raise CannotAct(f"{self.name} may not {permission.replace('_', ' ')} in #{channel.data['name']}")

    async def watched(self, action: Callable[[], object]) -> Reply:
        """Do something and return what they see of the bot's answer."""
        with Recorder(self.world) as recorder:
            action()
            await self.stage.settle()
        return recorder.reply_for(self.user["id"])

    async def interact(self, gesture: Gesture) -> Reply:
        """Send the bot an interaction and return its answer."""
        with Recorder(self.world) as recorder:
            interaction = self.stage.open(gesture)
            await self.stage.settle()
        return recorder.reply_for(self.user["id"], interaction)
