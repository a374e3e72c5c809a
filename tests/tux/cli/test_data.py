"""`tux data export` and `tux data forget`, as a maintainer types them."""

from __future__ import annotations

import asyncio
import json
import sys
from pathlib import Path

import pytest
from support import REPOSITORY, run_in

from tux.runtime import open_database
from tux.testing import scratch_database

TUX = Path(sys.executable).parent / "tux"
ALICE, GUILD = 11, 900


@pytest.fixture
async def url(tux_databases):
    async with scratch_database(REPOSITORY) as made:
        async with open_database(made, root=REPOSITORY) as db:
            await db.levels.set_xp(ALICE, GUILD, 50)
            await db.case.create_case(case_type="WARN", case_user_id=ALICE, case_moderator_id=1, guild_id=GUILD)
        yield made


async def data(url, *words):
    return await asyncio.to_thread(run_in, REPOSITORY, TUX, "data", *words, "--user", str(ALICE), DATABASE_URL=url)


async def test_an_export_is_json_on_the_screen_or_in_a_file(url, tmp_path):
    done = await data(url, "export")
    assert done.returncode == 0
    tables = json.loads(done.stdout)["tables"]
    assert set(tables) == {"levels_member_levels", "moderation_cases"}
    assert tables["levels_member_levels"][0]["xp"] == 50
    done = await data(url, "export", "--output", str(tmp_path / "alice.json"))
    assert done.returncode == 0
    assert json.loads((tmp_path / "alice.json").read_text())["tables"] == tables
    nowhere = tmp_path / "nowhere" / "alice.json"
    done = await data(url, "export", "--output", str(nowhere))
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.splitlines()[-1] == f"tux: {nowhere}: No such file or directory"


def test_a_number_that_is_no_id_is_refused_before_anything_is_asked():
    done = run_in(REPOSITORY, TUX, "data", "forget", "--user", str(2**63), "--yes", DATABASE_URL="postgresql://h:1/x")
    assert done.returncode == 2
    assert "--user" in done.stderr


async def test_forgetting_asks_and_reports_on_each_table(url):
    done = await data(url, "forget")
    assert done.returncode == 1
    assert "cannot be undone" in done.stdout
    done = await data(url, "forget", "--yes")
    assert done.returncode == 0
    assert "levels_member_levels: 1 deleted" in done.stdout
    assert "moderation_cases: 1 kept (a ban" in done.stdout
    assert set(json.loads((await data(url, "export")).stdout)["tables"]) == {"moderation_cases"}
