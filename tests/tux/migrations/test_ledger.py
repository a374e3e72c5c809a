from __future__ import annotations

import pytest

from tux.errors import SettingsError
from tux.migrations.ledger import LEDGER, KeptPlugin, Ledger, UserColumn, read_ledger, write_ledger

FULL = Ledger(
    off=("polls", "afk"),
    retired=("jokes",),
    kept={
        "levels": KeptPlugin(
            tables=("levels_members", "levels_rewards"),
            users=(UserColumn(table="levels_members", column="user_id", forget="keep", reason='he said "no"\\\n\x7f'),),
        )
    },
)


def refusal(tmp_path, text: str) -> str:
    (tmp_path / LEDGER).parent.mkdir(exist_ok=True)
    (tmp_path / LEDGER).write_text(text)
    with pytest.raises(SettingsError) as caught:
        read_ledger(tmp_path)
    return str(caught.value)


def test_a_project_without_the_file_has_nothing_off_kept_or_retired(tmp_path):
    assert read_ledger(tmp_path) == Ledger()


@pytest.mark.parametrize("ledger", [Ledger(), FULL], ids=["empty", "full"])
def test_what_is_written_is_what_is_read(tmp_path, ledger):
    write_ledger(tmp_path, ledger)
    assert read_ledger(tmp_path) == ledger
    assert [path.name for path in (tmp_path / LEDGER).parent.iterdir()] == [LEDGER.name]


def test_names_are_written_in_alphabetical_order_once(tmp_path):
    write_ledger(tmp_path, Ledger(off=("polls", "afk", "polls")))
    assert 'off = ["afk", "polls"]' in (tmp_path / LEDGER).read_text()


def test_the_kept_tables_of_all_plugins_are_together():
    assert FULL.kept_tables == {"levels_members", "levels_rewards"}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("off = [", "is not valid TOML"),
        ('of = ["afk"]', "of: unknown key; known here: kept, off, retired"),
        ('[kept.afk]\ntable = "afk_entries"', "kept.afk.table: unknown key; known here: tables, users"),
        ("[kept.afk]\ntables = []", "kept.afk.tables"),
        ('[kept.afk]\ntables = ["levels_members"]', "'levels_members' does not begin with 'afk_'"),
        ('off = ["Levels"]', "off.0"),
        ('off = ["afk"]\nretired = ["afk"]', "'afk' is in off and in retired; leave it in one"),
        (
            '[kept.afk]\ntables = ["afk_entries"]\nusers = [{table = "afk_x", column = "a", forget = "null"}]',
            "users names 'afk_x', which is not in tables",
        ),
        (
            '[kept.afk]\ntables = ["afk_entries"]\nusers = [{table = "afk_entries", column = "a", forget = "never"}]',
            "kept.afk.users.0.forget",
        ),
    ],
)
def test_a_mistake_is_refused_by_name(tmp_path, text, said):
    message = refusal(tmp_path, text)
    assert said in message
    assert str(LEDGER) in message
