"""What holds for every command, of whichever plugin: it is described, it is in the table, it has a call that is played."""

from __future__ import annotations

import os

import pytest

from tests.contract import commands as table
from tests.contract.scenarios import STYLES, load_scenarios, slash_name

# https://discord.com/developers/docs/interactions/application-commands
MAX_DESCRIPTION = 100
RECORDING = bool(os.environ.get("RECORD_STATEMENTS"))
# Commands that make sense in direct messages, too.
EVERYWHERE = {"health", "help", "mydata", "remind"}
SCENARIOS = load_scenarios()


@pytest.fixture
def slashes(bot):
    """Every slash command of the loaded bot, by the name that is typed."""
    found = {command.qualified_name: command for command in bot.tree.walk_commands() if hasattr(command, "parameters")}
    assert len(found) > 100
    return found


def test_every_command_has_a_call_that_is_played_and_every_call_has_a_command(bot):
    assert {command.qualified_name for command in bot.walk_commands()} == SCENARIOS.keys()


def test_every_slash_command_is_a_prefix_command_too(bot, slashes):
    assert {slash_name(command) for command in bot.walk_commands()} - {None} == slashes.keys()


def test_every_command_says_what_it_does_in_a_sentence(bot, slashes):
    wrong = [
        name
        for name, text in [
            *((name, command.description) for name, command in slashes.items()),
            *((command.qualified_name, command.short_doc) for command in bot.walk_commands()),
        ]
        if not (10 <= len(text) <= MAX_DESCRIPTION and text[0].isupper() and (text[-1] in ".;" or name == "help"))
    ]
    assert wrong == []


def test_every_argument_is_described(slashes):
    described = {
        f"{name} {parameter.display_name}": str(parameter.description)
        for name, command in slashes.items()
        for parameter in command.parameters
    }
    assert len(described) > 100
    assert [name for name, text in described.items() if not (3 <= len(text) <= MAX_DESCRIPTION)] == []
    assert [name for name, text in described.items() if text.strip("….") == ""] == []


def test_commands_of_servers_are_offered_in_servers_only(bot, slashes):
    for name, command in slashes.items():
        root = command.root_parent or command
        assert root.guild_only is (root.name not in EVERYWHERE), name
    for command in bot.walk_commands():
        checked = any(check.__qualname__.startswith("guild_only") for check in command.checks)
        assert checked is (command.qualified_name.split()[0] not in EVERYWHERE), command.qualified_name
    assert all(menu.guild_only for menu in table.menus_of(bot))


async def test_commands_of_servers_are_refused_in_a_direct_message(discord, bot):
    """By prefix; Discord does not show them there as slash commands."""
    bob = discord.member("bob")
    for name, scenario in SCENARIOS.items():
        command = bot.get_command(name)
        if name.split()[0] in EVERYWHERE:
            continue
        said = (await bob.dm(f"!{name} {scenario.given('prefix')}")).text
        assert "in a server only" in said, name
        assert command is not None
    assert [each["name"] for each in bob.commands() if not each["dm_permission"]]


# Numbers and names that nobody knows by heart; what is free text, a time or a new name is not completed.
COMPLETED = {
    "action", "case", "command", "kind", "number", "plugin", "poll", "rank", "reminder", "target", "type", "when", "zone",
}  # fmt: skip


def test_what_somebody_would_have_to_look_up_is_completed(slashes):
    bare = {
        f"{name} {parameter.display_name}"
        for name, command in slashes.items()
        for parameter in command.parameters
        if parameter.display_name in COMPLETED
        and not parameter.autocomplete
        and not parameter.choices
        and parameter.type.name in {"string", "integer"}
    }
    assert bare == set()


def test_more_than_four_statements_have_a_reason():
    counts, reasons = table.read_counts(), table.read_reasons()
    many = {name for name, styles in counts.items() if max(styles.values()) > table.MANY}
    assert many == {name for name, scenario in SCENARIOS.items() if scenario.why}
    assert {scenario.why for scenario in SCENARIOS.values()} - {None} == reasons.keys()


def test_the_statements_of_every_command_are_known():
    counts = table.read_counts()
    assert counts.keys() == SCENARIOS.keys()
    assert {name for name, scenario in SCENARIOS.items() if scenario.only == "prefix"} == {
        name for name, styles in counts.items() if styles.keys() != set(STYLES)
    }


def test_every_listener_has_a_test(bot):
    named = table.listener_tests()
    assert {plugin: set(own) for plugin, own in table.handlers_of(bot).items()} == {
        plugin: set(own) for plugin, own in named.items()
    }
    assert [f"{plugin} {method}" for plugin, own in named.items() for method, tests in own.items() if not tests] == []


def test_every_entry_of_a_menu_has_a_test(bot):
    names = [menu.name for menu in table.menus_of(bot)]
    assert names
    assert table.tests_naming(names).keys() == set(names)


def test_the_table_of_commands_is_fresh(bot):
    text = table.render(bot, SCENARIOS, table.read_counts())
    if RECORDING:
        table.TABLE.write_text(text, encoding="utf-8")
    assert table.TABLE.read_text(encoding="utf-8") == text, "run: python -m tests.contract.commands"
