"""People: what a member of a guild can see and do, as in Discord's own client."""

from __future__ import annotations

import re
from datetime import datetime
from typing import TYPE_CHECKING

from discord import AppCommandType, ComponentType, InteractionType

from tux.errors import CannotAct
from tux.offline.audit import Doer
from tux.offline.building import find_channel, find_role
from tux.offline.forms import filled_form, picked_values, pressed
from tux.offline.interactions import Gesture
from tux.offline.members import add_member, change_member, kick_member, remove_member
from tux.offline.messages import (
    Draft,
    add_reaction,
    delete_message,
    edit_message,
    message_json,
    parse_emoji,
    post_message,
    remove_reaction,
)
from tux.offline.permissions import bits, channel_permissions
from tux.offline.places import ChannelHandle
from tux.offline.reply import Recorder, Reply, SeenMessage
from tux.offline.slash import Filler, command_data, find_line, find_user, key_of, parse_values, visible_commands
from tux.offline.state import Upload

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from tux.offline.places import GuildHandle
    from tux.offline.shapes import Json
    from tux.offline.slash import Line
    from tux.offline.stage import Stage
    from tux.offline.state import Channel, Interaction, Message

MENTIONED = re.compile(r"(?<![\w<])([@#])&?(\w[\w.-]*)")


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


