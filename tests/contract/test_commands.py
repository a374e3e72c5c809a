"""Every command by slash and by prefix: what it does, what it costs, and that it is refused."""

from __future__ import annotations

import os

import pytest

from tests.contract.commands import read_counts, write_counts
from tests.contract.scenarios import STYLES, Theatre, actor_of, below, counted, load_scenarios, slash_name
from tux.cog import required_rank

TOLD = "audit_entries WHERE guild_id = {guild}"
RECORDING = bool(os.environ.get("RECORD_STATEMENTS"))
SCENARIOS = load_scenarios()
CALLS = [(name, style) for name, each in SCENARIOS.items() for style in STYLES if each.only in {None, style}]
IDS = [f"{name.replace(' ', '_')}-{style}" for name, style in CALLS]


@pytest.fixture(scope="module")
def counts():
    """How many statements each call sent when that was last written down; written down anew when asked to."""
    known = read_counts()
    found = {}
    yield {} if RECORDING else known, found
    if RECORDING:
        write_counts(known | {name: known.get(name, {}) | styles for name, styles in found.items()})


@pytest.fixture
async def theatre(discord, db):
    theatre = Theatre(discord, db)
    await theatre.open()
    return theatre


def found_command(bot, name, style):
    command = bot.get_command(name)
    assert command is not None, f"there is no command {name}"
    assert style == "prefix" or slash_name(command)
    return command


@pytest.mark.parametrize(("name", "style"), CALLS, ids=IDS)
async def test_a_command_does_what_it_says_in_as_many_statements_as_ever(bot, theatre, counts, name, style):
    scenario, command = SCENARIOS[name], found_command(bot, name, style)
    actor = actor_of(scenario, required_rank(command))
    for line in scenario.before:
        await theatre.play(line)
    await theatre.warm()
    rows, left = (scenario.row, 1) if scenario.row else (scenario.gone, 0)
    assert rows is None or await theatre.count(rows) == 1 - left
    told = await theatre.count(TOLD)
    with counted() as sent:
        reply = await theatre.call(command, scenario, style, actor)
    assert scenario.sees in reply.text
    assert reply.failure is None
    assert rows is None or await theatre.count(rows) == left
    if rows is not None and required_rank(command) is not None:
        assert await theatre.count(TOLD) > told, "the audit log was not told"
    known, found = counts
    found.setdefault(name, {})[style] = len(sent)
    if known:
        assert len(sent) == known[name][style], "python -m tests.contract.commands; now:\n" + "\n".join(sent)


@pytest.mark.parametrize("name", SCENARIOS, ids=[name.replace(" ", "_") for name in SCENARIOS])
async def test_a_command_is_refused_and_nothing_is_written(bot, theatre, name):
    scenario = SCENARIOS[name]
    styles = [style for style in STYLES if (name, style) in CALLS]
    command = found_command(bot, name, styles[0])
    rank = required_rank(command)
    actor = actor_of(scenario, rank)
    if rank is not None:
        with counted() as sent:
            for style in styles:
                await refused(theatre, (command, scenario, style, below(rank)), scenario.given(style), f"rank {rank}")
        assert sent == []
    for line in scenario.before if scenario.refused or scenario.again else ():
        await theatre.play(line)
    for style in styles:
        for other, args, says in scenario.refusals(style):
            before = await theatre.count(scenario.row) if scenario.row else 0
            await refused(theatre, (command, scenario, style, other or actor), args, says)
            assert before == (await theatre.count(scenario.row) if scenario.row else 0)
    if scenario.again:
        await theatre.call(command, scenario, styles[0], actor)
        for style in styles:
            await refused(theatre, (command, scenario, style, actor), scenario.given(style), scenario.again)
    assert rank is not None or scenario.refused or scenario.again or scenario.never


async def refused(theatre, call, args, says):
    command, scenario, style, actor = call
    reply = await theatre.call(command, scenario, style, actor, args)
    assert says in reply.text, f"{style}: {reply.text}"
    assert style == "prefix" or reply.is_ephemeral
