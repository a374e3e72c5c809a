from __future__ import annotations

import asyncio

import pytest

from plugins.permissions.models import GuildPermission, PermissionLevel
from tux.errors import CheckViolation, InvalidValue, UniqueViolation
from tux.testing import max_queries

GUILD, BOB = 710, 72
PAIR = {"guild_id": GUILD, "user_id": BOB}


async def rank_of(db, roles=(), user_id=BOB, guild_id=GUILD):
    return await db.permission_assignments.get_user_permission_rank(guild_id, user_id, roles)


def test_levels_are_the_eleven_ranks():
    assert [level.rank for level in PermissionLevel] == list(range(11))
    assert (PermissionLevel.MEMBER.rank, PermissionLevel.OWNER.rank) == (0, 10)
    # what the commands of guild and moderation ask for
    assert (PermissionLevel.MODERATOR.rank, PermissionLevel.ADMIN.rank) == (3, 7)


@pytest.mark.parametrize("level", PermissionLevel)
async def test_every_level_counts_as_its_rank(db, level):
    await db.guild_permissions.upsert(PAIR, permission_level=level)
    assert await rank_of(db) == level.rank


async def test_the_highest_of_level_roles_and_level_roles_of_the_guild_is_the_rank(db):
    assert await rank_of(db, [1, 2, 3]) == 0
    await db.permission_assignments.assign_permission_rank(GUILD, 2, 1)
    assert await rank_of(db, [1, 2, 3]) == 2
    await db.guild_config.update_perm_level_role(GUILD, 4, 2)
    assert await rank_of(db, [1, 2, 3]) == 4
    await db.guild_permissions.upsert(PAIR, permission_level="ADMIN")
    assert await rank_of(db, [1, 2, 3]) == 7
    await db.permission_assignments.assign_permission_rank(GUILD, 9, 3)
    assert await rank_of(db, [1, 2, 3]) == 9
    assert await rank_of(db, [1, 2]) == 7


async def test_a_change_holds_for_the_next_question(db):
    await db.permission_assignments.assign_permission_rank(GUILD, 5, 1)
    assert await rank_of(db, [1]) == 5
    await db.permission_assignments.assign_permission_rank(GUILD, 3, 1)
    assert await rank_of(db, [1]) == 3
    await db.permission_assignments.remove_role_assignment(GUILD, 1)
    assert await rank_of(db, [1]) == 0


async def test_ranks_of_another_guild_or_member_do_not_count(db):
    await db.permission_assignments.assign_permission_rank(GUILD + 1, 9, 1)
    await db.guild_config.update_perm_level_role(GUILD + 1, 9, 1)
    await db.guild_permissions.upsert({"guild_id": GUILD + 1, "user_id": BOB}, permission_level="OWNER")
    await db.guild_permissions.upsert({"guild_id": GUILD, "user_id": BOB + 1}, permission_level="OWNER")
    assert await rank_of(db, [1]) == 0


async def test_a_rank_is_remembered_until_one_of_the_tables_that_it_derives_from_is_written(db):
    assert await rank_of(db, [1, 2]) == 0
    with max_queries(0):
        assert await rank_of(db, iter([2, 1])) == 0
    await db.permission_assignments.assign_permission_rank(GUILD, 2, 1)
    assert await rank_of(db, [1, 2]) == 2
    await db.guild_config.update_perm_level_role(GUILD, 3, 2)
    assert await rank_of(db, [1, 2]) == 3
    row, _ = await db.guild_permissions.upsert(PAIR, permission_level="OWNER")
    assert await rank_of(db, [1, 2]) == 10
    await row.delete()
    assert await rank_of(db, [1, 2]) == 3


@pytest.mark.parametrize("rank", [-1, 11, 2**40])
async def test_a_rank_that_does_not_exist_is_refused(db, rank):
    for write in (
        db.permission_ranks.create_permission_rank(GUILD, rank, "Odd"),
        db.permission_assignments.assign_permission_rank(GUILD, rank, 1),
        db.permission_commands.set_command_permission(GUILD, "ban", rank),
    ):
        with pytest.raises(InvalidValue, match="rank"):
            await write
    assert await db.permission_ranks.count() == 0


async def test_the_table_refuses_such_a_rank_too(db):
    await db.permission_assignments.assign_permission_rank(GUILD, 10, 1)
    with pytest.raises(CheckViolation) as refused:
        await db.permission_assignments.increment((GUILD, 1), rank=1)
    assert refused.value.constraint == "permissions_assignments_rank_check"


