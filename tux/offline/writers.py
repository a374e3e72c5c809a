"""Writing and reacting: what people do in channels without the bot's buttons and commands."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from tux.errors import CannotAct
from tux.offline.building import find_channel, find_role
from tux.offline.messages import (
    Draft,
    add_reaction,
    delete_message,
    edit_message,
    parse_emoji,
    post_message,
    remove_reaction,
)
from tux.offline.people import Doing
from tux.offline.slash import find_user
from tux.offline.state import Upload

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tux.offline.places import ChannelHandle
    from tux.offline.reply import Reply, SeenMessage
    from tux.offline.shapes import Json

MENTIONED = re.compile(r"(?<![\w<])([@#])&?(\w[\w.-]*)")


class Writer(Doing):
    """Somebody who writes."""

    async def says(
        self,
        text: str,
        channel: ChannelHandle | str | None = None,
        *,
        reply_to: SeenMessage | None = None,
        files: Mapping[str, bytes] | None = None,
    ) -> Reply:
        """Write a message; `@name`, `#channel` and `@role` become mentions.

        Raises:
            CannotAct: they may not write there.
        """
        place = self.place(channel)
        self.need(place, "send_messages_in_threads" if place.is_thread else "send_messages")
        body: Json = {"content": self.mentions(text)}
        if reply_to is not None:
            body["message_reference"] = {"message_id": reply_to.state.id}
        uploads = tuple(Upload(f"files[{n}]", name, data) for n, (name, data) in enumerate((files or {}).items()))
        return await self.watched(lambda: post_message(self.world, place, Draft(self.user, body, uploads)))

    async def dm(self, text: str) -> Reply:
        """Write to the bot directly."""
        place = self.world.private_channel(self.user["id"])
        return await self.watched(lambda: post_message(self.world, place, Draft(self.user, {"content": text})))

    async def types(self, channel: ChannelHandle | str | None = None) -> Reply:
        """Begin to write, which the bot is told, without sending anything."""
        place, user_id = self.place(channel), self.user["id"]
        told: Json = {"channel_id": place.id, "user_id": user_id, "timestamp": int(self.world.now().timestamp())}
        if place.guild is not None:
            told |= {"guild_id": place.guild.id, "member": place.guild.members[user_id]}
        return await self.watched(lambda: self.world.emit("TYPING_START", told, channel=place))

    async def edits(self, message: SeenMessage, text: str) -> Reply:
        """Change a message of their own."""
        if message.state.author_id != self.user["id"]:
            raise CannotAct(f"{self.name} did not write that message")
        return await self.watched(lambda: edit_message(self.world, message.state, {"content": self.mentions(text)}))

    async def deletes(self, message: SeenMessage) -> Reply:
        """Delete a message of their own, or of others with the right to manage messages."""
        if message.state.author_id != self.user["id"]:
            self.need(message.state.channel, "manage_messages")
        return await self.watched(lambda: delete_message(self.world, message.state))

    async def reacts(self, message: SeenMessage, emoji: str, *, burst: bool = False) -> Reply:
        """Add a reaction, with `burst` a super reaction."""
        self.need(message.state.channel, "add_reactions")
        chosen = parse_emoji(self.world, emoji)
        return await self.watched(lambda: add_reaction(self.world, message.state, chosen, self.user, burst=burst))

    async def unreacts(self, message: SeenMessage, emoji: str) -> Reply:
        """Take a reaction back."""
        chosen = parse_emoji(self.world, emoji)
        return await self.watched(lambda: remove_reaction(self.world, message.state, chosen, self.user))

    def mentions(self, text: str) -> str:
        """Return a text with `@name`, `@role` and `#channel` as Discord's client sends them."""

        def resolve(match: re.Match[str]) -> str:
            guild = self.guild.state
            if match[1] == "#":
                channel = find_channel(guild, match[2])
                return f"<#{channel.id}>" if channel is not None else match[0]
            user = find_user(self.world, match[2])
            role = find_role(guild, match[2]) if user is None else None
            return f"<@{user['id']}>" if user is not None else f"<@&{role['id']}>" if role is not None else match[0]

        return MENTIONED.sub(resolve, text)
