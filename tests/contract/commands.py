"""`python -m tests.contract.commands` counts the statements of every command anew and writes docs/commands.md.

`python -m tests.contract.commands table` leaves the numbers as they are.
"""

from __future__ import annotations

import ast
import json
import os
import subprocess
import sys
import tomllib
from collections import defaultdict
from typing import TYPE_CHECKING

from discord import AppCommandType

from tests.contract.promises import TESTS, tests_in, tests_of
from tests.contract.scenarios import SCENARIOS, STYLES, slash_name
from tux.cog import BaseCog, required_rank

if TYPE_CHECKING:
    from discord import app_commands
    from discord.ext import commands

    from tests.contract.scenarios import Scenario
    from tux.bot import Tux

COUNTS = TESTS / "contract" / "statements.json"
LISTENERS = TESTS / "contract" / "listeners.toml"
TABLE = TESTS.parent / "docs" / "commands.md"
SHOWN = 3
MANY = 4
# Where tests name commands without a sign before them.
CALLS = {"slash", "autocomplete", "uses_menu", "act", "use"}

INTRO = """# Commands and listeners

Made by `python -m tests.contract.commands` from the loaded bot, from `tests/contract/commands.toml`, which has a call of
every command that is refused and one that is not, and from what these calls sent to PostgreSQL. `tests/contract/test_commands.py`
plays each by slash and by prefix, looks at the answer and at the row, and counts again. `tests/contract/test_switched_off.py`
switches each plugin off. `[argument]` may be left out; one with … is completed while it is typed. Statements are those of
a server that the bot knows, BEGIN and COMMIT among them, by slash and after a stroke by prefix where that differs.
More than four have a reason:
"""


def read_counts() -> dict[str, dict[str, int]]:
    """Return for each command how many statements its call sent, by style."""
    return json.loads(COUNTS.read_text(encoding="utf-8")) if COUNTS.is_file() else {}


def write_counts(counts: dict[str, dict[str, int]]) -> None:
    """Write down how many statements the calls sent."""
    COUNTS.write_text(json.dumps(counts, indent=1, sort_keys=True) + "\n", encoding="utf-8")


def read_reasons() -> dict[str, str]:
    """Return the reasons for more than four statements by their names."""
    return tomllib.loads(SCENARIOS.read_text(encoding="utf-8"))["why"]


def commands_of(bot: Tux) -> dict[str, list[commands.Command]]:
    """Return the commands of each plugin, by name; those of discord.py itself under the bot's own name."""
    found = defaultdict(list)
    for command in sorted(bot.walk_commands(), key=lambda command: command.qualified_name):
        found[bot.plugin_of(command.callback, command.cog) or "discord.py"].append(command)
    return dict(sorted(found.items()))


def menus_of(bot: Tux) -> list[app_commands.ContextMenu]:
    """Return the commands of the menus of members and messages."""
    return [
        menu for kind in (AppCommandType.user, AppCommandType.message) for menu in bot.tree.walk_commands(type=kind)
    ]


def app_command(bot: Tux, command: commands.Command) -> app_commands.Command | None:
    """Return the slash command that a command has, None without one."""
    words = (slash_name(command) or "").split()
    found = bot.tree.get_command(words[0]) if words else None
    for word in words[1:]:
        found = found.get_command(word)
    return found


def handlers_of(bot: Tux) -> dict[str, dict[str, tuple[str, str]]]:
    """Return for each plugin its listeners, event handlers and due work: method → when it runs, and what it does."""
    found = defaultdict(dict)
    for cog in bot.cogs.values():
        if not isinstance(cog, BaseCog):
            continue
        moments = [(method, f"`{event}`") for event, method in cog.get_listeners()]
        moments += [(method, f"`{event.__name__}`") for event, method in cog.event_handlers()]
        moments += [(method, f"every {seconds:g} s") for seconds, method in cog.due_work()]
        for method, moment in sorted(moments, key=lambda each: (each[0].__name__, each[1])):
            known = found[cog.plugin].get(method.__name__)
            does = (method.__doc__ or "").strip().partition("\n")[0]
            found[cog.plugin][method.__name__] = (f"{known[0]}, {moment}" if known else moment, does)
    return dict(sorted(found.items()))


def tests_naming(names: list[str]) -> dict[str, list[str]]:
    """Return the tests in whose texts a command is used, `/warn …`, `!warn …` or `slash("warn", …)`, by its name."""
    found = defaultdict(list)
    by_length = sorted(names, key=len, reverse=True)
    for path in sorted((TESTS / "plugins").glob("*/test_*.py")) + sorted((TESTS / "tux/core").glob("test_*.py")):
        for test, node in tests_in(path).items():
            for line in _lines(node):
                used = next((name for name in by_length if f"{line} ".startswith(f"{name} ")), None)
                entry = f"{path.relative_to(TESTS)}::{test}"
                if used is not None and entry not in found[used]:
                    found[used].append(entry)
    return found


