"""Makes optional arguments of prefix commands strict: they may be left out, but what is written must be right."""

from __future__ import annotations

from types import NoneType
from typing import TYPE_CHECKING, Any, Union, cast, get_args, get_origin

if TYPE_CHECKING:
    from collections.abc import Iterable

    from discord.ext import commands


def make_strict(found: Iterable[commands.Command[Any, ..., Any]]) -> None:
    """Let a wrong last argument be an error, where discord.py would take it for one that was left out.

    An optional argument before the last one is still passed over when the text fits a later one: `!cases list BAN`.
    """
    for command in found:
        last = next(reversed(command.params.values()), None)
        if last is None or last.required or last.kind is last.VAR_POSITIONAL:
            continue
        kinds = get_args(last.annotation) if get_origin(last.annotation) is Union else ()
        if NoneType in kinds:
            wanted = cast("Any", Union)[tuple(kind for kind in kinds if kind is not NoneType)]
            command.params[last.name] = last.replace(annotation=wanted)
