"""A small project with plugins of its own, and bare aerich run in it as a user would."""

from __future__ import annotations

import multiprocessing
import os
import re
import shutil
import subprocess
import tempfile
import uuid
from dataclasses import dataclass
from pathlib import Path

import asyncpg
import pytest

from tests.migrations import bare
from tux.database.embedded import LocalServer
from tux.migrations.catalog import read_catalog
from tux.migrations.connection import migration_connection, open_client
from tux.settings import load_settings

REPOSITORY = Path(__file__).resolve().parents[2]
FORKS = multiprocessing.get_context("forkserver")
COMMANDS = ["aerich.cli", "tux.cli", "tests.migrations.bare"]
USED = [
    "anyio._backends._asyncio",
    "rich.progress",
    "tux.core.managers",
    "tux.migrations.backup",
    "tux.migrations.hooks",
]
FORKS.set_forkserver_preload([*COMMANDS, *USED, "tux.migrations.report", "tux.runtime"])

PYPROJECT = """\
[tool.aerich]
tortoise_orm = "config.orm.TORTOISE_ORM"
location = "./migrations"
src_folder = "./."
"""
MANIFEST = (
    'from tux.plugin import Plugin\nplugin = Plugin(name="{name}", summary="Made for a test", version="1", {more})\n'
)
MODELS = "from tortoise import fields\nfrom tux.models import Check, Index, Model, Sql, guild_key\n\n"
GUILD = """
class Guild(Model):
    guild_id: int = fields.BigIntField(primary_key=True, generated=False)

    class Meta(Model.Meta):
        table = "guild_guilds"
"""
MEMBER = """
class Member(Model):
    id: int = fields.BigIntField(primary_key=True)
    guild = guild_key(related_name="members")
    xp: int = fields.IntField(default=0)
    name: str = fields.CharField(max_length=50, default="")

    class Meta(Model.Meta):
        table = "levels_members"

    ddl = (Check("xp >= 0", name="levels_members_xp"), Index("guild_id", "-xp", name="levels_members_top"))
"""


