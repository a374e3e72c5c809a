"""The migrations that this repository ships, in a copy of it."""

from __future__ import annotations

import shutil


async def test_the_models_equal_the_migrations(repository):
    assert repository.aerich("migrate", "--offline").stdout.strip() == "No changes detected"


async def test_the_migrations_go_from_nothing_to_head_to_nothing_to_head(repository):
    for command in (["upgrade"], ["downgrade", "--version", "0", "--yes"], ["upgrade"]):
        done = repository.aerich(*command, TUX_ALLOW_DESTRUCTIVE="1")
        assert done.returncode == 0, done.stderr
    assert repository.aerich("heads").stdout.strip() == "No available heads."
    assert {"core_settings", "guild_guilds", "moderation_cases"} <= set(await repository.tables())


async def test_a_plugin_moved_away_is_refused_with_its_tables_and_writes_no_file(repository):
    before = repository.files
    shutil.move(repository.root / "plugins" / "starboard", repository.root / "starboard")
    refused = repository.aerich("migrate")
    assert refused.returncode == 1
    assert "plugin 'starboard': starboard_boards, starboard_messages" in refused.stderr
    assert repository.files == before


async def test_a_plugin_that_others_need_moved_away_is_refused_with_its_own_tables_first(repository):
    before = repository.files
    shutil.move(repository.root / "plugins" / "moderation", repository.root / "moderation")
    refused = repository.aerich("migrate")
    assert refused.returncode == 1
    assert "plugin 'moderation': moderation_" in refused.stderr
    assert "moderation_cases" in refused.stderr
    assert repository.files == before


async def test_a_plugin_that_lacks_another_is_refused_once_that_one_is_retired(repository):
    before = repository.files
    shutil.move(repository.root / "plugins" / "moderation", repository.root / "moderation")
    ledger = repository.root / "migrations" / "plugins.toml"
    ledger.write_text(ledger.read_text().replace("retired = []", 'retired = ["moderation"]'))
    refused = repository.aerich("migrate")
    assert refused.returncode == 1
    assert "plugin 'points' is blocked" in refused.stderr
    assert "moderation" in refused.stderr
    assert repository.files == before