@pytest.mark.parametrize("level", ["SHERIFF", "moderator", "", "11"])
async def test_an_unknown_level_is_refused_on_every_write_and_matches_nothing(db, level):
    row, _ = await db.guild_permissions.upsert(PAIR, permission_level="HELPER")
    for write in (
        db.guild_permissions.create(guild_id=GUILD, user_id=1, permission_level=level),
        db.guild_permissions.update_by_id(row.id, permission_level=level),
        db.guild_permissions.update_where(PAIR, {"permission_level": level}),
        db.guild_permissions.bulk_update([{"id": row.id, "permission_level": level}]),
        db.guild_permissions.upsert(PAIR, permission_level=level),
    ):
        with pytest.raises(InvalidValue, match="permission_level"):
            await write
    assert await db.guild_permissions.find_all({"permission_level": level}) == []
    assert [each.permission_level for each in await GuildPermission.all()] == ["HELPER"]


async def test_fifty_concurrent_settings_of_a_new_member_make_one_row(db):
    levels = list(PermissionLevel)
    found = await asyncio.gather(
        *(db.guild_permissions.upsert(PAIR, permission_level=levels[n % 11]) for n in range(50))
    )
    assert sum(created for _, created in found) == 1
    assert await db.guild_permissions.count(PAIR) == 1


async def test_a_role_has_one_rank_and_a_rank_many_roles(db):
    await db.permission_assignments.assign_permission_rank(GUILD, 3, 1)
    await db.permission_assignments.assign_permission_rank(GUILD, 3, 2)
    moved = await db.permission_assignments.assign_permission_rank(GUILD, 4, 1)
    rows = await db.permission_assignments.find_all({"guild_id": GUILD}, "role_id")
    assert [(row.role_id, row.rank) for row in rows] == [(1, 4), (2, 3)]
    assert moved.id == rows[0].id


async def test_a_guild_names_a_rank_once_and_uses_a_name_once(db):
    await db.permission_ranks.create_permission_rank(GUILD, 3, "  Mod ")
    for rank, name in ((3, "Other"), (4, "mod")):
        with pytest.raises(UniqueViolation):
            await db.permission_ranks.create_permission_rank(GUILD, rank, name)
    with pytest.raises(InvalidValue, match=r"permissions_ranks\.name: must not be blank"):
        await db.permission_ranks.create_permission_rank(GUILD, 5, "  ")
    await db.permission_ranks.create_permission_rank(GUILD + 1, 3, "Mod")
    [named] = await db.permission_ranks.get_permission_ranks_by_guild(GUILD)
    assert named.name == "Mod"


async def test_a_subcommand_falls_back_to_its_nearest_parent(db):
    commands = db.permission_commands
    await commands.set_command_permission(GUILD, "cases", 2)
    await commands.set_command_permission(GUILD, "cases view", 4)
    await commands.set_command_permission(GUILD, "case", 9)
    await commands.set_command_permission(GUILD + 1, "cases list", 9)

    async def required(name):
        found = await commands.get_command_permission(GUILD, name)
        return found and (found.command_name, found.required_rank)

    assert await required("cases") == ("cases", 2)
    assert await required("cases list") == ("cases", 2)
    assert await required("cases view") == ("cases view", 4)
    assert await required("cases view all") == ("cases view", 4)
    assert await required("casesview") is None
    assert await required("view cases") is None
    assert await required("") is None


async def test_a_subcommand_asks_for_the_rank_of_its_parent_in_one_statement(db):
    await db.permission_commands.set_command_permission(GUILD, "config", 7)
    with max_queries(1):
        found = await db.permission_commands.get_command_permission(GUILD, "config logs mod")
    assert found.required_rank == 7


async def test_names_of_commands_are_stored_without_superfluous_spaces(db):
    made = await db.permission_commands.set_command_permission(GUILD, "  cases   view ", 4)
    assert made.command_name == "cases view"
    assert (await db.permission_commands.get_command_permission(GUILD, "cases  view")).id == made.id
    with pytest.raises(InvalidValue, match="blank"):
        await db.permission_commands.set_command_permission(GUILD, "  ", 4)


async def test_permissions_go_with_their_guild(db):
    await db.permission_ranks.create_permission_rank(GUILD, 3, "Mod")
    await db.permission_assignments.assign_permission_rank(GUILD, 3, 1)
    await db.permission_commands.set_command_permission(GUILD, "ban", 3)
    await db.guild_permissions.upsert(PAIR, permission_level="ADMIN")
    await db.guild.delete_by_id(GUILD)
    for name in ("permission_ranks", "permission_assignments", "permission_commands", "guild_permissions"):
        assert await getattr(db, name).count() == 0
