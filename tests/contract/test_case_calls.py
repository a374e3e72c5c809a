"""A test per line of CALLS.md that concerns `db.case`."""

from __future__ import annotations

from datetime import timedelta

import pytest

from plugins.moderation.errors import UnknownCaseType, WrongCaseCall
from plugins.moderation.models import CaseType
from tux.clock import now

GUILD, BOB, ALICE = 900, 11, 12


async def make_case(db, **changes):
    values = {"case_type": "WARN", "case_user_id": BOB, "case_moderator_id": ALICE, "guild_id": GUILD}
    return await db.case.create_case(**{**values, **changes})


async def test_create_case_takes_every_documented_keyword(db):
    until = now() + timedelta(days=1)
    case = await db.case.create_case(
        case_type="TEMPBAN",
        case_user_id=BOB,
        case_moderator_id=ALICE,
        guild_id=GUILD,
        case_reason="spam",
        case_status=True,
        case_expires_at=until,
        case_metadata={"source": "report"},
        case_user_roles=[1, 2],
    )
    stored = await db.case.get_by_id(case.case_id)
    assert (stored.case_number, stored.case_type, stored.case_reason) == (1, "TEMPBAN", "spam")
    assert stored.case_expires_at == until
    assert stored.case_metadata == {"source": "report"}
    assert stored.case_user_roles == [1, 2]


async def test_create_case_has_the_documented_defaults(db):
    case = await make_case(db)
    assert (case.case_reason, case.case_status, case.case_expires_at, case.case_metadata) == (None, True, None, None)
    assert list(case.case_user_roles) == []


async def test_insert_case_and_create_number_the_case_as_well(db):
    first = await make_case(db)
    values = {"case_type": "KICK", "case_user_id": BOB, "case_moderator_id": ALICE, "guild_id": GUILD}
    second = await db.case.insert_case(**values)
    third = await db.case.create(**values)
    assert [first.case_number, second.case_number, third.case_number] == [1, 2, 3]


async def test_a_case_type_is_text_or_an_enum_member(db):
    case = await make_case(db, case_type=CaseType.BAN)
    assert case.case_type == CaseType.BAN == "BAN"
    assert (await db.case.get_by_id(case.case_id)).case_type == "BAN"


async def test_an_unknown_case_type_is_refused_by_name_on_every_write(db):
    case = await make_case(db)
    with pytest.raises(UnknownCaseType, match="TICKLE"):
        await make_case(db, case_type="TICKLE")
    for write in (
        db.case.update_case(case.case_id, case_type="TICKLE"),
        db.case.update_by_id(case.case_id, case_type="TICKLE"),
        db.case.update_case_by_number(GUILD, 1, case_type="TICKLE"),
        db.case.update_where({"guild_id": GUILD}, {"case_type": "TICKLE"}),
        db.case.upsert({"case_id": case.case_id}, case_type="TICKLE"),
        db.case.bulk_update([{"case_id": case.case_id, "case_type": "TICKLE"}]),
        db.case.bulk_create([db.case.model(case_type="TICKLE")]),
        db.case.bulk_upsert([{"case_id": case.case_id, "case_type": "TICKLE"}], ["case_id"], ["case_type"]),
    ):
        with pytest.raises(UnknownCaseType, match="TICKLE"):
            await write
    assert (await db.case.get_by_id(case.case_id)).case_type == "WARN"
    assert (await make_case(db)).case_number == 2


async def test_an_unknown_case_type_matches_nothing_in_a_filter(db):
    await make_case(db)
    assert await db.case.get_cases_by_type(GUILD, "TICKLE") == []
    assert await db.case.find_all({"case_type": "TICKLE"}) == []
    assert await db.case.get_cases_by_options(GUILD, {"case_type": "TICKLE" * 20}) == []


async def test_get_case_by_number_takes_the_number_first(db):
    case = await make_case(db)
    assert (await db.case.get_case_by_number(1, GUILD)).case_id == case.case_id
    assert (await db.case.get_case_by_number("1", GUILD)).case_id == case.case_id
    assert await db.case.get_case_by_number(2, GUILD) is None
    with pytest.raises(WrongCaseCall, match=r"get_case_by_number\(case_number, guild_id\)"):
        await db.case.get_case_by_number(900_000_000_000, 1)


async def test_update_case_by_number_takes_the_guild_first(db):
    await make_case(db)
    changed = await db.case.update_case_by_number(GUILD, 1, case_reason="advertising")
    assert changed.case_reason == "advertising"
    assert await db.case.update_case_by_number(GUILD, 2, case_reason="x") is None
    with pytest.raises(WrongCaseCall, match=r"update_case_by_number\(guild_id, case_number\)"):
        await db.case.update_case_by_number(1, 900_000_000_000, case_reason="x")


async def test_a_case_keeps_its_number_and_its_guild(db):
    case = await make_case(db)
    for given in ({"case_number": 9}, {"guild_id": GUILD + 1}, {"guild": GUILD + 1}):
        with pytest.raises(WrongCaseCall, match="a case keeps its number and its guild"):
            await db.case.update_case(case.case_id, case_reason="x", **given)
    with pytest.raises(WrongCaseCall, match="leave case_number out"):
        await db.case.update_by_id((GUILD, 1), case_number=9)
    assert (await db.case.get_by_id(case.case_id)).to_dict() == case.to_dict()


