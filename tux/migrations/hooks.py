"""The one module that reaches into aerich: makes its bare commands keep the guards of this project.

config/orm.py calls `install`, which is what aerich imports before it does anything. Every name of aerich that is used
or replaced is checked first, so that another version of it stops with a sentence instead of losing a guard silently.
"""

from __future__ import annotations

import functools
import inspect
import os
import subprocess
import sys
from contextlib import nullcontext
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast

import aerich
import asyncclick
from aerich.ddl.postgres import PostgresDDL
from aerich.exceptions import DowngradeError
from aerich.migrate import Migrate
from aerich.utils import get_models_describe, import_py_module
from loguru import logger
from tortoise import Tortoise
from tortoise.transactions import in_transaction

from tux.errors import DatabaseError, MigrationError, TuxError
from tux.migrations.author import Author, Draft
from tux.migrations.ddl import DdlState, ModelState, quote_sql, render
from tux.migrations.dialect import TuxDDL
from tux.migrations.lock import migration_lock
from tux.migrations.project import Project
from tux.registry import APP

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterable
    from pathlib import Path
    from types import ModuleType

    from tortoise import BaseDBAsyncClient, Model

    from tux.migrations.connection import ConnectionConfig
    from tux.migrations.project import TortoiseConfig

    AsyncFunction = Callable[..., Awaitable[Any]]

_WRITING = frozenset({"migrate", "init-db", "init-migrations"})
_LEFT_BEHIND = (
    "upgrade_operators",
    "downgrade_operators",
    "_upgrade_fk_m2m_index_operators",
    "_downgrade_fk_m2m_index_operators",
    "_upgrade_m2m",
    "_downgrade_m2m",
    "_rename_fields",
    "_rename_models",
)
# What is replaced or called below, with the parameters that this relies on; None: an attribute.
_WANTED: tuple[tuple[type | ModuleType, str, tuple[str, ...] | None], ...] = (
    (aerich.Command, "init", ("self", "offline")),
    (aerich.Command, "migrate", ("self", "name", "empty", "no_input", "offline")),
    (aerich.Command, "upgrade", ("self", "run_in_transaction", "fake")),
    (aerich.Command, "downgrade", ("self", "version", "delete", "fake")),
    (aerich.Command, "heads", ("self",)),
    (aerich.Command, "_upgrade", ("self", "conn", "version_file", "fake", "version_module")),
    (aerich.Command, "_do_init", ("self", "safe", "pre_sql", "offline")),
    (aerich, "get_schema_sql", ("client", "safe")),
    (aerich, "generate_schema_for_client", ("client", "safe")),
    (Migrate, "_merge_operators", ()),
    (Migrate, "build_migration_file_text", ("upgrade_sql", "models_state", "downgrade_sql")),
    (Migrate, "load_ddl_class", ()),
    (Migrate, "get_all_version_files", ()),
    (Migrate, "get_migration_info_for_file", ("file_path",)),
    (Migrate, "get_last_version_module", ()),
    (Migrate, "_last_version_content", None),
    *((Migrate, name, None) for name in _LEFT_BEHIND),
    (PostgresDDL, "_get_default", ("self", "model", "field_describe")),
    (PostgresDDL, "drop_fk", ("self", "model", "field_describe", "reference_table_describe")),
)
_ORIGINAL: dict[str, Any] = {name: getattr(owner, name, None) for owner, name, _ in _WANTED}


@dataclass(slots=True)
class _Desk:
    """Where a migration is written: its author, and the draft while aerich is at work on a file."""

    author: Author
    draft: Draft | None = None


def install(root: Path) -> TortoiseConfig:
    """Put the guards of the project at `root` into aerich and return the Tortoise config; may be called again.

    Starts no server and makes no connection. Under aerich's command line what is wrong becomes one message.

    Raises:
        MigrationError: this aerich is not the one that the guards were written for.
        SettingsError: the settings or the ledger are wrong.
    """
    context = asyncclick.get_current_context(silent=True)
    if context is not None and context.invoked_subcommand in _WRITING:
        _pin_hash_seed()
    try:
        _check_aerich()
        if context is not None:
            # The guards report a broken plugin, where it matters, with its traceback.
            logger.disable("tux.registry")
        project = Project.load(root)
        _replace(_Desk(Author(project)))
        return project.tortoise_config()
    except TuxError as error:
        if context is None:
            raise
        raise asyncclick.ClickException(str(error)) from error


