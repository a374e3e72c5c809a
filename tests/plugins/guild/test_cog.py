from __future__ import annotations

import pytest

from tux.testing import max_queries


async def test_every_guild_of_the_bot_has_a_row_with_its_name(discord, db):
    other = await discord.join_guild("Second home")
    rows = {row.guild_id: row.guild_name for row in await db.guild.get_all()}
    assert rows[discord.guild.id] == discord.guild.name
    assert rows[other.id] == "Second home"


async def test_the_rows_of_all_guilds_are_made_in_one_statement(db):
    await db.guild.sync_guilds({1: "one"})
    with max_queries(1):
        await db.guild.sync_guilds({1: "uno", 2: "two", 3: "three"})
    rows = await db.guild.get_all(order_by="guild_id")
    assert [row.guild_name for row in rows] == ["uno", "two", "three"]


async def test_a_guild_that_threw_the_bot_out_is_marked_until_it_comes_back(discord, db):
    other = await discord.join_guild("Short stay")
    other.remove_bot()
    await discord.settle()
    assert (await db.guild.get_by_id(other.id)).left_at is not None
    await db.guild.sync_guilds({other.id: "Short stay"})
    assert (await db.guild.get_by_id(other.id)).left_at is None


async def test_a_new_prefix_works_at_once_and_the_old_one_no_more(discord):
    assert "`?`" in (await discord.owner.says("!prefix set ?")).text
    assert "`?`" in (await discord.owner.says("?prefix")).text
    assert (await discord.owner.says("!prefix")).messages == []
    assert "`!`" in (await discord.owner.slash("/prefix reset")).text
    assert "`!`" in (await discord.owner.says("!prefix show")).text


@pytest.mark.parametrize(
    "write",
    [
        lambda configs, guild_id: configs.update_config(guild_id, prefix="$"),
        lambda configs, guild_id: configs.get_or_create_config(guild_id, prefix="$"),
        lambda configs, guild_id: configs.upsert({"guild_id": guild_id}, prefix="$"),
        lambda configs, guild_id: configs.upsert({"guild_id": guild_id}, {"prefix": "$"}, mod_log_id=1),
    ],
    ids=["update_config", "get_or_create_config", "upsert", "upsert with defaults"],
)
async def test_a_prefix_that_a_manager_wrote_works_at_once(discord, db, write):
    await write(db.guild_config, discord.guild.id)
    assert "`$`" in (await discord.owner.says("$prefix")).text
    await db.guild_config.update_by_id(discord.guild.id, prefix=None)
    assert "`!`" in (await discord.owner.says("!prefix")).text


async def test_a_prefix_of_a_rolled_back_transaction_never_worked(discord, db):
    async def fail_after_the_change():
        async with db.transaction():
            await db.guild_config.update_guild_prefix(discord.guild.id, "$")
            raise LookupError

    with pytest.raises(LookupError):
        await fail_after_the_change()
    assert (await discord.owner.says("$prefix")).messages == []
    assert "`!`" in (await discord.owner.says("!prefix")).text


async def test_a_quiet_message_costs_no_statement(discord):
    alice = discord.member("alice")
    await alice.says("first")
    with max_queries(0):
        await alice.says("nothing for the bot here")


@pytest.mark.parametrize("prefix", ["/", "@bob", "a b", "x" * 17, "`"])
async def test_a_prefix_that_cannot_work_is_refused(discord, db, prefix):
    reply = await discord.owner.slash("prefix set", prefix=prefix)
    assert reply.is_ephemeral
    assert "prefix" in reply.text
    assert await db.guild_config.get_config_field(discord.guild.id, "prefix") is None


async def test_a_member_without_the_level_may_not_configure(discord, db):
    alice = discord.member("alice")
    for reply in (await alice.says("!prefix set ?"), await alice.slash("/config show")):
        assert "rank 7" in reply.text
    assert await db.guild_config.get_config_by_guild_id(discord.guild.id) is None


async def test_a_role_of_the_level_lets_its_members_configure(discord):
    role = discord.guild.role("Administrators")
    alice = discord.member("alice", roles=[role])
    await discord.owner.slash("config level", level=7, role=role)
    assert "`?`" in (await alice.says("!prefix set ?")).text
    await discord.owner.slash("config level", level=7)
    assert "rank 7" in (await alice.says("?prefix set !")).text


@pytest.mark.parametrize("log", ["mod", "audit", "join", "private", "report", "dev"])
async def test_each_log_gets_a_channel_and_loses_it(discord, db, log):
    channel = discord.guild.channel("records")
    reply = await discord.owner.slash("config logs", log=log, channel=channel)
    assert "#records" in reply.text
    assert await db.guild_config.get_log_channel(discord.guild.id, log) == channel.id
    await discord.owner.slash("config logs", log=log)
    assert await db.guild_config.get_log_channel(discord.guild.id, log) is None


async def test_channels_and_jail_are_configured_by_prefix_too(discord, db):
    channel, role = discord.guild.channel("place"), discord.guild.role("Jailed")
    await discord.owner.says(f"!config channel starboard {channel.mention}")
    await discord.owner.says(f"!config jail {channel.mention} {role.mention}")
    config = await db.guild_config.get_config_by_guild_id(discord.guild.id)
    assert (config.starboard_channel_id, config.jail_channel_id, config.jail_role_id) == (
        channel.id,
        channel.id,
        role.id,
    )


