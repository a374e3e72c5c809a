from __future__ import annotations

import pytest

from tux.database.engine import active_client
from tux.models import Check, Exclude, Index, SearchIndex, Sql
from tux.models.ddl import MAX_NAME_BYTES

TABLE = "shop_members"
DECLARED = [
    Check("xp >= 0"),
    Check("level BETWEEN 0 AND 9", name="level_range"),
    Index("guild_id", "-xp"),
    Index("lower(name)"),
    Index("guild_id", where="note IS NULL", unique=True),
    Index("extra", using="gin"),
    Index("extra jsonb_path_ops", using="gin"),
    SearchIndex("name", "note"),
    SearchIndex("name", "note", language="english"),
    Exclude("int8range(member_id, member_id + 1) WITH &&", where="is_active"),
    Sql("CREATE VIEW shop_view AS SELECT id FROM shop_members", "DROP VIEW shop_view"),
]


@pytest.mark.usefixtures("shop")
@pytest.mark.parametrize("declared", DECLARED, ids=lambda declared: type(declared).__name__)
async def test_what_is_declared_is_created_and_dropped(declared):
    client = active_client()
    await client.run(declared.create_sql(TABLE))
    created = await names(client)
    await client.run(declared.drop_sql(TABLE))
    assert created - await names(client) >= (
        {declared.name_for(TABLE)} if not isinstance(declared, Sql) else {"shop_view"}
    )


async def names(client):
    rows = await client.fetch("SELECT conname AS name FROM pg_constraint UNION SELECT relname FROM pg_class")
    return {row["name"] for row in rows}


def test_a_descending_column_is_written_so():
    assert Index("guild_id", "-xp").create_sql("t").endswith('ON "t" ("guild_id", "xp" DESC)')


def test_names_follow_from_what_is_declared():
    assert Index("guild_id", "xp").name_for("t") == "t_guild_id_xp_idx"
    assert Index("guild_id", "xp", unique=True).name_for("t") == "t_guild_id_xp_key"
    assert Check("xp > 0").name_for("t") == Check("xp > 0").name_for("t")
    assert Check("xp > 0", name="mine").name_for("t") == "mine"


def test_different_declarations_have_different_names():
    declared = [
        *DECLARED,
        Check("xp > 0"),
        Check("xp < 0"),
        Index("guild_id", "xp"),
        Index("guild_id", "-xp", where="xp > 0"),
        Index("guild_id", "xp", where="xp > 0"),
        Exclude("xp WITH ="),
        Sql("SELECT 1", "SELECT 2"),
    ]
    assert len({each.name_for(TABLE) for each in declared}) == len(declared)


@pytest.mark.parametrize("table", ["t" * 60, "über" * 15])
@pytest.mark.parametrize(
    "declared", [Index(*(f"column_number_{n}" for n in range(9))), Check("a" * 200), Sql("x", "y")]
)
def test_names_fit_what_postgresql_keeps(table, declared):
    name = declared.name_for(table)
    assert len(name.encode()) <= MAX_NAME_BYTES
    assert name != type(declared)(*reversed(declared.columns)).name_for(table) if isinstance(declared, Index) else True
