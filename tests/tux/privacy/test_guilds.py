"""The purge of a guild: all its rows, over all plugins, and no other guild's."""

from __future__ import annotations

from plugins.moderation.models import Case
from tux.core.models import PluginSwitch
from tux.privacy import guilds, map_data, purge_guild

MINE, OTHER, ALICE = 900, 901, 11


async def fill(db, guild_id):
    await db.guild_config.update_guild_prefix(guild_id, "?")
    await db.case.create_case(case_type="WARN", case_user_id=ALICE, case_moderator_id=ALICE, guild_id=guild_id)
    await db.switches.turn(guild_id, "moderation", enabled=False)
    for member in range(5):
        await db.levels.add_xp(member, guild_id, 5)


async def test_all_rows_of_a_guild_go_and_no_other_guilds(db):
    await fill(db, MINE)
    await fill(db, OTHER)
    tables = (await map_data(db.registry)).guilds
    async with db.transaction():
        purged = await purge_guild(tables, MINE)
    expected = {
        "core_switches": 1,
        "guild_configs": 1,
        "guild_guilds": 1,
        "levels_member_levels": 5,
        "moderation_case_counters": 1,
        "moderation_cases": 1,
    }
    assert purged == expected
    for table, column in tables:
        assert await db.service.fetch(f'SELECT 1 FROM "{table}" WHERE "{column}" = $1', MINE) == []
    assert await Case.filter(guild_id=OTHER).count() == 1
    assert await PluginSwitch.filter(guild_id=OTHER).count() == 1
    assert await db.levels.count({"guild_id": OTHER}) == 5


async def test_every_table_with_a_guild_is_purged(db):
    columns = await db.service.fetch(
        "SELECT table_name::text FROM information_schema.columns WHERE table_schema = 'public' AND column_name = 'guild_id'"
    )
    tables = [table for table, _ in (await map_data(db.registry)).guilds]
    assert {row["table_name"] for row in columns} <= set(tables)
    assert tables[-1] == "guild_guilds"


async def test_many_rows_go_in_batches(db, monkeypatch):
    await fill(db, MINE)
    monkeypatch.setattr(guilds, "BATCH_ROWS", 2)
    async with db.transaction():
        purged = await purge_guild((await map_data(db.registry)).guilds, MINE)
    assert purged["levels_member_levels"] == 5
    assert await db.levels.count() == 0
