"""Opens and closes registry, connection and coordinator together, and settles what the schema allows."""

from __future__ import annotations

from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from loguru import logger

from tux.coordinator import DatabaseCoordinator
from tux.database.engine import active_client
from tux.database.schema import Schema, migration_files, missing_parts, read_schema
from tux.database.service import DatabaseService
from tux.errors import MigrationError
from tux.migrations import upgrade
from tux.migrations.apply import edited_files, warn_newer
from tux.migrations.files import check_lineage
from tux.migrations.ledger import read_ledger
from tux.migrations.steps import due_steps
from tux.registry import Registry, State
from tux.settings import Settings, load_settings

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator
    from pathlib import Path


def load_registry(settings: Settings) -> Registry:
    """Return the plugins of the project, those that the ledger switches off included."""
    return Registry.load(settings.root, settings, off=read_ledger(settings.root).off)


@asynccontextmanager
async def open_database(url: str | None = None, *, root: Path | None = None) -> AsyncGenerator[DatabaseCoordinator]:
    """Open the project's database for a script, a test or a notebook, and yield the coordinator; no Discord.

    Without `url` it is the one of the settings, else the local PostgreSQL.

    Raises:
        SettingsError: no project, or a wrong setting.
        DatabaseConnectionError: nobody answers there.
        MigrationError: the schema is behind or diverged.
    """
    async with open_runtime(load_settings(root), url) as db:
        yield db


@asynccontextmanager
async def open_runtime(
    settings: Settings, url: str | None = None, *, refuse_old_schema: bool = True
) -> AsyncGenerator[DatabaseCoordinator]:
    """Like `open_database`, with settings at hand; the bot goes on with an old schema and blocks who needs more."""
    registry = load_registry(settings)
    service = DatabaseService(settings, registry.model_modules())
    await service.connect(url)
    db = DatabaseCoordinator(service, registry)
    DatabaseCoordinator.running.append(db)
    try:
        await _settle_schema(db, settings, url, refuse=refuse_old_schema)
        yield db
    finally:
        DatabaseCoordinator.running.remove(db)
        await service.disconnect()


async def _settle_schema(db: DatabaseCoordinator, settings: Settings, url: str | None, *, refuse: bool) -> None:
    """Bring the schema to head where that is allowed; else refuse, or block the plugins that it lacks parts for."""
    files = migration_files(settings.root)
    schema = await read_schema(active_client())
    status = schema.status(files)
    due = await due_steps(active_client(), db.registry)
    local = url is None and settings.database_url is None
    wanted = settings.database.auto_upgrade
    if (status in {"behind", "empty"} or due) and files and (local if wanted is None else wanted):
        for file in await upgrade(settings.root, url or settings.database_url, registry=db.registry):
            logger.info("Applied migration {}", file)
        schema = await read_schema(active_client())
        status, due = schema.status(files), []
    check_lineage(schema, files)
    if status in {"behind", "empty"}:
        names = ", ".join(schema.pending(files))
        if refuse:
            raise MigrationError(f"the schema is behind by {names}; run `tux db upgrade`")
        logger.warning("The schema is behind by {}; run `tux db upgrade`", names)
    elif status == "ahead":
        warn_newer(schema, files)
    if due:
        names = ", ".join(each.full_name for each in due)
        logger.warning("The data steps {} did not run here yet; run `tux db upgrade`", names)
    for name in await edited_files(active_client(), settings.root):
        logger.warning("The migration {} was edited after it was applied here; `tux db status` says more", name)
    _block_behind(db.registry, schema)


def _block_behind(registry: Registry, schema: Schema) -> None:
    for record in registry.records.values():
        missing = [part for model in record.models for part in missing_parts(schema, model)]
        if missing and record.state is State.READY:
            registry.block(record.name, f"its schema is behind ({missing[0]} is missing); run `tux db upgrade`")
