"""Runs the bot until it is told to stop."""

from __future__ import annotations

import asyncio
import signal
from contextlib import contextmanager, nullcontext, suppress
from typing import TYPE_CHECKING, Any

import aiohttp
import discord

from tux.bot.client import Tux
from tux.errors import DiscordUnreachable, SettingsError

if TYPE_CHECKING:
    from collections.abc import Callable, Generator
    from contextlib import AbstractAsyncContextManager

    from tux.settings import Settings


# Those after which trying again is of no use; https://discord.com/developers/docs/topics/opcodes-and-status-codes
_CLOSED = {
    4004: "it does not accept the token in DISCORD_TOKEN any more",
    4011: "the bot is in too many servers for one connection",
}


async def run_bot(
    settings: Settings,
    token: str,
    *,
    beside: Callable[[Tux], AbstractAsyncContextManager[None]] | None = None,
    **client_options: Any,
) -> bool:
    """Run the bot on Discord; return False when a signal stopped it.

    `beside` makes what is open as long as the bot runs; the options go to discord.py's Client.

    Raises:
        SettingsError: Discord does not accept the token or the intents.
        DiscordUnreachable: nobody answers there, or Discord does, but will not have the bot.
    """
    if not token.isprintable():  # no header can hold it
        raise SettingsError("DISCORD_TOKEN holds a line break or another control character; copy the token again")
    bot = Tux(settings, **client_options)
    try:
        with _cancelled_by_signals(asyncio.current_task()):
            async with beside(bot) if beside else nullcontext(), bot:
                await bot.start(token)
    except asyncio.CancelledError:
        return False
    except discord.LoginFailure:
        raise SettingsError(
            "Discord does not accept the token in DISCORD_TOKEN; make a new one (Bot, Reset Token)"
        ) from None
    except discord.PrivilegedIntentsRequired:
        raise SettingsError(
            "Discord refused the intents: enable Server Members and Message Content in the developer portal (Bot)"
        ) from None
    except discord.HTTPException as refused:
        reason = (
            refused.text if refused.text and "<" not in refused.text else "no reason given"
        )  # else it is a web page
        raise DiscordUnreachable(
            f"Discord refused the start with {refused.status}: {reason}; "
            "try again in some minutes, and see https://discordstatus.com"
        ) from refused
    except discord.ConnectionClosed as closed:
        reason = _CLOSED.get(closed.code, closed.reason or "no reason given")
        raise DiscordUnreachable(f"Discord ended the connection with {closed.code}: {reason}") from None
    except aiohttp.ClientError as error:
        raise DiscordUnreachable(
            f"Discord does not answer; check the network, a proxy, the firewall ({error})"
        ) from error
    return True


@contextmanager
def _cancelled_by_signals(task: asyncio.Task[Any] | None) -> Generator[None]:
    """Cancel the task on the first SIGINT or SIGTERM; a second one cancels its clean-up, too."""
    loop = asyncio.get_running_loop()
    with suppress(NotImplementedError):  # Windows has no signal handlers in its loop
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(number, task.cancel if task else loop.stop)
    try:
        yield
    finally:
        with suppress(NotImplementedError):
            for number in (signal.SIGINT, signal.SIGTERM):
                loop.remove_signal_handler(number)
