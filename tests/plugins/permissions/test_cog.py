"""`/config ranks`, `roles`, `members`, `commands` and `why`, and what the bot makes of them."""

from __future__ import annotations

import re

import pytest

from tux.registry import State
from tux.testing import max_queries


@pytest.fixture
def admins(discord):
    return discord.guild.role("Admins")


@pytest.fixture
async def alice(discord, db, admins):
    """An administrator: rank 7 by a role."""
    await db.permission_assignments.assign_permission_rank(discord.guild.id, 7, admins.id)
    return discord.member("alice", roles=[admins])


def refused(reply, words):
    assert words in reply.text
    assert reply.is_ephemeral or reply.interaction is None
    return True


async def test_a_restricted_command_is_denied_to_whoever_has_no_rank(discord):
    bob = discord.member("bob")
    for reply in (await bob.says("!prefix set ?"), await bob.slash("prefix set", prefix="?")):
        assert refused(reply, "rank 7")


async def test_a_role_gets_a_rank_which_holds_for_the_very_next_command(discord, admins):
    bob = discord.member("bob", roles=[admins])
    assert refused(await bob.says("!config roles"), "rank 7")
    assert "@Admins has rank 7 (Admin)" in (await discord.owner.slash("config roles set", role=admins, rank=7)).text
    assert "@Admins: rank 7 (Admin)" in (await bob.says("!config roles")).text
    assert "no rank any more" in (await discord.owner.says(f"!config roles remove {admins.mention}")).text
    assert refused(await bob.says("!config roles"), "rank 7")


async def test_a_role_that_is_given_and_taken_by_discord_counts_at_once(discord, alice, admins):
    bob = discord.member("bob")
    await discord.owner.changes(bob, roles=[str(admins.id)])
    assert "Ranks of roles" in (await bob.slash("config roles show")).text
    await discord.owner.changes(bob, roles=[])
    assert refused(await bob.slash("config roles show"), "rank 7")


async def test_a_role_that_is_deleted_leaves_no_rank_behind(discord, db, admins):
    gone = discord.guild.role("Gone")
    other = discord.guild.role("Other")
    await discord.owner.says(f"!config roles set {gone.mention} 3")
    await discord.owner.says(f"!config roles set {admins.mention} 7")
    guild = discord.bot.get_guild(discord.guild.id)
    await guild.get_role(gone.id).delete()
    await discord.settle()
    assert [row.role_id for row in await db.permission_assignments.get_all()] == [admins.id]
    await discord.owner.says("hello")
    with max_queries(0):
        await guild.get_role(other.id).delete()
        await discord.settle()


async def test_a_member_gets_a_rank_of_their_own_and_loses_it(discord, db):
    bob = discord.member("bob")
    assert "@bob has rank 7" in (await discord.owner.slash("config members set", member=bob, rank=7)).text
    assert (await db.guild_permissions.get_by_id((discord.guild.id, bob.id))).permission_level == "ADMIN"
    assert "@bob: rank 7 (Admin)" in (await bob.says("!config members")).text
    assert "no rank of their own any more" in (await discord.owner.says(f"!config members remove {bob.mention}")).text
    assert refused(await bob.says("!config members"), "rank 7")


async def test_a_row_that_somebody_else_wrote_holds_at_once(discord, db):
    bob = discord.member("bob")
    assert refused(await bob.says("!config members"), "rank 7")
    await db.guild_permissions.upsert({"guild_id": discord.guild.id, "user_id": bob.id}, permission_level="OWNER")
    assert "Ranks of members" in (await bob.says("!config members")).text
    await db.service.execute("UPDATE permissions_members SET permission_level = 'MEMBER'")
    assert refused(await bob.says("!config members"), "rank 7")


@pytest.mark.parametrize(("member", "role", "level"), [(7, 0, 0), (0, 7, 0), (0, 0, 7)])
async def test_the_highest_of_level_role_and_level_role_counts(discord, admins, member, role, level):
    db, bob, guild_id = discord.bot.db, discord.member("bob", roles=[admins]), discord.guild.id
    await db.permission_assignments.assign_permission_rank(guild_id, role, admins.id)
    await db.guild_config.update_perm_level_role(guild_id, level, admins.id)
    name = "ADMIN" if member else "MEMBER"
    await db.guild_permissions.upsert({"guild_id": guild_id, "user_id": bob.id}, permission_level=name)
    assert "Ranks of roles" in (await bob.says("!config roles")).text


