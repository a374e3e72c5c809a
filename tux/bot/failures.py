"""Turns whatever a command raised into one answer for the member, and a log line where it is our fault."""

from __future__ import annotations

import re
import secrets
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import discord
from discord import app_commands
from discord.ext import commands
from loguru import logger

from tux import errors

if TYPE_CHECKING:
    from collections.abc import Callable


class SwitchedOff(commands.CheckFailure, app_commands.CheckFailure):
    """The command's plugin is switched off in this guild."""


class Stopping(commands.CheckFailure, app_commands.CheckFailure):
    """The bot is being stopped and begins nothing new."""


class RankTooLow(commands.CheckFailure, app_commands.CheckFailure):
    """The member's rank is below what the command requires."""


class Unchecked(commands.CheckFailure, app_commands.CheckFailure):
    """The database could not tell whether the command may be used; `original` is its error."""

    def __init__(self, original: errors.DatabaseError) -> None:
        super().__init__(str(original))
        self.original = original


@dataclass(frozen=True, slots=True)
class Answer:
    """What the member is told; `reference` is set when the log has more."""

    title: str
    text: str
    reference: str | None = None


# how discord.py puts it when a built-in type does not take an argument
_UNCONVERTED = re.compile(r'Converting to "(?P<type>.+)" failed for parameter "(?P<parameter>.+)"\.')
_WRAPPERS = (
    commands.CommandInvokeError,
    commands.ConversionError,
    commands.HybridCommandError,
    app_commands.CommandInvokeError,
    Unchecked,
)


def unwrap(error: BaseException) -> BaseException:
    """Return what was really raised, without the wrappers of discord.py."""
    while True:
        if isinstance(error, _WRAPPERS):
            error = error.original
        elif isinstance(error, app_commands.TransformerError) and isinstance(error.__cause__, errors.TuxError):
            error = error.__cause__
        else:
            return error


def explain(error: BaseException, usage: str = "", parameter: str = "") -> Answer:
    """Return the answer to an error, and log it where it is our fault; `parameter` is what was read last."""
    error = unwrap(error)
    if parameter and isinstance(error, commands.RangeError):  # discord.py does not say which value
        return Answer(
            "I did not understand that", f"`{parameter}` {str(error).removeprefix('value ')}.\n{usage}".strip()
        )
    for kinds, make in _ANSWERS:
        if isinstance(error, kinds):
            return make(error, usage)
    return _unexpected(error, "Something went wrong", "That was not your fault.")


def _refusal(error: Any, _usage: str) -> Answer:
    return Answer("That did not work", str(error))


def _kind(name: str) -> str:
    """Return the name of a type in words for a member."""
    words = {"int": "a whole number", "integer": "a whole number", "float": "a number", "number": "a number"}
    return words.get(name, f"a {name}")


def _wrong_input(error: Any, usage: str) -> Answer:
    text = str(error)
    if isinstance(error, commands.MissingRequiredArgument):
        text = f"`{error.param.displayed_name or error.param.name}` is missing."
    elif isinstance(error, commands.BadLiteralArgument):
        text = f"`{error.argument}` is none of: {', '.join(map(str, error.literals))}."
    elif isinstance(error, app_commands.TransformerError):
        # Discord lets any user be picked where a member is wanted
        member = error.type is discord.AppCommandOptionType.user
        text = f"`{error.value}` is not {'in this server' if member else _kind(error.type.name)}."
    elif found := _UNCONVERTED.fullmatch(text):
        text = f"`{found['parameter']}` must be {_kind(found['type'])}."
    return Answer("I did not understand that", f"{text}\n{usage}".strip())


def _not_allowed(error: Any, _usage: str) -> Answer:
    text = str(error) or "You may not use this command."
    if type(error) in {commands.CheckFailure, app_commands.CheckFailure}:  # "The check functions for command x failed."
        text = "You may not use this command."
    if isinstance(error, commands.NoPrivateMessage | app_commands.NoPrivateMessage):
        text = "This command works in a server only."
    return Answer("You may not do that", text)


