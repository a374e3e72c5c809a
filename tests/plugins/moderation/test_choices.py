"""Case types and reasons of a server's own."""

from __future__ import annotations

import pytest

from plugins.moderation.errors import UnknownCaseType
from plugins.moderation.kinds import CONTRIBUTION, CaseKind
from tux.testing import max_queries

styles = pytest.mark.parametrize("style", ["slash", "prefix"])


async def add_type(discord, style="slash"):
    if style == "prefix":
        return await discord.owner.says(
            "!casetypes add nickban past: barred from new names emoji: 🏷️ colour: #9B59B6 restricts: yes expires: yes"
        )
    return await discord.owner.slash(
        "casetypes add",
        name="nickban",
        past="barred from new names",
        emoji="🏷️",
        colour="#9B59B6",
        restricts=True,
        expires=True,
    )


@styles
async def test_a_server_adds_a_type_and_makes_cases_of_it(discord, db, alice, bob, cases, style):  # noqa: PLR0917 - fixtures
    assert "NICKBAN is a type" in (await add_type(discord, style)).text
    kind = (await db.case_kind.guild_kinds(discord.guild.id))["NICKBAN"]
    assert kind == CaseKind("NICKBAN", "barred from new names", 0x9B59B6, "🏷️", restricts=True, expires=True)
    line = "cases add nickban @bob -duration 7d silly names"
    reply = await (alice.slash(f"/{line}") if style == "slash" else alice.says(f"!{line}"))
    assert "barred from new names" in reply.text
    [case] = await cases()
    assert (case.case_type, case.case_reason) == ("NICKBAN", "silly names")
    assert case.case_expires_at is not None
    assert await db.case.is_user_under_restriction(
        guild_id=discord.guild.id,
        user_id=bob.id,
        active_restriction_type="NICKBAN",
        inactive_restriction_type="NICKUNBAN",
    )
    assert "🏷️ Case #1: NICKBAN" in (await alice.slash("/cases view 1")).text
    assert "barred from new names" in bob.inbox[0].text
    assert "Cases (1)" in (await alice.slash("cases list", type="nickban")).text


async def test_types_are_listed_completed_and_removed(discord, db, alice, bob):
    await add_type(discord)
    shown = (await alice.slash("/casetypes list")).text
    assert "NICKBAN" in shown
    assert "TEMPBAN" in shown
    assert [each["name"] for each in await alice.autocomplete("cases add", "type", type="n")] == ["NICKBAN"]
    assert [each["name"] for each in await alice.autocomplete("cases list", "type", type="ni")] == ["NICKBAN"]
    assert [each["name"] for each in await discord.owner.autocomplete("casetypes remove", "name")] == ["NICKBAN"]
    await alice.says("!cases add nickban @bob")
    assert "no type of case any more" in (await discord.owner.slash("/casetypes remove nickban")).text
    assert "Case #1: NICKBAN" in (await alice.says("!cases view 1")).text
    assert "no type that cases can be added of" in (await alice.says("!cases add nickban @bob")).text
    assert "no case type" in (await discord.owner.says("!casetypes remove nickban")).text


async def test_types_of_one_server_are_none_of_another(discord, db):
    await add_type(discord)
    values = {"case_type": "NICKBAN", "case_user_id": 1, "case_moderator_id": 2}
    await db.case.create_case(guild_id=discord.guild.id, **values)
    with pytest.raises(UnknownCaseType, match="NICKBAN"):
        await db.case.create_case(guild_id=4711, **values)


async def test_a_type_of_another_plugin_can_be_used_at_once(discord, db, alice, bob, cases, monkeypatch):  # noqa: PLR0917 - fixtures
    record = db.registry.records["notes"]
    kind = CaseKind("GAG", "gagged", emoji="🤐")
    monkeypatch.setattr(record, "plugin", record.plugin.model_copy(update={"contributes": {CONTRIBUTION: (kind,)}}))
    assert "gagged" in (await alice.says("!cases add gag @bob enough")).text
    assert [case.case_type for case in await cases()] == ["GAG"]
    assert "do not expire" in (await alice.says("!cases add gag @bob -duration 1d")).text


