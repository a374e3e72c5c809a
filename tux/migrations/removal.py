"""Takes plugins out of service at the level of the schema: off, kept, or dropped with its data exported first."""

from __future__ import annotations

import asyncio
import json
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

from tux import clock
from tux.database.engine import Transaction
from tux.database.schema import read_schema
from tux.errors import MigrationError, PluginError
from tux.migrations.ddl import OWN
from tux.migrations.files import CONSENT, load_files, single_head
from tux.migrations.ledger import KeptPlugin, Ledger, UserColumn, read_ledger, write_ledger
from tux.migrations.progress import progress
from tux.migrations.run import revision
from tux.models import field_mark
from tux.models.meta import meta_of
from tux.registry import REQUIRED, Registry, State

if TYPE_CHECKING:
    from collections.abc import Iterable

    from tortoise import Model

    from tux.database.engine import Client
    from tux.registry import PluginRecord

ARCHIVE = Path(".tux/archive")
EXPORTS = Path(".tux/exports")
_BATCH = 5000


def switch_off(root: Path, registry: Registry, name: str) -> list[str]:
    """Note that a plugin shall not run; its models and tables stay. Return the plugins that stop with it.

    Raises:
        PluginError: nothing starts without it, or there is none of that name.
    """
    record = _record(registry, name)
    ledger = _without(read_ledger(root), name)  # what was retired or kept is here again
    write_ledger(root, _change(ledger, off=(*ledger.off, name)))
    return [other.name for other in registry.records.values() if record.name in other.needs]


def switch_on(root: Path, registry: Registry, name: str) -> bool:
    """Note that a plugin runs again, or that a kept or retired one is back; False when nothing was noted of it.

    Raises:
        PluginError: its code is not there; what is noted of its tables stays.
    """
    ledger = read_ledger(root)
    if name not in registry.records and (name in ledger.kept or name in ledger.retired):
        word = "kept" if name in ledger.kept else "retired"
        raise PluginError(
            name, f"is {word}, and its code is not back; copy it from {ARCHIVE} to {registry.folder / name}"
        )
    if name not in ledger.off:
        _check_known(registry, name)
    fresh = _without(ledger, name)
    write_ledger(root, fresh)
    return fresh != ledger


def _without(ledger: Ledger, name: str) -> Ledger:
    return Ledger(
        off=tuple(each for each in ledger.off if each != name),
        retired=tuple(each for each in ledger.retired if each != name),
        kept={each: plugin for each, plugin in ledger.kept.items() if each != name},
    )


def keep_plugin(root: Path, registry: Registry, name: str) -> Path:
    """Archive the code of a plugin and note its tables, which stay with their rows; return where the code is now.

    Raises:
        PluginError: others need it, it is not a folder of this project, or its models do not load: nobody would know then
            which of its columns are about users.
    """
    record = _record(registry, name)
    tables = _tables(root, record)
    if tables and not record.models and record.state in {State.FAILED, State.BLOCKED}:
        raise PluginError(
            name, f"has data that could not be kept reachable, because it is {record.state}: {record.reason}"
        )
    ledger = _without(read_ledger(root), name)  # one that was off is kept now
    if tables:
        kept = KeptPlugin(tables=tables, users=tuple(_user_columns(record.models)))
        ledger = _change(ledger, kept={**ledger.kept, name: kept})
    archive = _archive(root, registry, record)
    write_ledger(root, ledger)
    return archive


async def retire_plugin(root: Path, name: str, *, consent: bool) -> str | None:
    """Note that a plugin is gone for good and write the migration that drops its tables; return the file's name.

    With `consent` the file carries the comment without which no upgrade applies it.

    Raises:
        PluginError: its code is still here, or the migrations have no table of it.
        MigrationError: a guard refused.
    """
    if name in REQUIRED:
        raise PluginError(name, "is needed by everything and stays")
    folder = root / "plugins" / name
    if folder.is_dir():
        raise PluginError(name, f"is still in {folder}; `tux plugin drop {name}` exports its data and does the rest")
    if name not in (owners := _owners(root)):  # noted as retired, it would let a later plugin's tables go unasked
        raise PluginError(name, f"has no table in the migrations; those with tables: {', '.join(owners)}")
    ledger = read_ledger(root)
    fresh = _without(ledger, name)
    write_ledger(root, _change(fresh, retired=(*fresh.retired, name)))
    try:
        written = await revision(root, f"drop_{name}")
    except BaseException:
        write_ledger(root, ledger)
        raise
    if written and consent:
        path = root / "migrations" / "models" / written
        text = path.read_text(encoding="utf-8")
        if not CONSENT.search(text):
            text = text.replace('return """\n', 'return """\n        -- tux: allow-destructive\n', 1)
            path.write_text(text, encoding="utf-8")
    return written