def _cooldown(error: Any, _usage: str) -> Answer:
    return Answer("Not so fast", f"Try again in {max(1, round(error.retry_after))} seconds.")


def _discord_refused(error: discord.HTTPException, _usage: str) -> Answer:
    if isinstance(error, discord.Forbidden):
        return Answer(
            "Discord refused", f"I lack a permission for that ({error.text}). Check my role and its position."
        )
    if isinstance(error, discord.NotFound):
        return Answer("Discord refused", f"It is not there any more ({error.text}).")
    return _unexpected(error, "Discord refused", error.text or "It gave no reason.")


def _unavailable(error: errors.PluginUnavailable, _usage: str) -> Answer:
    return _unexpected(error, "Not available", f"The {error.plugin} feature is not running right now.")


def _database(error: errors.DatabaseError, _usage: str) -> Answer:
    busy = (errors.PoolTimeout, errors.LockNotAvailable, errors.StatementTimeout, errors.TransactionConflict)
    if isinstance(error, errors.ConnectionLost):
        text = "I lost my database in the middle of it. Look whether it was done before you try again."
    elif isinstance(error, errors.DatabaseConnectionError):
        text = "I cannot reach my database. Nothing was changed; try again in a minute."
    elif isinstance(error, busy):
        text = "My database is busy. Nothing was changed; try again in a moment."
    elif isinstance(error, errors.UniqueViolation):
        text = "That exists already."
    elif isinstance(error, errors.InvalidValue | errors.CheckViolation | errors.NotNullViolation):
        text = f"A value does not fit{f' ({error.column})' if error.column else ''}. Nothing was changed."
    else:
        text = "My database refused that. Nothing was changed."
    return _unexpected(error, "That did not work", text)


def _unexpected(error: BaseException, title: str, text: str) -> Answer:
    reference = secrets.token_hex(4)
    logger.bind(reference=reference).opt(exception=error).error("A command failed")
    return Answer(title, f"{text}\nIf it stays that way, tell the bot's owner: reference `{reference}`.", reference)


# first match wins
_ANSWERS: tuple[tuple[Any, Callable[[Any, str], Answer]], ...] = (
    (errors.UserError, _refusal),
    (errors.PluginUnavailable, _unavailable),
    (errors.DatabaseError, _database),
    (commands.CommandOnCooldown | app_commands.CommandOnCooldown, _cooldown),
    (SwitchedOff, lambda _e, _u: Answer("Switched off", "This feature is switched off in this server.")),
    (Stopping, lambda _e, _u: Answer("One moment", "I am being restarted. Try again in a minute.")),
    (commands.DisabledCommand, lambda _e, _u: Answer("Switched off", "This command is switched off.")),
    (commands.MaxConcurrencyReached, lambda e, _u: Answer("Not so fast", str(e))),
    (commands.CheckFailure | app_commands.CheckFailure, _not_allowed),
    (commands.UserInputError | app_commands.TransformerError, _wrong_input),
    (
        app_commands.CommandNotFound | app_commands.CommandSignatureMismatch,
        lambda _e, _u: Answer("No such command", "Discord shows an old list; try again soon."),
    ),
    (discord.HTTPException, _discord_refused),
)


def parameter_of(ctx: commands.Context[Any]) -> str:
    """Return the parameter that was read last, "" when none was."""
    found = ctx.current_parameter
    return "" if found is None else found.displayed_name or found.name


def usage_of(ctx: commands.Context[Any]) -> str:
    """Return how a prefix command is written, such as "`!warn <member> [reason]`"."""
    if ctx.command is None:
        return ""
    prefix = ctx.clean_prefix if ctx.interaction is None else "/"
    return f"Write it as `{prefix}{ctx.command.qualified_name} {ctx.command.signature}`".rstrip(" `") + "`."