async def test_a_rank_holds_in_its_guild_only(discord, alice):
    other = await discord.join_guild("Elsewhere")
    assert "Ranks of roles" in (await alice.says("!config roles")).text
    assert refused(await discord.member("alice", guild=other).says("!config roles"), "rank 7")


async def test_a_commands_rank_is_changed_for_its_subcommands_too_and_reset(discord):
    bob = discord.member("bob")
    reply = await discord.owner.slash("config commands set", command="prefix", rank=1)
    assert "`prefix` asks for rank 1 (Trusted)" in reply.text
    for line in ("!prefix", "!prefix set ?"):
        assert refused(await bob.says(line), "rank 1")
    assert refused(await bob.slash("prefix show"), "rank 1")
    assert "`prefix` is as it was" in (await discord.owner.says("!config commands reset prefix")).text
    assert "`!`" in (await bob.says("!prefix")).text
    assert refused(await bob.says("!prefix set ?"), "rank 7")


async def test_a_subcommands_own_rank_goes_before_its_parents(discord):
    bob = discord.member("bob")
    await discord.owner.says("!config commands set 9 prefix")
    await discord.owner.says("!config commands set 0 prefix set")
    assert "`?`" in (await bob.says("!prefix set ?")).text
    assert refused(await bob.says("?prefix reset"), "rank 9")


async def test_a_command_is_found_by_its_alias_or_fallback_and_kept_by_its_name(discord, db):
    await discord.owner.slash("config commands set", command="/prefix  show", rank=2)
    assert (await db.permission_commands.get_by_id((discord.guild.id, "prefix"))).required_rank == 2


async def test_an_unknown_command_is_refused(discord, db):
    for reply in (
        await discord.owner.says("!config commands set 3 nonsense"),
        await discord.owner.slash("config commands reset", command="prefix nonsense"),
        await discord.owner.slash("config why", member=discord.member("bob"), command="nonsense"),
    ):
        assert refused(reply, "There is no command")
    assert await db.permission_commands.count() == 0


async def test_the_commands_are_listed_with_what_they_ask_for(discord):
    assert "has not changed any" in (await discord.owner.says("!config commands")).text
    await discord.owner.says("!config commands set 4 prefix")
    text = (await discord.owner.slash("config commands show")).text
    assert "`prefix`: rank 4 (Senior moderator)" in text
    assert re.search(r"By default rank 7 \(Admin\): .*`config`", text)


async def test_a_rank_is_named_and_called_so_everywhere_until_it_is_reset(discord, alice, admins):
    reply = await discord.owner.says("!config ranks name 7 Boss runs the place")
    assert "Rank 7 is called Boss" in reply.text
    assert "**7** Boss @Admins — runs the place" in (await alice.says("!config ranks")).text
    assert "@Admins: rank 7 (Boss)" in (await alice.says("!config roles")).text
    assert "called Admin again" in (await discord.owner.slash("config ranks reset", rank=7)).text
    assert "**7** Admin" in (await alice.slash("config ranks show")).text


async def test_two_ranks_cannot_have_one_name(discord, db):
    await discord.owner.says("!config ranks name 7 Boss")
    assert refused(await discord.owner.slash("config ranks name", rank=8, name="boss"), "called boss already")
    assert await db.permission_ranks.count() == 1


@pytest.mark.parametrize(
    "line",
    [
        "!config roles set @Admins 8",
        "!config members set @bob 8",
        "!config commands set 8 prefix",
        "!config ranks name 8 Emperor",
        "!config roles set @Owners 3",
        "!config roles remove @Owners",
        "!config members set @carol 3",
        "!config members remove @carol",
        "!config commands set 3 plugins",
        "!config commands reset plugins",
        "!config ranks reset 9",
    ],
)
async def test_nobody_gives_or_takes_what_is_above_their_own_rank(discord, db, alice, line):
    guild_id, owners = discord.guild.id, discord.guild.role("Owners")
    carol, bob = discord.member("carol"), discord.member("bob")
    await db.permission_assignments.assign_permission_rank(guild_id, 9, owners.id)
    await db.guild_permissions.upsert({"guild_id": guild_id, "user_id": carol.id}, permission_level="OWNER")
    await db.permission_commands.set_command_permission(guild_id, "plugins", 9)
    await db.permission_ranks.create_permission_rank(guild_id, 9, "Queen")
    before = await everything(db)
    for name, mention in {
        "@Admins": discord.guild.role("Admins").mention,
        "@Owners": owners.mention,
        "@carol": carol.mention,
        "@bob": bob.mention,
    }.items():
        line = line.replace(name, mention)
    assert "above your own" in (await alice.says(line)).text
    assert await everything(db) == before


