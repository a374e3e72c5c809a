"""A test per line of CALLS.md that concerns `db.guild` and `db.guild_config`."""

from __future__ import annotations

import pytest

from plugins.guild.errors import UnknownConfigField

GUILD = 901
LOGS = ("mod", "audit", "join", "private", "report", "dev")


async def test_get_or_create_guild_returns_the_same_row_twice(db):
    first = await db.guild.get_or_create_guild(GUILD)
    await db.guild.update_by_id(GUILD, case_count=7)
    second = await db.guild.get_or_create_guild(GUILD)
    assert (first.guild_id, second.guild_id, second.case_count) == (GUILD, GUILD, 7)
    assert await db.guild.count() == 1


async def test_guild_get_or_create_says_whether_it_made_the_row(db):
    guild, created = await db.guild.get_or_create(guild_id=GUILD, defaults={"guild_name": "Home"})
    assert (guild.guild_name, created) == ("Home", True)
    guild, created = await db.guild.get_or_create(guild_id=GUILD, defaults={"guild_name": "Other"})
    assert (guild.guild_name, created) == ("Home", False)


async def test_guild_update_by_id_makes_the_row_when_it_is_missing(db):
    assert (await db.guild.update_by_id(GUILD, case_count=3)).case_count == 3
    assert (await db.guild.get_by_id(GUILD)).case_count == 3


async def test_update_user_status_stores_one_status_a_member(db):
    await db.guild.update_user_status(GUILD, 5, "trial")
    row = await db.guild.update_user_status(GUILD, 5, "trusted")
    assert (row.guild_id, row.user_id, row.status) == (GUILD, 5, "trusted")
    assert await db.member_status.count({"guild_id": GUILD}) == 1


async def test_a_configuration_is_absent_until_somebody_makes_it(db):
    assert await db.guild_config.get_config_by_guild_id(GUILD) is None
    config = await db.guild_config.get_or_create_config(GUILD, prefix="?")
    assert config.prefix == "?"
    again = await db.guild_config.get_or_create_config(GUILD, prefix="$")
    assert again.prefix == "?"
    assert (await db.guild_config.get_config_by_guild_id(GUILD)).prefix == "?"


async def test_config_get_or_create_takes_defaults_beside_the_key(db):
    config, created = await db.guild_config.get_or_create(
        guild_id=GUILD, defaults={"prefix": "!", "log_channel_id": None}
    )
    assert (config.guild_id, config.prefix, config.log_channel_id, created) == (GUILD, "!", None, True)


async def test_update_config_makes_the_row_and_the_guild_when_missing(db):
    config = await db.guild_config.update_config(GUILD, prefix="?", log_channel_id=5)
    assert (config.prefix, config.log_channel_id) == ("?", 5)
    assert await db.guild.exists({"guild_id": GUILD})
    config = await db.guild_config.update_config(GUILD, log_channel_id=6)
    assert (config.prefix, config.log_channel_id) == ("?", 6)


async def test_update_config_refuses_an_unknown_field_by_name(db):
    with pytest.raises(UnknownConfigField, match="prefixx"):
        await db.guild_config.update_config(GUILD, prefixx="?")
    with pytest.raises(UnknownConfigField, match="'guild'"):
        await db.guild_config.update_config(GUILD, guild=5)
    assert await db.guild_config.get_config_by_guild_id(GUILD) is None


async def test_a_config_field_has_a_default_while_nobody_chose_it(db):
    assert await db.guild_config.get_config_field(GUILD, "prefix", "!") == "!"
    assert await db.guild_config.get_config_field(GUILD, "prefix") is None
    await db.guild_config.update_config(GUILD, prefix="?")
    assert await db.guild_config.get_config_field(GUILD, "prefix", "!") == "?"
    assert await db.guild_config.get_config_field(GUILD, "mod_log_id", 4) == 4
    with pytest.raises(UnknownConfigField, match="colour"):
        await db.guild_config.get_config_field(GUILD, "colour")


@pytest.mark.parametrize(
    ("getter", "updater"),
    [
        ("get_mod_log_id", "update_mod_log_id"),
        ("get_audit_log_id", "update_audit_log_id"),
        ("get_join_log_id", "update_join_log_id"),
        ("get_private_log_id", "update_private_log_id"),
        ("get_report_log_id", "update_report_log_id"),
        ("get_dev_log_id", "update_dev_log_id"),
        ("get_jail_channel_id", "update_jail_channel_id"),
        ("get_jail_role_id", "update_jail_role_id"),
        ("get_starboard_channel_id", "update_starboard_channel_id"),
        ("get_general_channel_id", "update_general_channel_id"),
    ],
)
async def test_every_channel_has_its_own_get_and_update(db, getter, updater):
    config, field = db.guild_config, getter.removeprefix("get_")
    read, write = getattr(config, getter), getattr(config, updater)
    assert await read(GUILD) is None
    assert getattr(await write(GUILD, 77), field) == 77
    assert await read(GUILD) == 77
    row = await config.get_config_by_guild_id(GUILD)
    assert [name for name in vars(row) if vars(row)[name] == 77] == [field]
    await write(GUILD, None)
    assert await read(GUILD) is None


async def test_the_jail_is_read_as_a_pair(db):
    assert await db.guild_config.get_jail_config(GUILD) == (None, None)
    await db.guild_config.update_jail_role_id(GUILD, 1)
    jail = await db.guild_config.get_jail_config(GUILD)
    assert (jail.jail_role_id, jail.jail_channel_id) == (1, None)


@pytest.mark.parametrize("log", LOGS)
async def test_a_log_channel_is_read_by_the_name_of_its_log(db, log):
    await db.guild_config.update_config(GUILD, **{f"{log}_log_id": 8})
    assert await db.guild_config.get_log_channel(GUILD, log) == 8


async def test_an_unknown_log_is_refused_by_name(db):
    with pytest.raises(UnknownConfigField, match="sport"):
        await db.guild_config.get_log_channel(GUILD, "sport")


async def test_log_channel_ids_are_audit_and_mod(db):
    assert await db.guild_config.get_log_channel_ids(GUILD) == (None, None)
    await db.guild_config.update_config(GUILD, audit_log_id=1, mod_log_id=2)
    ids = await db.guild_config.get_log_channel_ids(GUILD)
    assert (ids.audit_log_id, ids.mod_log_id) == tuple(ids) == (1, 2)


async def test_a_guild_prefix_is_set_and_deleted(db):
    assert (await db.guild_config.update_guild_prefix(GUILD, "?")).prefix == "?"
    await db.guild_config.update_mod_log_id(GUILD, 3)
    assert (await db.guild_config.delete_guild_prefix(GUILD)).prefix is None
    assert await db.guild_config.get_mod_log_id(GUILD) == 3


async def test_a_permission_level_has_one_role(db):
    assert await db.guild_config.get_perm_level_role(GUILD, 3) is None
    await db.guild_config.update_perm_level_role(GUILD, 3, 70)
    await db.guild_config.update_perm_level_role(GUILD, 3, 71)
    await db.guild_config.update_perm_level_role(GUILD, 5, 72)
    assert await db.guild_config.get_perm_level_role(GUILD, 3) == 71
    await db.guild_config.update_perm_level_role(GUILD, 3, None)
    assert await db.guild_config.get_perm_level_role(GUILD, 3) is None
    assert await db.guild_config.get_perm_level_role(GUILD, 5) == 72
    with pytest.raises(UnknownConfigField, match="11"):
        await db.guild_config.update_perm_level_role(GUILD, 11, 70)
