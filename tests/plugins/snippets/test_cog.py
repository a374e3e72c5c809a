from __future__ import annotations

import asyncio
import re
from contextvars import Context

import pytest

from plugins.snippets.settings import SnippetSettings
from tux.testing import max_queries

GUILD = 200
WAITING = "SELECT FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"


@pytest.fixture
def alice(discord):
    return discord.member("alice")


@pytest.fixture
def bob(discord):
    return discord.member("bob")


@pytest.fixture
async def carol(discord, db):
    role = discord.guild.role("Moderators")
    await db.guild_config.update_perm_level_role(discord.guild.id, 3, role.id)
    return discord.member("carol", roles=[role])


async def store(db, discord, name, content="Be kind.", author=1):
    return await db.snippet.create_snippet(
        snippet_name=name, snippet_content=content, snippet_user_id=author, guild_id=discord.guild.id
    )


async def named(db, discord, name):
    return await db.snippet.get_snippet_by_name_and_guild_id(name, discord.guild.id)


async def test_a_snippet_is_stored_and_recalled_by_slash_and_prefix(discord, db, alice, bob):
    reply = await alice.slash("snippet create", name="Rules", content="Be kind.\nNo spam.")
    assert "/snippet use rules" in reply.text
    assert "!snippet faq" in (await alice.says("!snippet create faq Read the docs first.")).text
    assert (await bob.slash("snippet use", name="rules")).text == "Be kind.\nNo spam."
    assert (await bob.says("!snippet RULES")).text == "Be kind.\nNo spam."
    assert (await bob.says("!snippet use faq")).text == "Read the docs first."
    stored = await named(db, discord, "rules")
    assert (stored.snippet_user_id, stored.uses) == (alice.id, 2)


async def test_recalling_costs_one_statement_and_creating_two(discord, alice):
    await alice.says("hello")
    with max_queries(2):
        await alice.says("!snippet create rules Be kind.")
    with max_queries(1):
        await alice.slash("snippet use", name="rules")


async def test_a_name_that_nobody_stored_is_refused_with_what_to_do(discord, alice):
    for reply in (await alice.slash("snippet use", name="rules"), await alice.says("!snippet rules")):
        assert "no snippet `rules`" in reply.text
        assert "/snippet list" in reply.text
    assert (await alice.slash("snippet use", name="rules")).is_ephemeral


async def test_a_recalled_text_pings_nobody(discord, db, alice, bob):
    await store(db, discord, "ping", f"@everyone {bob.mention}")
    for reply in (await alice.says("!snippet ping"), await alice.says("$ping")):
        assert reply.last.data["mentions"] == []
        assert reply.last.data["mention_everyone"] is False


async def test_the_short_form_recalls_and_counts(discord, db, alice):
    await store(db, discord, "rules")
    await alice.says("hello")
    with max_queries(1):
        assert (await alice.says("$rules @bob have a look")).text == "Be kind."
    assert (await named(db, discord, "rules")).uses == 1


@pytest.mark.parametrize("text", ["hello", "$5 for lunch", "$", "...", "how much is $rules"])
async def test_a_message_that_asks_for_nothing_costs_nothing(discord, db, alice, text):
    await store(db, discord, "rules")
    await alice.says("hello")
    with max_queries(0):
        assert (await alice.says(text)).messages == []


async def test_the_short_form_of_an_unknown_name_says_nothing(discord, alice):
    assert (await alice.says("$rules")).messages == []


async def test_a_guild_chooses_its_short_form_or_none(discord, db, alice):
    await store(db, discord, "rules")
    await db.settings.change(discord.guild.id, SnippetSettings, short_form="%")
    assert (await alice.says("$rules")).messages == []
    assert (await alice.says("%rules")).text == "Be kind."
    await db.settings.change(discord.guild.id, SnippetSettings, short_form="")
    assert (await alice.says("%rules")).messages == []


async def test_where_the_prefix_is_the_mark_a_command_is_no_snippet(discord, db, alice):
    await store(db, discord, "prefix")
    await db.guild_config.update_guild_prefix(discord.guild.id, "$")
    assert "Be kind." not in (await alice.says("$prefix")).text
    assert (await named(db, discord, "prefix")).uses == 0


async def test_a_channel_that_is_closed_to_the_bot_gets_no_snippet_and_nobody_an_error(discord, db, alice):
    await store(db, discord, "rules")
    failure = discord.fail("POST", r"/channels/\d+/messages")
    assert (await alice.says("$rules")).messages == []
    failure.times = 0


