from __future__ import annotations

import asyncio
from contextvars import Context

import pytest

from plugins.snippets.errors import AliasLoop
from tux.errors import CheckViolation, InvalidQuery, InvalidValue, NotNullViolation, UniqueViolation
from tux.testing import max_queries

GUILD, BOB = 921, 22


async def make(db, name="rules", content="Be kind.", guild_id=GUILD):
    return await db.snippet.create_snippet(
        snippet_name=name, snippet_content=content, snippet_user_id=BOB, guild_id=guild_id
    )


async def make_alias(db, name, target, guild_id=GUILD):
    return await db.snippet.create_snippet_alias(
        snippet_name=name, snippet_alias=target, snippet_user_id=BOB, guild_id=guild_id
    )


async def resolve(db, name, guild_id=GUILD):
    found = await db.snippet.resolve_snippet(name, guild_id)
    return found.snippet_name if found else None


async def search(db, term, **options):
    return [row.snippet_name for row in await db.snippet.search_snippets(GUILD, term, **options)]


async def fill(db, count, guild_id=GUILD):
    """Store many snippets, of which one in a hundred is called help-…, and let PostgreSQL look at them."""
    await db.guild.get_or_create_guild(guild_id)
    await db.service.execute(
        "INSERT INTO snippets_snippets (guild_id, snippet_name, snippet_content, uses)"
        " SELECT $1, CASE WHEN n % 100 = 0 THEN 'help-' ELSE 'text-' END || n, repeat(md5(n::text), 4), n"
        " FROM generate_series(1, $2::int) AS n",
        guild_id,
        count,
    )
    await db.service.execute("ANALYZE snippets_snippets")


async def plan(db, sql, *args):
    """Return the plan of a statement that was run, in the words of PostgreSQL."""
    rows = await db.service.fetch(f"EXPLAIN (ANALYZE, COSTS OFF, TIMING OFF, SUMMARY OFF) {sql}", *args)
    return "\n".join(row[0] for row in rows)


async def test_fifty_concurrent_uses_are_all_counted(db):
    made = await make(db)
    await make_alias(db, "law", "rules")
    await asyncio.gather(
        *(db.snippet.increment_snippet_uses(made.snippet_id) for _ in range(25)),
        *(db.snippet.use_snippet("law", GUILD) for _ in range(25)),
    )
    assert (await db.snippet.get_by_id(made.snippet_id)).uses == 50


async def test_fifty_concurrent_toggles_leave_the_lock_as_it_was(db):
    made = await make(db)
    answers = await asyncio.gather(*(db.snippet.toggle_snippet_lock_by_id(made.snippet_id) for _ in range(50)))
    assert sum(row.locked for row in answers) == 25
    assert (await db.snippet.get_by_id(made.snippet_id)).locked is False


async def test_fifty_callers_that_take_one_name_in_an_unknown_guild_make_one_snippet(db):
    made = await asyncio.gather(*(make(db, guild_id=GUILD + 5) for _ in range(50)), return_exceptions=True)
    assert sum(isinstance(each, UniqueViolation) for each in made) == 49
    assert await db.snippet.count({"guild_id": GUILD + 5}) == 1


async def test_fifty_callers_that_take_one_alias_in_an_unknown_guild_make_one(db):
    made = await asyncio.gather(*(make_alias(db, "a", "b") for _ in range(50)), return_exceptions=True)
    assert sum(isinstance(each, UniqueViolation) for each in made) == 49
    assert await db.guild.exists({"guild_id": GUILD})


async def test_a_chain_of_aliases_leads_to_its_text(db):
    await make(db, "a")
    for name, target in (("b", "a"), ("c", "B"), ("d", "c")):
        await make_alias(db, name, target)
    assert [await resolve(db, name) for name in ("a", "b", "D")] == ["a", "a", "a"]
    assert await resolve(db, "d", GUILD + 1) is None


async def test_a_use_counts_on_the_text_and_not_on_the_aliases(db):
    await make(db, "a")
    await make_alias(db, "b", "a")
    used = await db.snippet.use_snippet("b", GUILD)
    assert (used.snippet_name, used.uses, used.snippet_content) == ("a", 1, "Be kind.")
    assert [row.uses for row in await db.snippet.get_all_snippets_by_guild_id(GUILD)] == [1, 0]
    assert await db.snippet.use_snippet("absent", GUILD) is None


async def test_an_alias_leads_nowhere_until_its_name_exists(db):
    alias = await make_alias(db, "later", "rules")
    assert await resolve(db, "later") is None
    made = await make(db, "rules")
    assert await resolve(db, "later") == "rules"
    await db.snippet.delete_snippet_by_id(made.snippet_id)
    assert await resolve(db, "later") is None
    assert await db.snippet.use_snippet("later", GUILD) is None
    assert await db.snippet.exists({"snippet_id": alias.snippet_id})


async def test_an_alias_of_itself_is_refused_in_any_case(db):
    for target in ("me", "ME"):
        with pytest.raises(AliasLoop):
            await make_alias(db, "me", target)
    assert await db.snippet.count() == 0