async def test_update_close_and_delete_take_the_key(db):
    case = await make_case(db)
    assert (await db.case.update_case(case.case_id, case_reason="ads")).case_reason == "ads"
    assert (await db.case.close_case(case.case_id)).case_status is False
    assert await db.case.delete_case(case.case_id) is True
    assert await db.case.delete_case(case.case_id) is False
    assert await db.case.update_case(case.case_id, case_reason="x") is None


async def test_cases_of_a_user_come_newest_first(db):
    for number in range(3):
        await make_case(db, case_reason=str(number))
    await make_case(db, case_user_id=99)
    await make_case(db, guild_id=GUILD + 1)
    await db.case.update_case_by_number(GUILD, 2, case_status=False)
    assert [case.case_number for case in await db.case.get_cases_by_user(BOB, GUILD)] == [3, 2, 1]
    assert [case.case_number for case in await db.case.get_active_cases_by_user(BOB, GUILD)] == [3, 1]
    assert (await db.case.get_latest_case_by_user(BOB, GUILD)).case_number == 3
    assert await db.case.get_latest_case_by_user(77, GUILD) is None


async def test_recent_cases_are_ten_unless_said_otherwise(db):
    for _ in range(12):
        await make_case(db)
    assert [case.case_number for case in await db.case.get_recent_cases(GUILD)] == list(range(12, 2, -1))
    assert [case.case_number for case in await db.case.get_recent_cases(GUILD, limit=2)] == [12, 11]
    assert len(await db.case.get_cases_by_guild(GUILD)) == 12
    assert len(await db.case.get_cases_by_guild(GUILD, limit=5)) == 5


async def test_options_combine_and_an_unknown_one_is_refused(db):
    await make_case(db)
    await make_case(db, case_type="BAN")
    await make_case(db, case_type="BAN", case_moderator_id=77)
    await make_case(db, case_type="BAN", case_status=False)
    options = {"user_id": BOB, "moderator_id": ALICE, "case_type": "BAN", "status": True}
    assert [case.case_number for case in await db.case.get_cases_by_options(GUILD, options)] == [2]
    assert len(await db.case.get_cases_by_options(GUILD, {})) == 4
    assert len(await db.case.get_cases_by_type(GUILD, "BAN")) == 3
    assert len(await db.case.get_cases_by_moderator(77, GUILD)) == 1
    with pytest.raises(WrongCaseCall, match="colour"):
        await db.case.get_cases_by_options(GUILD, {"colour": "red"})


async def test_the_latest_of_the_two_types_decides_on_a_restriction(db):
    jail = {"active_restriction_type": "JAIL", "inactive_restriction_type": "UNJAIL"}

    async def is_jailed():
        return await db.case.is_user_under_restriction(guild_id=GUILD, user_id=BOB, **jail)

    assert not await is_jailed()
    await make_case(db, case_type="JAIL")
    await make_case(db, case_type="WARN")
    assert await is_jailed()
    await make_case(db, case_type="UNJAIL")
    assert not await is_jailed()
    again = await make_case(db, case_type="JAIL")
    assert await is_jailed()
    await db.case.void(again.case_id, "wrong member")
    assert not await is_jailed()


async def test_expired_tempbans_of_all_guilds_come_once(db):
    past, future = now() - timedelta(minutes=1), now() + timedelta(days=1)
    due = await make_case(db, case_type="TEMPBAN", case_expires_at=past)
    other = await make_case(db, case_type="TEMPBAN", case_expires_at=past - timedelta(days=1), guild_id=GUILD + 1)
    await make_case(db, case_type="TEMPBAN", case_expires_at=future)
    await make_case(db, case_type="TIMEOUT", case_expires_at=past)
    assert [case.case_id for case in await db.case.get_expired_tempbans()] == [other.case_id, due.case_id]
    assert (await db.case.set_tempban_expired(due.case_id)).case_processed
    assert await db.case.set_tempban_expired(due.case_id) is None
    assert [case.case_id for case in await db.case.get_expired_tempbans()] == [other.case_id]


async def test_cases_are_counted_by_guild_and_by_user(db):
    await make_case(db)
    await make_case(db, case_user_id=99)
    assert await db.case.get_case_count_by_guild(GUILD) == 2
    assert await db.case.get_case_count_by_user(BOB, GUILD) == 1
    assert await db.case.get_case_count_by_guild(GUILD + 1) == 0


async def test_the_mod_log_message_is_remembered(db):
    case = await make_case(db)
    assert (await db.case.update_mod_log_message_id(case.case_id, 555)).mod_log_message_id == 555


async def test_what_others_write_to_case_count_moves_no_number(db):
    await make_case(db)
    await db.guild.update_by_id(GUILD, case_count=500)
    assert (await make_case(db)).case_number == 2
    await db.guild.update_by_id(GUILD, case_count=0)
    assert (await make_case(db)).case_number == 3
