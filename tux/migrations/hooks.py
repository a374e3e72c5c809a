"""The one module that reaches into aerich: makes its bare commands do what this project's migrations need.

config/orm.py calls `install`, which is what aerich imports before it does anything. aerich keeps its command line, the
form of its files and its table; what a file holds comes from tux.migrations.author, and tux.migrations.apply runs it.
Every name that is used or replaced is checked first, so that another aerich stops with a sentence instead of losing a
guard silently.
"""

from __future__ import annotations

import functools
import inspect
import sys
from math import isfinite
from typing import TYPE_CHECKING, Any, cast

import aerich
import asyncclick
from aerich import utils as aerich_utils
from aerich.exceptions import DowngradeError
from aerich.migrate import Migrate
from loguru import logger
from tortoise import Tortoise
from tortoise.exceptions import ConfigurationError
from tortoise.utils import get_schema_sql

from tux.database.schema import migration_files, read_schema
from tux.errors import MigrationError, TuxError
from tux.migrations.apply import Runner
from tux.migrations.author import Author, State
from tux.migrations.connection import open_client
from tux.migrations.consent import is_allowed
from tux.migrations.ddl import declared
from tux.migrations.inspection import inspect_tables
from tux.migrations.project import Project
from tux.migrations.renames import GIVEN
from tux.migrations.shapes import read_schema as read_shapes
from tux.migrations.sql import losses
from tux.migrations.steps import run_steps
from tux.registry import APP

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence
    from pathlib import Path
    from types import ModuleType

    from tortoise import BaseDBAsyncClient, Model

    from tux.database.engine import Client
    from tux.migrations.connection import ConnectionConfig
    from tux.migrations.project import TortoiseConfig
    from tux.registry import Registry

    AsyncFunction = Callable[..., Awaitable[Any]]

# What is replaced or called below, with the parameters that this relies on.
_WANTED: tuple[tuple[type | ModuleType, str, tuple[str, ...]], ...] = (
    (aerich.Command, "init", ("self", "offline")),
    (aerich.Command, "migrate", ("self", "name", "empty", "no_input", "offline")),
    (aerich.Command, "upgrade", ("self", "run_in_transaction", "fake")),
    (aerich.Command, "downgrade", ("self", "version", "delete", "fake")),
    (aerich.Command, "heads", ("self",)),
    (aerich.Command, "inspectdb", ("self", "tables")),
    (aerich.Command, "_do_init", ("self", "safe", "pre_sql", "offline")),
    (aerich_utils, "get_formatted_compressed_data", ("dictionary",)),
    (aerich_utils, "get_models_describe", ("app",)),
    (Migrate, "get_migration_dir", ("location", "app")),
)


def install(root: Path) -> TortoiseConfig:
    """Put the guards of the project at `root` into aerich and return the Tortoise config; may be called again.

    Starts no server and makes no connection. Under aerich's command line what is wrong becomes one message.

    Raises:
        MigrationError: this aerich is not the one that the guards were written for.
        SettingsError: the settings or the ledger are wrong.
    """
    context = asyncclick.get_current_context(silent=True)
    try:
        _check_aerich()
        if context is not None:
            # The guards report a broken plugin, where it matters, with its traceback.
            logger.disable("tux.registry")
        project = Project.load(root)
        _replace(Author(project))
        return project.tortoise_config()
    except TuxError as error:
        if context is None:
            raise
        raise asyncclick.ClickException(str(error)) from error


async def current_state() -> State:
    """Return what the models say that Tortoise has read."""
    client: Any = Tortoise.get_connection("default")
    models = _app_models()
    return State(read_shapes(models, client.schema_generator(client)), declared(models))


def packed_models() -> str:
    """Return the models that Tortoise has read as aerich writes them into a file, in JSON that PostgreSQL reads."""
    return aerich_utils.get_formatted_compressed_data(_finite(aerich_utils.get_models_describe(APP)))


def _finite(value: Any) -> Any:
    """Return a description of models in which infinity and NaN, which JSON has no word for, are strings."""
    if isinstance(value, dict):
        return {key: _finite(each) for key, each in cast("dict[str, Any]", value).items()}
    if isinstance(value, list | tuple):
        return [_finite(each) for each in cast("Sequence[Any]", value)]
    return value if not isinstance(value, float) or isfinite(value) else str(value)


def _check_aerich() -> None:
    for owner, name, parameters in _WANTED:
        found = getattr(owner, name, None)
        if not callable(found) or not set(parameters) <= set(inspect.signature(found).parameters):
            raise MigrationError(
                f"aerich {aerich.__version__} has another {owner.__name__}.{name} than the guards were written for; "
                "install the version that pyproject.toml pins"
            )


def _replace(author: Author) -> None:
    methods: dict[str, AsyncFunction] = {
        "init": _connect,
        "migrate": _write_next,
        "upgrade": _upgrade,
        "downgrade": _downgrade,
        "heads": _list_heads,
        "inspectdb": _inspect,
        "_do_init": _write_first,
    }
    for name, function in methods.items():
        setattr(aerich.Command, name, _method(author, name, function))


def _method(author: Author, name: str, function: AsyncFunction) -> AsyncFunction:
    """Bind a function to the author; what we refuse, or aerich with exit code 0, is one message and exit code 1."""

    # with aerich's signature, which is looked at again when the config is imported a second time
    @functools.wraps(getattr(aerich.Command, name))
    async def method(command: aerich.Command, *args: object, **kwargs: object) -> Any:
        try:
            return await function(author, command, *args, **kwargs)
        except (TuxError, DowngradeError) as error:
            raise asyncclick.ClickException(str(error)) from error

    return method