async def test_an_alias_that_would_close_a_circle_is_refused(db):
    await make_alias(db, "b", "a")
    await make_alias(db, "c", "b")
    with pytest.raises(AliasLoop, match="`c`"):
        await make_alias(db, "A", "c")
    assert await db.snippet.count() == 2
    await make_alias(db, "a", "c", guild_id=GUILD + 1)


async def test_a_circle_that_was_brought_in_ends_and_leads_nowhere(db):
    await make_alias(db, "a", "b")
    await make_alias(db, "b", "c")
    await db.snippet.update_where({"snippet_name": "b"}, {"alias": "a"})
    assert [await resolve(db, name) for name in ("a", "b")] == [None, None]


async def test_an_edit_turns_a_text_into_an_alias_and_back(db):
    await make(db, "rules")
    other = await make(db, "law")
    edited = await db.snippet.make_alias(other.snippet_id, "rules")
    assert (edited.alias, edited.snippet_content) == ("rules", None)
    assert await resolve(db, "law") == "rules"
    restored = await db.snippet.update_snippet_by_id(other.snippet_id, "My own.")
    assert (restored.alias, restored.snippet_content) == (None, "My own.")
    assert await resolve(db, "law") == "law"


async def test_an_edit_that_would_close_a_circle_is_refused_and_changes_nothing(db):
    made = await make(db, "a")
    await make_alias(db, "b", "a")
    await make_alias(db, "c", "b")
    for target in ("a", "A", "b", "c"):
        with pytest.raises(AliasLoop):
            await db.snippet.make_alias(made.snippet_id, target)
    assert (await db.snippet.get_by_id(made.snippet_id)).snippet_content == "Be kind."
    assert await db.snippet.make_alias(10**9, "a") is None


async def test_of_two_edits_that_would_close_a_circle_together_the_later_is_refused(db):
    first, second = await make(db, "a"), await make(db, "b")
    async with db.transaction():
        await db.snippet.make_alias(first.snippet_id, "b")
        elsewhere = asyncio.create_task(db.snippet.make_alias(second.snippet_id, "a"), context=Context())
        assert not (await asyncio.wait([elsewhere], timeout=0.1))[0]
    with pytest.raises(AliasLoop):
        await elsewhere
    assert [await resolve(db, name) for name in ("a", "b")] == ["b", "b"]


async def test_of_many_edits_that_would_close_a_circle_together_one_text_stays(db):
    rows = [await make(db, f"ring-{number}") for number in range(6)]
    edits = [
        db.snippet.make_alias(row.snippet_id, f"ring-{(number + step) % 6}")
        for number, row in enumerate(rows)
        for step in (1, 2, 3)
    ]
    found = await asyncio.gather(*edits, return_exceptions=True)
    assert {type(each) for each in found} == {AliasLoop, type(rows[0])}
    assert None not in [await resolve(db, row.snippet_name) for row in rows]


async def test_an_edit_to_an_alias_whose_snippet_is_edited_meanwhile_looks_again(db):
    first, second, _ = await make(db, "a"), await make(db, "b"), await make(db, "c")
    async with db.transaction():
        await db.snippet.make_alias(second.snippet_id, "c")
        elsewhere = asyncio.create_task(db.snippet.make_alias(first.snippet_id, "b"), context=Context())
        assert not (await asyncio.wait([elsewhere], timeout=0.1))[0]
    assert (await elsewhere).alias == "b"
    assert await resolve(db, "a") == "c"


async def test_a_use_that_waited_for_an_edit_to_an_alias_finds_no_text(db):
    first, _ = await make(db, "a"), await make(db, "b")
    async with db.transaction():
        await db.snippet.make_alias(first.snippet_id, "b")
        elsewhere = asyncio.create_task(db.snippet.use_snippet("a", GUILD), context=Context())
        assert not (await asyncio.wait([elsewhere], timeout=0.1))[0]
    assert await elsewhere is None
    assert (await db.snippet.get_by_id(first.snippet_id)).uses == 0


async def test_names_that_differ_in_case_are_found_by_their_spelling_first(db):
    for name in ("faq", "FAQ"):
        await make(db, name)
    found = [await db.snippet.get_snippet_by_name_and_guild_id(name, GUILD) for name in ("FAQ", "faq", "Faq")]
    assert [row.snippet_name for row in found] == ["FAQ", "faq", "faq"]


async def test_search_puts_names_that_begin_with_the_term_first_and_then_the_most_used(db):
    for name, content, uses in (
        ("cart", "", 9),
        ("art", "", 1),
        ("Artist", "", 2),
        ("text", "fine ART", 5),
        ("no", "none", 8),
    ):
        await db.snippet.update_by_id((await make(db, name, content)).snippet_id, uses=uses)
    assert await search(db, "art") == ["Artist", "art", "cart", "text"]
    assert await search(db, "ART", limit=3) == ["Artist", "art", "cart"]
    assert await search(db, "art", limit=0) == []


