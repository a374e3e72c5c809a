"""A test per call of CALLS.md that concerns `db.snippet`."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from plugins.snippets.errors import AliasLoop
from tux.errors import UniqueViolation

GUILD, BOB = 920, 21
MADE_AT = datetime(2026, 3, 1, 12, tzinfo=UTC)


async def make(db, name="rules", content="Be kind.", guild_id=GUILD):
    return await db.snippet.create_snippet(
        snippet_name=name, snippet_content=content, snippet_created_at=MADE_AT, snippet_user_id=BOB, guild_id=guild_id
    )


async def make_alias(db, name, target):
    return await db.snippet.create_snippet_alias(
        snippet_name=name, snippet_alias=target, snippet_created_at=MADE_AT, snippet_user_id=BOB, guild_id=GUILD
    )


async def test_create_snippet_has_the_documented_columns(db):
    made = await make(db)
    row = await db.snippet.get_by_id(made.snippet_id)
    assert (row.snippet_name, row.snippet_content, row.snippet_user_id) == ("rules", "Be kind.", BOB)
    assert (row.snippet_created_at, row.guild_id) == (MADE_AT, GUILD)
    assert (row.uses, row.locked, row.alias) == (0, False, None)


async def test_create_snippet_without_a_time_was_made_now(db):
    made = await db.snippet.create_snippet(snippet_name="x", snippet_content="y", snippet_user_id=BOB, guild_id=GUILD)
    assert made.snippet_created_at.tzinfo is not None


async def test_create_snippet_refuses_a_name_that_the_guild_has(db):
    await make(db)
    with pytest.raises(UniqueViolation):
        await make(db)
    await make(db, guild_id=GUILD + 1)


async def test_create_snippet_alias_stands_for_another_name(db):
    await make(db)
    alias = await make_alias(db, "law", "rules")
    assert (alias.snippet_name, alias.alias, alias.snippet_content) == ("law", "rules", None)
    assert (alias.snippet_user_id, alias.snippet_created_at, alias.guild_id) == (BOB, MADE_AT, GUILD)
    with pytest.raises(UniqueViolation):
        await make_alias(db, "law", "rules")
    with pytest.raises(AliasLoop, match="`me`"):
        await make_alias(db, "me", "me")


async def test_get_snippet_by_name_and_guild_id_takes_the_name_first(db):
    made = await make(db)
    found = await db.snippet.get_snippet_by_name_and_guild_id("rules", GUILD)
    assert found.snippet_id == made.snippet_id
    assert (await db.snippet.get_snippet_by_name_and_guild_id("RULES", GUILD)).snippet_id == made.snippet_id
    assert await db.snippet.get_snippet_by_name_and_guild_id("rule", GUILD) is None
    assert await db.snippet.get_snippet_by_name_and_guild_id("rules", GUILD + 1) is None


async def test_get_all_snippets_by_guild_id_comes_by_name(db):
    for name in ("b", "c", "a"):
        await make(db, name)
    await make(db, "other", guild_id=GUILD + 1)
    assert [row.snippet_name for row in await db.snippet.get_all_snippets_by_guild_id(GUILD)] == ["a", "b", "c"]
    assert await db.snippet.get_all_snippets_by_guild_id(GUILD + 2) == []


async def test_search_snippets_looks_in_names_and_texts(db):
    await make(db, "hello", "greets")
    await make(db, "shell", "a program")
    await make(db, "greeting", "says Hello")
    await make(db, "other", "nothing")
    await make(db, "hello", guild_id=GUILD + 1)
    found = [row.snippet_name for row in await db.snippet.search_snippets(GUILD, "hell")]
    assert found[0] == "hello"
    assert sorted(found) == ["greeting", "hello", "shell"]
    assert await db.snippet.search_snippets(GUILD, "absent") == []


async def test_get_popular_snippets_comes_by_uses(db):
    for name, uses in (("a", 1), ("b", 3), ("c", 0), ("d", 3)):
        await db.snippet.update_by_id((await make(db, name)).snippet_id, uses=uses)
    assert [row.snippet_name for row in await db.snippet.get_popular_snippets(GUILD, 3)] == ["b", "d", "a"]
    assert len(await db.snippet.get_popular_snippets(GUILD, limit=10)) == 4


async def test_increment_snippet_uses_counts_one(db):
    made = await make(db)
    assert (await db.snippet.increment_snippet_uses(made.snippet_id)).uses == 1
    assert (await db.snippet.increment_snippet_uses(made.snippet_id)).uses == 2
    assert await db.snippet.increment_snippet_uses(10**9) is None


async def test_toggle_snippet_lock_by_id_turns_it_round(db):
    made = await make(db)
    assert (await db.snippet.toggle_snippet_lock_by_id(made.snippet_id)).locked is True
    assert (await db.snippet.toggle_snippet_lock_by_id(made.snippet_id)).locked is False
    assert await db.snippet.toggle_snippet_lock_by_id(10**9) is None


async def test_update_snippet_by_id_takes_the_text(db):
    made = await make(db)
    assert (await db.snippet.update_snippet_by_id(made.snippet_id, "New.")).snippet_content == "New."
    assert await db.snippet.update_snippet_by_id(10**9, "New.") is None


async def test_delete_snippet_by_id_says_whether_there_was_one(db):
    made = await make(db)
    assert await db.snippet.delete_snippet_by_id(made.snippet_id) is True
    assert await db.snippet.delete_snippet_by_id(made.snippet_id) is False
