"""Theme 7: names are refused, values are data, and ids are whole numbers that fit."""

from __future__ import annotations

import json
from decimal import Decimal

import pytest
from shop_models import Note
from tortoise.expressions import Q

from plugins.guild.errors import UnknownConfigField
from plugins.guild.models import Guild
from plugins.moderation.models import Case
from tests.correctness.hostile import STRINGS
from tests.correctness.scenes import ANN, BOB, GUILD, a_case, row_counts
from tux.errors import InvalidQuery, InvalidValue
from tux.manager import Manager

HIGHEST = 2**63 - 1


class Notes(Manager[Note], name="notes"):
    """Of the tests."""


notes = Notes()


@pytest.fixture
async def hostile(db):
    """One case for each string, which is its reason, and part of its JSON as key and as value."""
    await db.guild.create(guild_id=GUILD)
    rows = [
        a_case(case_number=number, case_reason=text, case_metadata={text: text, "list": [text, {"deep": text}]})
        for number, text in enumerate(STRINGS, start=1)
    ]
    return await db.case.bulk_create(rows)


def numbers(matches):
    """Return the numbers of the cases whose reason matches in Python."""
    return [number for number, text in enumerate(STRINGS, start=1) if matches(text)]


async def found(db, filters):
    return [case.case_number for case in await db.case.find_all(filters, "case_number")]


# Values are data


async def test_two_hundred_hostile_strings_come_back_as_they_went(db, hostile):
    assert len(STRINGS) == 200
    for rows in (hostile, await db.case.find_all(order_by="case_number")):
        assert [case.case_reason for case in rows] == [*STRINGS]
        assert [case.case_metadata for case in rows] == [
            {text: text, "list": [text, {"deep": text}]} for text in STRINGS
        ]
    assert await row_counts(db) == {"guild_guilds": 1, "moderation_cases": 200}


async def test_each_is_found_by_itself_alone_in_every_form_of_filter(db, hostile):
    for number, text in enumerate(STRINGS, start=1):
        for filters in ({"case_reason": text}, Q(case_reason=text), {"case_reason": {"in": [text]}}):
            assert await found(db, filters) == [number], text
    assert await found(db, {"case_reason": {"in": [*STRINGS]}}) == numbers(lambda _: True)
    assert await found(db, {"case_reason": {"not_in": [*STRINGS[1:]]}}) == [1]


async def test_patterns_match_as_text_and_never_as_patterns(db, hostile):
    for text in STRINGS:
        assert await found(db, {"case_reason__contains": text}) == numbers(lambda each, text=text: text in each)
        assert await found(db, {"case_reason__startswith": text}) == numbers(
            lambda each, text=text: each.startswith(text)
        )
    for text in STRINGS[::7]:
        assert await found(db, Q(case_reason__endswith=text)) == numbers(lambda each, text=text: each.endswith(text))
        if text.isascii():
            assert await found(db, {"case_reason__icontains": text.swapcase()}) == numbers(
                lambda each, text=text: text.lower() in each.lower()
            )


async def test_tortoises_own_look_ups_take_them_as_data_too(db, hostile):
    for text in STRINGS[::9]:
        across = {"guild__guild_name": text}
        assert await db.case.count(across) == (200 if text == "" else 0), text
        assert await db.case.count(Q(**across)) == (200 if text == "" else 0)
        assert await db.case.count({"case_metadata": {"contains": {text: text}}}) == 1


async def test_every_write_takes_them_as_data(db):
    await db.guild.create(guild_id=GUILD)
    for text in STRINGS[::5]:
        case = await db.case.create_case(**a_case(case_reason=text, case_metadata={text: [text]}))
        assert (case.case_reason, case.case_metadata) == (text, {text: [text]})
        assert (await db.case.update_by_id(case.case_id, case_reason=f"{text}!")).case_reason == f"{text}!"
        assert await db.case.update_where({"case_reason": f"{text}!"}, {"case_reason": text}) == 1
        row, created = await db.case.upsert(
            {"guild_id": GUILD, "case_number": case.case_number}, a_case(), case_reason=f"{text}?"
        )
        assert (row.case_reason, created) == (f"{text}?", False)
        assert await db.case.bulk_update([{"id": case.case_id, "case_reason": text}]) == 1
        assert (await db.case.void(case.case_id, text)).case_void_reason == text
        row = await Case.get(case_reason=text)
        row.case_reason = f"{text}."
        await row.save()
        assert await db.case.delete_where({"case_reason": f"{text}."}) == 1
    voided = len(STRINGS[::5])  # which is noted
    assert await row_counts(db) == {"audit_entries": voided, "guild_guilds": 1, "moderation_case_counters": 1}


