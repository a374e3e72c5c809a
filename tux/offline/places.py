"""Guilds and channels as a test or the console handles them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tux.offline.building import add_channel, add_role, find_channel, find_role, remove_guild, restore_guild
from tux.offline.permissions import bits
from tux.offline.reply import SeenMessage

if TYPE_CHECKING:
    from collections.abc import Iterable

    from tux.offline.shapes import Json
    from tux.offline.state import Channel, Guild
    from tux.offline.world import World


class RoleHandle:
    """A role of a guild."""

    def __init__(self, data: Json) -> None:
        self.data = data

    @property
    def id(self) -> int:
        """The role's snowflake."""
        return int(self.data["id"])

    @property
    def name(self) -> str:
        """The role's name."""
        return str(self.data["name"])

    @property
    def mention(self) -> str:
        """What mentions the role."""
        return f"<@&{self.id}>"


class ChannelHandle:
    """A channel, thread or direct-message channel."""

    def __init__(self, world: World, state: Channel) -> None:
        self.world = world
        self.state = state

    @property
    def id(self) -> int:
        """The channel's snowflake."""
        return int(self.state.id)

    @property
    def name(self) -> str:
        """The channel's name, of a private one that of the person."""
        data = self.state.data
        return str(data["name"] if "name" in data else data["recipients"][0]["username"])

    @property
    def mention(self) -> str:
        """What mentions the channel."""
        return f"<#{self.id}>"

    @property
    def messages(self) -> list[SeenMessage]:
        """All its messages, oldest first, ephemeral ones included."""
        return [SeenMessage(self.world, message) for message in self.state.messages.values()]

    @property
    def last(self) -> SeenMessage:
        """Its last message.

        Raises:
            LookupError: it has none.
        """
        messages = self.messages
        if not messages:
            raise LookupError(f"nobody has said anything in {self.name}")
        return messages[-1]

    def overwrite(self, target_id: int, *, allow: Iterable[str] = (), deny: Iterable[str] = ()) -> None:
        """Set what a role or member may and may not do here, in discord.py's names; the bot is told."""
        kind = 0 if self.state.guild is not None and str(target_id) in self.state.guild.roles else 1
        entry = {"id": str(target_id), "type": kind, "allow": str(bits(*allow)), "deny": str(bits(*deny))}
        kept = [item for item in self.state.data["permission_overwrites"] if item["id"] != str(target_id)]
        self.state.data["permission_overwrites"] = [*kept, entry]
        self.world.emit("CHANNEL_UPDATE", self.state.data, channel=self.state)


class GuildHandle:
    """A guild that the bot is in."""

    def __init__(self, world: World, state: Guild) -> None:
        self.world = world
        self.state = state

    @property
    def id(self) -> int:
        """The guild's snowflake."""
        return int(self.state.id)

    @property
    def name(self) -> str:
        """The guild's name."""
        return str(self.state.data["name"])

    def channel(self, name: str = "general", *, kind: int = 0) -> ChannelHandle:
        """Return the channel or thread of that name, made with type `kind` when there is none."""
        state = find_channel(self.state, name.lstrip("#")) or add_channel(
            self.world, self.state, name.lstrip("#"), kind
        )
        return ChannelHandle(self.world, state)

    def role(self, name: str, *permissions: str) -> RoleHandle:
        """Return the role of that name, made directly below the bot's with these permissions when there is none."""
        found = find_role(self.state, name)
        return RoleHandle(found or add_role(self.world, self.state, name, bits(*permissions), below_bot=True))

    def remove_bot(self) -> None:
        """Throw the bot out of the guild."""
        remove_guild(self.world, self.state)

    def invite_bot(self) -> None:
        """Invite the bot again after it was thrown out."""
        restore_guild(self.world, self.state)
