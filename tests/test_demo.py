"""`make demo`: its transcript is tests/golden/demo.txt, and what it says is what the database holds.

Regenerate the golden file, after reading the difference: .venv/bin/tux console config/demo.txt > tests/golden/demo.txt
"""

from __future__ import annotations

import io
from dataclasses import dataclass
from pathlib import Path

import asyncpg
import pytest
import pytest_asyncio
from rich.cells import cell_len

from tux.clock import clock
from tux.offline.console import converse, open_conversation
from tux.offline.terminal import ScriptLines, make_screen
from tux.settings import load_settings
from tux.testing import scratch_database

DEMO = Path("config/demo.txt")
GOLDEN = Path("tests/golden/demo.txt")
TABLES = (
    "moderation_cases",
    "guild_guilds",
    "guild_configs",
    "snippets_snippets",
    "notes_notes",
    "levels_member_levels",
    "starboard_messages",
    "reminders_reminders",
    "afk_entries",
    "points_users",
    "polls_votes",
    "audit_entries",
)


@dataclass
class Played:
    transcript: str
    failures: int
    ids: dict[str, int]
    tables: dict[str, list[dict]]


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def demo(tux_databases, tux_root):
    """The demo, played once on a database of its own, and the rows that it left."""
    file = io.StringIO()
    async with scratch_database(tux_root) as url:
        screen = make_screen(scripted=True, file=file)
        async with open_conversation(load_settings(tux_root), url, screen) as talk:
            await converse(talk, ScriptLines((tux_root / DEMO).read_text(encoding="utf-8")), echo=True)
            ids = {user["username"]: int(user["id"]) for user in talk.world.users.values()}
            ids |= {f"#{channel.data['name']}": int(channel.id) for channel in talk.guild.channels.values()}
            ids["server"] = int(talk.guild.id)
        connection = await asyncpg.connect(url)
        tables = {
            name: [dict(row) for row in await connection.fetch(f"SELECT * FROM {name} ORDER BY 1")] for name in TABLES
        }
        await connection.close()
    return Played(file.getvalue(), talk.failures, ids, tables)


async def test_the_transcript_is_the_golden_file(demo, tux_root):
    assert demo.transcript == (tux_root / GOLDEN).read_text(encoding="utf-8")


async def test_every_line_of_the_demo_could_be_carried_out(demo):
    assert demo.failures == 0


async def test_no_line_is_wider_than_80_cells_ends_in_spaces_or_says_an_id(demo):
    lines = demo.transcript.splitlines()
    assert max(map(cell_len, lines)) <= 80
    assert [line for line in lines if line != line.rstrip()] == []
    assert [line for line in lines if any(str(number) in line for number in demo.ids.values())] == []


async def test_the_cases_in_the_database_are_those_that_were_told(demo):
    ids = demo.ids
    rows = [
        (row["case_number"], row["case_type"], row["case_user_id"], row["case_reason"], row["case_status"])
        for row in demo.tables["moderation_cases"]
    ]
    assert rows == [
        (1, "WARN", ids["bob"], "please stay civil", True),
        (2, "WARN", ids["bob"], "advertising, three times in a row", True),
        (3, "TIMEOUT", ids["bob"], "calm down first", False),
        (4, "UNTIMEOUT", ids["bob"], "he promised to behave", True),
        (5, "BAN", ids["carol"], "sells followers", False),
        (6, "UNBAN", ids["carol"], "it was her little brother", True),
    ]


async def test_every_case_names_alice_her_server_and_its_message_in_the_mod_log(demo):
    cases = demo.tables["moderation_cases"]
    assert {row["case_moderator_id"] for row in cases} == {demo.ids["alice"]}
    assert {row["guild_id"] for row in cases} == {demo.ids["server"]}
    assert len({row["mod_log_message_id"] for row in cases} - {None}) == len(cases)


async def test_the_time_out_ends_ten_minutes_after_it_began(demo):
    case = demo.tables["moderation_cases"][2]
    assert 595 < (case["case_expires_at"] - case["case_created_at"]).total_seconds() < 605


async def test_the_server_has_its_row_its_mod_log_and_the_default_prefix_again(demo):
    (guild,), (config,) = demo.tables["guild_guilds"], demo.tables["guild_configs"]
    assert (guild["guild_id"], guild["guild_name"]) == (demo.ids["server"], "Tux server")
    assert (config["mod_log_id"], config["prefix"]) == (demo.ids["#mod-log"], None)


async def test_every_plugin_that_was_talked_to_has_its_rows(demo):
    ids, tables = demo.ids, demo.tables
    assert [(row["snippet_name"], row["uses"]) for row in tables["snippets_snippets"]] == [("rules", 1)]
    assert [(row["user_id"], row["author_id"]) for row in tables["notes_notes"]] == [(ids["bob"], ids["alice"])]
    assert ids["bob"] in {row["member_id"] for row in tables["levels_member_levels"]}
    assert [(row["author_id"], row["star_count"]) for row in tables["starboard_messages"]] == [(ids["bob"], 1)]
    assert [row["reminder_sent_at"] is not None for row in tables["reminders_reminders"]] == [True]
    assert tables["afk_entries"] == []  # he wrote again
    assert {row["discord_id"]: row["points"] for row in tables["points_users"]} == {ids["bob"]: 6, ids["dave"]: 4}
    assert [row["user_id"] for row in tables["polls_votes"]] == [ids["bob"]]
    assert {row["actor_id"] for row in tables["audit_entries"]} == {ids["owner"], ids["alice"]}


async def test_the_clock_stands_right_again_after_the_demo(demo):
    assert clock._offset.total_seconds() == pytest.approx(0)