@pytest.mark.parametrize("name", ["BAN", "9LIVES", "no spaces", "é"])
async def test_a_name_that_is_taken_or_no_name_is_refused(discord, db, name):
    await discord.owner.slash("casetypes add", name=name.ljust(2, "_"), past="barred")
    assert await db.case_kind.count() == 0


async def test_built_in_types_are_made_by_their_commands_only(discord, alice, bob, cases):
    assert "no type that cases can be added of" in (await alice.says("!cases add BAN @bob")).text
    assert await cases() == []


async def test_every_change_of_a_choice_is_noted_as_it_was_and_is(discord, db):
    for line in (
        "casetypes add NICK past: barred",
        "casetypes add NICK past: kept from names expires: yes",
        "casetypes remove NICK",
        "reasons add spam Once.",
        "reasons add spam Twice.",
        "reasons remove spam",
    ):
        await discord.owner.says(f"!{line}")
    rows = await db.audit.get_all(order_by="id")
    states = [
        tuple(state and (state.get("past") or state["text"]) for state in (row.before, row.after)) for row in rows
    ]
    assert states == [
        (None, "barred"),
        ("barred", "kept from names"),
        ("kept from names", None),
        (None, "Once."),
        ("Once.", "Twice."),
        ("Twice.", None),
    ]


async def test_choices_are_for_administrators(discord, db, alice, bob):
    assert "rank 7" in (await alice.says("!casetypes add NICKBAN past: barred")).text
    assert "rank 7" in (await alice.says("!casetypes remove NICKBAN")).text
    assert "rank 7" in (await alice.says("!reasons add spam text")).text
    assert "rank 7" in (await alice.says("!reasons remove spam")).text
    assert "rank 3" in (await bob.says("!casetypes")).text
    assert "rank 3" in (await bob.says("!reasons")).text
    assert await db.reason_template.count() == 0


@styles
async def test_reasons_are_stored_shown_changed_and_removed(discord, db, alice, style):
    async def use(line):
        return await (discord.owner.slash(f"/{line}") if style == "slash" else discord.owner.says(f"!{line}"))

    assert "There are none" in (await use("reasons list" if style == "slash" else "reasons")).text
    await use("reasons add spam Unasked advertising.")
    await use("reasons add spam Unasked advertising, again.")
    assert "=spam Unasked advertising, again." in (await alice.says("!reasons")).text.replace("**", "")
    assert [each["name"] for each in await discord.owner.autocomplete("reasons remove", "name")] == ["spam"]
    await use("reasons remove =spam")
    assert await db.reason_template.count() == 0
    assert "no reason called" in (await use("reasons remove spam")).text
    found = await db.audit.list_entries(guild_id=discord.guild.id, action="reason.")
    assert [entry.action for entry in found.items] == ["reason.remove", "reason.set", "reason.set"]


async def test_a_server_has_at_most_twenty_five_of_each(discord, db):
    guild_id = discord.guild.id
    for number in range(25):
        await db.reason_template.set_template(guild_id, f"r{number}", "x", actor_id=1)
        await db.case_kind.add_kind(guild_id, CaseKind(f"K{number}", "marked"), actor_id=1)
    assert "at most 25" in (await discord.owner.says("!reasons add more text")).text
    assert "at most 25" in (await discord.owner.says("!casetypes add MORE past: marked")).text
    assert "Stored" in (await discord.owner.says("!reasons add r1 other")).text


async def test_what_a_server_chose_is_read_once(discord, db):
    await db.case_kind.guild_kinds(discord.guild.id)
    with max_queries(0):
        await db.case_kind.guild_kinds(discord.guild.id)