class Actor(Person):
    """Somebody who acts; each action returns what the bot did in answer, once it has come to rest."""

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
        place = self._place(channel)
        self._need(place, "send_messages_in_threads" if place.is_thread else "send_messages")
        body: Json = {"content": self.mentions(text)}
        if reply_to is not None:
            body["message_reference"] = {"message_id": reply_to.state.id}
        uploads = tuple(Upload(f"files[{n}]", name, data) for n, (name, data) in enumerate((files or {}).items()))
        return await self._do(lambda: post_message(self.world, place, Draft(self.user, body, uploads)))

    async def dm(self, text: str) -> Reply:
        """Write to the bot directly."""
        place = self.world.private_channel(self.user["id"])
        return await self._do(lambda: post_message(self.world, place, Draft(self.user, {"content": text})))

    async def edits(self, message: SeenMessage, text: str) -> Reply:
        """Change a message of their own."""
        self._own(message.state)
        return await self._do(lambda: edit_message(self.world, message.state, {"content": self.mentions(text)}))

    async def deletes(self, message: SeenMessage) -> Reply:
        """Delete a message of their own, or of others with the right to manage messages."""
        if message.state.author_id != self.user["id"]:
            self._need(message.state.channel, "manage_messages")
        return await self._do(lambda: delete_message(self.world, message.state))

    async def slash(self, name: str, /, channel_: ChannelHandle | str | None = None, **values: object) -> Reply:
        """Use a slash command: its name and values, or all of it as typed (`/warn @bob spam`)."""
        place = self._place(channel_)
        line, given = self._line(place, name, values)
        filler = Filler(self.world, place)
        options = filler.fill(line.options, given)
        data = command_data(line, options, filler.resolved)
        return await self._open(place, InteractionType.application_command, data)

    async def autocomplete(
        self, name: str, focused: str, /, channel_: ChannelHandle | str | None = None, **values: object
    ) -> list[Json]:
        """Return what the bot proposes for the option `focused`, given what is typed so far."""
        place = self._place(channel_)
        line, given = self._line(place, name, {focused: ""} | values)
        filler = Filler(self.world, place)
        options = filler.fill(line.options, given, focused)
        data = command_data(line, options, filler.resolved)
        return (await self._open(place, InteractionType.autocomplete, data)).choices

    async def uses_menu(self, name: str, target: SeenMessage | Person) -> Reply:
        """Use a command of the context menu of a message or of a person."""
        on_message = isinstance(target, SeenMessage)
        kind = AppCommandType.message if on_message else AppCommandType.user
        place = target.state.channel if isinstance(target, SeenMessage) else self._place(None)
        commands = visible_commands(self.world, place, self.user["id"])
        command = next((item for item in commands if (item["name"], item["type"]) == (name, kind.value)), None)
        if command is None:
            raise CannotAct(f"no {kind.name} menu {name!r} is offered here")
        data: Json = {"id": command["id"], "name": name, "type": kind.value, "target_id": str(target.id)}
        if isinstance(target, SeenMessage):
            data["resolved"] = {"messages": {target.state.id: message_json(self.world, target.state)}}
        else:
            filler = Filler(self.world, place)
            filler.fill([{"name": "target", "type": 6}], {"target": target})
            data["resolved"] = filler.resolved
        return await self._open(place, InteractionType.application_command, data)

    async def clicks(self, message: SeenMessage | Reply, label: str | int) -> Reply:
        """Click a button, by its label, emoji, custom id or number from 1."""
        seen = self._shown(message)
        return await self._press(seen, {"component_type": ComponentType.button.value} | pressed(seen, label))

    async def selects(self, message: SeenMessage | Reply, menu: str | int, *values: object) -> Reply:
        """Choose in a select menu, found by its placeholder, custom id or number from 1."""
        seen = self._shown(message)
        filler = Filler(self.world, seen.state.channel)
        return await self._press(seen, picked_values(seen, menu, values, filler))

    async def submits(self, reply: Reply, /, *texts: object, **values: object) -> Reply:
        """Fill the form that a reply opened: in order, or by custom id or label (spaces as underscores)."""
        interaction = reply.interaction
        if interaction is None or interaction.modal is None:
            raise CannotAct("no form is open")
        filler = Filler(self.world, interaction.channel)
        data = filled_form(interaction.modal, texts, values, filler)
        gesture = Gesture(self.user, interaction.channel, InteractionType.modal_submit, data, interaction.message)
        return await self._interact(gesture)

    async def reacts(self, message: SeenMessage, emoji: str) -> Reply:
        """Add a reaction."""
        self._need(message.state.channel, "add_reactions")
        chosen = parse_emoji(self.world, emoji)
        return await self._do(lambda: add_reaction(self.world, message.state, chosen, self.user))

    async def unreacts(self, message: SeenMessage, emoji: str) -> Reply:
        """Take a reaction back."""
        chosen = parse_emoji(self.world, emoji)
        return await self._do(lambda: remove_reaction(self.world, message.state, chosen, self.user))

    async def joins(self, guild: GuildHandle | None = None) -> Reply:
        """Join a guild, the one they left when none is named.

        Raises:
            CannotAct: they are banned there, or in it already.
        """
        self.guild = guild or self.guild
        if self.is_banned or self.is_member:
            raise CannotAct(f"{self.name} is {'banned from' if self.is_banned else 'already in'} {self.guild.name}")
        return await self._do(lambda: add_member(self.world, self.guild.state, self.user, []))

    async def leaves(self) -> Reply:
        """Leave the guild."""
        return await self._do(lambda: remove_member(self.world, self.guild.state, self.user["id"]))

    async def kicks(self, other: Person, reason: str | None = None) -> Reply:
        """Kick somebody by Discord's own menu, without the bot."""
        doer = Doer(self.user["id"], reason)
        return await self._do(lambda: kick_member(self.world, self.guild.state, other.user["id"], doer))

    async def changes(self, other: Person, **fields: object) -> Reply:
        """Set `nick`, `roles` (ids) or `communication_disabled_until` of somebody by Discord's own menu."""
        member = self.guild.state.members[other.user["id"]]
        doer = Doer(self.user["id"])
        return await self._do(lambda: change_member(self.world, self.guild.state, member, dict(fields), doer))

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

    def commands(self, channel: ChannelHandle | str | None = None) -> list[Json]:
        """Return the commands that Discord offers them in a channel."""
        return visible_commands(self.world, self._place(channel), self.user["id"])

    def _line(self, place: Channel, name: str, values: Mapping[str, object]) -> tuple[Line, Mapping[str, object]]:
        words = name.removeprefix("/").split()
        line, rest = find_line(self.world, place, self.user["id"], words)
        if not rest:
            return line, values
        depth = 1 + len(line.path)
        typed = name.removeprefix("/").split(maxsplit=depth)[depth]
        return line, parse_values(line.options, typed) | dict(values)

    def _place(self, channel: ChannelHandle | str | None) -> Channel:
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
            self._need(place, "view_channel")
        return place

    def _need(self, channel: Channel, permission: str) -> None:
        if channel.guild is not None and not self.can(channel, permission):
            raise CannotAct(f"{self.name} may not {permission.replace('_', ' ')} in #{channel.data['name']}")

    def _own(self, message: Message) -> None:
        if message.author_id != self.user["id"]:
            raise CannotAct(f"{self.name} did not write that message")

    def _shown(self, message: SeenMessage | Reply) -> SeenMessage:
        seen = message if isinstance(message, SeenMessage) else with_components(message)
        if seen.is_deleted:
            raise CannotAct("the message is gone")
        if seen.state.only_for not in {None, self.user["id"]}:
            raise CannotAct(f"{self.name} does not see that message")
        return seen

    async def _press(self, seen: SeenMessage, data: Json) -> Reply:
        return await self._open(seen.state.channel, InteractionType.component, data, seen.state)

    async def _open(self, channel: Channel, kind: InteractionType, data: Json, message: Message | None = None) -> Reply:
        return await self._interact(Gesture(self.user, channel, kind, data, message))

    async def _interact(self, gesture: Gesture) -> Reply:
        interaction: Interaction | None = None
        with Recorder(self.world) as recorder:
            interaction = self.stage.open(gesture)
            await self.stage.settle()
        return recorder.reply_for(self.user["id"], interaction)

    async def _do(self, action: Callable[[], object]) -> Reply:
        with Recorder(self.world) as recorder:
            action()
            await self.stage.settle()
        return recorder.reply_for(self.user["id"])


def with_components(reply: Reply) -> SeenMessage:
    """Return the last message of a reply that has buttons or menus.

    Raises:
        CannotAct: none has.
    """
    messages: Sequence[SeenMessage] = (*reply.edited, *reply.messages)
    found = [message for message in messages if message.components]
    if not found:
        raise CannotAct("there is nothing to click in that reply")
    return found[-1]
