from __future__ import annotations

from dataclasses import FrozenInstanceError

import pytest
from shop_models import Member, Note

from tux.database.engine import active_client
from tux.errors import InvalidQuery, InvalidValue
from tux.manager import Manager

pytestmark = pytest.mark.usefixtures("shop")


class Notes(Manager[Note], name="notes"):
    """Of the tests."""


class Members(Manager[Member], name="members"):
    """Of the tests."""


notes, members = Notes(), Members()


async def test_statistics_count_rows_and_measure_the_table():
    for number in range(3):
        await notes.create(guild_id=1, title=f"t{number}")
    await notes.delete_where({"title": "t0"})
    found = await notes.statistics()
    assert found.rows == 3
    assert found.total_bytes == found.table_bytes + found.index_bytes > 0
    assert found.dead_rows >= 0
    names = {index.name for index in found.indexes}
    assert {"shop_notes_pkey", *(part.name_for("shop_notes") for part in Note.ddl)} == names
    assert all(index.size_bytes > 0 and index.scans >= 0 for index in found.indexes)


async def test_statistics_are_of_their_moment_and_cannot_be_changed():
    found = await members.statistics()
    with pytest.raises(FrozenInstanceError):
        found.rows = 5
    with pytest.raises(FrozenInstanceError):
        found.indexes[0].scans = 5


async def test_statistics_tell_how_often_an_index_was_used():
    await members.create(guild_id=1, member_id=1)
    before = await used("shop_members_pkey")
    async with active_client().open_transaction() as transaction:
        await transaction.run("SET LOCAL enable_seqscan = off")
        await transaction.fetch("SELECT pg_stat_force_next_flush()")
        for _ in range(3):
            await members.get_by_id(1)
    assert await used("shop_members_pkey") >= before + 3


async def used(name):
    return next(index.scans for index in (await members.statistics()).indexes if index.name == name)


async def test_explain_shows_the_plan_of_a_read_with_its_values_as_parameters():
    plan = await members.explain({"name": "'; DROP TABLE shop_members; --"}, "-xp", 5)
    assert "Limit" in plan
    assert "Sort Key: xp DESC" in plan
    assert "actual time" not in plan
    assert await members.explain(member_id=1, guild_id=1)
    assert await members.count() == 0


async def test_explain_may_run_the_read():
    await members.create(guild_id=1, member_id=1)
    plan = await members.explain(Member.xp >= 0, analyze=True)
    assert "actual time" in plan
    assert "Buffers" in plan
    assert await members.count() == 1


async def test_explain_refuses_what_a_read_refuses():
    for arguments in (({"nope": 1},), (None, "nope"), (None, None, -1)):
        with pytest.raises(InvalidQuery):
            await members.explain(*arguments)
    with pytest.raises(InvalidValue):
        await members.explain({"xp": "x"})
