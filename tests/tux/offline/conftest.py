"""A local Discord with the sample bot, started once and reset before each test."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
import pytest_asyncio

from tests.tux.offline.sample_bot import SampleBot
from tux.offline.driver import LocalDiscord

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

    import discord as discord_py


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def sample_stage() -> AsyncGenerator[LocalDiscord]:
    async with LocalDiscord.run(SampleBot) as stage:
        yield stage


@pytest_asyncio.fixture(loop_scope="session")
async def discord(sample_stage: LocalDiscord) -> AsyncGenerator[LocalDiscord]:
    await sample_stage.reset()
    sample_stage.bot.heard.clear()
    yield sample_stage
    await sample_stage.settle()
    assert [error.error for error in sample_stage.errors] == []
    assert sample_stage.server.unknown == []


@pytest.fixture
def bot(discord: LocalDiscord) -> SampleBot:
    return discord.bot


@pytest.fixture
def guild(discord: LocalDiscord) -> discord_py.Guild:
    """The server as the bot has it."""
    return discord.bot.get_guild(discord.guild.id)


@pytest.fixture
def general(discord: LocalDiscord, guild: discord_py.Guild) -> discord_py.TextChannel:
    """#general as the bot has it."""
    return guild.get_channel(discord.guild.channel().id)
