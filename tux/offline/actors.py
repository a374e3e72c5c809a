"""Actors: people who can do all that a member of a guild does in Discord's own client."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tux.errors import CannotAct
from tux.offline.audit import Doer
from tux.offline.members import add_member, ban_user, change_member, kick_member, remove_member
from tux.offline.operators import Operator
from tux.offline.writers import Writer

if TYPE_CHECKING:
    from tux.offline.people import Person
    from tux.offline.places import GuildHandle
    from tux.offline.reply import Reply


class Actor(Writer, Operator):
    """Somebody who acts; each action returns what the bot did in answer, once it has come to rest."""

    async def joins(self, guild: GuildHandle | None = None) -> Reply:
        """Join a guild, the one they left when none is named.

        Raises:
            CannotAct: they are banned there, or in it already.
        """
        self.guild = guild or self.guild
        if self.is_banned or self.is_member:
            raise CannotAct(f"{self.name} is {'banned from' if self.is_banned else 'already in'} {self.guild.name}")
        return await self.watched(lambda: add_member(self.world, self.guild.state, self.user, []))

    async def leaves(self) -> Reply:
        """Leave the guild.

        Raises:
            CannotAct: it is theirs.
        """
        self._check_goes(self)
        return await self.watched(lambda: remove_member(self.world, self.guild.state, self.user["id"]))

    async def kicks(self, other: Person, reason: str | None = None) -> Reply:
        """Kick somebody by Discord's own menu, without the bot."""
        self._check_goes(other)
        doer = Doer(self.user["id"], reason)
        return await self.watched(lambda: kick_member(self.world, self.guild.state, other.user["id"], doer))

    async def changes(self, other: Person, **fields: object) -> Reply:
        """Set `nick`, `roles` (ids) or `communication_disabled_until` of somebody by Discord's own menu."""
        member = self.guild.state.members[other.user["id"]]
        doer = Doer(self.user["id"])
        return await self.watched(lambda: change_member(self.world, self.guild.state, member, dict(fields), doer))

    async def bans(self, other: Person, reason: str | None = None) -> Reply:
        """Ban somebody by Discord's own menu, without the bot."""
        self._check_goes(other)
        doer = Doer(self.user["id"], reason)
        return await self.watched(lambda: ban_user(self.world, self.guild.state, other.user["id"], doer))

    def _check_goes(self, other: Person) -> None:
        """Refuse to take out whom Discord keeps in; the bot goes with its guild (`tux.offline.building.remove_guild`)."""
        if other.user["id"] == self.guild.state.data["owner_id"]:
            raise CannotAct(f"{other.name} owns {self.guild.name}, and its owner cannot leave it")
        if other.user is self.world.bot:
            raise CannotAct(f"{other.name} is the bot; it has to leave by itself")