async def everything(db):
    managers = (db.permission_ranks, db.permission_assignments, db.permission_commands, db.guild_permissions)
    return [row.to_dict() for manager in managers for row in await manager.get_all(order_by="id")]


@pytest.mark.parametrize(
    "line",
    [
        "!config roles remove @Admins",
        "!config members remove @bob",
        "!config commands reset prefix",
        "!config ranks reset 3",
    ],
)
async def test_what_is_not_there_cannot_be_removed(discord, admins, line):
    bob = discord.member("bob")
    reply = await discord.owner.says(line.replace("@Admins", admins.mention).replace("@bob", bob.mention))
    assert "no" in reply.text.lower()
    assert "Saved" not in reply.text


@pytest.mark.parametrize("line", ["!config roles set @Admins 11", "!config ranks name -1 Worm"])
async def test_there_are_no_other_ranks(discord, db, admins, line):
    reply = await discord.owner.says(line.replace("@Admins", admins.mention))
    assert "0" in reply.text
    assert "10" in reply.text
    assert await everything(db) == []


async def test_why_names_all_that_gives_a_rank_and_who_asks_for_it(discord, db, alice, admins):
    guild_id = discord.guild.id
    await db.guild_config.update_perm_level_role(guild_id, 3, admins.id)
    await db.guild_permissions.upsert({"guild_id": guild_id, "user_id": alice.id}, permission_level="HELPER")
    text = (await discord.owner.slash("config why", member=alice, command="prefix set")).text
    assert "alice may use `prefix set`" in text
    assert "asks for rank 7 (Admin) by itself" in text
    assert "has rank 7 (Admin): the highest of" in text
    lines = [line for line in text.splitlines() if line.startswith("- ")]
    assert lines == [
        "- the role @Admins: rank 7 (Admin)",
        "- the level of the role @Admins: rank 3 (Moderator)",
        "- their own level: rank 2 (Helper)",
    ]


async def test_why_tells_of_a_parent_that_the_guild_restricted(discord):
    bob = discord.member("bob")
    await discord.owner.says("!config commands set 5 prefix")
    text = (await discord.owner.says(f"!config why {bob.mention} prefix set")).text
    assert "bob may not use `prefix set`" in text
    assert "rank 5 (Head moderator), by its parent `prefix`" in text
    assert "neither they nor their roles have one" in text


async def test_why_tells_of_owners_open_commands_and_switched_off_plugins(discord):
    bob = discord.member("bob")
    assert "for everybody" in (await discord.owner.says(f"!config why {bob.mention} prefix")).text
    text = (await discord.owner.says(f"!config why {discord.owner.mention} prefix set")).text
    assert "may use" in text
    assert "owns the bot" in text
    await discord.owner.says("!plugins disable moderation")
    text = (await discord.owner.says(f"!config why {discord.owner.mention} cases view")).text
    assert "may not use" in text
    assert "moderation is switched off" in text


async def test_why_tells_of_commands_for_the_bots_owner(discord):
    bob = discord.member("bob")
    text = (await discord.owner.says(f"!config why {bob.mention} health")).text
    assert "bob may not use `health`" in text
    assert "Only the bot's owner" in text
    assert "may use `health`" in (await discord.owner.says(f"!config why {discord.owner.mention} health")).text


async def test_a_command_of_a_menu_has_a_rank_as_others_have(discord, db):
    bob = discord.member("bob")
    said = (await bob.says("hello")).messages or [discord.guild.channel("general").last]
    names = [choice["name"] for choice in await discord.owner.autocomplete("config why", "command", command="report m")]
    assert names == ["Report message"]
    assert "asks for rank 2" in (await discord.owner.says("!config commands set 2 Report message")).text
    assert "is for rank 2" in (await bob.uses_menu("Report message", said[0])).text
    text = (await discord.owner.says(f"!config why {bob.mention} Report message")).text
    assert "bob may not use `Report message`" in text
    await db.switches.turn(discord.guild.id, "moderation", enabled=False)
    text = (await discord.owner.says(f"!config why {bob.mention} Report message")).text
    assert "moderation is switched off" in text


