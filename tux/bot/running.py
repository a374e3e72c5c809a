"""Runs the bot until it is told to stop."""

from __future__ import annotations

import asyncio
import signal
from contextlib import suppress
from typing import TYPE_CHECKING

import aiohttp
import discord

from tux.bot.client import Tux
from tux.errors import DiscordUnreachable, SettingsError

if TYPE_CHECKING:
    from tux.settings import Settings


async def run_bot(settings: Settings, token: str) -> bool:
    """Run the bot on Discord; return False when a signal stopped it.

    Raises:
        SettingsError: Discord does not accept the token or the intents.
        DiscordUnreachable: nobody answers there.
    """
    bot = Tux(settings)
    task = asyncio.current_task()
    if task is not None:
        for number in (signal.SIGINT, signal.SIGTERM):
            with suppress(NotImplementedError):  # Windows has no signal handlers in its loop
                asyncio.get_running_loop().add_signal_handler(number, task.cancel)
    try:
        async with bot:
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
    except aiohttp.ClientConnectionError as error:
        raise DiscordUnreachable(
            f"Discord does not answer; check the network, a proxy, the firewall ({error})"
        ) from error
    return True
