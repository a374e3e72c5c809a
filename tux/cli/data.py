"""`tux data`: what is kept about a user, for the maintainer whom they asked."""

from __future__ import annotations

import asyncio
from pathlib import Path  # noqa: TC003 - typer reads the annotations
from typing import TYPE_CHECKING, Annotated

import typer

from tux.cli.common import console_err, console_out, failing, project

if TYPE_CHECKING:
    from tux.privacy import DataMap, TableReport
    from tux.settings import Settings

app = typer.Typer(help="What is kept about a user, over all plugins.", no_args_is_help=True)

User = Annotated[int, typer.Option("--user", min=1, max=2**63 - 1, help="The Discord user's id.")]


@app.command()
@failing
def export(
    user: User,
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="The file to write; else it is printed.")
    ] = None,
) -> None:
    """Write all that is kept about a user as JSON."""
    document = asyncio.run(_export(project(), user))
    if output is None:
        typer.echo(document)
    else:
        output.write_text(document + "\n", encoding="utf-8")
        console_out.print(f"wrote {output}", markup=False)


@app.command()
@failing
def forget(user: User, *, yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")] = False) -> None:
    """Delete, anonymise or keep all that is kept about a user, as each plugin declares, and say which."""
    from tux.core.userdata import report_lines

    settings = project()
    if not yes:
        typer.confirm(f"Delete what is kept about user {user}? It cannot be undone", abort=True)
    report, found = asyncio.run(_forget(settings, user))
    for line in report_lines(report) or ["there was nothing about them"]:
        console_out.print(line, markup=False)
    for plugin in found.unreadable:
        console_err.print(f"not reached: {plugin} does not load (tux plugin list); run this again then", markup=False)
    if found.unreadable:
        raise typer.Exit(1)


async def _export(settings: Settings, user_id: int) -> str:
    from tux.core.userdata import exported_json
    from tux.runtime import open_database

    async with open_database(root=settings.root) as db:
        return await exported_json(db, user_id)


async def _forget(settings: Settings, user_id: int) -> tuple[list[TableReport], DataMap]:
    from tux.core.userdata import data_map
    from tux.privacy import forget_user
    from tux.runtime import open_database

    async with open_database(root=settings.root) as db:
        found = await data_map(db)
        return await forget_user(db.service, found.users, user_id), found
