"""A project that somebody else might write: one plugin of their own, and a migration that fills a table."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).resolve().parents[3]

PYPROJECT = """\
[tool.aerich]
tortoise_orm = "config.orm.TORTOISE_ORM"
location = "./migrations"
src_folder = "./."

[tool.pytest.ini_options]
filterwarnings = ["error"]
addopts = "-p no:cacheprovider"
asyncio_default_fixture_loop_scope = "function"
"""
PLUGIN = """\
from tux import Plugin
plugin = Plugin(name="pets", summary="Pets", version="1.0.0")
"""
MODELS = """\
from tortoise import fields
from tux.models import Model


class PetKind(Model):
    id: int = fields.BigIntField(primary_key=True)
    name: str = fields.CharField(max_length=20)

    class Meta(Model.Meta):
        table = "pets_kinds"


class Pet(Model):
    id: int = fields.BigIntField(primary_key=True)
    name: str = fields.CharField(max_length=20)

    class Meta(Model.Meta):
        table = "pets_pets"
"""
MANAGERS = """\
from plugins.pets.models import Pet, PetKind
from tux import Manager


class PetManager(Manager[Pet], name="pet"):
    pass


class PetKindManager(Manager[PetKind], name="kind"):
    pass
"""
CONFTEST = """\
import os
from pathlib import Path
import pytest


@pytest.fixture(scope="session", autouse=True)
def note_folder(tux_databases):
    Path(__file__).with_name("folder").write_text(os.environ["TUX_TEST_FOLDER"])
"""


@pytest.fixture(scope="session")
def written(tmp_path_factory) -> Path:
    root = tmp_path_factory.mktemp("written")
    for folder in ("config", "plugins/pets"):
        (root / folder).mkdir(parents=True)
    (root / "pyproject.toml").write_text(PYPROJECT)
    (root / "conftest.py").write_text(CONFTEST)
    (root / "config" / "tux.toml").write_text("[plugins]\nentry_points = false\n")
    shutil.copy(REPOSITORY / "config" / "orm.py", root / "config" / "orm.py")
    for name, text in {"__init__": PLUGIN, "models": MODELS, "managers": MANAGERS}.items():
        (root / "plugins" / "pets" / f"{name}.py").write_text(text)
    done = subprocess.run(
        [sys.executable, "-m", "aerich", "init-migrations"],
        cwd=root,
        env={**os.environ, "PYTHONHASHSEED": "0"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    (first,) = (root / "migrations" / "models").glob("0_*.py")
    text = first.read_text()
    filled = "INSERT INTO pets_kinds (name) VALUES ('cat'), ('dog');"
    first.write_text(_append_sql(text, filled))
    return root


def _append_sql(migration: str, sql: str) -> str:
    """Put a statement at the end of the upgrade's SQL."""
    upgrade, mark, rest = migration.partition("async def downgrade")
    head, quotes, tail = upgrade.rpartition('"""')
    return f"{head}\n        {sql}{quotes}{tail}{mark}{rest}"


@pytest.fixture
def project(written, pytester):
    """The project as pytester's folder."""
    shutil.copytree(written, pytester.path, dirs_exist_ok=True, ignore=shutil.ignore_patterns("__pycache__"))
    return pytester
