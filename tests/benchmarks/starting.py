"""What hundreds of plugins cost at the start: made in a temporary project, loaded in a process of their own."""

from __future__ import annotations

import asyncio
import importlib
import sys
import time
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.benchmarks.figures import Figure, run

GOAL_SECONDS = 0.6
MANY = 500
MANIFEST = 'from tux import Plugin\n\nplugin = Plugin(name="{name}", summary="One of many", version="1.0.0")\n'
FIELDS = '''
    """An entry of {name}."""

    guild_id: int = {guild}
    member_id: int = {member}
    #: what it is called
    title: str = fields.CharField(max_length=100)
    note: str | None = fields.TextField(null=True)
    uses: int = fields.IntField(default=0)
    is_open: bool = fields.BooleanField(default=True)
    details = fields.JSONField(default=dict)
    #: when it is over
    ends_at: datetime | None = fields.DatetimeField(null=True)
'''
OURS = '''
"""The tables of {name}."""

from __future__ import annotations

from datetime import datetime

from tortoise import fields

from tux.models import Index, Model, TimestampedModel, guild_column, user_column


class {label}Entry(TimestampedModel):{fields}
    class Meta(Model.Meta):
        table = "{name}_entries"
        unique_together = (("guild_id", "title"),)

    ddl = (Index("guild_id", "-uses"),)
'''
MANAGERS = '''
"""The operations of {name}."""

from __future__ import annotations

from plugins.{name}.models import {label}Entry
from tux.manager import Manager


class {label}Manager(Manager[{label}Entry], name="{name}"):
    """Entries."""
'''
PLAIN = '''
"""The tables of {name}, as Tortoise's documentation writes them."""

from __future__ import annotations

from datetime import datetime

from tortoise import fields
from tortoise.models import Model


class {label}Entry(Model):{fields}
    id = fields.BigIntField(primary_key=True)
    created_at = fields.DatetimeField(auto_now_add=True)
    updated_at = fields.DatetimeField(auto_now=True)

    class Meta:
        table = "{name}_entries"
        unique_together = (("guild_id", "title"),)
'''


def make_project(root: Path, count: int) -> None:
    """Write a project of so many plugins, and beside it the same models for plain Tortoise."""
    Path(root, "config").mkdir()
    Path(root, "config", "tux.toml").write_text("[plugins]\nentry_points = false\n", encoding="utf-8")
    Path(root, "plain").mkdir()
    for number in range(count):
        names = {"name": f"p{number:03d}", "label": f"P{number:03d}"}
        folder = root / "plugins" / names["name"]
        folder.mkdir(parents=True)
        own = FIELDS.format(guild="guild_column()", member='user_column(forget="delete")', **names)
        bare = FIELDS.format(guild="fields.BigIntField()", member="fields.BigIntField()", **names)
        (folder / "__init__.py").write_text(MANIFEST.format(**names), encoding="utf-8")
        (folder / "models.py").write_text(OURS.format(fields=own, **names), encoding="utf-8")
        (folder / "managers.py").write_text(MANAGERS.format(**names), encoding="utf-8")
        Path(root, "plain", f"{names['name']}.py").write_text(PLAIN.format(fields=bare, **names), encoding="utf-8")


def start_seconds(count: int, url: str, rounds: int = 2) -> dict[str, float]:
    """Return the seconds of CPU that so many plugins take, that their models alone take, and plain Tortoise's: the least."""
    with TemporaryDirectory(prefix="plugins") as folder:
        make_project(Path(folder), count)
        found = {}
        for who in ("models", "tux", "tortoise"):
            code = f"from tests.benchmarks.starting import measure; measure({who!r}, {folder!r}, {url!r})"
            run(code)  # writes the byte code, as an installation does
            found[who] = min(float(run(code)) for _ in range(rounds))
        return found


def measure(who: str, folder: str, url: str) -> None:
    """Print the seconds of CPU; runs in a process of its own, in which the libraries are loaded before."""
    sys.path.insert(0, folder)
    measured = {"tux": partial(_ours, url=url), "models": partial(_models, url=url), "tortoise": _plain}
    print(asyncio.run(measured[who](Path(folder))))


async def _ours(root: Path, url: str) -> float:
    import tux.core.managers  # noqa: F401 - a plugin like the others, but always there
    from tux.database.service import DatabaseService
    from tux.registry import Registry
    from tux.settings import load_settings

    settings = load_settings(root)
    began = time.process_time()
    registry = Registry.load(root, settings)
    service = DatabaseService(settings, registry.model_modules())
    await service.connect(url)
    seconds = time.process_time() - began
    await service.disconnect()
    bad = [record.reason for record in registry.records.values() if record.reason]
    if bad:
        raise SystemExit(bad[0])
    return seconds


async def _models(root: Path, url: str) -> float:
    """Import the models as the registry does, and prepare them as the service does: what plain Tortoise does, too."""
    from tux.collector import collector_paused
    from tux.database.service import DatabaseService
    from tux.models import Index, TimestampedModel  # noqa: F401 - loaded before, as Tortoise is for the other
    from tux.settings import load_settings

    settings = load_settings(root)
    names = [f"plugins.{name.rpartition('.')[2]}.models" for name in plain_modules(root)]
    began = time.process_time()
    with collector_paused():
        for name in names:
            importlib.import_module(name)
    service = DatabaseService(settings, names)
    await service.connect(url)
    seconds = time.process_time() - began
    await service.disconnect()
    return seconds


def plain_modules(root: Path) -> list[str]:
    """Return the modules of the models for plain Tortoise."""
    return [f"plain.{path.stem}" for path in sorted(Path(root, "plain").glob("*.py"))]


async def _plain(root: Path) -> float:
    from tortoise.context import TortoiseContext

    names = plain_modules(root)
    credentials = {"host": "localhost", "user": "nobody", "database": "nothing"}  # it connects when it is first asked
    config = {
        "connections": {"default": {"engine": "tortoise.backends.asyncpg", "credentials": credentials}},
        "apps": {"models": {"models": names, "default_connection": "default"}},
        "use_tz": True,
        "timezone": "UTC",
    }
    async with TortoiseContext() as context:
        began = time.process_time()
        await context.init(config=config)
        return time.process_time() - began


def start_figures(url: str) -> list[Figure]:
    """Return the start of 500 plugins beside its goal."""
    found = start_seconds(MANY, url)
    models, plain = found["models"], found["tortoise"]
    note = f"CPU; plain Tortoise {plain:.2f} s, ratio {models / plain:.2f}"
    return [
        Figure(f"models of {MANY} plugins", f"{models:.2f} s", f"≤ {GOAL_SECONDS} s", models <= GOAL_SECONDS, note),
        Figure(f"{MANY} plugins, all of it", f"{found['tux']:.2f} s", note="CPU; manifests, order, models, managers"),
    ]


def scaling(url: str, counts: tuple[int, ...]) -> dict[int, dict[str, float]]:
    """Return the seconds of CPU for each number of plugins."""
    return {count: start_seconds(count, url) for count in counts}