@dataclass
class Project:
    """A project folder with its own database."""

    root: Path
    url: str | None

    @property
    def database(self) -> str:
        return self.url.partition("?")[0].rpartition("/")[2]

    def aerich(self, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
        return self.start(*arguments, **environment).finish()

    def tux(self, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
        return self.start(*arguments, program="tux", **environment).finish()

    def script(self, path: Path, **environment: str) -> subprocess.CompletedProcess[str]:
        return self.start(str(path), program="python", **environment).finish()

    def start(self, *arguments: str, program: str = "aerich", **environment: str) -> Running:
        cleared = {"DATABASE_URL", "DEV_DATABASE_URL", "PROD_DATABASE_URL", "TUX_ENV", "TUX_ROOT"}
        env = {key: value for key, value in os.environ.items() if key not in cleared} | environment
        if self.url is not None:
            env.setdefault("DATABASE_URL", self.url)
        output = self.root.parent / uuid.uuid4().hex
        process = FORKS.Process(target=bare.run, args=(program, list(arguments), str(self.root), env, str(output)))
        process.start()
        return Running(process, output, arguments)

    def plugin(self, name: str, models: str, more: str = "") -> Path:
        folder = self.root / "plugins" / name
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "__init__.py").write_text(MANIFEST.format(name=name, more=more))
        (folder / "models.py").write_text(MODELS + models)
        return folder

    def edit(self, plugin: str, old: str, new: str) -> None:
        path = self.root / "plugins" / plugin / "models.py"
        text = path.read_text()
        assert old in text
        path.write_text(text.replace(old, new))

    def remove(self, plugin: str) -> None:
        shutil.rmtree(self.root / "plugins" / plugin)

    @property
    def files(self) -> list[str]:
        return sorted(path.name for path in (self.root / "migrations" / "models").glob("*.py"))

    def text(self, number: int) -> str:
        return (self.root / "migrations" / "models" / self.files[number]).read_text()

    def change(self, plugin: str, old: str, new: str, name: str = "update") -> None:
        """Edit a model and write the migration for it."""
        self.edit(plugin, old, new)
        done = self.aerich("migrate", "--offline", "--no-input", "--name", name)
        assert done.returncode == 0, done.stderr

    async def catalog(self) -> dict[str, set[str]]:
        async with open_client(migration_connection(load_settings(self.root), self.url)) as client:
            return await read_catalog(client)

    def consent(self, number: int) -> None:
        path = self.root / "migrations" / "models" / self.files[number]
        path.write_text(path.read_text().replace('return """', 'return """\n        -- tux: allow-destructive', 1))

    def upgrade_sql(self, number: int) -> str:
        return self.text(number).partition("async def downgrade")[0]

    async def fetch(self, sql: str, *args: object) -> list[asyncpg.Record]:
        connection = await asyncpg.connect(self.url)
        try:
            return await connection.fetch(sql, *args)
        finally:
            await connection.close()

    async def names(self, sql: str) -> list[str]:
        return sorted(row[0] for row in await self.fetch(sql))

    async def tables(self) -> list[str]:
        return await self.names("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")

    async def constraints(self, table: str) -> list[str]:
        return await self.names(f"SELECT conname FROM pg_constraint WHERE conrelid = '{table}'::regclass")

    async def indexes(self, table: str) -> list[str]:
        return await self.names(f"SELECT indexname FROM pg_indexes WHERE tablename = '{table}'")


@dataclass
class Running:
    """An aerich command under way."""

    process: multiprocessing.process.BaseProcess
    output: Path
    arguments: tuple[str, ...]

    def finish(self) -> subprocess.CompletedProcess[str]:
        self.process.join(timeout=900)
        out, err = (Path(f"{self.output}.{name}").read_text() for name in ("out", "err"))
        return subprocess.CompletedProcess(self.arguments, self.process.exitcode, out, err)


@pytest.fixture(scope="session")
def server():
    memory = Path("/dev/shm")  # noqa: S108 - a folder of a private name is made in it
    place = memory if memory.is_dir() else None
    with tempfile.TemporaryDirectory(dir=place) as folder, LocalServer(Path(folder), test=True) as running:
        yield running


@pytest.fixture
async def url(server):
    return await make_database(server, "template0")


async def make_database(server: LocalServer, template: str) -> str:
    name = f"migrations_{uuid.uuid4().hex[:12]}"
    connection = await asyncpg.connect(server.url("postgres"))
    try:
        await connection.execute(f"CREATE DATABASE {name} TEMPLATE {template}")
    finally:
        await connection.close()
    return server.url(name)


@pytest.fixture(scope="session")
def written(tmp_path_factory) -> Path:
    """A project whose first migration is written and applied nowhere."""
    root = tmp_path_factory.mktemp("written")
    (root / "config").mkdir()
    (root / "pyproject.toml").write_text(PYPROJECT)
    (root / "config" / "tux.toml").write_text("")
    shutil.copy(REPOSITORY / "config" / "orm.py", root / "config" / "orm.py")
    project = Project(root, None)
    project.plugin("guild", GUILD)
    project.plugin("levels", MEMBER, more='needs=("guild",)')
    done = project.aerich("init-migrations")
    assert done.returncode == 0, done.stderr
    return root


@pytest.fixture(scope="session")
async def applied(server, written) -> str:
    """The name of a database to which the first migration is applied."""
    await server.create_database("applied")
    done = Project(written, server.url("applied")).aerich("upgrade")
    assert done.returncode == 0, done.stderr
    assert re.search(r"Success upgrading to 0_\d+_init\.py", done.stdout)
    return "applied"


def clone(written: Path, folder: Path, url: str) -> Project:
    root = folder / "project"
    shutil.copytree(written, root, ignore=shutil.ignore_patterns("__pycache__", ".tux"))
    return Project(root, url)


@pytest.fixture
def project(written, tmp_path, url) -> Project:
    """A fresh clone of the small project, and an empty database."""
    return clone(written, tmp_path, url)


@pytest.fixture
async def migrated(written, tmp_path, server, applied) -> Project:
    """A fresh clone of the small project, and a database with its first migration applied."""
    return clone(written, tmp_path, await make_database(server, applied))


@pytest.fixture(scope="session")
def copied(tmp_path_factory) -> Path:
    """A copy of this repository, as far as aerich reads it; its tests get copies."""
    root = tmp_path_factory.mktemp("copied") / "repository"
    for name in ("config", "plugins", "migrations"):
        shutil.copytree(REPOSITORY / name, root / name, ignore=shutil.ignore_patterns("__pycache__", ".env"))
    shutil.copy(REPOSITORY / "pyproject.toml", root)
    return root


@pytest.fixture
def repository(copied, tmp_path, url) -> Project:
    """A copy of this repository and an empty database."""
    root = tmp_path / "repository"
    shutil.copytree(copied, root)
    return Project(root, url)
