"""Broken plugins dropped beside guild and moderation: each is shown with its reason, and everything else runs."""

from __future__ import annotations

import json
import re
import sys
import textwrap
from pathlib import Path

import pytest
import pytest_asyncio
from support import copy_project, run_in

from tux.testing import scratch_database

TUX = Path(sys.executable).with_name("tux")

PLAY = """
import asyncio, json, sys
from tux.bot import Tux, loading
from tux.offline.driver import LocalDiscord
from tux.settings import load_settings

loading.WARN_SECONDS, loading.FAIL_SECONDS = 0.1, 0.3

async def main():
    said = {}
    async with LocalDiscord.run(lambda **options: Tux(load_settings(), **options)) as discord:
        discord.member("bob")
        for line in LINES:
            act = discord.owner.slash if line.startswith("/") else discord.owner.says
            said[line] = (await act(line)).text
        cases = await discord.bot.db.case.count()
        cogs = sorted(discord.bot.cogs)
        records = {name: [r.state, r.phase, r.reason] for name, r in discord.bot.registry.records.items()}
    print(json.dumps({"said": said, "cases": cases, "cogs": cogs, "records": records}))

asyncio.run(main())
"""
LINES = [
    "!warn @bob spam",
    "/warn @bob spam",
    "!kick @bob",
    "!clashonly",
    "!halfone",
    "!fine",
    "!plugins",
    "/plugins disable setupgood",
    "!fine  ",
]

MODEL = """
from tortoise import fields
from tux.models import Model

class {cls}(Model):
    id: int = fields.BigIntField(primary_key=True)
    {field}

    class Meta(Model.Meta):
        table = "{table}"
"""
COG = """
import asyncio, sys
import discord
from discord import app_commands
from discord.ext import commands
from tux.cog import BaseCog

class {cls}(BaseCog):
"""


def model(cls, table, field=""):
    return {"models": MODEL.format(cls=cls, table=table, field=field)}


def cog(cls, body):
    return {"cog": COG.format(cls=cls) + textwrap.indent(textwrap.dedent(body), "    ")}


COMMAND = """
@commands.hybrid_command()
async def {name}(self, ctx):
    '''Answer.'''
    await ctx.send("{name} answered")
"""
LOADS = "async def cog_load(self):\n    {}\n"

# name: (what the manifest says more, files, state, phase, words of the reason)
PLUGINS = {
    "syntax": ("", {"models": "class Broken(:\n"}, "failed", "models", "models.py, line 1"),
    "syntaxinit": ("", {"__init__": "plugin = (\n"}, "failed", "manifest", "__init__.py, line 1"),
    "missingimport": (
        "",
        {"models": "import there_is_no_such\n"},
        "failed",
        "models",
        "No module named 'there_is_no_such'",
    ),
    "requirement": ('requires=("nosuchdist>=1",)', {}, "failed", "manifest", "'nosuchdist>=1', which is not installed"),
    "absentneed": ('needs=("nosuchplugin",)', {}, "blocked", "order", "needs 'nosuchplugin', which is not there"),
    "needsbroken": ('needs=("syntax",)', {}, "blocked", "order", "needs 'syntax', which is failed: syntax error"),
    "aaasamemodel": (
        "",
        model("Case", "aaasamemodel_cases"),
        "failed",
        "models",
        "'Case' is also in plugin 'moderation'",
    ),
    "nowhere": (
        "",
        model("Lost", "nowhere_lost", 'home = fields.ForeignKeyField("models.Nowhere")'),
        "failed",
        "models",
        "Lost.home points at 'Nowhere', a model that no running plugin has",
    ),
    "unmigrated": (
        "",
        model("Fresh", "unmigrated_fresh"),
        "blocked",
        "managers",
        "unmigrated_fresh is missing); run `tux db upgrade`",
    ),
    "exits": ("", {"models": "import sys\nsys.exit(1)\n"}, "failed", "models", "SystemExit: 1"),
    "manifest": ('colour="red"', {}, "failed", "manifest", "colour: unknown key"),
    "nullbytes": ("", {"models": "x = 1\0\n"}, "failed", "models", "source code string cannot contain null bytes"),
    "nomanifest": ("", {"__init__": "\n"}, "failed", "manifest", "must hold `plugin = Plugin(...)`; found nothing"),
    "setupraise": (
        "",
        {"cog": "async def setup(bot):\n    raise RuntimeError('in setup')\n"},
        "failed",
        "cog",
        "in setup",
    ),
    "initraise": (
        "",
        cog("Init", "def __init__(self, bot):\n    raise RuntimeError('in init')\n"),
        "failed",
        "cog",
        "cog.py, line 10",
    ),
    "loadhalf": (
        "",
        {
            "cog": cog("AHalf", COMMAND.format(name="halfone"))["cog"]
            + cog("BHalf", LOADS.format("raise RuntimeError('half')"))["cog"]
        },
        "failed",
        "cog",
        "RuntimeError: half",
    ),
    "hangs": (
        "",
        cog("Hangs", LOADS.format("await asyncio.Event().wait()")),
        "failed",
        "cog",
        "did not finish loading within 0.3 s; it hung in",
    ),
    "needshanging": (
        'needs=("hangs",)',
        cog("NeedsHanging", COMMAND.format(name="orphan")),
        "blocked",
        "managers",
        "needs 'hangs', which is failed",
    ),
    "cogexits": ("", cog("Exits", LOADS.format("sys.exit(3)")), "failed", "cog", "called sys.exit()"),
    "cogcancels": (
        "",
        cog("Cancels", LOADS.format("raise asyncio.CancelledError")),
        "failed",
        "cog",
        "cancelled its own loading",
    ),
    "aaaclash": (
        "",
        cog("AaaClash", COMMAND.format(name="clashonly") + COMMAND.format(name="warn")),
        "failed",
        "cog",
        "its command 'warn' is also in 'moderation'; rename one of them",
    ),
    "clashslash": (
        "",
        cog(
            "ClashSlash",
            "@app_commands.command()\nasync def kick(self, interaction: discord.Interaction):\n    '''Kick.'''\n",
        ),
        "failed",
        "cog",
        "its command 'kick' is also in 'moderation'",
    ),
    "intent": (
        'intents=("presences",)',
        cog("Intent", "pass"),
        "blocked",
        "managers",
        "needs the intent 'presences'; enable it",
    ),
    "badintent": (
        'intents=("telepathy",)',
        cog("BadIntent", "pass"),
        "blocked",
        "managers",
        "'telepathy', which discord.py does not know",
    ),
    "nocog": ("", {"cog": "x = 1\n"}, "failed", "cog", "neither a subclass of BaseCog nor `async def setup(bot)`"),
    "setupgood": (
        "",
        {
            "cog": cog("Fine", COMMAND.format(name="fine"))["cog"]
            + "\nasync def setup(bot):\n    await bot.add_cog(Fine(bot))\n"
        },
        "ready",
        "cog",
        "",
    ),
}
LOADED_BY_THE_BOT = {name for name, (_, files, *_) in PLUGINS.items() if "cog" in files} | {"unmigrated"}