async def test_search_takes_signs_as_they_are(db):
    await make(db, "100%", "a_b")
    await make(db, "axb", "quote' \\ \"")
    assert await search(db, "%") == ["100%"]
    assert await search(db, "_") == ["100%"]
    assert await search(db, "\\") == ["axb"]
    assert await search(db, "'") == ["axb"]
    assert await search(db, "") == ["100%", "axb"]
    assert await search(db, "🦆") == []


async def test_search_refuses_what_is_no_limit_or_no_text(db):
    with pytest.raises(InvalidQuery, match="limit"):
        await search(db, "x", limit=-1)
    with pytest.raises(InvalidValue):
        await search(db, "nul\0")


async def test_search_finds_names_beyond_the_latin_letters(db):
    await make(db, "правила", "Ünïcode")
    await make(db, "🦆🦆", "quack")
    assert await search(db, "прав") == ["правила"]
    assert await search(db, "🦆") == ["🦆🦆"]
    assert await search(db, "nïco") == ["правила"]


async def test_search_reads_beginnings_from_the_index_and_the_rest_only_when_they_are_few(db):
    await fill(db, 10_000)
    await fill(db, 10_000, GUILD + 1)
    with max_queries(1) as sent:
        assert len(await search(db, "help-", limit=25)) == 25
    found = await plan(db, sent[0], GUILD, "help-", "\U0010ffff", 25)
    assert "snippets_snippets_spelling" in found
    assert "Seq Scan" not in found
    assert "rows=100" in found
    assert "never executed" in found
    assert len(await search(db, "xt-77")) == 100
    rest = await plan(db, sent[0], GUILD, "xt-77", "\U0010ffff", 100)
    assert "Seq Scan on snippets_snippets" not in rest


async def test_a_name_is_found_by_the_index_among_ten_thousand(db):
    await fill(db, 10_000)
    for read in (db.snippet.get_snippet_by_name_and_guild_id, db.snippet.resolve_snippet, db.snippet.use_snippet):
        with max_queries(1) as sent:
            assert (await read("HELP-100", GUILD)).snippet_name == "help-100"
        found = await plan(db, sent[0], GUILD, "HELP-100")
        assert "Index Scan using snippets_snippets_spelling" in found
        assert "Seq Scan on snippets_snippets" not in found


async def test_the_most_used_come_from_the_index_without_a_sort(db):
    await fill(db, 10_000)
    with max_queries(1) as sent:
        assert [row.uses for row in await db.snippet.get_popular_snippets(GUILD, 2)] == [10_000, 9_999]
    found = await plan(db, sent[0], GUILD, 2)
    assert "snippets_snippets_popular" in found
    assert "Sort" not in found


async def test_a_page_of_the_list_comes_from_the_index_without_a_sort(db):
    await fill(db, 10_000)
    await db.service.execute("VACUUM snippets_snippets")
    with max_queries(1) as sent:
        rows = await db.snippet.find_all({"guild_id": GUILD}, "snippet_name", 20)
    assert [row.snippet_name for row in rows[:2]] == ["help-100", "help-1000"]
    assert "Sort" not in await plan(db, sent[0], GUILD, 20)


async def test_a_snippet_has_either_a_text_or_an_alias(db):
    values = {"snippet_name": "x", "snippet_user_id": BOB, "guild_id": GUILD}
    with pytest.raises(CheckViolation, match="content"):
        await db.snippet.create(**values)
    with pytest.raises(CheckViolation, match="content"):
        await db.snippet.create(**values, snippet_content="a", alias="b")


@pytest.mark.parametrize(
    ("name", "error"),
    [("", CheckViolation), ("x" * 101, InvalidValue), (None, NotNullViolation), ("a\0", InvalidValue)],
)
async def test_a_name_that_is_none_is_refused_on_every_path(db, name, error):
    with pytest.raises(error):
        await make(db, name)
    with pytest.raises(error):
        await make_alias(db, name, "rules")
    assert await db.snippet.count() == 0


async def test_an_alias_of_a_name_that_is_too_long_is_refused(db):
    made = await make(db)
    with pytest.raises(InvalidValue, match="at most 100"):
        await make_alias(db, "law", "x" * 101)
    with pytest.raises(InvalidValue, match="at most 100"):
        await db.snippet.make_alias(made.snippet_id, "x" * 101)


async def test_a_text_of_any_length_is_stored_whole(db):
    content = "long 🦆 " * 10_000
    made = await make(db, content=content)
    assert (await db.snippet.get_by_id(made.snippet_id)).snippet_content == content


async def test_snippets_go_with_their_guild_and_no_other(db):
    await make(db)
    await make(db, guild_id=GUILD + 1)
    await db.guild.delete_by_id(GUILD)
    assert [row.guild_id for row in await db.snippet.get_all()] == [GUILD + 1]


async def test_a_rolled_back_use_is_not_counted(db):
    await make(db)

    async def use_and_fail():
        async with db.transaction():
            await db.snippet.use_snippet("rules", GUILD)
            raise LookupError

    with pytest.raises(LookupError):
        await use_and_fail()
    assert (await db.snippet.resolve_snippet("rules", GUILD)).uses == 0