def _pin_hash_seed() -> None:
    """Start the command again with a fixed hash seed: aerich iterates over sets, and the SQL shall not vary."""
    if os.environ.get("PYTHONHASHSEED") == "0":
        return
    command = [sys.executable, *sys.orig_argv[1:]]
    environment = {**os.environ, "PYTHONHASHSEED": "0"}
    sys.stdout.flush()
    sys.stderr.flush()
    if os.name == "posix":
        os.execve(sys.executable, command, environment)  # noqa: S606 - this very command, no shell
    sys.exit(subprocess.run(command, env=environment, check=False).returncode)  # noqa: S603 - as above


def _check_aerich() -> None:
    for owner, name, parameters in _WANTED:
        found = _ORIGINAL[name]
        fits = found is not None if parameters is None else callable(found)
        if name == "_last_version_content":
            fits = hasattr(owner, name)
        if fits and parameters:
            fits = set(parameters) <= set(inspect.signature(found).parameters)
        if not fits:
            raise MigrationError(
                f"aerich {aerich.__version__} has another {owner.__name__}.{name} than the guards were written for; "
                "install the version that pyproject.toml pins"
            )


def _replace(desk: _Desk) -> None:
    methods: dict[str, AsyncFunction] = {
        "init": _connect,
        "migrate": _write_next,
        "upgrade": _upgrade,
        "downgrade": _downgrade,
        "heads": _list_heads,
        "_upgrade": _apply_file,
        "_do_init": _write_first,
    }
    for name, function in methods.items():
        setattr(aerich.Command, name, _method(desk, function))

    async def load_dialect() -> type[TuxDDL]:
        return TuxDDL

    replacements: dict[tuple[type | ModuleType, str], object] = {
        (aerich, "get_schema_sql"): functools.partial(_schema_sql, desk),
        (aerich, "generate_schema_for_client"): functools.partial(_make_schema, desk),
        (Migrate, "_merge_operators"): functools.partial(_merge_operators, desk),
        (Migrate, "build_migration_file_text"): functools.partial(_file_text, desk),
        (Migrate, "load_ddl_class"): staticmethod(load_dialect),
    }
    for (owner, name), replacement in replacements.items():
        setattr(owner, name, replacement)


def _method(desk: _Desk, function: AsyncFunction) -> AsyncFunction:
    """Bind a function to the desk; what we refuse, or aerich with exit code 0, becomes one message and exit code 1."""

    @functools.wraps(function)
    async def method(command: aerich.Command, *args: object, **kwargs: object) -> Any:
        try:
            return await function(desk, command, *args, **kwargs)
        except (TuxError, DowngradeError) as error:
            raise asyncclick.ClickException(str(error)) from error

    return method


async def _connect(_desk: _Desk, command: aerich.Command, **options: bool) -> None:
    await _ORIGINAL["init"](command, **options)


async def _upgrade(_desk: _Desk, command: aerich.Command, *args: object, **options: bool) -> Any:
    async with migration_lock(_connection(command)):
        return await _ORIGINAL["upgrade"](command, *args, **options)


async def _downgrade(_desk: _Desk, command: aerich.Command, *args: object, **options: bool) -> Any:
    async with migration_lock(_connection(command)):
        try:
            return await _ORIGINAL["downgrade"](command, *args, **options)
        except DatabaseError as error:
            raise MigrationError(f"the migration was not reverted: {error}") from error


async def _list_heads(_desk: _Desk, command: aerich.Command) -> list[str]:
    """List what is not applied; of a database without aerich's table that is everything, not an error."""
    client: Any = Tortoise.get_connection("default")
    row = (await client.execute_query_dict("SELECT to_regclass('public.aerich') IS NOT NULL AS there"))[0]
    files: list[str] = Migrate.get_all_version_files()
    return await _ORIGINAL["heads"](command) if row["there"] else files


async def _apply_file(
    _desk: _Desk, command: aerich.Command, conn: BaseDBAsyncClient, version_file: str, *args: object, **options: object
) -> None:
    try:
        await _ORIGINAL["_upgrade"](command, conn, version_file, *args, **options)
    except DatabaseError as error:
        raise MigrationError(f"{version_file} was not applied: {error}") from error


