from __future__ import annotations

import pytest

from tux.database import writes as module
from tux.database.writes import Touch, Watched, Writes

CONFIGS = Watched("configs", "guild_id", {"guilds": "id", "owners": None})
HEARD = [
    ("UPDATE configs SET x = 1 WHERE guild_id = $1", (5,), {("configs", 5)}),
    ("INSERT INTO configs (guild_id) VALUES ($1), ($2)", (5, 6), {("configs", 5), ("configs", 6)}),
    ("UPDATE configs SET x = 1", (), {("configs", None)}),
    ("UPDATE configs SET x = 1 WHERE guild_id = $1", (), {("configs", None)}),
    ("UPDATE configs SET x = 1 WHERE guild_id = $1", ("5",), {("configs", None)}),
    ("DELETE FROM guilds WHERE id = $1", (5,), {("configs", 5)}),
    ("DELETE FROM guilds WHERE name = $1", (5,), {("configs", None)}),
    ("DELETE FROM owners WHERE guild_id = $1", (5,), {("configs", None)}),
    ("INSERT INTO guilds (id) VALUES ($1)", (5,), set()),
    ("UPDATE guilds SET name = 'x' WHERE id = $1", (5,), set()),
    ("DELETE FROM others", (), set()),
    ("SELECT * FROM configs FOR UPDATE", (), set()),
    ("DO $$ BEGIN END $$", (), {("configs", None), ("words", None)}),
    ("CALL clean_up($1)", (5,), {("configs", None), ("words", None)}),
    ("INSERT INTO words (text) VALUES ($1)", (5,), {("words", None)}),
]


@pytest.fixture
def heard():
    return []


@pytest.fixture
def writes(heard):
    made = Writes()
    made.watch(CONFIGS, heard.append)
    made.watch(Watched("words"), heard.append)
    return made


@pytest.mark.parametrize(("sql", "args", "touched"), HEARD)
def test_a_statement_touches_the_watched_tables_that_it_reaches(writes, sql, args, touched):
    assert writes.touched_by(sql, args) == touched
    assert writes.touched_by(sql, args) == touched


def test_who_watches_hears_of_the_scopes_of_its_table_alone(writes, heard):
    writes.announce([Touch("configs", 5), Touch("others", 6)])
    writes.announce([Touch("configs", None)])
    assert heard == [5, None]


def test_a_table_that_is_watched_later_is_seen_in_statements_that_are_known_already(writes):
    sql = "DELETE FROM others WHERE id = $1"
    assert writes.touched_by(sql, (5,)) == frozenset()
    writes.watch(Watched("others", "id"), lambda _scope: None)
    assert writes.touched_by(sql, (5,)) == {("others", 5)}


def test_what_statements_touch_is_kept_for_a_bounded_number_of_them(writes, monkeypatch):
    monkeypatch.setattr(module, "KEPT_PLANS", 3)
    monkeypatch.setattr(module, "LONGEST_TEXT", 100)
    for number in range(5):
        writes.touched_by(f"UPDATE configs SET x = {number}", ())
    writes.touched_by(f"UPDATE configs SET x = '{'x' * 100}'", ())
    assert len(writes._plans) == 2
