"""What must hold before a change is merged, and whether a database is what its migrations make."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING

from tortoise import Tortoise

from tux.database.schema import read_schema
from tux.errors import DatabaseError, MigrationError
from tux.migrations.apply import Runner
from tux.migrations.author import Author
from tux.migrations.catalog import Drift, compare_catalogs, read_catalog
from tux.migrations.connection import open_client
from tux.migrations.files import load_files, single_head
from tux.migrations.project import Project
from tux.migrations.releases import release_problems
from tux.migrations.sql import losses, split_statements
from tux.migrations.steps import find_steps

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator
    from pathlib import Path

    from tux.migrations.connection import ConnectionConfig
    from tux.migrations.files import MigrationFile
    from tux.migrations.shapes import Schema
    from tux.migrations.sql import Loss


async def find_problems(root: Path) -> list[str]:
    """Return what is wrong with the project's migrations, one sentence each; needs no database.

    The files must be one chain, hold what was released as it was, say what they destroy, and lead to what the models say.
    """
    project = Project.load(root)
    try:
        files = load_files(root)
        single_head(files)
        released = release_problems(root, files)
    except MigrationError as error:
        return [str(error)]
    steps = {each.full_name for each in find_steps(project.registry)}
    found = [problem for file in files for problem in await _file_problems(file, files, steps)]
    return released + found + [problem async for problem in _model_problems(project)]


async def find_drift(connection: ConnectionConfig, root: Path) -> Drift:
    """Return how a database differs from what the files applied to it make in an empty one beside it.

    Raises:
        MigrationError: there is no right to make a database, or an applied file is missing here.
    """
    name = f"tux_check_{uuid.uuid4().hex[:12]}"
    beside = {**connection, "credentials": {**connection["credentials"], "database": name}}
    async with open_client(connection) as client:
        applied = (await read_schema(client)).applied
        found = await read_catalog(client)
        try:
            await client.run(f'CREATE DATABASE "{name}" TEMPLATE template0')
        except DatabaseError as error:
            raise MigrationError(
                f"the comparison needs a database of its own: {error}; give the user CREATEDB"
            ) from error
        try:
            await Runner(root, beside, 0).replay(applied)
            async with open_client(beside) as fresh:
                return compare_catalogs(await read_catalog(fresh), found)
        finally:
            await client.run(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')


async def _file_problems(file: MigrationFile, files: list[MigrationFile], steps: set[str]) -> list[str]:
    numbers = {each.name: each.number for each in files}
    found = [
        f"{file.name} follows {name}, but its number is not higher; rename it"
        for name in file.based_on
        if numbers[name] >= file.number
    ]
    found += [
        f"{file.name} waits for the data step {name}, which no plugin has"
        for name in file.after_steps
        if name not in steps
    ]
    for word, write in (("upgrade", file.upgrade_sql), ("downgrade", file.downgrade_sql)):
        try:
            sql = await write(None)
        except MigrationError as error:
            if not isinstance(
                error.__cause__, AttributeError
            ):  # it runs statements itself, which only a database can tell
                found.append(str(error))
            continue
        if not split_statements(sql):
            found.append(f"{file.name}: its {word} holds no SQL; write `SELECT 1;` when there is nothing to do")
        if word == "upgrade" and not file.consents:
            before = [each.schema for each in files if each.name in file.based_on]
            found += [
                f"{file.name} {loss.what}, without the comment `-- tux: allow-destructive`"
                for loss in losses(sql)
                if not loss.new_type and not any(_is_computed(loss, schema) for schema in before)
            ]
    return found


def _is_computed(loss: Loss, schema: Schema) -> bool:
    """Whether what goes is a column that the database works out from others, as the upgrade itself will see."""
    table = schema.get(loss.table)
    return table is not None and loss.column in table.columns and bool(table.columns[loss.column].generated)


async def _model_problems(project: Project) -> AsyncGenerator[str]:
    """Yield what the next migration would hold."""
    from tux.migrations.hooks import current_state  # imports aerich, whose models belong to the schema

    async def say_yes(_question: str) -> bool:
        return True

    await Tortoise.init(config=project.tortoise_config())
    try:
        draft = await Author(project).following(await current_state(), say_yes, sure=True)
    except MigrationError as error:
        yield str(error)
        return
    finally:
        await Tortoise.close_connections()
    for statement in draft.up if draft else ():
        yield f"the models differ from the newest migration: {' '.join(statement.split())[:120]}"