async def test_raw_sql_takes_them_as_parameters(db, hostile):
    for number, text in enumerate(STRINGS, start=1):
        row = await db.service.fetch_one("SELECT case_number FROM moderation_cases WHERE case_reason = $1", text)
        assert row["case_number"] == number


async def test_arrays_of_json_texts_keep_them(db):
    roles = [GUILD, HIGHEST]
    [case] = await db.case.bulk_create(
        [a_case(case_number=1, case_user_roles=roles, case_metadata={"all": [*STRINGS]}, case_type="JAIL")]
    )
    assert (case.case_user_roles, case.case_metadata) == (roles, {"all": [*STRINGS]})
    raw = await db.service.fetch_one("SELECT case_metadata::text AS text FROM moderation_cases")
    assert json.loads(raw["text"]) == {"all": [*STRINGS]}


async def test_json_paths_are_data_below_the_column(db, hostile):
    for number, text in enumerate(STRINGS, start=1):
        expected = [number] if text != "list" else []
        for path in (["case_metadata", text], ("case_metadata", "list", 0), ("case_metadata", "list", 1, "deep")):
            rows = await db.case.find_json(path, text, order_by="case_number")
            assert [case.case_number for case in rows] == expected, (path, text)
        assert number in [case.case_number for case in await db.case.find_json(["case_metadata", text])]
    assert await row_counts(db) == {"guild_guilds": 1, "moderation_cases": 200}


async def test_search_terms_are_words_and_nothing_else(db, hostile):
    plain = await db.case.create_case(**a_case(case_reason="plain words"))
    for text in STRINGS:
        found = await db.case.search(text, ["case_reason"], limit=300)
        assert all(isinstance(case.case_number, int) for case in found)
        narrowed = await db.case.search(f"plain {text}", ["case_reason"], case_number=plain.case_number)
        assert [case.case_id for case in narrowed] in ([], [plain.case_id])
        assert len(await db.snippet.search_snippets(GUILD, text)) == 0
    assert [case.case_id for case in await db.case.search("plain", ["case_reason"])] == [plain.case_id]


@pytest.mark.usefixtures("shop")
async def test_elements_of_arrays_are_data():
    await notes.bulk_create(
        [{"guild_id": 1, "title": str(number), "labels": [text, "all"]} for number, text in enumerate(STRINGS)]
    )
    for number, text in enumerate(STRINGS):
        assert [note.title for note in await notes.find_array_contains("labels", text)] == [str(number)], text
    assert len(await notes.find_array_contains("labels", "all")) == 200
    assert [note.labels[0] for note in await notes.get_all(order_by="id")] == [*STRINGS]


async def test_cursors_are_checked(db, hostile):
    page = await db.case.page_after(None, 10, order_by="case_number")
    assert page.next_cursor is not None
    for text in (*STRINGS, page.next_cursor[:-1], page.next_cursor + "A", page.next_cursor.swapcase()):
        with pytest.raises(InvalidQuery):
            await db.case.page_after(text, 10, order_by="case_number")
    with pytest.raises(InvalidQuery):
        await db.case.page_after(page.next_cursor, 10, order_by="-case_number")


# Names are refused