async def test_the_configuration_is_shown_in_one_embed(discord):
    channel, role = discord.guild.channel("records"), discord.guild.role("Moderators")
    await discord.owner.slash("config logs", log="mod", channel=channel)
    await discord.owner.slash("config level", level=3, role=role)
    reply = await discord.owner.slash("config show")
    assert "Mod log: #records" in reply.text
    assert "Level 3: @Moderators" in reply.text
    assert "`!`" in reply.text


async def test_a_channel_that_the_bot_cannot_write_to_is_stored_and_told(discord, db):
    hidden = discord.guild.channel("hidden")
    hidden.overwrite(discord.bot.user.id, deny=["send_messages", "embed_links"])
    reply = await discord.owner.slash("config logs", log="mod", channel=hidden)
    assert "The mod log is now #hidden. But I cannot write there" in reply.text
    assert "**Send Messages**, **Embed Links**" in reply.text
    assert await db.guild_config.get_mod_log_id(discord.guild.id) == hidden.id
    assert "cannot write" not in (await discord.owner.says("!config channel general #general")).text


async def test_a_log_that_does_not_exist_is_refused_with_those_that_do(discord):
    reply = await discord.owner.says("!config logs sport #general")
    assert "mod" in reply.text
    assert "audit" in reply.text


async def test_a_guild_that_changes_its_name_is_followed(discord, db):
    discord.guild.state.data["name"] = "Renamed"
    discord.world.emit("GUILD_UPDATE", discord.guild.state.data, guild=discord.guild.state)
    await discord.settle()
    assert (await db.guild.get_by_id(discord.guild.id)).guild_name == "Renamed"


async def test_the_highest_level_of_a_role_counts(discord, db):
    role = discord.guild.role("Both")
    for level in (7, 2):
        await db.guild_config.update_perm_level_role(discord.guild.id, level, role.id)
    assert "`?`" in (await discord.member("alice", roles=[role]).says("!prefix set ?")).text


async def test_nobody_gives_a_level_above_their_own_rank(discord, db):
    role = discord.guild.role("Administrators")
    await db.guild_config.update_perm_level_role(discord.guild.id, 7, role.id)
    alice = discord.member("alice", roles=[role])
    reply = await alice.slash("config level", level=8, role=role)
    assert reply.is_ephemeral
    assert "above your own rank" in reply.text
    assert await db.guild_config.get_perm_level_role(discord.guild.id, 8) is None
    assert "Saved" in (await alice.says(f"!config level 6 {role.mention}")).text


async def test_without_the_cog_the_default_prefix_holds_and_config_has_nothing_of_it(discord, db, bot):
    await db.guild_config.update_guild_prefix(discord.guild.id, "$")
    cog = await bot.remove_cog("Guild")
    assert bot.prefixes is None
    assert bot.get_command("config logs") is None
    await bot.add_cog(cog)
    assert await bot.prefixes(discord.guild.id) == "$"
    assert "`$`" in (await discord.owner.says("$prefix")).text
    assert "Saved" in (await discord.owner.says("$config logs mod")).text


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("config logs mod #modlgo", '"#modlgo" not found'),
        ("config channel general generol", '"generol" not found'),
        ("config level 3 Moderatros", '"Moderatros" not found'),
        ("config jail #general Jialed", '"Jialed" not found'),
    ],
)
async def test_a_misspelt_argument_changes_nothing_and_is_told(discord, db, line, said):
    channel, role = discord.guild.channel("mod-log"), discord.guild.role("Moderators")
    await discord.owner.says(f"!config logs mod {channel.mention}")
    await discord.owner.says(f"!config channel general {channel.mention}")
    await discord.owner.says(f"!config jail {channel.mention} {discord.guild.role('Jailed').mention}")
    await discord.owner.says(f"!config level 3 {role.mention}")
    before = (await db.guild_config.get_config_by_guild_id(discord.guild.id)).to_dict()
    reply = await discord.owner.says(f"!{line}")
    assert said in reply.text
    assert "Write it as" in reply.text
    assert (await db.guild_config.get_config_by_guild_id(discord.guild.id)).to_dict() == before
    assert await db.guild_config.get_perm_level_role(discord.guild.id, 3) == role.id


async def test_what_is_left_out_is_unset_with_the_prefix_too(discord, db):
    channel = discord.guild.channel("mod-log")
    await discord.owner.says(f"!config logs mod {channel.mention}")
    assert "not set" in (await discord.owner.says("!config logs mod")).text
    assert await db.guild_config.get_mod_log_id(discord.guild.id) is None


async def test_a_role_that_makes_its_members_powerful_is_none_for_the_jail(discord, db):
    moderators, kickers = discord.guild.role("Moderators"), discord.guild.role("Kickers", "kick_members")
    await db.guild_config.update_perm_level_role(discord.guild.id, 3, moderators.id)
    for role, why in (
        (moderators.mention, "has permission level 3"),
        (kickers.mention, "**Kick Members**"),
        ("@everyone", "cannot be given"),
        (str(discord.bot.get_guild(discord.guild.id).self_role.id), "cannot be given"),
    ):
        assert why in (await discord.owner.says(f"!config jail #general {role}")).text
    assert await db.guild_config.get_jail_role_id(discord.guild.id) is None