async def _write_next(  # noqa: PLR0913, PLR0917 - aerich's signature
    desk: _Desk, command: aerich.Command, name: str, empty: bool, no_input: bool, offline: bool
) -> str | None:
    """Write the next migration, unless a guard refuses; an empty one keeps the last state, whatever the models say."""
    state = get_models_describe(APP)
    module = Migrate.get_last_version_module()
    if module is not None:
        desk.author.check(state, Migrate.get_migration_info_for_file(module).models_state or {})
    if not offline and (pending := await command.heads()):
        raise MigrationError(
            f"{', '.join(pending)} is not applied to this database, so it cannot be compared with; "
            "run `aerich upgrade` first, or `aerich migrate --offline`"
        )
    aerich_state: Any = Migrate
    last: ModelState | None = aerich_state._last_version_content  # noqa: SLF001 - what the models are compared with
    if last is None:
        raise MigrationError("there is no migration to go on from; run `aerich init-migrations` to write the first")
    for left in _LEFT_BEHIND:
        setattr(Migrate, left, type(_ORIGINAL[left])())
    before: DdlState = getattr(import_py_module(module), "DDL_STATE", {}) if module else {}
    desk.draft = desk.author.following(_app_models(), state, last, before)
    if empty:
        desk.draft = desk.author.empty(last, before)
    aerich_state._last_version_content = dict(desk.draft.last)  # noqa: SLF001 - a copy: aerich takes its model out
    try:
        written: str | None = await _ORIGINAL["migrate"](command, name, empty, no_input, offline)
    finally:
        desk.draft = None
    return written


async def _write_first(
    desk: _Desk, command: aerich.Command, safe: bool, pre_sql: str | None = None, offline: bool = False
) -> bool:
    """Write the first migration, or apply those that are there, under the lock when there is a database."""
    await Tortoise.init(config=_config(command))
    folder = Migrate.get_migration_dir(command.location, command.app)
    try:
        if not any(folder.glob("*_*.py")):
            desk.draft = desk.author.first(_app_models())
        async with nullcontext() if offline else migration_lock(_connection(command)):
            new: bool = await _ORIGINAL["_do_init"](command, safe, pre_sql, offline)
    except FileExistsError as error:
        raise MigrationError(
            f"{folder} holds migrations already ({error}); run `aerich upgrade` to apply them, "
            "or `aerich migrate` to write the next"
        ) from error
    finally:
        desk.draft = None
    return new


def _schema_sql(desk: _Desk, client: BaseDBAsyncClient, safe: bool) -> str:
    sql: str = _ORIGINAL["get_schema_sql"](client, safe)
    return desk.draft.schema(sql) if desk.draft else sql


async def _make_schema(desk: _Desk, client: BaseDBAsyncClient, safe: bool) -> None:
    sql = _schema_sql(desk, client, safe)  # before the transaction, in which Tortoise finds no model of this client
    async with in_transaction("default") as connection:
        await connection.execute_script(sql)


def _merge_operators(desk: _Desk) -> None:
    _ORIGINAL["_merge_operators"]()
    if desk.draft:
        up, down = desk.draft.merge(Migrate.upgrade_operators, Migrate.downgrade_operators)
        Migrate.upgrade_operators, Migrate.downgrade_operators = up, down


def _file_text(desk: _Desk, upgrade_sql: str, models_state: str | ModelState, downgrade_sql: str = "") -> str:
    """Return the text of a migration file; every one ends with the declarations that hold after it."""
    build: Callable[[str, str | ModelState, str], str] = _ORIGINAL["build_migration_file_text"]
    if desk.draft is None or isinstance(models_state, str):
        return build(quote_sql(upgrade_sql), models_state, quote_sql(downgrade_sql))
    up, state, down = desk.draft.fill(upgrade_sql, models_state, downgrade_sql)
    return f"{build(quote_sql(up), state, quote_sql(down))}\n{render(desk.draft.after)}"


def _app_models() -> Iterable[type[Model]]:
    models = Tortoise.apps
    return models[APP].values() if models else ()


def _config(command: aerich.Command) -> TortoiseConfig:
    known: Any = command
    return cast("TortoiseConfig", known.tortoise_config)


def _connection(command: aerich.Command) -> ConnectionConfig:
    return cast("ConnectionConfig", _config(command)["connections"]["default"])
