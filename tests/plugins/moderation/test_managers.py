from __future__ import annotations

import asyncio

import pytest

from plugins.moderation.errors import WrongCaseCall
from plugins.moderation.kinds import BUILT_IN, CONTRIBUTION, CaseKind, find_kinds
from plugins.moderation.models import Case, CaseType
from tux.errors import NotNullViolation, UniqueViolation
from tux.plugin import Plugin
from tux.testing import max_queries

GUILD, BOB, ALICE = 910, 31, 32


def new_case(guild_id=GUILD, **changes):
    values = {"case_type": "WARN", "case_user_id": BOB, "case_moderator_id": ALICE, "guild_id": guild_id}
    return {**values, **changes}


async def numbers(db, guild_id=GUILD):
    return [case.case_number for case in await db.case.find_all({"guild_id": guild_id}, order_by="case_number")]


async def test_fifty_concurrent_cases_of_an_unknown_guild_are_numbered_one_to_fifty(db):
    made = await asyncio.gather(*(db.case.create_case(**new_case()) for _ in range(50)))
    assert sorted(case.case_number for case in made) == list(range(1, 51))
    assert await numbers(db) == list(range(1, 51))
    assert (await db.guild.get_by_id(GUILD)).case_count == 50


async def test_a_case_is_one_statement_on_an_unknown_guild_too(db):
    with max_queries(1):
        await db.case.create_case(**new_case())
    with max_queries(1):
        await db.case.create_case(**new_case())


async def test_each_guild_has_numbers_of_its_own(db):
    for guild_id in (GUILD, GUILD + 1, GUILD):
        await db.case.create_case(**new_case(guild_id))
    assert await numbers(db) == [1, 2]
    assert await numbers(db, GUILD + 1) == [1]


async def test_a_rolled_back_transaction_leaves_no_gap(db):
    async def fail_after_a_case():
        async with db.transaction():
            assert (await db.case.create_case(**new_case())).case_number == 1
            raise LookupError

    with pytest.raises(LookupError):
        await fail_after_a_case()
    assert not await db.guild.exists({"guild_id": GUILD})
    assert (await db.case.create_case(**new_case())).case_number == 1


async def test_concurrent_transactions_of_which_half_fail_leave_no_gap(db):
    async def attempt(index):
        async with db.transaction():
            await db.case.create_case(**new_case())
            if index % 2:
                raise LookupError

    results = await asyncio.gather(*(attempt(index) for index in range(20)), return_exceptions=True)
    assert sum(isinstance(result, LookupError) for result in results) == 10
    assert await numbers(db) == list(range(1, 11))


async def test_the_number_of_a_deleted_case_is_not_given_out_again(db):
    await db.case.create_case(**new_case())
    last = await db.case.create_case(**new_case())
    await db.case.delete_case(last.case_id)
    assert (await db.case.create_case(**new_case())).case_number == 3


async def test_numbers_go_on_after_cases_that_were_brought_in(db):
    await db.case.create_case(**new_case())
    await db.guild.get_or_create_guild(GUILD + 1)
    for guild_id in (GUILD, GUILD + 1):
        await db.service.execute(
            "INSERT INTO moderation_cases (guild_id, case_number, case_type, case_user_id, case_moderator_id)"
            " VALUES ($1, 40, 'BAN', 1, 2)",
            guild_id,
        )
        assert (await db.case.create_case(**new_case(guild_id))).case_number == 41


async def test_two_cases_never_share_a_number(db):
    await db.case.create_case(**new_case())
    second = await db.case.create_case(**new_case())
    with pytest.raises(UniqueViolation):
        await Case.filter(case_id=second.case_id).update(case_number=1)


async def test_a_voided_case_keeps_its_history(db):
    case = await db.case.create_case(**new_case(case_reason="spam"))
    voided = await db.case.void(case.case_id, "wrong member", voided_by=ALICE)
    assert (voided.case_status, voided.case_void_reason, voided.case_voided_by) == (False, "wrong member", ALICE)
    assert (voided.case_reason, voided.case_number, voided.case_created_at) == ("spam", 1, case.case_created_at)
    assert voided.case_voided_at >= case.case_created_at


async def test_a_case_is_voided_once(db):
    case = await db.case.create_case(**new_case())
    await db.case.void(case.case_id, "first")
    assert await db.case.void(case.case_id, "second") is None
    assert (await db.case.get_by_id(case.case_id)).case_void_reason == "first"


async def test_ten_callers_that_lift_a_temporary_ban_at_once_find_one_that_may(db):
    case = await db.case.create_case(**new_case(case_type="TEMPBAN"))
    answers = await asyncio.gather(*(db.case.set_tempban_expired(case.case_id) for _ in range(10)))
    assert sum(answer is not None for answer in answers) == 1


async def test_a_case_goes_with_its_guild(db):
    await db.case.create_case(**new_case())
    await db.guild.delete_by_id(GUILD)
    assert await db.case.count() == 0
    assert (await db.case.create_case(**new_case())).case_number == 1


async def test_reasons_of_any_length_and_script_are_stored_whole(db):
    reason = "long 🦆 " * 1000
    case = await db.case.create_case(**new_case(case_reason=reason))
    assert (await db.case.get_by_id(case.case_id)).case_reason == reason


def test_every_case_type_has_its_words():
    assert {kind.name for kind in BUILT_IN} == {case_type.value for case_type in CaseType}


def test_another_plugin_adds_its_types_by_its_manifest():
    nick = CaseKind("NICKBAN", "barred from changing names")
    other = Plugin(name="nicks", summary="Names", version="1", contributes={CONTRIBUTION: (nick,)})
    found = find_kinds([None, other])
    assert found["NICKBAN"] is nick
    assert found["BAN"].past == "banned"


async def test_known_types_pass_every_way_of_writing(db):
    await db.guild.get_or_create_guild(GUILD)
    [imported] = await db.case.bulk_create([new_case(case_number=7)])
    assert await db.case.bulk_update([{"case_id": imported.case_id, "case_type": "BAN"}]) == 1
    changed, created = await db.case.upsert({"guild_id": GUILD, "case_number": 8}, new_case(), case_type="KICK")
    assert (changed.case_type, changed.case_user_id, created) == ("KICK", BOB, True)
    [(row, made)] = await db.case.bulk_upsert(
        [new_case(case_number=7, case_type="JAIL")], ["guild_id", "case_number"], ["case_type"]
    )
    assert (row.case_id, row.case_type, made) == (imported.case_id, "JAIL", False)
    assert (await db.case.create_case(**new_case())).case_number == 9


async def test_a_number_of_the_callers_own_is_refused(db):
    with pytest.raises(WrongCaseCall, match="leave it out"):
        await db.case.create(**new_case(case_number=5))


async def test_a_case_without_a_guild_is_refused_by_the_name_of_the_column(db):
    with pytest.raises(NotNullViolation, match="guild_id"):
        await db.case.create(case_type="WARN", case_user_id=1, case_moderator_id=2)
