from __future__ import annotations

import discord as discord_py
import pytest
from discord import app_commands


async def code_of(awaitable):
    """Return the code of the refusal that awaiting something meets."""
    with pytest.raises(discord_py.HTTPException) as caught:
        await awaitable
    return caught.value.code


def command(name="name", description="text", **fields):
    return {"name": name, "description": description, "type": 1, **fields}


def option(name, description="text", kind=3, **fields):
    return {"name": name, "description": description, "type": kind, **fields}


@pytest.mark.parametrize(
    "payload",
    [
        [command("Upper")],
        [command("x" * 33)],
        [command("with space")],
        [command(description="")],
        [command(description="x" * 101)],
        [command(), command()],
        [command(options=[option(f"o{n}") for n in range(26)])],
        [command(options=[option("o", description="x" * 101)])],
        [command(options=[option("same"), option("same")])],
        [command(options=[option("first"), option("second", required=True)])],
        [command(options=[option("o", choices=[{"name": str(n), "value": str(n)} for n in range(26)])])],
        [command(options=[option("sub", kind=1, options=[option("Bad")])])],
    ],
)
async def test_commands_outside_the_limits_are_refused(discord, bot, payload):
    before = dict(discord.world.commands[None])
    assert await code_of(bot.http.bulk_upsert_global_commands(bot.application_id, payload)) == 50035
    assert discord.world.commands[None] == before


async def test_more_than_a_hundred_commands_are_refused(discord, bot):
    many = [command(f"name{number}") for number in range(101)]
    assert await code_of(bot.http.bulk_upsert_guild_commands(bot.application_id, discord.guild.id, many)) == 30032


async def test_commands_of_a_guild_are_added_changed_and_deleted(discord, bot):
    guild = discord_py.Object(discord.guild.id)

    @app_commands.command()
    async def local(interaction: discord_py.Interaction) -> None:
        await interaction.response.send_message("local")

    bot.tree.add_command(local, guild=guild)
    try:
        synced = await bot.tree.sync(guild=guild)
        assert (await discord.member("alice").slash("local")).text == "local"
        assert (await bot.tree.fetch_command(synced[0].id, guild=guild)).name == "local"
        changed = await synced[0].edit(description="changed")
        assert changed.description == "changed"
        await synced[0].delete()
        assert await bot.tree.fetch_commands(guild=guild) == []
        assert await code_of(synced[0].delete()) == 10063
    finally:
        bot.tree.clear_commands(guild=guild)


async def test_syncing_again_keeps_the_ids(bot):
    first = {found.name: found.id for found in await bot.tree.fetch_commands()}
    second = {found.name: found.id for found in await bot.tree.sync()}
    assert first == second


async def test_another_applications_commands_are_out_of_reach(bot):
    assert await code_of(bot.http.get_global_commands(5)) == 50001