async def drop_plugin(root: Path, registry: Registry, client: Client, name: str) -> tuple[Path, str | None]:
    """Export the rows of a plugin, archive its code, and write the migration that drops its tables.

    Returns the folder of the export and the file's name; nothing is dropped before `tux db upgrade`.

    Raises:
        PluginError: others need it, or it is not a folder of this project.
        MigrationError: a guard refused; the code is back in its place then.
    """
    record = _record(registry, name)
    tables = _tables(root, record)
    _check_needed(registry, record)
    export = await export_tables(client, root / EXPORTS / f"{name}-{clock.now():%Y%m%d-%H%M%S}", tables)
    archive = _archive(root, registry, record)
    try:
        return export, await retire_plugin(root, name, consent=True) if name in _owners(root) else None
    except BaseException:
        shutil.move(archive, record.path)
        raise


async def export_tables(client: Client, folder: Path, tables: Iterable[str]) -> Path:
    """Write tables as JSON lines, one object a row and one file a table, all of one moment; return the folder."""
    await asyncio.to_thread(folder.mkdir, parents=True, exist_ok=True)
    there = (await read_schema(client)).tables
    session = Transaction(client, "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
    await session.begin()
    try:
        for table in (each for each in tables if each in there):
            await _export(session, folder / f"{table}.jsonl", table)
    finally:
        await session.rollback()
    return folder


async def _export(session: Transaction, path: Path, table: str) -> None:
    total = (await session.fetch(f'SELECT count(*) AS n FROM "{table}"'))[0]["n"]  # noqa: S608 - a table of a model
    await session.run(f'DECLARE rows NO SCROLL CURSOR FOR SELECT to_jsonb(t)::text AS row FROM "{table}" t')  # noqa: S608 - as above
    done = 0
    with path.open("w", encoding="utf-8") as file, progress(table) as advance:
        while rows := await session.fetch(f"FETCH {_BATCH} FROM rows"):
            file.writelines(json.dumps(json.loads(row["row"]), ensure_ascii=False) + "\n" for row in rows)
            done += len(rows)
            advance(done, total)
    await session.run("CLOSE rows")
    if done != total:
        raise MigrationError(f"{table} has {total} rows, but {done} were exported; nothing was dropped")


def _check_known(registry: Registry, name: str) -> None:
    if name not in registry.records:
        raise PluginError(name, f"is not here; there are: {', '.join(sorted(registry.records))}")


def _record(registry: Registry, name: str) -> PluginRecord:
    _check_known(registry, name)
    record = registry.records[name]
    if name in REQUIRED:
        raise PluginError(name, "is needed by everything and stays")
    return record


def _owners(root: Path) -> list[str]:
    """Return the plugins whose tables the newest migration has."""
    head = single_head(load_files(root))
    return sorted({table.partition("_")[0] for table in (head.schema if head else ()) if table not in OWN})


def _check_needed(registry: Registry, record: PluginRecord) -> None:
    needing = [other.name for other in registry.records.values() if record.name in other.needs]
    if needing:
        raise PluginError(record.name, f"is needed by {', '.join(needing)}; take those out first, or switch it off")


def _archive(root: Path, registry: Registry, record: PluginRecord) -> Path:
    _check_needed(registry, record)
    if not record.path.is_relative_to(root):
        raise PluginError(record.name, f"is installed in {record.path}; uninstall that package, then run this again")
    target = root / ARCHIVE / f"{record.name}-{clock.now():%Y%m%d-%H%M%S}"
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.move(record.path, target)
    return target


def _tables(root: Path, record: PluginRecord) -> tuple[str, ...]:
    """Return the tables of a plugin: of its models, and those that the migrations have under its name."""
    head = single_head(load_files(root))
    migrated = [table for table in (head.schema if head else ()) if table.startswith(f"{record.name}_")]
    return tuple(dict.fromkeys([*record.tables, *migrated]))


def _user_columns(models: Iterable[type[Model]]) -> Iterable[UserColumn]:
    for model in models:
        meta = meta_of(model)
        for name, column in meta.fields_db_projection.items():
            mark = field_mark(meta.fields_map[name])
            if mark is not None and mark.forget:
                yield UserColumn(table=meta.db_table, column=column, forget=mark.forget, reason=mark.reason or "")


def _change(ledger: Ledger, **changes: object) -> Ledger:
    return Ledger.model_validate({**ledger.model_dump(), **changes})