async def _connect(_author: Author, command: aerich.Command, offline: bool = False) -> None:
    """Read the models; connections are made by what needs one."""
    del offline
    await Tortoise.init(config=_config(command))
    Migrate.app = command.app
    Migrate.migrate_location = Migrate.get_migration_dir(command.location, command.app)


async def _upgrade(
    author: Author, command: aerich.Command, run_in_transaction: bool = True, fake: bool = False
) -> list[str]:
    return await _runner(author, command).upgrade(fake=fake, in_transaction=run_in_transaction)


async def _downgrade(
    author: Author, command: aerich.Command, version: int, delete: bool, fake: bool = False
) -> list[str]:
    """Revert the file of a number and all that were applied after it; -1 is the last one."""
    async with open_client(_connection(command)) as client:
        applied = (await read_schema(client)).applied
    found = [place for place, name in enumerate(applied) if version == -1 or name.startswith(f"{version}_")]
    if not found:
        raise DowngradeError("No specified version found")
    first = found[-1] if version == -1 else found[0]
    wanted = applied[: first - 1 if first else None : -1]
    names = await _runner(author, command).downgrade(wanted, consent=is_allowed(), fake=fake)
    if delete:
        for name in names:
            (Migrate.migrate_location / name).unlink()
    return names


async def _list_heads(author: Author, command: aerich.Command) -> list[str]:
    """List what is not applied; of a database without aerich's table that is everything, not an error."""
    async with open_client(_connection(command)) as client:
        return (await read_schema(client)).pending(migration_files(author.project.root))


async def _inspect(_author: Author, command: aerich.Command, tables: Sequence[str] | None = None) -> str:
    async with open_client(_connection(command)) as client:
        return await inspect_tables(client, tables or ())


async def _write_next(  # noqa: PLR0913, PLR0917 - aerich's signature
    author: Author,
    command: aerich.Command,
    name: str = "update",
    empty: bool = False,
    no_input: bool = False,
    offline: bool = False,
) -> str:
    """Write the next migration and return its name, "" without a difference; says what an upgrade will ask consent for."""
    state = await current_state()
    author.check(state, author.last()[1])
    if not offline and (pending := await _list_heads(author, command)):
        raise MigrationError(
            f"{', '.join(pending)} is not applied to this database, so it cannot be compared with; "
            "run `aerich upgrade` first, or `aerich migrate --offline`"
        )
    draft = author.empty() if empty else await author.following(state, _ask, sure=no_input)
    if draft is None:
        return ""
    path = author.write(draft, name, packed_models())
    for loss in losses(";\n".join(draft.up)):
        if not loss.new_type:  # whether that narrows, the database's own type says
            asyncclick.echo(f"{path.name} {loss.what}")
    return path.name


async def _write_first(
    author: Author, command: aerich.Command, safe: bool, pre_sql: str | None = None, offline: bool = False
) -> bool:
    """Write the first migration, and apply it when there is a database; or apply those that are there."""
    await _connect(author, command)
    client: Any = Tortoise.get_connection("default")
    files = migration_files(author.project.root)
    if files and offline:
        raise MigrationError(_there(files))
    if not files:
        author.write(author.first(await current_state(), _create_sql(client, safe)), "init", packed_models())
    if offline:
        return True
    async with open_client(_connection(command)) as session:
        if (await read_schema(session)).applied:
            raise MigrationError(_there(files))
        if pre_sql:
            await session.run(pre_sql)
    await _runner(author, command).upgrade()
    return not files


def _create_sql(client: Any, safe: bool) -> str | None:
    """Return the SQL with which Tortoise makes the models' tables, None when they refer to each other in a circle."""
    try:
        return get_schema_sql(cast("BaseDBAsyncClient", client), safe)
    except ConfigurationError as error:
        if "cyclic" not in str(error):
            raise
        return None


def _there(files: list[str]) -> str:
    return (
        f"there are migrations already ({files[0]}); run `aerich upgrade` to apply them, or `aerich migrate` to write "
        "the next"
    )


async def _ask(question: str) -> bool:
    try:
        return bool(await asyncclick.prompt(question, default=True, type=bool, show_choices=True))
    except asyncclick.Abort:
        if sys.stdin.isatty():
            raise
        raise MigrationError(
            f"nobody was there to answer: {question} Say it beforehand, {GIVEN}=old=new for a table or {GIVEN}=table.old=new "
            "for a column (`tux db revision --rename` is the same); or --no-input takes an exact match for a rename. No migration was written"
        ) from None


def _runner(author: Author, command: aerich.Command) -> Runner:
    project = author.project
    steps = functools.partial(_run_steps, project.registry)
    return Runner(project.root, _connection(command), project.settings.database.migration_lock_seconds, steps)


async def _run_steps(registry: Registry, client: Client, names: Sequence[str] | None) -> None:
    for name in await run_steps(client, registry, names):
        asyncclick.echo(f"Success running the data step {name}")


def _app_models() -> list[type[Model]]:
    models = Tortoise.apps
    return list(models[APP].values()) if models else []


def _config(command: aerich.Command) -> TortoiseConfig:
    known: Any = command
    return cast("TortoiseConfig", known.tortoise_config)


def _connection(command: aerich.Command) -> ConnectionConfig:
    return cast("ConnectionConfig", _config(command)["connections"]["default"])
