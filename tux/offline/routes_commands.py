"""Application commands, global and of a guild: reading, replacing, adding, changing and deleting them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from discord import AppCommandOptionType, AppCommandType

from tux.offline.limits import Form
from tux.offline.refusals import missing_access, refuse, unknown
from tux.offline.routing import Call, Routes
from tux.offline.shapes import Json, items_of

if TYPE_CHECKING:
    from collections.abc import Sequence

NAME_LENGTH = 32
DESCRIPTION_LENGTH = 100
OPTIONS = 25
CHOICES = 25
COMMANDS = 100
SLASH_NAME = re.compile(r"[-_'\w]{1,32}")
SUBCOMMANDS = frozenset({AppCommandOptionType.subcommand.value, AppCommandOptionType.subcommand_group.value})
GLOBAL = "/applications/{application}/commands"
GUILD = "/applications/{application}/guilds/{guild}/commands"
routes = Routes()


def scope_of(call: Call) -> str | None:
    """Return the guild whose commands are meant, None for the global ones; refuse a foreign application."""
    if call.params["application"] != call.world.app_id:
        raise missing_access()
    return call.guild.id if "guild" in call.params else None


def commands_of(call: Call) -> dict[str, Json]:
    """Return the commands of the scope, by id."""
    return call.world.commands.setdefault(scope_of(call), {})


def find_command(call: Call) -> Json:
    """Return the command of the path, or refuse with 10063."""
    command = commands_of(call).get(call.params["command"])
    if command is None:
        raise unknown("application command")
    return command


def check_command(form: Form, path: tuple[str | int, ...], command: Json) -> None:
    """Note what is wrong with a command."""
    kind = command.get("type") or AppCommandType.chat_input.value
    form.length((*path, "name"), command.get("name"), NAME_LENGTH, 1)
    if kind != AppCommandType.chat_input.value:
        return
    _check_name(form, path, command)
    form.length((*path, "description"), command.get("description"), DESCRIPTION_LENGTH, 1)
    _check_options(form, path, items_of(command, "options"))


def _check_name(form: Form, path: tuple[str | int, ...], thing: Json) -> None:
    name = str(thing.get("name"))
    if name != name.lower() or not SLASH_NAME.fullmatch(name):
        form.fault((*path, "name"), "APPLICATION_COMMAND_INVALID_NAME", "Command name is invalid")


def _check_options(form: Form, path: tuple[str | int, ...], options: Sequence[Json]) -> None:
    form.length((*path, "options"), options, OPTIONS)
    names: set[str] = set()
    optional_seen = False
    for index, option in enumerate(options):
        here = (*path, "options", index)
        check_option(form, here, option)
        if option.get("name") in names:
            form.fault(here, "APPLICATION_COMMAND_OPTIONS_NAME_INVALID", "Option name is used twice")
        names.add(str(option.get("name")))
        if option.get("required") and optional_seen:
            message = "Required options must be placed before non-required options"
            form.fault(here, "APPLICATION_COMMAND_OPTIONS_REQUIRED_INVALID", message)
        optional_seen = optional_seen or not option.get("required")


def check_option(form: Form, path: tuple[str | int, ...], option: Json) -> None:
    """Note what is wrong with an option or subcommand."""
    form.length((*path, "name"), option.get("name"), NAME_LENGTH, 1)
    _check_name(form, path, option)
    form.length((*path, "description"), option.get("description"), DESCRIPTION_LENGTH, 1)
    choices = items_of(option, "choices")
    form.length((*path, "choices"), choices, CHOICES)
    for index, choice in enumerate(choices):
        form.length((*path, "choices", index, "name"), choice.get("name"), DESCRIPTION_LENGTH, 1)
    if option.get("type") in SUBCOMMANDS:
        _check_options(form, path, items_of(option, "options"))


def stored(call: Call, command: Json, command_id: str) -> Json:
    """Return a command as Discord keeps it."""
    kind = command.get("type") or AppCommandType.chat_input.value
    permissions = command.get("default_member_permissions")
    scope = scope_of(call)
    out: Json = {
        "id": command_id,
        "application_id": call.world.app_id,
        "version": call.world.snowflake(),
        "type": kind,
        "name": command["name"],
        "name_localizations": command.get("name_localizations"),
        "description": command.get("description") or "",
        "description_localizations": command.get("description_localizations"),
        "default_member_permissions": None if permissions is None else str(permissions),
        "nsfw": bool(command.get("nsfw")),
        "integration_types": command.get("integration_types") or [0],
        "contexts": command.get("contexts"),
        "dm_permission": command.get("dm_permission", True) is not False,
    }
    if kind == AppCommandType.chat_input.value:
        out["options"] = [_stored_option(option) for option in items_of(command, "options")]
    return out | ({"guild_id": scope} if scope is not None else {})


def _stored_option(option: Json) -> Json:
    out = {key: value for key, value in option.items() if value is not None}
    if option["type"] in SUBCOMMANDS:
        out["options"] = [_stored_option(child) for child in items_of(option, "options")]
    return out


def put_command(call: Call, command: Json) -> tuple[Json, bool]:
    """Return the command as it is kept now, and whether it is new; one of the same name and type is replaced."""
    commands = commands_of(call)
    kind = command.get("type") or AppCommandType.chat_input.value
    old = next((key for key, item in commands.items() if (item["name"], item["type"]) == (command["name"], kind)), None)
    kept = stored(call, command, old or call.world.snowflake())
    commands[kept["id"]] = kept
    return kept, old is None


@routes.add("GET", GLOBAL)
@routes.add("GET", GUILD)
def list_commands(call: Call) -> object:
    """Return all commands of the scope."""
    return list(commands_of(call).values())


@routes.add("PUT", GLOBAL)
@routes.add("PUT", GUILD)
def replace_commands(call: Call) -> object:
    """Replace all commands of the scope; those that stay keep their ids."""
    form = Form()
    seen: set[tuple[str, int]] = set()
    for index, command in enumerate(call.rows):
        check_command(form, (index,), command)
        key = (str(command.get("name")), command.get("type") or AppCommandType.chat_input.value)
        if key in seen:
            form.fault((index, "name"), "APPLICATION_COMMANDS_DUPLICATE_NAME", "Command names must be unique.")
        seen.add(key)
    form.refuse()
    for kind in AppCommandType:
        if sum(item == kind.value for _, item in seen) > COMMANDS:
            raise refuse(400, 30032, f"Maximum number of application commands reached ({COMMANDS})")
    kept = [put_command(call, command)[0] for command in call.rows]
    call.world.commands[scope_of(call)] = {command["id"]: command for command in kept}
    return kept


@routes.add("POST", GLOBAL)
@routes.add("POST", GUILD)
def create_command(call: Call) -> object:
    """Add a command, or replace the one of its name."""
    form = Form()
    check_command(form, (), call.body)
    form.refuse()
    return put_command(call, call.body)[0]


@routes.add("GET", GLOBAL + "/{command}")
@routes.add("GET", GUILD + "/{command}")
def get_command(call: Call) -> object:
    """Return one command."""
    return find_command(call)


@routes.add("PATCH", GLOBAL + "/{command}")
@routes.add("PATCH", GUILD + "/{command}")
def edit_command(call: Call) -> object:
    """Change a command."""
    command = find_command(call)
    changed = command | call.body
    form = Form()
    check_command(form, (), changed)
    form.refuse()
    command |= stored(call, changed, command["id"])
    return command


@routes.add("DELETE", GLOBAL + "/{command}")
@routes.add("DELETE", GUILD + "/{command}")
def delete_command(call: Call) -> object:
    """Delete a command."""
    del commands_of(call)[find_command(call)["id"]]
    return None
