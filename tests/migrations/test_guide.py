"""docs/migrations.md: every example of every section is run, in order, in a project of its own."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
from pathlib import Path

import pytest

GUIDE = (Path(__file__).resolve().parents[2] / "docs" / "migrations.md").read_text(encoding="utf-8")
SECTIONS = dict(re.findall(r"^## (.+?)\n(.*?)(?=^## |\Z)", GUIDE, re.MULTILINE | re.DOTALL))
BLOCK = re.compile(r"^```(\w+) ?(\S*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def run_line(project, line):
    words = shlex.split(line, comments=True)
    environment = {}
    while "=" in words[0]:
        name, _, value = words.pop(0).partition("=")
        environment[name] = value
    if words[0] in {"tux", "aerich"}:
        return project.start(*words[1:], program=words[0], **environment).finish()
    return subprocess.run(
        ["bash", "-c", line],
        cwd=project.root,
        env=os.environ | environment,
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.parametrize("title", SECTIONS)
async def test_the_examples_of_the_guide_do_what_they_say(migrated, title):
    await migrated.fetch("INSERT INTO guild_guilds (guild_id) VALUES (1)")
    await migrated.fetch("INSERT INTO levels_members (guild_id, xp, name) VALUES (1, 500, 'anna')")
    lines = 0
    for kind, name, text in BLOCK.findall(SECTIONS[title]):
        if kind == "python":
            path = migrated.root / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
            continue
        for line in text.splitlines():
            done = run_line(migrated, line)
            fails = line.endswith("# fails")
            assert (done.returncode != 0) == fails, f"{line}\n{done.stdout}\n{done.stderr}"
            lines += 1
    assert lines


def test_every_command_of_tux_db_that_changes_something_is_in_the_guide():
    for command in (
        "upgrade",
        "revision",
        "downgrade",
        "merge",
        "retire",
        "release",
        "backup",
        "restore",
        "verify",
        "reset",
        "plan",
        "check",
        "status",
        "diagram",
    ):
        assert f"tux db {command}" in GUIDE, command