async def test_where_the_plugin_is_off_nothing_is_recalled(discord, db, alice):
    await store(db, discord, "rules")
    await db.switches.turn(discord.guild.id, "snippets", enabled=False)
    assert (await alice.says("$rules")).messages == []
    assert (await alice.says("!snippet rules")).messages == []
    assert "switched off" in (await alice.slash("snippet use", name="rules")).text


@pytest.mark.parametrize("name", ["list", "two`words", "x" * 101])
async def test_a_name_that_cannot_be_used_is_refused(discord, db, alice, name):
    reply = await alice.slash("snippet create", name=name, content="text")
    assert reply.is_ephemeral
    assert await db.snippet.count() == 0


async def test_a_name_that_is_taken_is_refused_in_any_case(discord, db, alice, bob):
    await alice.says("!snippet create rules Be kind.")
    assert "already" in (await bob.says("!snippet create RULES mine")).text
    assert "already" in (await bob.slash("snippet alias", name="Rules", target="rules")).text
    assert (await named(db, discord, "rules")).snippet_content == "Be kind."


async def test_an_alias_leads_to_the_text(discord, db, alice):
    await store(db, discord, "rules")
    assert "stands for `rules`" in (await alice.slash("snippet alias", name="r", target="rules")).text
    await alice.says("!snippet alias law r")
    assert (await alice.says("!snippet law")).text == "Be kind."
    assert (await named(db, discord, "rules")).uses == 1


async def test_an_alias_of_nothing_or_of_itself_is_refused(discord, db, alice):
    assert "no snippet `rules`" in (await alice.slash("snippet alias", name="r", target="rules")).text
    await store(db, discord, "rules", author=alice.id)
    await alice.says("!snippet alias r rules")
    assert "leads back" in (await alice.slash("snippet edit-to-alias", name="rules", target="r")).text
    assert (await named(db, discord, "rules")).snippet_content == "Be kind."


async def test_the_author_edits_and_nobody_else(discord, db, alice, bob):
    await store(db, discord, "rules", author=alice.id)
    for reply in (
        await bob.slash("snippet edit", name="rules", content="mine"),
        await bob.says("!snippet edit-to-alias rules other"),
        await bob.says("!snippet delete rules"),
    ):
        assert "somebody else" in reply.text
    assert (await named(db, discord, "rules")).snippet_content == "Be kind."
    assert "new text" in (await alice.says("!snippet edit rules Be very kind.")).text
    assert (await named(db, discord, "rules")).snippet_content == "Be very kind."


async def test_moderators_edit_what_others_wrote(discord, db, alice, carol):
    await store(db, discord, "rules", author=alice.id)
    await carol.slash("snippet edit", name="rules", content="Be very kind.")
    assert (await alice.says("!snippet rules")).text == "Be very kind."


async def test_an_alias_whose_snippet_is_gone_says_so(discord, db, alice):
    await alice.says("!snippet create rules Be nice")
    await alice.says("!snippet alias r rules")
    await alice.says("!snippet delete rules")
    for reply in (await alice.says("!snippet r"), await alice.slash("snippet use", name="r")):
        assert "`r` stands for `rules`, which leads to no text any more" in reply.text


async def test_a_snippet_is_edited_to_an_alias(discord, db, alice):
    await store(db, discord, "rules")
    await store(db, discord, "law", author=alice.id)
    await alice.slash("snippet edit-to-alias", name="law", target="rules")
    found = await named(db, discord, "law")
    assert (found.alias, found.snippet_content) == ("rules", None)


async def test_a_deleted_snippet_is_gone(discord, db, alice):
    await store(db, discord, "rules", author=alice.id)
    assert "is gone" in (await alice.slash("snippet delete", name="rules")).text
    assert await named(db, discord, "rules") is None
    assert "no snippet" in (await alice.says("!snippet delete rules")).text


async def test_a_locked_snippet_is_for_moderators(discord, db, alice, carol):
    await store(db, discord, "rules", author=alice.id)
    assert "rank 3" in (await alice.slash("snippet lock", name="rules")).text
    assert "`rules` is locked" in (await carol.slash("snippet lock", name="rules")).text
    assert "is locked" in (await alice.says("!snippet edit rules mine")).text
    assert "is locked" in (await alice.says("!snippet delete rules")).text
    assert "is gone" not in (await alice.says("!snippet info rules")).text
    assert "unlocked" in (await carol.says("!snippet lock rules")).text
    assert "new text" in (await alice.says("!snippet edit rules mine")).text


