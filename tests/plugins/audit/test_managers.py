from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from tux.clock import now
from tux.errors import InvalidQuery, InvalidValue, NotNullViolation
from tux.testing import at, max_queries

GUILD, BOB, ALICE = 510, 53, 54
START = datetime(2026, 1, 1, tzinfo=UTC)


async def log(db, action="case.create", days=0, **changes):
    with at(START + timedelta(days=days)):
        return await db.audit.log_action(**{"guild_id": GUILD, "actor_id": BOB, "action": action, **changes})


async def actions(db, **filters):
    page = await db.audit.list_entries(guild_id=GUILD, **filters)
    return [entry.action for entry in page.items]


async def test_an_entry_is_written_and_lost_with_the_change_that_it_tells_of(db):
    async def change(*, fail):
        async with db.transaction():
            await db.guild_config.update_config(GUILD, prefix="?")
            await log(db, "config.update")
            if fail:
                raise LookupError

    with pytest.raises(LookupError):
        await change(fail=True)
    assert await db.audit.count() == 0
    assert await db.guild_config.get_config_by_guild_id(GUILD) is None
    await change(fail=False)
    assert await db.audit.count() == 1


async def test_an_action_in_an_unknown_guild_makes_the_guild_in_the_same_statement(db):
    with max_queries(1):
        await log(db, before={"a": 1})
    assert await db.guild.exists({"guild_id": GUILD})


async def test_values_that_json_does_not_know_are_kept_as_text(db):
    moment = datetime(2026, 3, 1, tzinfo=UTC)
    state = {
        "until": moment,
        "id": 2**63 - 1,
        "text": 'a "quoted" 🦆 \\',
        "nested": {"list": [None, True, 1.5]},
        "set": {1},
    }
    entry = await log(db, before=state, after={})
    stored = await db.audit.get_by_id(entry.id)
    assert stored.before == {**state, "until": str(moment), "set": "{1}"}
    assert stored.after == {}


async def test_before_and_after_are_searchable_json(db):
    await log(db, after={"prefix": "?"})
    found = await db.service.fetch("SELECT action FROM audit_entries WHERE after->>'prefix' = $1", "?")
    assert [row["action"] for row in found] == ["case.create"]


async def test_a_blank_too_long_or_missing_action_is_refused(db):
    for action in ("", "  ", "x" * 101):
        with pytest.raises(InvalidValue, match=r"audit_entries\.action"):
            await log(db, action)
    with pytest.raises(NotNullViolation, match="actor_id"):
        await db.audit.log_action(guild_id=GUILD, action="x")
    with pytest.raises(InvalidQuery, match="colour"):
        await log(db, colour="red")


async def test_entries_of_a_guild_come_newest_first_in_pages(db):
    for day in range(5):
        await log(db, f"a.{day}", days=day)
    await log(db, "a.same", days=4)
    await log(db, "other", guild_id=GUILD + 1)
    first = await db.audit.list_entries(guild_id=GUILD, per_page=4)
    assert ([entry.action for entry in first.items], first.total, first.pages) == (
        ["a.same", "a.4", "a.3", "a.2"],
        6,
        2,
    )
    assert await actions(db, page=2, per_page=4) == ["a.1", "a.0"]
    assert await actions(db, page=3, per_page=4) == []


async def test_filters_combine(db):
    await log(db, "case.create", days=0, actor_id=BOB, target_id=1)
    await log(db, "case.void", days=1, actor_id=ALICE, target_id=1)
    await log(db, "config.update", days=2, actor_id=BOB)
    await log(db, "casey", days=3, actor_id=BOB, target_id=2)
    assert await actions(db, actor_id=BOB) == ["casey", "config.update", "case.create"]
    assert await actions(db, target_id=1) == ["case.void", "case.create"]
    assert await actions(db, action="case.void") == ["case.void"]
    assert await actions(db, action="case.") == ["case.void", "case.create"]
    assert await actions(db, action="case") == []
    assert await actions(db, since=START + timedelta(days=1), until=START + timedelta(days=3)) == [
        "config.update",
        "case.void",
    ]
    assert await actions(db, actor_id=BOB, action="case.", until=None) == ["case.create"]
    assert await actions(db, actor_id=0) == []


async def test_an_unknown_filter_and_a_naive_time_are_refused(db):
    with pytest.raises(InvalidQuery, match="colour"):
        await actions(db, colour="red")
    with pytest.raises(InvalidValue, match="naive"):
        await actions(db, since=START.replace(tzinfo=None))


async def test_retention_ends_exactly_at_its_moment_for_one_guild_or_all(db):
    for guild_id in (GUILD, GUILD + 1):
        for day in range(4):
            await log(db, f"a.{day}", days=day, guild_id=guild_id)
    assert await db.audit.purge_before(START + timedelta(days=1), guild_id=GUILD) == 1
    assert await actions(db) == ["a.3", "a.2", "a.1"]
    assert await db.audit.purge_before(START + timedelta(days=2)) == 3
    assert await db.audit.count() == 4
    assert await db.audit.purge_before(START) == 0
    with pytest.raises(InvalidValue, match="naive"):
        await db.audit.purge_before(now().replace(tzinfo=None))


async def test_the_newest_entries_of_a_guild_and_an_actor_are_read_by_index(db):
    rows = [
        {"guild_id": 1 + n % 5, "actor_id": n % 4, "action": "a", "created_at": START + timedelta(seconds=n)}
        for n in range(4000)
    ]
    await db.audit.bulk_create(rows)
    await db.service.execute("ANALYZE audit_entries")
    for extra, index in (("", "audit_entries_newest"), (" AND actor_id = 3", "audit_entries_actor")):
        plan = await db.service.fetch(
            f"EXPLAIN SELECT * FROM audit_entries WHERE guild_id = 3{extra} ORDER BY created_at DESC, id DESC LIMIT 20"
        )
        text = "\n".join(row[0] for row in plan)
        assert index in text
        assert "Sort" not in text


async def test_entries_go_with_their_guild(db):
    await log(db)
    await db.guild.delete_by_id(GUILD)
    assert await db.audit.count() == 0
