"""From what a person types or picks to the data of a slash command's interaction."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from itertools import count
from typing import TYPE_CHECKING, TypeAlias

from discord import AppCommandOptionType as Option
from discord import AppCommandType

from tux.errors import CannotAct
from tux.offline.building import find_channel, find_role
from tux.offline.permissions import channel_permissions
from tux.offline.shapes import Json, items_of, without

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tux.offline.state import Channel
    from tux.offline.world import World

SUBCOMMANDS = frozenset({Option.subcommand.value, Option.subcommand_group.value})
NAMED = re.compile(r"([\w-]+):(\"[^\"]*\"|\S+)")
WORD = re.compile(r"\"([^\"]*)\"|(\S+)")
MENTION = re.compile(r"^<?[@#]?[!&]?([^<>]+?)>?$")
TRUE_WORDS = frozenset({"true", "yes", "on", "1"})
Value: TypeAlias = object
"""What a caller gives for an option: a plain value, a name, an id, or anything that has an `id`."""


@dataclass(slots=True)
class Line:
    """A command found in the tree: the path from its top to the leaf, and the options of the leaf."""

    command: Json
    path: list[Json] = field(default_factory=list["Json"])

    @property
    def options(self) -> list[Json]:
        """What the leaf takes, in order."""
        return items_of(self.path[-1] if self.path else self.command, "options")


def visible_commands(world: World, channel: Channel, user_id: str) -> list[Json]:
    """Return the commands of all kinds that Discord shows a person in a channel, by name."""
    guild = channel.guild
    scopes = [world.commands.get(guild.id, {})] if guild is not None else []
    found = [item for scope in (*scopes, world.commands[None]) for item in scope.values()]
    have = channel_permissions(world, channel, user_id)
    return sorted((item for item in found if is_offered(item, channel, have)), key=lambda item: str(item["name"]))


def is_offered(command: Json, channel: Channel, permissions: int) -> bool:
    """Whether Discord shows a command to somebody with these permissions in the channel."""
    context = 0 if channel.guild is not None else 1
    contexts: list[int] | None = command["contexts"]
    if contexts is not None and context not in contexts:
        return False
    if channel.guild is None:
        return contexts is not None or bool(command["dm_permission"])
    needed = int(command["default_member_permissions"] or 0)
    return permissions & needed == needed


def find_line(world: World, channel: Channel, user_id: str, words: list[str]) -> tuple[Line, list[str]]:
    """Return the command that the words begin with, and the words left over.

    Raises:
        CannotAct: there is none, it is not shown here, or a subcommand is missing.
    """
    commands = [
        item
        for item in visible_commands(world, channel, user_id)
        if item["type"] == AppCommandType.chat_input.value and words and item["name"] == words[0]
    ]
    if not commands:
        raise CannotAct(f"no command /{' '.join(words[:1])} is offered here (was the tree synced?)")
    line, rest = Line(commands[0]), words[1:]
    while any(option["type"] in SUBCOMMANDS for option in line.options):
        names = [str(option["name"]) for option in line.options]
        if not rest or rest[0] not in names:
            raise CannotAct(f"/{' '.join(words[:1])} needs one of: {', '.join(names)}")
        line.path.append(line.options[names.index(rest.pop(0))])
    return line, rest


def parse_values(options: list[Json], text: str) -> dict[str, Value]:
    """Return the values typed after a command: `name:value` pairs, or in order, the last taking the rest."""
    named = NAMED.findall(text)
    names = {str(option["name"]) for option in options}
    if named and all(name in names for name, _ in named):
        return {name: value.strip('"') for name, value in _spread(text, names)}
    values: dict[str, Value] = {}
    rest = text.strip()
    for index, option in enumerate(options):
        match = WORD.match(rest)
        if match is None:
            break
        is_last = index == len(options) - 1
        values[str(option["name"])] = rest.strip('"') if is_last else match[1] or match[2]
        rest = "" if is_last else rest[match.end() :].strip()
    return values


def _spread(text: str, names: set[str]) -> list[tuple[str, str]]:
    marks = [match for match in re.finditer(r"([\w-]+):", text) if match[1] in names]
    ends = [mark.start() for mark in marks[1:]] + [len(text)]
    return [(mark[1], text[mark.end() : end].strip()) for mark, end in zip(marks, ends, strict=True)]


class Filler:
    """Turns the values of one command into options, checked as Discord's client checks them."""

    def __init__(self, world: World, channel: Channel) -> None:
        self.world = world
        self.channel = channel
        self.resolved: Json = {}
        self._numbers = count()

    def fill(self, options: list[Json], values: Mapping[str, Value], focused: str | None = None) -> list[Json]:
        """Return the filled options in the command's order.

        Raises:
            CannotAct: one is unknown, missing or of the wrong kind.
        """
        names = [str(option["name"]) for option in options]
        for name in values:
            if name not in names:
                raise CannotAct(f"there is no option {name!r}; there are: {', '.join(names) or 'none'}")
        filled: list[Json] = []
        for option in options:
            name, kind = str(option["name"]), int(option["type"])
            if name not in values:
                if option.get("required") and focused is None:
                    raise CannotAct(f"option {name!r} is required")
                continue
            given = values[name]
            value = given if focused == name else self.convert(option, given)
            filled.append({"name": name, "type": kind, "value": value})
            if focused == name:
                filled[-1]["focused"] = True
        return filled

    def convert(self, option: Json, value: Value) -> Value:
        """Return one value in the form of its option."""
        kind = Option(option["type"])
        if kind in {Option.user, Option.role, Option.channel, Option.mentionable}:
            return self._refer(kind, value)
        if kind is Option.attachment:
            return self._upload(value)
        if kind is Option.boolean:
            return value if isinstance(value, bool) else str(value).lower() in TRUE_WORDS
        return self._plain(option, kind, value)

    def _plain(self, option: Json, kind: Option, value: Value) -> Value:
        choices = items_of(option, "choices")
        if choices:
            for choice in choices:
                if str(value) in {str(choice["name"]), str(choice["value"])}:
                    return choice["value"]
            raise CannotAct(f"{option['name']!r} has no choice {value!r}")
        try:
            converted: Value = {Option.integer: int, Option.number: float}.get(kind, str)(str(value))
        except ValueError:
            raise CannotAct(f"{option['name']!r} wants a {kind.name}, not {value!r}") from None
        self._check_range(option, converted)
        return converted

    def _check_range(self, option: Json, value: Value) -> None:
        size = value if isinstance(value, (int, float)) else len(str(value))
        low = option.get("min_value", option.get("min_length"))
        high = option.get("max_value", option.get("max_length"))
        if (low is not None and size < low) or (high is not None and size > high):
            raise CannotAct(f"{option['name']!r} must be between {low} and {high}, got {value!r}")

    def _refer(self, kind: Option, value: Value) -> str:
        if kind in {Option.user, Option.mentionable}:
            user = find_user(self.world, value)
            if user is not None:
                return self._add_user(user)
        guild = self.channel.guild
        if guild is not None and kind in {Option.role, Option.mentionable}:
            role = guild.roles.get(key_of(value)) or find_role(guild, key_of(value))
            if role is not None:
                self.resolved.setdefault("roles", {})[role["id"]] = role
                return str(role["id"])
        if guild is not None and kind is Option.channel:
            found = self.world.channels.get(key_of(value)) or find_channel(guild, key_of(value))
            if found is not None:
                entry = found.data | {"permissions": "0"}
                self.resolved.setdefault("channels", {})[found.id] = entry
                return found.id
        raise CannotAct(f"there is no {kind.name} called {value!r} here")

    def _add_user(self, user: Json) -> str:
        self.resolved.setdefault("users", {})[user["id"]] = user
        guild = self.channel.guild
        if guild is not None and user["id"] in guild.members:
            permissions = str(channel_permissions(self.world, self.channel, user["id"]))
            member = without(guild.members[user["id"]], "user") | {"permissions": permissions}
            self.resolved.setdefault("members", {})[user["id"]] = member
        return str(user["id"])

    def _upload(self, value: Value) -> str:
        filename, content = value if isinstance(value, tuple) else ("file.txt", value)  # pyright: ignore[reportUnknownVariableType] - checked below
        if not isinstance(filename, str) or not isinstance(content, bytes):
            raise CannotAct("an attachment is given as bytes or as (filename, bytes)")
        number = self.world.snowflake()
        path = f"/ephemeral-attachments/{self.world.app_id}/{number}/{filename}"
        self.world.assets.append((path, content))
        url = f"https://cdn.discordapp.com{path}"
        entry = {"id": number, "filename": filename, "size": len(content), "url": url, "proxy_url": url}
        self.resolved.setdefault("attachments", {})[number] = entry
        return number


def key_of(value: Value) -> str:
    """Return the id or name that a value stands for: an object's id, or a mention's or a word's core."""
    known = getattr(value, "id", value)
    match = MENTION.match(str(known))
    return match[1] if match is not None else str(known)


def find_user(world: World, value: Value) -> Json | None:
    """Return the user that a value names, by id or by name."""
    key = key_of(value)
    by_name = (user for user in world.users.values() if user["username"].lower() == key.lower())
    return world.users.get(key) or next(by_name, None)


def command_data(line: Line, options: list[Json], resolved: Json) -> Json:
    """Return the interaction's data for a filled slash command."""
    for step in reversed(line.path):
        options = [{"name": step["name"], "type": step["type"], "options": options}]
    data: Json = {"id": line.command["id"], "name": line.command["name"], "type": 1, "options": options}
    if "guild_id" in line.command:
        data["guild_id"] = line.command["guild_id"]
    return data | ({"resolved": resolved} if resolved else {})
