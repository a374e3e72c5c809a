"""A test per line of CALLS.md that concerns ranks and `db.guild_permissions`."""

from __future__ import annotations

import pytest

from tux.errors import InvalidValue

GUILD, BOB = 700, 71
PAIR = {"guild_id": GUILD, "user_id": BOB}


async def test_guild_permissions_upsert_lets_values_win_over_defaults(db):
    row, created = await db.guild_permissions.upsert(
        filters=PAIR, defaults={"permission_level": "MEMBER"}, permission_level="MODERATOR"
    )
    assert (row.permission_level, row.user_id, row.guild_id, created) == ("MODERATOR", BOB, GUILD, True)
    row, created = await db.guild_permissions.upsert(
        filters=PAIR, defaults={"permission_level": "MEMBER"}, permission_level="ADMIN"
    )
    assert (row.permission_level, created) == ("ADMIN", False)
    assert (await db.guild_permissions.find_one(PAIR)).permission_level == "ADMIN"


async def test_guild_permissions_levels_are_names_of_ranks(db):
    for level in ("MEMBER", "MODERATOR", "ADMIN", "OWNER"):
        row, _ = await db.guild_permissions.upsert(filters=PAIR, permission_level=level)
        assert row.permission_level == level
    with pytest.raises(InvalidValue, match=r"SHERIFF.*MODERATOR"):
        await db.guild_permissions.upsert(filters=PAIR, permission_level="SHERIFF")
    assert (await db.guild_permissions.get_by_id((GUILD, BOB))).permission_level == "OWNER"


async def test_create_permission_rank_and_get_permission_ranks_by_guild(db):
    await db.permission_ranks.create_permission_rank(GUILD, 7, "Boss", "runs the place")
    made = await db.permission_ranks.create_permission_rank(GUILD, 3, "Mod")
    assert (made.rank, made.name, made.description) == (3, "Mod", None)
    ranks = await db.permission_ranks.get_permission_ranks_by_guild(GUILD)
    assert [(rank.rank, rank.name, rank.description) for rank in ranks] == [
        (3, "Mod", None),
        (7, "Boss", "runs the place"),
    ]
    assert await db.permission_ranks.get_permission_ranks_by_guild(GUILD + 1) == []


async def test_assign_permission_rank_and_remove_role_assignment(db):
    row = await db.permission_assignments.assign_permission_rank(GUILD, 3, 555)
    assert (row.guild_id, row.rank, row.role_id) == (GUILD, 3, 555)
    assert await db.permission_assignments.remove_role_assignment(GUILD, 555) is True
    assert await db.permission_assignments.remove_role_assignment(GUILD, 555) is False


async def test_get_user_permission_rank_takes_guild_user_and_roles(db):
    await db.permission_assignments.assign_permission_rank(GUILD, 4, 555)
    assert await db.permission_assignments.get_user_permission_rank(GUILD, BOB, [555, 556]) == 4
    assert await db.permission_assignments.get_user_permission_rank(GUILD, BOB, []) == 0


async def test_set_command_permission_and_get_command_permission(db):
    await db.permission_commands.set_command_permission(GUILD, "ban", 5)
    found = await db.permission_commands.get_command_permission(GUILD, "ban")
    assert (found.command_name, found.required_rank) == ("ban", 5)
    assert await db.permission_commands.get_command_permission(GUILD, "kick") is None