NAMED = {
    "filter": lambda db, name: db.case.find_all({name: 1}),
    "filter with look-up": lambda db, name: db.case.find_all({f"{name}__in": [1]}),
    "look-up": lambda db, name: db.case.find_all({f"case_id__{name}": 1}),
    "look-up in a dict": lambda db, name: db.case.find_all({"case_id": {name: 1}}),
    "look-up across a relation": lambda db, name: db.case.find_all({f"guild__{name}": 1}),
    "Q": lambda db, name: db.case.count(Q(**{name: 1})),
    "negated Q": lambda db, name: db.case.exists(~Q(**{name: 1})),
    "keyword": lambda db, name: db.case.find_one(**{name: 1}),
    "order": lambda db, name: db.case.find_all(order_by=name),
    "descending order": lambda db, name: db.case.find_all(order_by=[f"-{name}"]),
    "order of a page": lambda db, name: db.case.paginate(order_by=name),
    "prefetch": lambda db, name: db.case.find_all(prefetch=[name]),
    "order of a cursor": lambda db, name: db.case.page_after(None, 10, order_by=[name]),
    "column of a JSON path": lambda db, name: db.case.find_json([name, "a"], 1),
    "column of a search": lambda db, name: db.case.search("x", [name]),
    "column of an array": lambda db, name: db.case.find_array_contains(name, 1),
    "explained filter": lambda db, name: db.case.explain({name: 1}, analyze=True),
    "value of create": lambda db, name: db.level_role.create(guild_id=GUILD, level=1, role_id=1, **{name: 1}),
    "value of update_by_id": lambda db, name: db.case.update_by_id(1, **{name: 1}),
    "value of update_where": lambda db, name: db.case.update_where({"case_id": 1}, {name: 1}),
    "filter of delete_where": lambda db, name: db.case.delete_where({name: 1}),
    "amount of increment": lambda db, name: db.case.increment(1, **{name: 1}),
    "key of upsert": lambda db, name: db.guild.upsert({name: 1}, guild_name="x"),
    "value of upsert": lambda db, name: db.guild.upsert({"guild_id": GUILD}, **{name: 1}),
    "key of get_or_create": lambda db, name: db.guild.get_or_create(**{name: 1}),
    "default of get_or_create": lambda db, name: db.guild.get_or_create({name: 1}, guild_id=GUILD),
    "row of bulk_create": lambda db, name: db.case.bulk_create([a_case(case_number=1, **{name: 1})]),
    "row of bulk_update": lambda db, name: db.case.bulk_update([{"case_id": 1, name: 1}]),
    "conflict of bulk_upsert": lambda db, name: db.guild.bulk_upsert([{"guild_id": 1}], [name], []),
    "update of bulk_upsert": lambda db, name: db.guild.bulk_upsert([{"guild_id": 1}], ["guild_id"], [name]),
    "field of a configuration": lambda db, name: db.guild_config.update_config(GUILD, **{name: 1}),
    "field of get_config_field": lambda db, name: db.guild_config.get_config_field(GUILD, name),
    "log": lambda db, name: db.guild_config.get_log_channel(GUILD, name),
}


@pytest.mark.parametrize("call", NAMED)
async def test_a_hostile_name_is_refused_before_anything_is_sent(db, call):
    for name in STRINGS:
        if not name and call.startswith("look-up"):
            continue  # as in "case_id__", which Tortoise reads as "case_id"
        with pytest.raises((InvalidQuery, UnknownConfigField)):
            await NAMED[call](db, name)
    assert await row_counts(db) == {}


# Ids


@pytest.mark.parametrize("snowflake", [HIGHEST, 0, 1, -1, -HIGHEST - 1])
async def test_an_id_that_fits_is_kept_exactly(db, snowflake):
    case = await db.case.create_case(**a_case(guild_id=snowflake, case_user_id=snowflake))
    assert (case.guild_id, case.case_user_id) == (snowflake, snowflake)
    assert [each.case_id for each in await db.case.get_cases_by_user(snowflake, snowflake)] == [case.case_id]
    assert await db.case.count({"case_user_id": {"in": [snowflake]}}) == 1
    assert (await db.case.get_case_by_number(1, snowflake)).case_id == case.case_id
    config = await db.guild_config.update_config(snowflake, log_channel_id=snowflake)
    assert (await db.guild_config.get_by_id(snowflake)).log_channel_id == config.log_channel_id == snowflake


IMPOSSIBLE = {
    "too great": HIGHEST + 1,
    "too small": -HIGHEST - 2,
    "far too great": 10**40,
    "text": "general",
    "empty text": "",
    "mention": "<@1001>",
    "fraction": 1.5,
    "decimal fraction": Decimal("1.5"),
    "rounded": float(2**60),
    "infinite": float("inf"),
    "not a number": float("nan"),
    "list": [1],
    "dict": {"gt": 1},
    "bytes": b"1",
    "object": object(),
}
TAKES_AN_ID = {
    "create": lambda db, key: db.case.create_case(**a_case(case_user_id=key)),
    "create in a guild": lambda db, key: db.case.create_case(**a_case(guild_id=key)),
    "get_by_id": lambda db, key: db.case.get_by_id(key),
    "get_by_id of a pair": lambda db, key: db.case.get_by_id((key, 1)),
    "get_many": lambda db, key: db.case.get_many([1, key]),
    "update_by_id": lambda db, key: db.case.update_by_id(key, case_reason="x"),
    "delete_by_id": lambda db, key: db.case.delete_by_id(key),
    "bulk_delete": lambda db, key: db.case.bulk_delete([key]),
    "bulk_update": lambda db, key: db.case.bulk_update([{"id": key, "case_reason": "x"}]),
    "bulk_create": lambda db, key: db.case.bulk_create([a_case(case_number=1, case_moderator_id=key)]),
    "upsert": lambda db, key: db.guild_config.upsert({"guild_id": GUILD}, mod_log_id=key),
    "increment": lambda db, key: db.case.increment(1, mod_log_message_id=key),
    "in": lambda db, key: db.case.count({"guild_id__in": [1, key]}),
    "range": lambda db, key: db.case.count({"guild_id__range": (1, key)}),
    "column": lambda db, key: db.case.count(Case.guild_id >= key),
    "Q": lambda db, key: db.case.count(Q(guild_id=key)),
    "across a relation": lambda db, key: db.guild.count(Guild.cases.any(Case.case_user_id == key)),
    "configuration": lambda db, key: db.guild_config.get_mod_log_id(key),
}


