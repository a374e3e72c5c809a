"""Who acts in the tests of moderation."""

from __future__ import annotations

import pytest


@pytest.fixture
async def alice(discord, db):
    """A moderator: her role stands below the bot's, above all others, and has level 3."""
    for name in ("Jailed", "Artists", "Gamers", "Integration"):
        discord.guild.role(name)  # each new one stands above those before
    role = discord.guild.role("Moderators")
    await db.guild_config.update_perm_level_role(discord.guild.id, 3, role.id)
    return discord.member("alice", roles=[role])


@pytest.fixture
def bob(discord):
    return discord.member("bob")


@pytest.fixture
async def log(discord, db):
    """The mod-log."""
    channel = discord.guild.channel("mod-log")
    await db.guild_config.update_mod_log_id(discord.guild.id, channel.id)
    return channel


@pytest.fixture
async def jail(discord, db):
    """The role of the jail; whoever wants it below a moderator asks for her first."""
    role = discord.guild.role("Jailed")
    channel = discord.guild.channel("jail")
    await db.guild_config.update_config(discord.guild.id, jail_role_id=role.id, jail_channel_id=channel.id)
    return role


@pytest.fixture
def cases(discord, db):
    """Return all cases of the guild, oldest first."""

    async def read():
        return await db.case.find_all({"guild_id": discord.guild.id}, order_by="case_number")

    return read


async def act(actor, style, line):
    """Use a command with a slash or with the prefix."""
    return await (actor.slash(f"/{line}") if style == "slash" else actor.says(f"!{line}"))