async def said_while_locked(db, member, line, snippet):
    """Let a moderator lock a snippet between the read and the write of a command, and return the command's reply."""
    async with db.transaction():
        await db.snippet.toggle_snippet_lock_by_id(snippet.snippet_id)
        said = asyncio.create_task(member.says(line), context=Context())
        while not await asyncio.create_task(db.service.fetch(WAITING), context=Context()):
            assert not said.done()
            await asyncio.sleep(0.01)
    return await said


async def test_what_moderators_do_to_others_snippets_is_in_the_audit_log_and_nothing_else(discord, db, alice, carol):
    rules = await store(db, discord, "rules", author=alice.id)
    await store(db, discord, "faq")
    await alice.says("!snippet edit rules mine")
    for line in ("lock rules", "edit rules better", "edit-to-alias rules faq", "delete rules"):
        await carol.says(f"!snippet {line}")
    page = await db.audit.list_entries(guild_id=discord.guild.id)
    assert {(each.actor_id, each.target_id) for each in page.items} == {(carol.id, rules.snippet_user_id)}
    assert [(each.action, (each.before or each.after)) for each in reversed(page.items)] == [
        ("snippet.lock", {"snippet": "rules", "locked": True}),
        ("snippet.edit", {"snippet": "rules", "text": "mine"}),
        ("snippet.edit", {"snippet": "rules", "text": "better"}),
        ("snippet.delete", {"snippet": "rules", "text": "stands for faq"}),
    ]


@pytest.mark.parametrize("line", ["edit rules mine", "edit-to-alias rules faq", "delete rules"])
async def test_a_lock_that_overtakes_a_change_holds(discord, db, alice, line):
    await store(db, discord, "faq")
    rules = await store(db, discord, "rules", author=alice.id)
    reply = await said_while_locked(db, alice, f"!snippet {line}", rules)
    assert "is locked" in reply.text
    assert (await named(db, discord, "rules")).snippet_content == "Be kind."


async def test_a_moderator_changes_an_own_snippet_that_is_locked_this_moment(discord, db, carol):
    rules = await store(db, discord, "rules", author=carol.id)
    assert "new text" in (await said_while_locked(db, carol, "!snippet edit rules mine", rules)).text
    assert (await named(db, discord, "rules")).snippet_content == "mine"


@pytest.mark.parametrize(
    "line",
    [
        "!snippet create other text",
        "!snippet alias other rules",
        "!snippet edit rules mine",
        "!snippet edit-to-alias rules faq",
    ],
)
async def test_who_is_barred_makes_and_changes_nothing_until_it_is_lifted(discord, db, alice, line):
    await store(db, discord, "rules", author=alice.id)
    await store(db, discord, "faq")
    values = {"case_user_id": alice.id, "case_moderator_id": 1, "guild_id": discord.guild.id}
    await db.case.create_case(case_type="SNIPPETBAN", **values)
    assert "ask a moderator why" in (await alice.says(line)).text
    assert (await db.snippet.count(), (await named(db, discord, "rules")).snippet_content) == (2, "Be kind.")
    await db.case.create_case(case_type="SNIPPETUNBAN", **values)
    assert "ask a moderator why" not in (await alice.says(line)).text


async def test_what_is_known_of_a_snippet_is_shown(discord, db, alice):
    await store(db, discord, "rules", author=alice.id)
    await alice.says("!snippet alias law rules")
    reply = await alice.slash("snippet info", name="rules")
    assert "Author: @alice" in reply.text
    assert "Uses: 0" in reply.text
    assert "Be kind." in reply.text
    assert "Stands for: `rules`" in (await alice.says("!snippet info law")).text
    assert "no snippet" in (await alice.says("!snippet info nothing")).text


async def test_a_forgotten_author_is_unknown(discord, db, alice):
    await store(db, discord, "rules", author=None)
    assert "Author: unknown" in (await alice.slash("snippet info", name="rules")).text


