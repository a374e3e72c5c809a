"""Makes the arguments of prefix commands strict: they may be left out, but what is written must be right."""

from __future__ import annotations

from types import NoneType
from typing import TYPE_CHECKING, Any, Union, cast, get_args, get_origin

import discord
from discord.ext import commands

if TYPE_CHECKING:
    from collections.abc import Iterable

# What a column of PostgreSQL, and so a command, takes at most; Discord's own fields take less.
MAX_NUMBER = 2**63 - 1


class WholeNumber(commands.Converter[int]):
    """An `int`, not larger than anything that could be meant: it would fail in the database, as nobody's fault."""

    async def convert(self, ctx: commands.Context[Any], argument: str) -> int:
        """Return the number.

        Raises:
            BadArgument: it is none, or too large.
        """
        parameter = ctx.current_parameter
        name = argument if parameter is None else parameter.displayed_name or parameter.name
        try:
            number = int(argument)
        except ValueError:
            raise commands.BadArgument(f"`{name}` must be a whole number.") from None
        if abs(number) > MAX_NUMBER:
            raise commands.BadArgument(f"`{name}` is too large a number.")
        return number


class KnownMember(commands.MemberConverter):
    """A member; digits that are no id of Discord's are not asked for, which would fail before it is sent."""

    async def convert(self, ctx: commands.Context[Any], argument: str) -> discord.Member:
        """Return the member.

        Raises:
            MemberNotFound: there is none.
        """
        if _is_beyond(argument):
            raise commands.MemberNotFound(argument)
        return await super().convert(ctx, argument)


class KnownUser(commands.UserConverter):
    """A user, likewise."""

    async def convert(self, ctx: commands.Context[Any], argument: str) -> discord.User:
        """Return the user.

        Raises:
            UserNotFound: there is none.
        """
        if _is_beyond(argument):
            raise commands.UserNotFound(argument)
        return await super().convert(ctx, argument)


_RANGE: Any = commands.Range  # a class when it runs, and something else to type checkers
_STRICT: dict[object, object] = {int: WholeNumber, discord.Member: KnownMember, discord.User: KnownUser}


def make_strict(found: Iterable[commands.Command[Any, ..., Any]]) -> None:
    """Let numbers be such that can be stored, ids such that can exist, and a wrong last argument be an error.

    An optional argument before the last one is still passed over when the text fits a later one: `!cases list BAN`;
    the last one discord.py would take for one that was left out.
    """
    for command in found:
        for name, parameter in command.params.items():
            command.params[name] = parameter.replace(annotation=_strict(parameter.annotation))
        last = next(reversed(command.params.values()), None)
        if last is None or last.required or last.kind is last.VAR_POSITIONAL:
            continue
        kinds = get_args(last.annotation) if get_origin(last.annotation) is Union else ()
        if NoneType in kinds:
            wanted = cast("Any", Union)[tuple(kind for kind in kinds if kind is not NoneType)]
            command.params[last.name] = last.replace(annotation=wanted)


def _strict(annotation: Any) -> Any:
    if isinstance(annotation, type):
        return _STRICT.get(annotation, annotation)
    if isinstance(annotation, _RANGE) and annotation.annotation is int and annotation.max is None:
        return _RANGE(annotation=int, min=annotation.min, max=MAX_NUMBER)
    if get_origin(annotation) is Union:
        return cast("Any", Union)[tuple(_strict(kind) for kind in get_args(annotation))]
    return annotation


def _is_beyond(argument: str) -> bool:
    digits = argument.strip("<@!>")
    return digits.isdecimal() and len(digits) > len(str(MAX_NUMBER)) - 1 and int(digits[:30]) > MAX_NUMBER