@pytest.mark.parametrize("call", TAKES_AN_ID)
@pytest.mark.parametrize("key", IMPOSSIBLE)
async def test_an_id_that_is_none_is_refused_and_never_rounded(db, call, key):
    with pytest.raises((InvalidValue, InvalidQuery)):
        await TAKES_AN_ID[call](db, IMPOSSIBLE[key])
    assert await row_counts(db) == {}


# Text


async def test_a_megabyte_comes_back_whole(db):
    text = "\U0001f986 long" * (2**20 // 9)
    case = await db.case.create_case(**a_case(case_reason=text, case_metadata={"text": text}))
    assert case.case_reason == text
    found = await db.case.find_one({"case_reason": text})
    assert (found.case_reason, found.case_metadata) == (text, {"text": text})
    assert await db.case.count({"case_reason__contains": text[5:-5]}) == 1


WITH_NUL = {
    "create": lambda db: db.case.create_case(**a_case(case_reason="a\0b")),
    "json value": lambda db: db.case.create_case(**a_case(case_metadata={"a": "\0"})),
    "json key": lambda db: db.case.create_case(**a_case(case_metadata={"\0": 1})),
    "update_where": lambda db: db.case.update_where({"case_id": 1}, {"case_reason": "\0"}),
    "bulk_create": lambda db: db.case.bulk_create([a_case(case_number=1, case_reason="\0")]),
    "filter": lambda db: db.case.count({"case_reason": "\0"}),
    "filter in": lambda db: db.case.count({"case_reason__in": ["\0"]}),
    "contains": lambda db: db.case.count({"case_reason__contains": "\0"}),
    "across a relation": lambda db: db.case.count({"guild__guild_name": "\0"}),
    "prefix": lambda db: db.guild_config.update_guild_prefix(GUILD, "\0"),
    "half a pair": lambda db: db.case.create_case(**a_case(case_reason="\ud800")),
    "half a pair in a filter": lambda db: db.case.count({"case_reason": "\udfff"}),
    "half a pair in raw SQL": lambda db: db.service.fetch("SELECT $1::text", "\ud800"),
    "NUL in raw SQL": lambda db: db.service.fetch("SELECT $1::text", "\0"),
}


@pytest.mark.parametrize("call", WITH_NUL)
async def test_text_that_postgresql_cannot_keep_is_refused(db, call):
    with pytest.raises(InvalidValue):
        await WITH_NUL[call](db)
    assert await row_counts(db) == {}
    assert (await db.case.create_case(**a_case())).case_number == 1


async def test_a_limit_on_length_counts_characters_and_is_never_met_by_cutting(db):
    duck = "\U0001f986"
    guild = await db.guild.create(guild_id=GUILD, guild_name=duck * 100)
    assert guild.guild_name == duck * 100
    with pytest.raises(InvalidValue, match=r"guild_name.*101 characters, at most 100"):
        await db.guild.update_by_id(GUILD, guild_name=duck * 101)
    with pytest.raises(InvalidValue, match="guild_name"):
        await db.guild.bulk_update([{"guild_id": GUILD, "guild_name": duck * 101}])
    with pytest.raises(InvalidValue):
        await db.guild.sync_guilds({GUILD: duck * 101})
    assert (await db.guild.get_by_id(GUILD)).guild_name == duck * 100
    assert await db.guild.count({"guild_name": duck * 101}) == 0


async def test_what_two_people_write_in_two_scripts_does_not_mix(db):
    written = {ANN: "\u202e\u05e9\u05dc\u05d5\u05dd", BOB: "e\u0301"}
    for user, text in written.items():
        await db.case.create_case(**a_case(case_user_id=user, case_reason=text))
    for user, text in written.items():
        assert [case.case_user_id for case in await db.case.find_all({"case_reason": text})] == [user]
    assert await db.case.count({"case_reason": "\u00e9"}) == 0  # another string that looks the same