async def test_the_list_is_by_name_and_paged_by_buttons_for_whoever_asked(discord, db, alice, bob):
    for number in range(25):
        await store(db, discord, f"name{number:02}")
    reply = await alice.slash("/snippet list")
    assert "name09" in reply.text
    assert "name10" not in reply.text
    assert "Page 1" in reply.text
    assert reply.buttons == ["Next"]
    with max_queries(1):
        reply = await alice.clicks(reply, "Next")
    assert ("name10" in reply.text, "name19" in reply.text, "name20" in reply.text) == (True, True, False)
    last = await alice.clicks(reply, "Next")
    assert "name24" in last.text
    assert last.buttons == ["Previous"]
    assert "belong to whoever asked" in (await bob.clicks(last, "Previous")).text
    back = await alice.clicks(last, "Previous")
    assert ("Page 2" in back.text, "name10" in back.text, "name20" in back.text) == (True, True, False)
    first = await alice.clicks(back, "Previous")
    assert ("Page 1" in first.text, "name00" in first.text, first.buttons) == (True, True, ["Next"])


async def test_a_short_list_has_no_buttons_and_an_empty_one_says_how_to_begin(discord, db, alice):
    assert "/snippet create" in (await alice.says("!snippet list")).text
    await store(db, discord, "rules")
    reply = await alice.says("!snippet list")
    assert ("`rules`" in reply.text, reply.buttons) == (True, [])


async def test_a_page_whose_rows_went_away_leads_back(discord, db, alice):
    for number in range(12):
        await store(db, discord, f"name{number:02}")
    reply = await alice.slash("/snippet list")
    await db.snippet.delete_where({"snippet_name": {"gte": "name09"}})
    empty = await alice.clicks(reply, "Next")
    assert empty.buttons == ["Previous"]
    assert "name08" in (await alice.clicks(empty, "Previous")).text


async def test_snippets_are_found_by_name_and_text(discord, db, alice):
    await store(db, discord, "rules")
    await store(db, discord, "greeting", "Hello, read the RULES")
    await store(db, discord, "other", "nothing")
    reply = await alice.slash("snippet search", term="rules")
    assert reply.text.index("`rules`") < reply.text.index("`greeting`")
    assert "`other`" not in reply.text
    assert "Nothing has that" in (await alice.says("!snippet search no such thing")).text


async def test_the_most_used_come_first(discord, db, alice):
    assert "Nobody has used" in (await alice.slash("/snippet popular")).text
    for name in ("rules", "faq", "never"):
        await store(db, discord, name)
    for name in ("faq", "rules", "faq"):
        await alice.says(f"${name}")
    reply = await alice.says("!snippet popular")
    assert reply.text.index("`faq` (2x)") < reply.text.index("`rules` (1x)")
    assert "never" not in reply.text


async def test_names_are_completed_the_most_used_first(discord, db, alice):
    await alice.says("hello")
    for name in ("rules", "Ruby", "faq"):
        await store(db, discord, name)
    await alice.says("$ruby")
    for command, option in (("snippet use", "name"), ("snippet edit", "name"), ("snippet alias", "target")):
        with max_queries(1):
            choices = await alice.autocomplete(command, option, **{option: "RU"})
        assert [choice["name"] for choice in choices] == ["Ruby", "rules"]
    assert len(await alice.autocomplete("snippet info", "name", name="")) == 3


async def test_a_page_deep_in_ten_thousand_snippets_reads_its_own_rows_only(fresh_db):
    await fresh_db.guild.get_or_create_guild(GUILD)
    await fresh_db.service.execute(
        "INSERT INTO snippets_snippets (guild_id, snippet_name, snippet_content)"
        " SELECT $1, 'name' || to_char(n, 'FM00000'), 'text' FROM generate_series(1, 10000) AS n",
        GUILD,
    )
    await fresh_db.service.execute("ANALYZE snippets_snippets")
    filters = {"guild_id": GUILD}
    first = await fresh_db.snippet.page_after(None, 5000, filters=filters, order_by="snippet_name")
    with max_queries(1) as sent:
        page = await fresh_db.snippet.page_after(first.next_cursor, 10, filters=filters, order_by="snippet_name")
    assert page.items[0].snippet_name == "name05001"
    last = first.items[-1]
    values = (GUILD, 11, last.snippet_name, last.snippet_id)
    plan = await fresh_db.service.fetch(f"EXPLAIN (ANALYZE, COSTS OFF, TIMING OFF) {sent[0]}", *values)
    read = [int(float(part)) for row in plan for part in re.findall(r"actual rows=([\d.]+)", row[0])]
    assert max(read) < 20
