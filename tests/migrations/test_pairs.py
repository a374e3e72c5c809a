"""Edits that meet in one migration, on tables with rows: up, down and up again, beside schemas that are made at once."""

from __future__ import annotations

import pytest

from tests.migrations import zoo
from tests.migrations.conftest import Project, clone, make_database
from tests.migrations.pairs import PAIRS, REFUSED
from tests.migrations.test_matrix import start_over
from tux.migrations import downgrade, upgrade

PLUGINS = ("zoo", "ant")


def write_models(project: Project, models: tuple[str, str]) -> None:
    for name, other, text in zip(PLUGINS, reversed(PLUGINS), models, strict=True):
        if text:
            elsewhere = "models.G" in text and "class G(" not in text
            folder = project.plugin(name, "", f'needs=("{other}",)' if elsewhere else "")
            (folder / "models.py").write_text(zoo.IMPORTS + text)
        elif (project.root / "plugins" / name).exists():
            project.remove(name)


async def made_at_once(written, server, folder, models):
    project = clone(written, folder, await make_database(server, "template0"))
    write_models(project, models)
    start_over(project)
    await upgrade(project.root, project.url)
    return project, await project.catalog()


async def check_rows(project, queries):
    for sql, expected in queries:
        assert [tuple(row) for row in await project.fetch(sql)] == expected, sql


@pytest.mark.parametrize("pair", PAIRS, ids=lambda pair: pair.name)
async def test_edits_that_meet_leave_what_a_fresh_schema_has_and_the_rows(pair, written, server, tmp_path):
    _, after = await made_at_once(written, server, tmp_path / "after", pair.after)
    project, before = await made_at_once(written, server, tmp_path / "live", pair.before)
    for sql in pair.rows:
        await project.fetch(sql)
    write_models(project, pair.after)
    done = project.aerich("migrate", "--offline", "--no-input", **({"TUX_RENAME": pair.rename} if pair.rename else {}))
    assert done.returncode == 0, done.stderr
    project.consent(1)
    assert project.aerich("migrate", "--offline").stdout.strip() == "No changes detected"
    for _ in range(2):
        await upgrade(project.root, project.url)
        assert await project.catalog() == after
        await check_rows(project, pair.up)
        await downgrade(project.root, project.url, consent=True)
        assert await project.catalog() == before
        await check_rows(project, pair.down)


@pytest.mark.parametrize(("before", "after", "says"), REFUSED.values(), ids=REFUSED)
async def test_what_cannot_be_made_is_refused_in_one_message(before, after, says, project):
    write_models(project, (before, ""))
    start_over(project)
    write_models(project, (after, ""))
    refused = project.aerich("migrate", "--offline", "--no-input")
    assert refused.returncode == 1
    assert says in refused.stderr
    assert "Traceback" not in refused.stderr
    assert len(project.files) == 1
