"""The examples of README.md and docs/testing.md run as they stand there."""

from __future__ import annotations

import asyncio
import re
import textwrap
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace
from unittest.mock import AsyncMock

import pytest

import tux
from plugins.moderation.cog.records import CasesCog
from plugins.moderation.kinds import BUILT_IN
from plugins.moderation.managers import CaseManager
from plugins.moderation.models import Case
from tux.manager import Manager
from tux.testing import scratch_database

ROOT = Path(__file__).parents[1]
NAMES = (AsyncMock, Case, CaseManager, CasesCog, Manager, SimpleNamespace, datetime)


def examples(page):
    return re.findall(r"```python\n(.*?)```", (ROOT / page).read_text(encoding="utf-8"), re.DOTALL)


async def play(text, **names):
    """Run an example inside a coroutine, and return the names that it leaves."""
    names |= {each.__name__: each for each in NAMES} | {"tux": tux, "UTC": UTC, "BUILT_IN": BUILT_IN}
    code = "async def page():\n" + textwrap.indent(f"{text}\nreturn locals()", "    ")
    exec(compile(code, "page", "exec"), names)  # noqa: S102 - the pages are ours
    return await names["page"]()


async def test_the_readme_shows_what_a_cog_does(db):
    in_a_cog, _ = examples("README.md")
    found = await play(
        in_a_cog.replace("class CaseManager", "class Shown"), self=SimpleNamespace(db=db), user_id=1, guild_id=3
    )
    assert found["cases"] == []
    assert [case.case_type for case in await db.case.get_cases_by_user(1, 3)] == ["WARN"]


async def test_the_readme_shows_how_a_script_begins(monkeypatch, capsys):
    with_a_loop, without = examples("README.md")[1].split("\n\n")
    async with scratch_database() as url:
        monkeypatch.setenv("DATABASE_URL", url)
        await play(with_a_loop)
        await asyncio.to_thread(exec, without, {"tux": tux})
    assert capsys.readouterr().out == "0\n0\n"


async def test_the_page_on_testing_shows_a_test_with_discord(discord, db):
    found = await play(examples("docs/testing.md")[0])
    await found["test_a_warning_makes_a_case"](discord, db)


@pytest.mark.usefixtures("tux_databases")
async def test_the_page_on_testing_shows_the_tools(db):
    text = examples("docs/testing.md")[1].replace("create(...)", "count()")
    await play(text, db=db)


async def test_the_page_on_testing_shows_a_test_without_a_database():
    found = await play(examples("docs/testing.md")[2])
    await found["test_a_case_is_shown"]()
