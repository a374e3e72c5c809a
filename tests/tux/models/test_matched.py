"""Relations by equal columns: a condition on the class, a loaded list on a row."""

from __future__ import annotations

import pytest
from tortoise.exceptions import NoValuesFetched

from plugins.moderation.models import Case
from plugins.points.models import User
from tux.errors import InvalidQuery
from tux.models import Relation, relation
from tux.testing import max_queries

GUILD = 420


@pytest.fixture
async def members(db):
    """Three members: the first with a warning and a ban, the second with a warning, the third with nothing."""
    made = [await db.user.create(discord_id=n, guild_id=GUILD, username=f"u{n}") for n in (1, 2, 3)]
    for user_id, case_type in ((1, "WARN"), (1, "BAN"), (2, "WARN"), (9, "BAN")):
        await db.case.create_case(case_type=case_type, case_user_id=user_id, case_moderator_id=8, guild_id=GUILD)
    return made


async def ids(db, condition):
    return [user.discord_id for user in await db.user.find_all(condition, "id")]


def test_on_the_class_it_is_a_relation():
    assert isinstance(relation(User.cases), Relation)
    assert repr(User.cases) == "<relation User.cases>"


async def test_conditions_combine_with_others_and_with_their_negation(db, members):
    assert await ids(db, User.cases.any()) == [1, 2]
    assert await ids(db, User.cases.any(Case.case_type == "BAN")) == [1]
    assert await ids(db, User.cases.any(case_type="WARN")) == [1, 2]
    assert await ids(db, ~User.cases.any(Case.case_type == "BAN")) == [2, 3]
    assert await ids(db, User.cases.any(Case.case_type == "BAN") | (User.discord_id == 3)) == [1, 3]
    both = User.cases.any(Case.case_type == "BAN") & User.cases.any(Case.case_type == "WARN")
    assert await ids(db, both) == [1]
    assert await ids(db, User.cases.any(Case.case_type == "BAN", case_reason="none")) == []


async def test_counts_updates_and_deletes_take_the_condition_in_one_statement(db, members):
    banned = User.cases.any(Case.case_type == "BAN")
    with max_queries(4):
        assert await db.user.count(banned) == 1
        assert await db.user.exists(banned)
        assert await db.user.update_where(banned, {"points": 5}) == 1
        assert await db.user.delete_where(~User.cases.any()) == 1
    assert [(user.discord_id, user.points) for user in await db.user.find_all(None, "id")] == [(1, 5), (2, 0)]


async def test_tortoises_own_querysets_take_it(members):
    assert await User.filter(User.cases.any(Case.case_type == "BAN")).count() == 1


async def test_prefetch_loads_all_rows_in_one_statement_in_the_order_of_their_key(db, members):
    with max_queries(2):
        found = await db.user.find_all({"guild_id": GUILD}, "id", prefetch=["cases"])
    assert [[case.case_type for case in user.cases] for user in found] == [["WARN", "BAN"], ["WARN"], []]
    with max_queries(1):
        assert await db.user.find_all({"guild_id": 0}, prefetch="cases") == []


async def test_prefetch_mixes_with_relations_of_tortoise(db, members):
    with max_queries(3):
        found = await db.user.find_one({"discord_id": 2, "guild_id": GUILD}, prefetch=["guild", "cases"])
    assert (found.guild.guild_id, len(found.cases)) == (GUILD, 1)


async def test_a_row_whose_relation_was_not_loaded_says_how_to(members):
    with pytest.raises(NoValuesFetched, match=r"prefetch=\['cases'\]"):
        _ = members[0].cases


async def test_unknown_relations_and_conditions_are_refused(db, members):
    with pytest.raises(InvalidQuery, match=r"no relation 'case' .* cases"):
        await db.user.find_all(prefetch=["case"])
    with pytest.raises(InvalidQuery, match="takes conditions"):
        User.cases.any(True)
    with pytest.raises(InvalidQuery, match="colour"):
        await db.user.find_all(User.cases.any(colour="red"))
