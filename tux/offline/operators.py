"""Commands, buttons, menus and forms: what people do with what the bot offers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from discord import AppCommandType, ComponentType, InteractionType

from tux.errors import CannotAct
from tux.offline.forms import filled_form, picked_values, pressed
from tux.offline.interactions import Gesture
from tux.offline.messages import message_json
from tux.offline.people import Doing, Person
from tux.offline.reply import Reply, SeenMessage
from tux.offline.slash import Filler, command_data, find_line, parse_values, visible_commands

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from tux.offline.places import ChannelHandle
    from tux.offline.shapes import Json
    from tux.offline.slash import Line
    from tux.offline.state import Channel, Message


class Operator(Doing):
    """Somebody who uses commands and components."""

    async def slash(self, name: str, /, channel_: ChannelHandle | str | None = None, **values: object) -> Reply:
        """Use a slash command: its name and values, or all of it as typed (`/warn @bob spam`)."""
        place = self.place(channel_)
        line, given = self._line(place, name, values)
        filler = Filler(self.world, place)
        options = filler.fill(line.options, given)
        data = command_data(line, options, filler.resolved)
        return await self._open(place, InteractionType.application_command, data)

    async def autocomplete(
        self, name: str, focused: str, /, channel_: ChannelHandle | str | None = None, **values: object
    ) -> list[Json]:
        """Return what the bot proposes for the option `focused`, given what is typed so far."""
        place = self.place(channel_)
        line, given = self._line(place, name, {focused: ""} | values)
        filler = Filler(self.world, place)
        options = filler.fill(line.options, given, focused)
        data = command_data(line, options, filler.resolved)
        return (await self._open(place, InteractionType.autocomplete, data)).choices

    async def uses_menu(self, name: str, target: SeenMessage | Person) -> Reply:
        """Use a command of the context menu of a message or of a person."""
        on_message = isinstance(target, SeenMessage)
        kind = AppCommandType.message if on_message else AppCommandType.user
        place = target.state.channel if isinstance(target, SeenMessage) else self.place(None)
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
        gesture = Gesture(
            self.user, interaction.channel, InteractionType.modal_submit, data, interaction.message, interaction
        )
        return await self.interact(gesture)

    def commands(self, channel: ChannelHandle | str | None = None) -> list[Json]:
        """Return the commands that Discord offers them in a channel."""
        return visible_commands(self.world, self.place(channel), self.user["id"])

    def _line(self, place: Channel, name: str, values: Mapping[str, object]) -> tuple[Line, Mapping[str, object]]:
        words = name.removeprefix("/").split()
        line, rest = find_line(self.world, place, self.user["id"], words)
        if not rest:
            return line, values
        depth = 1 + len(line.path)
        typed = name.removeprefix("/").split(maxsplit=depth)[depth]
        return line, parse_values(line.options, typed) | dict(values)

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
        return await self.interact(Gesture(self.user, channel, kind, data, message))


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