async def test_why_is_for_administrators_until_the_guild_opens_it(discord):
    bob = discord.member("bob")
    assert refused(await bob.slash("config why", member=bob, command="prefix"), "rank 7")
    await discord.owner.says("!config commands set 0 config why")
    assert "bob may use" in (await bob.slash("config why", member=bob, command="prefix")).text


async def test_ranks_and_commands_are_completed(discord):
    found = await discord.owner.autocomplete("config roles set", "rank", rank="mod")
    assert [(choice["name"], choice["value"]) for choice in found] == [
        ("3 — Moderator", 3),
        ("4 — Senior moderator", 4),
        ("5 — Head moderator", 5),
    ]
    names = [choice["name"] for choice in await discord.owner.autocomplete("config why", "command", command="prefix s")]
    assert names == ["prefix set"]
    names = [choice["name"] for choice in await discord.owner.autocomplete("config commands set", "command")]
    assert len(names) == 25
    assert await discord.member("bob").autocomplete("config commands set", "command") == []


async def test_a_check_of_ranks_costs_no_statement_once_the_guild_is_known(discord, alice):
    await alice.says("hello")
    with max_queries(0):
        assert "Ranks of roles" in (await alice.says("!config roles")).text
        await discord.owner.slash("config why", member=alice, command="prefix set")


async def test_a_rank_and_its_note_are_written_by_one_transaction(discord, admins):
    bob = discord.member("bob")
    await bob.says("hello")
    # BEGIN, the rank with the guild's row, the audit's row in a savepoint, COMMIT; then listeners see the answer and read
    # the snapshot
    with max_queries(7):
        await discord.owner.slash("config members set", member=bob, rank=3)


async def test_without_the_plugin_only_owners_pass(discord, bot, alice):
    cog = await bot.remove_cog("Command ranks")
    try:
        assert (bot.authorizer, bot.ranks) == (None, None)
        assert "rank 7" in (await alice.says("!prefix set ?")).text
        assert "`?`" in (await discord.owner.says("!prefix set ?")).text
    finally:
        await bot.add_cog(cog)
    assert "`!`" in (await alice.says("?prefix set !")).text


async def test_who_changed_a_rank_is_noted_with_the_change(discord, db, admins):
    bob = discord.member("bob")
    for line in (
        f"roles set {admins.mention} 3",
        f"roles remove {admins.mention}",
        f"members set {bob.mention} 2",
        f"members remove {bob.mention}",
        "commands set 4 prefix",
        "commands reset prefix",
        "ranks name 3 Mod",
        "ranks reset 3",
    ):
        assert "Saved" in (await discord.owner.says(f"!config {line}")).text
    noted = [(row.action, row.target_id, row.before, row.after) for row in await db.audit.get_all(order_by="id")]
    assert noted == [
        ("permissions.role", admins.id, {"rank": None}, {"rank": 3}),
        ("permissions.role", admins.id, {"rank": 3}, {"rank": None}),
        ("permissions.member", bob.id, {"rank": 0}, {"rank": 2}),
        ("permissions.member", bob.id, {"rank": 2}, {"rank": None}),
        ("permissions.command", None, {"command": "prefix", "rank": 0}, {"command": "prefix", "rank": 4}),
        ("permissions.command", None, {"command": "prefix", "rank": 4}, {"command": "prefix", "rank": None}),
        ("permissions.rank_name", None, {"rank": 3, "name": None}, {"rank": 3, "name": "Mod"}),
        ("permissions.rank_name", None, {"rank": 3, "name": "Mod"}, {"rank": 3, "name": None}),
    ]


async def test_a_change_of_a_rank_does_not_need_an_audit_log(discord, db, admins, monkeypatch):
    monkeypatch.setattr(db.registry.records["audit"], "state", State.FAILED)
    assert "Saved" in (await discord.owner.slash("config roles set", role=admins, rank=3)).text
    assert (await db.permission_assignments.get_by_id((discord.guild.id, admins.id))).rank == 3