@pytest.fixture(scope="module")
def project(tmp_path_factory):
    root = copy_project(tmp_path_factory.mktemp("broken") / "project")
    for name, (more, files, *_) in PLUGINS.items():
        folder = root / "plugins" / name
        folder.mkdir()
        manifest = f'from tux import Plugin\nplugin = Plugin(name="{name}", summary="s", version="1", {more})\n'
        for file, text in ({"__init__": manifest} | files).items():
            (folder / f"{file}.py").write_text(text)
    (root / "play.py").write_text(PLAY.replace("LINES", repr(LINES)))
    return root


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def played(project, tux_databases):
    """What the bot did among its broken plugins, in a process of its own."""
    async with scratch_database() as url:
        done = run_in(project, sys.executable, "play.py", DATABASE_URL=url)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout.splitlines()[-1]) | {"log": done.stderr}


@pytest.mark.parametrize("name", PLUGINS)
async def test_a_broken_plugin_is_recorded_with_its_reason(played, name):
    _, _, state, phase, words = PLUGINS[name]
    assert played["records"][name][:2] == [state, phase], played["records"][name]
    assert words in played["records"][name][2]


async def test_everything_else_runs(played):
    for name in ("core", "guild", "moderation"):
        assert played["records"][name] == ["ready", "cog", ""]
    assert "Case #1: WARN" in played["said"]["!warn @bob spam"]
    assert "Case #2: WARN" in played["said"]["/warn @bob spam"]
    assert "Case #3: KICK" in played["said"]["!kick @bob"]
    assert played["cases"] == 3


async def test_nothing_of_a_broken_cog_is_left(played):
    assert played["cogs"] == ["Core", "Fine", "Guild", "Moderation", "Cases"] or set(played["cogs"]) >= {
        "Core",
        "Guild",
    }
    assert not {"AHalf", "BHalf", "Hangs", "AaaClash", "ClashSlash", "NeedsHanging"} & set(played["cogs"])
    assert played["said"]["!clashonly"] == ""
    assert played["said"]["!halfone"] == ""


async def test_a_module_with_setup_belongs_to_its_plugin_and_can_be_switched_off(played):
    assert played["said"]["!fine"] == "fine answered"
    assert played["said"]["!fine  "] == ""


async def test_the_owner_sees_the_reasons_in_discord(played):
    for name in ("syntax", "unmigrated", "hangs"):
        assert f"**{name}**" in played["said"]["!plugins"]
    assert "run `tux db upgrade`" in played["said"]["!plugins"]


async def test_a_slow_plugin_was_warned_about_with_its_place(played):
    assert re.search(r"Loading takes over 0\.1 s; it is in \S*plugins/hangs/cog.py, line 10", played["log"])
    assert "plugins/hangs/cog.py, line 10" in played["records"]["hangs"][2]


def test_tux_plugin_list_shows_every_reason(project):
    done = run_in(project, TUX, "plugin", "list")
    assert done.returncode == 0
    for name, (_, _, state, _, words) in PLUGINS.items():
        if name not in LOADED_BY_THE_BOT:
            [line] = [line for line in done.stdout.splitlines() if line.startswith(f"{name} is ")]
            assert line.startswith(f"{name} is {state}: ")
            assert words in line
            assert f"plugin {name!r}" not in line, "the line has said it"
    assert "Traceback" not in done.stdout + done.stderr