def _lines(test: ast.AST) -> list[str]:
    found = []
    for node in ast.walk(test):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and node.value[:1] in {"/", "!"}:
            found.append(node.value[1:])
        elif isinstance(node, ast.Call):
            called = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
            texts = [arg.values[0] if isinstance(arg, ast.JoinedStr) else arg for arg in node.args]
            if called in CALLS:
                found += [
                    each.value for each in texts if isinstance(each, ast.Constant) and isinstance(each.value, str)
                ]
    return found


def listener_tests() -> dict[str, dict[str, list[str]]]:
    """Return the tests of each listener as listeners.toml names them, by plugin and method."""
    entries = tomllib.loads(LISTENERS.read_text(encoding="utf-8"))
    return {
        plugin: {method: [test for each in references for test in tests_of(each)] for method, references in own.items()}
        for plugin, own in entries.items()
    }


def render(bot: Tux, scenarios: dict[str, Scenario], counts: dict[str, dict[str, int]]) -> str:
    """Return docs/commands.md."""
    handlers, tried = handlers_of(bot), listener_tests()
    lines = [INTRO, *(f"- *{name}*: {text}" for name, text in read_reasons().items()), ""]
    groups = commands_of(bot)
    names = [name for each in groups.values() for command in each for name in _names(command)]
    head = ["| command | rank | arguments | statements | refused | tests beside its own |", "|---|---|---|---|---|---|"]
    menus = {menu: bot.plugin_of(menu.callback, getattr(menu.callback, "__self__", None)) for menu in menus_of(bot)}
    named = tests_naming([*names, *(menu.name for menu in menus)])
    for plugin, found in groups.items():
        lines += [f"## {plugin}", "", *head]
        for command in found:
            tests = list(dict.fromkeys(test for name in _names(command) for test in named[name]))
            scenario, counted = scenarios[command.qualified_name], counts.get(command.qualified_name, {})
            cells = [_form(command), _rank(command), _arguments(bot, command), _statements(scenario, counted)]
            lines.append(f"| {' | '.join([*cells, _refusal(command, scenario), _cell(tests)])} |")
        lines += [
            f"| {menu.name} (menu of a {menu.type.name}) | | | | | {_cell(named[menu.name])} |"
            for menu, owner in menus.items()
            if owner == plugin
        ]
        lines += ["", *_handlers(handlers.get(plugin, {}), tried.get(plugin, {}))]
    return "\n".join(lines).rstrip() + "\n"


def _names(command: commands.Command) -> list[str]:
    above = command.full_parent_name
    own = [command.name, *command.aliases]
    slash = slash_name(command)
    return [
        *(f"{above} {name}".strip() for name in own),
        *([slash] if slash not in {None, command.qualified_name} else []),
    ]


def _form(command: commands.Command) -> str:
    slash = slash_name(command)
    forms = [f"`/{slash}`"] if slash else []
    if slash != command.qualified_name:
        forms.append(f"`!{command.qualified_name}`")
    forms += [f"`!{name}`" for name in command.aliases]
    return ", ".join(forms) + f"<br>{command.short_doc}"


def _rank(command: commands.Command) -> str:
    if any(getattr(check, "__qualname__", "").startswith("is_owner") for check in command.checks):
        return "the bot's owner"
    rank = required_rank(command)
    return "" if rank is None else str(rank)


def _arguments(bot: Tux, command: commands.Command) -> str:
    slash = app_command(bot, command)
    if slash is None:
        return f"`{command.signature}`" if command.signature else ""
    shown = []
    for parameter in slash.parameters:
        name = parameter.display_name + ("…" if parameter.autocomplete else "")
        text = str(parameter.description).replace("<", "&lt;").replace("|", "\\|")
        shown.append(f"`{name if parameter.required else f'[{name}]'}` {text}")
    return "<br>".join(shown)


def _statements(scenario: Scenario, counted: dict[str, int]) -> str:
    numbers = list(dict.fromkeys(str(counted[style]) for style in STYLES if style in counted))
    return " / ".join(numbers) + (f" *{scenario.why}*" if scenario.why else "")


def _refusal(command: commands.Command, scenario: Scenario) -> str:
    ways = ["below its rank"] if required_rank(command) is not None else []
    ways += [f"“{says}”" for says in dict.fromkeys(each[1] for each in scenario.refused)]
    ways += [f"the second time: “{scenario.again}”"] if scenario.again else []
    return "<br>".join(ways) or str(scenario.never)


def _handlers(handlers: dict[str, tuple[str, str]], tests: dict[str, list[str]]) -> list[str]:
    if not handlers:
        return []
    rows = [f"| {when} | {does} | {_cell(tests.get(name, []))} |" for name, (when, does) in handlers.items()]
    return ["| listens to | what it does | tests |", "|---|---|---|", *rows, ""]


def _cell(tests: list[str]) -> str:
    return "<br>".join(f"`{test}`" for test in tests[:SHOWN])


if __name__ == "__main__":
    files = ("test_command_tree.py",) if "table" in sys.argv else ("test_commands.py", "test_command_tree.py")
    tests = [str(TESTS / "contract" / name) for name in files]
    sys.exit(
        subprocess.call([sys.executable, "-m", "pytest", "-q", *tests], env=os.environ | {"RECORD_STATEMENTS": "1"})
    )
